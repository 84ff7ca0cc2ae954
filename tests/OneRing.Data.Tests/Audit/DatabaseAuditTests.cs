using OneRing.Data.Analytics.Rollups;
using OneRing.Data.Audit;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Rings;
using OneRing.Data.Sharing;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Audit;

public sealed class DatabaseAuditTests_InMemory(InMemory database) : DatabaseAuditTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class DatabaseAuditTests_Postgres(Postgres database) : DatabaseAuditTests(database), IClassFixture<Postgres>;

/// <summary>Each rule of the audit is broken by SQL, past all code, and found.</summary>
public abstract class DatabaseAuditTests(TestDatabase database)
{
    /// <summary>
    /// What is broken, in which check it is found, and as what. The draft's ring is Ben's in turn 2, after Ana wrote segments 0 and 1 and passed it to him with a clock that runs; Eva came by a link,
    /// and looked at it, as did somebody unknown; and all of it is counted.
    /// </summary>
    private static readonly Dictionary<string, (string Sql, string Check, string Fault)> Faults = new(StringComparer.Ordinal)
    {
        ["a lost segment"] = ("delete from draft_segments where draft_id = @draft and position = 0", "segments", "1 segments where the draft counts 2"),
        ["a gap"] = ("update draft_segments set position = 7 where draft_id = @draft and position = 1", "segments", "positions have a gap or a double before 7"),
        ["somebody else’s words"] = (
            "update draft_segments set author_id = @ben where draft_id = @draft and position = 1", "segments", "segment 1 was written in turn 1 by somebody who did not hold"),
        ["words of a turn that never was"] = (
            "update draft_segments set turn = 9 where draft_id = @draft and position = 1", "segments", "segment 1 was written in turn 9 by somebody who did not hold"),
        ["words before their draft"] = (
            "update draft_segments set created_at = (select min(created_at) from users) where draft_id = @draft and position = 1", "segments", "segment 1 was written outside its turn"),
        ["a skipped turn"] = ("update ring_passes set turn = 3 where draft_id = @draft", "passes of the ring", "the pass after turn 1 opens turn 3"),
        ["a pass from nowhere"] = (
            "update ring_passes set from_id = @cleo where draft_id = @draft", "passes of the ring", "turn 2 was opened by somebody who did not hold the ring"),
        ["a pass before the draft"] = (
            "update ring_passes set passed_at = (select min(created_at) from users) where draft_id = @draft", "passes of the ring", "turn 2 began before the one before it"),
        ["a lost pass"] = ("delete from ring_passes where draft_id = @draft", "passes of the ring", "turn 2 after 0 passes"),
        ["another holder"] = ("update drafts set holder_id = @ana where id = @draft", "passes of the ring", "the holder is not who received the ring last"),
        ["a hold from another time"] = ("update drafts set held_since = created_at where id = @draft", "passes of the ring", "the ring is held since another moment"),
        ["an activity from another time"] = ("update drafts set last_activity_at = created_at where id = @draft", "passes of the ring", "the last activity is not that"),
        ["no owner"] = ("delete from draft_collaborators where draft_id = @draft and user_id = @ana", "people of drafts", "an active draft without exactly one owner"),
        ["no owner of what is paused"] = (
            "delete from draft_collaborators where draft_id = @completed and role = 'owner'", "people of drafts", "a draft with writers and without an owner"),
        ["a holder who reads"] = (
            "update draft_collaborators set role = 'reader' where draft_id = @draft and user_id = @ben", "people of drafts", "the holder of an active draft may not write"),
        ["a holder who is disabled"] = ("update users set disabled_at = created_at where id = @ben", "people of drafts", "the holder of an active draft may not write"),
        ["a person who is gone"] = (
            "update users set disabled_at = created_at, deleted_at = created_at, email = null, password_hash = null, bio = null where id = @cleo", "people of drafts", "takes part, whose account has ended"),
        ["an offer to nobody"] = ("update drafts set offered_to_id = @dan where id = @draft", "people of drafts", "the draft is offered to somebody who has no part in it"),

        ["a key without its segment"] = ("delete from draft_segments where draft_id = @draft and position = 1", "keys", "a key remembers segment"),
        ["a key without its pass"] = ("delete from ring_passes where draft_id = @draft", "keys", "a key remembers the pass that opens turn 2, which is not there"),
        ["a key of a smart pass without it"] = ("delete from ring_passes where draft_id = @completed", "keys", "a key remembers the pass that opens turn 2, which is not there"),
        ["a key without its draft"] = (
            "delete from drafts where id = @draft; delete from analytics_events where draft_id = @draft", "keys", "a key remembers this draft, which never was"),
        ["a key without its invite"] = (
            "delete from analytics_events where draft_id = @draft and type = 'InviteCreated'", "keys", "which never was"),
        ["a segment for two keys"] = (
            "insert into idempotency_keys select scope, key || 'x', fingerprint, result, created_at from idempotency_keys where scope like '%:append_segment:' || @scope",
            "keys", "2 keys remember segment"),
        ["a pass for two keys"] = (
            "insert into idempotency_keys select scope, 'another', fingerprint, result, created_at from idempotency_keys where scope like '%:pass_ring:' || @scope",
            "keys", "2 keys remember the pass that opens turn 2"),
        ["a segment twice for one key"] = (
            "delete from idempotency_keys where scope like '%:append_segment:' || @scope", "effects of keys", "segment 1 was written without a key"),
        ["a pass twice for one key"] = ("delete from idempotency_keys where scope like '%:pass_ring:' || @scope", "effects of keys", "turn 2 was opened by hand and without a key"),

        ["a creation that is not told"] = ("delete from analytics_events where draft_id = @draft and type = 'DraftCreated'", "events of drafts", "its creation has no event"),
        ["a creation that is told twice"] = (Again("DraftCreated"), "events of drafts", "its creation has 2 events"),
        ["a creation by somebody else"] = (
            "update analytics_events set actor_id = @ben where draft_id = @draft and type = 'DraftCreated'", "events of drafts", "its creation is not what its event says"),
        ["a completion that is not told"] = ("delete from analytics_events where draft_id = @completed and type = 'DraftPublished'", "events of drafts", "its completion has no event"),
        ["a completion that was none"] = (
            "update drafts set status = 'locked', completed_at = null where id = @completed", "events of drafts", "its completion has an event, and is not there"),
        ["a link that is not told"] = ("delete from analytics_events where draft_id = @draft and type = 'DraftShared'", "events of drafts", "its public link has no event"),
        ["a segment that is not told"] = ("delete from analytics_events where draft_id = @draft and type = 'SegmentAdded'", "events of segments", "segment 0 has no event"),
        ["a segment that is told twice"] = (Again("SegmentAdded"), "events of segments", "segment 1 has 2 events"),
        ["a segment that was none"] = ("delete from draft_segments where draft_id = @draft and position = 1", "events of segments", "segment 1 has an event, and is not there"),
        ["a segment of somebody else"] = (
            "update analytics_events set actor_id = @ben where draft_id = @draft and type = 'SegmentAdded'", "events of segments", "segment 1 is not what its event says"),
        ["a pass that is not told"] = ("delete from analytics_events where draft_id = @draft and type = 'RingPassed'", "events of passes", "the pass that opens turn 2 has no event"),
        ["a pass that is told twice"] = (Again("RingPassed"), "events of passes", "the pass that opens turn 2 has 2 events"),
        ["a pass that was none"] = ("delete from ring_passes where draft_id = @draft", "events of passes", "the pass that opens turn 2 has an event, and is not there"),
        ["a pass that was chosen otherwise"] = ("update ring_passes set chosen = 'expired' where draft_id = @draft", "events of passes", "the pass that opens turn 2 is not what its event says"),
        ["a person who came unseen"] = (
            "delete from analytics_events where draft_id = @draft and type = 'CollaboratorJoined'", "events of people", "has come 0 times and left 0, and takes part"),
        ["a person who left unseen"] = (
            "delete from draft_collaborators where draft_id = @draft and user_id = @cleo", "events of people", "has come 1 times and left 0, and does not take part"),
        ["an invite that is not told"] = ("delete from analytics_events where draft_id = @draft and type = 'InviteCreated'", "events of invites", "has no event"),
        ["an invite that is told twice"] = (Again("InviteCreated"), "events of invites", "has 2 events"),
        ["an acceptance that is not told"] = ("delete from analytics_events where draft_id = @draft and type = 'InviteAccepted'", "events of invites", "has no event"),
        ["an acceptance that was none"] = ("delete from invite_uses where draft_id = @draft", "events of invites", "has an event, and is not there"),
        ["uses that nobody made"] = ("update invites set uses = 2 where draft_id = @draft", "events of invites", "has 1 uses where it counts 2"),
        ["a view that is not told"] = (
            "delete from analytics_events where draft_id = @draft and type = 'DraftViewed' and actor_id is not null", "events of views", "has no event"),
        ["a view that was none"] = ("delete from draft_views where draft_id = @draft", "events of views", "has an event, and is not there"),
        ["a public view that is not told"] = (
            "delete from analytics_events where draft_id = @draft and type = 'DraftViewed' and actor_id is null", "events of views", "its public view of"),
        ["an event that was altered"] = (
            "update analytics_events set data = '{\"actor_id\": null, \"draft_id\": \"x\"}' where draft_id = @draft and type = 'DraftShared'", "contents of events", "does not have the fingerprint of its data"),
        ["an event of somebody else"] = (
            "update analytics_events set actor_id = @dan where draft_id = @draft and type = 'DraftShared'", "contents of events", "is of another draft or actor than its data"),
        ["a text that was altered"] = (
            "update draft_segments set content = 'Three words more.' where draft_id = @draft and position = 0", "contents of events", "counts other words than its segment has"),

        ["an event to count that is not there"] = (
            "insert into uncounted_events (occurred_at, event_id) select occurred_at, @draft from analytics_events where draft_id = @draft and type = 'DraftCreated'",
            "events that are not counted yet", "is to be counted, and is not there"),
        ["a draft that is not counted"] = ("delete from counted_drafts where draft_id = @draft", "drafts that are counted", "its events are counted, and it is not"),
        ["a draft counted for somebody else"] = (
            "update counted_drafts set creator_id = @ben where draft_id = @draft", "drafts that are counted", "it is counted as another draft than it is"),
        ["a completion that is not counted"] = (
            "update counted_drafts set completed_at = null where draft_id = @completed", "drafts that are counted", "it is counted as completed at another time"),
        ["activity that was none"] = ("update activity_slots set words = words + 1", "sums of activity", "activity_slots of slot "),
        ["an hour that does not add up"] = ("update activity_hours set passes = passes + 1", "sums of activity", "activity_hours of hour "),
        ["passes that are lost"] = ("delete from pass_slots", "sums of activity", "pass_slots of slot "),
        ["a day of passes that does not add up"] = ("update pass_days set passes = passes + 1", "sums of activity", "pass_days of day "),
        ["a writer’s sum"] = ("update writer_slots set segments = segments + 1 where user_id = @ana", "sums of writers", "writer_slots of slot "),
        ["a writer’s part of a day"] = ("update writer_parts set words = words + 1 where user_id = @ana", "sums of writers", "writer_parts of part "),
        ["a writer’s day"] = ("update writer_spans set words = words + 1 where user_id = @ana and span = 1", "sums of writers", "writer_spans of start "),
        ["a writer’s month"] = ("delete from writer_spans where user_id = @ana and span = 32", "sums of writers", "writer_spans of start "),
        ["a draft’s sum"] = ("update draft_slots set passes = passes + 1 where draft_id = @draft", "sums of drafts", "draft_slots of slot "),
        ["a draft’s part of a day"] = ("update draft_parts set passes = passes + 1 where draft_id = @draft", "sums of drafts", "draft_parts of part "),
        ["a draft’s day"] = ("update draft_spans set segments = 0 where draft_id = @draft and span = 1", "sums of drafts", "draft_spans of start "),
        ["a draft’s week"] = ("update draft_spans set segments = 0 where draft_id = @draft and span = 8", "sums of drafts", "draft_spans of start "),
        ["a writer in a draft"] = ("update draft_writers set segments = 9 where draft_id = @draft", "sums of writers in drafts", "draft_writers of draft_id "),
        ["a first segment"] = (
            "update draft_writers set first_segment_at = (select min(created_at) from users) where draft_id = @draft", "sums of writers in drafts", "wrote first at another time"),
        ["a contribution"] = (
            "update draft_writers set contributed_at = first_segment_at where draft_id = @draft", "sums of writers in drafts", "is counted as having contributed"),
        ["a score"] = ("update score_spans set momentum = momentum + 1 where user_id = @ana and span = 1", "sums of scores", "score_spans of start "),
        ["a score of all time"] = ("update score_spans set drafts = drafts + 1 where user_id = @ana and span > 32", "sums of scores", "score_spans of start "),
        ["a hold that is lost"] = ("delete from ring_holds where draft_id = @draft and turn = 2", "sums of holds", "the hold of turn 2 does not begin as its events say"),
        ["a hold by somebody else"] = (
            "update ring_holds set holder_id = @cleo where draft_id = @draft and turn = 2", "sums of holds", "the hold of turn 2 does not begin as its events say"),
        ["a hold that went on"] = ("update ring_holds set passed_at = null where draft_id = @draft and turn = 1", "sums of holds", "the hold of turn 1 is passed on otherwise"),
        ["a hold that was longer"] = (
            "update ring_holds set microseconds = microseconds + 1 where draft_id = @draft and turn = 1", "sums of holds", "the hold of turn 1 has another end or length"),
        ["holds that are not counted"] = ("delete from hold_spans where span = 1", "sums of holds", "hold_spans of start "),

        ["a clock of the future"] = ("update drafts set clock_turn = 5 where id = @draft", "turn clocks", "the clock is of turn 5, which has not begun"),
        ["a clock while nobody may write"] = ("update drafts set status = 'locked' where id = @draft", "turn clocks", "the clock runs while nobody may write"),
        ["a clock without a limit"] = ("update drafts set turn_limit_hours = null where id = @draft", "turn clocks", "the clock runs without a limit"),
        ["a clock without an end"] = ("update drafts set turn_ends_at = null where id = @draft", "turn clocks", "the clock runs without an end"),
        ["a clock that nobody keeps"] = ("update drafts set clock_due_at = null where id = @draft", "turn clocks", "the clock runs, and nothing is due"),
        ["more time at no time"] = ("update drafts set more_time = 'asked', more_asked_at = null where id = @draft", "turn clocks", "more time was asked for at no time"),
        ["a turn of somebody else"] = ("update notices set user_id = @cleo where draft_id = @draft and kind = 'your_turn'", "notices", "was told of a turn that is not theirs: turn 2"),
        ["a turn that nobody was told of"] = ("delete from notices where draft_id = @draft", "notices", "was not told of turn 2"),
    };

