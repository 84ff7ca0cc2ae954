using Bunit;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Data.Writing;
using OneRing.Web.Components.Drafts;
using OneRing.Web.Components.Pages;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class DraftPageTests() : OneRingContext(new FakeTimeProvider(new DateTimeOffset(2027, 3, 1, 9, 0, 0, TimeSpan.Zero)))
{
    private const string Write = "Write on";

    [Fact]
    public async Task The_holder_sees_where_to_write()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        var page = Open(draft.Id, draft.Ana);

        page.WaitForAssertion(() => Assert.Single(page.FindAllByRole("region", Write)));
        Assert.True(page.HasButton("Add to the text"));
        Assert.True(page.HasButton("Pass to Ben"));
    }

    [Fact]
    public async Task Nobody_else_is_offered_to_write()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");

        foreach (var userId in (string[])[draft.Ben, draft.Cleo])
        {
            var page = Open(draft.Id, userId);

            page.WaitForAssertion(() => Assert.Single(page.ItemsOf("Text")));
            Assert.Empty(page.FindAllByRole("region", Write));
            Assert.False(page.HasButton("Add to the text"));
        }
    }

    [Fact]
    public async Task What_another_person_adds_appears()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var page = await OpenAndWaitAsync(draft, draft.Ben);

        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");

        page.WaitForAssertion(() => Assert.StartsWith("The lamp stayed lit. Ana", Assert.Single(page.ItemsOf("Text")), StringComparison.Ordinal));
        Assert.Equal(["Ana added to the text."], page.Announcements());
    }

    [Fact]
    public async Task The_next_holder_is_told_that_it_is_their_turn_and_may_write()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var page = await OpenAndWaitAsync(draft, draft.Ben);

        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        page.WaitForAssertion(() => Assert.Equal(["It is your turn: you hold the ring."], page.Announcements()));
        Assert.Single(page.FindAllByRole("region", Write));
    }

    [Fact]
    public async Task Everybody_else_is_told_who_holds_the_ring_now()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var page = await OpenAndWaitAsync(draft, draft.Cleo);

        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        page.WaitForAssertion(() => Assert.Equal(["Ben holds the ring now."], page.Announcements()));
        Assert.Contains("Ben holds the ring.", page.FindByRole("region", "Ring").TextOf(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pause_of_the_writing_is_told()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var page = await OpenAndWaitAsync(draft, draft.Ben);

        Given.Succeed(await Get<DraftService>().LockAsync(new LockDraft(draft.Ana, draft.Id)));

        page.WaitForAssertion(() => Assert.Contains("This draft is now locked.", page.Announcements()));
    }

    [Fact]
    public async Task What_the_holder_adds_on_the_page_appears_on_it()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var page = await OpenAndWaitAsync(draft, draft.Ana);

        await Script.TypeAsync("In my own words.");
        page.WaitForAssertion(() => Assert.Contains("Your words in the box are not part of the text yet", page.Text(), StringComparison.Ordinal));
        await ClickAsync(page, "Add to the text");

        page.WaitForAssertion(() => Assert.StartsWith("In my own words. Ana", Assert.Single(page.ItemsOf("Text")), StringComparison.Ordinal));
        Assert.Equal(["Your words are part of the text."], page.Announcements());
        Assert.DoesNotContain("Your words in the box are not part of the text yet", page.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_that_cannot_reach_the_server_stay_even_when_their_author_becomes_a_reader()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var page = await OpenAndWaitAsync(draft, draft.Ben);
        await Script.TypeAsync("Not yet finis");
        Script.IsOffline = true;

        Given.Succeed(await Get<CollaboratorService>().ChangeRoleAsync(new ChangeRole(draft.Ana, draft.Id, draft.Ben, Role.Reader)));

        page.WaitForAssertion(() => Assert.Single(page.FindAllByRole("region", "Your words, kept")));
        Assert.Equal("Not yet finis", Script.Text);
        Assert.True(Script.IsAttached);
    }

    [Fact]
    public async Task What_is_parked_is_on_the_page_and_goes_back_into_the_box_at_the_next_turn()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Given.Succeed(await new TypedText(Services, draft.Id, draft.Ben).SaveAsync("Half a sent"));
        var page = await OpenAndWaitAsync(draft, draft.Ben);
        Assert.False(page.HasButton("Put back into the box"));

        await Services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        page.WaitForAssertion(() => Assert.StartsWith("Half a sent", Assert.Single(page.ItemsOf("Parked texts")), StringComparison.Ordinal));
        Assert.False(page.HasButton("Put back into the box"));
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        page.WaitForAssertion(() => Assert.True(page.HasButton("Put back into the box")));

        Script.Parked[ParkedTexts.AddressOf(Assert.Single(await Get<WorkingTextService>().ListParkedAsync(draft.Ben)))] = "Half a sent";
        await ClickAsync(page, "Put back into the box");

        page.WaitForAssertion(() => Assert.False(page.HasButton("Put back into the box")));
        Assert.Equal("Half a sent", Script.Text);
    }

    [Fact]
    public async Task A_parked_text_is_deleted_when_its_author_says_so_twice()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Given.Succeed(await new TypedText(Services, draft.Id, draft.Ben).SaveAsync("Never mind"));
        var page = await OpenAndWaitAsync(draft, draft.Ben);

        await Task.WhenAll(ClickAsync(page, "Delete"), AnswerAsync("Cancel"));
        Assert.Single(page.ItemsOf("Parked texts"));
        await Task.WhenAll(ClickAsync(page, "Delete"), AnswerAsync("Delete"));

        page.WaitForAssertion(() => Assert.False(page.HasButton("Delete")));
        Assert.Empty(await Get<WorkingTextService>().ListParkedAsync(draft.Ben));
    }

    [Fact]
    public async Task That_a_parked_text_is_deleted_takes_the_keyboard_also_where_the_browser_answers_late()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Given.Succeed(await new TypedText(Services, draft.Id, draft.Ben).SaveAsync("Never mind"));
        var parked = await Get<WorkingTextService>().ListParkedAsync(draft.Ben);
        IRenderedComponent<ParkedTexts> texts = default!;
        texts = Render<ParkedTexts>(p => p.Add(x => x.UserId, draft.Ben).Add(x => x.Items, parked).Add(x => x.Changed, () => ConfirmLateAsync(texts)));

        await Task.WhenAll(ClickAsync(texts, "Delete"), AnswerAsync("Delete"));

        texts.WaitForAssertion(() => Assert.Contains("Deleted.", texts.Text(), StringComparison.Ordinal));
        AssertHasKeyboard(texts.Find(".takes-keyboard"));
    }

    [Fact]
    public async Task Somebody_who_is_removed_sees_the_page_close()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "Not for strangers.");
        var page = await OpenAndWaitAsync(draft, draft.Ben);

        Given.Succeed(await Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));

        page.WaitForAssertion(() => Assert.Equal("You no longer have a part in this draft", page.FindByRole("heading").TextOf()));
        Assert.DoesNotContain("Not for strangers.", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_draft_of_others_and_one_that_does_not_exist_look_the_same()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "Not for strangers");

        var foreign = Open(draft.Id, draft.Dan);
        var unknown = Open(Guid.CreateVersion7(), draft.Dan);

        foreign.WaitForAssertion(() => Assert.Equal("There is no such draft here", foreign.FindByRole("heading").TextOf()));
        unknown.WaitForAssertion(() => Assert.Equal(unknown.Text(), foreign.Text()));
        Assert.DoesNotContain("Not for strangers", foreign.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_view_counts_once_a_day()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        await OpenAndWaitAsync(draft, draft.Ben);
        await OpenAndWaitAsync(draft, draft.Ben);
        Assert.Equal(1, await CountViewsAsync(draft));

        Clock.Advance(TimeSpan.FromDays(1));
        await OpenAndWaitAsync(draft, draft.Ben);
        Assert.Equal(2, await CountViewsAsync(draft));
    }

    [Fact]
    public async Task A_page_that_cannot_be_refreshed_says_so_calmly_and_tries_again()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "Before the storm.");
        var page = await OpenAndWaitAsync(draft, draft.Ben);

        Outage.IsAway = true;
        Get<DraftFeed>().RefreshAll();

        page.WaitForAssertion(() => Assert.Contains(
            "This page could not be refreshed. What you typed is safe here; trying again…", page.Announcements()));
        Assert.StartsWith("Before the storm.", Assert.Single(page.ItemsOf("Text")), StringComparison.Ordinal);

        Outage.IsAway = false;
        await Services.AppendAsync(draft.Id, draft.Ana, "After the storm.");
        page.WaitForAssertion(() =>
        {
            Clock.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal(2, page.ItemsOf("Text").Count);
        });
        Assert.DoesNotContain("could not be refreshed", page.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_time_for_which_the_ring_is_held_goes_on()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var page = await OpenAndWaitAsync(draft, draft.Ben);
        Assert.Contains("held for less than a minute", page.FindByRole("region", "Ring").TextOf(), StringComparison.Ordinal);

        Clock.Advance(TimeSpan.FromMinutes(5));

        page.WaitForAssertion(() => Assert.Contains("held for 5 minutes", page.FindByRole("region", "Ring").TextOf(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_page_follows_its_address_to_another_draft()
    {
        var first = await Services.ADraftHeldByAnaAsync(title: "The first");
        var secondId = Given.Succeed(await Get<DraftService>().CreateAsync(new CreateDraft(first.Ana, "The second")));
        var page = await OpenAndWaitAsync(first, first.Ana);

        page.Render(p => p.Add(x => x.DraftId, secondId));
        page.WaitForAssertion(() => Assert.Equal("The second", page.FindAllByRole("heading")[0].TextOf()));

        await Services.AppendAsync(secondId, first.Ana, "Heard on the second.");
        page.WaitForAssertion(() => Assert.StartsWith("Heard on the second.", Assert.Single(page.ItemsOf("Text")), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Text_is_shown_as_text()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "<b>Bold</b>");
        await Services.AppendAsync(draft.Id, draft.Ana, "<script>alert(1)</script>");

        var page = await OpenAndWaitAsync(draft, draft.Ben);

        Assert.Equal("<b>Bold</b>", page.FindAllByRole("heading")[0].TextContent);
        Assert.Equal("<script>alert(1)</script>", page.FindByRole("list", "Text").FindAllByRole("paragraph")[0].TextContent);
    }

    private IRenderedComponent<DraftPage> Open(Guid draftId, string userId)
    {
        SignIn(userId);
        return Render<DraftPage>(p => p.Add(x => x.DraftId, draftId));
    }

    /// <summary>Opens the page and waits until it watches: the view is counted just after that.</summary>
    private async Task<IRenderedComponent<DraftPage>> OpenAndWaitAsync(ADraft draft, string userId)
    {
        var page = Open(draft.Id, userId);
        var today = Clock.GetUtcNow().Date;
        await page.WaitForAssertionAsync(async () => Assert.Contains(
            await ViewsAsync(draft), view => view.ActorId == userId && view.OccurredAt.UtcDateTime.Date == today));
        return page;
    }

    private async Task<int> CountViewsAsync(ADraft draft) => (await ViewsAsync(draft)).Count;

    private Task<IReadOnlyList<AnalyticsEvent>> ViewsAsync(ADraft draft) =>
        Get<EventStore>().ReadAsync(new EventQuery(Types: [EventType.DraftViewed], DraftId: draft.Id));
}
