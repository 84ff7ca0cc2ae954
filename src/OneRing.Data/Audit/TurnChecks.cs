using OneRing.Data.Database;
using OneRing.Data.Notices;

namespace OneRing.Data.Audit;

/// <summary>How turns are kept: a clock runs where it should, and whoever got the ring was told.</summary>
internal static class TurnChecks
{
    public static IEnumerable<Check> All(AuditSql sql) =>
    [
        new("turn clocks", "select count(*) from drafts where clock_turn > 0", [.. Clocks(sql)]),
        new("notices", "select count(*) from notices", [.. Notices(sql)]),
    ];

    // A clock of an earlier turn was left by a server that knew none.
    private static IEnumerable<string> Clocks(AuditSql sql) =>
        from rule in ((string When, string Fault)[])
        [
            ("d.clock_turn > d.turn", "'the clock is of turn ' || d.clock_turn || ', which has not begun'"),
            (
                "d.clock_turn = d.turn and d.clock_started_at is not null and (d.status <> 'active' or d.archived_at is not null)",
                "'the clock runs while nobody may write'"),
            ("d.clock_turn = d.turn and d.clock_started_at is not null and d.turn_limit_hours is null", "'the clock runs without a limit'"),
            ("(d.clock_started_at is null) <> (d.turn_ends_at is null)", "'the clock runs without an end, or has an end without running'"),
            ("d.clock_turn = d.turn and d.clock_started_at is not null and d.clock_step <> 'over' and d.clock_due_at is null", "'the clock runs, and nothing is due'"),
            ("d.more_time = 'asked' and d.more_asked_at is null", "'more time was asked for at no time'"),
        ]
        select $"select {sql.Id("d.id")} as draft_id, {rule.Fault} as fault from drafts d where {rule.When}";

    private static IEnumerable<string> Notices(AuditSql sql)
    {
        yield return $"""
            select {sql.Id("n.draft_id")} as draft_id, 'person ' || n.user_id || ' was told of a turn that is not theirs: ' || n.cause as fault
            from notices n join drafts d on d.id = n.draft_id left join ring_passes p on p.draft_id = n.draft_id and n.cause = 'turn ' || p.turn
            where n.kind = 'your_turn' and p.to_id is distinct from n.user_id
            """;
        // Whoever takes the ring need not be told. Since there are notices at all, everybody else is.
        yield return $"""
            select {sql.Id("p.draft_id")} as draft_id, 'person ' || p.to_id || ' was not told of turn ' || p.turn as fault
            from ring_passes p join users u on u.id = p.to_id
            join analytics_events e on e.type = 'RingPassed' and e.occurred_at = p.passed_at and e.draft_id = p.draft_id and cast(e.data ->> 'turn' as integer) = p.turn
            left join notices n on n.draft_id = p.draft_id and n.user_id = p.to_id and n.kind = 'your_turn' and n.cause = 'turn ' || p.turn
            where n.id is null and u.deleted_at is null and e.actor_id is distinct from p.to_id
                and {sql.Within("p.passed_at", Notice.Lifetime - TimeSpan.FromDays(1))} and p.passed_at >= (select min(at) from notices)
            """;
    }
}
