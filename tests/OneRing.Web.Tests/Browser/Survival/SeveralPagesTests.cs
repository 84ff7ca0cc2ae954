using Microsoft.Playwright;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser.Survival;

[Trait("Category", "Browser")]
[Trait("Category", "Survival")]
public sealed class SeveralPagesTests_InMemory(SiteInMemory site) : SeveralPagesTests(site), IClassFixture<SiteInMemory>;

[Trait("Category", "Browser")]
[Trait("Category", "Survival")]
[Trait("Database", "PostgreSQL")]
public sealed class SeveralPagesTests_Postgres(SiteOnPostgres site) : SeveralPagesTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>One person writes in several tabs and browsers, and none of them overwrites what was typed in another.</summary>
public abstract class SeveralPagesTests(Site site)
{
    /// <summary>A notice of the browser leads there, and so does its list of pages that were open before.</summary>
    [SkippableFact]
    public async Task Who_goes_from_one_draft_straight_to_another_finds_the_words_of_each_in_its_own_box()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var benId = await site.Services.APersonAsync("Ben");
        var lamp = await site.Services.ADraftAsync(ana.Id, benId, "The lamp");
        var harbour = await site.Services.ADraftAsync(ana.Id, benId, "The harbour");
        var page = await ana.OpenAsync($"/drafts/{lamp}");
        await page.Box().FillAsync("It stayed lit.");

        await page.EvaluateAsync($"() => Blazor.navigateTo('/drafts/{harbour}')");
        await Expect(page.Heading("The harbour")).ToBeVisibleAsync();
        await Expect(page.Box()).ToHaveValueAsync("");
        await page.Box().FillAsync("The boats came in.");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");

        // Of a box that nobody tended yet it is found out within a second that it has gone.
        await Trial.UntilAsync("the words of the draft that was left are saved", async () => await site.Services.TextOfAsync(lamp, ana.Id) == "It stayed lit.");
        Assert.Equal("The boats came in.", await site.Services.TextOfAsync(harbour, ana.Id));
        await page.Button("Add to the text").ClickAsync();
        await Expect(page.Segments()).ToHaveTextAsync(["The boats came in."]);

