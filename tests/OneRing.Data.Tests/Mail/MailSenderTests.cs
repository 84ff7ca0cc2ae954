using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Mail;
using OneRing.Data.Rings;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;
using OneRing.Tests.Mail;

namespace OneRing.Data.Tests.Mail;

public sealed class MailSenderTests_InMemory(InMemory database) : MailSenderTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class MailSenderTests_Postgres(Postgres database) : MailSenderTests(database), IClassFixture<Postgres>;

public abstract class MailSenderTests(TestDatabase database) : IAsyncLifetime
{
    private readonly SmtpListener post = SmtpListener.Start();
    private readonly FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
    private ServiceProvider services = null!;

    public async Task InitializeAsync()
    {
        services = Build();
        await services.PrepareDatabaseAsync();
        await using var connection = await database.OpenDirectAsync(services);
        await connection.ExecuteAsync("delete from outbox_mails");
    }

    public async Task DisposeAsync()
    {
        await services.DisposeAsync();
        await post.DisposeAsync();
    }

    [Fact]
    public async Task An_invite_of_a_server_of_the_version_before_is_sent_and_not_once_it_was_taken_back()
    {
        var draft = await services.ADraftHeldByAnaAsync(title: "The lamp");
        var (userId, address) = await APersonWithMailAsync("Eve");
        var request = new CreateInvite(draft.Ana, draft.Id, Role.Writer, await services.HandleOfAsync(userId));
        var invites = services.GetRequiredService<InviteService>();
        var made = Given.Succeed(await invites.CreateAsync(request));
        await AddInviteAsync(made);

        Assert.Equal(1, await Sender().SendDueAsync(default));
        Given.Succeed(await invites.RevokeAsync(new RevokeInvite(draft.Ana, draft.Id, made.InviteId)));
        var second = Given.Succeed(await invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer, request.Handle)));
        await AddInviteAsync(second);
        Given.Succeed(await invites.RevokeAsync(new RevokeInvite(draft.Ana, draft.Id, second.InviteId)));
        await Sender().SendDueAsync(default);

        var letter = Assert.Single(post.Letters);
        Assert.Equal((address, "Ana invites you to “The lamp”"), (letter.To.ToString(), letter.Subject));
        Assert.Contains($"https://ring.test/invites/{draft.Id}/{made.InviteId}", letter.TextBody, StringComparison.Ordinal);

        Task AddInviteAsync(InviteMade invite) => AddAsync(OutboxMail.ToPerson(MailKind.Invite, userId, "https://ring.test/", clock.Now(), new Dictionary<string, string>
        {
            [MailWriter.DraftParameter] = $"{draft.Id}",
            [MailWriter.InviteParameter] = $"{invite.InviteId}",
        }));
    }

    [Fact]
    public async Task A_nudge_of_a_server_of_the_version_before_is_sent_and_not_once_the_ring_has_gone_on()
    {
        var (userId, address) = await APersonWithMailAsync("Eve");
        var draft = await services.ADraftHeldByAnaAsync(title: "The lamp");
        await services.AddAsync(draft.Id, draft.Ana, userId, Role.Writer);
        await services.PassAsync(draft.Id, draft.Ana, userId);
        await AddNudgeAsync();

        Assert.Equal(1, await Sender().SendDueAsync(default));
        await AddNudgeAsync();
        await services.PassAsync(draft.Id, userId, draft.Ana);
        await Sender().SendDueAsync(default);

        var letter = Assert.Single(post.Letters);
        Assert.Equal((address, "The others would like to read on in “The lamp”"), (letter.To.ToString(), letter.Subject));
        Assert.Contains($"https://ring.test/drafts/{draft.Id}", letter.TextBody, StringComparison.Ordinal);

        Task AddNudgeAsync() => AddAsync(OutboxMail.ToPerson(MailKind.Nudge, userId, "https://ring.test/", clock.Now(), new Dictionary<string, string>
        {
            [MailWriter.DraftParameter] = $"{draft.Id}",
            [MailWriter.TurnParameter] = "2",
        }));
    }

    [Fact]
    public async Task A_mail_says_what_it_is_about_with_a_link_that_works_and_that_no_row_ever_held()
    {
        var (userId, address) = await APersonWithMailAsync("Ana");
        await AddAsync(OutboxMail.ToPerson(MailKind.PasswordReset, userId, "https://ring.test/", clock.Now()));

        Assert.Equal(1, await Sender().SendDueAsync(default));

        var letter = Assert.Single(post.Letters);
        Assert.Equal(("OneRing <ring@onering.test>", address, "Choose a new password for OneRing"), (letter.From.ToString().Replace("\"", "", StringComparison.Ordinal), letter.To.ToString(), letter.Subject));
        Assert.StartsWith("Hello Ana,", letter.TextBody, StringComparison.Ordinal);
        var link = new Uri(letter.TextBody!.Split('\n').Single(line => line.StartsWith("https:", StringComparison.Ordinal)).Trim());
        Assert.Equal("https://ring.test/account/choose-password", link.GetLeftPart(UriPartial.Path));
        var encoded = link.Query.Split("token=")[1];
        var token = AccountLinks.ReadToken(encoded)!;
        await using (var connection = await database.OpenDirectAsync(services))
        {
            Assert.DoesNotContain(await connection.ReadAsync("select * from outbox_mails"), row => row.Contains(encoded, StringComparison.Ordinal) || row.Contains(token, StringComparison.Ordinal));
        }
        await using var scope = services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        Assert.True((await users.ResetPasswordAsync((await users.FindByIdAsync(userId))!, token, "an old coat in the rain")).Succeeded);
    }

    [Fact]
    public async Task A_mail_is_sent_once()
    {
        await AddAsync(OutboxMail.ToPerson(MailKind.PasswordReset, (await APersonWithMailAsync("Ana")).UserId, "https://ring.test", clock.Now()));
        await Sender().SendDueAsync(default);

        clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal(0, await Sender().SendDueAsync(default));
        Assert.Single(post.Letters);
        var mail = await OnlyMailAsync();
        Assert.NotNull(mail.SentAt);
        Assert.Null(mail.LastError);
    }

    [Fact]
    public async Task A_mail_that_was_refused_is_tried_again_later_and_later()
    {
        await AddAsync(OutboxMail.ToPerson(MailKind.PasswordReset, (await APersonWithMailAsync("Ana")).UserId, "https://ring.test", clock.Now()));
        post.Refuses = true;

        Assert.Equal(1, await Sender().SendDueAsync(default));
        var refused = await OnlyMailAsync();
        Assert.Equal("MessageNotAccepted 451", refused.LastError);
        Assert.Equal(clock.Now() + TimeSpan.FromSeconds(30), refused.NextAttemptAt);
        Assert.Equal(0, await Sender().SendDueAsync(default));
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, await Sender().SendDueAsync(default));
        Assert.Equal(clock.Now() + TimeSpan.FromSeconds(60), (await OnlyMailAsync()).NextAttemptAt);

        post.Refuses = false;
        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(1, await Sender().SendDueAsync(default));

        Assert.Single(post.Letters);
        Assert.NotNull((await OnlyMailAsync()).SentAt);
    }

    [Fact]
    public async Task A_mail_that_nobody_takes_is_given_up_at_last()
    {
        await AddAsync(OutboxMail.ToPerson(MailKind.PasswordReset, (await APersonWithMailAsync("Ana")).UserId, "https://ring.test", clock.Now()));
        post.Refuses = true;

        for (var i = 0; i < OutboxMail.MostAttempts; i++)
        {
            Assert.Equal(1, await Sender().SendDueAsync(default));
            clock.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(0, await Sender().SendDueAsync(default));
        var mail = await OnlyMailAsync();
        Assert.Null(mail.NextAttemptAt);
        Assert.Null(mail.SentAt);
    }

    [Fact]
    public async Task A_mail_that_a_server_took_with_it_is_sent_by_another()
    {
        await AddAsync(OutboxMail.ToPerson(MailKind.PasswordReset, (await APersonWithMailAsync("Ana")).UserId, "https://ring.test", clock.Now()));
        using var power = new CancellationTokenSource();
        var stuck = new StuckTransport(power.Token);
        var dying = Sender(stuck).SendDueAsync(power.Token);
        await stuck.Reached;
        await power.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dying);

        Assert.Equal(0, await Sender().SendDueAsync(default));
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, await Sender().SendDueAsync(default));

        Assert.Single(post.Letters);
    }

    [Fact]
    public async Task A_server_that_is_stopped_while_a_mail_goes_out_finishes_it_and_begins_no_other()
    {
        var (userId, _) = await APersonWithMailAsync("Ana");
        await AddAsync(OutboxMail.ToPerson(MailKind.EmailChanged, userId, "https://ring.test", clock.Now()));
        await AddAsync(OutboxMail.ToPerson(MailKind.EmailChanged, userId, "https://ring.test", clock.Now()));
        using var stopping = new CancellationTokenSource();
        var sender = Sender(new StoppingTransport(services.GetRequiredService<IMailTransport>(), stopping));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sender.SendDueAsync(stopping.Token));
        Assert.Single(post.Letters);
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, await Sender().SendDueAsync(default));

        Assert.Equal(2, post.Letters.Select(letter => letter.MessageId).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(2, post.Letters.Count);
    }

    /// <summary>The server is told to stop just when the mail server has taken the mail.</summary>
    private sealed class StoppingTransport(IMailTransport transport, CancellationTokenSource stopping) : IMailTransport
    {
        public async Task SendAsync(Guid id, Letter letter, CancellationToken cancellationToken)
        {
            await transport.SendAsync(id, letter, cancellationToken);
            await stopping.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task Of_several_senders_each_mail_is_sent_by_one()
    {
        var (userId, _) = await APersonWithMailAsync("Ana");
        for (var i = 0; i < 40; i++)
        {
            await AddAsync(OutboxMail.ToPerson(MailKind.EmailChanged, userId, "https://ring.test", clock.Now()));
        }

        var taken = await Race.AtOnceAsync(6, async _ =>
        {
            var sum = 0;
            for (int count; (count = await Sender().SendDueAsync(default)) > 0;)
            {
                sum += count;
            }
            return sum;
        });

        Assert.Equal(40, taken.Sum());
        Assert.Equal(40, post.Letters.Count);
        Assert.Equal(40, post.Letters.Select(l => l.MessageId).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_commit_wakes_the_sender_and_a_rollback_sends_nothing()
    {
        var (userId, address) = await APersonWithMailAsync("Ana");
        var sender = services.GetServices<IHostedService>().OfType<MailSender>().Single();
        await sender.StartAsync(default);
        try
        {
            await AddAsync(OutboxMail.ToPerson(MailKind.PasswordReset, userId, "https://ring.test", clock.Now()));
            await post.NextAsync(address);
            await AddAsync(OutboxMail.ToPerson(MailKind.EmailChanged, userId, "https://ring.test", clock.Now()), commit: false);
            await AddAsync(OutboxMail.ToPerson(MailKind.PasswordReset, userId, "https://ring.test", clock.Now()));

            // The clock stands still, and the first round is over: nothing but the commit can have woken it.
            Assert.Equal("Choose a new password for OneRing", (await post.NextAsync(address)).Subject);
            Assert.Equal(2, post.Letters.Count);
        }
        finally
        {
            await sender.StopAsync(default);
        }
    }

    [Fact]
    public async Task A_mail_to_somebody_without_a_confirmed_address_or_without_an_account_that_works_goes_nowhere()
    {
        var nowhere = await services.APersonAsync("Ben");
        var (disabled, _) = await APersonWithMailAsync("Cleo");
        await using (var connection = await database.OpenDirectAsync(services))
        {
            await connection.ExecuteAsync("update users set disabled_at = created_at where id = @id", ("id", disabled));
        }
        await AddAsync(OutboxMail.ToPerson(MailKind.PasswordReset, nowhere, "https://ring.test", clock.Now()));
        await AddAsync(OutboxMail.ToPerson(MailKind.PasswordReset, disabled, "https://ring.test", clock.Now()));

        Assert.Equal(2, await Sender().SendDueAsync(default));

        Assert.Empty(post.Letters);
        Assert.Equal(0, await Sender().SendDueAsync(default));
    }

    [Fact]
    public async Task Without_a_mail_server_each_mail_is_a_file_that_only_the_server_reads()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"onering-mail-{Guid.NewGuid():N}");
        try
        {
            var (userId, address) = await APersonWithMailAsync("Ana");
            var mail = OutboxMail.ToPerson(MailKind.EmailChanged, userId, "https://ring.test", clock.Now());
            await AddAsync(mail);
            var settings = MailSettings.Read(new ConfigurationBuilder().AddInMemoryCollection([new("OneRing:Mail:Folder", folder)]).Build());

            await Sender(new FolderTransport(settings)).SendDueAsync(default);

            var file = Assert.Single(Directory.GetFiles(folder));
            Assert.Equal($"{mail.Id}.eml", Path.GetFileName(file));
            Assert.Equal(address, (await MimeKit.MimeMessage.LoadAsync(file)).To.ToString());
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private ServiceProvider Build() => database.BuildServices(clock, settings: post.Settings.ToDictionary(s => s.Name, s => (string?)s.Value));

    private MailSender Sender(IMailTransport? transport = null) => ActivatorUtilities.CreateInstance<MailSender>(services, transport ?? services.GetRequiredService<IMailTransport>());

    private async Task<(string UserId, string Address)> APersonWithMailAsync(string name)
    {
        var userId = await services.APersonAsync(name);
        return (userId, await database.GiveAddressAsync(services, userId));
    }

    private async Task AddAsync(OutboxMail mail, bool commit = true)
    {
        await using var any = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        await any.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
            await using var transaction = await db.Database.BeginTransactionAsync();
            db.OutboxMails.Add(mail);
            await db.SaveChangesAsync();
            if (commit)
            {
                await transaction.CommitAsync();
            }
        });
    }

    private async Task<OutboxMail> OnlyMailAsync()
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        return await db.OutboxMails.AsNoTracking().SingleAsync();
    }

    /// <summary>Never comes to an end.</summary>
    private sealed class StuckTransport(CancellationToken power) : IMailTransport
    {
        private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => reached.Task;

        public Task SendAsync(Guid id, Letter letter, CancellationToken cancellationToken)
        {
            reached.SetResult();
            return Task.Delay(Timeout.Infinite, power);
        }
    }
}
