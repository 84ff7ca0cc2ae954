using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data.Drafts;
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
        var draftId = await ADraftAsync(ana);
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("The lamp stayed lit.");
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

    /// <summary>A draft whose ring she holds, and a Ben who writes in it too.</summary>
    private async Task<Guid> ADraftAsync(Person ana)
    {
        var draftId = Given.Succeed(await site.Services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(ana.Id, "The lamp")));
        await site.Services.AddAsync(draftId, ana.Id, await site.Services.APersonAsync("Ben"), Role.Writer);
        return draftId;
    }
}
