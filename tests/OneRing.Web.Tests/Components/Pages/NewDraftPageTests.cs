using AngleSharp.Dom;
using Bunit;
using OneRing.Data;
using OneRing.Data.Drafts;
using OneRing.Web.Components.Pages;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class NewDraftPageTests : OneRingContext
{
    private const string Create = "Create the draft";

    [Fact]
    public async Task A_new_draft_opens_and_its_creator_holds_the_ring()
    {
        var (ana, page) = await OpenAsync();

        await page.FindField("Title").InputAsync("  The lamp ");
        await SubmitAsync(page);

        var draft = Assert.Single(await DraftsOfAsync(ana));
        Assert.Equal(("The lamp", Platform.Story, ana), (draft.Title, draft.Platform, draft.HolderId));
        Assert.Equal($"/drafts/{draft.Id}", CurrentPath);
    }

    [Fact]
    public async Task Where_it_will_appear_can_be_chosen_and_says_how_long_a_segment_may_be()
    {
        var (ana, page) = await OpenAsync();
        Assert.Contains("A segment has at most 20,000 characters.", page.Text(), StringComparison.Ordinal);

        await ChooseAsync(page, "Where it will appear", "TikTok");
        Assert.Contains("A segment has at most 500 characters.", page.Text(), StringComparison.Ordinal);

        await page.FindField("Title").InputAsync("The lamp");
        await SubmitAsync(page);
        Assert.Equal(Platform.Tiktok, Assert.Single(await DraftsOfAsync(ana)).Platform);
    }

    [Fact]
    public async Task A_draft_without_a_title_cannot_be_created()
    {
        var (ana, page) = await OpenAsync();
        Assert.True(page.FindButton(Create).HasAttribute("disabled"));

        await page.FindField("Title").InputAsync("   ");
        Assert.True(page.FindButton(Create).HasAttribute("disabled"));
        await SubmitAsync(page);

        Assert.Equal([RefusalText.For(Refusal.TitleInvalid)], page.Announcements());
        Assert.Empty(await DraftsOfAsync(ana));
    }

    [Fact]
    public async Task A_title_that_is_too_long_is_refused_and_stays_to_be_shortened()
    {
        var (ana, page) = await OpenAsync();
        var title = new string('é', Texts.LongestTitle + 1);

        await page.FindField("Title").InputAsync(title);
        await SubmitAsync(page);

        Assert.Equal([RefusalText.For(Refusal.TitleInvalid)], page.Announcements());
        Assert.Equal(title, page.FindField("Title").GetAttribute("value"));
        Assert.Empty(await DraftsOfAsync(ana));

        await page.FindField("Title").InputAsync(title[1..]);
        await SubmitAsync(page);
        Assert.Equal(title[1..], Assert.Single(await DraftsOfAsync(ana)).Title);
    }

    [Fact]
    public async Task After_a_fault_trying_again_creates_one_draft()
    {
        var (ana, page) = await OpenAsync();
        await page.FindField("Title").InputAsync("The lamp");

        Outage.LosesTheNextAnswer = true;
        await SubmitAsync(page);
        Assert.StartsWith("The server could not save this.", Assert.Single(page.Announcements()), StringComparison.Ordinal);
        Assert.Equal("/drafts/new", CurrentPath);

        await SubmitAsync(page);

        var draft = Assert.Single(await DraftsOfAsync(ana));
        Assert.Equal($"/drafts/{draft.Id}", CurrentPath);
    }

    [Fact]
    public async Task An_outage_leaves_the_title_in_its_place()
    {
        var (ana, page) = await OpenAsync();
        await page.FindField("Title").InputAsync("The lamp");

        Outage.IsAway = true;
        await SubmitAsync(page);

        Outage.IsAway = false;
        Assert.Equal("The lamp", page.FindField("Title").GetAttribute("value"));
        Assert.Empty(await DraftsOfAsync(ana));
    }

    private async Task<(string Ana, IRenderedComponent<NewDraftPage> Page)> OpenAsync()
    {
        var ana = await Services.APersonAsync("Ana");
        SignIn(ana);
        Navigate("/drafts/new");
        return (ana, Render<NewDraftPage>());
    }

    private static Task SubmitAsync(IRenderedComponent<NewDraftPage> page) => page.FindByRole("form", "New draft").SubmitAsync();

    private async Task<IReadOnlyList<DraftSummary>> DraftsOfAsync(string userId) =>
        Given.Succeed(await Get<DraftService>().ListAsync(userId)).Items;
}
