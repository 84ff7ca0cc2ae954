using OneRing.Web.Tests.Servers;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser.Survival;

/// <summary>Words outlive the tab in which they are typed.</summary>
[Trait("Category", "Browser")]
[Trait("Category", "Survival")]
[Trait("Database", "PostgreSQL")]
public sealed class ClosedTabTests(SiteOnPostgres site, ITestOutputHelper output) : IClassFixture<SiteOnPostgres>
{
    [SkippableFact]
    public async Task At_most_the_last_two_seconds_are_missing_after_the_tab_was_closed()
    {
        var chance = Trial.Chance(output);
        output.WriteLine("| run | words typed at the end of the tab | lost on the server | lost in the browser |");
        output.WriteLine("|---|---|---|---|");
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var benId = await site.Services.APersonAsync("Ben");
        for (var run = 1; run <= Trial.Rounds; run++)
        {
            var draftId = await site.Services.ADraftAsync(ana.Id, benId);
            var page = await ana.OpenAsync($"/drafts/{draftId}");
            var typist = await Typist.SitDownAsync(page);
            await typist.WriteAsync(Trial.WordsBefore);
            await typist.BeginAsync();
            await site.Services.SomethingArrivesAsync(draftId, ana.Id);
            await Trial.SomeTimeAsync(chance);

            // Without a word to the page, which has no chance to send anything.
            var closed = DateTimeOffset.UtcNow;
            await page.CloseAsync();
            var onTheServer = typist.LossIn(await site.Services.TextOfAsync(draftId, ana.Id), closed, Trial.MayBeLost);
            var again = await ana.OpenAsync($"/drafts/{draftId}");
            await Expect(again.Bar()).ToHaveTextAsync("Saved");
            var inTheBrowser = typist.LossIn(await again.Box().InputValueAsync(), closed, Typist.InTheBrowser);

            output.WriteLine($"| {run} | {onTheServer.Typed} | {onTheServer} | {inTheBrowser} |");
            Assert.Equal((0, 0), (onTheServer.LostOfBefore, inTheBrowser.LostOfBefore));
            Assert.True(onTheServer.Typed > Trial.WordsBefore, "Nothing was typed before the tab was closed.");
            await again.CloseAsync();
        }
        // What the closed tab had sent may arrive while the new one asks; then the new one asks again.
        ana.AssertCalmBut(["the server responded with a status of 409 (Conflict)"]);
    }

    [SkippableFact]
    public async Task What_is_kept_in_two_places_is_parked_once()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("Nobody saw it.");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");

        // The same text under two names: a tab that was loaded again puts what it had left aside while it may be on its way to the server already.
        await page.EvaluateAsync(
            """
            ([person, draft]) => {
                const text = { id: "5f0c2b1e-8f4e-4c57-9a62-6a1c7e0d9b11", text: "The lamp stayed lit.", base: 0, page: "here/gone", dirty: true, at: 1 };
                for (const tab of ["gone", "gone-too"]) {
                    localStorage.setItem(`onering.words:${person}:${draft}:${tab}`, JSON.stringify(text));
                }
            }
            """,
            new[] { ana.Id, $"{draftId}" });
        await page.ReloadAsync();

        await Expect(page.Parked()).ToContainTextAsync(["The lamp stayed lit."]);
        await Trial.UntilAsync("nothing is in the browser alone", () => page.EvaluateAsync<bool>(
            "() => Object.keys(localStorage).every(key => !key.startsWith('onering.words') || !JSON.parse(localStorage.getItem(key)).dirty)"));
        Assert.Equal(["The lamp stayed lit."], await site.Services.ParkedOfAsync(draftId, ana.Id));
        await Expect(page.Box()).ToHaveValueAsync("Nobody saw it.");
        // Both may be sent at the same moment; one of them then looks again.
        ana.AssertCalmBut(["the server responded with a status of 409 (Conflict)"]);
    }

    [SkippableFact]
    public async Task What_was_typed_without_a_network_is_there_after_the_tab_has_crashed()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        var context = page.Context;
        await context.RouteAsync("**/drafts/*/words", route => route.Request.Method == "POST" ? route.AbortAsync() : route.ContinueAsync());
        var typist = await Typist.SitDownAsync(page);
        await typist.BeginAsync();
        await Trial.UntilAsync("some words are typed", () => Task.FromResult(typist.Words > 60));

        // Nobody but the browser knows the words.
        var crashed = DateTimeOffset.UtcNow;
        await page.CrashAsync();
        Assert.Null(await site.Services.TextOfAsync(draftId, ana.Id));

        await context.UnrouteAllAsync();
        var again = await ana.OpenAsync($"/drafts/{draftId}");
        await Expect(again.Bar()).ToHaveTextAsync("Saved");
        var loss = typist.LossIn(await again.Box().InputValueAsync(), crashed, Typist.InTheBrowser);
        output.WriteLine($"{loss} of {loss.Typed} words that only the browser had.");
        Assert.Equal(0, loss.LostOfBefore);
        Assert.True(loss.Typed > 60, "Nothing was typed before the tab crashed.");
        // What the crashed tab was about to send may arrive while the new one asks; then the new one asks again.
        ana.AssertCalmBut(["Failed to load resource: net::ERR_FAILED", "the server responded with a status of 409 (Conflict)"]);
    }
}
