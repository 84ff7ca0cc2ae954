using System.Text;
using Microsoft.Playwright;
using OneRing.Data.Drafts;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser.Survival;

[Trait("Category", "Browser")]
[Trait("Category", "Survival")]
public sealed class PastesTests_InMemory(SiteInMemory site) : PastesTests(site), IClassFixture<SiteInMemory>;

[Trait("Category", "Browser")]
[Trait("Category", "Survival")]
[Trait("Database", "PostgreSQL")]
public sealed class PastesTests_Postgres(SiteOnPostgres site) : PastesTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>Long texts come from the clipboard, stay in the box, and arrive as they are or not at all.</summary>
public abstract class PastesTests(Site site)
{
    [SkippableFact]
    public async Task The_longest_segment_that_can_be_pasted_is_added_byte_for_byte()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        var text = AText(20_000);

        await PasteAsync(page, text);
        await Expect(page.Saying("20,000 of 20,000 characters")).ToBeVisibleAsync();
        await page.Button("Add to the text").ClickAsync();
        await Expect(page.Segments()).ToHaveCountAsync(1);
        await Expect(page.Box()).ToHaveValueAsync("");

        Assert.Equal(text, Assert.Single((await site.Services.ReadAsync(draftId, ana.Id)).Segments).Content);
        Assert.Equal(text, await page.Segments().TextContentAsync());
        ana.AssertCalm();
    }

    [SkippableTheory]
    [InlineData(200_000, "200,000 of 20,000 characters: 180,000 too many")]
    [InlineData(1_000_000, "1,000,000 of 20,000 characters: 980,000 too many")]
    public async Task A_longer_one_is_kept_and_refused_with_the_count(int length, string count)
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        var text = AText(length);

        await Expect(page.Button("Add to the text")).ToBeEnabledAsync();
        await PasteAsync(page, text);
        await Expect(page.Saying(count)).ToBeVisibleAsync(new() { Timeout = 120_000 });
        await page.Button("Add to the text").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "This is longer than a segment may be here." })).ToBeVisibleAsync();
        await Expect(page.Bar()).ToHaveTextAsync("Saved");

        Assert.Equal(text, await page.Box().InputValueAsync());
        Assert.Equal(text, await site.Services.TextOfAsync(draftId, ana.Id));
        Assert.Empty((await site.Services.ReadAsync(draftId, ana.Id)).Segments);
        // The circuit is still up: it carries the next word.
        await page.Box().FillAsync("Shorter.", new() { Timeout = 120_000 });
        await page.Button("Add to the text").ClickAsync();
        await Expect(page.Segments()).ToHaveTextAsync(["Shorter."]);
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task A_step_can_be_undone_after_it_was_saved_and_the_page_was_drawn_again()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var benId = await site.Services.APersonAsync("Ben");
        var draftId = await site.Services.ADraftAsync(ana.Id, benId);
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.Box().PressSequentiallyAsync("First. ");
        await PasteAsync(page, "Second 👩‍👩‍👧‍👦.");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");

        await site.Services.AddAsync(draftId, ana.Id, await site.Services.APersonAsync("Cleo"), Role.Reader);
        Given.Succeed(await site.Services.RenameAsync(draftId, ana.Id, "The lamp, again"));
        await Expect(page.Heading("The lamp, again")).ToBeVisibleAsync();
        await page.Box().PressAsync("Control+z");

        await Expect(page.Box()).ToHaveValueAsync("First. ");
        await page.Box().PressAsync("Control+Shift+z");
        await Expect(page.Box()).ToHaveValueAsync("First. Second 👩‍👩‍👧‍👦.");
        await Trial.UntilAsync("the text is saved", async () => await site.Services.TextOfAsync(draftId, ana.Id) == "First. Second 👩‍👩‍👧‍👦.");
        ana.AssertCalm();
    }

    /// <summary>Through the clipboard and the keyboard, as people do it.</summary>
    private static async Task PasteAsync(IPage page, string text)
    {
        using var _ = await Clipboard.TakeAsync(page);
        await page.EvaluateAsync("text => navigator.clipboard.writeText(text)", text);
        // Chromium itself takes long to lay out a million characters, on a slow machine a minute.
        await page.Box().PressAsync("Control+v", new() { Timeout = 120_000 });
    }

    /// <summary>A text of so many characters, in several scripts, with what is more than one code unit or code point, and with line breaks.</summary>
    private static string AText(int length)
    {
        const string Pieces = "The lamp 👩‍👩‍👧‍👦 stayed lit.\nשלום, مرحبا e\u0301 <b>\n\n  🌊\t";
        const string Plain = "Nobody had fed it oil, and nobody would say who had.\n";
        var text = new StringBuilder(Pieces);
        while (text.Length < 2 * length)
        {
            // Rare in a long text, because Chromium lays them out fifty times as slowly.
            text.Append(text.Length % 7 == 0 ? Pieces : Plain);
        }
        var runes = text.ToString().EnumerateRunes().Take(length - 1).Select(rune => rune.ToString());
        return string.Concat(runes) + ".";
    }
}
