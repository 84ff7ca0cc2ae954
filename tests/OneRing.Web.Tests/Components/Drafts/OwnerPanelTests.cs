using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Drafts;
using OneRing.Web.Components.Drafts;

namespace OneRing.Web.Tests.Components.Drafts;

public sealed class OwnerPanelTests : OneRingContext
{
    [Fact]
    public async Task The_owner_archives_a_draft_and_fetches_it_back()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        await ClickAsync((await RenderAsync(draft)).FindButton("Archive"));
        Assert.NotNull((await Services.ReadAsync(draft.Id, draft.Ana)).ArchivedAt);

        await ClickAsync((await RenderAsync(draft)).FindButton("Fetch back from the archive"));
        Assert.Null((await Services.ReadAsync(draft.Id, draft.Ana)).ArchivedAt);
    }

    [Fact]
    public async Task The_owner_deletes_a_draft_after_typing_its_title()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "The lamp");
        var panel = await RenderAsync(draft);

        await ClickAsync(panel.FindButton("Delete"));
        Assert.True(panel.FindButton("Delete for good").HasAttribute("disabled"));
        await panel.FindField("Its title").InputAsync("the lamp");
        Assert.True(panel.FindButton("Delete for good").HasAttribute("disabled"));
        await panel.FindField("Its title").InputAsync("The lamp");
        Assert.False(panel.FindButton("Delete for good").HasAttribute("disabled"));
        await panel.FindByRole("form", "Delete this draft").SubmitAsync();

        Assert.Null(await Get<DraftService>().FindAsync(draft.Id, draft.Ana));
        Assert.EndsWith("/", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_draft_is_kept_when_its_owner_thinks_better_of_it()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft);

        await ClickAsync(panel.FindButton("Delete"));
        await ClickAsync(panel.FindButton("Keep it"));

        Assert.True(panel.HasButton("Archive"));
        Assert.NotNull(await Get<DraftService>().FindAsync(draft.Id, draft.Ana));
    }

    private async Task<IRenderedComponent<OwnerPanel>> RenderAsync(ADraft draft)
    {
        var view = await Services.ReadAsync(draft.Id, draft.Ana);
        return Render<OwnerPanel>(p => p.Add(x => x.Draft, view).Add(x => x.UserId, draft.Ana));
    }
}
