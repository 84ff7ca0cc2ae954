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

    /// <summary>Puts what is counted already into the sums of quarters of an hour and of hours, when these come. Nobody counts meanwhile.</summary>
    public static readonly string PostgresCountSlots = $"""
        select pg_advisory_xact_lock({RollupSql.Lock.ToString(CultureInfo.InvariantCulture)});
        insert into activity_hours (hour, platform, drafts, segments, words, passes, automatic_passes, completed)
            select slot / 4, platform, sum(drafts), sum(segments), sum(words), sum(passes), sum(automatic_passes), sum(completed) from activity_slots group by 1, 2;
        create temporary table counted on commit drop as
            select cast(floor(extract(epoch from e.occurred_at) / 900) as integer) as slot, e.type, e.draft_id, e.actor_id, d.platform,
                coalesce(cast(e.data ->> 'words' as integer), 0) as words,
                case when e.data ->> 'chosen' in ('most_inactive', 'round_robin', 'back_to_creator', 'returned', 'reclaimed', 'expired') then e.data ->> 'chosen' else 'manual' end as chosen
            from analytics_events e join counted_drafts d on d.draft_id = e.draft_id
            where e.type in ('SegmentAdded', 'RingPassed')
                and not exists (select 1 from uncounted_events u where u.occurred_at = e.occurred_at and u.event_id = e.id);
        insert into pass_slots (slot, platform, chosen, passes)
            select slot, platform, chosen, count(*) from counted where type = 'RingPassed' group by 1, 2, 3;
        insert into writer_slots (slot, user_id, platform, segments, words)
            select slot, actor_id, platform, count(*), sum(words) from counted where type = 'SegmentAdded' and actor_id is not null group by 1, 2, 3 order by 1;
        insert into draft_slots (slot, draft_id, segments, words, passes)
            select slot, draft_id, count(case when type = 'SegmentAdded' then 1 end), sum(case when type = 'SegmentAdded' then words else 0 end),
                count(case when type = 'RingPassed' and chosen not in ('returned', 'expired') then 1 end)
            from counted group by 1, 2 order by 1;
        """;

    /// <summary>Puts the days that are counted already together to spans of eight, when these come. Nobody counts meanwhile.</summary>
    public static readonly string PostgresCountStretches = $"""
        select pg_advisory_xact_lock({RollupSql.Lock.ToString(CultureInfo.InvariantCulture)});
        insert into writer_spans (span, start, user_id, platform, segments, words)
            select 8, start / 8, user_id, platform, sum(segments), sum(words) from writer_spans where span = 1 group by 2, 3, 4;
        insert into draft_spans (span, start, draft_id, segments, words, passes)
            select 8, start / 8, draft_id, sum(segments), sum(words), sum(passes) from draft_spans where span = 1 group by 2, 3;
        insert into hold_spans (span, start, platform, bucket, holds)
            select 8, start / 8, platform, bucket, sum(holds) from hold_spans where span = 1 group by 2, 3, 4;
        insert into score_spans (span, start, user_id, segments, rings_received, drafts, contributed_drafts, momentum)
            select 8, start / 8, user_id, sum(segments), sum(rings_received), sum(drafts), sum(contributed_drafts), sum(momentum)
            from score_spans where span = 1 group by 2, 3;
        """;

    /// <summary>Puts the quarters of an hour that are counted already together to parts of a day, when these come. Nobody counts meanwhile.</summary>
    public static readonly string PostgresCountParts = $"""
        select pg_advisory_xact_lock({RollupSql.Lock.ToString(CultureInfo.InvariantCulture)});
        insert into writer_parts (part, user_id, platform, segments, words)
            select slot / 16, user_id, platform, sum(segments), sum(words) from writer_slots group by 1, 2, 3 order by 1;
        insert into draft_parts (part, draft_id, segments, words, passes)
            select slot / 16, draft_id, sum(segments), sum(words), sum(passes) from draft_slots group by 1, 2 order by 1;
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
