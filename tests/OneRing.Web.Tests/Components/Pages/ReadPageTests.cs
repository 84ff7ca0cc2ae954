using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Analytics;
using OneRing.Data.Sharing;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class ReadPageTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    private SharingService Sharing => site.Services.GetRequiredService<SharingService>();

    [Fact]
    public async Task Whoever_has_the_link_reads_the_text_and_nothing_else()
    {
        var (draft, token) = await APublicDraftAsync();

        var page = await site.Visit().OpenAsync($"/read/{token}");

        Assert.Equal((HttpStatusCode.OK, "The lamp"), (page.Status, page.Heading));
        Assert.Contains("by Ana", page.Text, StringComparison.Ordinal);
        Assert.Equal(["It burned.\n  All <b>night</b>."], page.Document.QuerySelectorAll("p.segment-text").Select(p => p.TextContent));
        Assert.DoesNotContain(draft.Ana, page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Blazor:{\"type\":\"server\"", page.Html, StringComparison.Ordinal);
        Assert.Equal("noindex", page.Document.QuerySelector("meta[name=robots]")!.GetAttribute("content"));
        Assert.Equal("noindex", page.Headers["X-Robots-Tag"]);
        Assert.Contains("no-store", page.Headers["Cache-Control"], StringComparison.Ordinal);
        Assert.Equal("The lamp", page.Document.QuerySelector("meta[property='og:title']")!.GetAttribute("content"));
        Assert.Equal("It burned. All <b>night</b>.", page.Document.QuerySelector("meta[property='og:description']")!.GetAttribute("content"));
    }

    [Fact]
    public async Task A_link_that_was_taken_away_is_not_found_and_says_so_calmly()
    {
        var (draft, token) = await APublicDraftAsync();
        Given.Succeed(await Sharing.UnshareAsync(new UnshareDraft(draft.Ana, draft.Id)));

        foreach (var link in (string[])[token, "a-guess"])
        {
            var page = await site.Visit().OpenAsync($"/read/{link}");
            Assert.Equal((HttpStatusCode.NotFound, "There is nothing to read here"), (page.Status, page.Heading));
            Assert.Equal("noindex", page.Headers["X-Robots-Tag"]);
        }
    }

    [Fact]
    public async Task A_look_counts_and_a_look_ahead_does_not()
    {
        var (draft, token) = await APublicDraftAsync();
        var query = new EventQuery(Types: [EventType.DraftViewed], DraftId: draft.Id);
        var visitor = site.Visit();
        using var ahead = new HttpRequestMessage(HttpMethod.Get, $"/read/{token}");
        ahead.Headers.Add("Sec-Purpose", "prefetch");
        await visitor.Client.SendAsync(ahead);
        Assert.Equal(0, await site.Services.GetRequiredService<EventStore>().CountAsync(query));

        await visitor.OpenAsync($"/read/{token}");
        await visitor.OpenAsync($"/read/{token}");

        Assert.Equal(1, await site.Services.GetRequiredService<EventStore>().CountAsync(query));
    }

    private async Task<(ADraft Draft, string Token)> APublicDraftAsync()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync(title: "The lamp");
        await site.Services.AppendAsync(draft.Id, draft.Ana, "It burned.\n  All <b>night</b>.");
        Given.Succeed(await Sharing.ShareAsync(new ShareDraft(draft.Ana, draft.Id)));
        return (draft, (await Sharing.FindAsync(draft.Ana, draft.Id))!.Token!);
    }
}
