using OneRing.Data.Database;

namespace OneRing.Data.Audit;

/// <summary>
/// What happened has one event, and an event has happened. Of a draft that is gone its events are all that is left, and of months that are forgotten nothing is asked. An account that
/// ended took its invites and its views along.
/// </summary>
internal static class EventChecks
{
    public static IEnumerable<Check> All(AuditSql sql) =>
    [
        new("events of drafts", Count("DraftCreated", "DraftPublished", "DraftShared"), Created(sql), Completed(sql), Shared(sql)),
        new("events of segments", Count("SegmentAdded"), Segments(sql)),
        new("events of passes", Count("RingPassed"), Passes(sql)),
        new("events of people", Count("CollaboratorJoined", "CollaboratorLeft"), People(sql)),
        new("events of invites", Count("InviteCreated", "InviteAccepted"), Invites(sql), Accepted(sql), Uses(sql)),
        new("events of views", Count("DraftViewed"), Views(sql), PublicViews(sql)),
    ];

    private static string Count(params string[] types) => $"select count(*) from analytics_events where type in ({string.Join(", ", types.Select(type => $"'{type}'"))})";

    /// <summary>The events of a type, put together by what they are of.</summary>
    /// <param name="of">What makes it one thing, besides the draft.</param>
    /// <param name="says">What it says of it, as columns.</param>
    private static string Events(AuditSql sql, string type, string of = "cast('-' as text)", string says = "") => $"""
        (select e.draft_id, {of} as of_what, count(*) as times, min(e.occurred_at) as at, min(e.actor_id) as actor_id{says}
        from analytics_events e where e.type = '{type}' and {sql.Kept("e.occurred_at")} group by e.draft_id, {of})
        """;

    /// <summary>Compares rows with events, each way.</summary>
    /// <param name="rows">The rows, with <c>draft_id</c> and <c>of_what</c>.</param>
    /// <param name="what">What a row is called, as SQL; <c>r</c> or <c>e</c> may be missing.</param>
    /// <param name="differs">Whether the event says something else than the row.</param>
    /// <param name="mayBeGone">Whether an event <c>e</c> of a draft that is there may be without its row.</param>
    /// <param name="mayHaveNone">Whether a row <c>r</c> may be without an event.</param>
    private static string Compare(
        AuditSql sql, string rows, string events, string what, string differs, string mayBeGone = "1 = 0", string mayHaveNone = "1 = 0") => $"""
        select {sql.Id("coalesce(r.draft_id, e.draft_id)")} as draft_id, {what} || case
            when e.times is null then ' has no event'
            when e.times > 1 then ' has ' || e.times || ' events'
            when r.draft_id is null then ' has an event, and is not there'
            else ' is not what its event says' end as fault
        from ({rows}) r full outer join {events} e on e.draft_id = r.draft_id and e.of_what = r.of_what
        left join drafts d on d.id = e.draft_id
        where (e.times is null and not ({mayHaveNone})) or e.times > 1 or (r.draft_id is null and d.id is not null and not ({mayBeGone})) or (r.draft_id is not null and ({differs}))
        """;

    private static string Created(AuditSql sql) => Compare(
        sql,
        $"select id as draft_id, '-' as of_what, created_at, creator_id, platform from drafts where {sql.Kept("created_at")}",
        Events(sql, "DraftCreated", says: ", min(e.data ->> 'platform') as platform"),
        "'its creation'",
        "r.created_at <> e.at or e.actor_id is distinct from r.creator_id or e.platform <> r.platform");

    private static string Completed(AuditSql sql) => Compare(
        sql,
        $"select id as draft_id, '-' as of_what, completed_at from drafts where status = 'completed' and {sql.Kept("completed_at")}",
        Events(sql, "DraftPublished"),
        "'its completion'",
        "r.completed_at <> e.at");

    // A link that was taken away has its event still.
    private static string Shared(AuditSql sql) => $"""
        select {sql.Id("l.draft_id")} as draft_id, 'its public link has no event' as fault
        from public_links l where {sql.Kept("l.created_at")}
            and not exists (select 1 from analytics_events e where e.type = 'DraftShared' and e.draft_id = l.draft_id and e.occurred_at = l.created_at and e.actor_id = l.created_by)
        """;

    private static string Segments(AuditSql sql) => Compare(
        sql,
        $"select draft_id, {sql.Id("id")} as of_what, position, turn, author_id, created_at from draft_segments where {sql.Kept("created_at")}",
        Events(sql, "SegmentAdded", "e.data ->> 'segment_id'", ", min(cast(e.data ->> 'position' as integer)) as position, min(cast(e.data ->> 'turn' as integer)) as turn"),
        "'segment ' || coalesce(r.position, e.position)",
        "r.created_at <> e.at or r.author_id is distinct from e.actor_id or r.position <> e.position or r.turn <> e.turn");

