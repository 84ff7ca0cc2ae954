using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using static OneRing.Data.Tests.Drafts.ByItself;

namespace OneRing.Data.Tests.Drafts;

/// <summary>What is asked of a draft as a whole: what is refused before anything is looked up, what a retry must repeat, and whose role allows it.</summary>
public sealed class DraftRequestsTests
{
    private const string Unreadable = "\0";

    private static readonly string LongKey = new('k', Texts.LongestKey + 1);
    private static readonly Guid DraftId = Guid.Parse("11111111-2222-3333-4444-555555555555");

    [Fact]
    public void A_new_key_is_of_32_digits()
    {
        Assert.Matches("^[0-9a-f]{32}$", Command.NewKey());
        Assert.Matches("^[0-9a-f]{32}$", new LockDraft("ana", DraftId).Key);
        Assert.NotEqual(Command.NewKey(), Command.NewKey());
    }

    [Fact]
    public void A_key_is_of_a_person_an_operation_and_a_draft()
    {
        Assert.Equal("ana:create_draft:-", new CreateDraft("ana", "The lamp").Scope);
        Assert.Equal("ana:lock_draft:11111111-2222-3333-4444-555555555555", new LockDraft("ana", DraftId).Scope);
    }

    [Fact]
    public void Unless_they_say_so_operations_are_for_the_people_of_a_draft_and_decided_with_a_look_at_it()
    {
        var request = new LockDraft("ana", DraftId);

        Assert.False(request.IsOpenToGuests);
        Assert.False(request.IsDecidedByItsDraft);
        Assert.Null(request.KnownText);
        Assert.Empty(request.Substance);
    }

    [Fact]
    public void The_key_is_looked_at_first_and_then_each_part_in_its_order()
    {
        Assert.Equal(Refusal.KeyInvalid, new CreateDraft("ana", "", FirstSegment: "", Key: LongKey).Check());
        Assert.Equal(Refusal.TitleInvalid, new CreateDraft("ana", "", FirstSegment: "").Check());
        Assert.Equal(Refusal.TextBlank, new CreateDraft("ana", "The lamp", FirstSegment: "").Check());
        Assert.Null(new CreateDraft("ana", "The lamp").Check());
        Assert.Null(new CreateDraft("ana", "The lamp", FirstSegment: "It stayed lit.").Check());

        Assert.Equal(Refusal.KeyInvalid, new RenameDraft("ana", DraftId, "", LongKey).Check());
        Assert.Equal(Refusal.TitleInvalid, new RenameDraft("ana", DraftId, " ").Check());
        Assert.Null(new RenameDraft("ana", DraftId, "The lamp").Check());

        var rules = new TurnRulesChange { GraceHours = -1 };
        Assert.Equal(Refusal.KeyInvalid, new ChangeDraft("ana", DraftId, "", rules, Key: LongKey).Check());
        Assert.Equal(Refusal.TitleInvalid, new ChangeDraft("ana", DraftId, "", rules).Check());
        Assert.Equal(rules.Check(), new ChangeDraft("ana", DraftId, "The lamp", rules).Check());
        Assert.NotNull(rules.Check());
        Assert.Null(new ChangeDraft("ana", DraftId).Check());

        Assert.Equal(Refusal.KeyInvalid, new AddCollaborator("ana", DraftId, "ben", Role.Writer, LongKey) { CollaboratorId = Unreadable }.Check());
        Assert.Equal(Refusal.HandleInvalid, new AddCollaborator("ana", DraftId, "ben", Role.Writer) { CollaboratorId = Unreadable }.Check());
        Assert.Null(new AddCollaborator("ana", DraftId, "ben", Role.Writer) { CollaboratorId = "ben" }.Check());
        Assert.Null(new AddCollaborator("ana", DraftId, Unreadable, Role.Writer).Check());
    }

    [Fact]
    public void A_retry_must_repeat_what_was_asked()
    {
        AssertRepeats(new CreateDraft("ana", " The lamp ", FirstSegment: "It stayed lit."), "The lamp", "story", "It stayed lit.");
        AssertRepeats(new RenameDraft("ana", DraftId, " The lamp "), "The lamp");
        AssertRepeats(new ChangeDraft("ana", DraftId, Rules: new() { LimitHours = new(6) }, Order: ["ben", "ana"]), null, "6", null, null, null, null, null, null, null, "ben", "ana");
        AssertRepeats(new ChangeDraft("ana", DraftId, " The lamp "), "The lamp", null, null, null, null, null, null, null, null);
        AssertRepeats(new AddCollaborator("ana", DraftId, "ben", Role.Writer), "ben", "writer");
        AssertRepeats(new AddCollaborator("ana", DraftId, "ben", Role.Reader) { CollaboratorId = "id" }, "id", "reader");
        AssertRepeats(new ChangeRole("ana", DraftId, "ben", Role.Reader), "ben", "reader");
        AssertRepeats(new RemoveCollaborator("ana", DraftId, "ben"), "ben");
        AssertRepeats(new ArchiveDraft("ana", DraftId), "away");
        AssertRepeats(new ArchiveDraft("ana", DraftId, Away: false), "back");
        AssertRepeats(new DeleteDraft("ana", DraftId, " The lamp "), "The lamp");
        AssertRepeats(new OfferDraft("ana", DraftId, "ben"), "ben");
        AssertRepeats(new ShowLive("ana", DraftId, On: true), "on");
        AssertRepeats(new ShowLive("ana", DraftId, On: false), "off");
    }

