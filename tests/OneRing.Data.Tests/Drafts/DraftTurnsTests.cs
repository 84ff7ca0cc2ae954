using OneRing.Data.Drafts;
using OneRing.Data.Notices;
using OneRing.Data.Rings;
using static OneRing.Data.Tests.Drafts.ByItself;

namespace OneRing.Data.Tests.Drafts;

/// <summary>How a draft keeps its turns, without a database: Ana owns it and holds the ring from noon on, Ben and Dan write, Cleo reads. Times are hours since noon.</summary>
public sealed class DraftTurnsTests
{
    private static readonly TurnRules TenHours = new(LimitHours: 10, GraceHours: 2);
    private static readonly TimeSpan Instant = TimeSpan.FromMicroseconds(1);

    [Fact]
    public void A_turn_begins_with_its_rules_and_anew_with_other_ones()
    {
        var draft = ADraft();
        draft.SettleClock(At(0));
        Assert.Equal(new TurnClock(Turn: 1), draft.Clock);

        Change(draft, () => draft.SetRules(TenHours, At(1)));
        draft.SettleClock(At(1));
        Assert.Equal(TenHours, draft.Rules);
        Assert.Equal((1, At(1), At(11), At(6)), (draft.Clock.Round, draft.Clock.StartedAt, draft.Clock.EndsAt, draft.Clock.DueAt));

        Change(draft, () => draft.SetRules(TenHours with { LimitHours = 20 }, At(4)));
        draft.SettleClock(At(4));
        Assert.Equal((2, At(4), At(24), 0L), (draft.Clock.Round, draft.Clock.StartedAt, draft.Clock.EndsAt, draft.Clock.UsedMicroseconds));
    }

    [Fact]
    public void The_clock_of_an_earlier_turn_begins_anew_only_with_the_next()
    {
        var draft = ADraft(TenHours);
        Done(draft.PassRing(Pass("ana", "ben"), At(1)));

        Done(draft.SetRules(TenHours with { LimitHours = 20 }, At(2)));
        Assert.Equal((1, 1, 36_000_000_000L), (draft.Clock.Turn, draft.Clock.Round, draft.Clock.LimitMicroseconds));
        draft.SettleClock(At(2));
        Assert.Equal((2, 1, At(22)), (draft.Clock.Turn, draft.Clock.Round, draft.Clock.EndsAt));
    }

    [Fact]
    public void A_completed_draft_keeps_its_rules()
    {
        var draft = ADraft(TenHours);
        Done(draft.Complete(At(1)));

        Unchanged(draft, Refusal.DraftCompleted, () => draft.SetRules(TenHours with { LimitHours = 20 }, At(2)));
    }

    [Fact]
    public void Of_a_change_what_is_not_named_stays_and_what_holds_already_begins_no_turn_anew()
    {
        var draft = ADraft(TenHours);

        Change(draft, () => draft.Change(new ChangeDraft("ana", draft.Id, Rules: new() { GraceHours = 2 }), At(1)));
        Assert.Equal(("A draft", TenHours, 1), (draft.Title, draft.Rules, draft.Clock.Round));

        Done(draft.Change(new ChangeDraft("ana", draft.Id, "Other", new() { GraceHours = 3 }, ["dan", "ana", "ben"]), At(2)));
        Assert.Equal(("Other", TenHours with { GraceHours = 3 }, 2), (draft.Title, draft.Rules, draft.Clock.Round));
        Assert.Equal(["dan", "ana", "ben"], draft.Collaborators.Where(c => c.Place is not null).OrderBy(c => c.Place).Select(c => c.UserId));
    }

    [Fact]
    public void A_change_is_refused_for_its_order_and_for_its_rules()
    {
        var draft = ADraft(TenHours);

        Assert.Equal(Refusal.OrderInvalid, draft.Change(new ChangeDraft("ana", draft.Id, "Other", Order: ["ana"]), At(1)).Refusal);
        Assert.Equal(Refusal.TurnRulesInvalid, draft.Change(new ChangeDraft("ana", draft.Id, "Other", new() { GraceHours = 169 }), At(1)).Refusal);
        Assert.Equal(("A draft", TenHours), (draft.Title, draft.Rules));
        Done(draft.Complete(At(2)));
        Assert.Equal(Refusal.DraftCompleted, draft.Change(new ChangeDraft("ana", draft.Id, "Other", new() { GraceHours = 1 }), At(3)).Refusal);
        Assert.Equal("A draft", draft.Title);
    }

