using System.IO.Compression;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Analytics.Rollups;
using OneRing.Data.Audit;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Analytics.Rollups;

public sealed class EventRetentionTests_InMemory() : EventRetentionTests(new InMemory());

[Trait("Database", "PostgreSQL")]
public sealed class EventRetentionTests_Postgres() : EventRetentionTests(new Postgres())
{
    [Fact]
    public async Task Whole_months_are_dropped_and_what_stays_of_them_moves_to_the_default()
    {
        await LiveAsync();
        Assert.Contains("analytics_events_2026_03", await PartitionsAsync());

        await ForgetAsync();

        // Those of the real present are there, too.
        Assert.Equal(
            ["analytics_events_2026_04", "analytics_events_2026_05", "analytics_events_2026_06", "analytics_events_2026_07", "analytics_events_2026_08", "analytics_events_2026_09"],
            (await PartitionsAsync()).Take(6));
        Assert.Equal(["CollaboratorJoined|2", "CollaboratorLeft|1"], await ReadAsync("select type, count(*) from analytics_events_default group by type order by type"));
    }

    [Fact]
    public async Task An_event_that_comes_while_its_month_is_dropped_waits_in_the_default_until_it_has_been_counted()
    {
        await LiveAsync();
        await Services.GetRequiredService<EventCounter>().CountAsync();
        var late = await AppendLateAsync();

        await Services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().InTransactionAsync(
            async (db, transaction, token) =>
            {
                await RetentionSql.ForgetEventsAsync(db, Since, token);
                await transaction.CommitAsync(token);
                return true;
            },
            default);

        Assert.Equal(["analytics_events_default"], await ReadAsync($"select tableoid::regclass::text from analytics_events where id = '{late}'"));
        Assert.Equal(["1"], await ReadAsync($"select count(*) from uncounted_events where event_id = '{late}'"));
    }

    [Fact]
    public async Task Behind_a_long_read_it_gives_way_and_nobody_who_writes_waits_for_it()
    {
        await LiveAsync();
        await using var services = Database.BuildServices(Clock, settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["OneRing:Database:Retries"] = "0" });
        await using var reader = await Database.OpenDirectAsync();
        await reader.ExecuteAsync("begin");
        await reader.CountAsync("select count(*) from analytics_events");
        var before = await EventsAsync();

        var failure = await Record.ExceptionAsync(() => RetentionOf(services).ForgetAsync());
        await Services.APersonAsync("Somebody");

        Assert.Equal(PostgresErrorCodes.LockNotAvailable, (failure as PostgresException ?? failure?.InnerException as PostgresException)?.SqlState);
        Assert.Equal(before, await EventsAsync());
        await reader.ExecuteAsync("commit");
        Assert.True(await ForgetAsync());
    }

    private Task<IReadOnlyList<string>> PartitionsAsync() =>
        ReadAsync("select inhrelid::regclass::text from pg_inherits where inhparent = 'analytics_events'::regclass order by 1");
}

/// <summary>Half a year of a few drafts, of which all months before April are forgotten. Figures are then of what there is, and say so.</summary>
public abstract class EventRetentionTests(TestDatabase database) : IAsyncLifetime
{
    private const int Days = 90;

    /// <summary>What is kept in the middle of July: the month in which ninety days ago lies.</summary>
    protected static readonly DateTimeOffset Since = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<DashboardQuery> within =
    [
        new(Window.Day), new(Window.Week, CountsAutomatic: true), new(Window.Month, Zone: "Asia/Kathmandu"), new(Window.Month, Platform: Platform.X),
        Dates(4, 1, 4, 1), Dates(4, 1, 4, 20), Dates(4, 1, 7, 20), Dates(4, 17, 5, 5) with { Zone = "America/St_Johns" }, Dates(4, 20, 5, 9) with { Platform = Platform.Story },
    ];

    private readonly List<DashboardQuery> reachingFurther = [new(Window.Year), new(Window.All), Dates(1, 1, 7, 20), Dates(3, 31, 4, 2), Dates(4, 1, 7, 20) with { Zone = "Asia/Tokyo" }];

