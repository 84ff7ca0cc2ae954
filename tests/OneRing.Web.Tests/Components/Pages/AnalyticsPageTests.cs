using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Web.Components.Pages;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class AnalyticsPageTests() : OneRingContext(new FakeTimeProvider(Noon))
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_admin_sees_the_figures_and_the_days_of_a_week()
    {
        await WriteOnTwoDaysAsync();

        var page = await OpenAsAdminAsync();

        page.WaitForAssertion(() => Assert.Contains("3 segments by 2 writers in the last 7 days", page.Text(), StringComparison.Ordinal));
        Assert.Equal(["2", "1", "3", "10", "1", "0", "1 d"], page.FindAll("dl[aria-label=Figures] dd:nth-of-type(1)").Select(figure => figure.TextOf()));
        Assert.Contains("The busiest day was 11 Mar 2026 with 2 segments", page.Text(), StringComparison.Ordinal);
        Assert.Equal(
            ["10 Mar 2026 1 0 1 0 4", "11 Mar 2026 2 1 0 0 6", "12 Mar 2026 0 0 0 0 0"],
            TableOf(page, "Activity by day").TakeLast(3));
        Assert.Equal(["Story 1 0 0 0"], TableOf(page, "Drafts by platform and status"));
        Assert.Equal(["Created 1", "Second writer 1", "Completed 0"], TableOf(page, "From the first word to the last"));
        Assert.Equal(["By the holder 1"], TableOf(page, "How the next holder was chosen"));
        Assert.Contains("1 d to 3 d 1", TableOf(page, "How long the ring is held"));
        Assert.Equal("12:00 0 1 2 0 0 0 0", TableOf(page, "Hours of the week")[12]);
    }

    [Fact]
    public async Task The_window_of_the_url_counts_and_its_button_is_pressed()
    {
        await WriteOnTwoDaysAsync();
        var page = await OpenAsAdminAsync();
        page.WaitForAssertion(() => Assert.Equal("true", page.FindButton("7 days").GetAttribute("aria-pressed")));

        await ClickAsync(page.FindButton("24 hours"));

        Assert.EndsWith("?window=24h", CurrentPath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_busiest_drafts_and_writers_stand_below_page_by_page()
    {
        var title = "";
        for (var i = 0; i < 12; i++)
        {
            var draft = await Services.ADraftHeldByAnaAsync(title: title = $"Draft {i:00}");
            await Services.AppendAsync(draft.Id, draft.Ana, string.Concat(Enumerable.Repeat("word ", i + 1)));
        }
        var page = await OpenAsAdminAsync();
        page.WaitForAssertion(() => Assert.Equal(10, Rows(page, "drafts-caption").Count));
        Assert.Equal($"{title} Story 1 12 0", Rows(page, "drafts-caption")[0]);
        Assert.Equal("Ana 1 12", Rows(page, "writers-caption")[0]);
        Assert.Contains("1–10 of 12", page.Text(), StringComparison.Ordinal);

        await ClickAsync(page.Find("nav[aria-label='Pages of busiest drafts'] button:last-child"));

        Assert.EndsWith("?drafts=2", CurrentPath, StringComparison.Ordinal);
        Services.GetRequiredService<NavigationManager>().NavigateTo("/admin/analytics?drafts=99");
        var last = await OpenAsAdminAsync();
        last.WaitForAssertion(() => Assert.Equal(["Draft 01 Story 1 2 0", "Draft 00 Story 1 1 0"], Rows(last, "drafts-caption")));
        Assert.Equal(10, Rows(last, "writers-caption").Count);
    }

    [Fact]
    public async Task Whoever_prefers_no_name_is_counted_and_not_named()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "Three words here.");
        Assert.True((await Get<AccountService>().ChangeNamingAsync(draft.Ana, prefersNoName: true)).Succeeded);

        var page = await OpenAsAdminAsync();

        page.WaitForAssertion(() => Assert.Equal(["somebody who prefers not to be named 1 3"], Rows(page, "writers-caption")));
        Assert.DoesNotContain(draft.Ana, page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_url_alone_restores_what_was_chosen()
    {
        await WriteOnTwoDaysAsync();
        Services.GetRequiredService<NavigationManager>().NavigateTo("/admin/analytics?from=2026-03-11&to=2026-03-11&compare=before&platform=story&zone=Asia/Tokyo&automatic=true");

        var page = await OpenAsAdminAsync();

        // In Tokyo, noon of the tenth is still the tenth, and that of the eleventh the eleventh.
        page.WaitForAssertion(() => Assert.Contains("2 segments by 2 writers on 11 March 2026", page.Text(), StringComparison.Ordinal));
        Assert.Equal("1 before (+100%)", page.Find("dl div:nth-of-type(3) .figure-change").TextOf());
        Assert.Contains("Clocks and days are those of Asia/Tokyo.", page.Text(), StringComparison.Ordinal);
        Assert.Equal("false", page.FindButton("7 days").GetAttribute("aria-pressed"));
        Assert.Equal(("2026-03-11", "2026-03-11"), (page.Find("#filter-from").GetAttribute("value"), page.Find("#filter-to").GetAttribute("value")));
        Assert.Equal(("Asia/Tokyo", "story"), (page.Find("#filter-zone").GetAttribute("value"), page.Find("#filter-platform").GetAttribute("value")));
    }

    [Fact]
    public async Task What_is_chosen_in_the_form_goes_into_the_url()
    {
        await WriteOnTwoDaysAsync();
        var page = await OpenAsAdminAsync();
        page.WaitForAssertion(() => page.Find("dl"));

        page.Find("#filter-from").Change("2026-03-10");
        page.Find("form.filter-form").Submit();
        Assert.Equal("Choose both dates, or none.", page.FindByRole("alert").TextOf());

        page.Find("#filter-to").Change("2026-03-09");
        page.Find("form.filter-form").Submit();
        Assert.Equal("The first date is after the last.", page.FindByRole("alert").TextOf());

        page.Find("#filter-to").Change("2026-03-10");
        page.Find("#filter-compare").Change("YearBefore");
        page.Find("#filter-platform").Change("story");
        page.Find("form.filter-form").Submit();

        Assert.EndsWith("?from=2026-03-10&to=2026-03-10&compare=year&platform=story", CurrentPath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_zone_that_is_none_is_refused_and_shows_no_figures()
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo("/admin/analytics?zone=Nowhere/Land");

        var page = await OpenAsAdminAsync();

        page.WaitForAssertion(() => Assert.Contains(RefusalText.For(Refusal.WindowInvalid), page.Text(), StringComparison.Ordinal));
        Assert.Empty(page.FindAll("dl"));
    }

    [Fact]
    public async Task Where_nothing_happened_the_page_says_so()
    {
        var page = await OpenAsAdminAsync();

        page.WaitForAssertion(() => Assert.Contains("Nothing happened in the last 7 days.", page.Text(), StringComparison.Ordinal));
        Assert.Empty(page.FindAll("figure, thead"));
    }

    [Fact]
    public async Task Nobody_but_admins_sees_a_figure()
    {
        await WriteOnTwoDaysAsync();
        SignIn(await Services.APersonAsync("Cleo"));

        var page = Render<AnalyticsPage>();

        page.WaitForAssertion(() => Assert.Equal("This page is for admins", page.FindByRole("heading").TextOf()));
        Assert.Empty(page.FindAll("dl, table, svg[role=img]"));
    }

    [Fact]
    public async Task Figures_that_cannot_be_read_are_no_figures_and_come_when_they_can()
    {
        await WriteOnTwoDaysAsync();
        SignIn(await Services.APersonAsync("Ada", isAdmin: true));
        Outage.IsAway = true;
        var page = Render<AnalyticsPage>();
        page.WaitForAssertion(() => Assert.Contains("The figures could not be read", page.Text(), StringComparison.Ordinal));
        Assert.Empty(page.FindAll("dl"));

        Outage.IsAway = false;
        await ClickAsync(page.FindButton("Try again"));

        page.WaitForAssertion(() => Assert.Contains("3 segments by 2 writers", page.Text(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_happens_shows_by_itself_until_the_page_is_paused()
    {
        await WriteOnTwoDaysAsync();
        var page = await OpenAsAdminAsync();
        page.WaitForAssertion(() => Assert.Contains("3 segments by 2 writers", page.Text(), StringComparison.Ordinal));

        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "A fourth.");
        Assert.Contains("3 segments by 2 writers", page.Text(), StringComparison.Ordinal);
        Clock.Advance(TimeSpan.FromSeconds(5));
        page.WaitForAssertion(() => Assert.Contains("4 segments by 3 writers", page.Text(), StringComparison.Ordinal));

        await ClickAsync(page.FindButton("Pause"));
        Assert.EndsWith("?window=7d&live=off", CurrentPath, StringComparison.Ordinal);
        var paused = await OpenAsAdminAsync();
        paused.WaitForAssertion(() => Assert.Contains("4 segments by 3 writers", paused.Text(), StringComparison.Ordinal));
        await Services.AppendAsync(draft.Id, draft.Ana, "A fifth.");
        Clock.Advance(TimeSpan.FromSeconds(60));
        await ClickAsync(paused.FindButton("Refresh"));
        paused.WaitForAssertion(() => Assert.Contains("5 segments by 3 writers", paused.Text(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Figures_that_cannot_be_read_again_stay_and_the_page_says_so()
    {
        await WriteOnTwoDaysAsync();
        var page = await OpenAsAdminAsync();
        page.WaitForAssertion(() => Assert.Contains("3 segments by 2 writers", page.Text(), StringComparison.Ordinal));

        Outage.IsAway = true;
        Clock.Advance(TimeSpan.FromSeconds(5));
        page.WaitForAssertion(() => Assert.Contains("could not be read again just now", page.Text(), StringComparison.Ordinal));
        Assert.Contains("3 segments by 2 writers", page.Text(), StringComparison.Ordinal);

        Outage.IsAway = false;
        Clock.Advance(TimeSpan.FromSeconds(5));
        page.WaitForAssertion(() => Assert.DoesNotContain("could not be read again", page.Text(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_length_of_the_bars_is_chosen_in_the_url()
    {
        await WriteOnTwoDaysAsync();
        var page = await OpenAsAdminAsync();
        page.WaitForAssertion(() => Assert.Equal("true", page.FindButton("day").GetAttribute("aria-pressed")));

        await ClickAsync(page.FindButton("hour"));

        Assert.EndsWith("?window=7d&unit=hour", CurrentPath, StringComparison.Ordinal);
        var again = await OpenAsAdminAsync();
        again.WaitForAssertion(() => Assert.Contains("The busiest hour was 11 Mar 2026, 12:00 with 2 segments.", again.Text(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_ring_that_stands_still_is_shown_with_its_holder_who_can_be_reminded_once()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "The lamp");
        await Services.AppendAsync(draft.Id, draft.Ana, "One.");
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Clock.Advance(TimeSpan.FromDays(3));
        var page = await OpenAsAdminAsync();
        page.WaitForAssertion(() => Assert.Equal(["The lamp Ben 3 days 3 days 50% Nudge"], Rows(page, "stalled-caption")));
        Assert.Contains("Of 1 draft, 1 is stalled, and 0 are at risk.", page.Text(), StringComparison.Ordinal);

        await ClickAsync(page.FindButton("Nudge the holder of The lamp"));

        page.WaitForAssertion(() => Assert.Equal(["The lamp Ben 3 days 3 days 50% Reminded just now"], Rows(page, "stalled-caption")));
        Assert.Contains("The holder of “The lamp” is reminded", page.Text(), StringComparison.Ordinal);
        Assert.NotNull((await Services.ReadAsync(draft.Id, draft.Ben)).NudgedAt);
    }

    private static List<string> TableOf(IRenderedComponent<AnalyticsPage> page, string chart) =>
        [.. page.FindAll($"[aria-label='Table of {chart}'] tbody tr").Select(row => string.Join(' ', row.Children.Select(cell => cell.TextOf())))];

    private static List<string> Rows(IRenderedComponent<AnalyticsPage> page, string caption) =>
        [.. page.FindAll($"[aria-labelledby={caption}] tbody tr").Select(row => string.Join(' ', row.Children.Select(cell => cell.TextOf())))];

    private async Task<IRenderedComponent<AnalyticsPage>> OpenAsAdminAsync()
    {
        SignIn(await Services.APersonAsync("Ada", isAdmin: true));
        return Render<AnalyticsPage>();
    }

    private async Task WriteOnTwoDaysAsync()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "On the first day.");
        Clock.Advance(TimeSpan.FromDays(1));
        await Services.AppendAsync(draft.Id, draft.Ana, "On the second day.");
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await Services.AppendAsync(draft.Id, draft.Ben, "And mine.");
        Clock.Advance(TimeSpan.FromDays(1));
    }
}
