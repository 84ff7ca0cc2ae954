using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using OneRing.Data.Analytics.Rollups;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Database;

/// <summary>
/// Adds events to the sums, in SQL that both databases read alike but for the arithmetic of time. A batch is taken once, into a temporary
/// table, so that every statement counts the same events. All of it belongs into one transaction that holds the lock.
/// </summary>
internal static class RollupSql
{
    /// <summary>Any number, as long as it is the same on every server.</summary>
    public const long Lock = 0x4F6E6552696E68;

    /// <summary>Every table that is made of events alone.</summary>
    private static readonly IReadOnlyList<string> Sums =
    [
        "counted_drafts", "activity_slots", "activity_hours", "pass_slots", "pass_days", "writer_slots", "writer_parts", "writer_spans", "draft_slots", "draft_parts", "draft_spans",
        "draft_writers", "score_spans", "ring_holds", "hold_spans",
    ];

    /// <summary>What the data of an event says of it.</summary>
    public static readonly string Facts = $"""
        case when e.data ->> 'chosen' in ({Names<Chosen>()}) then e.data ->> 'chosen' else 'manual' end as chosen,
        coalesce(cast(e.data ->> 'words' as integer), 0) as words, e.data ->> 'to' as to_id
        """;

    /// <summary>The query of <see cref="EventRow"/>.</summary>
    public static string EventRows(DatabaseFacade database)
    {
        var time = Time.Of(database);
        return $"""
            select e.type, e.occurred_at, e.draft_id, e.actor_id, coalesce(d.platform, 'story') as platform, {Facts},
                {time.Slot("e.occurred_at")} as slot, {time.Day("e.occurred_at")} as day, {time.Weight("e.occurred_at")} as weight
            from analytics_events e left join counted_drafts d on d.draft_id = e.draft_id
            where e.type in ({UncountedEvents.Types})
            """;
    }

    /// <summary>Lets nobody else count until the transaction ends. In memory the gate does. Says whether it could.</summary>
    /// <param name="waits">Whether to wait for another one who counts.</param>
    public static async Task<bool> LockAsync(OneRingDbContext db, bool waits, CancellationToken cancellationToken)
    {
        if (!db.Database.IsNpgsql())
        {
            return true;
        }
        if (waits)
        {
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({Lock})", cancellationToken);
            return true;
        }
        return await db.Database.SqlQuery<bool>($"select pg_try_advisory_xact_lock({Lock}) as \"Value\"").SingleAsync(cancellationToken);
    }

    /// <summary>
    /// Forgets every sum, and notes every event as uncounted. An event that somebody records meanwhile is noted by itself. What is known of drafts
    /// and holds from events that are forgotten could not be counted anew, and stays.
    /// </summary>
    public static async Task ForgetAsync(OneRingDbContext db, CancellationToken cancellationToken)
    {
        var since = await EventsKept.FindSinceAsync(db, cancellationToken);
        var at = since is { } instant ? Time.Of(db.Database).Instant(instant) : null;
        foreach (var table in (string[])["uncounted_events", .. Sums])
        {
            var began = table switch
            {
                "counted_drafts" => "created_at",
                "draft_writers" => "first_segment_at",
                "ring_holds" => "received_at",
                _ => null,
            };
            if (since is not null && table == "score_spans")
            {
                await ForgetScoresAsync(db, (since.Value - DateTimeOffset.UnixEpoch).Days, cancellationToken);
                continue;
            }
            await RunAsync(db, at is null || began is null ? $"delete from {table}" : $"delete from {table} where {began} is null or {began} >= {at}", cancellationToken);
        }
        if (at is not null)
        {
            await RunAsync(db, $"update counted_drafts set completed_at = null where completed_at >= {at}", cancellationToken);
            await RunAsync(db, "update draft_writers set segments = 0, words = 0", cancellationToken);
            await RunAsync(db, "update ring_holds set passed_at = null, ended_at = null, microseconds = null", cancellationToken);
        }
        await RunAsync(db, $"""
            insert into uncounted_events (occurred_at, event_id)
            select occurred_at, id from analytics_events where type in ({UncountedEvents.Types})
            on conflict do nothing
            """, cancellationToken);
    }

