using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Web.Tests.Servers;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

/// <summary>A whole turn without a mouse. Wherever the keyboard is, it can be seen.</summary>
[Trait("Category", "Browser")]
public sealed class KeyboardTests(SiteInMemory site, ITestOutputHelper output) : IClassFixture<SiteInMemory>
{
    /// <summary>What keeps somebody from seeing where the keyboard is; empty if nothing does.</summary>
    private const string WhyHidden = """
        () => {
            const focused = document.activeElement;
            if (focused === document.body) {
                return "The keyboard is nowhere.";
            }
            const named = focused.outerHTML.slice(0, 160);
            const box = focused.getBoundingClientRect();
            if (box.width === 0 || box.height === 0 || box.bottom <= 0 || box.top >= innerHeight) {
                return `Out of sight: ${named}`;
            }
            const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
            for (const part of [0.1, 0.5, 0.9]) {
                const onTop = document.elementFromPoint(box.left + box.width / 2, top + (bottom - top) * part);
                // A label covers the box that it names.
                if (!onTop || !(focused.contains(onTop) || onTop.contains(focused) || onTop.closest("label")?.control === focused)) {
                    return `Covered: ${named} by ${onTop?.outerHTML.slice(0, 160)}`;
                }
            }
            // A ring around it, or around the row or the field of which it is the whole content.
            const around = [focused, focused.closest(".draft-row"), focused.closest(".mud-input-outlined")?.querySelector("fieldset, .mud-input-outlined-border")];
            const isMarked = around.filter(Boolean).some((element, i) => {
                const style = getComputedStyle(element);
                return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1)
                    || style.boxShadow !== "none"
                    || (i === 1 && element.matches(".mud-input-outlined-border") && parseFloat(style.borderTopWidth) >= 2);
            });
            return isMarked ? "" : `No ring around: ${named}`;
        }
        """;

    [SkippableFact]
    public async Task A_whole_turn_needs_no_mouse()
    {
        await using var ana = await Person.ArriveAsync(site.Address);
        var anaId = await site.Services.APersonAsync("Ana", password: Person.Password);
        var benId = await site.Services.APersonAsync("Ben");
        await ADraftAsync(anaId, benId);

        var page = await ana.OpenStaticAsync("/account/sign-in");
        await TabToAsync(page, page.GetByLabel("Password"));
        await TabToAsync(page, page.GetByLabel("Handle"), "Shift+Tab");
        await page.Keyboard.TypeAsync(await site.Services.HandleOfAsync(anaId));
        await TabToAsync(page, page.GetByLabel("Password"));
        await page.Keyboard.TypeAsync(Person.Password);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Heading("Drafts")).ToBeVisibleAsync();
        await page.ListensAsync();

