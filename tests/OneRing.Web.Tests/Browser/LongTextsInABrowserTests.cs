using Microsoft.Playwright;
using OneRing.Web.Tests.Browser.Survival;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

[Trait("Category", "Browser")]
public sealed class LongTextsInABrowserTests_InMemory(SiteInMemory site) : LongTextsInABrowserTests(site), IClassFixture<SiteInMemory>;

[Trait("Category", "Browser")]
[Trait("Database", "PostgreSQL")]
public sealed class LongTextsInABrowserTests_Postgres(SiteOnPostgres site) : LongTextsInABrowserTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>A page that shows the end of a long text, while the text grows and while more of it is asked for.</summary>
public abstract class LongTextsInABrowserTests(Site site)
{
    [SkippableFact]
    public async Task What_somebody_reads_stays_the_same_piece_of_the_page_whatever_comes_before_and_behind_it()
    {
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var anaId = await site.Services.APersonAsync("Ana");
        var draftId = await site.Services.ADraftAsync(anaId, ben.Id);
        await WriteAsync(draftId, anaId, 0, 230);
        var page = await ben.OpenAsync($"/drafts/{draftId}");
        await Expect(page.Segments()).ToHaveCountAsync(130);
        // A selection of theirs, or the place where a screen reader reads, is lost with the piece that it is in.
        await page.EvaluateAsync("document.querySelectorAll('.manuscript > li').forEach(piece => piece.isRead = true)");

        await WriteAsync(draftId, anaId, 230, 231);
        await Expect(page.Segments()).ToHaveCountAsync(131);
        Assert.Equal(130, await ReadPiecesAsync());

        await page.Button("Show them").ClickAsync();
        await Expect(page.Segments()).ToHaveCountAsync(231);
        Assert.Equal(130, await ReadPiecesAsync());

        await WriteAsync(draftId, anaId, 231, 301); // The end of the text begins a hundred later now.
        await Expect(page.Segments()).ToHaveCountAsync(301);
        Assert.Equal(130, await ReadPiecesAsync());
        Assert.Equal(Enumerable.Range(0, 301).Select(i => $"Line {i}"), await page.Segments().AllTextContentsAsync());
        ben.AssertCalm();

        Task<int> ReadPiecesAsync() => page.EvaluateAsync<int>("[...document.querySelectorAll('.manuscript > li')].filter(piece => piece.isRead).length");
    }

    [SkippableFact]
    public async Task The_end_is_one_key_away()
    {
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var anaId = await site.Services.APersonAsync("Ana");
        var draftId = await site.Services.ADraftAsync(anaId, ben.Id);
        await WriteAsync(draftId, anaId, 0, 40);
        var page = await ben.OpenAsync($"/drafts/{draftId}");

        await page.Link("To the end").FocusAsync();
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator(":focus")).ToContainTextAsync("Line 39");
        await Expect(page.Locator(":focus")).ToBeInViewportAsync();
        ben.AssertCalm();
    }

    private async Task WriteAsync(Guid draftId, string userId, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            await site.Services.AppendAsync(draftId, userId, $"Line {i}");
        }
    }
}
