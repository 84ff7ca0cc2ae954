using OneRing.Data.Analytics.Rollups;
using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Audit;

/// <summary>
/// The sums that figures are read from, against the events that are counted in them. The finest are added up from events, once each; longer spans are added up
/// from those.
/// </summary>
internal static class SumChecks
{
    private const string IsUncounted = "exists (select 1 from uncounted_events u where u.occurred_at = e.occurred_at and u.event_id = e.id)";

    public static IEnumerable<Check> All(AuditSql sql) =>
    [
        new("events that are not counted yet", "select count(*) from uncounted_events", Uncounted()),
        new("drafts that are counted", "select count(*) from counted_drafts", [.. Drafts(sql)]),
        new("sums of activity", Count("activity_slots", "activity_hours", "pass_slots", "pass_days"), [.. Activity(sql)]),
        new("sums of writers", Count("writer_slots", "writer_parts", "writer_spans"), [.. Writers(sql)]),
        new("sums of drafts", Count("draft_slots", "draft_parts", "draft_spans"), [.. DraftSums(sql)]),
        new("sums of writers in drafts", Count("draft_writers"), [.. WritersOfDrafts(sql)]),
        new("sums of scores", Count("score_spans"), [.. Scores(sql)]),
        new("sums of holds", Count("ring_holds", "hold_spans"), [.. Holds(sql)]),
    ];

    private static string Count(params string[] tables) => $"select {string.Join(" + ", tables.Select(table => $"(select count(*) from {table})"))}";

    /// <summary>The events that are counted, each with what is counted of it.</summary>
    private static string Counted(AuditSql sql, params string[] types) => $"""
        (select e.type, e.occurred_at, e.draft_id, e.actor_id, d.platform, {RollupSql.Facts}, cast(e.data ->> 'turn' as integer) as turn,
            {sql.Time.Slot("e.occurred_at")} as slot, {sql.Time.Day("e.occurred_at")} as day, {sql.Time.Weight("e.occurred_at")} as weight
        from analytics_events e join counted_drafts d on d.draft_id = e.draft_id
        where e.type in ({string.Join(", ", types.Select(type => $"'{type}'"))}) and not {IsUncounted})
        """;

    /// <summary>Where sums are not those of a recount. What adds up to nothing need not be there.</summary>
    /// <param name="keys">What a sum is of, as columns with commas.</param>
    /// <param name="sums">The sums, likewise.</param>
    /// <param name="recount">A query of the same columns.</param>
    /// <param name="where">Which rows of the table are meant.</param>
    private static string Compare(string table, string keys, string sums, string recount, string where = "1 = 1")
    {
        var (of, what) = (keys.Split(", "), sums.Split(", "));
        string Each(string[] columns, string separator, Func<string, string> each) => string.Join(separator, columns.Select(each));
        return $"""
            select cast(null as text) as draft_id, '{table} of ' || {Each(of, " || ', ' || ", key => $"'{key} ' || coalesce(t.{key}, r.{key})")} || ' has '
                || {Each(what, " || ', ' || ", sum => $"coalesce(t.{sum}, 0) || ' {sum}'")} || ' where there should be '
                || {Each(what, " || ', ' || ", sum => $"coalesce(r.{sum}, 0)")} as fault
            from (select {keys}, {sums} from {table} where {where}) t full outer join ({recount}) r on {Each(of, " and ", key => $"t.{key} = r.{key}")}
            where {Each(what, " or ", sum => $"coalesce(t.{sum}, 0) <> coalesce(r.{sum}, 0)")}
            """;
    }

    /// <summary>Longer units put together from shorter ones of the same kind.</summary>
    private static string Longer(string table, string unit, string of, string sums, string from, string shorter, int length) => Compare(
        table, $"{unit}, {of}", sums, $"select {shorter} / {length} as {unit}, {of}, {Sums(sums)} from {from} group by {shorter} / {length}, {of}");