        await page.GoBackAsync();
        await Expect(page.Heading("The lamp")).ToBeVisibleAsync();
        await Expect(page.Box()).ToHaveValueAsync("It stayed lit.");
        ana.AssertCalm();
    }

    [SkippableTheory]
    [InlineData(false, "Keep what is in the box", "Typed while it was cut off.", "Typed meanwhile elsewhere.")]
    [InlineData(false, "Take the other version", "Typed meanwhile elsewhere.", "Typed while it was cut off.")]
    [InlineData(true, "Keep what is in the box", "Typed while it was cut off.", "Typed meanwhile elsewhere.")]
    [InlineData(true, "Take the other version", "Typed meanwhile elsewhere.", "Typed while it was cut off.")]
    public async Task A_page_that_was_left_behind_offers_both_versions_and_parks_the_one_that_is_not_chosen(
        bool isOtherBrowser, string choice, string goesOn, string parked)
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        await ana.PrepareAsync(Trial.Timers(Trial.TabsAnswerWithin, 5_000));
        await using var away = isOtherBrowser ? await Person.AgainAsync(site.Address, ana) : null;
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var stale = await ana.OpenAsync($"/drafts/{draftId}");
        await stale.Box().FillAsync("At first.");
        await Expect(stale.Bar()).ToHaveTextAsync("Saved");
        var newer = await (away ?? ana).OpenAsync($"/drafts/{draftId}");
        await Expect(newer.Box()).ToHaveValueAsync("At first.");

        await stale.RouteAsync("**/drafts/*/words*", route => route.AbortAsync());
        await stale.Box().FillAsync("Typed while it was cut off.");
        await Expect(stale.Bar()).ToContainTextAsync("Your words are not saved since");
        await newer.Box().FillAsync("Typed meanwhile elsewhere.");
        await Expect(newer.Bar()).ToHaveTextAsync("Saved");
        await stale.UnrouteAllAsync();

        var offer = stale.GetByRole(AriaRole.Group, new() { Name = "Two versions of your text" });
        await Expect(offer).ToBeVisibleAsync();
        await Expect(offer).ToContainTextAsync(isOtherBrowser ? "typed in another browser or on another device" : "typed in another tab");
        await Expect(offer.Locator("blockquote")).ToHaveTextAsync("Typed meanwhile elsewhere.");
        await Expect(stale.Box()).ToHaveValueAsync("Typed while it was cut off.");
        Assert.Equal("Typed meanwhile elsewhere.", await site.Services.TextOfAsync(draftId, ana.Id));

        await offer.GetByRole(AriaRole.Button, new() { Name = choice }).ClickAsync();
        await Expect(offer).ToBeHiddenAsync();
        await Expect(stale.Box()).ToHaveValueAsync(goesOn);
        await Expect(stale.Bar()).ToHaveTextAsync("Saved");
        await Expect(stale.Parked()).ToHaveCountAsync(1);
        await Expect(stale.Parked()).ToContainTextAsync(parked);
        Assert.Equal(goesOn, await site.Services.TextOfAsync(draftId, ana.Id));
        Assert.Equal([parked], await site.Services.ParkedOfAsync(draftId, ana.Id));
        ana.AssertCalmBut(["Failed to load resource: net::ERR_FAILED", "status of 409 (Conflict)"]);
        away?.AssertCalm();
    }

    [SkippableFact]
    public async Task A_new_device_gets_the_text_says_where_it_is_from_and_goes_on_at_its_end()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("Typed at home,");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");

        await using var away = await Person.AgainAsync(site.Address, ana);
        var there = await away.OpenAsync($"/drafts/{draftId}");
        await Expect(there.Box()).ToHaveValueAsync("Typed at home,");
        await Expect(there.Locator("[data-composer=note]")).ToContainTextAsync("These are your words from another browser or device");
        await there.Box().FocusAsync();
        await there.Keyboard.TypeAsync(" and on the train.");
        await Expect(there.Box()).ToHaveValueAsync("Typed at home, and on the train.");
        await Expect(there.Bar()).ToHaveTextAsync("Saved");

        // At home, nothing had been typed since: the page follows when somebody looks at it.
        await page.EvaluateAsync("() => window.dispatchEvent(new Event('focus'))");
        await Expect(page.Box()).ToHaveValueAsync("Typed at home, and on the train.");
        await page.Box().PressAsync("Control+End");
        await page.Keyboard.TypeAsync(" Home again.");
        await Trial.UntilAsync("the text is saved", async () =>
            await site.Services.TextOfAsync(draftId, ana.Id) == "Typed at home, and on the train. Home again.");
        Assert.Empty(await site.Services.ParkedOfAsync(draftId, ana.Id));
        ana.AssertCalm();
        away.AssertCalm();
    }

    [SkippableFact]
    public async Task A_parked_text_is_put_back_at_the_next_turn_and_added()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var benId = await site.Services.APersonAsync("Ben");
        var draftId = await site.Services.ADraftAsync(ana.Id, benId);
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("For my next turn.\n\n👩‍👩‍👧‍👦 מחר");
        await page.Button("Pass to Ben").ClickAsync();
        await Expect(page.Parked()).ToContainTextAsync("For my next turn.");
        await Expect(page.AnyBox()).ToHaveValueAsync("");

        await site.Services.PassAsync(draftId, benId, ana.Id);
        await Expect(page.Saying("You hold the ring.")).ToBeVisibleAsync();
        await Expect(page.Box()).ToHaveValueAsync("");
        await page.Button("Put back into the box").ClickAsync();
        await Expect(page.Box()).ToHaveValueAsync("For my next turn.\n\n👩‍👩‍👧‍👦 מחר");
        await Expect(page.Parked()).ToHaveCountAsync(0);
        await page.Button("Add to the text").ClickAsync();

        await Expect(page.Segments()).ToHaveTextAsync(["For my next turn.\n\n👩‍👩‍👧‍👦 מחר"]);
        await Expect(page.Box()).ToHaveValueAsync("");
        Assert.Empty(await site.Services.ParkedOfAsync(draftId, ana.Id));
        ana.AssertCalm();
    }

    [SkippableTheory]
    [InlineData(false, "Your words are back, as you left them (")]
    [InlineData(true, "These are your words from another browser or device (")]
    public async Task Words_that_are_back_say_where_they_come_from_and_are_gone_on_with_at_their_end(bool isOtherBrowser, string saying)
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        await ana.PrepareAsync(Trial.Timers(Trial.TabsAnswerWithin, 5_000));
        await using var away = isOtherBrowser ? await Person.AgainAsync(site.Address, ana) : null;
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("The lamp stayed");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");
        await page.CloseAsync();

        var again = await (away ?? ana).OpenAsync($"/drafts/{draftId}");

        await Expect(again.Box()).ToHaveValueAsync("The lamp stayed");
        await Expect(again.Locator("[data-composer=note]")).ToContainTextAsync(saying);
        await again.Box().FocusAsync();
        await again.Keyboard.TypeAsync(" lit.");
        await Expect(again.Box()).ToHaveValueAsync("The lamp stayed lit.");
        ana.AssertCalm();
        away?.AssertCalm();
    }

    [SkippableFact]
    public async Task The_focus_mode_shows_the_text_alone_and_a_goal_counts_the_words()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("One, two, three.");
        await page.GetByRole(AriaRole.Spinbutton, new() { Name = "Goal" }).FillAsync("12");
        await Expect(page.Saying("3 of 12 words")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Progressbar, new() { Name = "Words towards your goal" })).ToHaveAttributeAsync("max", "12");

        await page.Button("Focus").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Ring" })).ToBeHiddenAsync();
        await Expect(page.Box()).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(" Four.");
        await Expect(page.Saying("4 of 12 words")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Ring" })).ToBeVisibleAsync();

        await Expect(page.Bar()).ToHaveTextAsync("Saved");
        await page.ReloadAsync();
        await Expect(page.Saying("4 of 12 words")).ToBeVisibleAsync();
        await Expect(page.Box()).ToHaveValueAsync("One, two, three. Four.");
        ana.AssertCalm();
    }
}
