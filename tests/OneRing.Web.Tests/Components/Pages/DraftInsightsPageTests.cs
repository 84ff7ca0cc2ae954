using Bunit;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Web.Components.Pages;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class DraftInsightsPageTests() : OneRingContext(new FakeTimeProvider(new DateTimeOffset(2027, 3, 1, 9, 0, 0, TimeSpan.Zero)))
{
    [Fact]
    public async Task Everybody_in_the_draft_reads_how_it_goes()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "The lamp");
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");

        foreach (var userId in (string[])[draft.Ana, draft.Ben, draft.Cleo])
        {
            var page = Open(draft.Id, userId);

            page.WaitForAssertion(() => Assert.Equal("The lamp", page.FindAllByRole("heading")[0].TextOf()));
            Assert.Contains("Ana has written everything so far.", page.Text(), StringComparison.Ordinal);
            Assert.Equal(["4", "1"], [Tile(page, "Words"), Tile(page, "Segments")]);
            Assert.Equal(userId == draft.Ana, page.HasButton("Pass to Ben"));
        }
    }

    [Fact]
    public async Task The_sides_of_a_draft_are_one_click_apart()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Navigate($"/drafts/{draft.Id}/insights");

        var page = Open(draft.Id, draft.Ben);

        page.WaitForAssertion(() => Assert.Equal("page", page.FindByRole("link", "Insights").GetAttribute("aria-current")));
        Assert.Equal($"drafts/{draft.Id}", page.FindByRole("link", "Text").GetAttribute("href"));
        Assert.Null(page.FindByRole("link", "Text").GetAttribute("aria-current"));
    }

    [Fact]
    public async Task What_another_person_does_changes_the_figures()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var page = await OpenAndWaitAsync(draft, draft.Ben);

        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");
        page.WaitForAssertion(() => Assert.Equal("4", Tile(page, "Words")));
        Assert.Empty(page.Announcements());

        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        page.WaitForAssertion(() => Assert.Equal("1", Tile(page, "Passes")));
        Assert.Equal(["It is your turn: you hold the ring."], page.Announcements());
        Assert.Equal(["2 Ben", "1 Ana"], Rows(page, "holds-label").Select(row => row[..5]));
    }

    [Fact]
    public async Task A_pass_as_advised_is_on_the_page_at_once()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");
        var page = await OpenAndWaitAsync(draft, draft.Ana);

        await ClickAsync(page, "Pass to Ben");

        page.WaitForAssertion(() => Assert.Equal("1", Tile(page, "Passes")));
        Assert.False(page.HasButton("Pass to Ben"));
        Assert.Equal(["Ben holds the ring now."], page.Announcements());
    }

    [Fact]
    public async Task The_days_of_the_address_are_shown_and_what_is_chosen_goes_into_it()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");
        Navigate($"/drafts/{draft.Id}/insights?days=45");
        var page = await OpenAndWaitAsync(draft, draft.Ben);
        Assert.Equal(45, page.FindAll("details tbody")[0].Children.Length);
        Assert.Equal("45", page.FindField("Number of days").GetAttribute("value"));

        await ClickAsync(page, "7 days");
        Assert.EndsWith($"/drafts/{draft.Id}/insights?days=7", CurrentPath, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Equal(7, page.FindAll("details tbody")[0].Children.Length));
        Assert.Equal("true", page.FindButton("7 days").GetAttribute("aria-pressed"));

        await ClickAsync(page, "14 days");
        Assert.EndsWith("/insights", CurrentPath, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Equal(14, page.FindAll("details tbody")[0].Children.Length));
    }

    [Fact]
    public async Task The_figures_stay_in_sight_until_others_are_there()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");
        var page = await OpenAndWaitAsync(draft, draft.Ben);

        Outage.Wait();
        Navigate($"/drafts/{draft.Id}/insights?days=7");

        page.WaitForAssertion(() => Assert.Single(page.FindAll("[aria-busy=true]")));
        Assert.Equal("4", Tile(page, "Words"));
        Assert.Equal(14, page.FindAll("details tbody")[0].Children.Length);
        Assert.Equal("true", page.FindButton("14 days").GetAttribute("aria-pressed"));

        Outage.GoOn();
        page.WaitForAssertion(() => Assert.Equal(7, page.FindAll("details tbody")[0].Children.Length));
        Assert.Empty(page.FindAll("[aria-busy=true]"));
    }

    [Fact]
    public async Task Earlier_holds_are_one_page_further()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        for (var i = 0; i < 6; i++)
        {
            await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
            await Services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        }
        var page = await OpenAndWaitAsync(draft, draft.Ben);
        Assert.Equal(10, Rows(page, "holds-label").Count);

        await ClickAsync(page, "Next");

        Assert.EndsWith("?holds=2", CurrentPath, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Equal(["3 Ana", "2 Ben", "1 Ana"], Rows(page, "holds-label").Select(row => row[..5])));
    }

    [Fact]
    public async Task Times_go_on_though_nothing_happens()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var page = await OpenAndWaitAsync(draft, draft.Ben);
        Assert.StartsWith("1 Ana 0 s so far", Assert.Single(Rows(page, "holds-label")), StringComparison.Ordinal);

        Clock.AdjustTime(Clock.GetUtcNow().AddHours(49));

        page.WaitForAssertion(() =>
        {
            Clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Contains("Nothing has happened here for 2 days.", page.Text(), StringComparison.Ordinal);
        });
        Assert.StartsWith("1 Ana 2 d ", Assert.Single(Rows(page, "holds-label")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_who_is_removed_sees_the_page_close()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "Not for strangers");
        var page = await OpenAndWaitAsync(draft, draft.Ben);

        Given.Succeed(await Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));

        page.WaitForAssertion(() => Assert.Equal("You no longer have a part in this draft", page.FindByRole("heading").TextOf()));
        Assert.DoesNotContain("Not for strangers", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_draft_of_others_and_one_that_does_not_exist_look_as_they_do_on_the_page_of_the_text()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "Not for strangers");
        SignIn(draft.Dan);
        var text = Render<DraftPage>(p => p.Add(x => x.DraftId, Guid.CreateVersion7()));
        text.WaitForAssertion(() => Assert.Equal("There is no such draft here", text.FindByRole("heading").TextOf()));

        foreach (var draftId in (Guid[])[draft.Id, Guid.CreateVersion7()])
        {
            var page = Open(draftId, draft.Dan);

            page.WaitForAssertion(() => Assert.Equal(text.Text(), page.Text()));
            Assert.DoesNotContain("Not for strangers", page.Markup, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_page_that_cannot_be_refreshed_keeps_its_figures_says_so_and_tries_again()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "Before the storm.");
        var page = await OpenAndWaitAsync(draft, draft.Ben);

        Outage.IsAway = true;
        Get<DraftFeed>().RefreshAll();
        page.WaitForAssertion(() => Assert.Equal(["This page could not be refreshed. Trying again…"], page.Announcements()));
        Assert.Equal("3", Tile(page, "Words"));

        Outage.IsAway = false;
        await Services.AppendAsync(draft.Id, draft.Ana, "After the storm.");
        page.WaitForAssertion(() =>
        {
            Clock.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal("6", Tile(page, "Words"));
        });
        Assert.Empty(page.Announcements());
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
        page.WaitForAssertion(() => Assert.Equal("4", Tile(page, "Words")));
    }

    private static string Tile(IRenderedComponent<DraftInsightsPage> page, string figure) =>
        page.FindAll("dl > div").Single(tile => tile.Children[0].TextOf() == figure).Children[1].TextOf();

    private static List<string> Rows(IRenderedComponent<DraftInsightsPage> page, string caption) =>
        [.. page.FindAll($"[aria-labelledby={caption}] tbody tr").Select(row => string.Join(' ', row.Children.Select(cell => cell.TextOf())))];

    private IRenderedComponent<DraftInsightsPage> Open(Guid draftId, string userId)
    {
        SignIn(userId);
        return Render<DraftInsightsPage>(p => p.Add(x => x.DraftId, draftId));
    }

    /// <summary>Opens the page and waits for its figures.</summary>
    private async Task<IRenderedComponent<DraftInsightsPage>> OpenAndWaitAsync(ADraft draft, string userId)
    {
        var page = Open(draft.Id, userId);
        await page.WaitForAssertionAsync(() => page.Find("dl"));
        return page;
    }
}