    private static string Passes(AuditSql sql) => Compare(
        sql,
        $"select draft_id, cast(turn as text) as of_what, turn, from_id, to_id, chosen, passed_at from ring_passes where {sql.Kept("passed_at")}",
        Events(sql, "RingPassed", "cast(e.data ->> 'turn' as text)", ", min(e.data ->> 'from') as from_id, min(e.data ->> 'to') as to_id, min(e.data ->> 'chosen') as chosen"),
        "'the pass that opens turn ' || coalesce(r.of_what, e.of_what)",
        "r.passed_at <> e.at or r.from_id <> e.from_id or r.to_id <> e.to_id or r.chosen <> e.chosen");

    // The creator is there without having come. These events are kept as long as the draft.
    private static string People(AuditSql sql) => $"""
        select {sql.Id("d.id")} as draft_id, 'person ' || p.user_id || ' has come ' || sum(p.came) || ' times and left ' || sum(p.gone)
            || case when sum(p.there) > 0 then ', and takes part' else ', and does not take part' end as fault
        from (
            select draft_id, user_id, 0 as came, 0 as gone, 1 as there from draft_collaborators
            union all select draft_id, data ->> 'user_id', 1, 0, 0 from analytics_events where type = 'CollaboratorJoined'
            union all select draft_id, data ->> 'user_id', 0, 1, 0 from analytics_events where type = 'CollaboratorLeft'
            union all select id, creator_id, 0, 0, 0 from drafts) p
        join drafts d on d.id = p.draft_id
        group by d.id, d.creator_id, p.user_id
        having sum(p.came) - sum(p.gone) + case when p.user_id = d.creator_id then 1 else 0 end <> sum(p.there)
        """;

    private static string Invites(AuditSql sql) => Compare(
        sql,
        $"select draft_id, {sql.Id("id")} as of_what, role, created_by, created_at from invites where {sql.Kept("created_at")}",
        Events(sql, "InviteCreated", "e.data ->> 'invite_id'", ", min(e.data ->> 'role') as role"),
        "'invite ' || coalesce(r.of_what, e.of_what)",
        "r.created_at <> e.at or r.created_by is distinct from e.actor_id or r.role <> e.role",
        mayBeGone: "exists (select 1 from users u where u.deleted_at is not null)");

    // Whoever was in already when they accepted has not come by it.
    private static string Accepted(AuditSql sql) => Compare(
        sql,
        $"""
        select u.draft_id, {sql.Id("u.invite_id")} || ' by ' || u.user_id as of_what, u.accepted_at, i.recipient_id
        from invite_uses u join invites i on i.draft_id = u.draft_id and i.id = u.invite_id where {sql.Kept("u.accepted_at")}
        """,
        Events(sql, "InviteAccepted", "(e.data ->> 'invite_id') || ' by ' || e.actor_id"),
        "'acceptance of invite ' || coalesce(r.of_what, e.of_what)",
        "r.accepted_at <> e.at",
        mayBeGone: "exists (select 1 from users u where u.id = e.actor_id and u.deleted_at is not null)",
        mayHaveNone: "r.recipient_id is not null");

    private static string Uses(AuditSql sql) => $"""
        select {sql.Id("i.draft_id")} as draft_id, 'invite ' || {sql.Id("i.id")} || ' has ' || count(u.user_id) || ' uses where it counts ' || i.uses as fault
        from invites i left join invite_uses u on u.draft_id = i.draft_id and u.invite_id = i.id
        group by i.draft_id, i.id, i.uses
        having count(u.user_id) > i.uses or (count(u.user_id) < i.uses and not exists (select 1 from users u where u.deleted_at is not null))
        """;

    private static string Views(AuditSql sql) => Compare(
        sql,
        $"select draft_id, cast(day as text) || ' by ' || user_id as of_what from draft_views where {sql.KeptDate("day")}",
        Events(sql, "DraftViewed", "(e.data ->> 'day') || coalesce(' by ' || e.actor_id, '')", ", min(e.actor_id) as viewer_id"),
        "'its view of ' || coalesce(r.of_what, e.of_what)",
        "1 = 0",
        mayBeGone: "e.actor_id is null or exists (select 1 from users u where u.id = e.actor_id and u.deleted_at is not null)");

    private static string PublicViews(AuditSql sql) => $"""
        select {sql.Id("v.draft_id")} as draft_id, 'its public view of ' || cast(v.day as text) || ' has ' || count(e.id) || ' events' as fault
        from public_views v left join analytics_events e
            on e.type = 'DraftViewed' and e.draft_id = v.draft_id and e.actor_id is null and e.data ->> 'day' = cast(v.day as text)
        where {sql.KeptDate("v.day")} group by v.draft_id, v.day having count(e.id) <> 1
        """;
}