    [Fact]
    public void Whoever_stays_away_longer_has_been_away_since_they_said_so_first()
    {
        var draft = ADraft();
        var ben = draft.FindCollaborator("ben")!;

        Change(draft, () => draft.SetAway("ben", At(10), At(1)));
        Assert.Equal((At(1), At(10)), (ben.AwaySince, ben.AwayUntil));
        draft.SetAway("ben", At(20), At(9));
        Assert.Equal((At(1), At(20)), (ben.AwaySince, ben.AwayUntil));
        draft.SetAway("ben", At(30), At(20));
        Assert.Equal((At(20), At(30)), (ben.AwaySince, ben.AwayUntil));
        Change(draft, () => draft.SetAway("ben", until: null, At(21)));
        Assert.Equal((null, null), (ben.AwaySince, ben.AwayUntil));
    }

    [Theory]
    [InlineData("ana,ben")]
    [InlineData("ana,ben,dan,eve")]
    [InlineData("ana,ben,dan,cleo")]
    [InlineData("ana,ben,dan,dan")]
    [InlineData("ana,ben,ben")]
    [InlineData("ana,ben,Dan")]
    public void An_order_names_everybody_who_can_hold_the_ring_once(string wrong)
    {
        var draft = ADraft();

        Unchanged(draft, Refusal.OrderInvalid, () => draft.SetOrder(wrong.Split(','), At(1)));
        Assert.All(draft.Collaborators, c => Assert.Null(c.Place));

        Change(draft, () => draft.SetOrder(["dan", "ben", "ana"], At(1)));
        Assert.Equal([("ana", 2), ("ben", 1), ("cleo", null), ("dan", 0)], draft.Collaborators.OrderBy(c => c.UserId, StringComparer.Ordinal).Select(c => (c.UserId, c.Place)));
    }

    [Fact]
    public void The_owner_takes_the_ring_back_and_says_why()
    {
        var draft = ADraft(heldBy: "ben");
        Unchanged(draft, Refusal.StaleTurn, () => draft.Reclaim(new ReclaimRing("ana", draft.Id, Turn: 1), At(1)));

        var pass = Done(draft.Reclaim(new ReclaimRing("ana", draft.Id, Turn: 2), At(1)));
        Assert.Equal(("ben", "ana", 3, Chosen.Reclaimed, "The owner took the ring back.", null), (pass.FromId, pass.ToId, pass.Turn, pass.Chosen, pass.Reason, pass.Note));
        Assert.Equal("I have an idea.", Done(ADraft(heldBy: "ben").Reclaim(new ReclaimRing("ana", draft.Id, Reason: " I have an idea. "), At(1))).Reason);
        Unchanged(draft, Refusal.RecipientIsHolder, () => draft.Reclaim(new ReclaimRing("ana", draft.Id), At(2)));
    }

    [Fact]
    public void The_owner_does_not_take_a_ring_while_away_nor_one_that_rests()
    {
        var draft = ADraft(heldBy: "ben");
        draft.SetAway("ana", At(10), At(1));
        Unchanged(draft, Refusal.YouAreAway, () => draft.Reclaim(new ReclaimRing("ana", draft.Id), At(9)));
        Done(draft.Lock(At(10)));
        Unchanged(draft, Refusal.DraftNotActive, () => draft.Reclaim(new ReclaimRing("ana", draft.Id), At(10)));
    }

    [Theory]
    [InlineData(12, false, 1)]
    [InlineData(11, false, 0)]
    [InlineData(12, true, 0)]
    public void A_turn_that_the_owner_ends_is_missed_if_its_time_was_up_and_its_holder_there(double hours, bool isAway, int missed)
    {
        var draft = ADraft(TenHours with { ExcusedMisses = 0 }, heldBy: "ben");
        draft.TakeStep(At(hours));
        if (isAway)
        {
            draft.SetAway("ben", At(100), At(hours));
        }

        Done(draft.Reclaim(new ReclaimRing("ana", draft.Id), At(hours)));
        Assert.Equal(missed, draft.FindCollaborator("ben")!.MissedTurns);
    }