    public static TheoryData<string> Names => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_is_spoilt_is_found_and_named(string name)
    {
        var (sql, check, fault) = Faults[name];
        var (draft, completed) = (await ADraftAsync(), await ACompletedDraftAsync());
        await database.Get<EventCounter>().CountAsync();
        var before = await AuditAsync();

        await using (var connection = await database.OpenDirectAsync())
        {
            await connection.ExecuteAsync(
                sql,
                ("draft", draft.Id), ("completed", completed), ("scope", draft.Id.ToString()),
                ("ana", draft.Ana), ("ben", draft.Ben), ("cleo", draft.Cleo), ("dan", draft.Dan));
        }

        var after = (await AuditAsync()).Single(result => result.Name == check);
        var found = after.Findings.Except(before.Single(result => result.Name == check).Findings).ToList();
        Assert.Contains(found, finding => finding.Fault.Contains(fault, StringComparison.Ordinal) && (finding.DraftId is not { } id || id == draft.Id || id == completed));
        Assert.True(after.Looked > 0, "Nothing was looked at.");
    }

    [Fact]
    public async Task Of_many_contradictions_the_first_are_told_and_all_are_counted()
    {
        var draft = await ADraftAsync();
        for (var i = 0; i < 3; i++)
        {
            await database.Services.AppendAsync(draft.Id, draft.Ben, "Words.");
        }
        await using (var connection = await database.OpenDirectAsync())
        {
            await connection.ExecuteAsync("update analytics_events set actor_id = @dan where draft_id = @draft and type = 'SegmentAdded'", ("dan", draft.Dan), ("draft", draft.Id));
        }

        var check = (await database.Get<DatabaseAudit>().RunAsync(mostFindings: 2)).Checks.Single(result => result.Name == "events of segments");

        Assert.Equal(2, check.Findings.Count);
        Assert.True(check.Found >= 5, $"{check.Found} were counted.");
    }

