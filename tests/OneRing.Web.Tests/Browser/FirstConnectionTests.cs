using OneRing.Web.Tests.Browser.Survival;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

/// <summary>A page that could be loaded, but whose connection does not come about at once, or not all that belongs to it.</summary>
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

    [SkippableTheory]
    [InlineData("/_framework/blazor.web.", true)]
    [InlineData("/boot.", true)]
    [InlineData("/connection.", false)]
    [InlineData("/_content/MudBlazor/MudBlazor.min.", false)]
    public async Task A_page_of_which_something_did_not_come_is_loaded_again_and_says_that_it_is_dead_only_where_it_is(string part, bool isDead)
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        await ana.PrepareAsync("""document.addEventListener("onering:connection", (event) => event.detail.isThere || sessionStorage.setItem("said", "not connected"));""");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenStaticAsync("about:blank");
        var refused = 0;
        await page.RouteAsync(
            address => address.Contains(part, StringComparison.Ordinal),
            // With what nginx answers while no server is there.
            route => ++refused <= 2 ? route.FulfillAsync(new() { Status = 502, ContentType = "text/html", Body = "<h1>Back in a moment</h1>" }) : route.ContinueAsync());
        // What keeps words comes later than they do, and later than the page would be loaded again.
        await page.RouteAsync(
            address => address.EndsWith("/words.js", StringComparison.Ordinal),
            async route =>
            {
                await Task.Delay(TimeSpan.FromSeconds(3));
                await route.ContinueAsync();
            });

        await page.GotoAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("The lamp stayed lit.");

        await Trial.UntilAsync("it is loaded again", () => Task.FromResult(refused > 2));
        await page.ListensAsync();
        await Expect(page.Box()).ToHaveValueAsync("The lamp stayed lit.");
        Assert.Equal(isDead ? "not connected" : null, await page.EvaluateAsync<string?>("sessionStorage.getItem('said')"));
    }

    [SkippableFact]
    public async Task It_is_not_loaded_again_for_ever_nor_under_a_form_that_is_filled_in()
    {
        await using var ana = await Person.ArriveAsync(site.Address);
        await ana.PrepareAsync(
            """
            const timer = window.setTimeout;
            window.setTimeout = (act, after, ...more) => timer(act, after / 50, ...more);
            document.addEventListener("DOMContentLoaded", () => {
              if (!sessionStorage.getItem("has-filled-in")) {
                sessionStorage.setItem("has-filled-in", "yes");
                document.querySelector("form input:not([type=hidden])").value = "ana";
              }
            });
            """);
        var page = await ana.OpenStaticAsync("about:blank");
        var loads = 0;
        await page.RouteAsync(address => address.Contains("/copy.", StringComparison.Ordinal), route => route.AbortAsync());
        page.Load += (_, _) => Interlocked.Increment(ref loads);

        await page.GotoAsync("/account/sign-in");
        await Expect(page.GetByLabel("Handle")).ToHaveValueAsync("ana");
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.Equal(1, loads);

        await page.GetByLabel("Handle").FillAsync("");
        await Trial.UntilAsync("it is loaded again five times", () => Task.FromResult(loads >= 6));
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.Equal(6, loads);
    }
}
