using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Analytics;
using OneRing.Data.Analytics.Rollups;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Analytics.Rollups;

public sealed class EventCounterTests_InMemory(InMemory database) : EventCounterTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class EventCounterTests_Postgres(Postgres database) : EventCounterTests(database), IClassFixture<Postgres>
{
    private static readonly Dictionary<string, string?> NoRetries = new(StringComparer.Ordinal) { ["OneRing:Database:Retries"] = "0" };

    [Theory]
    [InlineData(FailWhen.BeforeServer)]
    [InlineData(FailWhen.AfterServer)]
    public async Task A_line_cut_at_any_round_trip_counts_nothing_twice_and_leaves_nothing_out(FailWhen when)
    {
        await using var proxy = PostgresProxy.Start(Database.ConnectionString!);
        await using var services = Database.BuildServices(connectionString: proxy.ConnectionString, settings: NoRetries);
        var counter = services.GetRequiredService<EventCounter>();
        await counter.CountAsync();

        for (var trip = 1; ; trip++)
        {
            await LiveAsync(Database.Services);
            var cut = proxy.FailAt(trip, when);
            var failure = await Record.ExceptionAsync(() => counter.CountAsync());
            Assert.Equal(cut.IsCompleted, failure is not null);
            _ = proxy.FailAt(1, when, _ => false);

            await CountAllAsync(counter);
            await AssertSumsAreThoseCountedAnewAsync();
            if (!cut.IsCompleted)
            {
                Assert.True(trip > 15, $"There were only {trip} round trips.");
                break;
            }
        }
    }

    [Fact]
    public async Task Sums_that_come_with_a_later_version_are_of_what_was_counted_before_too()
    {
        await LiveAsync(Database.Services);
        await CountAllAsync(Database.Services.GetRequiredService<EventCounter>());
        await LiveAsync(Database.Services);

        await using (var db = await Database.Services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync())
        {
            await db.Database.MigrateAsync("EventsKept");
            await db.Database.MigrateAsync();
        }

        await CountAllAsync(Database.Services.GetRequiredService<EventCounter>());
        Assert.Contains(await SumsAsync(), row => row.StartsWith("writer_slots: ", StringComparison.Ordinal));
        await AssertSumsAreThoseCountedAnewAsync();
    }

    /// <summary>The server may need a moment to see that the line is cut, and holds the lock until then.</summary>
    private async Task CountAllAsync(EventCounter counter)
    {
        await using var connection = await Database.OpenDirectAsync();
        var start = Stopwatch.GetTimestamp();
        do
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), "Something stays uncounted.");
            await counter.CountAsync();
        }
        while (await connection.CountAsync("select count(*) from uncounted_events") > 0);
    }

    [Fact]
    public async Task Two_servers_that_count_while_people_write_count_each_event_once()
    {
        await using var other = Database.BuildServices();
        var counted = new int[4];
        var isWriting = true;
        var counting = Race.AtOnceAsync(counted.Length, async number =>
        {
            while (Volatile.Read(ref isWriting))
            {
                counted[number] += await (number % 2 == 0 ? Database.Services : other).GetRequiredService<EventCounter>().CountAsync();
            }
            return true;
        });
        // Who asks first counts all that is there: it goes on until each server has come to it.
        var start = Stopwatch.GetTimestamp();
        bool HaveBoth() => counted[0] + counted[2] > 0 && counted[1] + counted[3] > 0;
        await Race.AtOnceAsync(6, async _ =>
        {
            for (var i = 0; i < 4 || (!HaveBoth() && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30)); i++)
            {
                await LiveAsync(Database.Services);
            }
            return true;
        });
        Volatile.Write(ref isWriting, false);
        await counting;

        await other.GetRequiredService<EventCounter>().CountAsync();
        Assert.True(HaveBoth(), $"Only one of the servers counted: {string.Join(", ", counted)}.");
        await AssertSumsAreThoseCountedAnewAsync();
    }

    [Fact]
    public async Task While_another_server_counts_figures_come_at_once_and_say_that_they_are_behind()
    {
        var ada = await Database.Services.APersonAsync("Ada", isAdmin: true);
        await using var other = await Database.OpenDirectAsync();
        await other.ExecuteAsync($"select pg_advisory_lock({RollupSql.Lock})");
        await LiveAsync(Database.Services);

        var behind = Given.Succeed(await Database.Get<AnalyticsService>().ReadDashboardAsync(ada, new DashboardQuery()));
        await other.ExecuteAsync($"select pg_advisory_unlock({RollupSql.Lock})");
        var whole = Given.Succeed(await Database.Get<AnalyticsService>().ReadDashboardAsync(ada, new DashboardQuery()));

        Assert.Equal((true, false), (behind.IsBehind, whole.IsBehind));
        await AssertSumsAreThoseCountedAnewAsync();
    }

    [Fact]
    public async Task Until_all_is_counted_anew_everybody_sees_the_sums_as_they_were()
    {
        await LiveAsync(Database.Services);
        await Database.Get<EventCounter>().CountAsync();
        var before = await SumsAsync();
        await using var proxy = PostgresProxy.Start(Database.ConnectionString!);
        await using var services = Database.BuildServices(connectionString: proxy.ConnectionString, settings: NoRetries);

        var cut = proxy.FailAt(1, FailWhen.BeforeServer, flight => flight.Contains("drop table counting"));
        Assert.NotNull(await Record.ExceptionAsync(() => services.CountEventsAnewAsync()));

        Assert.True(cut.IsCompleted);
        Assert.Equal(before, await SumsAsync());
        await AssertSumsAreThoseCountedAnewAsync();
    }
}