        await TabToAsync(page, page.Link("Skip to the page"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Main)).ToBeFocusedAsync();
        await TabToAsync(page, page.Link("The lamp"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Heading("The lamp")).ToBeFocusedAsync();

        await TabToAsync(page, page.Link("Write at the end"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Box()).ToBeFocusedAsync();
        await AssertSeenAsync(page);
        await page.Keyboard.TypeAsync("Typed, not clicked.");
        await TabToAsync(page, page.Button("Add to the text"));
        await page.Keyboard.PressAsync("Space");
        await Expect(page.Segments().Last).ToHaveTextAsync("Typed, not clicked.");
        await Expect(page.Box()).ToHaveValueAsync("");

        await TabToAsync(page, page.Button("Pass to Ben"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("Ben holds the ring.").First).ToBeVisibleAsync();
        await Expect(page.Button("Pass to Ben")).ToHaveCountAsync(0);
        await Expect(page.Locator(":focus")).ToHaveTextAsync("Ben holds the ring.");
        await AssertSeenAsync(page);
        ana.AssertCalm();
    }

    [SkippableTheory]
    [InlineData(1280, 800)]
    [InlineData(390, 700)]
    public async Task From_a_new_account_to_a_finished_draft_two_people_need_no_mouse(int width, int height)
    {
        await using var ana = await Person.ArriveAsync(site.Address, width, height);
        await using var ben = await Person.ArriveAsync(site.Address, width, height);

        // Ana makes an account, a draft, and a link for somebody to join.
        var anas = await ana.OpenAsync("/");
        await PressAsync(anas, anas.Link("Make an account"));
        await SignUpAsync(anas, "Ana");
        await Expect(anas.Heading("Drafts")).ToBeVisibleAsync();
        await anas.ListensAsync();
        await PressAsync(anas, anas.Link("Start the first one"));
        await Expect(anas.GetByLabel("Title")).ToBeFocusedAsync();
        await AssertSeenAsync(anas);
        await anas.Keyboard.TypeAsync("The lamp");
        await PressAsync(anas, anas.Button("Create the draft"));
        await Expect(anas.Heading("The lamp")).ToBeFocusedAsync();
        await PressAsync(anas, anas.Button("With a link"));
        await PressAsync(anas, anas.Button("Make the link"));
        var made = anas.GetByLabel("Your invite link.");
        await Expect(made).ToBeFocusedAsync();
        await AssertSeenAsync(anas);
        var link = await made.InputValueAsync();
        await PressAsync(anas, anas.Button("Done"));
        await Expect(made).ToHaveCountAsync(0);
        await Expect(anas.Heading("Invite")).ToBeFocusedAsync();
        await AssertSeenAsync(anas);

        // Ben comes in by it.
        var bens = await ben.OpenStaticAsync(link);
        await PressAsync(bens, bens.Link("Make an account and join"));
        await SignUpAsync(bens, "Ben");
        await Expect(bens.GetByText("Welcome. Ana holds the ring.")).ToBeVisibleAsync();
        await bens.ListensAsync();

        // One writes, and the other goes on.
        await WriteAndPassAsync(anas, "The lamp stayed lit.", "Ben");
        await WriteAndPassAsync(bens, "Nobody had fed it.", "Ana");

        // Ana finishes the draft and takes it with her.
        await Expect(anas.Saying("You hold the ring.")).ToBeVisibleAsync();
        await PressAsync(anas, anas.Button("Complete"), "Shift+Tab");
        var question = anas.GetByRole(AriaRole.Dialog);
        await Expect(question).ToBeVisibleAsync();
        await PressAsync(anas, question.GetByRole(AriaRole.Button, new() { Name = "Complete" }));
        await Expect(question).ToHaveCountAsync(0);
        await Expect(anas.Saying("completed")).ToBeVisibleAsync();
        await Expect(anas.Locator(":focus")).ToContainTextAsync("completed");
        await AssertSeenAsync(anas);
        await PressAsync(anas, anas.Locator("summary", new() { HasText = "Export" }));
        await TabToAsync(anas, anas.Link("Plain text, with authors"));
        var file = await anas.RunAndWaitForDownloadAsync(() => anas.Keyboard.PressAsync("Enter"));
        var words = await File.ReadAllTextAsync((await file.PathAsync())!);
        Assert.Contains("The lamp stayed lit.", words, StringComparison.Ordinal);
        Assert.Contains("Nobody had fed it.", words, StringComparison.Ordinal);
        await Expect(anas.Locator("summary", new() { HasText = "Export" })).ToBeFocusedAsync();
        await AssertSeenAsync(anas);
        ana.AssertCalm();
        ben.AssertCalm();
    }

    [SkippableFact]
    public async Task A_choice_by_a_rule_can_be_looked_at_dropped_and_made_without_a_mouse()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var benId = await site.Services.APersonAsync("Ben");
        var draftId = await ADraftAsync(ana.Id, benId);
        var page = await ana.OpenAsync($"/drafts/{draftId}");

        await TabToAsync(page, page.Button("In turn"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Button("Cancel")).ToBeVisibleAsync();
        await Expect(page.Button("In turn")).ToBeFocusedAsync();
        await TabToAsync(page, page.Button("Cancel"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Button("Cancel")).ToHaveCountAsync(0);
        await Expect(page.Locator(":focus")).ToHaveTextAsync("Or let a rule choose:");
        await AssertSeenAsync(page);

        await TabToAsync(page, page.Button("In turn"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Button("Cancel")).ToBeVisibleAsync();
        await TabToAsync(page, page.Button("Pass to Ben").Last);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(":focus")).ToHaveTextAsync("Ben holds the ring.");
        await AssertSeenAsync(page);
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task The_choices_of_an_export_open_and_close_with_and_without_a_mouse()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var draftId = await ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        var (export, choice) = (page.Locator("summary", new() { HasText = "Export" }), page.Link("JSON"));

        await TabToAsync(page, export);
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, choice);
        await AssertSeenAsync(page);
        await page.Keyboard.PressAsync("Escape");
        await Expect(choice).ToBeHiddenAsync();
        await Expect(export).ToBeFocusedAsync();

        await export.ClickAsync();
        await Expect(choice).ToBeVisibleAsync();
        await page.Heading("The lamp").ClickAsync();
        await Expect(choice).ToBeHiddenAsync();

        await export.ClickAsync();
        var file = await page.RunAndWaitForDownloadAsync(() => choice.ClickAsync());
        Assert.EndsWith(".json", file.SuggestedFilename, StringComparison.Ordinal);
        await Expect(choice).ToBeHiddenAsync();
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task Whoever_is_asked_for_the_ring_finds_it_and_passes_it_without_a_mouse()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var benId = await site.Services.APersonAsync("Ben");
        var draftId = await ADraftAsync(ana.Id, benId);
        var page = await ana.OpenAsync("/");
        await Expect(page).ToHaveTitleAsync("(1) Drafts · OneRing");
        Given.Succeed(await site.Services.GetRequiredService<TurnService>().AskAsync(new AskForRing(benId, draftId, "I know how it ends.")));

        await TabToAsync(page, page.Link("Waiting (1 for you)"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Heading("Waiting for you (1)")).ToBeVisibleAsync();
        await Expect(page).ToHaveTitleAsync("(1) Waiting · OneRing");
        await TabToAsync(page, page.Button("Pass The lamp to Ben"));
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Saying("Ben holds the ring of “The lamp” now.")).ToBeVisibleAsync();
        await Expect(page.Heading("Waiting")).ToBeFocusedAsync();
        await AssertSeenAsync(page);
        await Expect(page.Link("Waiting")).ToBeVisibleAsync();
        await Expect(page).ToHaveTitleAsync("Waiting · OneRing");
        Assert.Equal(benId, (await site.Services.ReadAsync(draftId, ana.Id)).HolderId);
        ana.AssertCalm();
    }

    [SkippableFact]
    public async Task The_turns_of_a_draft_are_kept_and_asked_about_without_a_mouse()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var draftId = await ADraftAsync(ana.Id, ben.Id);
        var page = await ana.OpenAsync($"/drafts/{draftId}");

        await PressAsync(page, page.Button("Change"));
        await Expect(page.Heading("Turns")).ToBeFocusedAsync();
        await TabToAsync(page, page.GetByLabel("A turn has a limit"));
        await page.Keyboard.PressAsync("Space");
        await TabToAsync(page, page.GetByLabel("A turn lasts"));
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.TypeAsync("2");
        await TabToAsync(page, page.GetByLabel("Sunday"));
        await page.Keyboard.PressAsync("Space");
        await TabToAsync(page, page.GetByRole(AriaRole.Combobox, new() { Name = "Who is next" }));
        await ChooseNextAsync(page, "In turn");
        await PressAsync(page, page.Button("Keep it"));
        await Expect(page.Heading("Turns")).ToBeFocusedAsync();
        await Expect(page.Saying("A turn lasts 2 days. Sundays do not count. Then the ring goes on by the rule “In turn”.")).ToBeVisibleAsync();

        await TabToAsync(page, page.Button("Move Ben up"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Saying("Ben is number 1 now.")).ToBeAttachedAsync();
        await Expect(page.Button("Move Ben up")).ToBeFocusedAsync();

        await TabToAsync(page, page.Button("Ask for more time"), "Shift+Tab");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("You have asked for half as much time again.")).ToBeVisibleAsync();
        await AssertSeenAsync(page);

        var bens = await ben.OpenAsync($"/drafts/{draftId}");
        await PressAsync(bens, bens.Button("I would rather go on"));
        await Expect(bens.Button("I would rather go on")).ToHaveCountAsync(0);
        await AssertSeenAsync(bens);
        await PressAsync(bens, bens.Button("Ask for the ring"));
        await Expect(bens.GetByLabel("A word to Ana")).ToBeFocusedAsync();
        await bens.Keyboard.TypeAsync("I know how it ends.");
        await bens.Keyboard.PressAsync("Enter");
        await Expect(bens.Heading("While you wait")).ToBeFocusedAsync();
        await PressAsync(bens, bens.Button("I will be away"));
        await Expect(bens.GetByLabel("Away until the end of")).ToBeFocusedAsync();
        await PressAsync(bens, bens.Button("Cancel"));
        await Expect(bens.Button("I will be away")).ToBeVisibleAsync();
        await AssertSeenAsync(bens);
        ana.AssertCalm();
        ben.AssertCalm();
    }

    private async Task SignUpAsync(IPage page, string name)
    {
        await TabToAsync(page, page.GetByLabel("Handle"));
        await page.Keyboard.TypeAsync($"{name}_{Guid.NewGuid():N}"[..20]);
        await TabToAsync(page, page.GetByLabel("Name", new() { Exact = true }));
        await page.Keyboard.TypeAsync(name);
        await TabToAsync(page, page.GetByLabel("Password"));
        await page.Keyboard.TypeAsync(Person.Password);
        await PressAsync(page, page.Button("Make my account"));
    }

    /// <summary>Writes on from wherever the keyboard is, and hands the ring to somebody.</summary>
    private async Task WriteAndPassAsync(IPage page, string text, string to)
    {
        await Expect(page.Box()).ToBeVisibleAsync();
        await TabToAsync(page, page.Box());
        await page.Keyboard.TypeAsync(text);
        await PressAsync(page, page.Button("Add to the text"));
        await Expect(page.Segments().Last).ToHaveTextAsync(text);
        await Expect(page.Box()).ToHaveValueAsync("");
        await AssertSeenAsync(page);
        await PressAsync(page, page.Button($"Pass to {to}"));
        await Expect(page.Locator(":focus")).ToHaveTextAsync($"{to} holds the ring.");
        await AssertSeenAsync(page);
    }

    private async Task PressAsync(IPage page, ILocator button, string key = "Tab")
    {
        await TabToAsync(page, button, key);
        await page.Keyboard.PressAsync("Enter");
    }

    /// <summary>Chooses the next option of a list.</summary>
    private static async Task ChooseNextAsync(IPage page, string option)
    {
        await page.Keyboard.PressAsync("Enter");
        var chosen = page.GetByRole(AriaRole.Option, new() { Name = option });
        await Expect(chosen).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Enter");
        await Expect(chosen).ToBeHiddenAsync();
    }

    private async Task TabToAsync(IPage page, ILocator target, string key = "Tab")
    {
        await Expect(target).ToBeAttachedAsync();
        for (var i = 1; i <= 60; i++)
        {
            await page.Keyboard.PressAsync(key);
            var isThere = await target.EvaluateAsync<bool>("element => element === document.activeElement");
            // On its way the keyboard may leave the page for the browser's own buttons.
            if (isThere || await page.EvaluateAsync<bool>("() => document.activeElement !== document.body"))
            {
                await AssertSeenAsync(page);
            }
            if (isThere)
            {
                output.WriteLine($"{target}: {key} × {i}");
                return;
            }
        }
        Assert.Fail($"{key} does not lead to {target}.");
    }

    /// <summary>What others do may move the page; within a moment, the place of the keyboard is in sight again.</summary>
    private static async Task AssertSeenAsync(IPage page)
    {
        var why = await page.EvaluateAsync<string>(WhyHidden);
        for (var i = 0; i < 20 && why.Length > 0; i++)
        {
            await page.WaitForTimeoutAsync(100);
            why = await page.EvaluateAsync<string>(WhyHidden);
        }
        Assert.True(why.Length == 0, why);
    }

    /// <summary>A draft whose ring she holds, long enough for a way to its end.</summary>
    private async Task<Guid> ADraftAsync(string anaId, string benId)
    {
        var draftId = Given.Succeed(await site.Services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(anaId, "The lamp")));
        await site.Services.AddAsync(draftId, anaId, benId, Role.Writer);
        foreach (var text in (string[])["One.", "Two.", "Three.", "Four.", "Five."])
        {
            await site.Services.AppendAsync(draftId, anaId, text);
        }
        return draftId;
    }
}
