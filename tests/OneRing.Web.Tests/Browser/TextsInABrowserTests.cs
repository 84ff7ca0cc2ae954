using Microsoft.Playwright;
using OneRing.Web.Tests.Browser.Survival;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

[Trait("Category", "Browser")]
public sealed class TextsInABrowserTests_InMemory(SiteInMemory site) : TextsInABrowserTests(site), IClassFixture<SiteInMemory>;

[Trait("Category", "Browser")]
[Trait("Database", "PostgreSQL")]
public sealed class TextsInABrowserTests_Postgres(SiteOnPostgres site) : TextsInABrowserTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>What a browser keeps of a text and says about it, while the text grows, while more of it is asked for, and while time goes by.</summary>
public abstract class TextsInABrowserTests(Site site)
{
    [SkippableFact]
    public async Task What_somebody_reads_stays_the_same_piece_of_the_page_whatever_comes_before_and_behind_it()
    {
        var (ben, draftId, anaId) = await AReaderOfAsync(230);
        await using var reader = ben;
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
        var (ben, draftId, _) = await AReaderOfAsync(40);
        await using var reader = ben;
        var page = await ben.OpenAsync($"/drafts/{draftId}");

        await page.Link("To the end").FocusAsync();
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator(":focus")).ToContainTextAsync("Line 39");
        await Expect(page.Locator(":focus")).ToBeInViewportAsync();
        ben.AssertCalm();
    }

    [SkippableFact]
    public async Task Every_line_that_is_written_runs_in_the_direction_of_its_own_script()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var page = await ana.OpenAsync($"/drafts/{await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"))}");

        // Of how a box lays its lines out, a browser tells nothing else.
        await Expect(page.Box()).ToHaveCSSAsync("unicode-bidi", "plaintext");
        await Expect(page.Box()).ToHaveCSSAsync("text-align", "start");
        ana.AssertCalm();
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(30)]
    public async Task The_browser_says_how_long_ago_something_was_also_where_its_clock_is_wrong(int hoursAhead)
    {
        var (ben, draftId, anaId) = await AReaderOfAsync(1);
        await using var reader = ben;
        await ben.PrepareAsync($"{{ const now = Date.now; Date.now = () => now() + {hoursAhead} * 3_600_000; }}");
        var page = await ben.OpenAsync($"/drafts/{draftId}");
        var time = page.Locator(".manuscript time");
        var date = $"on {TimeText.Date((await site.Services.ReadAsync(draftId, anaId)).Segments[0].CreatedAt)}";

        foreach (var (minutes, words) in ((int, string)[])[(0, "just now"), (1, "1 minute ago"), (59, "59 minutes ago"), (60, "1 hour ago"), (3 * 24 * 60, "3 days ago"), (14 * 24 * 60, date), (2, "2 minutes ago")])
        {
            // As if the page had been out of sight for so long.
            await time.EvaluateAsync(
                """
                (time, minutes) => {
                  time.written ??= Date.parse(time.dateTime);
                  time.dateTime = new Date(time.written - minutes * 60_000).toISOString();
                  document.dispatchEvent(new Event("readystatechange"));
                }
                """,
                minutes);
            await Expect(time).ToHaveTextAsync(words);
        }

        await WriteAsync(draftId, anaId, 1, 2);
        await Expect(time).ToHaveTextAsync(["2 minutes ago", "just now"]);

        // While a document arrives, a place may be there before the date in it.
        var late = await page.EvaluateAsync<string>(
            """
            async () => {
              const time = document.createElement("time");
              time.dateTime = "2020-03-01T09:00:00Z";
              time.dataset.ago = "on 1 March 2020";
              document.body.append(time);
              await new Promise(resolve => setTimeout(resolve));
              time.append("on 1 March 2020");
              document.dispatchEvent(new Event("readystatechange"));
              return time.textContent;
            }
            """);
        Assert.Equal("on 1 March 2020", late);
        ben.AssertCalm();
    }

    /// <summary>Ben, and a draft of Ana's that he reads.</summary>
    private async Task<(Person Ben, Guid DraftId, string AnaId)> AReaderOfAsync(int segments)
    {
        var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var anaId = await site.Services.APersonAsync("Ana");
        var draftId = await site.Services.ADraftAsync(anaId, ben.Id);
        await WriteAsync(draftId, anaId, 0, segments);
        return (ben, draftId, anaId);
    }

    private async Task WriteAsync(Guid draftId, string userId, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            await site.Services.AppendAsync(draftId, userId, $"Line {i}");
        }
    }
}