/// <summary>However events come to be counted, the sums are those of all events, counted anew.</summary>
public abstract class EventCounterTests(TestDatabase database)
{
    private static int age;

    protected TestDatabase Database => database;

    [Fact]
    public async Task Events_that_come_late_and_in_any_order_are_counted_where_they_belong()
    {
        var counter = database.Get<EventCounter>();
        var store = database.Get<EventStore>();
        var (ana, ben) = ("late-ana", "late-ben");
        var start = new DateTimeOffset(1990, 3, 1, 10, 0, 0, TimeSpan.Zero);
        var draftId = Guid.CreateVersion7(start);
        AnalyticsEvent[] events =
        [
            AnalyticsEvent.Of(EventType.DraftCreated, start, draftId, ana, ("platform", "story")),
            AnalyticsEvent.Of(EventType.SegmentAdded, start.AddMinutes(1), draftId, ana, ("words", 5)),
            AnalyticsEvent.Of(EventType.RingPassed, start.AddMinutes(10), draftId, ana, ("turn", 2), ("to", ben), ("chosen", "manual")),
            AnalyticsEvent.Of(EventType.SegmentAdded, start.AddMinutes(20), draftId, ben, ("words", 7)),
            AnalyticsEvent.Of(EventType.RingPassed, start.AddMinutes(40), draftId, ben, ("turn", 3), ("to", ana), ("chosen", "round_robin")),
            AnalyticsEvent.Of(EventType.DraftPublished, start.AddMinutes(100), draftId, ana),
            AnalyticsEvent.Of(EventType.RingPassed, start.AddMinutes(110), draftId, ana, ("turn", 4), ("to", ben), ("chosen", "returned")),
        ];
        new Random(7).Shuffle(events);
        foreach (var happened in events)
        {
            Assert.True(await store.AppendAsync(happened));
            Assert.Equal(1, await counter.CountAsync());
            Assert.False(await store.AppendAsync(happened with { Id = Guid.CreateVersion7() }));
            Assert.Equal(0, await counter.CountAsync());
            await AssertSumsAreThoseCountedAnewAsync();
        }

        var ada = await database.Services.APersonAsync("Ada", isAdmin: true);
        var dashboard = Given.Succeed(await database.Get<AnalyticsService>().ReadDashboardAsync(ada, new DashboardQuery(Window.Day), start.AddHours(5)));
        // Holds of 10, 30 and 60 minutes; the ring that went home afterwards was not held.
        Assert.Equal(new DashboardFigures(ActiveWriters: 2, Drafts: 1, Segments: 2, Words: 12, Passes: 2, Completed: 1, MedianHoldMinutes: 30, P90HoldMinutes: 54), dashboard.Figures);
    }

