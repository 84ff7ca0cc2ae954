using System.Globalization;
using Microsoft.Playwright;
using OneRing.Web.Tests.Browser.Survival;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

/// <summary>Where the keyboard is while somebody writes. It is never lost.</summary>
[Trait("Category", "Browser")]
public sealed class ComposerKeyboardTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    [SkippableFact]
    public async Task The_keyboard_stays_where_the_words_were_added()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var (draftId, _) = await ADraftAsync(ana);
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("The lamp stayed lit.");
        await Expect(page.Button("Preview")).ToBeEnabledAsync();
        await page.Button("Preview").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Preview" })).ToHaveTextAsync("The lamp stayed lit.");
        await Expect(page.Button("Preview")).ToBeFocusedAsync();
        await page.Button("Add to the text").FocusAsync();

        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Segments()).ToHaveTextAsync(["The lamp stayed lit."]);
        await Expect(page.Box()).ToHaveValueAsync("");
        await Expect(page.Button("Add to the text")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Shift+Tab");
        await Expect(page.Box()).ToBeFocusedAsync();
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task Where_the_box_was_the_keyboard_finds_the_preview()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var (draftId, _) = await ADraftAsync(ana);
        foreach (var text in (string[])["One.", "Two.", "Three.", "Four.", "Five."])
        {
            await site.Services.AppendAsync(draftId, ana.Id, text);
        }
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("Six.");
        await page.Button("Preview").ClickAsync();
        var preview = page.GetByRole(AriaRole.Region, new() { Name = "Preview" });
        await Expect(preview).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Write at the end" }).ClickAsync();

        await Expect(preview).ToBeFocusedAsync();
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task Somebody_whose_ring_moves_on_while_typing_is_taken_to_where_it_says_so()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var (draftId, benId) = await ADraftAsync(ana);
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await Expect(page.Button("Add to the text")).ToBeEnabledAsync();
        await page.Box().PressSequentiallyAsync("The lamp st");

        await site.Services.PassAsync(draftId, ana.Id, benId);

        await Expect(page.GetByText("The lamp st")).ToBeVisibleAsync();
        await Expect(page.Locator(":focus")).ToHaveTextAsync("Ben holds the ring.");
        ana.AssertCalm();
    }

    [SkippableTheory]
    [InlineData("/drafts/{0}")]
    [InlineData("/parked")]
    public async Task After_deleting_a_parked_text_the_keyboard_is_where_it_stood(string where)
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var (draftId, _) = await ADraftAsync(ana);
        foreach (var text in (string[])["The lamp st", "Nobody had"])
        {
            Given.Succeed(await new TypedText(site.Services, draftId, ana.Id).SaveAsync(text, park: true));
        }
        var page = await ana.OpenAsync(string.Format(CultureInfo.InvariantCulture, where, draftId));

        foreach (var said in (string[])["Deleted.", "Deleted. Nothing else is parked here."])
        {
            await page.Parked().Last.GetByRole(AriaRole.Button, new() { Name = "Delete" }).FocusAsync();
            await page.Keyboard.PressAsync("Enter");
            await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
            await Expect(page.Locator(":focus")).ToHaveTextAsync(said);
        }
        ana.AssertCalm();
    }

    /// <summary>A draft whose ring she holds, and a Ben who writes in it too.</summary>
    private async Task<(Guid DraftId, string BenId)> ADraftAsync(Person ana)
    {
        var benId = await site.Services.APersonAsync("Ben");
        return (await site.Services.ADraftAsync(ana.Id, benId), benId);
    }
}