    private static string Again(string type) => $"""
        insert into analytics_events (id, type, occurred_at, draft_id, actor_id, data, data_hash, schema_version)
        select @draft, type, occurred_at, draft_id, actor_id, data, (select e.data_hash from analytics_events e where e.type <> '{type}' order by e.occurred_at desc limit 1), schema_version
        from analytics_events where draft_id = @draft and type = '{type}' order by occurred_at desc limit 1
        """;

    private async Task<IReadOnlyList<CheckResult>> AuditAsync() => (await database.Get<DatabaseAudit>().RunAsync(mostFindings: int.MaxValue)).Checks;

    private async Task<ADraft> ADraftAsync()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var eva = await database.Services.APersonAsync("Eva");
        var invite = Given.Succeed(await database.Get<InviteService>().CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Reader, MaxUses: 5)));
        Given.Succeed(await database.Get<InviteService>().AcceptAsync(new AcceptInvite(eva, draft.Id, invite.InviteId, invite.Token)));
        Given.Succeed(await database.Get<TurnService>().SetRulesAsync(new SetTurnRules(draft.Ana, draft.Id, new TurnRules(24))));
        await database.Services.AppendAsync(draft.Id, draft.Ana, "One");
        await database.Services.AppendAsync(draft.Id, draft.Ana, "Two");
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Given.Succeed(await database.Get<DraftService>().RecordVisitAsync(eva, draft.Id));
        Given.Succeed(await database.Get<SharingService>().ShareAsync(new ShareDraft(draft.Ana, draft.Id)));
        Assert.True(await database.Get<SharingService>().RecordVisitAsync((await database.Get<SharingService>().FindAsync(draft.Ana, draft.Id))!.Token!));
        return draft;
    }

    private async Task<Guid> ACompletedDraftAsync()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        Given.Succeed(await database.Get<RingService>().PassAsync(new SmartPass(draft.Ana, draft.Id, Strategy: null, Given.NewKey())));
        Given.Succeed(await database.Get<DraftService>().CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)));
        return draft.Id;
    }
}