    /// <summary>Adds up to so many events, the earliest first. Answers how many there were.</summary>
    public static async Task<int> CountAsync(OneRingDbContext db, int most, CancellationToken cancellationToken)
    {
        var time = Time.Of(db.Database);
        await RunAsync(db, $"""
            create temporary table taken as
            select occurred_at, event_id from uncounted_events order by occurred_at, event_id limit {most.ToString(CultureInfo.InvariantCulture)}
            """, cancellationToken);
        await SizeUpAsync(db, "taken", cancellationToken);
        await RunAsync(db, $"""
            create temporary table counting as
            select u.occurred_at, u.event_id, e.type, e.draft_id, e.actor_id,
                {time.Slot("u.occurred_at")} as slot, {time.Day("u.occurred_at")} as day, {time.Weight("u.occurred_at")} as weight, {Facts},
                case when e.data ->> 'platform' in ({Names<Platform>()}) then e.data ->> 'platform' else 'story' end as platform,
                cast(e.data ->> 'turn' as integer) as turn
            from taken u left join analytics_events e on e.occurred_at = u.occurred_at and e.id = u.event_id
            """, cancellationToken);
        await SizeUpAsync(db, "counting", cancellationToken);
        // A draft of which the beginning is not known counts as what it is now, or as a story.
        await RunAsync(db, """
            insert into counted_drafts (draft_id, platform, creator_id, created_at)
            select draft_id, min(platform), min(actor_id), min(occurred_at) from counting where type = 'DraftCreated' group by draft_id
            on conflict (draft_id) do update set platform = excluded.platform, creator_id = excluded.creator_id, created_at = excluded.created_at
            """, cancellationToken);
        await RunAsync(db, """
            insert into counted_drafts (draft_id, platform)
            select distinct c.draft_id, coalesce(d.platform, 'story') from counting c left join drafts d on d.id = c.draft_id where c.type is not null
            on conflict do nothing
            """, cancellationToken);

        await CountHoldsAsync(db, time, cancellationToken);
        foreach (var (table, unit, slots) in ((string, string, int)[])[("activity_slots", "slot", 1), ("activity_hours", "hour", Spans.SlotsPerHour)])
        {
            await RunAsync(db, $"""
                insert into {table} ({unit}, platform, drafts, segments, words, passes, automatic_passes, completed)
                select c.slot / {slots}, d.platform,
                    count(case when c.type = 'DraftCreated' then 1 end),
                    count(case when c.type = 'SegmentAdded' then 1 end),
                    sum(case when c.type = 'SegmentAdded' then c.words else 0 end),
                    count(case when c.type = 'RingPassed' and c.chosen not in ('returned', 'expired') then 1 end),
                    count(case when c.type = 'RingPassed' and c.chosen in ('returned', 'expired') then 1 end),
                    count(case when c.type = 'DraftPublished' then 1 end)
                from counting c join counted_drafts d on d.draft_id = c.draft_id where true
                group by c.slot / {slots}, d.platform
                on conflict ({unit}, platform) do update set
                    drafts = {table}.drafts + excluded.drafts,
                    segments = {table}.segments + excluded.segments,
                    words = {table}.words + excluded.words,
                    passes = {table}.passes + excluded.passes,
                    automatic_passes = {table}.automatic_passes + excluded.automatic_passes,
                    completed = {table}.completed + excluded.completed
                """, cancellationToken);
        }
        foreach (var (table, unit) in ((string, string)[])[("pass_slots", "slot"), ("pass_days", "day")])
        {
            await RunAsync(db, $"""
                insert into {table} ({unit}, platform, chosen, passes)
                select c.{unit}, d.platform, c.chosen, count(*)
                from counting c join counted_drafts d on d.draft_id = c.draft_id where c.type = 'RingPassed'
                group by c.{unit}, d.platform, c.chosen
                on conflict ({unit}, platform, chosen) do update set passes = {table}.passes + excluded.passes
                """, cancellationToken);
        }
        // Quarters of an hour, parts of a day, then the spans of days.
        (string, string, string, string)[] units =
        [
            ("slots", "slot", "", "c.slot"),
            ("parts", "part", "", $"c.slot / {Spans.SlotsPerPart}"),
            .. Spans.Lengths.Select(length => ("spans", "span, start", $"{length}, ", $"c.day / {length}")),
        ];
        foreach (var (tables, when, span, unit) in units)
        {
            await RunAsync(db, $"""
                insert into writer_{tables} ({when}, user_id, platform, segments, words)
                select {span}{unit}, c.actor_id, d.platform, count(*), sum(c.words)
                from counting c join counted_drafts d on d.draft_id = c.draft_id where c.type = 'SegmentAdded' and c.actor_id is not null
                group by {unit}, c.actor_id, d.platform
                on conflict ({when}, user_id, platform) do update set
                    segments = writer_{tables}.segments + excluded.segments, words = writer_{tables}.words + excluded.words
                """, cancellationToken);
            await RunAsync(db, $"""
                insert into draft_{tables} ({when}, draft_id, segments, words, passes)
                select {span}{unit}, c.draft_id,
                    count(case when c.type = 'SegmentAdded' then 1 end), sum(case when c.type = 'SegmentAdded' then c.words else 0 end),
                    count(case when c.type = 'RingPassed' and c.chosen not in ('returned', 'expired') then 1 end)
                from counting c where c.type in ('SegmentAdded', 'RingPassed')
                group by {unit}, c.draft_id
                on conflict ({when}, draft_id) do update set
                    segments = draft_{tables}.segments + excluded.segments, words = draft_{tables}.words + excluded.words,
                    passes = draft_{tables}.passes + excluded.passes
                """, cancellationToken);
        }
        await RunAsync(db, """
            insert into draft_writers (draft_id, user_id, first_segment_at, segments, words)
            select draft_id, actor_id, min(occurred_at), count(*), sum(words) from counting where type = 'SegmentAdded' and actor_id is not null
            group by draft_id, actor_id
            on conflict (draft_id, user_id) do update set
                first_segment_at = case when excluded.first_segment_at < draft_writers.first_segment_at then excluded.first_segment_at else draft_writers.first_segment_at end,
                segments = draft_writers.segments + excluded.segments, words = draft_writers.words + excluded.words
            """, cancellationToken);
        await CountScoresAsync(db, time, cancellationToken);

        var counted = await RunAsync(db, """
            delete from uncounted_events where (occurred_at, event_id) in (select occurred_at, event_id from taken)
            """, cancellationToken);
        await RunAsync(db, "drop table counting", cancellationToken);
        await RunAsync(db, "drop table taken", cancellationToken);
        return counted;
    }