    [Fact]
    public void The_holder_asks_once_for_more_time_while_there_is_some()
    {
        Unchanged(ADraft(), Refusal.NoTurnClock, draft => draft.AskForMore(new AskForMore("ana", draft.Id), At(1)));
        Unchanged(ADraft(TenHours), Refusal.RingRequired, draft => draft.AskForMore(new AskForMore("ben", draft.Id), At(1)));
        Unchanged(ADraft(TenHours), Refusal.StaleTurn, draft => draft.AskForMore(new AskForMore("ana", draft.Id, Turn: 2), At(1)));
        Unchanged(ADraft(TenHours), Refusal.NoTurnClock, draft => draft.AskForMore(new AskForMore("ana", draft.Id), At(12)));

        var asked = ADraft(TenHours);
        Change(asked, () => asked.AskForMore(new AskForMore("ana", asked.Id), At(11.9)));
        Assert.Equal((MoreTime.Asked, At(11.9), At(12.9)), (asked.Clock.More, asked.Clock.MoreAskedAt, asked.Clock.MoreAt));
        Unchanged(asked, Refusal.AskedForMore, () => asked.AskForMore(new AskForMore("ana", asked.Id), At(11.9)));
    }

    [Fact]
    public void Somebody_who_waits_objects_to_what_was_asked()
    {
        var draft = ADraft(TenHours);
        Unchanged(draft, Refusal.NothingAsked, () => draft.RefuseMore(new RefuseMore("ben", draft.Id), At(1)));
        Done(draft.AskForMore(new AskForMore("ana", draft.Id), At(1)));
        Unchanged(draft, Refusal.NothingAsked, () => draft.RefuseMore(new RefuseMore("ana", draft.Id), At(1)));
        Unchanged(draft, Refusal.StaleTurn, () => draft.RefuseMore(new RefuseMore("ben", draft.Id, Turn: 2), At(1)));

        Change(draft, () => draft.RefuseMore(new RefuseMore("ben", draft.Id, Turn: 1), At(1.5)));
        Assert.Equal(MoreTime.Refused, draft.Clock.More);
        Unchanged(draft, Refusal.NothingAsked, () => draft.RefuseMore(new RefuseMore("dan", draft.Id), At(1.5)));
        Done(draft.Lock(At(2)));
        Unchanged(draft, Refusal.DraftNotActive, () => draft.RefuseMore(new RefuseMore("ben", draft.Id), At(2)));
    }

    [Fact]
    public void More_time_is_granted_when_nobody_has_objected_for_an_hour()
    {
        var draft = ADraft(TenHours);
        Assert.False(draft.GrantMore(At(5)));
        Done(draft.AskForMore(new AskForMore("ana", draft.Id), At(5)));
        var version = draft.Version;
        Assert.False(draft.GrantMore(At(6) - TimeSpan.FromTicks(10)));
        Assert.Equal(version, draft.Version);

        Change(draft, () => Assert.True(draft.GrantMore(At(6))));
        draft.SettleClock(At(6));
        Assert.Equal((MoreTime.Granted, At(15), 2), (draft.Clock.More, draft.Clock.EndsAt, draft.Clock.Round));
        Assert.False(draft.GrantMore(At(7)));
    }

    [Fact]
    public void No_time_is_granted_while_the_clock_stands_still()
    {
        var draft = ADraft(TenHours);
        Done(draft.AskForMore(new AskForMore("ana", draft.Id), At(5)));
        Done(draft.Lock(At(5.5)));
        draft.SettleClock(At(5.5));

        Assert.False(draft.GrantMore(At(20)));
        Assert.Equal(MoreTime.Asked, draft.Clock.More);
    }

    [Fact]
    public void Each_step_of_the_clock_is_taken_once()
    {
        var draft = ADraft(TenHours);
        var version = draft.Version;
        Assert.Null(draft.TakeStep(At(4.9)));
        Assert.Equal(version, draft.Version);

        Change(draft, () => Assert.Equal(ClockStep.HalfTold, draft.TakeStep(At(5))));
        Assert.Equal(ClockStep.HalfTold, draft.Clock.Step);
        Assert.Null(draft.TakeStep(At(5)));
        Assert.Equal(ClockStep.Over, draft.TakeStep(At(12)));
    }

