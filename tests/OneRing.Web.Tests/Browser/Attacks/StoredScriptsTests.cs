using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Markdig;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data;
using OneRing.Data.Drafts;
using OneRing.Tests.Attacks;
using OneRing.Web.Components.Drafts;
using OneRing.Web.Export;
using OneRing.Web.Tests.Servers;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser.Attacks;

/// <summary>
/// Hostile words stay words, wherever they are shown. The browser of these tests runs what the policy of our pages would forbid, so that nothing but the pages
/// themselves keeps the words from running; the policy is a second lock, and is tried by itself.
/// </summary>
[Trait("Category", "Browser")]
public sealed partial class StoredScriptsTests(SiteInMemory site, ITestOutputHelper output) : IClassFixture<SiteInMemory>
{
    /// <summary>So many of the texts run in this very browser when they stand raw in a page. The others are for other browsers, or need a click.</summary>
    private const int Live = 100;

    /// <summary>How much of a query is sent at once.</summary>
    private const int LongestQueryValue = 500;

    /// <summary>Pages that are opened as they are, with their circuits if they have one. All others are asked for once for each text that stands in them.</summary>
    private static readonly string[] Opened =
    [
        "/", "/drafts/{DraftId:guid}", "/drafts/{DraftId:guid}/insights", "/waiting", "/invites", "/parked", "/insights", "/drafts/new", "/admin/analytics", "/admin/users", "/admin/log",
        "/account", "/account/security", "/account/tokens", "/account/notices", "/account/whereabouts", "/account/data", "/account/two-factor",
    ];

    private static readonly string[] WithCircuit =
        ["/", "/drafts/{DraftId:guid}", "/drafts/{DraftId:guid}/insights", "/waiting", "/invites", "/parked", "/insights", "/drafts/new", "/admin/analytics", "/account/tokens"];

    private static readonly string[] WithCharts = ["/drafts/{DraftId:guid}/insights", "/insights", "/admin/analytics"];

    /// <summary>Pages that say something of what stands in their address: to an admin, and to a stranger.</summary>
    private static readonly string[] EchoingToAdmins =
    [
        "/account/confirm-email?address={0}&token={0}", "/admin/users?q={0}&who={0}&done=disabled&refused={0}", "/admin/analytics?window={0}&compare={0}&zone={0}&platform={0}",
        "/account/data?problem={0}", "/account/security?problem={0}&done={0}&passkey={0}", "/insights?days={0}&zone={0}&shown={0}", "/people/{0}", "/{0}",
    ];

    private static readonly string[] EchoingToStrangers =
    [
        "/account/sign-in?returnUrl={0}&problem={0}&ended={0}", "/account/sign-up?returnUrl={0}", "/account/choose-password?handle={0}&token={0}",
        "/account/forgot-password?sent={0}", "/account/sign-in/code?returnUrl={0}", "/unsubscribe?token={0}", "/not-found?status={0}", "/read/{0}",
    ];

    /// <summary>Pages that show nobody's words.</summary>
    private static readonly string[] WithoutWords = ["/error", "/account/deleted"];

    [SkippableFact]
    public async Task Hostile_words_run_on_no_page_even_where_its_policy_is_ignored()
    {
        Assert.True(AttackTexts.All.Count >= 200);
        var attacked = await AttackedSite.MakeAsync(site);
        await using var sentinel = await Sentinel.ArriveAsync(site.Address, ignoresPolicy: true);
        await sentinel.SignInAsync(attacked.OwnersHandle);

        foreach (var route in Opened)
        {
            var page = await sentinel.OpenAsync(route.Replace("{DraftId:guid}", $"{attacked.Draft}", StringComparison.Ordinal), WithCircuit.Contains(route, StringComparer.Ordinal));
            if (route == "/drafts/{DraftId:guid}")
            {
                await WriteAndPreviewAsync(page);
                await sentinel.LookAtAsync(page);
            }
            if (WithCharts.Contains(route, StringComparer.Ordinal))
            {
                // Drawn once the browser has said how much room there is.
                await page.Locator(".chart svg text").First.WaitForAsync();
                await sentinel.LookAtAsync(page);
            }
            output.WriteLine($"{route}: {await page.EvaluateAsync<int>("() => document.body.innerText.split('alert(1)').length - 1")} texts");
            await page.CloseAsync();
        }
        foreach (var sheet in await SheetsAsync(attacked))
        {
            await sentinel.ShowAsync(sheet);
        }

        sentinel.AssertNothingNoticed();
    }

    [SkippableFact]
    public async Task Hostile_words_run_in_no_text_that_is_read_as_Markdown()
    {
        var everything = new MarkdownPipelineBuilder().UseAdvancedExtensions().Build();
        await using var sentinel = await Sentinel.ArriveAsync(site.Address, ignoresPolicy: true);

        // Shown by us, and as others show what we export: with every extension, and HTML allowed.
        foreach (var show in (Func<string, string>[])[MarkdownHtml.From, text => Markdig.Markdown.ToHtml(OneRing.Web.Export.Markdown.Escape(text), everything)])
        {
            var html = string.Join('\n', AttackTexts.All.Where(Texts.IsReadable).Select(text => $"<section>{show(text)}</section>"));
            await sentinel.ShowAsync($"<!DOCTYPE html><body>{html}");
        }

        sentinel.AssertNothingNoticed();
    }

