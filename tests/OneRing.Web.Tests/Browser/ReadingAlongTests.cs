using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data.Drafts;
using OneRing.Data.Presences;
using OneRing.Data.Rings;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

/// <summary>Whoever reads is not disturbed by those who come, write and add.</summary>
[Trait("Category", "Browser")]
public sealed class ReadingAlongTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    [SkippableTheory]
    [InlineData(1280, "top")]
    [InlineData(1280, "middle")]
    [InlineData(1280, "end")]
    [InlineData(1280, "bottom")]
    [InlineData(390, "top")]
    [InlineData(390, "middle")]
    [InlineData(390, "end")]
    [InlineData(390, "bottom")]
    public async Task The_words_before_a_readers_eyes_stay_where_they_are(int width, string where)
    {
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben", width);
        var draft = await ALongDraftAsync(ben.Id);
        var page = await ben.OpenAsync($"/drafts/{draft.Id}");
        await Expect(Here(page)).ToHaveTextAsync(["Ben (you)"]);
        await LookAtAsync(page, where);
        var before = await PlaceAsync(page);

        await using var cleo = await site.Services.GetRequiredService<PresenceService>().EnterAsync(draft.Cleo, draft.Id, () => Task.CompletedTask);
        var typed = new TypedText(site.Services, draft.Id, draft.Ana);
        Given.Succeed(await typed.SaveAsync("And then the lamp went on by itself."));
        await Expect(Here(page)).ToHaveTextAsync(["Cleo", "Ben (you)"]);
        await Expect(page.GetByText("Ana is writing, 8 words")).ToBeAttachedAsync();
        Assert.Equal(before, await PlaceAsync(page), Tolerance);

        Given.Succeed(await site.Services.GetRequiredService<CollaboratorService>().ShowLiveAsync(new ShowLive(draft.Ana, draft.Id, On: true)));
        await Expect(page.GetByText("And then the lamp went on by itself.")).ToBeAttachedAsync();
        Assert.Equal(before, await PlaceAsync(page), Tolerance);

        Given.Succeed(await site.Services.GetRequiredService<RingService>().AppendAsync(
            AppendSegment.FromPage(draft.Ana, draft.Id, "And then the lamp went on by itself.", typed.Id, turn: null)));
        await Expect(page.Segments()).ToHaveCountAsync(Segments + 1);
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "What Ana is writing" })).ToHaveCountAsync(0);
        Assert.Equal(before, await PlaceAsync(page), Tolerance);

        await site.Services.AppendAsync(draft.Id, draft.Ana, string.Join(' ', Enumerable.Repeat("It went on and on.", 60)));
        await Expect(page.Segments()).ToHaveCountAsync(Segments + 2);
        Assert.Equal(before, await PlaceAsync(page), Tolerance);
        ben.AssertCalm();
    }

    [SkippableTheory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task What_somebody_writes_for_a_long_time_takes_a_small_place_and_shows_its_end(int width)
    {
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben", width);
        var draft = await ALongDraftAsync(ben.Id);
        Given.Succeed(await site.Services.GetRequiredService<CollaboratorService>().ShowLiveAsync(new ShowLive(draft.Ana, draft.Id, On: true)));
        var page = await ben.OpenAsync($"/drafts/{draft.Id}");

        Given.Succeed(await new TypedText(site.Services, draft.Id, draft.Ana).SaveAsync(
            string.Join(' ', Enumerable.Range(1, 900).Select(i => $"word{i}")) + new string('W', 300)));

        var live = page.GetByRole(AriaRole.Region, new() { Name = "What Ana is writing" });
        await live.ScrollIntoViewIfNeededAsync();
        var box = (await live.BoundingBoxAsync())!;
        Assert.InRange(box.Height, 50, 330);
        var words = live.GetByRole(AriaRole.Group);
        Assert.Equal(0, await words.EvaluateAsync<double>("words => words.scrollTop"), Tolerance);
        Assert.True(await words.EvaluateAsync<bool>("words => words.scrollHeight > words.clientHeight && words.scrollWidth <= words.clientWidth"));
        Assert.True(await words.EvaluateAsync<bool>("words => Math.abs(words.firstElementChild.getBoundingClientRect().bottom - words.getBoundingClientRect().bottom) < 2"));
        Assert.False(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth"));
    }

    private const int Segments = 40;

    /// <summary>Less than a pixel: nobody sees it.</summary>
    private const double Tolerance = 0.9;

    private static ILocator Here(IPage page) => page.GetByRole(AriaRole.List, new() { Name = "Here now", Exact = true }).GetByRole(AriaRole.Listitem).Locator(".sr-only");

    private static async Task LookAtAsync(IPage page, string where)
    {
        await page.EvaluateAsync(
            """
            where => {
                const segments = [...document.querySelectorAll("ol[aria-label='Text'] > li")];
                const to = { top: 0, middle: segments.length / 2, end: segments.length - 1, bottom: segments.length - 1 }[where];
                window.before = segments[to];
                if (where === "bottom") {
                    window.scrollTo(0, document.documentElement.scrollHeight);
                    // On a small screen that is the panels below the text.
                    window.before = [...document.querySelectorAll("ol[aria-label='Text'] > li, main h2")].find(one => one.getBoundingClientRect().top > 80);
                } else if (where !== "top") {
                    window.before.scrollIntoView({ block: where === "end" ? "end" : "center" });
                }
            }
            """,
            where);
        // A browser takes in where it is with the next frames.
        await page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
    }

    private static Task<double> PlaceAsync(IPage page) =>
        page.EvaluateAsync<double>("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(window.before.getBoundingClientRect().top))))");

    private async Task<ADraft> ALongDraftAsync(string readerId)
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        await site.Services.AddAsync(draft.Id, draft.Ana, readerId, Role.Reader);
        for (var i = 1; i <= Segments; i++)
        {
            await site.Services.AppendAsync(draft.Id, draft.Ana, $"{i}. " + string.Join(' ', Enumerable.Repeat("The lamp stayed lit, though nobody had fed it oil.", 1 + (i % 4))));
        }
        return draft;
    }
}
