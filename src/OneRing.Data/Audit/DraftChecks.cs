using OneRing.Data.Database;

namespace OneRing.Data.Audit;

/// <summary>What a draft itself promises: a text without gap, one chain of holders, and people who may do what they do.</summary>
internal static class DraftChecks
{
    public static IEnumerable<Check> All(AuditSql sql) =>
    [
        new("segments", "select count(*) from draft_segments", CountedSegments(sql), Positions(sql), Authors(sql), Times(sql)),
        new("passes of the ring", "select count(*) from ring_passes", [.. Chain(sql), .. Ends(sql)]),
        new("people of drafts", "select count(*) from draft_collaborators", [.. People(sql)]),
    ];

    private static string CountedSegments(AuditSql sql) => $"""
        select {sql.Id("d.id")} as draft_id, coalesce(s.written, 0) || ' segments where the draft counts ' || d.segment_count as fault
        from drafts d left join (select draft_id, count(*) as written from draft_segments group by draft_id) s on s.draft_id = d.id
        where coalesce(s.written, 0) <> d.segment_count
        """;

    private static string Positions(AuditSql sql) => $"""
        select {sql.Id("draft_id")} as draft_id, 'positions have a gap or a double before ' || min(position) as fault
        from (select draft_id, position, row_number() over (partition by draft_id order by position) - 1 as place from draft_segments) s
        where position <> place group by draft_id
        """;

    private static string Authors(AuditSql sql) => $"""
        select {sql.Id("s.draft_id")} as draft_id, 'segment ' || s.position || ' was written in turn ' || s.turn || ' by somebody who did not hold the ring' as fault
        from draft_segments s join drafts d on d.id = s.draft_id left join ring_passes p on p.draft_id = s.draft_id and p.turn = s.turn
        where s.author_id is distinct from case when s.turn = 1 then d.creator_id else p.to_id end
        """;

    // Within a draft, time never goes back.
    private static string Times(AuditSql sql) => $"""
        select {sql.Id("s.draft_id")} as draft_id, 'segment ' || s.position || ' was written outside its turn, or before the one before it' as fault
        from (select draft_id, position, turn, created_at, lag(created_at) over (partition by draft_id order by position) as before from draft_segments) s
        join drafts d on d.id = s.draft_id
        left join ring_passes p on p.draft_id = s.draft_id and p.turn = s.turn
        left join ring_passes n on n.draft_id = s.draft_id and n.turn = s.turn + 1
        where s.created_at < s.before or s.created_at < coalesce(p.passed_at, d.created_at) or s.created_at > n.passed_at
        """;

    private static IEnumerable<string> Chain(AuditSql sql)
    {
        const string Passes = """
            (select draft_id, turn, from_id, passed_at, row_number() over its + 1 as place, lag(to_id) over its as before_id, lag(passed_at) over its as before_at
            from ring_passes window its as (partition by draft_id order by turn)) p join drafts d on d.id = p.draft_id
            """;
        yield return $"""
            select {sql.Id("p.draft_id")} as draft_id, 'the pass after turn ' || (min(p.place) - 1) || ' opens turn ' || min(p.turn) as fault
            from {Passes} where p.turn <> p.place group by p.draft_id
            """;
        yield return $"""
            select {sql.Id("p.draft_id")} as draft_id, 'turn ' || p.turn || ' was opened by somebody who did not hold the ring' as fault
            from {Passes} where p.from_id <> coalesce(p.before_id, d.creator_id)
            """;
        yield return $"""
            select {sql.Id("p.draft_id")} as draft_id, 'turn ' || p.turn || ' began before the one before it' as fault
            from {Passes} where p.passed_at < coalesce(p.before_at, d.created_at)
            """;
    }

    private static IEnumerable<string> Ends(AuditSql sql)
    {
        const string Last = "ring_passes p on p.draft_id = d.id and p.turn = (select max(turn) from ring_passes m where m.draft_id = d.id)";
        yield return $"""
            select {sql.Id("d.id")} as draft_id, 'turn ' || d.turn || ' after ' || coalesce(p.passes, 0) || ' passes' as fault
            from drafts d left join (select draft_id, count(*) as passes from ring_passes group by draft_id) p on p.draft_id = d.id
            where d.turn <> coalesce(p.passes, 0) + 1
            """;
        yield return $"""
            select {sql.Id("d.id")} as draft_id, 'the holder is not who received the ring last' as fault
            from drafts d left join {Last} where d.holder_id <> coalesce(p.to_id, d.creator_id)
            """;
        yield return $"""
            select {sql.Id("d.id")} as draft_id, 'the ring is held since another moment than that of its last pass' as fault
            from drafts d left join {Last} where d.held_since <> coalesce(p.passed_at, d.created_at)
            """;
        yield return $"""
            select {sql.Id("d.id")} as draft_id, 'the last activity is not that of the last thing that happened' as fault
            from drafts d left join (select draft_id, max(created_at) as at from draft_segments group by draft_id) s on s.draft_id = d.id
            left join (select draft_id, max(passed_at) as at from ring_passes group by draft_id) p on p.draft_id = d.id
            where d.last_activity_at <> {sql.Latest("d.created_at", "coalesce(s.at, d.created_at)", "coalesce(p.at, d.created_at)", "coalesce(d.completed_at, d.created_at)")}
            """;
    }

    private static IEnumerable<string> People(AuditSql sql)
    {
        const string Owners = "left join draft_collaborators o on o.draft_id = d.id and o.role = 'owner'";
        yield return $"""
            select {sql.Id("d.id")} as draft_id, 'an active draft without exactly one owner' as fault
            from drafts d {Owners} where d.status = 'active' group by d.id having count(o.user_id) <> 1
            """;
        yield return $"""
            select {sql.Id("d.id")} as draft_id, 'a draft with writers and without an owner' as fault
            from drafts d {Owners} where d.status <> 'active' and o.user_id is null
                and exists (select 1 from draft_collaborators w where w.draft_id = d.id and w.role = 'writer')
            """;
        yield return $"""
            select {sql.Id("d.id")} as draft_id, 'the holder of an active draft may not write' as fault
            from drafts d left join draft_collaborators h on h.draft_id = d.id and h.user_id = d.holder_id left join users u on u.id = d.holder_id
            where d.status = 'active' and (h.user_id is null or h.role = 'reader' or u.disabled_at is not null)
            """;
        yield return $"""
            select {sql.Id("c.draft_id")} as draft_id, 'person ' || c.user_id || ' takes part, whose account has ended' as fault
            from draft_collaborators c join users u on u.id = c.user_id where u.deleted_at is not null
            """;
        yield return $"""
            select {sql.Id("d.id")} as draft_id, 'the draft is offered to somebody who has no part in it' as fault
            from drafts d where d.offered_to_id is not null
                and not exists (select 1 from draft_collaborators c where c.draft_id = d.id and c.user_id = d.offered_to_id and c.role <> 'owner')
            """;
    }
}
