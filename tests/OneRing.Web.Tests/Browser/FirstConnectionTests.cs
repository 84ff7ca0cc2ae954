using OneRing.Web.Tests.Browser.Survival;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

/// <summary>A page that could be loaded, but whose connection does not come about at once.</summary>
[Trait("Category", "Browser")]
public sealed class FirstConnectionTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    [SkippableFact]
    public async Task It_is_sought_until_it_is_there_and_what_was_typed_meanwhile_stays()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenStaticAsync("about:blank");
        var isCut = true;
        await page.RouteAsync("**/_blazor/negotiate*", route => isCut ? route.AbortAsync() : route.ContinueAsync());

        await page.GotoAsync($"/drafts/{draftId}");

        await Expect(page.Bar()).ToContainTextAsync("Not connected yet.");
        await page.Box().FillAsync("The lamp stayed lit.");
        isCut = false;
        await page.ListensAsync();
        await Expect(page.Bar()).ToHaveTextAsync("Saved");
        await Expect(page.Box()).ToHaveValueAsync("The lamp stayed lit.");
        await Expect(page.Box()).ToBeFocusedAsync();
        Assert.Equal("The lamp stayed lit.", await site.Services.TextOfAsync(draftId, ana.Id));
        ana.AssertCalmBut(Trial.OfACutNetwork);
    }
}