    /// <summary>Scores are of everything that somebody ever did: the days before stay as they were, and all longer spans are put together from them.</summary>
    private static async Task ForgetScoresAsync(OneRingDbContext db, int day, CancellationToken cancellationToken)
    {
        await RunAsync(db, $"delete from score_spans where span <> {Spans.Day} or start >= {day}", cancellationToken);
        foreach (var span in Spans.ScoreLengths.Where(span => span != Spans.Day))
        {
            await RunAsync(db, $"""
                insert into score_spans (span, start, user_id, segments, rings_received, drafts, contributed_drafts, momentum)
                select {span}, start / {span}, user_id, sum(segments), sum(rings_received), sum(drafts), sum(contributed_drafts),
                    {(span > Spans.Block ? "0" : "sum(momentum)")}
                from score_spans where span = {Spans.Day}
                group by start / {span}, user_id
                """, cancellationToken);
        }
    }

    private static async Task CountScoresAsync(OneRingDbContext db, Time time, CancellationToken cancellationToken)
    {
        // A draft of somebody else's counts from one's first segment in it on. That one may turn out to be an earlier one, and whose draft it is may be
        // heard of later: where the answer has changed, the one before is taken out of the sums.
        await RunAsync(db, """
            create temporary table contributing as
            select w.draft_id, w.user_id, w.contributed_at as was_at, case when d.creator_id <> w.user_id then w.first_segment_at end as is_at
            from draft_writers w join counted_drafts d on d.draft_id = w.draft_id
            where w.draft_id in (select draft_id from counting where type in ('SegmentAdded', 'DraftCreated'))
                and w.contributed_at is distinct from case when d.creator_id <> w.user_id then w.first_segment_at end
            """, cancellationToken);
        await SizeUpAsync(db, "contributing", cancellationToken);
        foreach (var span in Spans.ScoreLengths)
        {
            await RunAsync(db, $"""
                insert into score_spans (span, start, user_id, segments, rings_received, drafts, contributed_drafts, momentum)
                select {span}, start, user_id, sum(segments), sum(received), sum(drafts), sum(contributed), sum(weight) from (
                    select c.day / {span} as start, case when c.type = 'RingPassed' then c.to_id else c.actor_id end as user_id,
                        case when c.type = 'SegmentAdded' then 1 else 0 end as segments, case when c.type = 'RingPassed' then 1 else 0 end as received,
                        case when c.type = 'DraftCreated' then 1 else 0 end as drafts, 0 as contributed,
                        {(span > Spans.Block ? "0" : $"case c.type when 'SegmentAdded' then c.weight when 'DraftCreated' then {MomentumWeights.Draft} * c.weight else 0 end")} as weight
                    from counting c where c.type in ('SegmentAdded', 'RingPassed', 'DraftCreated')
                    union all select {time.Day("was_at")} / {span}, user_id, 0, 0, 0, -1, 0 from contributing where was_at is not null
                    union all select {time.Day("is_at")} / {span}, user_id, 0, 0, 0, 1, 0 from contributing where is_at is not null) happened
                where user_id is not null
                group by start, user_id
                on conflict (span, start, user_id) do update set
                    segments = score_spans.segments + excluded.segments, rings_received = score_spans.rings_received + excluded.rings_received,
                    drafts = score_spans.drafts + excluded.drafts, contributed_drafts = score_spans.contributed_drafts + excluded.contributed_drafts,
                    momentum = score_spans.momentum + excluded.momentum
                """, cancellationToken);
        }
        await RunAsync(db, """
            update draft_writers set contributed_at = c.is_at from contributing c
            where c.draft_id = draft_writers.draft_id and c.user_id = draft_writers.user_id
            """, cancellationToken);
        await RunAsync(db, "drop table contributing", cancellationToken);
    }

