using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data.Drafts;
using OneRing.Web.Tests.Browser.Survival;
using OneRing.Web.Tests.Servers;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

[Trait("Category", "Browser")]
public sealed class WritingTogetherTests_InMemory(SiteInMemory site, ITestOutputHelper output) : WritingTogetherTests(site, output), IClassFixture<SiteInMemory>;

[Trait("Category", "Browser")]
[Trait("Database", "PostgreSQL")]
public sealed class WritingTogetherTests_Postgres(SiteOnPostgres site, ITestOutputHelper output) : WritingTogetherTests(site, output), IClassFixture<SiteOnPostgres>;

public abstract class WritingTogetherTests(Site site, ITestOutputHelper output)
{
    private static readonly TimeSpan Goal = TimeSpan.FromSeconds(1);

    [SkippableFact]
    public async Task Two_people_write_one_text_in_turns_and_nobody_reloads()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");

        var anas = await ana.OpenAsync("/");
        await anas.Link("New draft").ClickAsync();
        await anas.GetByLabel("Title").FillAsync("The lamp");
        await anas.Button("Create the draft").ClickAsync();
        await Expect(anas.Heading("The lamp")).ToBeVisibleAsync();
        await anas.GetByLabel("Add by handle").FillAsync(ben.Handle);
        await anas.Button("Add").ClickAsync();
        await anas.Button("Remove Ben").WaitForAsync();

        var bens = await ben.OpenAsync("/");
        await bens.Link("The lamp").ClickAsync();
        await Expect(bens.Saying("Ana holds the ring.")).ToBeVisibleAsync();
        await anas.AppendAsync("The lamp stayed lit.");
        await Expect(bens.Segments()).ToHaveTextAsync(["The lamp stayed lit."]);
        await Expect(anas.Box()).ToHaveValueAsync("");

        var hisTurn = SeenAsync(bens.Saying("You hold the ring."));
        var passed = Stopwatch.GetTimestamp();
        await anas.Button("Pass to Ben").ClickAsync();
        Report("Ben saw that it was his turn", passed, await hisTurn);
        await Expect(anas.Saying("Ben holds the ring.")).ToBeVisibleAsync();

        var hisWords = SeenAsync(anas.Saying("Nobody had fed it oil."));
        var added = Stopwatch.GetTimestamp();
        await bens.AppendAsync("Nobody had fed it oil.");
        Report("Ana saw what he wrote", added, await hisWords);
        await Expect(anas.Segments()).ToHaveTextAsync(["The lamp stayed lit.", "Nobody had fed it oil."]);

