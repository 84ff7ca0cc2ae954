using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Data.Writing;
using static OneRing.Data.Tests.Drafts.ByItself;

namespace OneRing.Data.Tests.Drafts;

/// <summary>The rules of a draft by themselves, without a database.</summary>
public sealed class DraftTests
{
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
}