    [Fact]
    public async Task A_contribution_that_turns_out_to_be_earlier_is_counted_once_and_where_it_belongs()
    {
        var start = new DateTimeOffset(1992, 3, 1, 10, 0, 0, TimeSpan.Zero);
        var draftId = Guid.CreateVersion7(start);
        AnalyticsEvent[] events =
        [
            // Whose draft it is comes to be known third.
            AnalyticsEvent.Of(EventType.SegmentAdded, start.AddDays(50), draftId, "early-ben", ("words", 1)),
            AnalyticsEvent.Of(EventType.SegmentAdded, start.AddDays(3), draftId, "early-ben", ("words", 1)),
            AnalyticsEvent.Of(EventType.DraftCreated, start, draftId, "early-ana", ("platform", "story")),
            AnalyticsEvent.Of(EventType.SegmentAdded, start.AddDays(1), draftId, "early-ben", ("words", 1)),
            AnalyticsEvent.Of(EventType.SegmentAdded, start.AddDays(2), draftId, "early-ana", ("words", 1)),
        ];
        foreach (var happened in events)
        {
            Assert.True(await database.Get<EventStore>().AppendAsync(happened));
            await database.Get<EventCounter>().CountAsync();
            await AssertSumsAreThoseCountedAnewAsync();
        }

        await using var connection = await database.OpenDirectAsync();
        Assert.Equal(1, await connection.CountAsync("select contributed_drafts from score_spans where user_id = 'early-ben' and span = 1048576"));
        Assert.Equal(0, await connection.CountAsync("select contributed_drafts from score_spans where user_id = 'early-ana' and span = 1048576"));
    }

    [Fact]
    public async Task What_has_no_draft_and_no_data_is_counted_all_the_same()
    {
        var counter = database.Get<EventCounter>();
        var at = new DateTimeOffset(1985, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(Interlocked.Increment(ref age));
        foreach (var type in Enum.GetValues<EventType>())
        {
            await database.Get<EventStore>().AppendAsync(AnalyticsEvent.Of(type, at, Guid.CreateVersion7(), actorId: null));
        }
        // The same turn of a draft twice, which no command can do.
        var draftId = Guid.CreateVersion7();
        foreach (var minutes in (int[])[1, 2])
        {
            await database.Get<EventStore>().AppendAsync(
                AnalyticsEvent.Of(EventType.RingPassed, at.AddMinutes(minutes), draftId, "x", ("turn", 2), ("to", "y"), ("chosen", "by some later version")));
        }

        Assert.Equal(6, await counter.CountAsync());
        await AssertSumsAreThoseCountedAnewAsync();
        await using var connection = await database.OpenDirectAsync();
        Assert.Equal(0, await connection.CountAsync("select count(*) from uncounted_events"));
    }

    [Fact]
    public async Task More_events_than_fit_one_batch_are_counted_in_several()
    {
        var at = new DateTimeOffset(1975, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await database.Get<EventCounter>().CountAsync();
        var events = Enumerable.Range(0, 25).Select(i => AnalyticsEvent.Of(EventType.SegmentAdded, at.AddMinutes(i), Guid.CreateVersion7(), "somebody", ("words", i)));
        foreach (var happened in events)
        {
            await database.Get<EventStore>().AppendAsync(happened);
        }

        Assert.Equal(25, await database.Get<EventCounter>().CountAsync(most: 10));
        await AssertSumsAreThoseCountedAnewAsync();
    }

    /// <summary>A draft with two voices, ended now and then.</summary>
    protected static async Task LiveAsync(IServiceProvider services)
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.AppendAsync(draft.Id, draft.Ana, "One two three");
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await services.AppendAsync(draft.Id, draft.Ben, "Four");
        await services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        if (draft.Id.GetHashCode() % 2 == 0)
        {
            Given.Succeed(await services.GetRequiredService<DraftService>().CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)));
        }
    }

    protected async Task AssertSumsAreThoseCountedAnewAsync()
    {
        var sums = await SumsAsync();
        Assert.True(await database.Services.CountEventsAnewAsync() > 0, "There was nothing to count.");
        Assert.Equal(await SumsAsync(), sums);
    }

    /// <summary>Every row of every table of sums, but for those that say nothing.</summary>
    protected async Task<string[]> SumsAsync()
    {
        await using var connection = await database.OpenDirectAsync();
        var rows = new List<string>();
        foreach (var table in (string[])["counted_drafts", "activity_slots", "activity_hours", "pass_slots", "pass_days", "writer_slots", "writer_parts", "writer_spans", "draft_slots", "draft_parts", "draft_spans", "draft_writers", "score_spans", "ring_holds", "hold_spans"])
        {
            rows.AddRange((await connection.ReadAsync($"select * from {table}{(table == "hold_spans" ? " where holds <> 0" : "")}")).Select(row => $"{table}: {row}"));
        }
        return [.. rows.Order(StringComparer.Ordinal)];
    }
}