    private static IEnumerable<string> LongerSpans(string table, string of, string sums, IEnumerable<int> lengths) => lengths.Where(length => length != Spans.Day).Select(length => Compare(
        table,
        $"start, {of}",
        sums,
        $"select start / {length} as start, {of}, {Sums(sums)} from {table} where span = {Spans.Day} group by start / {length}, {of}",
        $"span = {length}"));

    private static string Sums(string sums) => string.Join(", ", sums.Split(", ").Select(sum => $"sum({sum}) as {sum}"));

    private static string Uncounted() => $"""
        select cast(null as text) as draft_id, 'event ' || u.event_id || ' is to be counted, and is not there' as fault
        from uncounted_events u left join analytics_events e on e.occurred_at = u.occurred_at and e.id = u.event_id
        where e.id is null or e.type not in ({UncountedEvents.Types})
        """;

    private static IEnumerable<string> Drafts(AuditSql sql)
    {
        yield return $"""
            select {sql.Id("e.draft_id")} as draft_id, 'its events are counted, and it is not' as fault
            from analytics_events e left join counted_drafts d on d.draft_id = e.draft_id
            where e.type in ({UncountedEvents.Types}) and d.draft_id is null and not {IsUncounted} group by e.draft_id
            """;
        yield return $"""
            select {sql.Id("coalesce(d.draft_id, e.draft_id)")} as draft_id, 'it is counted as another draft than it is' as fault
            from (select * from counted_drafts where created_at is not null and {sql.Kept("created_at")}) d
            full outer join (
                select e.draft_id, e.actor_id, e.occurred_at, case when e.data ->> 'platform' in ({RollupSql.Names<Platform>()}) then e.data ->> 'platform' else 'story' end as platform
                from analytics_events e where e.type = 'DraftCreated' and {sql.Kept("e.occurred_at")} and not {IsUncounted}) e on e.draft_id = d.draft_id
            where d.draft_id is null or e.draft_id is null or d.created_at <> e.occurred_at or d.creator_id is distinct from e.actor_id or d.platform <> e.platform
            """;
        yield return $"""
            select {sql.Id("coalesce(d.draft_id, e.draft_id)")} as draft_id, 'it is counted as completed at another time than it was' as fault
            from (select draft_id, completed_at from counted_drafts where completed_at is not null and {sql.Kept("completed_at")}) d
            full outer join (
                select e.draft_id, min(e.occurred_at) as at from analytics_events e
                where e.type = 'DraftPublished' and {sql.Kept("e.occurred_at")} and not {IsUncounted} group by e.draft_id) e on e.draft_id = d.draft_id
            where d.completed_at is distinct from e.at
            """;
    }

    private static IEnumerable<string> Activity(AuditSql sql)
    {
        const string Sums = "drafts, segments, words, passes, automatic_passes, completed";
        yield return Compare("activity_slots", "slot, platform", Sums, $"""
            select slot, platform, count(case when type = 'DraftCreated' then 1 end) as drafts, count(case when type = 'SegmentAdded' then 1 end) as segments,
                sum(case when type = 'SegmentAdded' then words else 0 end) as words,
                count(case when type = 'RingPassed' and chosen not in ('returned', 'expired') then 1 end) as passes,
                count(case when type = 'RingPassed' and chosen in ('returned', 'expired') then 1 end) as automatic_passes,
                count(case when type = 'DraftPublished' then 1 end) as completed
            from {Counted(sql, "DraftCreated", "SegmentAdded", "RingPassed", "DraftPublished")} c group by slot, platform
            """);
        yield return Longer("activity_hours", "hour", "platform", Sums, "activity_slots", "slot", Spans.SlotsPerHour);
        yield return Compare(
            "pass_slots", "slot, platform, chosen", "passes",
            $"select slot, platform, chosen, count(*) as passes from {Counted(sql, "RingPassed")} c group by slot, platform, chosen");
        yield return Longer("pass_days", "day", "platform, chosen", "passes", "pass_slots", "slot", Spans.SlotsPerDay);
    }