    /// <summary>
    /// A pass ends one hold and begins another, and either end of a hold may be heard of first. So the holds that a batch touches are taken out
    /// of the sums as they were, and added again as they are then.
    /// </summary>
    private static async Task CountHoldsAsync(OneRingDbContext db, Time time, CancellationToken cancellationToken)
    {
        await RunAsync(db, """
            create temporary table touching as
            select draft_id, turn from counting where type = 'RingPassed' and turn > 1
            union select draft_id, turn - 1 from counting where type = 'RingPassed' and turn > 1
            union select draft_id, 1 from counting where type = 'DraftCreated'
            union select h.draft_id, h.turn from ring_holds h join counting c on c.draft_id = h.draft_id where c.type = 'DraftPublished'
            """, cancellationToken);
        await SizeUpAsync(db, "touching", cancellationToken);
        await AddHoldsAsync(db, time, "-", cancellationToken);
        await RunAsync(db, """
            insert into ring_holds (draft_id, turn, platform, holder_id, received_at)
            select c.draft_id, case when c.type = 'DraftCreated' then 1 else c.turn end as opened, min(d.platform),
                min(case when c.type = 'DraftCreated' then c.actor_id else c.to_id end), min(c.occurred_at)
            from counting c join counted_drafts d on d.draft_id = c.draft_id
            where c.type = 'DraftCreated' or (c.type = 'RingPassed' and c.turn > 1)
            group by c.draft_id, opened
            on conflict (draft_id, turn) do update set holder_id = excluded.holder_id, received_at = excluded.received_at
            """, cancellationToken);
        await RunAsync(db, """
            insert into ring_holds (draft_id, turn, platform, passed_at)
            select c.draft_id, c.turn - 1, min(d.platform), min(c.occurred_at)
            from counting c join counted_drafts d on d.draft_id = c.draft_id where c.type = 'RingPassed' and c.turn > 1
            group by c.draft_id, c.turn
            on conflict (draft_id, turn) do update set passed_at = excluded.passed_at
            """, cancellationToken);
        await RunAsync(db, """
            update counted_drafts set completed_at = ended.at
            from (select draft_id, min(occurred_at) as at from counting where type = 'DraftPublished' group by draft_id) ended
            where ended.draft_id = counted_drafts.draft_id
            """, cancellationToken);
        await RunAsync(db, """
            update ring_holds set ended_at = case
                when d.completed_at < ring_holds.received_at then null
                when ring_holds.passed_at is null or d.completed_at < ring_holds.passed_at then d.completed_at
                else ring_holds.passed_at end
            from counted_drafts d
            where d.draft_id = ring_holds.draft_id and ring_holds.received_at is not null
                and (ring_holds.draft_id, ring_holds.turn) in (select draft_id, turn from touching)
            """, cancellationToken);
        await RunAsync(db, $"""
            update ring_holds set microseconds = {time.Microseconds("received_at", "ended_at")}, bucket = {time.Bucket("received_at", "ended_at")}
            where (draft_id, turn) in (select draft_id, turn from touching)
            """, cancellationToken);
        await AddHoldsAsync(db, time, "", cancellationToken);
        await RunAsync(db, "drop table touching", cancellationToken);
    }

