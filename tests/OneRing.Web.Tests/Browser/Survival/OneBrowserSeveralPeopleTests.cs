using Microsoft.Playwright;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser.Survival;

[Trait("Category", "Browser")]
[Trait("Category", "Survival")]
public sealed class OneBrowserSeveralPeopleTests_InMemory(SiteInMemory site) : OneBrowserSeveralPeopleTests(site), IClassFixture<SiteInMemory>;

[Trait("Category", "Browser")]
[Trait("Category", "Survival")]
[Trait("Database", "PostgreSQL")]
public sealed class OneBrowserSeveralPeopleTests_Postgres(SiteOnPostgres site) : OneBrowserSeveralPeopleTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>Words kept in a browser belong to one person and one draft.</summary>
public abstract class OneBrowserSeveralPeopleTests(Site site)
{
    [SkippableFact]
    public async Task Whoever_signs_out_with_unsaved_words_is_warned_and_leaves_none_behind()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var benId = await site.Services.APersonAsync("Ben", password: Person.Password);
        var draftId = await site.Services.ADraftAsync(ana.Id, benId);
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        var secondTab = await ana.OpenAsync($"/drafts/{await site.Services.ADraftAsync(ana.Id, benId, "Elsewhere")}");
        await page.Context.RouteAsync("**/drafts/*/words", route => route.Request.Method == "POST" ? route.AbortAsync() : route.ContinueAsync());
        var crashedTab = await ana.OpenAsync($"/drafts/{await site.Services.ADraftAsync(ana.Id, benId, "In a tab that crashes")}");
        await crashedTab.Box().FillAsync("Nor what only the browser remembers.");
        await Expect(crashedTab.Bar()).ToContainTextAsync("Your words are not saved since");
        await crashedTab.CrashAsync();
        await page.Box().FillAsync("For nobody else.");
        await secondTab.Box().FillAsync("Nor this.");
        await Expect(page.Bar()).ToContainTextAsync("Your words are not saved since");
        await Expect(secondTab.Bar()).ToContainTextAsync("Your words are not saved since");

        var warning = page.GetByRole(AriaRole.Dialog, new() { Name = "Some of your words are in this browser only" });
        await page.Button("Sign out").ClickAsync();
        await Expect(warning).ToBeVisibleAsync();
        await warning.GetByRole(AriaRole.Button, new() { Name = "Stay" }).ClickAsync();
        await Expect(page.Box()).ToHaveValueAsync("For nobody else.");
        Assert.Equal(3, (await KeptAsync(page)).Length);

        await page.Button("Sign out").ClickAsync();
        await warning.GetByRole(AriaRole.Button, new() { Name = "Sign out without them" }).ClickAsync();
        await Expect(page.Link("Sign in").First).ToBeVisibleAsync();
        await Expect(secondTab.AnyBox()).ToHaveCountAsync(0);
        Assert.Empty(await KeptAsync(page));
        await page.Context.UnrouteAllAsync();

