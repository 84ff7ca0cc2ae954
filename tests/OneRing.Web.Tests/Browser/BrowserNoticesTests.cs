using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data.Drafts;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

/// <summary>What the browser tells somebody who looks at something else.</summary>
[Trait("Category", "Browser")]
public sealed class BrowserNoticesTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    /// <summary>A browser that asks for leave as <c>window.leave</c> says, keeps what it is to tell, and is out of sight when <c>window.away</c> says so.</summary>
    private const string Browser = """
        window.told = [];
        window.leave = "granted";
        window.away = false;
        window.Notification = class {
            static permission = "default";
            static async requestPermission() { return Notification.permission = window.leave; }
            constructor(title, { body }) {
                told.push(`${title}: ${body}`);
                window.last = this;
                document.documentElement.dataset.told = told.length;
            }
            close() {}
        };
        Object.defineProperty(document, "hidden", { get: () => window.away });
        """;

    [SkippableFact]
    public async Task What_is_new_is_told_once_while_nobody_looks_and_the_way_leads_there()
    {
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var (page, draftId, anaId) = await OpenAsync(ben);
        await Switch(page).ClickAsync();
        await Expect(Switch(page)).ToHaveAttributeAsync("aria-pressed", "true");

        // In sight, nobody needs to be told.
        await site.Services.PassAsync(draftId, anaId, ben.Id);
        await Expect(page.Heading("Waiting for you (1)")).ToBeVisibleAsync();
        await site.Services.PassAsync(draftId, ben.Id, anaId);
        await Expect(page.Heading("You wait for others (1)")).ToBeVisibleAsync();
        Assert.Empty(await ToldAsync(page));

        await page.EvaluateAsync("() => { away = true; }");
        await site.Services.PassAsync(draftId, anaId, ben.Id);
        await Expect(page.Heading("Waiting for you (1)")).ToBeVisibleAsync();
        await Expect(page.Locator("html[data-told='1']")).ToBeAttachedAsync();
        await site.Services.AppendAsync(draftId, ben.Id, "One more change, about nothing new.");
        await site.Services.PassAsync(draftId, ben.Id, anaId);
        await Expect(page.Heading("You wait for others (1)")).ToBeVisibleAsync();
        Assert.Equal(["The ring came to you from Ana: The lamp"], await ToldAsync(page));

        await page.EvaluateAsync("() => last.onclick()");
        await Expect(page).ToHaveURLAsync(new Uri(site.Address, $"/drafts/{draftId}").ToString());
        ben.AssertCalm();
    }

    [SkippableFact]
    public async Task Nothing_is_told_to_whoever_has_not_switched_it_on_or_whose_browser_does_not_want_it()
    {
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var (page, draftId, anaId) = await OpenAsync(ben);
        await page.EvaluateAsync("() => { away = true; }");
        await site.Services.PassAsync(draftId, anaId, ben.Id);
        await Expect(page.Heading("Waiting for you (1)")).ToBeVisibleAsync();

        await page.EvaluateAsync("() => { leave = 'denied'; }");
        await Switch(page).ClickAsync();
        await Expect(page.Saying("Your browser does not let this site tell you anything. You can change that in its settings.")).ToBeVisibleAsync();
        await Expect(Switch(page)).ToHaveAttributeAsync("aria-pressed", "false");
        await site.Services.PassAsync(draftId, ben.Id, anaId);
        await Expect(page.Heading("You wait for others (1)")).ToBeVisibleAsync();

        Assert.Empty(await ToldAsync(page));
        ben.AssertCalm();
    }

    private async Task<(IPage Page, Guid DraftId, string AnaId)> OpenAsync(Person ben)
    {
        var anaId = await site.Services.APersonAsync("Ana");
        var draftId = Given.Succeed(await site.Services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(anaId, "The lamp")));
        await site.Services.AddAsync(draftId, anaId, ben.Id, Role.Writer);
        await ben.PrepareAsync(Browser);
        var page = await ben.OpenAsync("/waiting");
        await Expect(Switch(page)).ToBeVisibleAsync();
        return (page, draftId, anaId);
    }

    private static ILocator Switch(IPage page) => page.Button("Tell me when this tab is hidden");

    private static async Task<IReadOnlyList<string>> ToldAsync(IPage page) => await page.EvaluateAsync<string[]>("() => told");
}
