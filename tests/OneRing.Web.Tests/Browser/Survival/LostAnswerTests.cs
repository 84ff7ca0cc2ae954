using System.Text;
using OneRing.Web.Tests.Servers;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser.Survival;

/// <summary>A text whose adding was never answered is added once, or is still in the box.</summary>
[Trait("Category", "Browser")]
[Trait("Category", "Survival")]
[Trait("Database", "PostgreSQL")]
public sealed class LostAnswerTests(SiteOnPostgres site, ITestOutputHelper output) : IClassFixture<SiteOnPostgres>
{
    [SkippableTheory]
    [InlineData("begin", 0)]
    [InlineData("added", 1)]
    public async Task What_was_typed_is_added_once_or_still_there(string lost, int segments)
    {
        await using var network = TcpProxy.Start(site.Address);
        await using var ana = await Person.SignedInAsync(network.Address, site.Services, "Ana");
        var draftId = await site.Services.ADraftAsync(ana.Id, await site.Services.APersonAsync("Ben"));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("Added, or not? ");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");

        // What the server calls in the page goes by its name, with its length in front.
        var cut = network.CutBefore([(byte)(0xa0 + lost.Length), .. Encoding.ASCII.GetBytes(lost)]);
        await page.Button("Add to the text").ClickAsync();
        await cut.WaitAsync(TimeSpan.FromSeconds(60));
        await page.Box().PressSequentiallyAsync("And more.");
        await Trial.UntilAsync("it is added, or not", async () => (await site.Services.ReadAsync(draftId, ana.Id)).Segments.Count == segments);
        await Task.Delay(Trial.Cut);
        network.Mend();

        var rest = segments == 0 ? "Added, or not? And more." : "And more.";
        var took = await Trial.UntilAsync("what is left is saved", async () => await site.Services.TextOfAsync(draftId, ana.Id) == rest, seconds: 150);
        output.WriteLine($"Without \"{lost}\": all in its place {took.TotalSeconds:0.0} s after the network was back.");
        await Expect(page.Box()).ToHaveValueAsync(rest, new() { Timeout = 100_000 });
        await Expect(page.Segments()).ToHaveCountAsync(segments);
        await Expect(page.Bar()).ToHaveTextAsync("Saved", new() { Timeout = 100_000 });
        await page.ListensAsync();
        await page.Button("Add to the text").ClickAsync(new() { Timeout = 100_000 });
        await Expect(page.Segments()).ToHaveCountAsync(segments + 1);
        await Expect(page.Box()).ToHaveValueAsync("");

        var text = string.Concat((await site.Services.ReadAsync(draftId, ana.Id)).Segments.Select(segment => segment.Content));
        Assert.Equal("Added, or not? And more.", text);
        Assert.Empty(await site.Services.ParkedOfAsync(draftId, ana.Id));
        ana.AssertCalmBut(Trial.OfACutNetwork);
    }
}
