using System.Collections.Concurrent;
using Microsoft.Playwright;
using OneRing.Web.Tests.Browser.Survival;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

/// <summary>What screen readers say by themselves: the news, and never the words that are being typed.</summary>
[Trait("Category", "Browser")]
public sealed class SpokenTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    /// <summary>Reports what every live region of the page comes to say.</summary>
    private const string Listen = """
        addEventListener("DOMContentLoaded", () => {
            const live = "[role=status], [role=alert], [role=log], [aria-live=polite], [aria-live=assertive]";
            new MutationObserver(changes => {
                const regions = changes.flatMap(({ target, addedNodes }) => [
                    (target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement)?.closest(live),
                    ...[...addedNodes].filter(node => node.nodeType === Node.ELEMENT_NODE).flatMap(node => [...node.querySelectorAll(live), node.closest(live)]),
                ]);
                for (const region of new Set(regions.filter(Boolean))) {
                    const words = region.textContent.trim();
                    if (words && region.checkVisibility()) {
                        spoken(words);
                    }
                }
            }).observe(document.body, { subtree: true, childList: true, characterData: true });
        });
        """;

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Everybody_hears_the_news_of_a_turn_and_nobody_the_words(bool isLive)
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var draftId = await site.Services.ADraftAsync(ana.Id, ben.Id);
        var (anas, heardByAna) = await ListenAsync(ana, draftId);
        var (bens, heardByBen) = await ListenAsync(ben, draftId);
        if (isLive)
        {
            // Checked is what the server has kept, which takes its time.
            var readAlong = anas.GetByLabel("Let the others read along while I write");
            await readAlong.ClickAsync();
            await Expect(readAlong).ToBeCheckedAsync();
        }

        await anas.Box().PressSequentiallyAsync("The lamp stayed lit.");
        await Expect(anas.Bar()).ToHaveTextAsync("Saved");
        await Expect(bens.GetByText("4 words")).ToBeVisibleAsync();
        if (isLive)
        {
            await Expect(bens.GetByText("The lamp stayed lit.")).ToBeVisibleAsync();
        }
        Assert.Empty(heardByAna);
        Assert.Empty(heardByBen);

        await anas.Button("Add to the text").ClickAsync();
        await Expect(bens.Segments()).ToHaveTextAsync(["The lamp stayed lit."]);
        // Two pieces of news that come at once are told as one.
        await Expect(anas.GetByText("Your words are part of the text.")).ToBeAttachedAsync();
        await Expect(anas.Box()).ToHaveValueAsync("");
        await anas.Button("Pass to Ben").ClickAsync();
        await Expect(bens.Box()).ToBeVisibleAsync();
        await Expect(anas.Saying("Ben holds the ring.")).ToBeVisibleAsync();

        Assert.Equal(["Your words are part of the text.", "Ben holds the ring now."], heardByAna);
        Assert.Equal(["Ana added to the text.", "It is your turn: you hold the ring."], heardByBen);
    }

    private static async Task<(IPage Page, ConcurrentQueue<string> Heard)> ListenAsync(Person person, Guid draftId)
    {
        var heard = new ConcurrentQueue<string>();
        var page = await person.OpenStaticAsync("about:blank");
        await page.ExposeFunctionAsync<string>("spoken", heard.Enqueue);
        await page.AddInitScriptAsync(Listen);
        await page.GotoAsync($"/drafts/{draftId}");
        await page.ListensAsync();
        return (page, heard);
    }
}
