using Microsoft.Playwright;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

/// <summary>The figures for admins, as a browser shows them: what the URL keeps, and what single keys do.</summary>
[Trait("Category", "Browser")]
public sealed class DashboardInABrowserTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    [SkippableFact]
    public async Task The_url_alone_restores_the_view_and_back_and_forward_work()
    {
        await using var ada = await Person.SignedInAsync(site.Address, site.Services, "Ada", isAdmin: true);
        await WriteAsync();
        var page = await OpenAsync(ada, "/admin/analytics");

        await page.Button("30 days").ClickAsync();
        await Expect(page).ToHaveURLAsync($"{site.Address}admin/analytics?window=30d");
        await page.Button("week").ClickAsync();
        await Expect(page).ToHaveURLAsync($"{site.Address}admin/analytics?window=30d&unit=week");
        await page.Button("Pause").ClickAsync();
        await Expect(page).ToHaveURLAsync($"{site.Address}admin/analytics?window=30d&unit=week&live=off");
        await Expect(page.Heading("Activity by week")).ToBeVisibleAsync();

        var another = await OpenAsync(ada, new Uri(page.Url).PathAndQuery);
        await Expect(another.Heading("Activity by week")).ToBeVisibleAsync();
        await AssertChosenAsync(another, "30 days", "Paused");

        await page.GoBackAsync();
        await Expect(page.Button("Pause")).ToBeVisibleAsync();
        await page.GoBackAsync();
        await Expect(page.Heading("Activity by day")).ToBeVisibleAsync();
        await page.GoBackAsync();
        await AssertChosenAsync(page, "7 days");
        await page.GoForwardAsync();
        await AssertChosenAsync(page, "30 days");
        await Expect(page.Heading("Activity by day")).ToBeVisibleAsync();
        await page.GoForwardAsync();
        await Expect(page.Heading("Activity by week")).ToBeVisibleAsync();
        ada.AssertCalm();
    }

    [SkippableFact]
    public async Task Single_keys_choose_what_is_shown_but_not_while_somebody_types_and_not_once_they_are_off()
    {
        await using var ada = await Person.SignedInAsync(site.Address, site.Services, "Ada", isAdmin: true);
        await WriteAsync();
        var page = await OpenAsync(ada, "/admin/analytics");
        var help = page.GetByText("Keys", new() { Exact = true });
        await Expect(help).ToBeVisibleAsync();

        // The script comes after the page; only then are there keys.
        await EventuallyAsync(async () =>
        {
            await page.Keyboard.PressAsync("1");
            await Expect(page.Button("24 hours")).ToHaveAttributeAsync("aria-pressed", "true", new() { Timeout = 2_000 });
        });
        await page.Keyboard.PressAsync("5");
        await AssertChosenAsync(page, "All time");
        await page.Keyboard.PressAsync("p");
        await Expect(page.Button("Paused")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("?");
        var keys = page.GetByLabel("Use single keys in this browser");
        await Expect(keys).ToBeVisibleAsync();

        await page.GetByText("Dates, platform, comparison").ClickAsync();
        await page.GetByLabel("From", new() { Exact = true }).PressAsync("1");
        await page.GetByLabel("From", new() { Exact = true }).PressAsync("Control+1");
        await AssertChosenAsync(page, "All time");

        // At once: the next key may come before the server has heard of the switch.
        await keys.EvaluateAsync("keys => { keys.click(); document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '1', bubbles: true })); }");
        await Expect(keys).Not.ToBeCheckedAsync();
        await AssertChosenAsync(page, "All time", "Paused");
        await page.Heading("Analytics").ClickAsync();
        await page.Keyboard.PressAsync("1");
        await page.Keyboard.PressAsync("p");
        await page.Button("30 days").ClickAsync();
        await AssertChosenAsync(page, "30 days", "Paused");

        var later = await OpenAsync(ada, "/admin/analytics");
        await later.GetByText("Keys", new() { Exact = true }).ClickAsync();
        await Expect(later.GetByLabel("Use single keys in this browser")).Not.ToBeCheckedAsync();
        await later.GetByLabel("Use single keys in this browser").CheckAsync();
        await later.Heading("Analytics").ClickAsync();
        await later.Keyboard.PressAsync("4");
        await AssertChosenAsync(later, "12 months");
        ada.AssertCalm();

        static async Task EventuallyAsync(Func<Task> attempt)
        {
            for (var tries = 0; ; tries++)
            {
                try
                {
                    await attempt();
                    return;
                }
                catch (PlaywrightException) when (tries < 10)
                {
                }
            }
        }
    }

    private static async Task<IPage> OpenAsync(Person person, string path)
    {
        var page = await person.OpenAsync(path);
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Busiest writers" })).ToBeVisibleAsync();
        return page;
    }

    private static async Task AssertChosenAsync(IPage page, params string[] buttons)
    {
        foreach (var button in buttons)
        {
            await Expect(page.Button(button)).ToHaveAttributeAsync("aria-pressed", "true");
        }
    }

    private async Task WriteAsync()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        await site.Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");
        await site.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
    }
}
