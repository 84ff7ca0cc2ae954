using AngleSharp.Dom;
using Bunit;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Web.Components.Drafts;

namespace OneRing.Web.Tests.Components.Drafts;

public sealed class PeoplePanelTests : OneRingContext
{
    [Fact]
    public async Task The_owner_adds_a_writer_by_handle()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        await panel.FindField("Add by handle").InputAsync($"@{await Services.HandleOfAsync(draft.Dan)}");
        await panel.FindByRole("form", "Add a person").SubmitAsync();

        Assert.Equal(Role.Writer, (await RoleOfAsync(draft, draft.Dan)));
        Assert.Equal("", panel.FindField("Add by handle").GetAttribute("value") ?? "");
        Assert.Empty(panel.Announcements());
    }

    [Fact]
    public async Task The_owner_adds_a_reader_by_handle()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        await panel.FindField("Add by handle").InputAsync(await Services.HandleOfAsync(draft.Dan));
        await ChooseAsync(panel, "As", "reader");
        await panel.FindByRole("form", "Add a person").SubmitAsync();

        Assert.Equal(Role.Reader, (await RoleOfAsync(draft, draft.Dan)));
    }

    [Fact]
    public async Task A_handle_that_nobody_has_stays_to_be_corrected()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        await panel.FindField("Add by handle").InputAsync("nobody_at_all");
        await panel.FindByRole("form", "Add a person").SubmitAsync();

        Assert.Equal([RefusalText.For(Refusal.HandleUnknown)], panel.Announcements());
        Assert.Equal("nobody_at_all", panel.FindField("Add by handle").GetAttribute("value"));
        Assert.Equal(3, (await ReadAsync(draft)).Collaborators.Count);
    }

    [Fact]
    public async Task A_person_is_not_added_twice()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        await panel.FindField("Add by handle").InputAsync(await Services.HandleOfAsync(draft.Ben));
        await panel.FindByRole("form", "Add a person").SubmitAsync();

        Assert.Equal([RefusalText.For(Refusal.AlreadyCollaborator)], panel.Announcements());
    }

    [Fact]
    public async Task There_is_nothing_to_add_without_a_handle()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);
        Assert.True(panel.FindButton("Add").HasAttribute("disabled"));

        await panel.FindField("Add by handle").InputAsync("d");

        Assert.False(panel.FindButton("Add").HasAttribute("disabled"));
    }

    [Fact]
    public async Task The_owner_changes_roles()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        await ClickAsync(panel.FindButton("Make Ben a reader"));
        await ClickAsync(panel.FindButton("Make Cleo a writer"));

        Assert.Equal(Role.Reader, (await RoleOfAsync(draft, draft.Ben)));
        Assert.Equal(Role.Writer, (await RoleOfAsync(draft, draft.Cleo)));
    }

    [Fact]
    public async Task The_owner_removes_somebody_after_being_asked()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        var removing = ClickAsync(panel.FindButton("Remove Ben"));
        await AnswerAsync("Remove");
        await removing;

        Assert.Null(await RoleOfAsync(draft, draft.Ben));
    }

    [Fact]
    public async Task Nobody_is_removed_by_mistake()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        var removing = ClickAsync(panel.FindButton("Remove Ben"));
        await AnswerAsync("Cancel");
        await removing;

        Assert.Equal(Role.Writer, (await RoleOfAsync(draft, draft.Ben)));
    }

    [Fact]
    public async Task Removing_the_holder_brings_the_ring_home_and_says_so_before()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var panel = await RenderAsync(draft, draft.Ana);

        var removing = ClickAsync(panel.FindButton("Remove Ben"));
        Dialog.WaitForAssertion(() => Assert.Contains("Ben holds the ring: it comes back to you.", Dialog.Text(), StringComparison.Ordinal));
        await AnswerAsync("Remove");
        await removing;

        var after = await ReadAsync(draft);
        Assert.Equal(draft.Ana, after.HolderId);
        Assert.Equal(Chosen.Returned, after.Passes[^1].Chosen);
    }

    [Fact]
    public async Task Somebody_leaves_and_is_led_to_their_drafts()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Navigate($"/drafts/{draft.Id}");
        var panel = await RenderAsync(draft, draft.Ben);

        var leaving = ClickAsync(panel.FindButton("Leave this draft"));
        await AnswerAsync("Leave");
        await leaving;

        Assert.Null(await RoleOfAsync(draft, draft.Ben));
        Assert.Equal("/", CurrentPath);
    }

    [Fact]
    public async Task Somebody_who_thinks_better_of_it_stays()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Navigate($"/drafts/{draft.Id}");
        var panel = await RenderAsync(draft, draft.Ben);

        var leaving = ClickAsync(panel.FindButton("Leave this draft"));
        await AnswerAsync("Cancel");
        await leaving;

        Assert.Equal(Role.Writer, (await RoleOfAsync(draft, draft.Ben)));
        Assert.Equal($"/drafts/{draft.Id}", CurrentPath);
    }

    [Fact]
    public async Task The_owner_decides_about_everybody_but_themselves()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        var panel = await RenderAsync(draft, draft.Ana);

        Assert.Equal(
            ["Make Ben a reader", "Make Ben the owner", "Remove Ben", "Make Cleo a writer", "Make Cleo the owner", "Remove Cleo", "Add"],
            panel.FindAllByRole("button").Select(button => button.NameOf()));
    }

    [Fact]
    public async Task Writers_and_readers_may_only_leave()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        foreach (var userId in (string[])[draft.Ben, draft.Cleo])
        {
            var panel = await RenderAsync(draft, userId);

            Assert.Equal(["Leave this draft"], panel.FindAllByRole("button").Select(button => button.NameOf()));
            Assert.Empty(panel.FindAllByRole("form"));
        }
    }

    [Fact]
    public async Task Everybody_sees_who_takes_part_and_who_holds_the_ring()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        var panel = await RenderAsync(draft, draft.Ben);

        Assert.Collection(
            panel.ItemsOf("People"),
            ana => Assert.Matches("^Ana @ana_[a-z0-9_]+ owner holds the ring$", ana),
            ben => Assert.Matches(@"^Ben \(you\) @ben_[a-z0-9_]+ writer$", ben),
            cleo => Assert.Matches("^Cleo @cleo_[a-z0-9_]+ reader$", cleo));
    }

    [Fact]
    public async Task The_owner_offers_the_draft_and_takes_the_offer_back()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        var offering = ClickAsync(panel.FindButton("Make Ben the owner"));
        Dialog.WaitForAssertion(() => Assert.Contains("Ben is asked first.", Dialog.Text(), StringComparison.Ordinal));
        await AnswerAsync("Ask them");
        await offering;
        Assert.Equal(draft.Ben, (await ReadAsync(draft)).OfferedToId);

        panel = await RenderAsync(draft, draft.Ana);
        Assert.Contains("You offer this draft to Ben, who has not answered yet.", panel.Text(), StringComparison.Ordinal);
        Assert.False(panel.HasButton("Make Ben the owner"));
        await ClickAsync(panel.FindButton("Take the offer back"));

        Assert.Null((await ReadAsync(draft)).OfferedToId);
    }

    [Theory]
    [InlineData("Become the owner", Role.Owner)]
    [InlineData("No, thank you", Role.Writer)]
    public async Task Whoever_is_offered_the_draft_answers(string answer, Role role)
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Given.Succeed(await Get<CollaboratorService>().OfferAsync(new OfferDraft(draft.Ana, draft.Id, draft.Ben)));
        var panel = await RenderAsync(draft, draft.Ben);
        Assert.Contains("Ana offers you this draft", panel.Text(), StringComparison.Ordinal);

        await ClickAsync(panel.FindButton(answer));

        Assert.Equal(role, await RoleOfAsync(draft, draft.Ben));
        Assert.Null((await ReadAsync(draft)).OfferedToId);
        Assert.Equal(["Leave this draft"], (await RenderAsync(draft, draft.Cleo)).FindAllByRole("button").Select(button => button.NameOf()));
    }

    [Fact]
    public async Task Somebody_whose_account_is_disabled_is_said_to_be()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Given.Succeed(await Get<UserAdministration>().ActAsync(new UserAct(ActorId: null, draft.Ben, Act.Disabled, "a test")));

        var panel = await RenderAsync(draft, draft.Ana);

        Assert.Contains(panel.ItemsOf("People"), line => line.Contains("Ben", StringComparison.Ordinal) && line.Contains("account disabled", StringComparison.Ordinal));
        Assert.False(panel.HasButton("Make Ben the owner"));
    }

    [Fact]
    public async Task How_somebody_takes_their_turns_is_said_once_they_have_had_two()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await Services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        Assert.DoesNotContain("kept", (await RenderAsync(draft, draft.Cleo)).Text(), StringComparison.Ordinal);

        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        var line = Assert.Single((await RenderAsync(draft, draft.Cleo)).ItemsOf("People"), line => line.Contains("kept", StringComparison.Ordinal));
        Assert.StartsWith("Ana ", line, StringComparison.Ordinal);
        Assert.Contains("usually less than a minute a turn kept 2 of 2 turns", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_joins_a_finished_draft()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Given.Succeed(await Get<DraftService>().CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)));

        var panel = await RenderAsync(draft, draft.Ana);

        Assert.False(panel.HasButton("Add"));
    }

    private async Task<Role?> RoleOfAsync(ADraft draft, string userId) =>
        (await ReadAsync(draft)).Collaborators.SingleOrDefault(c => c.UserId == userId)?.Role;

    private async Task<IRenderedComponent<PeoplePanel>> RenderAsync(ADraft draft, string userId)
    {
        var view = await Services.ReadAsync(draft.Id, userId);
        return Render<PeoplePanel>(p => p.Add(x => x.Draft, view).Add(x => x.UserId, userId));
    }
}
