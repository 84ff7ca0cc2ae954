using Bunit;
using OneRing.Data.Drafts;
using OneRing.Data.Presences;
using OneRing.Web.Components.Pages;
using OneRing.Web.Components.Presences;

namespace OneRing.Web.Tests.Components.Presences;

public sealed class LiveTextTests : OneRingContext
{
    private const string Words = "<b>The lamp</b>\nstayed li";

    [Fact]
    public async Task A_reader_sees_the_words_as_they_are_typed_marked_as_no_part_of_the_text()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await ShowAsync(draft, on: true);
        var page = Open(draft, draft.Cleo);

        Given.Succeed(await new TypedText(Services, draft.Id, draft.Ana).SaveAsync(Words));

        page.WaitForAssertion(() => Assert.Contains(
            "Ana is writing this now; it is not part of the text yet.", page.FindByRole("region", "What Ana is writing").TextOf(), StringComparison.Ordinal));
        var live = page.FindByRole("region", "What Ana is writing");
        var words = live.FindAllByRole("paragraph")[^1];
        Assert.Equal((Words, "auto"), (words.TextContent, words.GetAttribute("dir")));
        Assert.Equal("off", live.GetAttribute("aria-live"));
        Assert.DoesNotContain("The lamp", string.Concat(page.Announcements()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_word_of_the_holder_nothing_of_it_is_in_the_page()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var page = Open(draft, draft.Cleo);

        Given.Succeed(await new TypedText(Services, draft.Id, draft.Ana).SaveAsync(Words));

        page.WaitForAssertion(() => Assert.Contains("Ana is writing, 4 words", page.Text(), StringComparison.Ordinal));
        Assert.DoesNotContain("lamp", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_ends_with_the_turn()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await ShowAsync(draft, on: true);
        Given.Succeed(await new TypedText(Services, draft.Id, draft.Ana).SaveAsync(Words));
        var page = Open(draft, draft.Cleo);
        page.WaitForAssertion(() => Assert.Contains("lamp", page.Markup, StringComparison.Ordinal));

        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        page.WaitForAssertion(() => Assert.DoesNotContain("lamp", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_holder_turns_it_on_and_off_beside_the_ring()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var page = Open(draft, draft.Ana);
        Assert.False(Switch(page).HasAttribute("checked"));

        await Switch(page).ChangeAsync(new() { Value = true });
        page.WaitForAssertion(() => Assert.True(Switch(page).HasAttribute("checked")));
        Assert.True((await ReadAsync(draft)).ShowsLive);

        await Switch(page).ChangeAsync(new() { Value = false });
        page.WaitForAssertion(() => Assert.False(Switch(page).HasAttribute("checked")));
        Assert.False((await ReadAsync(draft)).ShowsLive);
    }

    [Fact]
    public async Task Whoever_does_not_hold_the_ring_or_cannot_write_has_no_such_switch()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        Assert.Empty(Open(draft, draft.Ben).FindAll("input[type=checkbox]"));
        Given.Succeed(await Get<DraftService>().LockAsync(new LockDraft(draft.Ana, draft.Id)));
        Assert.Empty(Open(draft, draft.Ana).FindAll("input[type=checkbox]"));
    }

    [Fact]
    public async Task What_cannot_be_switched_is_said_and_the_switch_stays()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var before = await ReadAsync(draft);
        var part = Render<LiveSwitch>(p => p.Add(x => x.Draft, before).Add(x => x.UserId, draft.Cleo));

        await part.Find("input").ChangeAsync(new() { Value = true });

        Assert.Equal([RefusalText.For(Data.Refusal.Forbidden)], part.Announcements());
        Assert.False(part.Find("input").HasAttribute("checked"));
        Assert.False((await ReadAsync(draft)).ShowsLive);
    }

    [Fact]
    public async Task A_closed_page_is_no_longer_here()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await using var ana = await Get<PresenceService>().EnterAsync(draft.Ana, draft.Id, () => Task.CompletedTask);
        var page = Open(draft, draft.Cleo);
        page.WaitForAssertion(() => Assert.Equal(["Ana", "Cleo (you)"], page.ItemsOf("Here now")));

        await DisposeComponentsAsync();

        await page.WaitForAssertionAsync(async () =>
            Assert.Equal(["Ana"], (await Get<PresenceService>().ReadAsync(draft.Ana, draft.Id))!.People.Select(p => p.Name)));
    }

    [Fact]
    public async Task Somebody_who_is_taken_out_is_no_longer_here()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await using var ana = await Get<PresenceService>().EnterAsync(draft.Ana, draft.Id, () => Task.CompletedTask);
        var page = Open(draft, draft.Ben);
        page.WaitForAssertion(() => Assert.Equal(["Ana", "Ben (you)"], page.ItemsOf("Here now")));

        Given.Succeed(await Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));

        page.WaitForAssertion(() => Assert.Empty(page.FindAllByRole("list", "Here now")));
        Assert.Equal(["Ana"], (await Get<PresenceService>().ReadAsync(draft.Ana, draft.Id))!.People.Select(p => p.Name));
    }

    private IRenderedComponent<DraftPage> Open(ADraft draft, string userId)
    {
        SignIn(userId);
        var page = Render<DraftPage>(p => p.Add(x => x.DraftId, draft.Id));
        page.WaitForAssertion(() => Assert.Single(page.FindAllByRole("list", "Here now")));
        return page;
    }

    private static AngleSharp.Dom.IElement Switch(IRenderedComponent<DraftPage> page) => page.FindField("Let the others read along while I write");

    private async Task ShowAsync(ADraft draft, bool on) =>
        Given.Succeed(await Get<CollaboratorService>().ShowLiveAsync(new ShowLive(draft.Ana, draft.Id, on)));
}
