using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics.Rollups;
using OneRing.Data.Audit;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Mail;
using OneRing.Data.Notices;
using OneRing.Data.Presences;
using OneRing.Data.Rings;
using OneRing.Data.Tests.Database;
using OneRing.Data.Tests.Mail;
using OneRing.Tests;
using OneRing.Tests.Databases;
using OneRing.Tests.Mail;
using Xunit.Abstractions;

namespace OneRing.Data.Tests.Audit;

public sealed class JumpingClockTests_InMemory(InMemory database, ITestOutputHelper output) : JumpingClockTests(database, output), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class JumpingClockTests_Postgres(Postgres database, ITestOutputHelper output) : JumpingClockTests(database, output), IClassFixture<Postgres>;

/// <summary>
/// Servers whose clocks jump by hours and days, forward and back, between any two things that happen: each clock by itself. Whatever was acknowledged is kept, a retry hears
/// the same, nothing is thrown, and the audit finds nothing wherever the clocks stand.
/// </summary>
public abstract class JumpingClockTests(TestDatabase database, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Seed = 20261127;
    private const int Acts = 500;

    /// <summary>Far from each other, and less apart than keys are kept.</summary>
    private static readonly TimeSpan Farthest = TimeSpan.FromDays(3);

    private static readonly DateTimeOffset Start = new(2027, 3, 10, 12, 0, 0, TimeSpan.Zero);

    // What the rules of the product say to what comes at the wrong time or from the wrong person.
    private static readonly Refusal[] Expected =
    [
        Refusal.RecipientIsHolder, Refusal.RecipientCannotHold, Refusal.RecipientAway, Refusal.Forbidden, Refusal.NudgedToday, Refusal.RingRequired,
        // Until when somebody is away may be before the last thing that happened in the draft.
        Refusal.AwayInvalid,
    ];

    private readonly SmtpListener post = SmtpListener.Start();
    private readonly Random random = new(Seed);
    private readonly List<(ServiceProvider Services, SettableClock Clock)> servers = [];
    private readonly List<(AppendSegment Request, Appended Answer)> appended = [];
    private readonly List<(PassRing Request, RingPass Answer)> passed = [];
    private readonly Dictionary<string, int> done = new(StringComparer.Ordinal);

    public async Task InitializeAsync()
    {
        // A second server has a memory of its own, so in memory there is one.
        for (var i = 0; i < (database.IsInMemory ? 1 : 2); i++)
        {
            var clock = new SettableClock(Start);
            servers.Add((database.BuildServices(clock, settings: post.Settings.ToDictionary(s => s.Name, s => (string?)s.Value)), clock));
        }
        await servers[0].Services.PrepareDatabaseAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var (services, _) in servers)
        {
            await services.DisposeAsync();
        }
        await post.DisposeAsync();
    }

    [Fact]
    public async Task What_was_acknowledged_is_kept_whatever_the_clocks_say()
    {
        output.WriteLine($"seed {Seed}");
        var draft = await servers[0].Services.ADraftHeldByAnaAsync();
        await database.GiveAddressAsync(servers[0].Services, draft.Ana);
        await database.GiveAddressAsync(servers[0].Services, draft.Ben);
        await servers[0].Services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        var token = Given.Succeed(await Get<AccessTokenService>(servers[0].Services).CreateAsync(new NewAccessToken(draft.Ana, "For ever")));

        for (var act = 0; act < Acts; act++)
        {
            var (services, clock) = servers[random.Next(servers.Count)];
            clock.Now = random.Next(3) == 0 ? clock.Now.AddSeconds(random.Next(1, 600)) : Start + (Farthest * ((2 * random.NextDouble()) - 1));

            await ActAsync(services, clock, draft);

            Assert.Equal(draft.Ana, await Get<AccessTokenService>(services).FindUserIdAsync(token.Secret));
            if (act % 50 == 0)
            {
                await AssertWholeAsync(draft);
            }
        }

        foreach (var at in (TimeSpan[])[-Farthest, TimeSpan.Zero, 10 * Farthest])
        {
            servers.ForEach(server => server.Clock.Now = Start + at);
            await AssertWholeAsync(draft);
        }
        await AssertToldAsync(draft);
        output.WriteLine(string.Join(", ", done.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key} {one.Value}")));
        // Each of them came about, else nothing was tried.
        Assert.Equal(12, done.Count);
    }

    private async Task ActAsync(ServiceProvider services, SettableClock clock, ADraft draft)
    {
        string[] people = [draft.Ana, draft.Ben, draft.Cleo, draft.Dan];
        var (whom, holder) = (people[random.Next(4)], (await services.ReadAsync(draft.Id, draft.Ana)).HolderId);
        switch (random.Next(14))
        {
            case 0 or 1:
                var append = new AppendSegment(holder, draft.Id, $"Segment {appended.Count}", Given.NewKey());
                appended.Add((append, Given.Succeed(await Get<RingService>(services).AppendAsync(append))));
                Count("append");
                break;
            case 2 or 3:
                var pass = new PassRing(holder, draft.Id, whom, Given.NewKey());
                var answer = await Get<RingService>(services).PassAsync(pass);
                if (Check("pass", answer))
                {
                    passed.Add((pass, answer.Value!));
                }
                break;
            case 4 when appended.Count > 0:
                var (request, before) = appended[random.Next(appended.Count)];
                Assert.Equal(before, Given.Succeed(await Get<RingService>(services).AppendAsync(request)));
                Count("append again");
                break;
            case 5 when passed.Count > 0:
                var (passRequest, first) = passed[random.Next(passed.Count)];
                var again = Given.Succeed(await Get<RingService>(services).PassAsync(passRequest));
                Assert.Equal((first.Turn, first.FromId, first.ToId), (again.Turn, again.FromId, again.ToId));
                Count("pass again");
                break;
            case 6:
                await services.KeepTurnsAsync();
                Count("keep");
                break;
            case 7:
                Check("rules", await Get<TurnService>(services).SetRulesAsync(new SetTurnRules(draft.Ana, draft.Id, new TurnRules(
                    random.Next(4) == 0 ? null : random.Next(1, 49), GraceHours: random.Next(3), (OnExpiry)random.Next(3),
                    RestDays: random.Next(2) == 0 ? RestDays.None : RestDays.Sunday, RestFrom: new TimeOnly(22, 0), RestTo: new TimeOnly(6, 0)))));
                break;
            case 8:
                Check("away", await Get<TurnService>(services).SetAwayAsync(new SetAway(whom, draft.Id, random.Next(2) == 0 ? null : clock.Now.AddHours(random.Next(1, 60)))));
                break;
            case 9:
                Check("nudge", await Get<RingService>(services).NudgeAsync(new NudgeHolder(people[(Array.IndexOf(people, holder) + 1) % 4], draft.Id)));
                break;
            case 10:
                await Get<EventCounter>(services).CountAsync();
                Count("count");
                break;
            case 11:
                await SendAsync(services);
                Count("mail");
                break;
            case 12:
                await ActivatorUtilities.CreateInstance<Upkeep>(services).RunAsync(default);
                Count("upkeep");
                break;
            case 13:
                Check("visit", await Get<DraftService>(services).RecordVisitAsync(whom, draft.Id));
                break;
        }
    }

    /// <summary>All that was acknowledged is there, once and in its place, and nothing contradicts anything, whichever server is asked.</summary>
    private async Task AssertWholeAsync(ADraft draft)
    {
        foreach (var (services, _) in servers)
        {
            var view = await services.ReadAsync(draft.Id, draft.Ana);
            Assert.Equal(
                appended.Select(one => (one.Answer.SegmentId, one.Request.Content, one.Request.UserId)),
                view.Segments.Select(segment => (segment.Id, segment.Content, segment.AuthorId)));
            Assert.All(passed, one => Assert.Contains(view.Passes, pass => (pass.Turn, pass.FromId, pass.ToId) == (one.Answer.Turn, one.Answer.FromId, one.Answer.ToId)));
            var report = await Get<DatabaseAudit>(services).RunAsync();
            Assert.Equal("", string.Join('\n', report.Checks.SelectMany(check => check.Findings.Select(finding => $"{check.Name}: {finding.Fault}"))));
        }
    }

    /// <summary>Once the clocks are past all that, nothing waits to be told any more, and nothing was told twice.</summary>
    private async Task AssertToldAsync(ADraft draft)
    {
        await SendAsync(servers[0].Services);

        await using var connection = await database.OpenDirectAsync(servers[0].Services);
        Assert.Equal(0, await connection.CountAsync("select count(*) from notices where draft_id = @id and mail_due_at is not null", ("id", draft.Id)));
        Assert.Equal(0, await connection.CountAsync("select count(*) from outbox_mails where next_attempt_at is not null"));
        Assert.NotEmpty(post.Letters);
        Assert.All(post.Letters.CountBy(letter => letter.MessageId!, StringComparer.Ordinal), mail => Assert.Equal(1, mail.Value));
    }

    private static async Task SendAsync(ServiceProvider services)
    {
        await Get<NoticeMailer>(services).SendDueAsync();
        while (await ActivatorUtilities.CreateInstance<MailSender>(services, Get<IMailTransport>(services)).SendDueAsync(default) > 0)
        {
            // There may be more.
        }
    }

    private bool Check<T>(string what, Result<T> result)
    {
        if (result.Refusal is { } refusal)
        {
            Assert.Contains(refusal, Expected);
            return false;
        }
        Count(what);
        return true;
    }

    private void Count(string what) => done[what] = done.GetValueOrDefault(what) + 1;

    private static T Get<T>(ServiceProvider services)
        where T : notnull => services.GetRequiredService<T>();
}