    private static IEnumerable<string> Writers(AuditSql sql)
    {
        const string Sums = "segments, words";
        yield return Compare("writer_slots", "slot, user_id, platform", Sums, $"""
            select slot, actor_id as user_id, platform, count(*) as segments, sum(words) as words
            from {Counted(sql, "SegmentAdded")} c where actor_id is not null group by slot, actor_id, platform
            """);
        yield return Longer("writer_parts", "part", "user_id, platform", Sums, "writer_slots", "slot", Spans.SlotsPerPart);
        yield return Compare("writer_spans", "start, user_id, platform", Sums, Days("writer_parts", "user_id, platform", Sums), $"span = {Spans.Day}");
        foreach (var rule in LongerSpans("writer_spans", "user_id, platform", Sums, Spans.Lengths))
        {
            yield return rule;
        }
    }

    private static IEnumerable<string> DraftSums(AuditSql sql)
    {
        const string Sums = "segments, words, passes";
        yield return Compare("draft_slots", "slot, draft_id", Sums, $"""
            select slot, draft_id, count(case when type = 'SegmentAdded' then 1 end) as segments, sum(case when type = 'SegmentAdded' then words else 0 end) as words,
                count(case when type = 'RingPassed' and chosen not in ('returned', 'expired') then 1 end) as passes
            from {Counted(sql, "SegmentAdded", "RingPassed")} c group by slot, draft_id
            """);
        yield return Longer("draft_parts", "part", "draft_id", Sums, "draft_slots", "slot", Spans.SlotsPerPart);
        yield return Compare("draft_spans", "start, draft_id", Sums, Days("draft_parts", "draft_id", Sums), $"span = {Spans.Day}");
        foreach (var rule in LongerSpans("draft_spans", "draft_id", Sums, Spans.Lengths))
        {
            yield return rule;
        }
    }

    private static string Days(string parts, string of, string sums) =>
        $"select part / {Spans.PartsPerDay} as start, {of}, {Sums(sums)} from {parts} group by part / {Spans.PartsPerDay}, {of}";

    private static IEnumerable<string> WritersOfDrafts(AuditSql sql)
    {
        yield return Compare("draft_writers", "draft_id, user_id", "segments, words", $"""
            select draft_id, actor_id as user_id, count(*) as segments, sum(words) as words
            from {Counted(sql, "SegmentAdded")} c where actor_id is not null group by draft_id, actor_id
            """);
        // The first segment stays known when its event is forgotten.
        yield return $"""
            select {sql.Id("w.draft_id")} as draft_id, 'person ' || w.user_id || ' wrote first at another time than is counted' as fault
            from draft_writers w join (
                select draft_id, actor_id, min(occurred_at) as at from {Counted(sql, "SegmentAdded")} c group by draft_id, actor_id) e
                on e.draft_id = w.draft_id and e.actor_id = w.user_id
            where w.first_segment_at > e.at or (w.first_segment_at < e.at and {sql.Kept("w.first_segment_at")})
            """;
        yield return $"""
            select {sql.Id("w.draft_id")} as draft_id, 'person ' || w.user_id || ' is counted as having contributed at another time than they did' as fault
            from draft_writers w join counted_drafts d on d.draft_id = w.draft_id
            where w.contributed_at is distinct from case when d.creator_id <> w.user_id then w.first_segment_at end
            """;
    }