    private ServiceProvider? services;
    private string ana = "";
    private string ben = "";
    private string ada = "";
    private Guid story;
    private Guid other;

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 10, 9, 0, 0, TimeSpan.Zero));

    protected TestDatabase Database => database;

    protected IServiceProvider Services => services!;

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        services = database.BuildServices(Clock);
        await services.PrepareDatabaseAsync();
    }

    public async Task DisposeAsync()
    {
        await services!.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task Events_of_months_that_are_past_are_forgotten_and_all_others_kept()
    {
        await LiveAsync();
        var before = await EventsAsync();

        Assert.True(await ForgetAsync());

        var after = await EventsAsync();
        // Who belonged to a draft is asked for as long as it is there.
        Assert.Equal(before.Where(e => e.OccurredAt >= Since || (e.DraftId == story && e.Type is (EventType.CollaboratorJoined or EventType.CollaboratorLeft))), after);
        Assert.True(before.Count(e => e.OccurredAt < Since) > 30 && after.Count > 30, $"{before.Count} events became {after.Count}.");
        Assert.False(await ForgetAsync());
        Assert.Equal(after, await EventsAsync());
    }

    [Fact]
    public async Task Figures_within_what_is_kept_stay_as_they_were_also_when_they_are_counted_anew()
    {
        await LiveAsync();
        var before = await AskAsync(within);
        var sinceApril = (await AskAsync([Dates(4, 1, 7, 20)]))[0];
        var boards = await LeaderboardsAsync();

        await ForgetAsync();
        var after = await AskAsync(within);
        var clipped = await AskAsync(reachingFurther);
        var sums = await SumsAsync();
        Assert.Equal(boards, await LeaderboardsAsync());
        Assert.True(await Services.CountEventsAnewAsync() > 30, "There was nothing to count.");

        // Scores are of everything that somebody ever did.
        Assert.Equal(boards, await LeaderboardsAsync());
        Assert.Contains(boards, line => line.StartsWith("Consistency", StringComparison.Ordinal));
        AssertSame(before, after, withBefore: false);
        AssertSame(before, await AskAsync(within), withBefore: false);
        AssertSame(clipped, await AskAsync(reachingFurther));
        AssertSums(sums, await SumsAsync());
        Assert.All(after, answer => Assert.Null(answer.Dashboard.Since));
        Assert.All(clipped, answer => Assert.Equal((Since, Since, null), (answer.Dashboard.Since, answer.Dashboard.From, answer.Dashboard.Before)));
        AssertSame([sinceApril, sinceApril], [clipped[1], clipped[2]], withBefore: false);
        // The ring lay in the same hand from March on, and that hold counts with all of its length.
        Assert.True(after[4].Dashboard.Figures.MedianHoldMinutes > 60 * 24 * 5, $"The longest hold was {after[4].Dashboard.Figures.MedianHoldMinutes} minutes.");
    }

    [Fact]
    public async Task What_a_person_sees_of_themselves_begins_with_what_is_kept_and_says_so()
    {
        await LiveAsync();
        var before = await OwnInsightsAsync();
        Assert.Null(before.Since);
        Assert.Contains(before.Days, day => day.Segments > 0 && day.Day < Day(Since));

        await ForgetAsync();
        var after = await OwnInsightsAsync();

        Assert.Equal(Since, after.Since);
        Assert.Equal([.. before.Days.Select(day => day.Day < Day(Since) ? new DayOfWriting(day.Day, 0, 0) : day)], after.Days);
        Assert.True(after.Holds < before.Holds, $"{before.Holds} holds became {after.Holds}.");
        // What comes late for a time that is not kept any longer is not shown either, before it is forgotten in its turn.
        await AppendLateAsync();
        Assert.Equal(after.Days, (await OwnInsightsAsync()).Days);
        Assert.Equal(after.Streak, (await OwnInsightsAsync()).Streak);

        async Task<PersonalFigures> OwnInsightsAsync() => Given.Succeed(await Services.GetRequiredService<PersonalAnalyticsService>().FindAsync(ana, days: 200));
        static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);
    }

    [Fact]
    public async Task A_window_before_everything_that_is_kept_is_empty_and_says_why()
    {
        await LiveAsync();
        await ForgetAsync();

        var february = (await AskAsync([Dates(2, 1, 2, 28)]))[0];

        Assert.Equal(new DashboardFigures(0, 0, 0, 0, 0, 0, MedianHoldMinutes: null, P90HoldMinutes: null), february.Dashboard.Figures);
        Assert.Equal((Since, 0), (february.Dashboard.Since, february.Dashboard.Periods.Count));
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero).AddMicroseconds(-1), february.Dashboard.To);
    }

    [Fact]
    public async Task A_time_before_that_is_not_all_kept_is_compared_with_nothing()
    {
        await LiveAsync();
        DashboardQuery[] queries = [Dates(4, 1, 4, 20), Dates(5, 1, 5, 31), Dates(4, 30, 5, 29)];
        Assert.All(await AskAsync(queries), answer => Assert.NotNull(answer.Dashboard.Before));

        await ForgetAsync();

        // The thirty days before 1 May began on 31 March; those before 30 April are another day short.
        Assert.Equal([true, true, true], (await AskAsync(queries)).Select(answer => answer.Dashboard.Before is null));
        Assert.NotNull((await AskAsync([Dates(5, 2, 5, 31)]))[0].Dashboard.Before);
    }

    [Fact]
    public async Task An_event_that_comes_after_its_time_is_taken_changes_no_figure_and_is_forgotten_in_turn()
    {
        await LiveAsync();
        await ForgetAsync();
        var before = await AskAsync([.. within, .. reachingFurther]);
        var (events, sums) = (await EventsAsync(), await SumsAsync());

        await AppendLateAsync();
        AssertSame(before, await AskAsync([.. within, .. reachingFurther]));
        var sumsWithIt = await SumsAsync();
        await Services.CountEventsAnewAsync();
        AssertSums(sumsWithIt, await SumsAsync());
        Assert.Equal(events.Count + 1, (await EventsAsync()).Count);

        Assert.True(await ForgetAsync());
        Assert.Equal(events, await EventsAsync());
        AssertSums(sums, await SumsAsync());
    }

    [Fact]
    public async Task Several_servers_may_forget_at_once_while_people_write()
    {
        await LiveAsync();
        await using var second = database.IsInMemory ? null : database.BuildServices(Clock);
        var writing = Race.AtOnceAsync(4, async i =>
        {
            for (var n = 0; n < 5; n++)
            {
                await Services.AppendAsync(story, ana, $"Meanwhile {i} {n}");
            }
            return true;
        });

        var did = await Race.AtOnceAsync(4, i => RetentionOf(i % 2 == 0 ? Services : second ?? Services).ForgetAsync());
        await writing;

        Assert.Single(did, it => it);
        Assert.Equal(20, (await EventsAsync()).Count(e => e.OccurredAt == Clock.GetUtcNow() && e.Type == EventType.SegmentAdded));
        await Services.GetRequiredService<EventCounter>().CountAsync();
        var sums = await SumsAsync();
        await Services.CountEventsAnewAsync();
        AssertSums(sums, await SumsAsync());
    }

    [Fact]
    public async Task The_upkeep_forgets_once_an_hour_and_a_longer_time_brings_nothing_back()
    {
        await using var forgetful = database.BuildServices(Clock, settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["OneRing:Analytics:RetentionDays"] = "90" });
        await forgetful.PrepareDatabaseAsync();
        await LiveAsync(forgetful);
        await UpkeepOf(forgetful).RunAsync(default);
        Assert.DoesNotContain(await EventsAsync(forgetful), e => e.OccurredAt < Since && e.Type is not (EventType.CollaboratorJoined or EventType.CollaboratorLeft));

        Assert.False(await RetentionOf(forgetful, 400).ForgetAsync());

        var all = (await AskAsync([new DashboardQuery(Window.All)], forgetful))[0];
        Assert.Equal(Since, all.Dashboard.Since);
        // Time goes on, and what was kept grows old.
        Clock.Advance(TimeSpan.FromDays(31));
        await UpkeepOf(forgetful).RunAsync(default);
        Assert.Equal(Since.AddMonths(1), (await AskAsync([new DashboardQuery(Window.All)], forgetful))[0].Dashboard.Since);
    }

    [Fact]
    public async Task Without_the_setting_everything_is_kept_for_ever()
    {
        await LiveAsync();
        var (before, all) = (await EventsAsync(), await AskAsync([new DashboardQuery(Window.All)]));
        Clock.Advance(TimeSpan.FromDays(365 * 50));

        await UpkeepOf(Services).RunAsync(default);
        Assert.False(await Services.GetRequiredService<EventRetention>().ForgetAsync());

        Assert.Equal(before, await EventsAsync());
        Assert.Equal(all[0].Dashboard.Figures, (await AskAsync([new DashboardQuery(Window.All)]))[0].Dashboard.Figures);
        Assert.Null((await AskAsync([new DashboardQuery(Window.All)]))[0].Dashboard.Since);
    }

    [Fact]
    public async Task A_drafts_own_figures_the_leaderboards_the_audit_and_what_people_take_along_need_no_old_events()
    {
        await LiveAsync();
        var before = await OwnAsync();
        Assert.Contains("In January", before, StringComparison.Ordinal);

        await ForgetAsync();

        Assert.Equal(before, await OwnAsync());
        Assert.Empty((await Services.GetRequiredService<DatabaseAudit>().RunAsync()).Findings);
    }

    /// <summary>What is read from the rows of drafts, at several instants; and what Ben, who has left, wrote.</summary>
    private async Task<string> OwnAsync()
    {
        var own = new List<string>();
        foreach (var now in (DateTimeOffset[])[new(2026, 1, 20, 0, 0, 0, TimeSpan.Zero), new(2026, 3, 31, 23, 0, 0, TimeSpan.Zero), new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero), Clock.GetUtcNow()])
        {
            var figures = Given.Succeed(await Services.GetRequiredService<DraftAnalyticsService>().FindDraftFiguresAsync(ana, story, 90, now));
            own.Add($"{figures.Segments} {figures.Words} {figures.RingPasses} {figures.Fairness} {figures.InactivityRisk} {string.Join(' ', figures.Contributors)} {string.Join(' ', figures.Daily)}");
            foreach (var metric in Enum.GetValues<LeaderboardMetric>())
            {
                own.Add(string.Join(' ', Given.Succeed(await Services.GetRequiredService<LeaderboardService>().ReadAsync(ana, metric, now)).Entries));
            }
        }
        using var file = new MemoryStream();
        await Services.GetRequiredService<PersonalData>().WriteAsync(ben, file);
        using var zip = new ZipArchive(file);
        foreach (var name in (string[])["segments.json", "passes.json"])
        {
            using var reader = new StreamReader(zip.GetEntry(name)!.Open());
            own.Add(await reader.ReadToEndAsync());
        }
        return string.Join('\n', own);
    }

    protected Task LiveAsync() => LiveAsync(Services);

    /// <summary>From January to the middle of July. Ben writes in January and leaves; one draft is deleted; a hold goes over the turn of March.</summary>
    private async Task LiveAsync(IServiceProvider at)
    {
        var random = new Random(20260701);
        ada = await at.APersonAsync("Ada", isAdmin: true);
        (ana, ben) = (await at.APersonAsync("Ana"), await at.APersonAsync("Ben"));
        var cleo = await at.APersonAsync("Cleo");
        var drafts = at.GetRequiredService<DraftService>();
        story = Given.Succeed(await drafts.CreateAsync(new CreateDraft(ana, "A long story")));
        other = Given.Succeed(await drafts.CreateAsync(new CreateDraft(ana, "Soon gone", Platform.X)));
        await at.AddAsync(story, ana, ben, Role.Writer);
        await at.AddAsync(story, ana, cleo, Role.Writer);
        await at.AddAsync(other, ana, cleo, Role.Writer);
        await at.PassAsync(story, ana, ben);
        await at.AppendAsync(story, ben, "In January I wrote");
        await at.PassAsync(story, ben, ana);
        Given.Succeed(await at.GetRequiredService<CollaboratorService>().RemoveAsync(new RemoveCollaborator(ben, story, ben)));

        var holder = ana;
        while (Clock.GetUtcNow() < new DateTimeOffset(2026, 7, 15, 0, 0, 0, TimeSpan.Zero))
        {
            var before = Clock.GetUtcNow();
            var next = before.AddMinutes(random.Next(60 * 12, 60 * 96));
            // The ring rests over the turn of the month, and is passed on the first.
            var endOfRest = Since.AddHours(12);
            Clock.SetUtcNow(before < endOfRest && next > endOfRest ? endOfRest : next);
            var now = Clock.GetUtcNow();
            if (now.Month != before.Month)
            {
                await UpkeepOf(at).RunAsync(default);
            }
            if (now < Since.AddDays(40))
            {
                await at.AppendAsync(other, ana, "A post of some words");
            }
            else if (await drafts.FindAsync(other, ana) is { } soonGone)
            {
                Given.Succeed(await drafts.DeleteAsync(new DeleteDraft(ana, other, soonGone.Title)));
            }
            await at.AppendAsync(story, holder, "One two three"[..random.Next(3, 13)].Trim());
            if (now == endOfRest || (random.Next(2) == 0 && (now < Since.AddDays(-6) || now > endOfRest)))
            {
                var to = holder == ana ? cleo : ana;
                await at.PassAsync(story, holder, to);
                holder = to;
            }
            if (now != endOfRest && random.Next(6) == 0)
            {
                var small = Given.Succeed(await drafts.CreateAsync(new CreateDraft(cleo, "A small one")));
                await at.AppendAsync(small, cleo, "All of it");
                Given.Succeed(await drafts.CompleteAsync(new CompleteDraft(cleo, small)));
            }
        }
        if (holder != ana)
        {
            await at.PassAsync(story, holder, ana);
        }
        Clock.SetUtcNow(new DateTimeOffset(2026, 7, 20, 18, 0, 0, TimeSpan.Zero));
        await UpkeepOf(at).RunAsync(default);
    }

    protected async Task<Guid> AppendLateAsync()
    {
        var late = AnalyticsEvent.Of(EventType.SegmentAdded, new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero), story, ana, ("position", 999), ("words", 77));
        Assert.True(await Services.GetRequiredService<EventStore>().AppendAsync(late));
        return late.Id;
    }

    protected Task<bool> ForgetAsync() => RetentionOf(Services).ForgetAsync();

    private protected EventRetention RetentionOf(IServiceProvider at, int days = Days) =>
        new(at.GetRequiredService<IDbContextFactory<OneRingDbContext>>(), new RetentionSettings(days), Clock, NullLogger<EventRetention>.Instance);

    private static Upkeep UpkeepOf(IServiceProvider at) => at.GetServices<IHostedService>().OfType<Upkeep>().Single();

    protected async Task<IReadOnlyList<AnalyticsEvent>> EventsAsync(IServiceProvider? at = null) =>
        [.. (await (at ?? Services).GetRequiredService<EventStore>().ReadAsync(new EventQuery())).Select(e => e with { DataHash = [] })];

    protected async Task<IReadOnlyList<string>> ReadAsync(string sql)
    {
        await using var connection = await database.OpenDirectAsync(Services);
        return await connection.ReadAsync(sql);
    }

    private async Task<List<string>> LeaderboardsAsync()
    {
        var lines = new List<string>();
        foreach (var metric in Enum.GetValues<LeaderboardMetric>())
        {
            var board = Given.Succeed(await Services.GetRequiredService<LeaderboardService>().ReadAsync(ada, metric));
            lines.AddRange(board.Entries.Select(entry => $"{metric} {entry.UserId} {entry.Value} {entry.Insight}"));
        }
        return lines;
    }

    private async Task<List<Answer>> AskAsync(IReadOnlyList<DashboardQuery> queries, IServiceProvider? at = null)
    {
        var analytics = (at ?? Services).GetRequiredService<AnalyticsService>();
        var answers = new List<Answer>();
        foreach (var query in queries)
        {
            var drafts = await Given.Succeed(await analytics.ReadAllDraftsAsync(ada, query)).ToListAsync();
            var writers = await Given.Succeed(await analytics.ReadAllWritersAsync(ada, query)).ToListAsync();
            var page = Given.Succeed(await analytics.ListDraftsAsync(ada, query));
            Assert.Equal(drafts.Take(10), page.Rows);
            answers.Add(new Answer(Given.Succeed(await analytics.ReadDashboardAsync(ada, query)), drafts, writers));
        }
        return answers;
    }

    private static void AssertSame(IReadOnlyList<Answer> expected, IReadOnlyList<Answer> actual, bool withBefore = true)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (one, two) in expected.Zip(actual))
        {
            Assert.Equal(one.Dashboard.Figures, two.Dashboard.Figures);
            Assert.Equal(one.Dashboard.Periods, two.Dashboard.Periods);
            Assert.Equal(one.Drafts, two.Drafts);
            Assert.Equal(one.Writers, two.Writers);
            if (withBefore)
            {
                Assert.Equal(one.Dashboard.Before, two.Dashboard.Before);
            }
        }
    }

    private static void AssertSums(string[] expected, string[] actual)
    {
        var (gone, come) = (expected.Except(actual).ToList(), actual.Except(expected).ToList());
        Assert.True(gone.Count + come.Count == 0, $"Gone:\n{string.Join('\n', gone)}\nCome:\n{string.Join('\n', come)}");
    }

    /// <summary>Every row of every table of sums, but for those that say nothing.</summary>
    private async Task<string[]> SumsAsync()
    {
        await Services.GetRequiredService<EventCounter>().CountAsync();
        var rows = new List<string>();
        foreach (var table in (string[])["counted_drafts", "activity_slots", "activity_hours", "pass_slots", "pass_days", "writer_slots", "writer_parts", "writer_spans", "draft_slots", "draft_parts", "draft_spans", "draft_writers", "ring_holds", "hold_spans where holds <> 0"])
        {
            rows.AddRange((await ReadAsync($"select * from {table}")).Select(row => $"{table}: {row}"));
        }
        return [.. rows.Order(StringComparer.Ordinal)];
    }

    private static DashboardQuery Dates(int firstMonth, int first, int lastMonth, int last) => new(Dates: (new(2026, firstMonth, first), new(2026, lastMonth, last)));

    private sealed record Answer(Dashboard Dashboard, IReadOnlyList<BusyDraft> Drafts, IReadOnlyList<BusyWriter> Writers);
}