    [Fact]
    public void What_the_owner_alone_may_ask_nobody_else_may()
    {
        AssertMay(["ana"], user => new RenameDraft(user, DraftId, "The lamp"));
        AssertMay(["ana"], user => new ChangeDraft(user, DraftId, "The lamp"));
        AssertMay(["ana"], user => new UnlockDraft(user, DraftId));
        AssertMay(["ana"], user => new CompleteDraft(user, DraftId));
        AssertMay(["ana"], user => new AddCollaborator(user, DraftId, "dan", Role.Writer));
        AssertMay([], user => new AddCollaborator(user, DraftId, "dan", Role.Owner));
        AssertMay(["ana"], user => new ChangeRole(user, DraftId, "ben", Role.Reader));
        AssertMay([], user => new ChangeRole(user, DraftId, "ben", Role.Owner));
        AssertMay(["ana"], user => new ArchiveDraft(user, DraftId));
        AssertMay(["ana"], user => new DeleteDraft(user, DraftId, "The lamp"));
        AssertMay(["ana"], user => new OfferDraft(user, DraftId, "ben"));
    }

    [Fact]
    public void What_others_may_ask_too()
    {
        AssertMay(["ana"], user => new LockDraft(user, DraftId));
        AssertMay(["ana", "ben"], user => new LockDraft(user, DraftId), ADraftHeldByBen(DraftStatus.Active));
        AssertMay(["ana", "ben"], user => new RemoveCollaborator(user, DraftId, "ben"));
        AssertMay(["ana", "ben"], user => new ShowLive(user, DraftId, On: true));
        AssertMay([], user => new AcceptDraft(user, DraftId));
        AssertMay(["ana"], user => new DropOffer(user, DraftId));

        var offered = ADraft();
        Done(offered.OfferTo("cleo", Noon));
        AssertMay(["cleo"], user => new AcceptDraft(user, DraftId), offered);
        AssertMay(["ana", "cleo"], user => new DropOffer(user, DraftId), offered);
    }

    [Theory]
    [InlineData(DraftStatus.Active, false, true)]
    [InlineData(DraftStatus.Active, true, false)]
    [InlineData(DraftStatus.Locked, false, false)]
    [InlineData(DraftStatus.Completed, false, false)]
    [InlineData(DraftStatus.Locked, true, false)]
    public void A_draft_is_open_while_it_is_active_and_not_put_away(DraftStatus status, bool isAway, bool isOpen)
    {
        var head = new DraftHead(
            DraftId, "The lamp", Platform.Story, status, Role.Owner, "ana", Turn: 1, Version: 1, SegmentCount: 0, Noon, isAway ? Later : null, IsPublic: false);

        Assert.Equal(isOpen, head.IsOpen);
    }

    [Theory]
    [InlineData(Role.Owner, false, true)]
    [InlineData(Role.Writer, false, true)]
    [InlineData(Role.Reader, false, false)]
    [InlineData(Role.Writer, true, false)]
    [InlineData(Role.Reader, true, false)]
    public void Whoever_writes_and_has_an_account_that_is_not_disabled_can_hold_the_ring(Role role, bool isDisabled, bool canHold)
    {
        Assert.Equal(canHold, new CollaboratorView("ben", "ben", "Ben", role, Noon, isDisabled).CanHold);
    }

    private static void AssertRepeats(Command request, params string?[] substance) => Assert.Equal(substance, (IEnumerable<string?>)request.Substance);

    /// <summary>Of Ana, Ben and Cleo (owner, writer, reader) these may, and the others may not.</summary>
    private static void AssertMay(string[] users, Func<string, DraftCommand> ask, Draft? of = null)
    {
        var draft = of ?? ADraft();

        Assert.Equal(users, draft.Collaborators.Select(actor => actor.UserId).Where(user => ask(user).IsAllowed(draft, draft.FindCollaborator(user)!)));
    }
}
