using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data.Drafts;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser.Survival;

/// <summary>Words that are typed while the page still looks for those of before.</summary>
[Trait("Category", "Browser")]
[Trait("Category", "Survival")]
public sealed class TypedWhileOpeningTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    // Requests of a page that goes pass by the routes of a test.
    private const string NothingLeaves = """
        const send = window.fetch;
        window.fetch = (address, options) => options?.keepalive ? Promise.reject(new TypeError("Failed to fetch")) : send(address, options);
        """;

    [SkippableFact]
    public async Task They_are_saved_once()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenStaticAsync("about:blank");
        await page.AddInitScriptAsync(Trial.Timers(Trial.TabsAnswerWithin, 1000));
        await page.RouteAsync("**/words", async route =>
        {
            await Task.Delay(1000);
            await route.ContinueAsync();
        });
        await OpenAsync(page, draftId);

        await page.Box().FillAsync("The lamp stayed lit.");

        await Expect(page.Bar()).ToHaveTextAsync("Saved");
        await Task.Delay(1500);
        await Expect(page.Box()).ToHaveValueAsync("The lamp stayed lit.");
        Assert.Equal("The lamp stayed lit.", await site.Services.TextOfAsync(draftId, ana.Id));
        Assert.Equal("The lamp stayed lit.", await page.EvaluateAsync<string>(
            "() => JSON.parse(localStorage.getItem(Object.keys(localStorage).find(key => key.startsWith('onering.words')))).text"));
        ana.AssertCalm();
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task They_take_the_place_of_nothing_that_this_browser_has_kept_however_often_it_was_looked_for(int looks)
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenStaticAsync("about:blank");
        await page.AddInitScriptAsync(Trial.HeldTimers(Trial.TabsAnswerWithin));
        await page.AddInitScriptAsync(NothingLeaves);
        var isCut = true;
        await page.RouteAsync("**/words", route => isCut ? route.AbortAsync() : route.ContinueAsync());
        await OpenAsync(page, draftId);
        await page.Box().FillAsync("The lamp stayed lit.");
        await Expect(page.Bar()).ToContainTextAsync("not saved since");

        await OpenAsync(page, draftId);
        // First by the box, then by the page.
        await page.WaitForFunctionAsync("looks => held.length >= looks", looks);
        await page.Box().FillAsync("Nobody saw it.");
        await page.WaitForFunctionAsync("() => Object.keys(localStorage).filter(key => key.startsWith('onering.words')).length === 2");
        isCut = false;
        await page.EvaluateAsync("release()");

        // Parked, or offered beside the text in the box: that depends on which of them was quicker.
        await Expect(page.GetByText("The lamp stayed lit.")).ToBeVisibleAsync();
        await Expect(page.Box()).ToHaveValueAsync("Nobody saw it.");
        ana.AssertCalmBut(Trial.OfACutNetwork);
    }

    [SkippableFact]
    public async Task A_page_that_is_loaded_again_goes_on_with_the_one_copy_that_it_had_kept()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenStaticAsync("about:blank");
        await page.AddInitScriptAsync(NothingLeaves);
        var isCut = true;
        await page.RouteAsync("**/words", route => isCut ? route.AbortAsync() : route.ContinueAsync());
        await OpenAsync(page, draftId);
        await page.Box().FillAsync("The lamp stayed lit.");
        await Expect(page.Bar()).ToContainTextAsync("not saved since");

        await OpenAsync(page, draftId);
        await Expect(page.Box()).ToHaveValueAsync("The lamp stayed lit.");
        Assert.Equal(1, await page.EvaluateAsync<int>("() => Object.keys(localStorage).filter(key => key.startsWith('onering.words')).length"));
        isCut = false;
        await page.Box().PressSequentiallyAsync(" Nobody saw it.");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");

        Assert.Equal("The lamp stayed lit. Nobody saw it.", await site.Services.TextOfAsync(draftId, ana.Id));
        Assert.Equal(1, await page.EvaluateAsync<int>("() => Object.keys(localStorage).filter(key => key.startsWith('onering.words')).length"));
        ana.AssertCalmBut(Trial.OfACutNetwork);
    }

    [SkippableTheory]
    [InlineData("End", " Nobody saw it.", "The lamp stayed lit. Nobody saw it.")]
    [InlineData("Control+a", "Nobody saw it.", "Nobody saw it.")]
    public async Task They_go_on_with_the_text_that_is_back_before_the_server_has_said_what_it_has(string key, string typed, string text)
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("The lamp stayed lit.");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");
        var isAnswered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await page.RouteAsync(address => address.Contains("/words", StringComparison.Ordinal), async route =>
        {
            if (route.Request.Method == "GET" && route.Request.ResourceType == "fetch")
            {
                isAsked.TrySetResult();
                await isAnswered.Task;
            }
            await route.ContinueAsync();
        });

        await OpenAsync(page, draftId);
        await Expect(page.Box()).ToHaveValueAsync("The lamp stayed lit.");
        await isAsked.Task;
        var saves = page.WaitForResponseAsync(response => response.Request.Method == "POST" && response.Url.EndsWith("/words", StringComparison.Ordinal));
        await page.Box().PressAsync(key);
        await page.Keyboard.TypeAsync(typed);
        await saves;
        isAnswered.SetResult();

        await Expect(page.Bar()).ToHaveTextAsync("Saved");
        await Expect(page.Box()).ToHaveValueAsync(text);
        await Trial.UntilAsync("the text is saved", async () => await site.Services.TextOfAsync(draftId, ana.Id) == text);
        Assert.Empty(await site.Services.ParkedOfAsync(draftId, ana.Id));
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task They_stay_in_the_box_and_so_does_the_keyboard_when_the_page_gets_connected()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var isConnected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isTended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var page = await ana.OpenStaticAsync("about:blank");
        await page.HoldAsync("**/_blazor/negotiate*", isConnected.Task);
        await page.HoldAsync("**/composer*.js", isTended.Task);
        await page.GotoAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("The lit.");
        for (var i = 0; i < "lit.".Length; i++)
        {
            await page.Keyboard.PressAsync("ArrowLeft");
        }

        isConnected.SetResult();
        await page.ListensAsync();
        await page.Keyboard.TypeAsync("lamp stayed ");
        await Expect(page.Box()).ToHaveValueAsync("The lamp stayed lit.");
        isTended.SetResult();
        await Expect(page.Button("Add to the text")).ToBeEnabledAsync();
        await page.Keyboard.TypeAsync("well ");

        await Expect(page.Bar()).ToHaveTextAsync("Saved");
        await Expect(page.Box()).ToHaveValueAsync("The lamp stayed well lit.");
        await Trial.UntilAsync("the text is saved", async () => await site.Services.TextOfAsync(draftId, ana.Id) == "The lamp stayed well lit.");
        Assert.Empty(await site.Services.ParkedOfAsync(draftId, ana.Id));
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task They_are_parked_when_the_draft_is_put_away_before_the_box_is_looked_after()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var isAway = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var page = await ana.OpenUntendedAsync(draftId, isAway.Task);
        await page.Box().FillAsync("The lamp stayed lit.");
        Given.Succeed(await site.Services.GetRequiredService<DraftService>().ArchiveAsync(new ArchiveDraft(ana.Id, draftId, Away: true)));
        await Expect(page.Heading("Your words, kept").Or(page.GetByText("archived", new() { Exact = true })).First).ToBeVisibleAsync();

        isAway.SetResult();

        await Expect(page.Parked()).ToContainTextAsync(["The lamp stayed lit."]);
        Assert.Equal(["The lamp stayed lit."], await site.Services.ParkedOfAsync(draftId, ana.Id));
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task They_are_parked_when_their_writer_is_taken_out_before_the_box_is_looked_after()
    {
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var anaId = await site.Services.APersonAsync("Ana");
        var draftId = await site.Services.ADraftAsync(anaId, ben.Id);
        await site.Services.PassAsync(draftId, anaId, ben.Id);
        var isGone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var page = await ben.OpenUntendedAsync(draftId, isGone.Task);
        await page.Box().FillAsync("The lamp stayed lit.");
        Given.Succeed(await site.Services.GetRequiredService<CollaboratorService>().RemoveAsync(new RemoveCollaborator(anaId, draftId, ben.Id)));

        await page.Link("To your parked texts").ClickAsync();
        isGone.SetResult();

        await Expect(page.GetByRole(AriaRole.List, new() { Name = "Parked texts" }).GetByText("The lamp stayed lit.")).ToBeVisibleAsync();
        Assert.Equal(["The lamp stayed lit."], await site.Services.ParkedOfAsync(draftId, ben.Id));
        ben.AssertCalm();
    }

    [SkippableFact]
    public async Task They_are_there_again_after_a_page_that_was_left_before_its_box_was_looked_after()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var never = new TaskCompletionSource();
        var page = await ana.OpenUntendedAsync(draftId, never.Task);
        await page.Box().FillAsync("The lamp stayed lit.");

        await page.Link("OneRing, home").ClickAsync();
        await Expect(page.Heading("Drafts")).ToBeVisibleAsync();
        await Trial.UntilAsync("the words are saved", async () => await site.Services.TextOfAsync(draftId, ana.Id) == "The lamp stayed lit.");
        var other = await ana.OpenAsync($"/drafts/{draftId}");

        await Expect(other.Box()).ToHaveValueAsync("The lamp stayed lit.");
        Assert.Empty(await site.Services.ParkedOfAsync(draftId, ana.Id));
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task They_are_there_again_after_a_tab_that_crashed_before_its_box_was_looked_after()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var never = new TaskCompletionSource();
        var page = await ana.OpenUntendedAsync(draftId, never.Task);
        await page.Box().FillAsync("The lamp stayed lit.");
        await page.WaitForFunctionAsync("() => Object.keys(localStorage).some(key => key.startsWith('onering.words'))");

        await page.CrashAsync();
        var other = await ana.OpenAsync($"/drafts/{draftId}");

        await Expect(other.Box()).ToHaveValueAsync("The lamp stayed lit.");
        await Expect(other.Bar()).ToHaveTextAsync("Saved");
        Assert.Equal("The lamp stayed lit.", await site.Services.TextOfAsync(draftId, ana.Id));
    }

    [SkippableFact]
    public async Task A_goal_that_is_set_before_the_box_is_looked_after_stays()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var isSet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var page = await ana.OpenUntendedAsync(draftId, isSet.Task);
        var goal = page.GetByRole(AriaRole.Spinbutton, new() { Name = "Goal" });
        await goal.FillAsync("12");

        isSet.SetResult();
        await Expect(page.Button("Add to the text")).ToBeEnabledAsync();
        await page.Box().FillAsync("One, two, three.");
        await Expect(page.Saying("3 of 12 words")).ToBeVisibleAsync();

        await page.UnrouteAllAsync();
        await OpenAsync(page, draftId);
        await Expect(goal).ToHaveValueAsync("12");
        ana.AssertCalm();
    }

    /// <summary>Opens the draft, and waits until its box is looked after.</summary>
    private static async Task OpenAsync(IPage page, Guid draftId)
    {
        await page.GotoAsync($"/drafts/{draftId}");
        await Expect(page.Button("Add to the text")).ToBeEnabledAsync();
    }
}
