using AngleSharp.Dom;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Web.Components.Pages;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class InsightsPageTests() : OneRingContext(new FakeTimeProvider(Noon))
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_person_sees_what_they_wrote_and_what_waits()
    {
        var draft = await WriteOnTwoDaysAsync();

        var page = Open(draft.Ana);

        page.WaitForAssertion(() => Assert.Contains("You added 2 segments in the last 30 days, on 2 of these days.", page.Text(), StringComparison.Ordinal));
        Assert.Equal(["2", "8", "2", "2", "1 d", "1 d"], page.FindAll("dl dd:nth-of-type(1)").Select(figure => figure.TextOf()));
        Assert.Equal(
            ["10 Mar 2026 4", "11 Mar 2026 4", "12 Mar 2026 0"],
            page.FindByRole("region", "Table of Words by day").QuerySelectorAll("tbody tr").TakeLast(3).Select(row => string.Join(' ', row.Children.Select(cell => cell.TextOf()))));
        Assert.Equal("No ring is with you.", page.FindByRole("region", "Waiting for you").QuerySelector("p")!.TextOf());
        Assert.Equal("A draft Ben has held the ring for 1 day", page.FindByRole("region", "You wait for others (1)").QuerySelector("li")!.TextOf());
    }

    [Fact]
    public async Task Whoever_holds_a_ring_finds_the_way_to_its_draft()
    {
        var draft = await WriteOnTwoDaysAsync();

        var page = Open(draft.Ben);

        page.WaitForAssertion(() => Assert.Equal(
            $"/drafts/{draft.Id}", page.FindByRole("region", "Waiting for you (1)").QuerySelector("a")!.GetAttribute("href")));
        Assert.Contains("with you for 1 day", page.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_segment_is_enough_to_be_seen()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "Once.");

        var page = Open(draft.Ana);

        page.WaitForAssertion(() => Assert.Contains("You added 1 segment in the last 30 days, on 1 of these days.", page.Text(), StringComparison.Ordinal));
        Assert.Contains("Most were on 10 March 2026: 1 word.", page.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_segments_of_one_day_are_of_one_day()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "Once.");
        await Services.AppendAsync(draft.Id, draft.Ana, "And again.");

        var page = Open(draft.Ana);

        page.WaitForAssertion(() => Assert.Contains("You added 2 segments in the last 30 days, on 1 of these days.", page.Text(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_person_is_welcome()
    {
        var page = Open(await Services.APersonAsync("Dan"));

        page.WaitForAssertion(() => Assert.Contains("Your first segment will be the first thing on this page.", page.Text(), StringComparison.Ordinal));
        Assert.Empty(page.FindAll("dl, figure, tbody, select"));
        Assert.Equal(3, page.FindAll("caption").Count);
        Assert.Contains("The page is still open: the first words will stand here.", page.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_leaderboards_say_what_counts_and_who_you_are()
    {
        var draft = await WriteOnTwoDaysAsync();

        var page = Open(draft.Ana);

        page.WaitForAssertion(() => Assert.Equal(
            [
                "1 Ana (you) 2 segments written. Every one keeps a story going. 6",
                "2 Ben Was trusted with the ring once. 2",
            ],
            Board(page, "Collaboration")));
        Assert.Equal(["1 Ana (you) The words are flowing. Keep enjoying it. 5.8"], Board(page, "Momentum"));
        Assert.Equal(["1 Ana (you) 1 draft started. Every text needs somebody who begins it. 5"], Board(page, "Consistency"));
        Assert.Contains("3 points for each segment, 2 for each ring received", page.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_asks_for_it_is_named_no_more_and_then_again()
    {
        var draft = await WriteOnTwoDaysAsync();
        var page = Open(draft.Ana);
        page.WaitForAssertion(() => Assert.Equal(2, Board(page, "Collaboration").Count));

        await page.Find("#prefers-no-name").ChangeAsync(new() { Value = true });

        page.WaitForAssertion(() => Assert.Equal(["1 Ben Was trusted with the ring once. 2"], Board(page, "Collaboration")));
        Assert.True(page.Find("#prefers-no-name").HasAttribute("checked"));
        Assert.True((await Get<AccountService>().FindProfileAsync(draft.Ana))!.PrefersNoName);
        await page.Find("#prefers-no-name").ChangeAsync(new() { Value = false });
        page.WaitForAssertion(() => Assert.Equal(2, Board(page, "Collaboration").Count));
    }

    [Fact]
    public async Task The_url_alone_restores_what_was_chosen()
    {
        var draft = await WriteOnTwoDaysAsync();
        Navigate("/insights?days=90&zone=Asia/Tokyo&show=segments");

        var page = Open(draft.Ana);

        page.WaitForAssertion(() => Assert.Contains("in the last 90 days", page.Text(), StringComparison.Ordinal));
        Assert.Equal(["90 days", "Segments"], page.FindAll("button[aria-pressed=true]").Select(button => button.TextOf()));
        Assert.Contains("Days begin in Asia/Tokyo", page.Text(), StringComparison.Ordinal);
        Assert.Contains("Most were in the week of 9 March 2026: 2 segments.", page.Text(), StringComparison.Ordinal);
        Assert.Equal("Asia/Tokyo", page.Find("#insights-zone").GetAttribute("value"));
    }

    [Fact]
    public async Task What_is_chosen_goes_into_the_url()
    {
        var draft = await WriteOnTwoDaysAsync();
        var page = Open(draft.Ana);
        page.WaitForAssertion(() => page.Find("dl"));

        await ClickAsync(page.FindButton("365 days"));
        Assert.EndsWith("?days=365", CurrentPath, StringComparison.Ordinal);
        await ClickAsync(page.FindButton("Segments"));
        Assert.EndsWith("?days=365&show=segments", CurrentPath, StringComparison.Ordinal);
        page.Find("#insights-zone").Change("Europe/Berlin");
        page.Find("form.filter-form").Submit();
        Assert.EndsWith("?days=365&show=segments&zone=Europe%2FBerlin", CurrentPath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_zone_that_is_none_is_refused_and_shows_no_figures()
    {
        Navigate("/insights?zone=Nowhere/Land");

        var page = Open(await Services.APersonAsync("Ana"));

        page.WaitForAssertion(() => Assert.Contains(RefusalText.For(Refusal.WindowInvalid), page.Text(), StringComparison.Ordinal));
        Assert.Empty(page.FindAll("dl, table"));
    }

    [Fact]
    public async Task Figures_that_cannot_be_read_are_no_figures_and_come_when_they_can()
    {
        var draft = await WriteOnTwoDaysAsync();
        Outage.IsAway = true;
        var page = Open(draft.Ana);
        page.WaitForAssertion(() => Assert.Contains("The figures could not be read", page.Text(), StringComparison.Ordinal));
        Assert.Empty(page.FindAll("dl"));

        Outage.IsAway = false;
        await ClickAsync(page.FindButton("Try again"));

        page.WaitForAssertion(() => Assert.Contains("You added 2 segments", page.Text(), StringComparison.Ordinal));
    }

    private static List<string> Board(IRenderedComponent<InsightsPage> page, string metric) =>
        [.. page.FindAll("table").Single(table => table.QuerySelector("caption")!.TextOf().StartsWith(metric, StringComparison.Ordinal))
            .QuerySelectorAll("tbody tr").Select(row => string.Join(' ', row.Children.Select(cell => cell.TextOf())))];

    private IRenderedComponent<InsightsPage> Open(string userId)
    {
        SignIn(userId);
        return Render<InsightsPage>();
    }

    private async Task<ADraft> WriteOnTwoDaysAsync()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "On the first day.");
        Clock.Advance(TimeSpan.FromDays(1));
        await Services.AppendAsync(draft.Id, draft.Ana, "On the second day.");
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Clock.Advance(TimeSpan.FromDays(1));
        return draft;
    }
}

public sealed class InsightsOfWhatIsKeptTests()
    : OneRingContext(new FakeTimeProvider(Noon), new Dictionary<string, string?>(StringComparer.Ordinal) { ["OneRing:Analytics:RetentionDays"] = "90" })
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Where_older_events_are_not_kept_the_page_says_since_when_it_counts()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "Long ago.");
        Clock.Advance(TimeSpan.FromDays(150));
        await Services.AppendAsync(draft.Id, draft.Ana, "And now.");
        var upkeep = Services.GetServices<IHostedService>().Single(service => service.GetType().Name == "Upkeep");

        await upkeep.StartAsync(default);

        for (var tries = 0; Given.Succeed(await Get<PersonalAnalyticsService>().FindAsync(draft.Ana)).Since is null; tries++)
        {
            Assert.True(tries < 600, "Nothing has been forgotten.");
            await Task.Delay(50);
        }
        SignIn(draft.Ana);
        var page = Render<InsightsPage>();
        page.WaitForAssertion(() => Assert.Contains(
            "Days, streaks and holds begin on 1 May 2026 (UTC): what happened before is not counted here any longer. Your texts are all there.", page.Text(), StringComparison.Ordinal));
        Assert.Contains("You added 1 segment in the last 30 days, on 1 of these days.", page.Text(), StringComparison.Ordinal);
        await upkeep.StopAsync(default);
    }
}
