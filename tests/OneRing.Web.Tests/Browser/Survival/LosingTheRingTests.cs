using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser.Survival;

[Trait("Category", "Survival")]
public sealed class LosingTheRingTests_InMemory(SiteInMemory site) : LosingTheRingTests(site), IClassFixture<SiteInMemory>;

[Trait("Category", "Survival")]
[Trait("Database", "PostgreSQL")]
public sealed class LosingTheRingTests_Postgres(SiteOnPostgres site) : LosingTheRingTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>Somebody loses the ring in the middle of a sentence. It is parked for them, to the last key, and goes on at their next turn.</summary>
public abstract class LosingTheRingTests(Site site)
{
    private const string Sentence = "The lamp stayed lit, though nob";

    private DraftService Drafts => site.Services.GetRequiredService<DraftService>();

    private CollaboratorService Collaborators => site.Services.GetRequiredService<CollaboratorService>();

    [SkippableTheory]
    [InlineData("passed in another tab", "the ring had moved on")]
    [InlineData("locked", "writing was paused")]
    [InlineData("archived", "the draft was archived")]
    [InlineData("made a reader", "you had become a reader")]
    [InlineData("removed", "you had no part in the draft")]
    public async Task The_sentence_is_parked_and_can_be_used_at_the_next_turn(string way, string because)
    {
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var draft = await ADraftHeldByAsync(ben);
        var page = await ben.OpenAsync($"/drafts/{draft.Id}");
        // The last keys come as the ring goes: nobody has saved them yet.
        await page.Box().PressSequentiallyAsync(Sentence);
        await LoseAsync(draft, ben, way);

        if (way == "removed")
        {
            await Expect(page.Heading("You no longer have a part in this draft")).ToBeVisibleAsync();
            await page.Link("To your parked texts").ClickAsync();
        }
        await Expect(ListOf(page).GetByText(Sentence)).ToBeVisibleAsync();
        await Expect(page.GetByText($"because {because}")).ToBeVisibleAsync();
        Assert.Empty((await site.Services.ReadAsync(draft.Id, draft.Ana)).Segments);

        await GetItBackAsync(draft, ben, way);
        await page.GotoAsync($"/drafts/{draft.Id}");
        await page.ListensAsync();
        await Expect(page.Box()).ToHaveValueAsync("");
        await page.Button("Put back into the box").ClickAsync();
        // Until the page knows that it is parked, the browser may show the sentence by itself.
        await Expect(page.Button("Put back into the box")).ToHaveCountAsync(0);
        await Expect(page.Box()).ToHaveValueAsync(Sentence);
        await page.Box().PressSequentiallyAsync("ody had fed it oil.");
        await page.Button("Add to the text").ClickAsync();

        await Expect(page.Segments()).ToHaveTextAsync(["The lamp stayed lit, though nobody had fed it oil."]);
        await Expect(page.Box()).ToHaveValueAsync("");
        ben.AssertCalm();
    }

    [SkippableFact]
    public async Task Words_that_arrive_after_their_author_came_to_look_are_shown_where_they_are_parked()
    {
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var draft = await ADraftHeldByAsync(ben);
        var page = await ben.OpenAsync($"/drafts/{draft.Id}");
        var ready = new TaskCompletionSource();
        await page.RouteAsync("**/drafts/*/words", async route =>
        {
            await ready.Task;
            await route.ContinueAsync();
        });
        await page.Box().PressSequentiallyAsync(Sentence);
        await LoseAsync(draft, ben, "removed");
        await page.Link("To your parked texts").ClickAsync();
        await Expect(page.GetByText("Nothing is parked.")).ToBeVisibleAsync();

        ready.SetResult();

        await Expect(ListOf(page).GetByText(Sentence)).ToBeVisibleAsync();
        ben.AssertCalm();
    }

