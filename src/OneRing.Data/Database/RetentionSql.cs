using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OneRing.Data.Analytics.Rollups;

namespace OneRing.Data.Database;

/// <summary>
/// Takes events out that happened before an instant, which begins a UTC month, and what was summed up of them. All of it belongs into one
/// transaction that holds the lock of those who count.
/// </summary>
internal static class RetentionSql
{
    /// <summary>Who belonged to a draft, and when, is known from these alone. Its people ask for as long as it is there.</summary>
    private const string StillNeeded = "(e.type in ('CollaboratorJoined', 'CollaboratorLeft') and exists (select 1 from drafts d where d.id = e.draft_id))";

    private const string IsUncounted = "exists (select 1 from uncounted_events u where u.occurred_at = e.occurred_at and u.event_id = e.id)";

    /// <summary>How many events there are to forget.</summary>
    public static Task<long> CountAsync(OneRingDbContext db, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var sql = $"select count(*) as \"Value\" from analytics_events e where {IsBefore(db, since)} and not {StillNeeded}";
        return db.Database.SqlQueryRaw<long>(sql).SingleAsync(cancellationToken);
    }

    /// <summary>Takes out of the sums what was counted of these events. What a draft or a hold was before, and is known by now, stays known.</summary>
    public static async Task ForgetSumsAsync(OneRingDbContext db, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var at = RollupSql.Time.Of(db.Database).Instant(since);
        var day = (since - DateTimeOffset.UnixEpoch).Days;
        await RunAsync(db, $"""
            update draft_writers set segments = draft_writers.segments - gone.segments, words = draft_writers.words - gone.words
            from (
                select e.draft_id, e.actor_id, count(*) as segments, sum(coalesce(cast(e.data ->> 'words' as integer), 0)) as words
                from analytics_events e where {IsBefore(db, since)} and e.type = 'SegmentAdded' and not {IsUncounted}
                group by e.draft_id, e.actor_id) gone
            where gone.draft_id = draft_writers.draft_id and gone.actor_id = draft_writers.user_id
            """, cancellationToken);
        foreach (var table in (string[])["activity_slots", "pass_slots", "writer_slots", "draft_slots"])
        {
            await RunAsync(db, $"delete from {table} where slot < {Number(day * Spans.SlotsPerDay)}", cancellationToken);
        }
        foreach (var table in (string[])["writer_parts", "draft_parts"])
        {
            await RunAsync(db, $"delete from {table} where part < {Number(day * Spans.PartsPerDay)}", cancellationToken);
        }
        await RunAsync(db, $"delete from activity_hours where hour < {Number(day * Spans.SlotsPerDay / Spans.SlotsPerHour)}", cancellationToken);
        await RunAsync(db, $"delete from pass_days where day < {Number(day)}", cancellationToken);
        foreach (var (table, of, sums) in ((string, string, string)[])
            [("writer_spans", "user_id, platform", "segments, words"), ("draft_spans", "draft_id", "segments, words, passes"), ("hold_spans", "platform, bucket", "holds")])
        {
            await RunAsync(db, $"delete from {table} where span = {Spans.Day} and start < {Number(day)}", cancellationToken);
            foreach (var length in Spans.Lengths.Where(length => length != Spans.Day))
            {
                // The span in which the instant lies is put together again from the days that are left of it.
                await RunAsync(db, $"delete from {table} where span = {length} and start <= {Number(day / length)}", cancellationToken);
                await RunAsync(db, $"""
                    insert into {table} (span, start, {of}, {sums})
                    select {length}, {Number(day / length)}, {of}, {string.Join(", ", sums.Split(", ").Select(sum => $"sum({sum})"))}
                    from {table} where span = {Spans.Day} and start >= {Number(day)} and start < {Number(((day / length) + 1) * length)}
                    group by {of}
                    """, cancellationToken);
            }
        }
        await RunAsync(db, $"delete from ring_holds where ended_at < {at} or passed_at < {at}", cancellationToken);
        // Of a draft that is gone, and in which nothing has happened since, nobody asks any more.
        await RunAsync(db, """
            delete from counted_drafts where not exists (select 1 from drafts d where d.id = counted_drafts.draft_id)
                and not exists (select 1 from draft_spans s where s.draft_id = counted_drafts.draft_id and s.span = 1)
                and not exists (select 1 from ring_holds h where h.draft_id = counted_drafts.draft_id)
            """, cancellationToken);
        await RunAsync(db, """
            delete from draft_writers where segments = 0
                and not exists (select 1 from drafts d where d.id = draft_writers.draft_id)
                and not exists (select 1 from counted_drafts c where c.draft_id = draft_writers.draft_id)
            """, cancellationToken);
    }

    /// <summary>
    /// Takes out the events themselves: on PostgreSQL whole months, and from the default partition those of months that have none. One that has
    /// come meanwhile, and is in no sum, stays there until it has been counted.
    /// </summary>
    public static async Task ForgetEventsAsync(OneRingDbContext db, DateTimeOffset since, CancellationToken cancellationToken)
    {
        if (db.Database.IsNpgsql())
        {
            await EventPartitions.DropBeforeAsync(db, since, $"{StillNeeded} or {IsUncounted}", cancellationToken);
        }
        await RunAsync(db, $"""
            delete from analytics_events as e where {IsBefore(db, since)} and not {StillNeeded} and not {IsUncounted}
            """, cancellationToken);
    }

    private static string IsBefore(OneRingDbContext db, DateTimeOffset since) => $"e.occurred_at < {RollupSql.Time.Of(db.Database).Instant(since)}";

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    // Every part of this SQL is written by us.
    private static Task<int> RunAsync(OneRingDbContext db, string sql, CancellationToken cancellationToken) => db.Database.ExecuteSqlRawAsync(sql, cancellationToken);
}