    [Fact]
    public void A_ring_goes_on_after_a_day_with_a_holder_who_stays_away_longer()
    {
        var draft = ADraft();
        Assert.Null(draft.AwayTooLongAt(At(100)));
        draft.SetAway("ana", At(60), At(1));
        Assert.Equal(At(25), draft.AwayTooLongAt(At(2)));
        Assert.Equal(At(25), draft.AwayTooLongAt(At(59)));
        Assert.Null(draft.AwayTooLongAt(At(60)));
        draft.SetAway("ana", At(25), At(2));
        Assert.Null(draft.AwayTooLongAt(At(3)));
        draft.SetAway("ana", At(25) + TimeSpan.FromTicks(10), At(3));
        Assert.Equal(At(25), draft.AwayTooLongAt(At(3)));
        Done(draft.Lock(At(3)));
        Assert.Null(draft.AwayTooLongAt(At(3)));

        // Whoever was away before gets a day from the moment in which they have the ring.
        var passed = ADraft();
        passed.SetAway("ben", At(60), At(1));
        passed.PassRing(new NextHolder("ben", "Ben", Chosen.RoundRobin, "It is their turn.", CandidateCount: 1), note: null, At(10));
        Assert.Equal(At(34), passed.AwayTooLongAt(At(11)));
    }

    [Fact]
    public void The_clock_runs_while_the_draft_is_open_and_somebody_else_could_have_the_ring()
    {
        var draft = ADraft(TenHours);
        Assert.Equal((At(0), At(10), At(5)), (draft.Clock.StartedAt, draft.Clock.EndsAt, draft.Clock.DueAt));

        Done(draft.Lock(At(2)));
        draft.SettleClock(At(2));
        Assert.Equal((null, null, null, 7_200_000_000L), (draft.Clock.StartedAt, draft.Clock.EndsAt, draft.Clock.DueAt, draft.Clock.UsedMicroseconds));
        Done(draft.Unlock(At(4)));
        draft.SettleClock(At(4));
        Assert.Equal((At(4), At(12)), (draft.Clock.StartedAt, draft.Clock.EndsAt));

        draft.FindCollaborator("ben")!.IsDisabled = true;
        draft.SettleClock(At(5));
        Assert.Equal(At(12), draft.Clock.EndsAt);
        draft.FindCollaborator("dan")!.IsDisabled = true;
        draft.SettleClock(At(6));
        Assert.Null(draft.Clock.EndsAt);

        Done(draft.SetRules(new TurnRules(), At(7)));
        draft.FindCollaborator("dan")!.IsDisabled = false;
        draft.SettleClock(At(7));
        Assert.Equal((null, null), (draft.Clock.EndsAt, draft.Clock.DueAt));
    }

    [Fact]
    public void A_new_turn_has_a_clock_of_its_own_and_half_the_time_after_a_missed_one()
    {
        var draft = ADraft(TenHours);
        draft.FindCollaborator("ben")!.Miss(excused: 0);

        Done(draft.PassRing(Pass("ana", "ben"), At(3)));
        draft.SettleClock(At(3));
        Assert.Equal((2, At(3), At(8)), (draft.Clock.Turn, draft.Clock.StartedAt, draft.Clock.EndsAt));

        Done(draft.PassRing(Pass("ben", "dan"), At(4)));
        draft.SettleClock(At(4));
        Assert.Equal((3, At(4), At(14)), (draft.Clock.Turn, draft.Clock.StartedAt, draft.Clock.EndsAt));
    }

    [Fact]
    public void The_ring_of_a_holder_who_has_been_away_too_long_goes_when_somebody_is_back()
    {
        var draft = ADraft();
        draft.SetAway("ana", At(60), At(1));
        draft.SetAway("ben", At(50), At(1));
        draft.SetAway("dan", At(30), At(1));

        draft.SettleClock(At(25) - Instant);
        Assert.Equal(At(25), draft.Clock.DueAt);
        draft.SettleClock(At(25));
        Assert.Equal(At(30), draft.Clock.DueAt);
    }

