using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Database;

[Trait("Database", "PostgreSQL")]
public sealed class EventPartitionsTests(Postgres database) : IClassFixture<Postgres>
{
    private static readonly DateTimeOffset LateInNovember = new(2031, 11, 30, 23, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_start_makes_the_partitions_of_this_and_the_next_two_months_beside_the_default()
    {
        await using var connection = await database.OpenDirectAsync();
        await using var server = database.BuildServices(new FakeTimeProvider(LateInNovember));

        await server.PrepareDatabaseAsync();

        await connection.ExecuteAsync("set timezone = 'UTC'");
        var partitions = await connection.ReadAsync(
            """
            select p.relname || ': ' || pg_get_expr(p.relpartbound, p.oid)
            from pg_inherits i join pg_class p on p.oid = i.inhrelid
            where i.inhparent = 'analytics_events'::regclass and (p.relname like '%\_2031\_%' or p.relname like '%\_2032\_%' or p.relname like '%default')
            order by p.relname
            """);
        Assert.Equal(
            [
                "analytics_events_2031_11: FOR VALUES FROM ('2031-11-01 00:00:00+00') TO ('2031-12-01 00:00:00+00')",
                "analytics_events_2031_12: FOR VALUES FROM ('2031-12-01 00:00:00+00') TO ('2032-01-01 00:00:00+00')",
                "analytics_events_2032_01: FOR VALUES FROM ('2032-01-01 00:00:00+00') TO ('2032-02-01 00:00:00+00')",
                "analytics_events_default: DEFAULT",
            ],
            partitions);
    }

    [Fact]
    public async Task An_event_of_a_month_without_partition_waits_in_the_default_and_moves_when_its_month_is_made()
    {
        var draftId = Guid.CreateVersion7();
        var store = database.Get<EventStore>();
        var last = Event(draftId, new DateTimeOffset(2035, 4, 30, 23, 59, 59, TimeSpan.Zero).AddTicks(9_999_990));
        var first = Event(draftId, new DateTimeOffset(2035, 5, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.True(await store.AppendAsync(first));
        Assert.True(await store.AppendAsync(last));
        Assert.Equal(["analytics_events_default", "analytics_events_default"], await PartitionsOfAsync(draftId));

        await PrepareAsync(new DateTimeOffset(2035, 5, 17, 0, 0, 0, TimeSpan.Zero));

        Assert.Equal(["analytics_events_default", "analytics_events_2035_05"], await PartitionsOfAsync(draftId));
        Assert.Equal([last.Id, first.Id], (await store.ReadAsync(new EventQuery(DraftId: draftId))).Select(e => e.Id));
        Assert.False(await store.AppendAsync(first));
        Assert.True(await store.AppendAsync(Event(draftId, first.OccurredAt.AddDays(1))));
        Assert.Equal("analytics_events_2035_05", (await PartitionsOfAsync(draftId))[^1]);
    }

    [Fact]
    public async Task Several_servers_may_make_the_same_months_at_once_while_events_come_in()
    {
        var draftId = Guid.CreateVersion7();
        var start = new DateTimeOffset(2041, 1, 1, 0, 0, 0, TimeSpan.Zero);

        await Race.AtOnceAsync(8, async i =>
        {
            if (i % 2 == 0)
            {
                await PrepareAsync(start);
            }
            return i % 2 == 0 || await database.Get<EventStore>().AppendAsync(Event(draftId, start.AddDays(i)));
        });

        Assert.Equal(Enumerable.Repeat("analytics_events_2041_01", 4), await PartitionsOfAsync(draftId));
    }

    [Fact]
    public async Task A_partition_keeps_the_rules_of_the_whole()
    {
        await PrepareAsync(new DateTimeOffset(2051, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var connection = await database.OpenDirectAsync();

        var rules = await connection.ReadAsync(
            """
            select contype, pg_get_constraintdef(oid) from pg_constraint
            where conrelid = 'analytics_events'::regclass and contype in ('p', 'c')
            except
            select contype, pg_get_constraintdef(oid) from pg_constraint
            where conrelid = 'analytics_events_2051_01'::regclass
            """);
        var indexes = await connection.CountAsync("select count(*) from pg_index where indrelid = 'analytics_events_2051_01'::regclass");

        Assert.Empty(rules);
        Assert.Equal(await connection.CountAsync("select count(*) from pg_index where indrelid = 'analytics_events'::regclass"), indexes);
    }

    private static AnalyticsEvent Event(Guid draftId, DateTimeOffset at) => AnalyticsEvent.Of(EventType.DraftShared, at, draftId, "ana");

    private async Task PrepareAsync(DateTimeOffset now)
    {
        await using var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        await EventPartitions.PrepareAsync(db, now, CancellationToken.None);
    }

    private async Task<IReadOnlyList<string>> PartitionsOfAsync(Guid draftId)
    {
        await using var connection = await database.OpenDirectAsync();
        return await connection.ReadAsync("select tableoid::regclass::text from analytics_events where draft_id = @draft order by occurred_at", ("draft", draftId));
    }
}
