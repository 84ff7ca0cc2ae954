using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Analytics;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Analytics;

public sealed class AnalyticsServiceTests_InMemory(InMemory database) : AnalyticsServiceTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class AnalyticsServiceTests_Postgres(Postgres database) : AnalyticsServiceTests(database), IClassFixture<Postgres>;

/// <summary>A dashboard counts over all drafts, so each of these tests lives in an age of its own.</summary>
public abstract class AnalyticsServiceTests(TestDatabase database)
{
    private static readonly TimeSpan Instant = TimeSpan.FromMicroseconds(1);

    [Fact]
    public async Task A_dashboard_counts_what_happened_day_by_day()
    {
        await using var server = await AtAsync(new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var (services, clock) = (server.Services, server.Clock);
        var ada = await services.APersonAsync("Ada", isAdmin: true);

        clock.Advance(TimeSpan.FromDays(5)); // 6 January
        var draft = await services.ADraftHeldByAnaAsync();
        await services.AppendAsync(draft.Id, draft.Ana, "One");
        clock.Advance(TimeSpan.FromDays(20)); // 26 January
        await services.AppendAsync(draft.Id, draft.Ana, "Two");
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        clock.Advance(TimeSpan.FromDays(5)); // 31 January
        await services.AppendAsync(draft.Id, draft.Ben, "Three");
        clock.Advance(TimeSpan.FromHours(9)); // 09:00
        var second = await services.ADraftHeldByAnaAsync();
        await services.AppendAsync(second.Id, second.Ana, "Four");
        await services.AppendAsync(second.Id, second.Ana, "Five");
        await services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        clock.Advance(TimeSpan.FromHours(15.5)); // 1 February, 00:30
        await services.GetRequiredService<EventStore>().AppendAsync(
            AnalyticsEvent.Of(EventType.SegmentAdded, clock.GetUtcNow() + Instant, draft.Id, draft.Dan));

        var all = await ReadAsync(services, ada, Window.All);
        Assert.Equal((null, clock.GetUtcNow()), (all.From, all.To));
        Assert.Equal((2, 5, 2, 3), Counts(all));
        Assert.Equal(27, all.Periods.Count);
        Assert.Equal(new ActivityPeriod(Day(2001, 1, 6), 1, 1, 1, 0, 0), all.Periods[0]);
        Assert.Equal(new ActivityPeriod(Day(2001, 1, 7), 0, 0, 0, 0, 0), all.Periods[1]);
        Assert.Equal(new ActivityPeriod(Day(2001, 1, 26), 0, 1, 1, 1, 0), all.Periods[20]);
        Assert.Equal(new ActivityPeriod(Day(2001, 1, 31), 1, 3, 3, 1, 0), all.Periods[25]);
        Assert.Equal(new ActivityPeriod(Day(2001, 2, 1), 0, 0, 0, 0, 0), all.Periods[26]);

        var day = await ReadAsync(services, ada, Window.Day);
        Assert.Equal((1, 2, 1, 1), Counts(day));
        Assert.Equal((0, 1, 0, 1), (day.Before!.Drafts, day.Before.Segments, day.Before.Passes, day.Before.ActiveWriters));
        Assert.Equal([Day(2001, 1, 31), Day(2001, 2, 1)], day.Periods.Select(d => d.Start));

        var week = await ReadAsync(services, ada, Window.Week);
        Assert.Equal((1, 4, 2, 3), Counts(week));
        Assert.Null(all.Before);

        foreach (var dashboard in (Dashboard[])[all, day, week, await ReadAsync(services, ada, Window.Month)])
        {
            await AssertEqualsTheRowsAsync(services, dashboard);
        }
    }

    [Theory]
    [InlineData(Window.Day, 2011, 1)]
    [InlineData(Window.Week, 2012, 7)]
    [InlineData(Window.Month, 2013, 30)]
    public async Task A_window_ends_with_now_and_begins_after_its_start(Window window, int year, int days)
    {
        await using var server = await AtAsync(new DateTimeOffset(year, 6, 15, 13, 0, 0, TimeSpan.Zero));
        var ada = await server.Services.APersonAsync("Ada", isAdmin: true);
        var now = server.Clock.GetUtcNow();
        var store = server.Services.GetRequiredService<EventStore>();
        foreach (var at in (DateTimeOffset[])[now.AddDays(-days), now.AddDays(-days) + Instant, now, now + Instant, now.AddDays(1)])
        {
            await store.AppendAsync(AnalyticsEvent.Of(EventType.SegmentAdded, at, Guid.CreateVersion7(), $"{at:O}"));
        }

        var dashboard = await ReadAsync(server.Services, ada, window);

        Assert.Equal((now.AddDays(-days), now), (dashboard.From, dashboard.To));
        Assert.Equal((2, 2), (dashboard.Figures.Segments, dashboard.Figures.ActiveWriters));
        Assert.Equal(days + 1, dashboard.Periods.Count);
        Assert.Equal(now.UtcDateTime.Date.AddDays(-days), dashboard.Periods[0].Start.UtcDateTime);
        Assert.Equal([1, .. Enumerable.Repeat(0, days - 1), 1], dashboard.Periods.Select(day => day.Segments));
    }

    [Theory]
    [InlineData("2026-03-10", "2026-03-11", "Europe/Berlin", null)]
    [InlineData("2014-06-16", "9998-12-31", "Asia/Kathmandu", null)]
    [InlineData("9998-12-31", "9998-12-31", "Pacific/Kiritimati", null)]
    [InlineData("1970-01-01", "1970-01-01", "Pacific/Kiritimati", null)]
    [InlineData("9998-12-31", "9999-01-01", "UTC", Refusal.WindowInvalid)]
    [InlineData("1969-12-31", "1970-01-01", "UTC", Refusal.WindowInvalid)]
    [InlineData("2014-06-16", "2014-06-15", "UTC", Refusal.WindowInvalid)]
    [InlineData("2014-06-15", "2014-06-15", "Nowhere", Refusal.WindowInvalid)]
    public async Task Days_that_are_still_to_come_or_long_past_are_empty_and_days_beyond_all_time_are_refused(string first, string last, string zone, Refusal? refusal)
    {
        await using var server = await AtAsync(new DateTimeOffset(2014, 6, 15, 13, 0, 0, TimeSpan.Zero));
        var ada = await server.Services.APersonAsync("Ada", isAdmin: true);
        var analytics = server.Services.GetRequiredService<AnalyticsService>();
        foreach (var comparison in Enum.GetValues<Comparison>())
        {
            var query = new DashboardQuery(
                Dates: (DateOnly.Parse(first, CultureInfo.InvariantCulture), DateOnly.Parse(last, CultureInfo.InvariantCulture)), Zone: zone, Comparison: comparison);

            var dashboard = await analytics.ReadDashboardAsync(ada, query);
            var drafts = await analytics.ListDraftsAsync(ada, query);

            Assert.Equal((refusal, refusal), (dashboard.Refusal, drafts.Refusal));
            if (refusal is null)
            {
                Assert.Equal((0, 0, 0), (dashboard.Value!.Figures.Segments, dashboard.Value.Periods.Sum(day => day.Segments), drafts.Value!.Count));
            }
        }
    }

    [Fact]
    public async Task Only_admins_see_the_dashboard()
    {
        await using var server = await AtAsync(new DateTimeOffset(2015, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var (ana, ada) = (await server.Services.APersonAsync("Ana"), await server.Services.APersonAsync("Ada", isAdmin: true));
        var analytics = server.Services.GetRequiredService<AnalyticsService>();
        Assert.True((await analytics.ReadDashboardAsync(ada, new DashboardQuery(Window.Day))).Succeeded);

        await using var connection = await database.OpenDirectAsync(server.Services);
        await connection.ExecuteAsync($"update users set disabled_at = created_at where id = '{ada}'");

        foreach (var userId in (string[])[ana, ada, "nobody", ""])
        {
            Assert.Equal(Refusal.Forbidden, (await analytics.ReadDashboardAsync(userId, new DashboardQuery(Window.Day))).Refusal);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100)]
    public async Task Admins_list_the_events_that_meet_every_condition_page_by_page(int limit)
    {
        var start = new DateTimeOffset(2016, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(limit);
        await using var server = await AtAsync(start);
        var (services, clock) = (server.Services, server.Clock);
        var ada = await services.APersonAsync("Ada", isAdmin: true);
        var draft = await services.ADraftHeldByAnaAsync(); // created, Ben and Cleo joined
        var other = await services.ADraftHeldByAnaAsync();
        clock.Advance(TimeSpan.FromHours(1));
        await services.AppendAsync(draft.Id, draft.Ana, "One");
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        clock.Advance(TimeSpan.FromHours(1));
        await services.AppendAsync(draft.Id, draft.Ben, "Two");
        await services.AppendAsync(other.Id, other.Ana, "Three");

        async Task<List<AnalyticsEvent>> ListAsync(EventQuery query)
        {
            var events = new List<AnalyticsEvent>();
            string? cursor = null;
            do
            {
                var page = Given.Succeed(await services.GetRequiredService<AnalyticsService>().ListEventsAsync(ada, query, cursor, limit));
                Assert.InRange(page.Items.Count, 0, limit);
                events.AddRange(page.Items);
                cursor = page.NextCursor;
            }
            while (cursor is not null);
            Assert.Equal(events.OrderBy(e => e.OccurredAt).ThenBy(e => e.Id.ToString(), StringComparer.Ordinal), events);
            return events;
        }

        var window = new EventQuery(From: start, To: start.AddHours(3));
        Assert.Equal(10, (await ListAsync(window)).Count);
        Assert.Equal(8, (await ListAsync(window with { To = start.AddHours(2) })).Count);
        Assert.Equal(4, (await ListAsync(window with { From = start.AddHours(1) })).Count);
        Assert.Equal(6, (await ListAsync(window with { DraftId = draft.Id })).Count);
        Assert.Equal(3, (await ListAsync(window with { Types = [EventType.SegmentAdded] })).Count);
        Assert.Equal(5, (await ListAsync(window with { Types = [EventType.SegmentAdded, EventType.DraftCreated] })).Count);
        Assert.Equal([EventType.SegmentAdded], (await ListAsync(window with { ActorId = draft.Ben })).Select(e => e.Type));
        Assert.Equal([draft.Id], (await ListAsync(window with { ActorId = draft.Ana, Types = [EventType.RingPassed] })).Select(e => e.DraftId));
        Assert.Empty(await ListAsync(window with { ActorId = "with\0nothing" }));
        Assert.Empty(await ListAsync(window with { DraftId = Guid.CreateVersion7() }));
    }

    [Fact]
    public async Task Only_admins_list_events()
    {
        await using var server = await AtAsync(new DateTimeOffset(2018, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var (ana, ada) = (await server.Services.APersonAsync("Ana"), await server.Services.APersonAsync("Ada", isAdmin: true));
        var analytics = server.Services.GetRequiredService<AnalyticsService>();
        Assert.True((await analytics.ListEventsAsync(ada, new EventQuery())).Succeeded);
        Assert.Equal(Refusal.CursorInvalid, (await analytics.ListEventsAsync(ada, new EventQuery(), "nonsense")).Refusal);

        await using var connection = await database.OpenDirectAsync(server.Services);
        await connection.ExecuteAsync($"update users set disabled_at = created_at where id = '{ada}'");

        foreach (var userId in (string[])[ana, ada, "nobody", ""])
        {
            Assert.Equal(Refusal.Forbidden, (await analytics.ListEventsAsync(userId, new EventQuery())).Refusal);
        }
    }

    private async Task<Server> AtAsync(DateTimeOffset now)
    {
        var clock = new FakeTimeProvider(now);
        var services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        return new Server(services, clock);
    }

    private static DateTimeOffset Day(int year, int month, int day) => new(year, month, day, 0, 0, 0, TimeSpan.Zero);

    private static (int Drafts, int Segments, int Passes, int ActiveWriters) Counts(Dashboard dashboard) =>
        (dashboard.Figures.Drafts, dashboard.Figures.Segments, dashboard.Figures.Passes, dashboard.Figures.ActiveWriters);

    private static async Task<Dashboard> ReadAsync(IServiceProvider services, string userId, Window window) =>
        Given.Succeed(await services.GetRequiredService<AnalyticsService>().ReadDashboardAsync(userId, new DashboardQuery(window, Unit: TimeUnit.Day)));

    /// <summary>Counts again, from the rows of the drafts rather than from the events.</summary>
    private async Task AssertEqualsTheRowsAsync(IServiceProvider services, Dashboard dashboard)
    {
        await using var connection = await database.OpenDirectAsync(services);
        var (from, to) = (dashboard.From ?? DateTimeOffset.UnixEpoch, dashboard.To);
        (string, object?)[] window = database.IsInMemory
            ? [("@from", from.UtcTicks), ("@to", to.UtcTicks)]
            : [("@from", from), ("@to", to)];

        Task<long> CountAsync(string what, string table, string time) =>
            connection.CountAsync($"select count({what}) from {table} where {time} > @from and {time} <= @to", window);

        Assert.Equal(await CountAsync("*", "drafts", "created_at"), dashboard.Figures.Drafts);
        Assert.Equal(await CountAsync("*", "draft_segments", "created_at"), dashboard.Figures.Segments);
        Assert.Equal(await CountAsync("*", "ring_passes", "passed_at"), dashboard.Figures.Passes);
        Assert.Equal(await CountAsync("distinct author_id", "draft_segments", "created_at"), dashboard.Figures.ActiveWriters);
        Assert.Equal(
            (dashboard.Figures.Drafts, dashboard.Figures.Segments, dashboard.Figures.Passes),
            (dashboard.Periods.Sum(d => d.Drafts), dashboard.Periods.Sum(d => d.Segments), dashboard.Periods.Sum(d => d.Passes)));
    }

    private sealed record Server(ServiceProvider Services, FakeTimeProvider Clock) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Services.DisposeAsync();
    }
}
