using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using static OneRing.Data.Tests.Drafts.ByItself;

namespace OneRing.Data.Tests.Drafts;

/// <summary>Who belongs to a draft and owns it, and where its ring goes when they leave, without a database.</summary>
public sealed class DraftPeopleTests
{
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

    private static void AssertWentHome(Draft draft, RingPass? pass)
    {
        Assert.NotNull(pass);
        Assert.Equal((3, "ben", "ana", Chosen.Returned), (pass.Turn, pass.FromId, pass.ToId, pass.Chosen));
        Assert.NotEmpty(pass.Reason);
        Assert.Equal(("ana", 3, Noon.AddHours(1)), (draft.HolderId, draft.Turn, draft.HeldSince));
    }
}
