using System.Data.Common;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MimeKit;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Mail;
using OneRing.Data.Notices;
using OneRing.Data.Rings;
using OneRing.Data.Tests.Database;
using OneRing.Data.Tests.Mail;
using OneRing.Tests;
using OneRing.Tests.Databases;
using OneRing.Tests.Mail;
using Xunit.Abstractions;

namespace OneRing.Data.Tests.Notices;

public sealed class NoticeMailerTests_InMemory(InMemory database) : NoticeMailerTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class NoticeMailerTests_Postgres(Postgres database, ITestOutputHelper output) : NoticeMailerTests(database), IClassFixture<Postgres>
{
    [Fact]
    public async Task Of_two_hundred_servers_that_die_before_they_have_sent_anything_each_leaves_one_mail_to_the_next()
    {
        const int Times = 200;
        var draft = await ADraftWithAddressesAsync();
        var watch = Stopwatch.StartNew();

        for (var time = 0; time < Times; time++)
        {
            await using (var dying = Build())
            {
                var (from, to) = time % 2 == 0 ? (draft.Ana, draft.Ben) : (draft.Ben, draft.Ana);
                await dying.PassAsync(draft.Id, from, to);
                await DieAsync(dying, time);
            }
            // As long as a server may keep mails that it has taken.
            Clock.Advance(TimeSpan.FromMinutes(5));
            await using var next = Build();
            await SendAsync(next);
        }

        var copies = Post.Letters.CountBy(letter => letter.MessageId!, StringComparer.Ordinal).ToList();
        output.WriteLine(
            $"{Times} servers died; {copies.Count} mails arrived, {copies.Count(mail => mail.Value > 1)} of them more than once, in {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal((Times, Times), (copies.Count, Post.Letters.Count));
        await using var connection = await Database.OpenDirectAsync();
        Assert.Equal(Times, await connection.CountAsync("select count(*) from notices where draft_id = @id and mail_due_at is null", ("id", draft.Id)));
    }

    /// <summary>At another point each time: before the mailer comes, in the middle of it, after it, and with the mail in the hands of the sender.</summary>
    private static async Task DieAsync(ServiceProvider services, int time)
    {
        using var power = new CancellationTokenSource();
        switch (time % 4)
        {
            case 1:
                power.CancelAfter(TimeSpan.FromMicroseconds(time * 50));
                await services.GetRequiredService<NoticeMailer>().SendDueAsync(power.Token).ContinueWith(_ => { }, TaskScheduler.Default);
                break;
            case 2:
                await services.GetRequiredService<NoticeMailer>().SendDueAsync();
                break;
            case 3:
                await services.GetRequiredService<NoticeMailer>().SendDueAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Sender(services, new DeadTransport(power)).SendDueAsync(power.Token));
                break;
        }
    }

    /// <summary>The server dies with the mail in its hands.</summary>
    private sealed class DeadTransport(CancellationTokenSource power) : IMailTransport
    {
        public async Task SendAsync(Guid id, Letter letter, CancellationToken cancellationToken)
        {
            await power.CancelAsync();
            throw new OperationCanceledException(power.Token);
        }
    }
}

public abstract class NoticeMailerTests(TestDatabase database) : IAsyncLifetime
{
    private ServiceProvider services = null!;

    protected TestDatabase Database => database;