    // Scores are of everything that somebody ever did: days from before what is kept stay as they were.
    private static IEnumerable<string> Scores(AuditSql sql)
    {
        const string Sums = "segments, rings_received, drafts, contributed_drafts";
        yield return Compare("score_spans", "start, user_id", $"{Sums}, momentum", $"""
            select start, user_id, sum(segments) as segments, sum(received) as rings_received, sum(drafts) as drafts, sum(contributed) as contributed_drafts, sum(weight) as momentum
            from (
                select day as start, case when type = 'RingPassed' then to_id else actor_id end as user_id, case when type = 'SegmentAdded' then 1 else 0 end as segments,
                    case when type = 'RingPassed' then 1 else 0 end as received, case when type = 'DraftCreated' then 1 else 0 end as drafts, 0 as contributed,
                    case type when 'SegmentAdded' then weight when 'DraftCreated' then {MomentumWeights.Draft} * weight else 0 end as weight
                from {Counted(sql, "SegmentAdded", "RingPassed", "DraftCreated")} c
                union all select {sql.Time.Day("contributed_at")}, user_id, 0, 0, 0, 1, 0 from draft_writers where contributed_at is not null) happened
            where user_id is not null and {sql.KeptDay("start")} group by start, user_id
            """, $"span = {Spans.Day} and {sql.KeptDay("start")}");
        foreach (var rule in LongerSpans("score_spans", "user_id", $"{Sums}, momentum", Spans.ScoreLengths.Where(length => length <= Spans.Block)))
        {
            yield return rule;
        }
        foreach (var rule in LongerSpans("score_spans", "user_id", Sums, [Spans.Ever]))
        {
            yield return rule;
        }
    }

    private static IEnumerable<string> Holds(AuditSql sql)
    {
        var opened = $"""
            (select draft_id, case when type = 'DraftCreated' then 1 else turn end as turn, occurred_at as at, case when type = 'DraftCreated' then actor_id else to_id end as holder_id
            from {Counted(sql, "DraftCreated", "RingPassed")} c where type = 'DraftCreated' or turn > 1)
            """;
        var ended = $"(select draft_id, turn - 1 as turn, occurred_at as at from {Counted(sql, "RingPassed")} c where turn > 1)";
        // A hold that was over before what is kept is forgotten, whoever passed its ring on later.
        var mayBeGone = $"exists (select 1 from counted_drafts d where d.draft_id = e.draft_id and not ({sql.Kept("coalesce(d.completed_at, e.at)")}))";
        yield return $"""
            select {sql.Id("coalesce(h.draft_id, e.draft_id)")} as draft_id, 'the hold of turn ' || coalesce(h.turn, e.turn) || ' does not begin as its events say' as fault
            from (select * from ring_holds where received_at is not null and {sql.Kept("received_at")}) h
            full outer join (select * from {opened} o where {sql.Kept("o.at")}) e on e.draft_id = h.draft_id and e.turn = h.turn
            where h.draft_id is null or e.draft_id is null or h.received_at <> e.at or h.holder_id is distinct from e.holder_id
            """;
        yield return $"""
            select {sql.Id("coalesce(h.draft_id, e.draft_id)")} as draft_id, 'the hold of turn ' || coalesce(h.turn, e.turn) || ' is passed on otherwise than its event says' as fault
            from (select * from ring_holds where passed_at is not null and {sql.Kept("passed_at")}) h
            full outer join (select * from {ended} o where {sql.Kept("o.at")}) e on e.draft_id = h.draft_id and e.turn = h.turn
            where (h.draft_id is null and not {mayBeGone}) or e.draft_id is null or h.passed_at <> e.at
            """;
        const string EndedAt = """
            case when d.completed_at < h.received_at then null when h.passed_at is null or d.completed_at < h.passed_at then d.completed_at else h.passed_at end
            """;
        yield return $"""
            select {sql.Id("h.draft_id")} as draft_id, 'the hold of turn ' || h.turn || ' has another end or length than its times say' as fault
            from ring_holds h join counted_drafts d on d.draft_id = h.draft_id
            where h.received_at is not null and (h.ended_at is distinct from {EndedAt}
                or (h.ended_at is not null and (h.microseconds is distinct from {sql.Time.Microseconds("h.received_at", "h.ended_at")}
                    or h.bucket is distinct from {sql.Time.Bucket("h.received_at", "h.ended_at")})))
            """;
        yield return Compare(
            "hold_spans", "start, platform, bucket", "holds",
            $"select {sql.Time.Day("ended_at")} as start, platform, bucket, count(*) as holds from ring_holds where ended_at is not null group by {sql.Time.Day("ended_at")}, platform, bucket",
            $"span = {Spans.Day}");
        foreach (var rule in LongerSpans("hold_spans", "platform, bucket", "holds", Spans.Lengths))
        {
            yield return rule;
        }
    }
}