    private static async Task AddHoldsAsync(OneRingDbContext db, Time time, string sign, CancellationToken cancellationToken)
    {
        foreach (var span in Spans.Lengths)
        {
            await RunAsync(db, $"""
                insert into hold_spans (span, start, platform, bucket, holds)
                select {span}, start, platform, bucket, {sign}count(*) from (
                    select {time.Day("h.ended_at")} / {span} as start, h.platform, h.bucket
                    from ring_holds h join touching t on t.draft_id = h.draft_id and t.turn = h.turn where h.ended_at is not null) ended
                where true
                group by start, platform, bucket
                on conflict (span, start, platform, bucket) do update set holds = hold_spans.holds + excluded.holds
                """, cancellationToken);
        }
    }

    /// <summary>PostgreSQL looks at temporary tables only when told to, and plans badly for a size that it does not know.</summary>
    private static Task<int> SizeUpAsync(OneRingDbContext db, string table, CancellationToken cancellationToken) =>
        db.Database.IsNpgsql() ? RunAsync(db, $"analyze {table}", cancellationToken) : Task.FromResult(0);

    // Every part of this SQL is written by us.
    private static Task<int> RunAsync(OneRingDbContext db, string sql, CancellationToken cancellationToken) => db.Database.ExecuteSqlRawAsync(sql, cancellationToken);

    public static string Names<TEnum>()
        where TEnum : struct, Enum => string.Join(", ", Enum.GetValues<TEnum>().Select(value => $"'{EnumNames.NameOf(value)}'"));

    /// <summary>The arithmetic of time, as SQL.</summary>
    internal sealed class Time
    {
        private static readonly string LogarithmOfRatio = Math.Log(HoldBuckets.Ratio).ToString("R", CultureInfo.InvariantCulture);

        private readonly bool isNpgsql;

        private Time(bool isNpgsql) => this.isNpgsql = isNpgsql;

        public static Time Of(DatabaseFacade database) => new(database.IsNpgsql());

        /// <summary>An instant that we know, to the second.</summary>
        public string Instant(DateTimeOffset at) => isNpgsql
            ? $"timestamptz '{at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}+00'"
            : Number(at.UtcTicks);

        /// <summary>Quarters of an hour since 1 January 1970.</summary>
        public string Slot(string at) => Units(at, 15 * TimeSpan.TicksPerMinute);

        /// <summary>Days since 1 January 1970.</summary>
        public string Day(string at) => Units(at, TimeSpan.TicksPerDay);

        public string Microseconds(string from, string to) => isNpgsql
            ? $"cast(extract(epoch from {to} - {from}) * 1000000 as bigint)"
            : $"({to} - {from}) / {Number(TimeSpan.TicksPerMicrosecond)}";

        /// <summary>The bucket of the time between two instants; see <see cref="HoldBuckets"/>.</summary>
        public string Bucket(string from, string to)
        {
            var logarithm = isNpgsql
                ? $"cast(floor(ln(greatest(cast(extract(epoch from {to} - {from}) as double precision), 1)) / {LogarithmOfRatio}) as integer)"
                : $"cast(ln(max(({to} - {from}) / {Number(TimeSpan.TicksPerSecond)}.0, 1)) / {LogarithmOfRatio} as integer)";
            var reached = HoldBuckets.Limits.Select(limit => $"case when {Microseconds(from, to)} >= {Number((long)limit.TotalMicroseconds)} then 1 else 0 end");
            return string.Join(" + ", [logarithm, .. reached]);
        }

        /// <summary>What something weighs in momentum; see <see cref="MomentumWeights"/>.</summary>
        public string Weight(string at)
        {
            var (block, halfLife) = (Spans.Block * TimeSpan.TicksPerDay, MomentumWeights.HalfLifeDays * TimeSpan.TicksPerDay);
            return isNpgsql
                ? $"cast(round(power(cast(2 as double precision), cast(mod(extract(epoch from {at}), {Number(block / TimeSpan.TicksPerSecond)}) as double precision) / {Number(halfLife / TimeSpan.TicksPerSecond)}) * {Number(MomentumWeights.One)}) as bigint)"
                : $"cast(round(pow(2, (({at} - {Number(DateTimeOffset.UnixEpoch.UtcTicks)}) % {Number(block)}) / {Number(halfLife)}.0) * {Number(MomentumWeights.One)}) as integer)";
        }

        // Rounded down before 1970 too.
        private string Units(string at, long ticks) => isNpgsql
            ? $"cast(floor(extract(epoch from {at}) / {Number(ticks / TimeSpan.TicksPerSecond)}) as integer)"
            : $"(({at} - {Number(DateTimeOffset.UnixEpoch.UtcTicks % ticks)}) / {Number(ticks)} - {Number(DateTimeOffset.UnixEpoch.UtcTicks / ticks)})";

        private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
