using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Data.Writing;

namespace OneRing.Data.Tests.Drafts;

/// <summary>The rules of a draft by themselves, without a database.</summary>
public sealed class DraftTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Later = Noon.AddHours(1);

    [Fact]
    public void A_new_draft_is_active_and_its_creator_owns_it_and_holds_its_ring()
    {
        var draft = Draft.Create(new CreateDraft("ana", "  Äpfel & Ringe "), Noon);

        Assert.Equal("Äpfel & Ringe", draft.Title);
        Assert.Equal("äpfel & ringe", draft.FoldedTitle);
        Assert.Equal((DraftStatus.Active, "ana", "ana", 1, 1), (draft.Status, draft.CreatorId, draft.HolderId, draft.Turn, draft.Version));
        Assert.Equal(Role.Owner, Assert.Single(draft.Collaborators).Role);
        Assert.All([draft.CreatedAt, draft.UpdatedAt, draft.LastActivityAt, draft.HeldSince], at => Assert.Equal(Noon, at));
    }

    [Fact]
    public void Segments_stand_one_after_another_in_the_turn_in_which_they_were_written()
    {
        var draft = ADraft();

        var first = Done(draft.Append(Append("ana"), Noon));
        Done(draft.PassRing(Pass("ana", "ben"), Noon));
        var second = Done(draft.Append(Append("ben"), Noon));

        Assert.Equal((0, 1, "ana"), (first.Position, first.Turn, first.AuthorId));
        Assert.Equal((1, 2, "ben"), (second.Position, second.Turn, second.AuthorId));
        Assert.Equal(2, draft.SegmentCount);
    }

    [Fact]
    public void Time_never_goes_back_even_when_the_clock_does()
    {
        var draft = ADraft();
        var late = Noon.AddHours(3);

        Assert.Equal(late, Done(draft.Append(Append("ana"), late)).CreatedAt);
        Assert.Equal(late, Done(draft.Append(Append("ana"), Noon)).CreatedAt);
        Assert.Equal(late, Done(draft.PassRing(Pass("ana", "ben"), Noon.AddDays(-1))).PassedAt);
        Assert.Equal(late, Done(draft.Add("dan", Role.Writer, Noon)).JoinedAt);
        Done(draft.PassRing(Pass("ben", "ana"), Noon));
        Done(draft.Complete(Noon));

        Assert.All([draft.UpdatedAt, draft.LastActivityAt, draft.HeldSince, draft.CompletedAt!.Value], at => Assert.Equal(late, at));
        Assert.Equal(Noon, draft.CreatedAt);
    }

    [Fact]
    public void Only_segments_passes_and_completion_count_as_activity()
    {
        var draft = ADraft();
        var before = draft.LastActivityAt;

        Done(draft.Rename(new RenameDraft("ana", draft.Id, "Other"), Noon.AddHours(1)));
        Done(draft.Lock(Noon.AddHours(2)));
        Done(draft.Unlock(Noon.AddHours(3)));
        Done(draft.Add("dan", Role.Writer, Noon.AddHours(4)));
        Done(draft.ChangeRole("cleo", Role.Writer, Noon.AddHours(5)));
        Done(draft.Remove("dan", Noon.AddHours(6)));

        Assert.Equal(before, draft.LastActivityAt);
        Assert.Equal(Noon.AddHours(6), draft.UpdatedAt);
        Done(draft.Append(Append("ana"), Noon.AddHours(7)));
        Assert.Equal(Noon.AddHours(7), draft.LastActivityAt);
        Done(draft.PassRing(Pass("ana", "ben"), Noon.AddHours(8)));
        Assert.Equal(Noon.AddHours(8), draft.LastActivityAt);
        Done(draft.Complete(Noon.AddHours(9)));
        Assert.Equal(Noon.AddHours(9), draft.LastActivityAt);
    }

    [Theory]
    [InlineData(DraftStatus.Active)]
    [InlineData(DraftStatus.Locked)]
    [InlineData(DraftStatus.Completed)]
    public void The_ring_goes_home_when_its_holder_is_taken_out_in_every_status(DraftStatus status)
    {
        var draft = ADraftHeldByBen(status);

        var (_, pass) = Done(draft.Remove("ben", Noon.AddHours(1)));

        AssertWentHome(draft, pass);
        Assert.Null(draft.FindCollaborator("ben"));
        Assert.Equal(status, draft.Status);
    }

    [Theory]
    [InlineData(DraftStatus.Active)]
    [InlineData(DraftStatus.Locked)]
    [InlineData(DraftStatus.Completed)]
    public void The_ring_goes_home_when_its_holder_becomes_a_reader_in_every_status(DraftStatus status)
    {
        var draft = ADraftHeldByBen(status);

        var (_, pass) = Done(draft.ChangeRole("ben", Role.Reader, Noon.AddHours(1)));

        AssertWentHome(draft, pass);
        Assert.Equal(Role.Reader, draft.FindCollaborator("ben")!.Role);
        Assert.Equal(status, draft.Status);
    }

    [Fact]
    public void The_ring_stays_when_somebody_else_goes_or_changes()
    {
        var draft = ADraftHeldByBen(DraftStatus.Active);

        Assert.Null(Done(draft.ChangeRole("cleo", Role.Writer, Noon)).Pass);
        Assert.Null(Done(draft.ChangeRole("cleo", Role.Reader, Noon)).Pass);
        Assert.Null(Done(draft.ChangeRole("ben", Role.Writer, Noon)).Pass);
        Assert.Null(Done(draft.Remove("cleo", Noon)).Pass);

        Assert.Equal(("ben", 2), (draft.HolderId, draft.Turn));
    }

    [Fact]
    public void The_owner_neither_leaves_nor_becomes_something_else()
    {
        var draft = ADraft();

        Unchanged(draft, Refusal.OwnerStays, () => draft.Remove("ana", Noon));
        Unchanged(draft, Refusal.OwnerStays, () => draft.ChangeRole("ana", Role.Writer, Noon));
    }

    [Fact]
    public void Who_has_no_part_in_it_can_neither_be_taken_out_nor_changed()
    {
        var draft = ADraft();

        Unchanged(draft, Refusal.NotACollaborator, () => draft.Remove("dan", Noon));
        Unchanged(draft, Refusal.NotACollaborator, () => draft.ChangeRole("dan", Role.Reader, Noon));
    }

    [Fact]
    public void Nobody_joins_twice_or_after_the_end()
    {
        var draft = ADraft();

        Unchanged(draft, Refusal.AlreadyCollaborator, () => draft.Add("ben", Role.Reader, Noon));
        Done(draft.Complete(Noon));
        Unchanged(draft, Refusal.DraftCompleted, () => draft.Add("dan", Role.Reader, Noon));
    }

    [Theory]
    [InlineData(DraftStatus.Active, null, Refusal.DraftNotLocked, null)]
    [InlineData(DraftStatus.Locked, Refusal.DraftNotActive, null, Refusal.DraftNotActive)]
    [InlineData(DraftStatus.Completed, Refusal.DraftNotActive, Refusal.DraftNotLocked, Refusal.DraftNotActive)]
    public void A_draft_is_locked_unlocked_and_completed_only_from_the_right_status(
        DraftStatus status, Refusal? @lock, Refusal? unlock, Refusal? complete)
    {
        AssertMoves(@lock, draft => draft.Lock(Noon), DraftStatus.Locked);
        AssertMoves(unlock, draft => draft.Unlock(Noon), DraftStatus.Active);
        AssertMoves(complete, draft => draft.Complete(Noon), DraftStatus.Completed);

        void AssertMoves<T>(Refusal? refusal, Func<Draft, Result<T>> move, DraftStatus then)
        {
            var draft = ADraftHeldByBen(status);
            if (refusal is { } expected)
            {
                Unchanged(draft, expected, () => move(draft));
            }
            else
            {
                Done(move(draft));
                Assert.Equal(then, draft.Status);
            }
            Assert.Equal(draft.Status == DraftStatus.Completed, draft.CompletedAt is not null);
        }
    }

    [Theory]
    [InlineData(DraftStatus.Locked)]
    [InlineData(DraftStatus.Completed)]
    public void Nobody_writes_or_passes_while_a_draft_is_not_active(DraftStatus status)
    {
        var draft = ADraftHeldByBen(status);

        Unchanged(draft, Refusal.DraftNotActive, () => draft.Append(Append("ben") with { Turn = 1 }, Noon));
        Unchanged(draft, Refusal.DraftNotActive, () => draft.PassRing(Pass("ben", "ana"), Noon));
    }

    [Fact]
    public void A_stale_turn_is_told_before_the_ring_is_asked_for()
    {
        var draft = ADraftHeldByBen(DraftStatus.Active);

        Unchanged(draft, Refusal.StaleTurn, () => draft.Append(Append("ana") with { Turn = 1 }, Noon));
        Unchanged(draft, Refusal.StaleTurn, () => draft.PassRing(Pass("ben", "ana") with { Turn = 3 }, Noon));
        Unchanged(draft, Refusal.RingRequired, () => draft.Append(Append("ana") with { Turn = 2 }, Noon));
        Unchanged(draft, Refusal.RingRequired, () => draft.PassRing(Pass("ana", "ben"), Noon));
        Done(draft.Append(Append("ben") with { Turn = 2 }, Noon));
    }

    [Fact]
    public void The_ring_goes_to_nobody_who_cannot_hold_it()
    {
        var draft = ADraft();

        Unchanged(draft, Refusal.RecipientIsHolder, () => draft.PassRing(Pass("ana", "ana"), Noon));
        Unchanged(draft, Refusal.RecipientCannotHold, () => draft.PassRing(Pass("ana", "cleo"), Noon));
        Unchanged(draft, Refusal.RecipientCannotHold, () => draft.PassRing(Pass("ana", "dan"), Noon));
    }

    [Fact]
    public void A_note_of_nothing_is_no_note()
    {
        var draft = ADraft();

        Assert.Equal(" Mind the gap ", Done(draft.PassRing(Pass("ana", "ben") with { Note = " Mind the gap " }, Noon)).Note);
        Assert.Null(Done(draft.PassRing(Pass("ben", "ana") with { Note = " \n" }, Noon)).Note);
    }

    [Fact]
    public void Each_role_may_do_what_is_its_own()
    {
        var draft = ADraftHeldByBen(DraftStatus.Active);
        Done(draft.Add("dan", Role.Writer, Noon));
        var id = draft.Id;

        Assert.Equal("ana ben dan", Allowed(by => new AppendSegment(by, id, "Text", Key: null)));
        Assert.Equal("ana ben dan", Allowed(by => new PassRing(by, id, "ana", Key: null)));
        Assert.Equal("ana ben dan", Allowed(by => new SmartPass(by, id, Strategy.RoundRobin, Key: null)));
        Assert.Equal("ana ben", Allowed(by => new LockDraft(by, id)));
        Assert.Equal("ana", Allowed(by => new UnlockDraft(by, id)));
        Assert.Equal("ana", Allowed(by => new CompleteDraft(by, id)));
        Assert.Equal("ana", Allowed(by => new RenameDraft(by, id, "Other")));
        Assert.Equal("ana", Allowed(by => new AddCollaborator(by, id, "eve", Role.Writer)));
        Assert.Equal("ana", Allowed(by => new ChangeRole(by, id, "cleo", Role.Writer)));
        Assert.Equal("ana cleo", Allowed(by => new RemoveCollaborator(by, id, "cleo")));
        Assert.Equal("", Allowed(by => new AddCollaborator(by, id, "eve", Role.Owner)));
        Assert.Equal("", Allowed(by => new ChangeRole(by, id, "cleo", Role.Owner)));

        string Allowed(Func<string, DraftCommand> command) =>
            string.Join(' ', draft.Collaborators.Where(actor => command(actor.UserId).IsAllowed(draft, actor)).Select(actor => actor.UserId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_change_counts_one_more_version_and_is_of_its_time()
    {
        Changes(draft => Done(draft.Rename(new RenameDraft("ana", draft.Id, "Other"), Later)));
        Changes(draft => Done(draft.Append(Append("ana"), Later)));
        Changes(draft => Done(draft.PassRing(Pass("ana", "ben"), Later)));
        Changes(draft => draft.PassRing(new NextHolder("ben", "Ben", Chosen.RoundRobin, "It is their turn.", CandidateCount: 1), note: null, Later));
        Changes(draft => Done(draft.Add("dan", Role.Writer, Later)));
        Changes(draft => Done(draft.ChangeRole("ben", Role.Reader, Later)));
        Changes(draft => Done(draft.Remove("ben", Later)));
        Changes(draft => draft.Lose("ben", Later));
        Changes(draft => draft.Suspend("ben", Later));
        Changes(draft => draft.NoteChange(Later));
        Changes(draft => Done(draft.OfferTo("ben", Later)));
        Changes(draft => Done(draft.DropOffer(Later)), draft => Done(draft.OfferTo("ben", Noon)));
        Changes(draft => Done(draft.GiveUpOwnership("ben", Later)), draft => Done(draft.OfferTo("ben", Noon)));
        Changes(draft => Done(draft.Archive(away: true, Later)));
        Changes(draft => Done(draft.Archive(away: false, Later)), draft => Done(draft.Archive(away: true, Noon)));
        Changes(draft => Done(draft.Lock(Later)));
        Changes(draft => Done(draft.Unlock(Later)), draft => Done(draft.Lock(Noon)));
        Changes(draft => Done(draft.Complete(Later)));

        static void Changes(Action<Draft> change, Action<Draft>? before = null)
        {
            var draft = ADraft();
            before?.Invoke(draft);
            var version = draft.Version;

            change(draft);

            Assert.Equal((version + 1, Later), (draft.Version, draft.UpdatedAt));
        }
    }

    [Fact]
    public void A_pass_says_why_the_ring_has_moved()
    {
        Assert.Equal("The holder chose.", Done(ADraft().PassRing(Pass("ana", "ben"), Noon)).Reason);
        Assert.Equal("It is their turn.", ADraft().PassRing(new NextHolder("ben", "Ben", Chosen.RoundRobin, "It is their turn.", CandidateCount: 1), note: null, Noon).Reason);
        Assert.Equal("The holder has left this draft.", Done(ADraftHeldByBen(DraftStatus.Active).Remove("ben", Noon)).Pass!.Reason);
        Assert.Equal("The holder is now a reader.", Done(ADraftHeldByBen(DraftStatus.Active).ChangeRole("ben", Role.Reader, Noon)).Pass!.Reason);
        Assert.Equal("The holder’s account has ended.", ADraftHeldByBen(DraftStatus.Active).Lose("ben", Noon).Pass!.Reason);
        Assert.Equal("The holder’s account is disabled.", ADraftHeldByBen(DraftStatus.Active).Suspend("ben", Noon).Pass!.Reason);

        var locked = Draft.Create(new CreateDraft("ana", "A draft"), Noon);
        locked.Suspend("ana", Noon);
        locked.FindCollaborator("ana")!.IsDisabled = false;
        Done(locked.Add("ben", Role.Writer, Noon));
        Done(locked.Remove("ben", Noon));
        locked.FindCollaborator("ana")!.IsDisabled = true;
        Done(locked.Add("ben", Role.Writer, Noon));
        var home = Done(locked.Unlock(Noon)).Pass!;
        Assert.Equal(("ben", "Its holder could no longer write."), (home.ToId, home.Reason));
    }

    [Fact]
    public void Whatever_keeps_somebody_from_writing_is_told_in_one_order()
    {
        var draft = ADraft();
        var (ana, ben, cleo) = (draft.FindCollaborator("ana"), draft.FindCollaborator("ben"), draft.FindCollaborator("cleo"));

        Assert.Null(draft.WhyNotWriting(ana, "ana"));
        Assert.Equal(ParkedBecause.RingGone, draft.WhyNotWriting(ben, "ben"));
        Assert.Equal(ParkedBecause.RoleChanged, draft.WhyNotWriting(cleo, "cleo"));
        Assert.Equal(ParkedBecause.Removed, draft.WhyNotWriting(me: null, "dan"));
        Done(draft.Archive(away: true, Noon));
        Assert.Equal([ParkedBecause.Archived, ParkedBecause.Archived], [draft.WhyNotWriting(ana, "ana"), draft.WhyNotWriting(ben, "ben")]);
        Done(draft.Lock(Noon));
        Assert.Equal([ParkedBecause.Locked, ParkedBecause.Locked], [draft.WhyNotWriting(ana, "ana"), draft.WhyNotWriting(ben, "ben")]);
        Done(draft.Unlock(Noon));
        Done(draft.Complete(Noon));
        Assert.Equal([ParkedBecause.Completed, ParkedBecause.Completed], [draft.WhyNotWriting(ana, "ana"), draft.WhyNotWriting(ben, "ben")]);
        Assert.Equal(ParkedBecause.RoleChanged, draft.WhyNotWriting(cleo, "cleo"));
        Assert.Equal(ParkedBecause.Removed, draft.WhyNotWriting(me: null, "dan"));
    }

    [Fact]
    public void An_offer_is_for_one_person_and_falls_with_them()
    {
        var draft = ADraft();
        Unchanged(draft, Refusal.NoOffer, () => draft.DropOffer(Later));
        Unchanged(draft, Refusal.NoOffer, () => draft.GiveUpOwnership("ben", Later));
        Unchanged(draft, Refusal.AlreadyOwner, () => draft.OfferTo("ana", Later));
        Unchanged(draft, Refusal.NotACollaborator, () => draft.OfferTo("dan", Later));
        Done(draft.OfferTo("ben", Noon));
        Unchanged(draft, Refusal.NoOffer, () => draft.GiveUpOwnership("cleo", Later));

        Done(draft.Remove("cleo", Noon));
        Assert.Equal("ben", draft.OfferedToId);
        Done(draft.Remove("ben", Noon));
        Assert.Null(draft.OfferedToId);
    }

    [Fact]
    public void There_is_one_owner_and_who_inherits_has_nothing_left_to_accept()
    {
        var accepted = ADraft();
        Assert.Throws<InvalidOperationException>(() => accepted.MakeOwner("ben"));
        Assert.Equal("ana", accepted.Owner!.UserId);
        Done(accepted.OfferTo("ben", Noon));
        Done(accepted.GiveUpOwnership("ben", Noon));
        Assert.Null(accepted.Owner);
        accepted.MakeOwner("ben");
        Assert.Equal(("ben", Role.Writer, null), (accepted.Owner!.UserId, accepted.FindCollaborator("ana")!.Role, accepted.OfferedToId));

        foreach (var (offered, left) in (IEnumerable<(string, string?)>)[("ben", null), ("cleo", "cleo")])
        {
            var inherited = ADraft();
            Done(inherited.OfferTo(offered, Noon));
            inherited.Lose("ana", Noon);
            inherited.MakeOwner(inherited.Heir!.UserId);
            Assert.Equal(("ben", left), (inherited.Owner!.UserId, inherited.OfferedToId));
        }
    }

    [Fact]
    public void The_first_writer_inherits_who_can_hold_the_ring_or_else_the_first_writer()
    {
        var draft = Draft.Create(new CreateDraft("ana", "A draft"), Noon);
        Done(draft.Add("aaron", Role.Reader, Noon));
        Done(draft.Add("dan", Role.Writer, Later));
        Done(draft.Add("cleo", Role.Writer, Later));
        Done(draft.Add("ben", Role.Writer, Later.AddHours(1)));
        draft.Lose("ana", Later);

        Assert.Equal("cleo", draft.Heir!.UserId);
        draft.FindCollaborator("cleo")!.IsDisabled = true;
        Assert.Equal("dan", draft.Heir!.UserId);
        draft.FindCollaborator("dan")!.IsDisabled = true;
        Assert.Equal("ben", draft.Heir!.UserId);
        draft.FindCollaborator("ben")!.IsDisabled = true;
        Assert.Equal("cleo", draft.Heir!.UserId);
    }

    [Fact]
    public void A_ring_that_has_to_go_goes_to_who_is_there_first_to_the_owner()
    {
        var draft = ADraft();
        Done(draft.Add("dan", Role.Writer, Later));
        Done(draft.Add("abe", Role.Writer, Later));
        Done(draft.PassRing(Pass("ana", "ben"), Later));
        draft.FindCollaborator("ana")!.GoAway(Noon, Later.AddDays(1));

        Assert.Equal("abe", draft.Suspend("ben", Later).Pass!.ToId);
        draft.FindCollaborator("dan")!.GoAway(Noon, Later.AddDays(1));
        Assert.Equal("ana", draft.Suspend("abe", Later).Pass!.ToId);
        Assert.Equal("dan", draft.Suspend("ana", Later).Pass!.ToId);
        Assert.Null(draft.Suspend("dan", Later).Pass);
        Assert.Equal((DraftStatus.Locked, "dan"), (draft.Status, draft.HolderId));
    }

    [Fact]
    public void A_completed_draft_stays_completed_when_nobody_is_left()
    {
        var draft = ADraftHeldByBen(DraftStatus.Completed);
        draft.Suspend("ana", Noon);

        Assert.Null(draft.Suspend("ben", Noon).Pass);
        Assert.Equal(DraftStatus.Completed, draft.Status);
    }

    [Fact]
    public void A_copy_changes_without_the_original()
    {
        var draft = ADraft();
        var copy = draft.Copy();

        copy.FindCollaborator("ben")!.GoAway(Noon, Later);
        Done(copy.PassRing(Pass("ana", "ben"), Later.AddHours(1)));
        Done(copy.Remove("cleo", Later));

        Assert.Equal(("ana", 1, 3), (draft.HolderId, draft.Turn, draft.Collaborators.Count));
        Assert.Null(draft.FindCollaborator("ben")!.AwayUntil);
        Assert.Equal(("ben", 2, 2), (copy.HolderId, copy.Turn, copy.Collaborators.Count));
        Assert.Equal(draft.Id, copy.Id);
    }

    [Fact]
    public void Missed_turns_are_excused_so_often_and_then_the_next_is_short_until_they_write()
    {
        var draft = ADraft();
        var ana = draft.FindCollaborator("ana")!;

        ana.Miss(excused: 2);
        ana.Miss(excused: 2);
        Assert.Equal((2, 0, false), (ana.ExcusedMisses, ana.MissedTurns, ana.HasShortTurn));
        ana.Miss(excused: 2);
        Assert.Equal((2, 1, true), (ana.ExcusedMisses, ana.MissedTurns, ana.HasShortTurn));
        ana.Miss(excused: 3);
        Assert.Equal((3, 1, true), (ana.ExcusedMisses, ana.MissedTurns, ana.HasShortTurn));

        Done(draft.Append(Append("ana"), Noon));
        Assert.Equal((3, 1, false), (ana.ExcusedMisses, ana.MissedTurns, ana.HasShortTurn));
    }

    /// <summary>Ana owns it and holds the ring, Ben writes, Cleo reads.</summary>
    private static Draft ADraft()
    {
        var draft = Draft.Create(new CreateDraft("ana", "A draft"), Noon);
        Done(draft.Add("ben", Role.Writer, Noon));
        Done(draft.Add("cleo", Role.Reader, Noon));
        return draft;
    }

    private static Draft ADraftHeldByBen(DraftStatus status)
    {
        var draft = ADraft();
        Done(draft.PassRing(Pass("ana", "ben"), Noon));
        if (status == DraftStatus.Locked)
        {
            Done(draft.Lock(Noon));
        }
        if (status == DraftStatus.Completed)
        {
            Done(draft.Complete(Noon));
        }
        return draft;
    }

    private static void AssertWentHome(Draft draft, RingPass? pass)
    {
        Assert.NotNull(pass);
        Assert.Equal((3, "ben", "ana", Chosen.Returned), (pass.Turn, pass.FromId, pass.ToId, pass.Chosen));
        Assert.NotEmpty(pass.Reason);
        Assert.Equal(("ana", 3, Noon.AddHours(1)), (draft.HolderId, draft.Turn, draft.HeldSince));
    }

    private static void Unchanged<T>(Draft draft, Refusal refusal, Func<Result<T>> attempt)
    {
        var before = State(draft);

        Assert.Equal(refusal, attempt().Refusal);

        Assert.Equal(before, State(draft));
    }

    private static object State(Draft draft) =>
        (draft.Version, draft.Turn, draft.HolderId, draft.Status, draft.SegmentCount, draft.UpdatedAt, draft.Collaborators.Count);

    private static AppendSegment Append(string by) => new(by, Guid.Empty, "Text", Key: null);

    private static PassRing Pass(string from, string to) => new(from, Guid.Empty, to, Key: null);

    private static T Done<T>(Result<T> result)
    {
        Assert.Null(result.Refusal);
        return result.Value!;
    }
}
