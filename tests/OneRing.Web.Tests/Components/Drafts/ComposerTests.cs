using Bunit;
using OneRing.Data;
using OneRing.Data.Drafts;
using OneRing.Data.Writing;
using OneRing.Web.Components.Drafts;

namespace OneRing.Web.Tests.Components.Drafts;

public sealed class ComposerTests : OneRingContext
{
    private const string Add = "Add to the text";

    private int parkedChanges;

    [Fact]
    public async Task What_the_holder_writes_becomes_part_of_the_text_and_leaves_the_box()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var composer = await RenderAsync(draft, draft.Ana);

        await Script.TypeAsync("  The lamp\nstayed lit. 👩‍🚀 ");
        await ClickAsync(composer.FindButton(Add));

        var segment = Assert.Single((await ReadAsync(draft)).Segments);
        Assert.Equal("  The lamp\nstayed lit. 👩‍🚀 ", segment.Content);
        Assert.Equal(draft.Ana, segment.AuthorId);
        Assert.Empty(Script.Text);
        Assert.Empty(composer.Announcements());
    }

    [Fact]
    public async Task An_empty_box_is_answered_with_words()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var composer = await RenderAsync(draft, draft.Ana);

        await ClickAsync(composer.FindButton(Add));

        Assert.Equal([RefusalText.For(Refusal.TextBlank)], composer.Announcements());
    }

    [Fact]
    public async Task A_text_that_comes_too_late_is_parked_and_the_reason_is_said()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var composer = await RenderAsync(draft, draft.Ana);
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        await Script.TypeAsync("Written on a page that knows nothing of the pass.");
        await ClickAsync(composer.FindButton(Add));

        Assert.Equal([RefusalText.For(Refusal.StaleTurn)], composer.Announcements());
        Assert.Empty(Script.Text);
        Assert.Equal(1, parkedChanges);
        Assert.Equal("Written on a page that knows nothing of the pass.", Assert.Single(await Get<WorkingTextService>().ListParkedAsync(draft.Ana)).Beginning);
        Assert.Empty((await ReadAsync(draft)).Segments);
    }

    [Fact]
    public async Task A_parked_text_goes_back_into_the_box_and_is_parked_no_more()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Given.Succeed(await new TypedText(Services, draft.Id, draft.Ana).SaveAsync("From an earlier turn.", park: true));
        var parked = Assert.Single(await Get<WorkingTextService>().ListParkedAsync(draft.Ana));
        Script.Parked[ParkedTexts.AddressOf(parked)] = "From an earlier turn.";
        var composer = await RenderAsync(draft, draft.Ana);

        await composer.InvokeAsync(() => composer.Instance.PutBackAsync(parked));

        Assert.Equal("From an earlier turn.", Script.Text);
        Assert.Empty(await Get<WorkingTextService>().ListParkedAsync(draft.Ana));
        Assert.Equal(1, parkedChanges);
    }

    [Fact]
    public async Task A_parked_text_stays_parked_until_it_is_safe_in_the_box()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Given.Succeed(await new TypedText(Services, draft.Id, draft.Ana).SaveAsync("From an earlier turn.", park: true));
        var parked = Assert.Single(await Get<WorkingTextService>().ListParkedAsync(draft.Ana));
        Script.Parked[ParkedTexts.AddressOf(parked)] = "From an earlier turn.";
        Script.IsOffline = true;
        var composer = await RenderAsync(draft, draft.Ana);

        await composer.InvokeAsync(() => composer.Instance.PutBackAsync(parked));

        Assert.Single(await Get<WorkingTextService>().ListParkedAsync(draft.Ana));
        Assert.Single(composer.Announcements());
    }

    [Fact]
    public async Task A_double_click_adds_once()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var composer = await RenderAsync(draft, draft.Ana);
        await Script.TypeAsync("Once.");
        var button = composer.FindButton("Add to the text");

        // Both clicks leave the browser before it hears that the button is busy.
        Outage.Wait();
        var both = composer.InvokeAsync(() => Task.WhenAll(ClickAsync(button), ClickAsync(button)));
        Outage.GoOn();
        await both;

        Assert.Equal("Once.", Assert.Single((await ReadAsync(draft)).Segments).Content);
        Assert.Empty(composer.Announcements());
    }

    [Fact]
    public async Task The_button_is_busy_while_the_text_is_being_added()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var composer = await RenderAsync(draft, draft.Ana);
        await Script.TypeAsync("Slowly.");

        Outage.Wait();
        var adding = ClickAsync(composer.FindButton(Add));

        composer.WaitForAssertion(() => Assert.Equal("true", composer.FindButton("Adding…").GetAttribute("aria-disabled")));
        // It keeps the keyboard meanwhile, and does nothing more.
        Assert.False(composer.FindButton("Adding…").HasAttribute("disabled"));
        await ClickAsync(composer.FindButton("Adding…"));
        Outage.GoOn();
        await adding;
        Assert.Equal("false", composer.FindButton(Add).GetAttribute("aria-disabled"));
    }

    [Fact]
    public async Task What_is_typed_while_the_text_is_being_added_stays()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var composer = await RenderAsync(draft, draft.Ana);
        await Script.TypeAsync("First.");

        Outage.Wait();
        var adding = ClickAsync(composer.FindButton(Add));
        await Script.TypeAsync("First. Second.");
        Outage.GoOn();
        await adding;

        Assert.Equal("First.", Assert.Single((await ReadAsync(draft)).Segments).Content);
        Assert.Equal(" Second.", Script.Text);
    }

    [Fact]
    public async Task A_fault_keeps_the_text_and_the_next_try_adds_it()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var composer = await RenderAsync(draft, draft.Ana);
        await Script.TypeAsync("Through the storm.");

        Outage.IsAway = true;
        await ClickAsync(composer.FindButton(Add));

        Assert.Equal("Through the storm.", Script.Text);
        Assert.StartsWith("The server could not save this.", Assert.Single(composer.Announcements()), StringComparison.Ordinal);

        Outage.IsAway = false;
        await ClickAsync(composer.FindButton(Add));

        Assert.Equal("Through the storm.", Assert.Single((await ReadAsync(draft)).Segments).Content);
        Assert.Empty(Script.Text);
        Assert.Empty(composer.Announcements());
    }

    [Fact]
    public async Task A_text_whose_answer_was_lost_is_not_added_twice()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var composer = await RenderAsync(draft, draft.Ana);
        await Script.TypeAsync("Said once.");

        Outage.LosesTheNextAnswer = true;
        await ClickAsync(composer.FindButton(Add));
        Assert.Equal("Said once.", Script.Text);

        await ClickAsync(composer.FindButton(Add));

        Assert.Equal("Said once.", Assert.Single((await ReadAsync(draft)).Segments).Content);
        Assert.Empty(Script.Text);
    }

    [Fact]
    public async Task The_same_words_may_be_added_again_on_purpose()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var composer = await RenderAsync(draft, draft.Ana);

        foreach (var _ in Enumerable.Range(0, 2))
        {
            await Script.TypeAsync("And again.");
            await ClickAsync(composer.FindButton(Add));
        }

        Assert.Equal(2, (await ReadAsync(draft)).Segments.Count);
    }

    [Fact]
    public async Task A_text_over_the_limit_is_refused_and_one_at_the_limit_is_added()
    {
        var draft = await Services.ADraftHeldByAnaAsync(Platform.X);
        var composer = await RenderAsync(draft, draft.Ana);
        var longest = string.Concat(Enumerable.Repeat("🌊", Texts.LongestSocialSegment));

        await Script.TypeAsync(longest + "!");
        await ClickAsync(composer.FindButton(Add));
        Assert.Equal(longest + "!", Script.Text);
        Assert.Equal([RefusalText.For(Refusal.TextTooLong)], composer.Announcements());

        await Script.TypeAsync(longest);
        await ClickAsync(composer.FindButton(Add));
        Assert.Equal(longest, Assert.Single((await ReadAsync(draft)).Segments).Content);
    }

    [Fact]
    public async Task A_text_far_beyond_any_limit_is_refused_without_being_read()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var composer = await RenderAsync(draft, draft.Ana);
        var novel = new string('a', 5 * 1024 * 1024);

        await Script.TypeAsync(novel);
        await ClickAsync(composer.FindButton(Add));

        Assert.Equal([RefusalText.For(Refusal.TextTooLong)], composer.Announcements());
        Assert.Equal(novel.Length, Script.Text.Length);
    }

    [Fact]
    public async Task Nobody_but_the_holder_is_offered_to_write()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        var composer = await RenderAsync(draft, draft.Ben);

        Assert.Empty(composer.FindAllByRole("region"));
        Assert.False(composer.HasButton(Add));
    }

    [Fact]
    public async Task When_the_ring_moves_on_the_box_is_left_for_the_parked_texts()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var composer = await RenderAsync(draft, draft.Ana);
        await Script.TypeAsync("Not yet finis");

        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await ShowAsync(composer, draft);

        composer.WaitForAssertion(() => Assert.Empty(Script.Text));
        Assert.Empty(composer.FindAllByRole("region"));
        composer.WaitForAssertion(() => Assert.Equal(1, parkedChanges));
    }

    [Theory]
    [InlineData("passed", "The ring has moved on to Ben.")]
    [InlineData("locked", "Writing is paused.")]
    [InlineData("completed", "This draft is finished.")]
    [InlineData("archived", "This draft is archived.")]
    public async Task Words_that_cannot_reach_the_server_stay_in_sight_whatever_happens(string what, string why)
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var composer = await RenderAsync(draft, draft.Ana);
        await Script.TypeAsync("Not yet finis");
        Script.IsOffline = true;

        var drafts = Get<DraftService>();
        switch (what)
        {
            case "passed":
                await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
                break;
            case "locked":
                Given.Succeed(await drafts.LockAsync(new LockDraft(draft.Ana, draft.Id)));
                break;
            case "completed":
                Given.Succeed(await drafts.CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)));
                break;
            default:
                Given.Succeed(await drafts.ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id)));
                break;
        }
        await ShowAsync(composer, draft);

        Assert.Single(composer.FindAllByRole("region", "Your words, kept"));
        Assert.Contains(composer.Announcements(), said => said.StartsWith(why, StringComparison.Ordinal));
        Assert.Equal("Not yet finis", Script.Text);
        Assert.True(composer.FindButton(Add).HasAttribute("disabled"));
    }

    private async Task ShowAsync(IRenderedComponent<Composer> composer, ADraft draft)
    {
        var after = await ReadAsync(draft);
        composer.Render(p => p.Add(x => x.Draft, after).Add(x => x.UserId, draft.Ana).Add(x => x.ParkedChanged, () => parkedChanges++));
    }

    private async Task<IRenderedComponent<Composer>> RenderAsync(ADraft draft, string userId)
    {
        var view = await Services.ReadAsync(draft.Id, userId);
        return Render<Composer>(p => p.Add(x => x.Draft, view).Add(x => x.UserId, userId).Add(x => x.ParkedChanged, () => parkedChanges++));
    }
}
