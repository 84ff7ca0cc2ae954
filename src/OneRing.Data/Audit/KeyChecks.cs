using OneRing.Data.Database;
using OneRing.Data.Idempotency;

namespace OneRing.Data.Audit;

/// <summary>A key stands for one effect: none without it, and none of it twice.</summary>
internal static class KeyChecks
{
    /// <summary>A key is forgotten by its own age, which a clock that went back makes another than that of its effect.</summary>
    private static readonly TimeSpan SurelyRemembered = IdempotencyKey.Lifetime - TimeSpan.FromDays(1);

    public static IEnumerable<Check> All(AuditSql sql) =>
    [
        new("keys", "select count(*) from idempotency_keys where result is not null", [Segments(sql), Drafts(sql), Invites(sql), .. Passes(sql), .. Doubles(sql)]),
        new(
            "effects of keys",
            $"select (select count(*) from draft_segments where {sql.Within("created_at", SurelyRemembered)}) + (select count(*) from ring_passes where {sql.Within("passed_at", SurelyRemembered)})",
            [.. Effects(sql)]),
    ];

    // A scope ends with the id of its draft.
    private const string DraftOf = "substr(k.scope, length(k.scope) - 35)";

    private static string IsThere(AuditSql sql) => $"exists (select 1 from drafts d where {sql.Id("d.id")} = {DraftOf})";

    private static string Segments(AuditSql sql) => $"""
        select {DraftOf} as draft_id, 'a key remembers segment ' || (k.result ->> 'SegmentId') || ', which is not there' as fault
        from idempotency_keys k
        left join draft_segments s on {sql.Id("s.id")} = k.result ->> 'SegmentId' and k.scope = s.author_id || ':append_segment:' || {sql.Id("s.draft_id")}
        where k.scope like '%:append_segment:%' and (s.id is null or s.position <> cast(k.result ->> 'Position' as integer)) and {IsThere(sql)}
        """;

    private static string Drafts(AuditSql sql) => $"""
        select {sql.Text("k.result")} as draft_id, 'a key remembers this draft, which never was' as fault
        from idempotency_keys k left join drafts d on {sql.Id("d.id")} = {sql.Text("k.result")}
        where k.scope like '%:create_draft:-' and d.id is null and {sql.Kept("k.created_at")}
            and not exists (select 1 from analytics_events e where e.type = 'DraftCreated' and {sql.Id("e.draft_id")} = {sql.Text("k.result")})
        """;

    private static string Invites(AuditSql sql) => $"""
        select {DraftOf} as draft_id, 'a key remembers invite ' || (k.result ->> 'InviteId') || ', which never was' as fault
        from idempotency_keys k
        left join analytics_events e on e.type = 'InviteCreated' and e.data ->> 'invite_id' = k.result ->> 'InviteId'
        where k.scope like '%:create_invite:%' and e.id is null and {sql.Kept("k.created_at")}
        """;

    private static IEnumerable<string> Passes(AuditSql sql) => Passing.Select(operation => $"""
        select {DraftOf} as draft_id, 'a key remembers the pass that opens turn ' || ({operation.Result} ->> 'Turn') || ', which is not there' as fault
        from idempotency_keys k
        left join ring_passes p on p.turn = cast({operation.Result} ->> 'Turn' as integer)
            and k.scope = {operation.By} || ':{operation.Name}:' || {sql.Id("p.draft_id")} and p.to_id = {operation.Result} ->> 'ToId'
        where k.scope like '%:{operation.Name}:%' and p.draft_id is null and {IsThere(sql)}
        """);

    private static IEnumerable<string> Doubles(AuditSql sql)
    {
        yield return $"""
            select min({DraftOf}) as draft_id, count(*) || ' keys remember segment ' || (k.result ->> 'SegmentId') as fault
            from idempotency_keys k where k.scope like '%:append_segment:%' group by k.result ->> 'SegmentId' having count(*) > 1
            """;
        yield return $"""
            select draft_id, count(*) || ' keys remember the pass that opens turn ' || turn as fault
            from ({string.Join(" union all ", Passing.Select(operation =>
                $"select {DraftOf} as draft_id, {operation.Result} ->> 'Turn' as turn from idempotency_keys k where k.scope like '%:{operation.Name}:%'"))}) passed
            group by draft_id, turn having count(*) > 1
            """;
    }

    // Keys of an account that has ended are gone with it, as are those of smart passes to it.
    private static IEnumerable<string> Effects(AuditSql sql)
    {
        yield return $"""
            select {sql.Id("s.draft_id")} as draft_id, 'segment ' || s.position || ' was written without a key' as fault
            from draft_segments s join users u on u.id = s.author_id
            left join idempotency_keys k on k.scope = s.author_id || ':append_segment:' || {sql.Id("s.draft_id")} and k.result ->> 'SegmentId' = {sql.Id("s.id")}
            where k.scope is null and u.deleted_at is null and {sql.Within("s.created_at", SurelyRemembered)}
                and not (s.position = 0 and exists (
                    select 1 from idempotency_keys c where c.scope = s.author_id || ':create_draft:-' and {sql.Text("c.result")} = {sql.Id("s.draft_id")}))
            """;
        yield return $"""
            select {sql.Id("p.draft_id")} as draft_id, 'turn ' || p.turn || ' was opened by hand and without a key' as fault
            from ring_passes p join users u on u.id = p.from_id
            left join idempotency_keys k on k.scope = p.from_id || ':pass_ring:' || {sql.Id("p.draft_id")} and cast(k.result ->> 'Turn' as integer) = p.turn
            where p.chosen = 'manual' and k.scope is null and u.deleted_at is null and {sql.Within("p.passed_at", SurelyRemembered)}
            """;
    }

    /// <summary>The operations that move the ring, who gives the order, and where in their result the pass is.</summary>
    private static readonly IReadOnlyList<(string Name, string By, string Result)> Passing =
        [("pass_ring", "p.from_id", "k.result"), ("smart_pass", "p.from_id", "(k.result -> 'Pass')"), ("reclaim_ring", "p.to_id", "k.result")];
}