        ana.AssertCalm();
        ben.AssertCalm();
    }

    [SkippableFact]
    public async Task Words_in_a_tab_that_was_left_behind_are_parked()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        await ana.PrepareAsync(Trial.Timers(Trial.TabsAnswerWithin, 5_000));
        var (draftId, _) = await ADraftOfAsync(ana);
        var first = await ana.OpenAsync($"/drafts/{draftId}");
        var second = await ana.OpenAsync($"/drafts/{draftId}");
        const string Words = "Written in the second tab,\n  while the first passed the ring on.  ";
        await second.Box().FillAsync(Words);

        await first.Button("Pass to Ben").ClickAsync();

        // In whichever order the tab heard of the pass, saved and was looked at: the words are in no text, and in no box, but on both pages.
        await Expect(first.Saying("Ben holds the ring.")).ToBeVisibleAsync();
        foreach (var page in (IPage[])[first, second])
        {
            await Expect(page.ParkedTexts()).ToHaveTextAsync([Words]);
            await Expect(page.Locator("[data-composer=box]")).ToHaveValueAsync("");
        }
        Assert.Empty((await site.Services.ReadAsync(draftId, ana.Id)).Segments);
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task What_is_said_of_words_in_the_box_moves_no_button_from_under_a_hand()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var (draftId, _) = await ADraftOfAsync(ana);
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        var before = await page.Button("Pass to Ben").BoundingBoxAsync();

        await page.Box().FillAsync("A few words.");

        await Expect(page.GetByText("Your words in the box are not part of the text yet.")).ToBeVisibleAsync();
        Assert.Equal(before!.Y, (await page.Button("Pass to Ben").BoundingBoxAsync())!.Y);
    }

    [SkippableFact]
    public async Task Words_that_are_parked_late_are_seen_in_every_tab()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        await ana.PrepareAsync(Trial.Timers(Trial.TabsAnswerWithin, 5_000));
        var (draftId, _) = await ADraftOfAsync(ana);
        var first = await ana.OpenAsync($"/drafts/{draftId}");
        var second = await ana.OpenAsync($"/drafts/{draftId}");
        var firstHasLooked = new TaskCompletionSource();
        await second.RouteAsync("**/words", async route =>
        {
            await firstHasLooked.Task;
            await route.ContinueAsync();
        });
        const string Words = "Underway while the ring was passed on.";
        await second.Box().FillAsync(Words);

        await first.Button("Pass to Ben").ClickAsync();
        await Expect(first.Saying("Ben holds the ring.")).ToBeVisibleAsync();
        await Expect(first.Locator("[data-composer=box]")).Not.ToBeVisibleAsync();
        await first.WaitForTimeoutAsync(500);
        firstHasLooked.SetResult();

        await Expect(second.ParkedTexts()).ToHaveTextAsync([Words]);
        await Expect(first.ParkedTexts()).ToHaveTextAsync([Words]);
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task A_double_click_adds_once()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var (draftId, _) = await ADraftOfAsync(ana);
        var page = await ana.OpenAsync($"/drafts/{draftId}");

        await page.Box().FillAsync("Once.");
        await page.Button("Add to the text").DblClickAsync();

        await Expect(page.Segments()).ToHaveTextAsync(["Once."]);
        await Expect(page.Box()).ToHaveValueAsync("");
        Assert.Single((await site.Services.ReadAsync(draftId, ana.Id)).Segments);
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task Every_character_comes_back_as_it_was_typed()
    {
        string[] texts =
        [
            "שלום, this reads both ways, مرحبا بالعالم",
            "👩‍👩‍👧‍👦 🏴‍☠️ 👋🏽 🇫🇷",
            "e\u0301 n\u0303 Z\u0351\u036B\u0343a\u0302\u0306lgo",
            "<script>alert(1)</script><img src=x onerror=alert(2)> &amp; &lt;b&gt;",
            "   three before, three after   ",
            "\n\none\n\n  two\n\tthree\n",
            "\u00A0\u2003wide\u200B and \uFEFF nothing\u2028new",
        ];
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var (draftId, _) = await ADraftOfAsync(ana, ben.Id);
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        var watching = await ben.OpenAsync($"/drafts/{draftId}");

        for (var i = 0; i < texts.Length; i++)
        {
            await page.AppendAsync(texts[i]);
            await Expect(page.Segments()).ToHaveCountAsync(i + 1);
            await Expect(page.Box()).ToHaveValueAsync("");
        }

        await Expect(watching.Segments()).ToHaveCountAsync(texts.Length);
        Assert.Equal(texts, await page.Segments().AllTextContentsAsync());
        Assert.Equal(texts, await watching.Segments().AllTextContentsAsync());
        Assert.Equal(texts, (await site.Services.ReadAsync(draftId, ben.Id)).Segments.Select(segment => segment.Content));

        // Once from the server's HTML, and once more when the page listens.
        var hasLooked = new TaskCompletionSource();
        await watching.RouteAsync("**/_framework/blazor.web*.js", async route =>
        {
            await hasLooked.Task;
            await route.ContinueAsync();
        });
        await watching.ReloadAsync(new() { WaitUntil = WaitUntilState.Commit });
        await Expect(watching.Segments()).ToHaveCountAsync(texts.Length);
        Assert.Equal(texts, await watching.Segments().AllTextContentsAsync());
        hasLooked.SetResult();
        await watching.ListensAsync();
        // While the page is taken over, its text is away for a moment.
        await Expect(watching.Segments()).ToHaveCountAsync(texts.Length);
        Assert.Equal(texts, await watching.Segments().AllTextContentsAsync());
        ana.AssertCalm();
        ben.AssertCalm();
    }

    [SkippableTheory]
    [InlineData("a")]
    [InlineData("🌊")]
    public async Task The_longest_text_is_added_and_one_character_more_is_refused(string character)
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var (draftId, _) = await ADraftOfAsync(ana);
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        var longest = string.Concat(Enumerable.Repeat(character, Data.Texts.LongestSegment));

        await page.Box().FillAsync(longest + character);
        await Expect(page.Saying("20,001 of 20,000 characters: 1 too many")).ToBeVisibleAsync();
        await page.Button("Add to the text").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "This is longer than a segment may be here." })).ToBeVisibleAsync();
        Assert.Equal(longest + character, await page.Box().InputValueAsync());

        await page.Box().FillAsync(longest);
        await Expect(page.Saying("20,000 of 20,000 characters")).ToBeVisibleAsync();
        await page.Button("Add to the text").ClickAsync();
        await Expect(page.Segments()).ToHaveCountAsync(1);
        Assert.Equal(longest, await page.Segments().TextContentAsync());
        await Expect(page.Box()).ToHaveValueAsync("");
        Assert.Equal(longest, Assert.Single((await site.Services.ReadAsync(draftId, ana.Id)).Segments).Content);
        ana.AssertCalm();
    }

    private static async Task<long> SeenAsync(ILocator what)
    {
        await what.WaitForAsync();
        return Stopwatch.GetTimestamp();
    }

    private void Report(string what, long from, long to)
    {
        var took = Stopwatch.GetElapsedTime(from, to);
        output.WriteLine($"{what} after {took.TotalMilliseconds:0} ms; the goal is {Goal.TotalMilliseconds:0} ms.");
        Assert.True(took < 60 * Goal, $"{what} only after {took}.");
    }

    /// <summary>A draft whose ring she holds, and a Ben who writes in it too.</summary>
    private async Task<(Guid DraftId, string BenId)> ADraftOfAsync(Person ana, string? benId = null)
    {
        var draftId = Given.Succeed(await site.Services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(ana.Id, "The lamp")));
        benId ??= await site.Services.APersonAsync("Ben");
        await site.Services.AddAsync(draftId, ana.Id, benId, Role.Writer);
        return (draftId, benId);
    }
}
