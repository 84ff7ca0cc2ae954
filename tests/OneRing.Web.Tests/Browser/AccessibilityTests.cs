using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

/// <summary>Nothing is in anybody’s way on the pages where people write and read, whatever they have opened there; EveryPageTests looks at each page as it opens.</summary>
[Trait("Category", "Browser")]
public sealed class AccessibilityTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    private const string Parked = "Nobody had fed it, though every";

    /// <summary>Everything that Markdown may become on our pages.</summary>
    private const string Words = """
        # Oil

        The *lamp* stayed **lit**, says [the keeper](https://example.org/lamp): `oil`.

        > Nobody had fed it.

        1. wick
        2. oil
            - lamp oil

        ```
        pour(oil)
        ```

        ---

        ## Later

        It went out.
        """;

    /// <summary>As composer.js shows them, and so long that they have to be scrolled.</summary>
    private const string ShowTwoVersions = """
        () => {
            const part = name => document.querySelector(`[data-composer="${name}"]`);
            part("offer-words").textContent = "There is another version of this text, typed in another tab (1 May 2026, 10:00, 120 words):";
            part("offer-text").textContent = "The lamp stayed lit.\n".repeat(30);
            part("offer").hidden = false;
        }
        """;

    /// <summary>Notes what is on its way from one colour or place to another, from now on.</summary>
    private const string WatchTransitions = """
        () => {
            window.transitions = new Set();
            addEventListener("transitionrun", event => transitions.add(`${event.propertyName} of ${event.target.localName}`), true);
        }
        """;

    [SkippableFact]
    public async Task Nothing_on_the_pages_of_writers_and_readers_is_in_anybodys_way()
    {
        await using var ana = await SignedInAsync("Ana");
        await using var ben = await SignedInAsync("Ben");
        await using var cleo = await SignedInAsync("Cleo");
        var draftId = await ADraftAsync(ana, ben, cleo);
        var open = await OpenAsync(ana, $"/drafts/{draftId}", "You hold the ring.");
        await open.GetByText("History of the ring").First.ClickAsync();
        await open.Button("In turn").ClickAsync();
        await Expect(open.Button("Cancel")).ToBeVisibleAsync();
        (string What, IPage Page)[] pages =
        [
            ("the draft, as its holder", await OpenAsync(ana, $"/drafts/{draftId}", "You hold the ring.")),
            ("the draft, with everything open", open),
            ("the draft, as a writer who waits", await OpenAsync(ben, $"/drafts/{draftId}", "Ana holds the ring.")),
            ("the draft, as a reader", await OpenAsync(cleo, $"/drafts/{draftId}", "Ana holds the ring.")),
            ("the list of drafts", await OpenAsync(ana, "/", "Your turn")),
        ];

        var faults = new List<string>();
        foreach (var (what, page) in pages)
        {
            faults.AddRange(await Examiner.ExamineAsync(page, what));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [SkippableFact]
    public async Task Nothing_is_in_the_way_of_those_who_read_how_a_draft_goes()
    {
        await using var ana = await SignedInAsync("Ana");
        await using var cleo = await SignedInAsync("Cleo");
        var draftId = await ADraftAsync(ana, cleo: cleo);
        var open = await OpenAsync(ana, $"/drafts/{draftId}/insights", "How it goes");
        await open.GetByText("Table of activity by day").ClickAsync();
        await Expect(open.GetByRole(AriaRole.Table, new() { Name = "Activity by day" })).ToBeVisibleAsync();
        var emptyId = Given.Succeed(await site.Services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(ana.Id, "The empty page")));
        (string What, IPage Page)[] pages =
        [
            ("the insights, as the holder, with a table open", open),
            ("the insights, as a reader", await OpenAsync(cleo, $"/drafts/{draftId}/insights", "Ana holds the ring and can pass it on.")),
            ("the insights of an empty draft", await OpenAsync(ana, $"/drafts/{emptyId}/insights", "Nobody has written yet.")),
        ];

        var faults = new List<string>();
        foreach (var (what, page) in pages)
        {
            faults.AddRange(await Examiner.ExamineAsync(page, what));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [SkippableTheory]
    [InlineData(320)]
    [InlineData(390)]
    public async Task The_choices_of_an_export_fit_into_a_small_window(int width)
    {
        await using var ana = await SignedInAsync("Ana");
        var page = await OpenAsync(ana, $"/drafts/{await ADraftAsync(ana)}/insights", "How it goes");
        await page.SetViewportSizeAsync(width, 900);

        await page.Locator(".menu > summary").ClickAsync();

        foreach (var choice in await page.Locator(".menu-choice").AllAsync())
        {
            await Expect(choice).ToBeInViewportAsync(new() { Ratio = 1 });
        }
    }

    [SkippableFact]
    public async Task Nothing_is_in_the_way_of_somebody_in_the_middle_of_writing()
    {
        await using var ana = await SignedInAsync("Ana");
        await using var ben = await SignedInAsync("Ben");
        var draftId = await ADraftAsync(ana, ben);
        await ParkATextAsync(draftId, ana, ben);

        var faults = new List<string>();
        var page = await OpenAsync(ana, $"/drafts/{draftId}", "Your parked texts");
        await page.Box().FillAsync(Words);
        await page.GetByLabel("Goal", new() { Exact = true }).FillAsync("100");
        await Expect(page.Saying("Saved")).ToBeVisibleAsync();
        faults.AddRange(await Examiner.ExamineAsync(page, "the box with words and a goal, and a parked text"));
        await page.EvaluateAsync(ShowTwoVersions);
        await Expect(page.Button("Take the other version")).ToBeVisibleAsync();
        faults.AddRange(await Examiner.ExamineAsync(page, "two versions of the words"));
        await page.Button("Preview").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Preview" }).GetByRole(AriaRole.Heading, new() { Name = "Oil" })).ToBeVisibleAsync();
        faults.AddRange(await Examiner.ExamineAsync(page, "the words as Markdown"));
        await page.Button("Preview").ClickAsync();
        await page.Button("Focus").ClickAsync();
        await Expect(page.Saying("You hold the ring.")).ToBeHiddenAsync();
        faults.AddRange(await Examiner.ExamineAsync(page, "nothing but the text and the box"));
        faults.AddRange(await Examiner.ExamineAsync(await OpenAsync(ana, "/parked", Parked), "the parked texts"));

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [SkippableFact]
    public async Task Nothing_is_in_the_way_of_an_admin_who_looks_at_the_figures()
    {
        await using var ada = await SignedInAsync("Ada", isAdmin: true);
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        await ADraftAsync(ana);
        var page = await OpenAsync(ada, "/admin/analytics?live=off&from=2026-01-01&to=9998-12-31", "Keys");
        await page.EvaluateAsync("() => document.querySelectorAll('details').forEach(part => { part.open = true; })");

        var faults = await Examiner.ExamineAsync(page, "the figures, with every table open");

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [SkippableFact]
    public async Task Nothing_is_in_the_way_of_somebody_who_looks_at_their_own_figures()
    {
        await using var ana = await SignedInAsync("Ana");
        await using var dan = await SignedInAsync("Dan");
        await ADraftAsync(ana);
        var page = await OpenAsync(ana, "/insights?days=90", "You added 5 segments in the last 90 days, on 1 of these days.");
        await page.GetByText("Table of words by week").ClickAsync();
        await page.GetByText("Days begin in UTC").ClickAsync();

        var faults = new List<string>();
        faults.AddRange(await Examiner.ExamineAsync(page, "the insights, with everything open"));
        faults.AddRange(await Examiner.ExamineAsync(await OpenAsync(dan, "/insights", "There is nothing to count yet. Your first segment will be the first thing on this page."), "the insights of a new person"));

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [SkippableFact]
    public async Task Nothing_is_in_the_way_of_somebody_who_looks_what_waits()
    {
        await using var ana = await SignedInAsync("Ana");
        await using var ben = await SignedInAsync("Ben");
        await using var dan = await SignedInAsync("Dan");
        var draftId = await ADraftAsync(ana, ben);
        Given.Succeed(await site.Services.GetRequiredService<TurnService>().AskAsync(new AskForRing(ben.Id, draftId, "I know how it ends.")));

        var faults = new List<string>();
        faults.AddRange(await Examiner.ExamineAsync(await OpenAsync(ana, "/waiting", "Ben asks for it"), "what waits for a holder who is asked"));
        faults.AddRange(await Examiner.ExamineAsync(await OpenAsync(ben, "/waiting", "You wait for others (1)"), "what waits for nobody but others"));
        faults.AddRange(await Examiner.ExamineAsync(await OpenAsync(dan, "/waiting", "Nothing waits for you, and you wait for nobody. Whoever wants you in a draft needs your handle, or sends you a link."), "nothing that waits"));

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [SkippableFact]
    public async Task Nothing_is_in_the_way_of_those_who_keep_turns()
    {
        await using var ana = await SignedInAsync("Ana");
        await using var ben = await SignedInAsync("Ben");
        var draftId = await ADraftAsync(ana, ben);
        Given.Succeed(await site.Services.GetRequiredService<TurnService>().SetRulesAsync(
            new SetTurnRules(ana.Id, draftId, new TurnRules(LimitHours: 24, Strategy: Strategy.RoundRobin, RestDays: RestDays.Weekend))));
        var rules = await OpenAsync(ana, $"/drafts/{draftId}", "You hold the ring.");
        await rules.Button("Change").ClickAsync();
        await rules.Button("I will be away").ClickAsync();
        await Expect(rules.GetByLabel("Away until the end of")).ToBeVisibleAsync();
        var asking = await OpenAsync(ben, $"/drafts/{draftId}", "Ana holds the ring.");
        await asking.Button("Ask for the ring").ClickAsync();
        await Expect(asking.GetByLabel("A word to Ana")).ToBeVisibleAsync();

        var faults = new List<string>();
        faults.AddRange(await Examiner.ExamineAsync(await OpenAsync(ana, $"/drafts/{draftId}", "The order of turns. Drag a name, or move it with its buttons."), "a draft with turns and their order"));
        faults.AddRange(await Examiner.ExamineAsync(rules, "the rules of turns, and an absence"));
        faults.AddRange(await Examiner.ExamineAsync(asking, "somebody who asks for the ring"));
        faults.AddRange(await Examiner.ExamineAsync(await ana.OpenStaticAsync("/account/notices"), "the choice of notices"));

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [SkippableFact]
    public async Task A_name_that_is_missing_and_words_too_faint_to_read_are_found()
    {
        await using var ana = await SignedInAsync("Ana");
        var page = await OpenAsync(ana, $"/drafts/{await ADraftAsync(ana)}", "You hold the ring.");
        await page.Button("Add to the text").EvaluateAsync("button => button.replaceChildren()");
        await page.Saying("You hold the ring.").EvaluateAsync("line => line.style.color = '#d8c9a8'");

        var found = await Examiner.ExamineAsync(page, "planted");

        Assert.Equal(["button-name", "color-contrast"], found.Select(fault => fault.Split(": ")[1]).Distinct().Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public async Task For_those_who_want_no_movement_every_colour_changes_in_one_frame()
    {
        await using var ana = await SignedInAsync("Ana");
        var page = await OpenAsync(ana, $"/drafts/{await ADraftAsync(ana)}", "You hold the ring.");
        await Examiner.ShowAsync(page, ColorScheme.Light);
        await page.EvaluateAsync(WatchTransitions);

        await Examiner.ShowAsync(page, ColorScheme.Dark);

        Assert.Empty(await page.EvaluateAsync<string[]>("() => [...transitions]"));
    }

    private async Task<Person> SignedInAsync(string name, bool isAdmin = false)
    {
        var person = await Person.SignedInAsync(site.Address, site.Services, name, isAdmin: isAdmin);
        await person.PrepareAsync(Examiner.Axe);
        return person;
    }

    private static async Task<IPage> OpenAsync(Person person, string path, string saying)
    {
        var page = await person.OpenAsync(path);
        await Expect(page.Saying(saying).First).ToBeVisibleAsync();
        return page;
    }

    /// <summary>A draft whose ring she holds for the third time, long enough for a way to its end.</summary>
    private async Task<Guid> ADraftAsync(Person ana, Person? ben = null, Person? cleo = null)
    {
        var draftId = Given.Succeed(await site.Services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(ana.Id, "The lamp")));
        var benId = ben?.Id ?? await site.Services.APersonAsync("Ben");
        await site.Services.AddAsync(draftId, ana.Id, benId, Role.Writer);
        if (cleo is not null)
        {
            await site.Services.AddAsync(draftId, ana.Id, cleo.Id, Role.Reader);
        }
        foreach (var text in (string[])["The lamp stayed lit.", "Nobody had fed it oil.", "שלום", "  “Who, then?”", "<b>She</b> knew."])
        {
            await site.Services.AppendAsync(draftId, ana.Id, text);
        }
        await site.Services.PassAsync(draftId, ana.Id, benId);
        Given.Succeed(await site.Services.GetRequiredService<RingService>().PassAsync(new PassRing(benId, draftId, ana.Id, Given.NewKey(), Note: "Mind the lamp.")));
        return draftId;
    }

    /// <summary>She holds the ring again, and something she wrote meanwhile could not be added.</summary>
    private async Task ParkATextAsync(Guid draftId, Person ana, Person ben)
    {
        await site.Services.PassAsync(draftId, ana.Id, ben.Id);
        Given.Succeed(await new TypedText(site.Services, draftId, ana.Id).SaveAsync(Parked));
        await site.Services.PassAsync(draftId, ben.Id, ana.Id);
    }
}
