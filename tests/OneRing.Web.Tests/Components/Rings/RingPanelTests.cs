using Bunit;
using OneRing.Data;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Web.Components.Rings;

namespace OneRing.Web.Tests.Components.Rings;

public sealed class RingPanelTests : OneRingContext
{
    [Fact]
    public async Task The_holder_can_pass_the_ring()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        await ClickAsync(panel.FindButton("Pass to Ben"));

        var after = await ReadAsync(draft);
        Assert.Equal(draft.Ben, after.HolderId);
        Assert.Equal(Chosen.Manual, Assert.Single(after.Passes).Chosen);
    }

    [Fact]
    public async Task It_says_who_holds_the_ring()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        Assert.Contains("You hold the ring.", (await RenderAsync(draft, draft.Ana)).Text(), StringComparison.Ordinal);
        Assert.Contains("Ana holds the ring.", (await RenderAsync(draft, draft.Ben)).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_those_who_can_hold_the_ring_are_offered()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        var panel = await RenderAsync(draft, draft.Ana);

        Assert.Equal(["Pass to Ben"], panel.FindByRole("list", "Pass to").FindAllByRole("button").Select(button => button.NameOf()));
    }

    [Fact]
    public async Task Nobody_but_the_holder_can_pass_the_ring()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        Assert.Empty((await RenderAsync(draft, draft.Ben)).FindAllByRole("button"));
        Assert.Empty((await RenderAsync(draft, draft.Cleo)).FindAllByRole("button"));
    }

    [Fact]
    public async Task The_ring_of_a_locked_draft_stays_where_it_is()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Given.Succeed(await Get<DraftService>().LockAsync(new LockDraft(draft.Ana, draft.Id)));

        var panel = await RenderAsync(draft, draft.Ana);

        Assert.Contains("You hold the ring.", panel.Text(), StringComparison.Ordinal);
        Assert.Empty(panel.FindAllByRole("button"));
    }

    [Theory]
    [InlineData("Longest silent", Chosen.MostInactive, "Ben has not written here yet.")]
    [InlineData("In turn", Chosen.RoundRobin, "Ben comes next in the order of joining.")]
    [InlineData("Back to the owner", Chosen.BackToCreator, "The owner holds the ring, and Ben was the first writer to join.")]
    public async Task A_rule_shows_its_choice_and_the_reason_before_anything_happens(string rule, Chosen chosen, string reason)
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        await ClickAsync(panel.FindButton(rule));

        Assert.Equal([reason], panel.Announcements());
        Assert.Equal("true", panel.FindButton(rule).GetAttribute("aria-pressed"));
        Assert.Equal(draft.Ana, (await ReadAsync(draft)).HolderId);

        await ClickAsync(panel.FindAllByRole("button", "Pass to Ben")[^1]);

        var after = await ReadAsync(draft);
        Assert.Equal(draft.Ben, after.HolderId);
        Assert.Equal((chosen, reason), (after.Passes[^1].Chosen, after.Passes[^1].Reason));
    }

    [Fact]
    public async Task A_choice_can_be_dropped()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        await ClickAsync(panel.FindButton("In turn"));
        await ClickAsync(panel.FindButton("Cancel"));

        Assert.Empty(panel.Announcements());
        Assert.Single(panel.FindAllByRole("button", "Pass to Ben"));
        Assert.Equal(draft.Ana, (await ReadAsync(draft)).HolderId);
    }

    [Fact]
    public async Task A_choice_that_has_changed_since_it_was_shown_is_not_carried_out()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        var panel = await RenderAsync(draft, draft.Ana);

        await ClickAsync(panel.FindButton("In turn"));
        Given.Succeed(await Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));
        await ClickAsync(panel.FindAllByRole("button", "Pass to Ben")[^1]);

        Assert.Equal([RefusalText.For(Refusal.ChoiceChanged)], panel.Announcements());
        Assert.Equal(draft.Ana, (await ReadAsync(draft)).HolderId);
    }

    [Fact]
    public async Task Without_anybody_else_to_write_there_is_nobody_to_pass_to()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Given.Succeed(await Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));

        var panel = await RenderAsync(draft, draft.Ana);

        Assert.Contains("There is nobody to pass it to yet.", panel.Text(), StringComparison.Ordinal);
        Assert.Empty(panel.FindAllByRole("button"));
    }

    [Fact]
    public async Task A_rule_without_candidates_says_so()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);
        Given.Succeed(await Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));

        await ClickAsync(panel.FindButton("Longest silent"));

        Assert.Equal([RefusalText.For(Refusal.NoCollaboratorCandidates)], panel.Announcements());
        Assert.False(panel.HasButton("Cancel"));
    }

    [Fact]
    public async Task A_note_is_for_the_next_holder_alone()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        await panel.FindField("A note to the next holder").InputAsync("Mind the lamp.");
        await ClickAsync(panel.FindButton("Pass to Ben"));

        Assert.Contains("Ana wrote to you: Mind the lamp.", (await RenderAsync(draft, draft.Ben)).FindByRole("blockquote").TextOf(), StringComparison.Ordinal);
        Assert.DoesNotContain("Mind the lamp.", (await RenderAsync(draft, draft.Ana)).Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("Mind the lamp.", (await RenderAsync(draft, draft.Cleo)).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_note_goes_with_the_choice_of_a_rule_too()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        await panel.FindField("A note to the next holder").InputAsync("As it comes.");
        await ClickAsync(panel.FindButton("In turn"));
        await ClickAsync(panel.FindAllByRole("button", "Pass to Ben")[^1]);

        Assert.Equal("As it comes.", (await Services.ReadAsync(draft.Id, draft.Ben)).Passes[^1].Note);
    }

    [Fact]
    public async Task Every_button_waits_while_the_ring_is_on_its_way()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);
        await ClickAsync(panel.FindButton("In turn"));

        Outage.Wait();
        var passing = ClickAsync(panel.FindAllByRole("button", "Pass to Ben")[^1]);

        panel.WaitForAssertion(() => Assert.All(panel.FindAllByRole("button"), button => Assert.Equal("true", button.GetAttribute("aria-disabled"))));
        Assert.Contains("Passing…", panel.Text(), StringComparison.Ordinal);
        await ClickAsync(panel.FindButton("Longest silent"));
        await ClickAsync(panel.FindButton("Cancel"));
        Assert.Equal("true", panel.FindButton("In turn").GetAttribute("aria-pressed"));
        Outage.GoOn();
        await passing;
        Assert.All(panel.FindAllByRole("button"), button => Assert.Equal("false", button.GetAttribute("aria-disabled")));
        Assert.Equal(Chosen.RoundRobin, (await ReadAsync(draft)).Passes[^1].Chosen);
    }

    [Fact]
    public async Task The_keyboard_goes_to_a_place_that_stays()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        await ClickAsync(panel.FindButton("In turn"));
        await ClickAsync(panel.FindButton("Cancel"));
        var rules = JSInterop.VerifyFocusAsyncInvoke(calledTimes: 1)[0].Arguments[0];

        await ClickAsync(panel.FindButton("Pass to Ben"));
        Assert.NotEqual(rules, JSInterop.VerifyFocusAsyncInvoke(calledTimes: 2)[1].Arguments[0]);
    }

    [Fact]
    public async Task A_pass_stands_although_the_keyboard_could_not_be_moved()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        JSInterop.SetupVoid("Blazor._internal.domWrapper.focus", _ => true).SetCanceled();
        var panel = await RenderAsync(draft, draft.Ana);

        await ClickAsync(panel.FindButton("Pass to Ben"));

        Assert.Empty(panel.Announcements());
        Assert.Equal(draft.Ben, (await ReadAsync(draft)).HolderId);
    }

    [Fact]
    public async Task A_pass_from_a_page_that_knows_an_earlier_turn_is_refused()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await Services.PassAsync(draft.Id, draft.Ben, draft.Ana);

        await ClickAsync(panel.FindButton("Pass to Ben"));

        Assert.Equal([RefusalText.For(Refusal.StaleTurn)], panel.Announcements());
        Assert.Equal(draft.Ana, (await ReadAsync(draft)).HolderId);
    }

    [Fact]
    public async Task A_pass_whose_answer_was_lost_is_not_made_twice()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        Outage.LosesTheNextAnswer = true;
        await ClickAsync(panel.FindButton("Pass to Ben"));
        Assert.StartsWith("The server could not save this.", Assert.Single(panel.Announcements()), StringComparison.Ordinal);

        await ClickAsync(panel.FindButton("Pass to Ben"));

        Assert.Empty(panel.Announcements());
        Assert.Single((await ReadAsync(draft)).Passes);
    }

    [Fact]
    public async Task After_a_fault_the_choice_of_a_rule_stands_to_be_tried_again()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);
        await ClickAsync(panel.FindButton("In turn"));

        Outage.IsAway = true;
        await ClickAsync(panel.FindAllByRole("button", "Pass to Ben")[^1]);
        Outage.IsAway = false;
        await ClickAsync(panel.FindAllByRole("button", "Pass to Ben")[^1]);

        Assert.Equal(draft.Ben, (await ReadAsync(draft)).HolderId);
    }

    [Fact]
    public async Task The_holder_is_told_of_words_that_are_not_part_of_the_text_yet()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);
        Assert.DoesNotContain("Your words in the box", panel.Text(), StringComparison.Ordinal);

        panel.Render(p => p.Add(x => x.HasUnsentText, true));

        Assert.Contains("Your words in the box are not part of the text yet.", panel.Text(), StringComparison.Ordinal);
    }

    private async Task<IRenderedComponent<RingPanel>> RenderAsync(ADraft draft, string userId)
    {
        var view = await Services.ReadAsync(draft.Id, userId);
        return Render<RingPanel>(p => p.Add(x => x.Draft, view).Add(x => x.UserId, userId));
    }
}
