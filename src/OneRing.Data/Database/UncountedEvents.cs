using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace OneRing.Data.Database;

/// <summary>
/// An event that sums are made of is noted as uncounted in the statement that writes it, by the database itself: no way of writing events can
/// forget it, not even that of an older server beside this one.
/// </summary>
internal static class UncountedEvents
{
    /// <summary>The types that sums are made of.</summary>
    public const string Types = "'DraftCreated', 'SegmentAdded', 'RingPassed', 'DraftPublished'";

    public const string PostgresUp = $"""
        create function note_uncounted_event() returns trigger language plpgsql as $$
        begin
            insert into uncounted_events (occurred_at, event_id) values (new.occurred_at, new.id);
            return null;
        end $$;
        create trigger analytics_events_uncounted after insert on analytics_events
            for each row when (new.type in ({Types})) execute function note_uncounted_event();
        insert into uncounted_events (occurred_at, event_id) select occurred_at, id from analytics_events where type in ({Types});
        """;

    /// <summary>Forgets the sums that there are when sums of scores come, and notes every event again: nobody counts meanwhile, and what is noted is then counted.</summary>
    public static readonly string PostgresCountScores = $"""
        select pg_advisory_xact_lock({RollupSql.Lock.ToString(CultureInfo.InvariantCulture)});
        delete from counted_drafts; delete from activity_slots; delete from pass_days; delete from writer_spans; delete from draft_spans;
        delete from draft_writers; delete from ring_holds; delete from hold_spans;
        insert into uncounted_events (occurred_at, event_id) select occurred_at, id from analytics_events where type in ({Types}) on conflict do nothing;
        """;

    public const string PostgresDown = "drop trigger analytics_events_uncounted on analytics_events; drop function note_uncounted_event();";

    private const string InMemory = $"""
        create trigger if not exists analytics_events_uncounted after insert on analytics_events when new.type in ({Types})
            begin insert into uncounted_events (occurred_at, event_id) values (new.occurred_at, new.id); end;
        """;

    /// <summary>What a migration does on PostgreSQL, for the schema in memory.</summary>
    public static Task PrepareInMemoryAsync(OneRingDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlRawAsync(InMemory, cancellationToken);
}
