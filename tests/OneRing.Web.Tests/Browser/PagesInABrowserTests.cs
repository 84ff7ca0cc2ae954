using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data;
using OneRing.Data.Drafts;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

[Trait("Category", "Browser")]
public sealed class PagesInABrowserTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    [SkippableFact]
    public async Task The_keyboard_is_enough()
    {
        await using var somebody = await Person.ArriveAsync(site.Address);
        var page = await somebody.OpenStaticAsync("/account/sign-in");

        await PressAsync(page, page.Button("Ana"));
        await Expect(page.Heading("Drafts")).ToBeVisibleAsync();
        await page.ListensAsync();
        await PressAsync(page, page.Link("The lamp that would not sleep"));
        await Expect(page.Saying("You hold the ring.")).ToBeVisibleAsync();
        await TabToAsync(page, page.Box());
        await page.Keyboard.TypeAsync("Typed, not clicked.");
        await PressAsync(page, page.Button("Add to the text"));
        await Expect(page.Segments().Last).ToHaveTextAsync("Typed, not clicked.");
        await PressAsync(page, page.Button("Pass to Ben"));

        await Expect(page.Saying("Ben holds the ring.")).ToBeVisibleAsync();
        somebody.AssertCalm();
    }

    [SkippableFact]
    public async Task The_theme_that_somebody_chose_is_remembered()
    {
        await using var somebody = await Person.ArriveAsync(site.Address);
        var page = await somebody.OpenAsync("/");
        Assert.Equal("light", await ThemeOfAsync(page));

        await page.Button("Use the dark theme").ClickAsync();
        Assert.Equal("dark", await ThemeOfAsync(page));

        await page.ReloadAsync();
        Assert.Equal("dark", await ThemeOfAsync(page));
        await page.ListensAsync();
        Assert.Equal("dark", await ThemeOfAsync(page));
        Assert.Equal("dark", await ThemeOfAsync(await somebody.OpenStaticAsync("/account/sign-in")));

        await page.Button("Use the light theme").ClickAsync();
        await page.ReloadAsync();
        Assert.Equal("light", await ThemeOfAsync(page));
        somebody.AssertCalm();
    }

    [SkippableTheory]
    [InlineData(390)]
    [InlineData(1440)]
    public async Task No_page_is_wider_than_its_window(int width)
    {
        var drafts = site.Services.GetRequiredService<DraftService>();
        var unbroken = new string('W', Texts.LongestTitle);
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, unbroken[..Texts.LongestDisplayName], width);
        var draftId = Given.Succeed(await drafts.CreateAsync(new CreateDraft(ana.Id, unbroken)));
        await site.Services.AddAsync(draftId, ana.Id, await site.Services.APersonAsync($"B{unbroken[..50]}"), Role.Writer);
        await site.Services.AppendAsync(draftId, ana.Id, new string('w', 400));
        await using var stranger = await Person.ArriveAsync(site.Address, width);

        var tooWide = new List<string>();
        foreach (var path in (string[])["/", "/drafts/new", $"/drafts/{draftId}", $"/drafts/{Guid.CreateVersion7()}", "/nowhere"])
        {
            var page = await ana.OpenStaticAsync(path);
            if (path != "/nowhere")
            {
                await page.ListensAsync();
            }
            tooWide.AddRange(await ExcessAsync(page, path));
        }
        await using var ada = await Person.SignedInAsync(site.Address, site.Services, unbroken[..Texts.LongestDisplayName], width, isAdmin: true);
        var analytics = await ada.OpenAsync("/admin/analytics");
        await Expect(analytics.GetByRole(AriaRole.Region, new() { Name = "Busiest writers" })).ToBeVisibleAsync();
        tooWide.AddRange(await ExcessAsync(analytics, "/admin/analytics"));
        foreach (var path in (string[])["/admin/users", "/admin/log"])
        {
            tooWide.AddRange(await ExcessAsync(await ada.OpenStaticAsync(path), path));
        }
        foreach (var path in (string[])["/account", "/account/security", "/account/two-factor", "/account/whereabouts", "/account/data", "/account/deleted", $"/account/confirm-email?address={unbroken}@b.c&token=x", $"/people/{ana.Handle}"])
        {
            tooWide.AddRange(await ExcessAsync(await ana.OpenStaticAsync(path), path));
        }
        foreach (var path in (string[])["/", "/account/sign-in?ended=true&problem=passkey", "/account/forgot-password", "/account/sign-up", $"/account/choose-password?handle={new string('w', 30)}&token=x", "/error"])
        {
            tooWide.AddRange(await ExcessAsync(await stranger.OpenStaticAsync(path), path));
        }

        Assert.True(tooWide.Count == 0, string.Join('\n', tooWide));
    }

    /// <summary>Whether the page is wider than its window, and which of its innermost elements stick out.</summary>
    private static async Task<IReadOnlyList<string>> ExcessAsync(IPage page, string path)
    {
        var culprits = await page.EvaluateAsync<string[]>("""
            () => {
                const width = document.documentElement.clientWidth;
                // The bar on top stays where it is, and makes no page wider.
                const all = document.documentElement.scrollWidth <= width ? ".app-bar *" : "*";
                const wide = [...document.body.querySelectorAll(all)].filter(e => e.getBoundingClientRect().right > width);
                return wide.filter(e => !wide.some(inner => inner !== e && e.contains(inner))).map(e => e.outerHTML.slice(0, 120));
            }
            """);
        return [.. culprits.Select(culprit => $"{path}: {culprit}")];
    }

    private static Task<string?> ThemeOfAsync(IPage page) => page.Locator("html").GetAttributeAsync("data-theme");

    private static async Task PressAsync(IPage page, ILocator target)
    {
        await TabToAsync(page, target);
        await page.Keyboard.PressAsync("Enter");
    }

    private static async Task TabToAsync(IPage page, ILocator target)
    {
        await Expect(target).ToBeVisibleAsync();
        await Expect(target).ToBeEnabledAsync();
        for (var i = 0; i < 60; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                return;
            }
        }
        Assert.Fail($"The tab key does not lead to {target}.");
    }
}
