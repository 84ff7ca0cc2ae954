using OneRing.Web.Tests.Servers;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser.Survival;

/// <summary>Words outlive a network that goes away while they are typed, and whatever others do meanwhile.</summary>
[Trait("Category", "Browser")]
[Trait("Category", "Survival")]
[Trait("Database", "PostgreSQL")]
public sealed class CutNetworkTests(SiteOnPostgres site, ITestOutputHelper output) : IClassFixture<SiteOnPostgres>
{
    [SkippableFact]
    public async Task Typing_goes_on_without_a_network_and_nothing_of_it_is_missing_afterwards()
    {
        var chance = Trial.Chance(output);
        await using var network = TcpProxy.Start(site.Address);
        await using var ana = await Person.SignedInAsync(network.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        var typist = await Typist.SitDownAsync(page);
        await typist.WriteAsync(Trial.WordsBefore);
        await typist.BeginAsync();
        await Trial.SomeTimeAsync(chance);

        var before = typist.Words;
        network.Cut();
        await Task.Delay(Trial.Cut);
        var during = typist.Words - before;
        var onTheServer = typist.LossIn(await site.Services.TextOfAsync(draftId, ana.Id), DateTimeOffset.UtcNow, Trial.MayBeLost);
        network.Mend();
        await Task.Delay(TimeSpan.FromSeconds(1));
        await typist.StopAsync();
        var took = await Trial.UntilAsync("all is saved", async () => await site.Services.TextOfAsync(draftId, ana.Id) == typist.Text);
        await Expect(page.Bar()).ToHaveTextAsync("Saved");

        Assert.Equal(typist.Text, await page.Box().InputValueAsync());
        Assert.True(during > 0 && onTheServer.Lost > 0, "Nothing was typed without a network.");
        output.WriteLine("| network cut for | words typed before | words typed meanwhile | not on the server then | lost | all saved after |");
        output.WriteLine("|---|---|---|---|---|---|");
        output.WriteLine($"| {Trial.Cut.TotalSeconds:0} s | {before} | {during} | {onTheServer.Lost} | 0 | {took.TotalSeconds:0.0} s |");
        ana.AssertCalmBut(Trial.OfACutNetwork);
    }

    [SkippableFact]
    public async Task What_was_typed_while_the_ring_moved_on_is_parked_to_the_last_word()
    {
        var chance = Trial.Chance(output);
        await using var network = TcpProxy.Start(site.Address);
        await using var ana = await Person.SignedInAsync(network.Address, site.Services, "Ana");
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var draftId = await site.Services.ADraftAsync(ana.Id, ben.Id);
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        var bens = await ben.OpenAsync($"/drafts/{draftId}");
        var typist = await Typist.SitDownAsync(page);
        await typist.WriteAsync(Trial.WordsBefore);
        await typist.BeginAsync();
        await Trial.SomeTimeAsync(chance);

        var before = typist.Words;
        network.Cut();
        await site.Services.PassAsync(draftId, ana.Id, ben.Id);
        await Expect(bens.Saying("You hold the ring.")).ToBeVisibleAsync();
        await bens.AppendAsync("Meanwhile, elsewhere.");
        await Expect(bens.Segments()).ToHaveTextAsync(["Meanwhile, elsewhere."]);
        await Task.Delay(Trial.Cut);
        await typist.StopAsync();
        network.Mend();
        var took = await Trial.UntilAsync("all is parked", async () => await site.Services.ParkedOfAsync(draftId, ana.Id) is [var parked] && parked == typist.Text);
        await Expect(page.Saying("Ben holds the ring.")).ToBeVisibleAsync();
        await Expect(page.AnyBox()).ToHaveValueAsync("");
        await Expect(page.Parked()).ToHaveCountAsync(1);

        Assert.Equal(["Meanwhile, elsewhere."], (await site.Services.ReadAsync(draftId, ana.Id)).Segments.Select(segment => segment.Content));
        Assert.Null(await site.Services.TextOfAsync(draftId, ana.Id));
        Assert.Equal(typist.Text, Assert.Single(await site.Services.ParkedOfAsync(draftId, ana.Id)));
        output.WriteLine("| network cut for | words typed before | words typed meanwhile | lost | all parked after |");
        output.WriteLine("|---|---|---|---|---|");
        output.WriteLine($"| {Trial.Cut.TotalSeconds:0} s | {before} | {typist.Words - before} | 0 | {took.TotalSeconds:0.0} s |");
        ana.AssertCalmBut(Trial.OfACutNetwork);
        ben.AssertCalm();
    }
}