    [SkippableFact]
    public async Task Words_that_do_not_get_through_as_the_page_is_left_are_sent_again()
    {
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var draft = await ADraftHeldByAsync(ben);
        var page = await ben.OpenAsync($"/drafts/{draft.Id}");
        // By then it has brought away what other tabs have left, and does not do so again.
        await page.WaitForFunctionAsync("() => performance.now() > performance.getEntriesByType('navigation')[0].loadEventEnd + 2500");
        var isCut = true;
        await page.RouteAsync("**/drafts/*/words", route => isCut ? route.AbortAsync() : route.ContinueAsync());
        await page.Box().PressSequentiallyAsync(Sentence);
        await page.WaitForFunctionAsync("() => Object.keys(localStorage).some(key => key.startsWith('onering.words'))");
        await LoseAsync(draft, ben, "removed");
        await page.Link("To your parked texts").ClickAsync();
        await Expect(page.GetByText("Nothing is parked.")).ToBeVisibleAsync();

        isCut = false;

        await Expect(ListOf(page).GetByText(Sentence)).ToBeVisibleAsync();
        ben.AssertCalmBut(Trial.OfACutNetwork);
    }

    /// <summary>What a browser finds that tabs have left in it may be older than what the server has by then.</summary>
    [SkippableFact]
    public async Task An_older_copy_never_takes_the_place_of_the_words_that_are_parked()
    {
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var draft = await ADraftHeldByAsync(ben);
        var page = await ben.OpenAsync($"/drafts/{draft.Id}");
        foreach (var typed in (string[])["The lamp stayed", Sentence["The lamp stayed".Length..]])
        {
            await page.Box().PressSequentiallyAsync(typed);
            await Expect(page.Bar()).ToHaveTextAsync("Saved");
        }
        await page.EvaluateAsync("""
            () => {
                const key = Object.keys(localStorage).find((key) => key.startsWith("onering.words"));
                const old = { ...JSON.parse(localStorage.getItem(key)), text: "The lamp", base: 0, dirty: true };
                localStorage.setItem(`${key.slice(0, key.lastIndexOf(":"))}:0123`, JSON.stringify(old));
            }
            """);
        await LoseAsync(draft, ben, "removed");
        await page.Link("To your parked texts").ClickAsync();
        var list = ListOf(page);
        await Expect(list.GetByText(Sentence)).ToBeVisibleAsync();

        await page.EvaluateAsync("() => import('/words.js').then(words => words.bringAll(words.user()))");

        Assert.Equal([Sentence, "The lamp"], (await site.Services.ParkedOfAsync(draft.Id, ben.Id)).OrderByDescending(text => text.Length));
        await Expect(list.GetByText("The lamp", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(list.GetByText(Sentence)).ToBeVisibleAsync();
        ben.AssertCalmBut(Trial.OfACutNetwork);
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_is_found_twice_at_once_is_parked_once(int tabs)
    {
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var draft = await ADraftHeldByAsync(ben);
        var parked = new TypedText(site.Services, draft.Id, ben.Id);
        Given.Succeed(await parked.SaveAsync(Sentence, park: true));
        await site.Services.PassAsync(draft.Id, ben.Id, draft.Ana);
        var pages = new List<IPage> { await ben.OpenAsync("/parked") };
        await pages[0].EvaluateAsync(
            "([user, draft, id, text]) => localStorage.setItem(`onering.words:${user}:${draft}:0123`, JSON.stringify({ id, text, base: 0, page: 'a/b', dirty: true, at: Date.now() }))",
            new[] { ben.Id, draft.Id.ToString(), parked.Id.ToString(), "The lamp" });
        while (pages.Count < tabs)
        {
            pages.Add(await ben.OpenAsync("/parked"));
        }
        // Nobody has brought it away before the last has found it.
        await pages[0].Context.RouteAsync("**/drafts/*/words*", async route =>
        {
            await Task.Delay(1_000);
            await route.ContinueAsync();
        });

        await Task.WhenAll(pages.Select(page => page.EvaluateAsync("() => import('/words.js').then(words => Promise.all([words.bringAll(words.user()), words.bringAll(words.user())]))")));

        Assert.Equal([Sentence, "The lamp"], (await site.Services.ParkedOfAsync(draft.Id, ben.Id)).OrderByDescending(text => text.Length));
        Assert.Equal("", await pages[0].EvaluateAsync<string>("() => Object.keys(localStorage).filter(key => key.startsWith('onering.words:')).join()"));
        ben.AssertCalm();
    }

    [SkippableFact]
    public async Task What_a_tab_has_brought_away_by_itself_is_not_brought_again()
    {
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var draft = await ADraftHeldByAsync(ben);
        var page = await ben.OpenStaticAsync("about:blank");
        // The other tabs are given so much time to answer that the box has gone by then.
        await page.AddInitScriptAsync(Trial.Timers(Trial.TabsAnswerWithin, 4000));
        var isSent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await page.RouteAsync("**/drafts/*/words", async route =>
        {
            await isSent.Task;
            await route.ContinueAsync();
        });
        await page.GotoAsync($"/drafts/{draft.Id}");
        await page.ListensAsync();
        await page.Box().PressSequentiallyAsync("The lamp");
        await page.WaitForFunctionAsync("() => Object.keys(localStorage).some(key => localStorage.getItem(key).includes('The lamp'))");
        await page.EvaluateAsync("() => { window.brought = import('/words.js').then(words => words.bringAll(words.user())); }");
        await page.Box().PressSequentiallyAsync(Sentence["The lamp".Length..]);
        await LoseAsync(draft, ben, "removed");
        isSent.SetResult();
        await page.Link("To your parked texts").ClickAsync();
        await Expect(ListOf(page).GetByText(Sentence)).ToBeVisibleAsync();

        await page.EvaluateAsync("() => window.brought");

        Assert.Equal([Sentence], await site.Services.ParkedOfAsync(draft.Id, ben.Id));
        ben.AssertCalm();
    }

    private static ILocator ListOf(IPage parkedPage) => parkedPage.GetByRole(AriaRole.List, new() { Name = "Parked texts" });

    private async Task<ADraft> ADraftHeldByAsync(Person ben)
    {
        var ana = await site.Services.APersonAsync("Ana");
        var id = Given.Succeed(await Drafts.CreateAsync(new CreateDraft(ana, "A draft")));
        await site.Services.AddAsync(id, ana, ben.Id, Role.Writer);
        await site.Services.PassAsync(id, ana, ben.Id);
        return new ADraft(id, ana, ben.Id, "", "");
    }

    private async Task LoseAsync(ADraft draft, Person ben, string way)
    {
        switch (way)
        {
            case "passed in another tab":
                await site.Services.PassAsync(draft.Id, ben.Id, draft.Ana);
                break;
            case "locked":
                Given.Succeed(await Drafts.LockAsync(new LockDraft(draft.Ana, draft.Id)));
                break;
            case "archived":
                Given.Succeed(await Drafts.ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id, Away: true)));
                break;
            case "made a reader":
                Given.Succeed(await Collaborators.ChangeRoleAsync(new ChangeRole(draft.Ana, draft.Id, ben.Id, Role.Reader)));
                break;
            default:
                Given.Succeed(await Collaborators.RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, ben.Id)));
                break;
        }
    }

    private async Task GetItBackAsync(ADraft draft, Person ben, string way)
    {
        switch (way)
        {
            case "locked":
                Given.Succeed(await Drafts.UnlockAsync(new UnlockDraft(draft.Ana, draft.Id)));
                return;
            case "archived":
                Given.Succeed(await Drafts.ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id, Away: false)));
                return;
            case "made a reader":
                Given.Succeed(await Collaborators.ChangeRoleAsync(new ChangeRole(draft.Ana, draft.Id, ben.Id, Role.Writer)));
                break;
            case "removed":
                await site.Services.AddAsync(draft.Id, draft.Ana, ben.Id, Role.Writer);
                break;
        }
        await site.Services.PassAsync(draft.Id, draft.Ana, ben.Id);
    }
}