    protected SmtpListener Post { get; } = SmtpListener.Start();

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2027, 3, 10, 12, 0, 0, TimeSpan.Zero));

    private NoticeSettingsService Settings => services.GetRequiredService<NoticeSettingsService>();

    public async Task InitializeAsync()
    {
        services = Build();
        await services.PrepareDatabaseAsync();
        await using var connection = await database.OpenDirectAsync(services);
        await connection.ExecuteAsync("delete from outbox_mails");
        await connection.ExecuteAsync("update notices set mail_due_at = null");
    }

    public async Task DisposeAsync()
    {
        await services.DisposeAsync();
        await Post.DisposeAsync();
    }

    [Fact]
    public async Task A_notice_is_one_mail_that_names_the_draft_and_opens_it()
    {
        var draft = await ADraftWithAddressesAsync();
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        await SendAsync(services);
        Clock.Advance(TimeSpan.FromDays(1));
        await SendAsync(services);

        var letter = Assert.Single(Post.Letters);
        Assert.Equal(($"{draft.Ben}@example.test", "Your turn in “The lamp”"), (letter.To.ToString(), letter.Subject));
        Assert.Contains($"http://localhost:5080/drafts/{draft.Id}\r\n", Body(letter), StringComparison.Ordinal);
        Assert.Contains("http://localhost:5080/account/notices", letter.TextBody, StringComparison.Ordinal);
        Assert.StartsWith("<http://localhost:5080/unsubscribe?token=", letter.Headers[HeaderId.ListUnsubscribe], StringComparison.Ordinal);
        Assert.Equal("List-Unsubscribe=One-Click", letter.Headers["List-Unsubscribe-Post"]);
    }

    [Fact]
    public async Task Whatever_concerns_a_person_is_mailed_to_them()
    {
        var draft = await ADraftWithAddressesAsync();
        var turns = services.GetRequiredService<TurnService>();
        Given.Succeed(await turns.SetRulesAsync(new SetTurnRules(draft.Ana, draft.Id, new TurnRules(LimitHours: 10))));
        Given.Succeed(await turns.AskAsync(new AskForRing(draft.Ben, draft.Id)));
        Assert.Equal([$"{draft.Ana} Ben asks for the ring of “The lamp”"], await MailedAsync());

        Given.Succeed(await services.GetRequiredService<RingService>().NudgeAsync(new NudgeHolder(draft.Ben, draft.Id)));
        Assert.Equal([$"{draft.Ana} The others would like to read on in “The lamp”"], await MailedAsync());

        await KeepAfterAsync(TimeSpan.FromHours(5));
        Assert.Equal([$"{draft.Ana} Half of your turn in “The lamp” is over"], await MailedAsync());
        Assert.Contains("It ends on Wednesday 10 March, 22:00 (UTC).", Body(Post.Letters[^1]), StringComparison.Ordinal);
        await KeepAfterAsync(TimeSpan.FromHours(4));
        Assert.Equal([$"{draft.Ana} Your turn in “The lamp” ends soon"], await MailedAsync());
        Given.Succeed(await turns.AskForMoreAsync(new AskForMore(draft.Ana, draft.Id)));
        Assert.Equal([$"{draft.Ben} Ana asks for more time in “The lamp”"], await MailedAsync());
        Given.Succeed(await turns.RefuseMoreAsync(new RefuseMore(draft.Ben, draft.Id)));
        Assert.Equal([$"{draft.Ana} Your turn in “The lamp” ends as planned"], await MailedAsync());

        await KeepAfterAsync(TimeSpan.FromHours(1));
        Assert.Equal([$"{draft.Ben} Your turn in “The lamp”", $"{draft.Ana} Your turn in “The lamp” is over"], await MailedAsync());
        Given.Succeed(await turns.ReclaimAsync(new ReclaimRing(draft.Ana, draft.Id)));
        Assert.Equal([$"{draft.Ben} Ana has taken back the ring of “The lamp”"], await MailedAsync());

        Given.Succeed(await services.GetRequiredService<DraftService>().CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)));
        Assert.Equal([$"{draft.Ben} “The lamp” is finished"], await MailedAsync());
    }

    [Fact]
    public async Task A_title_makes_no_lines_of_its_own_in_a_mail()
    {
        var draft = await ADraftWithAddressesAsync("The lamp”.\n\nYour password was reset: https://evil.example\n\n“");
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        await SendAsync(services);

        var letter = Assert.Single(Post.Letters);
        Assert.DoesNotContain(Body(letter).Split("\r\n"), line => line.StartsWith("Your password", StringComparison.Ordinal));
        Assert.Contains("The lamp”.  Your password was reset", Body(letter), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kinds_and_drafts_that_are_switched_off_are_not_mailed()
    {
        var (draft, other) = (await ADraftWithAddressesAsync(), await ADraftWithAddressesAsync());
        Given.Succeed(await Settings.ChooseAsync(draft.Ben, new NoticeChoices([NoticeKind.YourTurn])));
        Given.Succeed(await Settings.MuteAsync(other.Ben, other.Id, isMuted: true));
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await services.PassAsync(other.Id, other.Ana, other.Ben);
        Assert.Empty(await MailedAsync());

        Given.Succeed(await services.GetRequiredService<TurnService>().AskAsync(new AskForRing(draft.Ana, draft.Id)));
        Assert.Equal([$"{draft.Ben} Ana asks for the ring of “The lamp”"], await MailedAsync());

        Given.Succeed(await Settings.MuteAsync(other.Ben, other.Id, isMuted: false));
        Given.Succeed(await services.GetRequiredService<TurnService>().AskAsync(new AskForRing(other.Ana, other.Id)));
        Assert.Equal([$"{other.Ben} Ana asks for the ring of “The lamp”"], await MailedAsync());
    }

    [Fact]
    public async Task What_is_switched_off_while_the_mail_waits_is_not_sent()
    {
        var (draft, other) = (await ADraftWithAddressesAsync(), await ADraftWithAddressesAsync());
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await services.PassAsync(other.Id, other.Ana, other.Ben);
        Assert.Equal(2, await Mailer(services).SendDueAsync());

        Given.Succeed(await Settings.ChooseAsync(draft.Ben, new NoticeChoices([NoticeKind.YourTurn])));
        Given.Succeed(await Settings.MuteAsync(other.Ben, other.Id, isMuted: true));

        Assert.Empty(await MailedAsync());
    }

    [Fact]
    public async Task Invites_and_nudges_that_are_switched_off_are_not_mailed()
    {
        var draft = await ADraftWithAddressesAsync();
        await database.GiveAddressAsync(services, draft.Dan);
        await InviteAndNudgeAsync(draft);
        Assert.Equal([$"{draft.Dan} Ana invites you to “The lamp”", $"{draft.Ana} The others would like to read on in “The lamp”"], await MailedAsync());
        Assert.All(Post.Letters, letter => Assert.NotNull(letter.Headers[HeaderId.ListUnsubscribe]));

        var another = await ADraftWithAddressesAsync();
        await database.GiveAddressAsync(services, another.Dan);
        Given.Succeed(await Settings.ChooseAsync(another.Dan, new NoticeChoices([NoticeKind.Invited])));
        Given.Succeed(await Settings.ChooseAsync(another.Ana, new NoticeChoices([NoticeKind.Nudged])));
        await InviteAndNudgeAsync(another);
        Assert.Empty(await MailedAsync());

        async Task InviteAndNudgeAsync(ADraft there)
        {
            Given.Succeed(await services.GetRequiredService<RingService>().NudgeAsync(new NudgeHolder(there.Ben, there.Id)));
            Given.Succeed(await services.GetRequiredService<InviteService>().CreateAsync(
                new CreateInvite(there.Ana, there.Id, Role.Writer, await services.HandleOfAsync(there.Dan))));
        }
    }

    [Fact]
    public async Task An_invite_waits_for_the_digest_and_goes_with_its_link_while_it_is_open()
    {
        var draft = await ADraftWithAddressesAsync();
        await database.GiveAddressAsync(services, draft.Dan);
        var invites = services.GetRequiredService<InviteService>();
        Given.Succeed(await Settings.ChooseAsync(draft.Dan, new NoticeChoices([], DigestHour: 18)));
        var first = await InviteAsync();
        Given.Succeed(await invites.RevokeAsync(new RevokeInvite(draft.Ana, draft.Id, first.InviteId)));
        var second = await InviteAsync();
        Assert.Empty(await MailedAsync());

        Clock.SetUtcNow(At(18, 0));
        Assert.Equal([$"{draft.Dan} Ana invites you to “The lamp”"], await MailedAsync());
        var body = Body(Post.Letters[^1]);
        Assert.Contains($"http://localhost:5080/invites/{draft.Id}/{second.InviteId}", body, StringComparison.Ordinal);
        Assert.DoesNotContain($"{first.InviteId}", body, StringComparison.Ordinal);

        Clock.Advance(TimeSpan.FromDays(1));
        Given.Succeed(await invites.ResendAsync(new ResendInvite(draft.Ana, draft.Id, second.InviteId)));
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal([$"{draft.Dan} Ana invites you to “The lamp”"], await MailedAsync());

        async Task<InviteMade> InviteAsync() =>
            Given.Succeed(await invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer, await services.HandleOfAsync(draft.Dan))));
    }

    [Fact]
    public async Task Whoever_has_no_confirmed_address_is_not_mailed_later_either()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Assert.Equal(1, await Mailer(services).SendDueAsync());

        await database.GiveAddressAsync(services, draft.Ben);

        Assert.Empty(await MailedAsync());
    }

    [Fact]
    public async Task In_quiet_hours_over_midnight_mails_wait_for_the_morning_of_the_person()
    {
        var draft = await ADraftWithAddressesAsync();
        await LiveInAsync(draft.Ben, "Asia/Tokyo");
        Given.Succeed(await Settings.ChooseAsync(draft.Ben, new NoticeChoices([], QuietFrom: new TimeOnly(22, 0), QuietTo: new TimeOnly(7, 0))));
        Clock.SetUtcNow(At(14, 30));
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        Assert.Empty(await MailedAsync());
        Clock.SetUtcNow(At(21, 59));
        Assert.Empty(await MailedAsync());
        Clock.SetUtcNow(At(22, 0));
        Assert.Equal([$"{draft.Ben} Your turn in “The lamp”"], await MailedAsync());

        Clock.SetUtcNow(At(22, 1));
        Given.Succeed(await services.GetRequiredService<TurnService>().AskAsync(new AskForRing(draft.Ana, draft.Id)));
        Assert.Single(await MailedAsync());
    }

    [Fact]
    public async Task A_digest_tells_once_a_day_what_still_holds()
    {
        var (first, second) = (await ADraftWithAddressesAsync(), await ADraftWithAddressesAsync("The fog"));
        await services.AddAsync(second.Id, second.Ana, first.Ben, Role.Writer);
        var third = await ADraftWithAddressesAsync("The past");
        await services.AddAsync(third.Id, third.Ana, first.Ben, Role.Writer);
        await LiveInAsync(first.Ben, "Europe/Berlin");
        Given.Succeed(await Settings.ChooseAsync(first.Ben, new NoticeChoices([], DigestHour: 18, QuietFrom: new TimeOnly(17, 0), QuietTo: new TimeOnly(19, 0))));

        await services.PassAsync(first.Id, first.Ana, first.Ben);
        Assert.Empty(await MailedAsync());
        Clock.Advance(TimeSpan.FromHours(1));
        await services.PassAsync(second.Id, second.Ana, first.Ben);
        await services.PassAsync(third.Id, third.Ana, first.Ben);
        Given.Succeed(await services.GetRequiredService<TurnService>().ReclaimAsync(new ReclaimRing(third.Ana, third.Id)));
        Clock.SetUtcNow(At(16, 59));
        Assert.Empty(await MailedAsync());
        Clock.SetUtcNow(At(17, 0));
        Assert.Equal([$"{first.Ben} “The lamp” and more: 3 things on OneRing"], await MailedAsync());
        var body = Body(Post.Letters[^1]);
        Assert.Equal([first.Id, second.Id, third.Id], new[] { first, second, third }.Select(draft => draft.Id).OrderBy(id => body.IndexOf($"{id}", StringComparison.Ordinal)));
        Assert.Contains("Ana has taken back the ring of “The past”", body, StringComparison.Ordinal);
        Assert.DoesNotContain("ring of “The past” is yours", body, StringComparison.Ordinal);

        Clock.SetUtcNow(At(17, 1));
        Given.Succeed(await services.GetRequiredService<TurnService>().AskAsync(new AskForRing(first.Ana, first.Id)));
        Clock.SetUtcNow(At(23, 59));
        Assert.Empty(await MailedAsync());
        Clock.SetUtcNow(At(17, 0).AddDays(1));
        Assert.Equal([$"{first.Ben} Ana asks for the ring of “The lamp”"], await MailedAsync());
    }

    [Fact]
    public async Task Whoever_gives_up_their_digest_is_told_at_once_what_waited_for_it()
    {
        var draft = await ADraftWithAddressesAsync();
        Given.Succeed(await Settings.ChooseAsync(draft.Ben, new NoticeChoices([], DigestHour: 18)));
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Assert.Empty(await MailedAsync());

        Given.Succeed(await Settings.ChooseAsync(draft.Ben, new NoticeChoices([])));

        Assert.Equal([$"{draft.Ben} Your turn in “The lamp”"], await MailedAsync());
    }

    [Fact]
    public async Task What_no_longer_holds_is_not_mailed()
    {
        var draft = await ADraftWithAddressesAsync();
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Given.Succeed(await services.GetRequiredService<TurnService>().AskAsync(new AskForRing(draft.Ana, draft.Id)));
        Assert.Equal(2, await Mailer(services).SendDueAsync());
        await services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        Assert.Equal([$"{draft.Ana} Your turn in “The lamp”"], await MailedAsync());

        // Ben's turn again, but not the one that he was to be told of.
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Assert.Equal([$"{draft.Ben} Your turn in “The lamp”"], await MailedAsync());
    }

    [Fact]
    public async Task Whoever_no_longer_takes_part_is_not_mailed()
    {
        var draft = await ADraftWithAddressesAsync();
        await services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        await database.GiveAddressAsync(services, draft.Dan);
        Given.Succeed(await services.GetRequiredService<DraftService>().CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)));
        Given.Succeed(await services.GetRequiredService<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Dan)));

        Assert.Equal([$"{draft.Ben} “The lamp” is finished"], await MailedAsync());
    }

    [Fact]
    public async Task A_mailer_that_dies_before_its_commit_leaves_everything_to_the_next()
    {
        // It dies in the database of the others: on PostgreSQL another server, in memory the one that there is.
        var commits = new BrokenCommits();
        await using var dying = Build(commits);
        await dying.PrepareDatabaseAsync();
        var draft = await ADraftWithAddressesAsync(on: dying);
        await dying.PassAsync(draft.Id, draft.Ana, draft.Ben);

        commits.AreBroken = true;
        await Assert.ThrowsAsync<InvalidOperationException>(() => Mailer(dying).SendDueAsync());
        commits.AreBroken = false;
        await using (var connection = await database.OpenDirectAsync(dying))
        {
            Assert.Equal(0, await connection.CountAsync("select count(*) from outbox_mails"));
        }
        await SendAsync(dying);

        Assert.Equal("Your turn in “The lamp”", Assert.Single(Post.Letters).Subject);
    }

    [Fact]
    public async Task Of_several_mailers_each_notice_is_mailed_by_one()
    {
        List<ADraft> drafts = [];
        for (var i = 0; i < 12; i++)
        {
            drafts.Add(await ADraftWithAddressesAsync());
            await services.PassAsync(drafts[^1].Id, drafts[^1].Ana, drafts[^1].Ben);
            Given.Succeed(await services.GetRequiredService<TurnService>().AskAsync(new AskForRing(drafts[^1].Ana, drafts[^1].Id)));
        }
        foreach (var draft in drafts.Take(6))
        {
            Given.Succeed(await Settings.ChooseAsync(draft.Ben, new NoticeChoices([], DigestHour: 12)));
        }

        var decided = await Race.AtOnceAsync(6, _ => Task.Run(() => Mailer(services).SendDueAsync()));
        var left = await Mailer(services).SendDueAsync();
        await SendAsync(services);

        Assert.Equal(24, decided.Sum() + left);
        Assert.Equal(6, Post.Letters.Count(letter => letter.Subject == "“The lamp” and more: 2 things on OneRing"));
        Assert.Equal(6, Post.Letters.Count(letter => letter.Subject == "Your turn in “The lamp”"));
        Assert.Equal(6 + 12, Post.Letters.Count);
    }

    private protected static MailSender Sender(IServiceProvider services, IMailTransport? transport = null) =>
        ActivatorUtilities.CreateInstance<MailSender>(services, transport ?? services.GetRequiredService<IMailTransport>());

    protected static async Task SendAsync(IServiceProvider services)
    {
        await Mailer(services).SendDueAsync();
        while (await Sender(services).SendDueAsync(default) > 0)
        {
            // There may be more.
        }
    }

    protected ServiceProvider Build(IInterceptor? interceptor = null) => database.BuildServices(
        Clock,
        configure: interceptor is null ? null : collection => collection.AddSingleton(interceptor),
        settings: Post.Settings.ToDictionary(s => s.Name, s => (string?)s.Value));

    /// <summary>A draft that Ana has started and Ben writes in, both of whom mails can reach.</summary>
    protected async Task<ADraft> ADraftWithAddressesAsync(string title = "The lamp", IServiceProvider? on = null)
    {
        var draft = await (on ?? services).ADraftHeldByAnaAsync(title: title);
        await database.GiveAddressAsync(on ?? services, draft.Ana);
        await database.GiveAddressAsync(on ?? services, draft.Ben);
        return draft;
    }

    private static NoticeMailer Mailer(IServiceProvider services) => services.GetRequiredService<NoticeMailer>();

    private static DateTimeOffset At(int hour, int minute) => new(2027, 3, 10, hour, minute, 0, TimeSpan.Zero);

    private static string Body(MimeMessage letter) => letter.TextBody!.ReplaceLineEndings("\r\n");

    private async Task LiveInAsync(string userId, string timeZone) =>
        Given.Succeed(await services.GetRequiredService<AbsenceService>().SetTimeZoneAsync(userId, timeZone));

    private async Task KeepAfterAsync(TimeSpan time)
    {
        Clock.Advance(time);
        await services.GetRequiredService<TurnKeeper>().KeepAllAsync();
    }

    /// <summary>Sends what is due. Answers what has arrived since the last time: to whom, and about what.</summary>
    private async Task<IEnumerable<string>> MailedAsync()
    {
        var before = Post.Letters.Count;
        await SendAsync(services);
        return Post.Letters.Skip(before)
            .Select(letter => $"{letter.To.Mailboxes.Single().Address.Split('@')[0]} {letter.Subject}")
            .OrderBy(line => line.Split(' ', 2)[1], StringComparer.Ordinal);
    }

    /// <summary>The end of a server, just before what it did becomes true.</summary>
    private sealed class BrokenCommits : DbTransactionInterceptor
    {
        public bool AreBroken { get; set; }

        public override ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
            AreBroken ? throw new InvalidOperationException("The power is gone.") : ValueTask.FromResult(result);
    }
}
