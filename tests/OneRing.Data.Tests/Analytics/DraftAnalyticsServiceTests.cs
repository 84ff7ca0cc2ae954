using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Analytics;
using OneRing.Data.Demo;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Analytics;

public sealed class DraftAnalyticsServiceTests_InMemory(InMemory database) : DraftAnalyticsServiceTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class DraftAnalyticsServiceTests_Postgres(Postgres database) : DraftAnalyticsServiceTests(database), IClassFixture<Postgres>;

public abstract class DraftAnalyticsServiceTests(TestDatabase database) : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly UnevenClock clock = new(Noon);
    private ServiceProvider services = null!;

    private DraftAnalyticsService Analytics => services.GetRequiredService<DraftAnalyticsService>();

    public async Task InitializeAsync()
    {
        services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
    }

    public Task DisposeAsync() => services.DisposeAsync().AsTask();

    [Fact]
    public async Task The_figures_of_a_draft_tell_who_wrote_how_much_and_held_the_ring_how_long()
    {
        var draft = await ADraftOfTwoDaysAsync();

        var figures = await FiguresAsync(draft.Cleo, draft.Id, days: 3);

        Assert.Equal((draft.Id, 4, 9, 2), (figures.DraftId, figures.Segments, figures.Words, figures.RingPasses));
        Assert.Equal(
            [
                // Ana held it for 10 minutes, and since 1.5 hours.
                new ContributorFigures(draft.Ana, "Ana", 3, 7, 1, 50, 50, 82),
                new ContributorFigures(draft.Ben, "Ben", 1, 2, 1, 1440, 1440, 1440),
            ],
            figures.Contributors);
        Assert.Equal(
            [new DraftDay(new DateOnly(2026, 2, 28), 0, 0), new DraftDay(new DateOnly(2026, 3, 1), 3, 1), new DraftDay(new DateOnly(2026, 3, 2), 1, 1)],
            figures.Daily);
        Assert.Equal(InactivityRisk.Low, figures.InactivityRisk);
        Assert.Equal(0.75, figures.Fairness); // 1 and 3 among two who can write
    }

    [Fact]
    public async Task An_instant_of_the_past_shows_what_had_happened_by_then_and_one_to_come_what_is_going_to_be()
    {
        var draft = await ADraftOfTwoDaysAsync();
        var beforeThePass = await FiguresAsync(draft.Ana, draft.Id, now: Noon.AddMinutes(10).AddMicroseconds(-1));
        var later = await FiguresAsync(draft.Ana, draft.Id, now: clock.GetUtcNow().AddHours(48));
        var elsewhere = await FiguresAsync(draft.Ana, draft.Id, now: Noon.AddMinutes(10).ToOffset(TimeSpan.FromHours(-8)));

        Assert.Equal((2, 5, 0), (beforeThePass.Segments, beforeThePass.Words, beforeThePass.RingPasses));
        Assert.Equal([draft.Ana], beforeThePass.Contributors.Select(c => c.UserId));
        Assert.Equal(0.5, beforeThePass.Fairness);
        Assert.Equal((4, InactivityRisk.High), (later.Segments, later.InactivityRisk));
        Assert.Equal(1440, later.Contributors[1].AverageHoldMinutes);
        Assert.Equal(14, later.Daily.Count);
        Assert.Equal(1, elsewhere.RingPasses);
        Assert.Equal(new DraftDay(new DateOnly(2026, 3, 1), 3, 1), elsewhere.Daily[^1]);
    }

    [Fact]
    public async Task Any_instant_will_do()
    {
        var draft = await ADraftOfTwoDaysAsync();
        var never = await FiguresAsync(draft.Ana, draft.Id, now: DateTimeOffset.MinValue);
        var before = await FiguresAsync(draft.Ana, draft.Id, now: Noon.AddMicroseconds(-1));
        var forever = await FiguresAsync(draft.Ana, draft.Id, days: 90, now: DateTimeOffset.MaxValue);

        Assert.Equal([new DraftDay(DateOnly.MinValue, 0, 0)], never.Daily);
        foreach (var nothing in (DraftFigures[])[never, before])
        {
            Assert.Equal((0, 0, 0, null), (nothing.Segments, nothing.Words, nothing.RingPasses, nothing.Fairness));
            Assert.Equal([new ContributorFigures(draft.Ana, "Ana", 0, 0, 0, null, null, null)], nothing.Contributors);
        }
        Assert.Equal((4, 90, InactivityRisk.High), (forever.Segments, forever.Daily.Count, forever.InactivityRisk));

        foreach (var now in (DateTimeOffset[])[DateTimeOffset.MinValue, Noon.AddMicroseconds(-1)])
        {
            Assert.Empty(Given.Succeed(await Analytics.FindInsightsAsync(draft.Ana, draft.Id, now)).Insights);
            var overview = await OverviewAsync(draft.Ana, draft.Id, now: now);
            Assert.Equal((0, 0, new Velocity(null, null)), (overview.Holds.Count, overview.Holds.Rows.Count, overview.Velocity));
        }
        Assert.Equal(new Velocity(0, 0), (await OverviewAsync(draft.Ana, draft.Id, now: DateTimeOffset.MaxValue)).Velocity);
        Assert.Equal(InsightType.Stalled, Given.Succeed(await Analytics.FindInsightsAsync(draft.Ana, draft.Id, DateTimeOffset.MaxValue)).Insights[0].Type);
    }

    [Fact]
    public async Task Who_left_counts_for_the_time_at_which_they_belonged_to_the_draft()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.AppendAsync(draft.Id, draft.Ana, "One");
        await services.AppendAsync(draft.Id, draft.Ana, "Two");
        clock.Advance(TimeSpan.FromHours(1));
        await services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        await services.PassAsync(draft.Id, draft.Ana, draft.Dan);
        clock.Advance(TimeSpan.FromHours(1));
        await RemoveAsync(draft, draft.Dan);
        await RemoveAsync(draft, draft.Ben);
        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1, (await FiguresAsync(draft.Ana, draft.Id)).Fairness); // Ana alone
        Assert.Equal(0.5, (await FiguresAsync(draft.Ana, draft.Id, now: Noon)).Fairness); // and Ben
        Assert.Equal(0.333, (await FiguresAsync(draft.Ana, draft.Id, now: Noon.AddHours(1))).Fairness); // and Dan

        // Dan wrote nothing and is no contributor; the ring went home when he left.
        var ana = Assert.Single((await FiguresAsync(draft.Ana, draft.Id)).Contributors);
        Assert.Equal((draft.Ana, 1, 60d), (ana.UserId, ana.RingsReceived, ana.AverageHoldMinutes));
    }

    [Fact]
    public async Task A_draft_that_is_complete_holds_no_ring_any_more_and_has_no_insights()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.AppendAsync(draft.Id, draft.Ana, "One");
        clock.Advance(TimeSpan.FromMinutes(30));
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await services.AppendAsync(draft.Id, draft.Ben, "Two");
        clock.Advance(TimeSpan.FromMinutes(20));
        Given.Succeed(await services.GetRequiredService<DraftService>().CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)));
        clock.Advance(TimeSpan.FromHours(5));
        await RemoveAsync(draft, draft.Ben);
        clock.Advance(TimeSpan.FromHours(5));

        var figures = await FiguresAsync(draft.Ana, draft.Id);

        Assert.Equal(2, figures.RingPasses);
        Assert.Equal(
            [(draft.Ana, 30d, 1), (draft.Ben, 20d, 1)],
            figures.Contributors.OrderBy(c => c.Name).Select(c => (c.UserId, c.AverageHoldMinutes!.Value, c.RingsReceived)));
        Assert.Empty(Given.Succeed(await Analytics.FindInsightsAsync(draft.Ana, draft.Id)).Insights);
        Assert.Equal(InsightType.Healthy, Given.Succeed(await Analytics.FindInsightsAsync(draft.Ana, draft.Id, Noon.AddMinutes(49))).Insights.Single().Type);
    }

    [Fact]
    public async Task A_draft_that_is_locked_has_no_insights()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        clock.Advance(TimeSpan.FromDays(4));
        Assert.NotEmpty(Given.Succeed(await Analytics.FindInsightsAsync(draft.Ana, draft.Id)).Alerts);

        Given.Succeed(await services.GetRequiredService<DraftService>().LockAsync(new LockDraft(draft.Ana, draft.Id)));

        var insights = Given.Succeed(await Analytics.FindInsightsAsync(draft.Ana, draft.Id));
        Assert.Empty(insights.Insights);
        Assert.Empty(insights.Alerts);
        Assert.Empty(insights.Recommendations);
    }

    [Fact]
    public async Task An_archived_draft_worries_nobody()
    {
        var draft = await ADraftOfTwoDaysAsync();
        var later = DateTimeOffset.MaxValue;
        Assert.NotEmpty(Given.Succeed(await Analytics.FindInsightsAsync(draft.Ana, draft.Id, later)).Alerts);

        Given.Succeed(await services.GetRequiredService<DraftService>().ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id)));

        var insights = Given.Succeed(await Analytics.FindInsightsAsync(draft.Ana, draft.Id, later));
        Assert.Empty(insights.Insights);
        Assert.Empty(insights.Alerts);
    }

    [Fact]
    public async Task A_recommendation_names_somebody_who_can_take_the_ring()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        clock.Advance(TimeSpan.FromMinutes(1)); // so that Ben was there first
        await services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(draft.Ben, await RecommendedAsync(draft));

        await using var connection = await database.OpenDirectAsync(services);
        await connection.ExecuteAsync($"update users set disabled_at = created_at where id = '{draft.Ben}'");

        Assert.Equal(draft.Dan, await RecommendedAsync(draft)); // not Ben, nor Cleo, who reads

        await services.PassAsync(draft.Id, draft.Ana, draft.Dan);
        clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal(draft.Ana, await RecommendedAsync(draft));
    }

    [Fact]
    public async Task A_draft_that_one_may_not_read_is_not_found()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await using var connection = await database.OpenDirectAsync(services);
        await connection.ExecuteAsync($"update users set disabled_at = created_at where id = '{draft.Ben}'");

        foreach (var (userId, draftId) in ((string, Guid)[])[(draft.Dan, draft.Id), (draft.Ben, draft.Id), ("nobody", draft.Id), (draft.Ana, Guid.CreateVersion7())])
        {
            Assert.Equal(Refusal.NotFound, (await Analytics.FindDraftFiguresAsync(userId, draftId)).Refusal);
            Assert.Equal(Refusal.NotFound, (await Analytics.FindInsightsAsync(userId, draftId)).Refusal);
            Assert.Equal(Refusal.NotFound, (await Analytics.FindOverviewAsync(userId, draftId)).Refusal);
            Assert.Equal(Refusal.NotFound, (await Analytics.ListTimelineAsync(userId, draftId)).Refusal);
        }
        Assert.True((await Analytics.ListTimelineAsync(draft.Cleo, draft.Id)).Succeeded);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(91)]
    public async Task There_are_between_one_and_ninety_days(int days)
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Analytics.FindDraftFiguresAsync("ana", Guid.CreateVersion7(), days));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Analytics.FindOverviewAsync("ana", Guid.CreateVersion7(), days));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Analytics.FindOverviewAsync("ana", Guid.CreateVersion7(), page: days - 91));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task A_timeline_tells_what_happened_in_order_page_by_page_and_no_note(int limit)
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.ADraftHeldByAnaAsync();
        clock.Advance(TimeSpan.FromMinutes(1));
        await services.AppendAsync(draft.Id, draft.Ana, "A text that stays inside");
        clock.Advance(TimeSpan.FromMinutes(1));
        Given.Succeed(await services.GetRequiredService<RingService>()
            .PassAsync(new PassRing(draft.Ana, draft.Id, draft.Ben, Given.NewKey(), Note: "A word for Ben alone")));

        var events = new List<AnalyticsEvent>();
        string? cursor = null;
        do
        {
            var page = Given.Succeed(await Analytics.ListTimelineAsync(draft.Cleo, draft.Id, cursor, limit));
            Assert.InRange(page.Items.Count, 1, limit);
            events.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(5, events.Select(e => e.Id).Distinct().Count());
        Assert.Equal(EventType.SegmentAdded, events[3].Type);
        Assert.Equal(EventType.RingPassed, events[4].Type);
        Assert.All(events, e => Assert.Equal(draft.Id, e.DraftId));
        Assert.Equal(events.OrderBy(e => e.OccurredAt).ThenBy(e => e.Id.ToString(), StringComparer.Ordinal), events);
        Assert.Equal(
            $$"""{"actor_id":"{{draft.Ana}}","chosen":"manual","draft_id":"{{draft.Id}}","from":"{{draft.Ana}}","to":"{{draft.Ben}}","turn":2}""", events[4].Data);
        Assert.DoesNotContain(events, e => e.Data.Contains("A text", StringComparison.Ordinal) || e.Data.Contains("A word", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("")]
    public async Task A_cursor_that_is_none_is_refused(string cursor)
    {
        Assert.Equal(Refusal.CursorInvalid, (await Analytics.ListTimelineAsync("ana", Guid.CreateVersion7(), cursor)).Refusal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Analytics.ListTimelineAsync("ana", Guid.CreateVersion7(), limit: 101));
    }

    [SkippableFact]
    public async Task Hamlet_has_the_figures_that_are_known_of_it()
    {
        clock.GoesOn = true;
        var relay = await Relay.ReadAsync(RelayFiles.Hamlet);
        var draftId = await services.GetRequiredService<DemoService>().PlayAsync(relay);
        clock.GoesOn = false;
        var now = clock.GetUtcNow();

        var figures = await FiguresAsync("hamlet", draftId, days: 90);

        Assert.Equal((1138, 29549, 1137), (figures.Segments, figures.Words, figures.RingPasses));
        Assert.Equal(39, figures.Contributors.Count);
        Assert.Equal(
            [("Hamlet", 359, 11542), ("Horatio", 109, 2034), ("King Claudius", 102, 4080), ("Lord Polonius", 86, 2666)],
            figures.Contributors.Take(4).Select(c => (c.Name, c.Segments, c.Words)));
        Assert.Equal(1137, figures.Contributors.Sum(c => c.RingsReceived));

        // Every hold lasts from one pass to the next, the first from creation, the last until now.
        var draft = await services.ReadAsync(draftId, "hamlet");
        var instants = draft.Passes.Select(pass => (DateTimeOffset?)pass.PassedAt).Prepend(draft.CreatedAt).Append(null).ToList();
        var holders = draft.Passes.Select(pass => pass.ToName).Prepend(draft.CreatorName).ToList();
        var turns = new List<HeldTurn>();
        for (var page = 1; page <= 114; page++)
        {
            var overview = await OverviewAsync("hamlet", draftId, page);
            Assert.Equal((page, 1138), (overview.Holds.Page, overview.Holds.Count));
            turns.InsertRange(0, overview.Holds.Rows.Reverse());
        }
        Assert.Equal(Enumerable.Range(1, 1138), turns.Select(turn => turn.Turn));
        Assert.All(turns, turn => Assert.Equal(
            (holders[turn.Turn - 1], instants[turn.Turn - 1], instants[turn.Turn], (instants[turn.Turn] ?? now) - instants[turn.Turn - 1]),
            (turn.Name, turn.From, turn.To, turn.Length)));
        Assert.True(turns.Select(turn => turn.Length).Distinct().Count() > 800, "The clock was too even.");
        foreach (var voice in figures.Contributors)
        {
            var minutes = turns.Where(turn => turn.UserId == voice.UserId).Average(turn => turn.Length.TotalMinutes);
            Assert.Equal(Math.Round(minutes, 2, MidpointRounding.AwayFromZero), voice.AverageHoldMinutes!.Value, 0.011);
        }

        var recount = await Recount.ReadAsync(services);
        string[] people = [.. draft.Collaborators.Select(c => c.UserId)];
        recount.AssertEqual(figures, draftId, now, days: 90, people);
        foreach (var page in (int[])[1, 57, 114])
        {
            recount.AssertEqual(await OverviewAsync("hamlet", draftId, page), draftId, now, days: 14, page, people);
        }

        // The order of the leaderboards is that of the formulas, over everybody in this database.
        foreach (var metric in Enum.GetValues<LeaderboardMetric>())
        {
            var board = Given.Succeed(await services.GetRequiredService<LeaderboardService>().ReadAsync("hamlet", metric, now));
            recount.AssertEqual(board, now);
            Assert.True(metric != LeaderboardMetric.Collaboration || board.Entries[0].UserId == "hamlet");
        }
    }

    [Fact]
    public async Task An_overview_tells_everything_of_one_instant()
    {
        var draft = await ADraftOfTwoDaysAsync();

        var overview = await OverviewAsync(draft.Ben, draft.Id, now: Noon.AddHours(1));

        Assert.Equal((Noon.AddHours(1), 3), (overview.Now, overview.Figures.Segments));
        Assert.Equal(["Ana", "Ben", "Cleo"], overview.Names.Values.Order());
        Assert.Equal(
            [
                new HeldTurn(2, draft.Ben, "Ben", Noon.AddMinutes(10), To: null, TimeSpan.FromMinutes(50)),
                new HeldTurn(1, draft.Ana, "Ana", Noon, Noon.AddMinutes(10), TimeSpan.FromMinutes(10)),
            ],
            overview.Holds.Rows);
        Assert.Equal(new Velocity(7, null), overview.Velocity); // 7 words, on a first day of an hour
        Assert.Equal(InsightType.DominantUser, Assert.Single(overview.Insights.Insights).Type);
        var head = (await services.ReadAsync(draft.Id, draft.Ben)).Head;
        Assert.Equal((head, Role.Writer, 4, 3), (overview.Head, head.Role, head.SegmentCount, head.Turn));
    }

    [Fact]
    public async Task The_holds_come_ten_by_ten_and_the_last_page_stands_for_those_beyond()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        for (var i = 0; i < 6; i++)
        {
            await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
            await services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        }

        var (first, last, beyond) = (await OverviewAsync(draft.Ana, draft.Id), await OverviewAsync(draft.Ana, draft.Id, page: 2), await OverviewAsync(draft.Ana, draft.Id, page: 9));

        Assert.Equal((13, 1, 2, 2), (first.Holds.Count, first.Holds.Page, last.Holds.Page, beyond.Holds.Page));
        Assert.Equal([13, 12, 11, 10, 9, 8, 7, 6, 5, 4], first.Holds.Rows.Select(turn => turn.Turn));
        Assert.Equal([3, 2, 1], last.Holds.Rows.Select(turn => turn.Turn));
        Assert.Equal(last.Holds.Rows, beyond.Holds.Rows);
    }

    [Fact]
    public async Task Completion_ends_the_last_hold_of_an_overview()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        clock.Advance(TimeSpan.FromMinutes(30));
        Given.Succeed(await services.GetRequiredService<DraftService>().CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)));
        clock.Advance(TimeSpan.FromDays(20));

        var overview = await OverviewAsync(draft.Ana, draft.Id);

        Assert.Equal(new HeldTurn(1, draft.Ana, "Ana", Noon, Noon.AddMinutes(30), TimeSpan.FromMinutes(30)), Assert.Single(overview.Holds.Rows));
        Assert.Equal(new Velocity(null, null), overview.Velocity);
    }

    [Fact]
    public async Task What_a_server_with_a_faster_clock_has_written_belongs_to_the_present()
    {
        var draft = await ADraftOfTwoDaysAsync();
        var written = clock.GetUtcNow().AddHours(-1.5);

        clock.AdjustTime(Noon);

        var overview = await OverviewAsync(draft.Ana, draft.Id);
        Assert.Equal((written, 4, 2), (overview.Now, overview.Figures.Segments, overview.Figures.RingPasses));
        Assert.Equal((overview.Head.SegmentCount, overview.Head.Turn), (overview.Figures.Segments, overview.Holds.Rows[0].Turn));
    }

    /// <summary>Ana writes 2 segments and passes to Ben after 10 minutes, who writes one and passes back a day later; Ana writes, and an hour and a half go by.</summary>
    private async Task<ADraft> ADraftOfTwoDaysAsync()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.AppendAsync(draft.Id, draft.Ana, "One two three");
        clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMicroseconds(1));
        await services.AppendAsync(draft.Id, draft.Ana, "Four\nfive");
        clock.Advance(TimeSpan.FromMicroseconds(1));
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await services.AppendAsync(draft.Id, draft.Ben, "Six  seven");
        clock.Advance(TimeSpan.FromDays(1));
        await services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        await services.AppendAsync(draft.Id, draft.Ana, "Eight nine");
        clock.Advance(TimeSpan.FromHours(1.5));
        return draft;
    }

    private async Task<DraftFigures> FiguresAsync(string userId, Guid draftId, int days = 14, DateTimeOffset? now = null) =>
        Given.Succeed(await Analytics.FindDraftFiguresAsync(userId, draftId, days, now));

    private async Task<DraftOverview> OverviewAsync(string userId, Guid draftId, int page = 1, DateTimeOffset? now = null) =>
        Given.Succeed(await Analytics.FindOverviewAsync(userId, draftId, page: page, now: now));

    private async Task<string?> RecommendedAsync(ADraft draft) =>
        Assert.Single(Given.Succeed(await Analytics.FindInsightsAsync(draft.Ana, draft.Id)).Recommendations).UserId;

    private async Task RemoveAsync(ADraft draft, string userId) =>
        Given.Succeed(await services.GetRequiredService<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, userId)));
}