        // The next one at the same machine has the ring of the same draft, and an empty box.
        await site.Services.PassAsync(draftId, ana.Id, benId);
        await secondTab.CloseAsync();
        await SignInAsync(page, await site.Services.HandleOfAsync(benId));
        await page.GotoAsync($"/drafts/{draftId}");
        await page.ListensAsync();
        await page.Box().FillAsync("Ben's own.");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");
        Assert.Equal("Ben's own.", await site.Services.TextOfAsync(draftId, benId));
        Assert.Empty(await site.Services.ParkedOfAsync(draftId, benId));
        ana.AssertCalmBut(["Failed to load resource: net::ERR_FAILED"]);
    }

    [SkippableFact]
    public async Task Words_typed_before_the_box_was_ready_are_saved_before_somebody_is_out()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var isAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var page = await ana.OpenUntendedAsync(draftId, isAsked.Task, Trial.Timers(Trial.SavesBeforeSignOut, 60_000));
        await page.Box().FillAsync("Typed early.");

        await page.Button("Sign out").ClickAsync();
        await page.WaitForTimeoutAsync(300);
        isAsked.SetResult();

        await Expect(page.Link("Sign in").First).ToBeVisibleAsync();
        Assert.Equal("Typed early.", await site.Services.TextOfAsync(draftId, ana.Id));
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task Words_that_are_being_saved_as_the_box_becomes_ready_are_saved_once_before_somebody_is_out()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var isSending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isReady = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var page = await ana.OpenUntendedAsync(draftId, isSending.Task, Trial.Timers(Trial.SavesBeforeSignOut, 60_000));
        var sent = 0;
        await page.RouteAsync("**/words", async route =>
        {
            if (route.Request.Method == "POST")
            {
                sent++;
                isSending.TrySetResult();
                await isReady.Task;
            }
            await route.ContinueAsync();
        });
        await page.Box().FillAsync("Typed early.");

        await page.Button("Sign out").ClickAsync();
        await Expect(page.Button("Add to the text")).ToBeEnabledAsync();
        // The words that the box has taken over are not sent beside those that are on their way.
        await page.WaitForTimeoutAsync(1500);
        isReady.SetResult();

        await Expect(page.Link("Sign in").First).ToBeVisibleAsync();
        Assert.Equal(1, sent);
        Assert.Equal("Typed early.", await site.Services.TextOfAsync(draftId, ana.Id));
        Assert.Empty(await KeptAsync(page));
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task Whoever_has_no_unsaved_words_signs_out_at_once_and_finds_them_again()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        await ana.PrepareAsync(Trial.Timers(Trial.SavesBeforeSignOut, 60_000));
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("Saved a moment ago.");

        // At once: what is on its way is saved before she is out.
        await page.Button("Sign out").ClickAsync();
        await Expect(page.Link("Sign in").First).ToBeVisibleAsync();
        Assert.Empty(await KeptAsync(page));
        Assert.Equal("Saved a moment ago.", await site.Services.TextOfAsync(draftId, ana.Id));

        await SignInAsync(page, ana.Handle);
        await page.GotoAsync($"/drafts/{draftId}");
        await Expect(page.Box()).ToHaveValueAsync("Saved a moment ago.");
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task What_stands_in_the_box_is_not_taken_for_something_that_was_left_behind()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("In the box.");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");
        var kept = await KeptAsync(page);

        // Each page does this a moment after it was opened.
        Assert.Equal(0, await page.EvaluateAsync<int>("() => import('/words.js').then(words => words.bringAll(words.user()))"));

        Assert.Equal(kept, await KeptAsync(page));
        Assert.Single(kept);
        Assert.Empty(await site.Services.ParkedOfAsync(draftId, ana.Id));
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task Two_drafts_do_not_mix()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var benId = await site.Services.APersonAsync("Ben");
        var one = await site.Services.ADraftAsync(ana.Id, benId, "One");
        var other = await site.Services.ADraftAsync(ana.Id, benId, "Other");
        var page = await ana.OpenAsync($"/drafts/{one}");
        await page.Box().FillAsync("In the first.");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");

        // In one tab, without loading the page anew: the way people go.
        await page.GetByRole(AriaRole.Banner).GetByRole(AriaRole.Link).First.ClickAsync();
        await page.Link("Other").ClickAsync();
        await Expect(page.Heading("Other")).ToBeVisibleAsync();
        await Expect(page.Box()).ToHaveValueAsync("");
        await page.Box().FillAsync("In the second.");
        await page.GotoAsync($"/drafts/{one}");
        await Expect(page.Box()).ToHaveValueAsync("In the first.");
        await page.GotoAsync($"/drafts/{other}");
        await Expect(page.Box()).ToHaveValueAsync("In the second.");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");

        Assert.Equal("In the first.", await site.Services.TextOfAsync(one, ana.Id));
        Assert.Equal("In the second.", await site.Services.TextOfAsync(other, ana.Id));
        ana.AssertCalm();
    }

    private static Task<string[]> KeptAsync(IPage page) =>
        page.EvaluateAsync<string[]>("() => Object.keys(localStorage).filter(key => key.startsWith('onering.words'))");

    private static async Task SignInAsync(IPage page, string handle)
    {
        await page.GotoAsync("/account/sign-in");
        await page.GetByLabel("Handle").FillAsync(handle);
        await page.GetByLabel("Password").FillAsync(Person.Password);
        await page.Button("Sign in").ClickAsync();
        await Expect(page.Button("Sign out")).ToBeVisibleAsync();
    }
}
