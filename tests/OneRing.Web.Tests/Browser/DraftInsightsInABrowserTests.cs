using System.Text.Json;
using Microsoft.Playwright;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

/// <summary>The insights of a draft as a browser draws them.</summary>
[Trait("Category", "Browser")]
public sealed class DraftInsightsInABrowserTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    /// <summary>The rows of the tables, and for each of their columns the heights of its bars as shares of the tallest.</summary>
    private const string Read = """
        figures => JSON.stringify(figures.map(figure => {
            const strokes = ["var(--ink-soft)", "var(--ring)"];
            const columns = [...figure.querySelectorAll("thead th")].length - 1;
            const bars = strokes.slice(0, columns).map(stroke => [...figure.querySelectorAll(`path.mud-chart-bar[stroke="${stroke}"]`)]
                .map(bar => bar.getAttribute("d").match(/[\d.]+/g).map(Number))
                .sort((a, b) => a[0] - b[0])
                .map(([, from, , to]) => Math.abs(from - to)));
            const highest = Math.max(...bars.flat());
            return {
                title: figure.querySelector("h2").textContent,
                rows: [...figure.querySelectorAll("tbody tr")].map(row => [...row.children].slice(1).map(cell => Number(cell.textContent.replaceAll(",", "")))),
                bars: bars.map(column => column.map(height => height / highest)),
            };
        }))
        """;

    [SkippableFact]
    public async Task What_is_drawn_is_what_the_tables_say_also_after_somebody_has_written_on()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draft = await site.Services.ADraftHeldByAnaAsync(title: "The lamp");
        await site.Services.AddAsync(draft.Id, draft.Ana, ana.Id, Data.Drafts.Role.Writer);
        await site.Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");
        await site.Services.PassAsync(draft.Id, draft.Ana, ana.Id);
        var page = await ana.OpenAsync($"/drafts/{draft.Id}/insights?days=7");
        await Expect(page.Saying("4 words by one person.")).ToBeVisibleAsync();

        var before = await ReadAsync(page, bars: (2 * 7) + 1);
        await site.Services.AppendAsync(draft.Id, ana.Id, "Nobody had fed it oil, and nobody was going to.");
        await Expect(page.Saying("14 words by 2 people.")).ToBeVisibleAsync();
        var after = await ReadAsync(page, bars: (2 * 7) + 2);

        Assert.Equal([[1, 1]], before[0].Rows[^1..]);
        Assert.Equal([[2, 1]], after[0].Rows[^1..]);
        Assert.Equal([[4], [10]], after[1].Rows.OrderBy(row => row[0]));
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task The_days_go_into_the_address_and_back_and_forward_lead_through_them()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draft = await site.Services.ADraftHeldByAnaAsync(title: "The lamp");
        await site.Services.AddAsync(draft.Id, draft.Ana, ana.Id, Data.Drafts.Role.Reader);
        var page = await ana.OpenAsync($"/drafts/{draft.Id}");
        await page.Link("Insights").ClickAsync();
        await Expect(page.Saying("Nothing happened in the last 14 days.")).ToBeVisibleAsync();

        await page.Button("30 days").ClickAsync();
        await Expect(page.Saying("Nothing happened in the last 30 days.")).ToBeVisibleAsync();
        Assert.EndsWith("/insights?days=30", page.Url, StringComparison.Ordinal);
        await page.GetByLabel("Number of days").FillAsync("45");
        await page.GetByLabel("Number of days").PressAsync("Enter");
        await Expect(page.Saying("Nothing happened in the last 45 days.")).ToBeVisibleAsync();

        await page.GoBackAsync();
        await Expect(page.Saying("Nothing happened in the last 30 days.")).ToBeVisibleAsync();
        await page.GoForwardAsync();
        await Expect(page.Saying("Nothing happened in the last 45 days.")).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.Saying("Nothing happened in the last 45 days.")).ToBeVisibleAsync();
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task Whoever_goes_on_before_the_box_is_ready_is_not_stopped()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draft = await site.Services.ADraftHeldByAnaAsync(title: "The lamp");
        await site.Services.AddAsync(draft.Id, draft.Ana, ana.Id, Data.Drafts.Role.Writer);
        var page = await ana.OpenAsync("/");
        var isSlow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await page.RouteAsync("**/composer*.js", async route =>
        {
            await isSlow.Task;
            await route.ContinueAsync();
        });
        await page.GotoAsync($"/drafts/{draft.Id}");
        await page.ListensAsync();
        await page.Link("Insights").ClickAsync();
        await Expect(page.Saying("Nothing happened in the last 14 days.")).ToBeVisibleAsync();

        isSlow.SetResult();
        await page.EvaluateAsync("() => import('/composer.js').then(() => null)");

        await page.Button("30 days").ClickAsync();
        await Expect(page.Saying("Nothing happened in the last 30 days.")).ToBeVisibleAsync();
        ana.AssertCalm();
    }

    /// <summary>Reads what is drawn as soon as it is: a chart measures its place first.</summary>
    private static async Task<IReadOnlyList<Drawn>> ReadAsync(IPage page, int bars)
    {
        await Expect(page.Locator("figure path.mud-chart-bar")).ToHaveCountAsync(bars);
        var drawn = JsonSerializer.Deserialize<Drawn[]>(await page.Locator("figure").EvaluateAllAsync<string>(Read), JsonSerializerOptions.Web)!;
        Assert.Equal(["Activity by day", "Words by person"], drawn.Select(figure => figure.Title));
        foreach (var (title, rows, heights) in drawn)
        {
            var highest = rows.SelectMany(row => row).Max();
            for (var column = 0; column < heights.Length; column++)
            {
                Assert.Equal(rows.Length, heights[column].Length);
                Assert.All(rows.Zip(heights[column]), pair => Assert.True(
                    Math.Abs((pair.First[column] / highest) - pair.Second) < 0.02, $"{title}: {pair.First[column]} of {highest} is drawn as {pair.Second}."));
            }
        }
        return drawn;
    }

    private sealed record Drawn(string Title, double[][] Rows, double[][] Bars);
}