    [SkippableFact]
    public async Task What_runs_where_it_is_let_is_noticed_and_our_policy_stops_it()
    {
        var page = $"<!DOCTYPE html><body>{string.Join('\n', AttackTexts.All.Select((text, i) => $"<iframe id=\"text {i}\" srcdoc=\"{WebUtility.HtmlEncode(text)}\"></iframe>"))}";
        await using var open = await Sentinel.ArriveAsync(site.Address, ignoresPolicy: true);
        await using var locked = await Sentinel.ArriveAsync(site.Address, ignoresPolicy: false);

        await open.ShowAsync(page);
        await locked.ShowAsync(page, (await site.Visit().OpenAsync("/")).Headers["Content-Security-Policy"]);

        var ran = open.Noticed.Where(what => what.StartsWith("ran in text", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToList();
        output.WriteLine($"{ran.Count} of {AttackTexts.All.Count} texts run in this browser.");
        Assert.True(ran.Count >= Live, $"Only {ran.Count} texts run.");
        Assert.Contains(open.Noticed, what => what.StartsWith("asked for http://evil.example", StringComparison.Ordinal));
        Assert.Contains(open.Noticed, what => what.StartsWith("looks as if it would run", StringComparison.Ordinal));
        Assert.DoesNotContain(locked.Noticed, what => what.StartsWith("ran in", StringComparison.Ordinal) || what.StartsWith("asked for", StringComparison.Ordinal));
        Assert.Contains(locked.Noticed, what => what.StartsWith("kept from running in text", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_page_that_there_is_is_looked_at()
    {
        var there = site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Components.Endpoints.ComponentTypeMetadata>() is not null)
            .Select(endpoint => endpoint.RoutePattern.RawText!).Distinct(StringComparer.Ordinal);
        string[] looked = [.. Opened, .. WithoutWords, .. EchoingToAdmins.Concat(EchoingToStrangers).Select(url => url.Split('?')[0]), "/people/{Handle}", "/read/{Token}", "/invites/{DraftId:guid}/{InviteId:guid}"];

        Assert.Empty(there.Except(looked, StringComparer.Ordinal));
    }

    [Fact]
    public void No_file_bears_a_hostile_name() => Assert.All(AttackTexts.All, text =>
        Assert.Matches(@"^[\p{L}\p{Nd}\p{Mn}\p{Mc}-]+\.md$", DraftExport.FileName(text, ExportFormat.Md)));

    /// <summary>The holder types every text, and looks at it as Markdown.</summary>
    private static async Task WriteAndPreviewAsync(IPage page)
    {
        var words = string.Join("\n\n", AttackTexts.All.Where(Texts.IsReadable));
        await page.Box().FillAsync(words[..Math.Min(words.Length, 18_000)]);
        await page.Button("Preview").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Preview", Exact = true })).ToContainTextAsync("alert(1)");
    }

    /// <summary>What the server says on all pages on which one text stands in many places, many pages on one sheet: browsers read a document in a document as its parts.</summary>
    private async Task<IReadOnlyList<string>> SheetsAsync(AttackedSite attacked)
    {
        var (owner, stranger) = (await site.VisitAsync(attacked.Owner), site.Visit());
        var mine = attacked.Titled.SelectMany(draft => (string[])[$"/drafts/{draft.Id}", $"/drafts/{draft.Id}/insights"]).Skip(2)
            .Concat(attacked.Handles.Select(handle => $"/people/{handle}"))
            .Concat(attacked.InviteLinks);
        var open = attacked.Titled.Select(draft => $"/read/{draft.PublicToken}").Concat(attacked.InviteLinks);

        var pages = new List<string>();
        foreach (var (visitor, urls) in ((Visitor, IEnumerable<string>)[])[(owner, mine.Concat(Echoes(EchoingToAdmins))), (stranger, open.Concat(Echoes(EchoingToStrangers)))])
        {
            foreach (var some in urls.Chunk(8))
            {
                // Without our own scripts and styles, which are there once for each page.
                pages.AddRange(from page in await Task.WhenAll(some.Select(visitor.OpenAsync)) select OwnFile().Replace(page.Html, ""));
            }
        }
        output.WriteLine($"{pages.Count} pages on sheets");
        return [.. pages.Chunk(100).Select(sheet => new StringBuilder("<!DOCTYPE html>").AppendJoin('\n', sheet).ToString())];
    }

    private static IEnumerable<string> Echoes(string[] urls) =>
        AttackTexts.InPacksOf(LongestQueryValue).SelectMany(text => urls.Select(url => string.Format(null, url, Uri.EscapeDataString(text))));

    [GeneratedRegex("""<script src="[A-Za-z0-9_./-]+\.js"( autostart="false")?></script>|<link rel="(preload|stylesheet|icon)" href="[A-Za-z0-9_./-]+"[^<>]*>""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OwnFile();
}
