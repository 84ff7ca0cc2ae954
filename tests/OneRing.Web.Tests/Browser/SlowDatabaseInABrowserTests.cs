using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Browser.Survival;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

/// <summary>An open page while the database takes half a second for every statement: its buttons say that they work, and what was clicked twice is done once.</summary>
[Trait("Category", "Browser")]
[Trait("Database", "PostgreSQL")]
public sealed class SlowDatabaseInABrowserTests(Postgres database) : IClassFixture<Postgres>
{
    [SkippableFact]
    public async Task A_page_opens_says_that_it_works_and_does_once_what_is_clicked_twice()
    {
        await using var proxy = PostgresProxy.Start(database.ConnectionString!);
        await using var server = await ServerProcess.StartAsync(proxy.ConnectionString);
        await using var ana = await Person.SignedInAsync(server.Address, database.Services, "Ana");
        var draftId = await database.Services.ADraftAsync(ana.Id, await database.Services.APersonAsync("Ben"));

        proxy.Slowness = TimeSpan.FromMilliseconds(500);
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("Slowly.");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");

        await ClickTwiceAsync(page.Button("Add to the text"), "Adding…");
        await Expect(page.Segments()).ToHaveTextAsync(["Slowly."]);
        await Expect(page.Box()).ToHaveValueAsync("");

        await ClickTwiceAsync(page.Button("Pass to Ben"), "Passing…");
        await Expect(page.Saying("Ben holds the ring.")).ToBeVisibleAsync();

        proxy.Slowness = TimeSpan.Zero;
        var draft = await database.Services.ReadAsync(draftId, ana.Id);
        Assert.Equal((1, 1), (draft.Segments.Count, draft.Passes.Count));
        ana.AssertCalm();
    }

    // In the page, which is there when the button says it.
    private static async Task ClickTwiceAsync(ILocator button, string meanwhile)
    {
        await Expect(button).ToBeEnabledAsync();
        await button.EvaluateAsync("""
            (button, meanwhile) => new Promise(done => {
                const watch = new MutationObserver(() => {
                    if (button.textContent.trim() === meanwhile && button.getAttribute("aria-disabled") === "true") {
                        watch.disconnect();
                        button.click();
                        done();
                    }
                });
                watch.observe(button, { subtree: true, childList: true, characterData: true, attributes: true });
                button.click();
            })
            """, meanwhile);
    }
}
