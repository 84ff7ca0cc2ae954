using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Drafts;

/// <summary>The rules of a draft by themselves, without a database.</summary>
public sealed class DraftTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

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
