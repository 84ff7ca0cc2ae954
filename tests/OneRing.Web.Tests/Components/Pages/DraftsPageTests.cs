using Bunit;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Web.Components.Pages;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class DraftsPageTests : OneRingContext
{
    [Fact]
    public void Whoever_is_not_signed_in_reads_what_this_is()
    {
        var page = Render<DraftsPage>();

        Assert.Equal("Write one text together, one voice at a time", page.FindByRole("heading").TextOf());
        Assert.Equal("/account/sign-in", page.FindByRole("link", "Sign in").GetAttribute("href"));
        Assert.Equal("/account/sign-up", page.FindByRole("link", "Make an account").GetAttribute("href"));
    }

    [Fact]
    public async Task Somebody_without_drafts_is_shown_where_to_begin()
    {
        var page = Open(await Services.APersonAsync("Ana"));

        page.WaitForAssertion(() => Assert.Equal("/drafts/new", page.FindByRole("link", "Start the first one").GetAttribute("href")));
        Assert.Equal("/drafts/new", page.FindByRole("link", "New draft").GetAttribute("href"));
    }

    [Fact]
    public async Task Drafts_stand_under_what_they_wait_for_newest_activity_first()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "Held by Ana");
        var older = await StartAsync(draft.Ana, "Older");
        var waiting = await StartAsync(draft.Ana, "Waiting for Ben");
        await Services.AddAsync(waiting, draft.Ana, draft.Ben, Role.Writer);
        await Services.PassAsync(waiting, draft.Ana, draft.Ben);
        var locked = await StartAsync(draft.Ana, "Locked");
        Given.Succeed(await Get<DraftService>().LockAsync(new LockDraft(draft.Ana, locked)));
        var finished = await StartAsync(draft.Ana, "Finished long ago");
        Given.Succeed(await Get<DraftService>().CompleteAsync(new CompleteDraft(draft.Ana, finished)));
        await Services.AppendAsync(draft.Id, draft.Ana, "The newest activity.");
        Assert.NotEqual(draft.Id, older);

        var page = Open(draft.Ana);

        page.WaitForAssertion(() => Assert.Equal(["Your turn", "Waiting", "Finished"], Sections(page)));
        Assert.Equal(["Held by Ana", "Older"], TitlesUnder(page, "Your turn"));
        Assert.Equal(["Locked", "Waiting for Ben"], TitlesUnder(page, "Waiting"));
        Assert.Equal(["Finished long ago"], TitlesUnder(page, "Finished"));
    }

    [Fact]
    public async Task A_line_says_whose_turn_it_is()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "The lamp");
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");

        Assert.Equal("The lamp with you for less than a minute 1 segment Your turn", LineOf(Open(draft.Ana)));
        Assert.Equal("The lamp Ana has held the ring for less than a minute 1 segment", LineOf(Open(draft.Ben)));
        Assert.Equal("The lamp Ana has held the ring for less than a minute 1 segment you read along", LineOf(Open(draft.Cleo)));
    }

    [Fact]
    public async Task A_search_narrows_the_list_and_says_when_nothing_is_left()
    {
        var ana = await Services.APersonAsync("Ana");
        await StartAsync(ana, "The Lamp");
        await StartAsync(ana, "The Harbour");
        var page = Open(ana);
        page.WaitForAssertion(() => Assert.Equal(["The Harbour", "The Lamp"], TitlesUnder(page, "Your turn")));

        await page.FindField("Search in titles").InputAsync("lamp");
        page.WaitForAssertion(() => Assert.Equal(["The Lamp"], TitlesUnder(page, "Your turn")));

        await page.FindField("Search in titles").InputAsync("zebra");
        page.WaitForAssertion(() => Assert.Equal(["No title has “zebra” in it."], page.Announcements()));
        Assert.Empty(Sections(page));

        await page.FindField("Search in titles").InputAsync("");
        page.WaitForAssertion(() => Assert.Equal(["The Harbour", "The Lamp"], TitlesUnder(page, "Your turn")));
    }

    [Fact]
    public async Task A_long_list_comes_in_pages_and_stays_as_long_as_it_was_when_news_comes()
    {
        var ana = await Services.APersonAsync("Ana");
        for (var i = 1; i <= 45; i++)
        {
            await StartAsync(ana, $"Draft {i}");
        }
        var page = Open(ana);
        page.WaitForAssertion(() => Assert.Equal(20, TitlesUnder(page, "Your turn").Count));

        await ClickAsync(page.FindButton("Load more"));
        Assert.Equal(40, TitlesUnder(page, "Your turn").Count);

        await StartAsync(ana, "The newest");
        page.WaitForAssertion(() => Assert.Equal("The newest", TitlesUnder(page, "Your turn")[0]));
        Assert.Equal(40, TitlesUnder(page, "Your turn").Count);

        await ClickAsync(page.FindButton("Load more"));
        Assert.Equal(46, TitlesUnder(page, "Your turn").Distinct().Count());
        Assert.Equal(46, TitlesUnder(page, "Your turn").Count);
        Assert.False(page.HasButton("Load more"));
    }

    [Fact]
    public async Task The_list_changes_when_the_ring_does()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "The lamp");
        var page = Open(draft.Ben);
        page.WaitForAssertion(() => Assert.Equal(["The lamp"], TitlesUnder(page, "Waiting")));

        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        page.WaitForAssertion(() => Assert.Equal(["The lamp"], TitlesUnder(page, "Your turn")));
        Assert.Equal(["Your turn"], Sections(page));
    }

    [Fact]
    public async Task A_draft_appears_when_somebody_is_added_and_goes_when_they_are_removed()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "The lamp");
        var page = Open(draft.Dan);
        page.WaitForAssertion(() => Assert.Single(page.FindAllByRole("link", "Start the first one")));

        await Services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Reader);
        page.WaitForAssertion(() => Assert.Equal(["The lamp"], TitlesUnder(page, "Waiting")));

        Given.Succeed(await Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Dan)));
        page.WaitForAssertion(() => Assert.Single(page.FindAllByRole("link", "Start the first one")));
    }

    [Fact]
    public async Task A_list_that_cannot_be_refreshed_stays_as_it_was()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "The lamp");
        var page = Open(draft.Ben);
        page.WaitForAssertion(() => Assert.Equal(["The lamp"], TitlesUnder(page, "Waiting")));

        Outage.IsAway = true;
        Get<DraftFeed>().RefreshAll();
        Outage.IsAway = false;
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        page.WaitForAssertion(() => Assert.Equal(["The lamp"], TitlesUnder(page, "Your turn")));
    }

    private static IEnumerable<string> Sections(IRenderedComponent<DraftsPage> page) =>
        page.FindAllByRole("region").Select(section => section.NameOf());

    private static List<string> TitlesUnder(IRenderedComponent<DraftsPage> page, string section) =>
        [.. page.FindByRole("region", section).FindAllByRole("link").Select(link => link.TextOf())];

    private static string LineOf(IRenderedComponent<DraftsPage> page)
    {
        page.WaitForAssertion(() => Assert.Single(page.FindAllByRole("listitem")));
        return page.FindByRole("listitem").TextOf();
    }

    private IRenderedComponent<DraftsPage> Open(string userId)
    {
        SignIn(userId);
        return Render<DraftsPage>();
    }

    private async Task<Guid> StartAsync(string userId, string title) =>
        Given.Succeed(await Get<DraftService>().CreateAsync(new CreateDraft(userId, title)));
}