    [Fact]
    public void The_clock_rests_by_the_time_of_the_holder()
    {
        var draft = ADraft(TenHours with { RestFrom = new(22, 0), RestTo = new(8, 0) });
        Assert.Equal(At(10), draft.Clock.EndsAt);

        // In Tokyo it is nine hours later: of ten hours, one is left of the day.
        draft.FindCollaborator("ana")!.Whereabouts = new Whereabouts("Asia/Tokyo", AwaySince: null, AwayUntil: null);
        draft.SettleClock(At(0));
        Assert.Equal(At(20), draft.Clock.EndsAt);
    }

    [Fact]
    public void A_ring_whose_time_is_up_goes_when_somebody_is_back()
    {
        var draft = ADraft(TenHours);
        draft.TakeStep(At(12));
        draft.SettleClock(At(12));
        Assert.Equal(At(12), draft.Clock.DueAt);

        draft.SetAway("ben", At(50), At(12));
        draft.SetAway("dan", At(30), At(12));
        draft.SettleClock(At(12));
        Assert.Equal(At(30), draft.Clock.DueAt);
        draft.FindCollaborator("dan")!.IsDisabled = true;
        draft.SettleClock(At(12));
        Assert.Equal(At(50), draft.Clock.DueAt);

        var told = ADraft(TenHours with { OnExpiry = OnExpiry.Reclaim });
        told.TakeStep(At(12));
        told.SettleClock(At(12));
        Assert.Null(told.Clock.DueAt);
    }

    [Fact]
    public void A_ring_whose_holder_stays_away_is_looked_at_after_a_day_and_when_somebody_is_back()
    {
        var draft = ADraft();
        draft.SetAway("ana", At(60), At(1));
        draft.SettleClock(At(1));
        Assert.Equal(At(25), draft.Clock.DueAt);
        draft.SettleClock(At(25));
        Assert.Equal(At(25), draft.Clock.DueAt);

        draft.SetAway("ben", At(50), At(24));
        draft.SetAway("dan", At(30), At(24));
        draft.SettleClock(At(26));
        Assert.Equal(At(30), draft.Clock.DueAt);
    }

    [Fact]
    public void A_pass_by_the_clock_says_why_it_is_and_why_it_is_they()
    {
        var pass = ADraft(TenHours).Expire(new NextHolder("dan", "Dan", Chosen.RoundRobin, "It is their turn.", CandidateCount: 2), "The time was up.", At(12));

        Assert.Equal(("ana", "dan", 2, Chosen.Expired, "The time was up. It is their turn.", null), (pass.FromId, pass.ToId, pass.Turn, pass.Chosen, pass.Reason, pass.Note));
    }

    [Fact]
    public void A_notice_is_caused_by_a_turn_and_its_round()
    {
        var draft = ADraft(TenHours);

        Assert.Equal(Notice.CauseOf(1, 1, ""), draft.CauseOf());
        Assert.Equal(Notice.CauseOf(1, 1, "half"), draft.CauseOf("half"));
        Assert.NotEqual(draft.CauseOf(), draft.CauseOf("half"));
    }

    private static DateTimeOffset At(double hours) => Noon.AddHours(hours);

    private static Draft ADraft(TurnRules? rules = null, string heldBy = "ana")
    {
        var draft = Draft.Create(new CreateDraft("ana", "A draft"), Noon);
        Done(draft.Add("ben", Role.Writer, Noon));
        Done(draft.Add("cleo", Role.Reader, Noon));
        Done(draft.Add("dan", Role.Writer, Noon));
        if (heldBy != "ana")
        {
            Done(draft.PassRing(Pass("ana", heldBy), Noon));
        }
        if (rules is not null)
        {
            Done(draft.SetRules(rules, Noon));
            draft.SettleClock(Noon);
        }
        return draft;
    }

    /// <summary>It counts as one more version of the draft, or as some.</summary>
    private static void Change(Draft draft, Action change)
    {
        var version = draft.Version;
        change();
        Assert.True(draft.Version > version);
    }

    private static void Change<T>(Draft draft, Func<Result<T>> change) => Change(draft, () => { Done(change()); });
}
