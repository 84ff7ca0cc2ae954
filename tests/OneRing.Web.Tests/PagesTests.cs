using System.Net;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Analytics;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests;

/// <summary>What holds for every page, asked for over HTTP.</summary>
public sealed partial class PagesTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    [Theory]
    [InlineData("/drafts/new", "/drafts/new")]
    [InlineData("/account", "/account")]
    [InlineData("/account/security", "/account/security")]
    [InlineData("/people/ana", "/people/ana")]
    [InlineData("/drafts/0197b2d0-0000-7000-8000-000000000001?from=mail", "/drafts/0197b2d0-0000-7000-8000-000000000001?from=mail")]
    public async Task What_is_for_people_with_an_account_leads_to_the_sign_in_page_and_back(string url, string back)
    {
        var visitor = site.Visit();

        var turnedAway = await visitor.OpenAsync(url);
        Assert.Equal($"/account/sign-in?returnUrl={Uri.EscapeDataString(back)}", turnedAway.RedirectsTo);

        var signIn = await visitor.FollowAsync(turnedAway);
        Assert.Equal(back, (await visitor.PressAsync(signIn, "Ana")).RedirectsTo);
    }

    [Theory]
    [InlineData("/account/sign-in", "current-password")]
    [InlineData("/account/sign-up", "new-password")]
    [InlineData("/account/choose-password?handle=ana&token=x", "new-password")]
    public async Task Every_field_for_a_password_hides_it_and_lets_programs_fill_it_in(string url, string purpose)
    {
        var page = await site.Visit().OpenAsync(url);

        var field = Assert.Single(page.Document.QuerySelectorAll("input"), input => input.NameOf().StartsWith("Password", StringComparison.Ordinal));
        Assert.Equal(("password", purpose), (field.GetAttribute("type"), field.GetAttribute("autocomplete")));
        Assert.False(field.HasAttribute("onpaste") || field.HasAttribute("maxlength"));
        Assert.Null(field.GetAttribute("value"));
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/drafts/not-an-id")]
    [InlineData("/account/nothing")]
    public async Task An_unknown_address_is_not_found_and_says_so(string url)
    {
        var page = await site.Visit().OpenAsync(url);

        Assert.Equal(HttpStatusCode.NotFound, page.Status);
        Assert.Equal("There is nothing here", page.Heading);
    }

    [Fact]
    public async Task Prerendering_counts_no_view()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync(title: "The lamp");
        var visitor = await site.VisitAsync(draft.Ben);

        var page = await visitor.OpenAsync($"/drafts/{draft.Id}");

        Assert.Equal("The lamp", page.Heading);
        Assert.Equal(0, await site.Services.GetRequiredService<EventStore>().CountAsync(new EventQuery(Types: [EventType.DraftViewed], DraftId: draft.Id)));
    }

    [Fact]
    public async Task A_draft_of_others_is_not_prerendered()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync(title: "Not for strangers");
        await site.Services.AppendAsync(draft.Id, draft.Ana, "Not a word of it.");
        var visitor = await site.VisitAsync(draft.Dan);

        var page = await visitor.OpenAsync($"/drafts/{draft.Id}");

        Assert.Equal("There is no such draft here", page.Heading);
        Assert.DoesNotContain("Not for strangers", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Not a word of it.", page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_our_own_scripts_may_run_and_none_stands_in_a_page()
    {
        await foreach (var page in EveryPageAsync())
        {
            var policy = page.Headers["Content-Security-Policy"].Split(';', StringSplitOptions.TrimEntries).ToDictionary(d => d.Split(' ')[0]);
            Assert.Equal("script-src 'self'", policy["script-src"]);
            Assert.Equal("default-src 'none'", policy["default-src"]);
            Assert.Equal("frame-ancestors 'none'", policy["frame-ancestors"]);
            Assert.Equal("DENY", page.Headers["X-Frame-Options"]);
            Assert.Equal("nosniff", page.Headers["X-Content-Type-Options"]);

            Assert.All(page.Document.QuerySelectorAll("script"), script =>
            {
                Assert.NotEmpty(script.GetAttribute("src") ?? "");
                Assert.Empty(script.TextContent);
            });
            Assert.DoesNotContain(
                page.Document.QuerySelectorAll("*").SelectMany(e => e.Attributes),
                attribute => attribute.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase)
                    || attribute.Value.StartsWith("javascript:", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task No_page_and_no_style_sheet_names_another_host()
    {
        var styles = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var page in EveryPageAsync())
        {
            Assert.Empty(OtherHosts(page.Html, page.Url.Host));
            styles.UnionWith(page.Document.QuerySelectorAll("link[rel=stylesheet]").Select(link => link.GetAttribute("href")!));
        }

        // Ours, the typefaces and MudBlazor's.
        var ours = Directory.GetFiles(Path.Combine(Repository.Root, "src", "OneRing.Web", "wwwroot", "styles")).Length;
        Assert.Equal(ours + 2, styles.Count);
        foreach (var style in styles)
        {
            // What a style sheet asks for stands in url() or @import; MudBlazor's also names its home in a comment.
            var css = await site.Visit().Client.GetStringAsync(new Uri(style, UriKind.Relative));
            Assert.Empty(Asked().Matches(css).SelectMany(match => OtherHosts(match.Value, site.Address.Host)));
        }
    }

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task Everything_that_a_page_names_is_there_and_is_not_empty(string environment)
    {
        await using var own = new OneRingServer(environment: environment);
        var visitor = own.Visit();
        var page = await visitor.OpenAsync("/account/sign-in");
        var named = page.Document.QuerySelectorAll("link[href], script[src]").Select(e => e.GetAttribute("href") ?? e.GetAttribute("src")!).ToList();
        Assert.Contains(named, name => name.Contains("MudBlazor", StringComparison.Ordinal) && name.EndsWith(".css", StringComparison.Ordinal));
        Assert.Contains(named, name => name.StartsWith("styles/house.", StringComparison.Ordinal) && name.EndsWith(".css", StringComparison.Ordinal));

        foreach (var name in named)
        {
            var bytes = await visitor.Client.GetByteArrayAsync(new Uri(name, UriKind.Relative));
            Assert.True(bytes.Length > 100, $"{name} has {bytes.Length} bytes.");
        }
    }

    [Fact]
    public async Task The_scripts_that_pages_ask_for_later_are_there()
    {
        var known = new HashSet<string>(["composer.js", "words.js"], StringComparer.Ordinal);
        for (var wanted = new Queue<string>(known); wanted.TryDequeue(out var name);)
        {
            var script = await site.Visit().Client.GetStringAsync(new Uri($"/{name}", UriKind.Relative));
            Assert.Contains("export ", script, StringComparison.Ordinal);
            foreach (var other in Import().Matches(script).Select(match => match.Groups["name"].Value).Where(known.Add))
            {
                wanted.Enqueue(other);
            }
        }
        Assert.Contains("keeper.js", known);
    }

    private static IEnumerable<string> OtherHosts(string text, string own) =>
        Address().Matches(text).Select(match => match.Groups["host"].Value)
            // The names of XML's vocabularies look like addresses; nobody goes there.
            .Where(host => host != own && host != "www.w3.org").Distinct();

    /// <summary>Every page, as a stranger sees it and as somebody with an account does.</summary>
    private async IAsyncEnumerable<Page> EveryPageAsync()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        await site.Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");
        string[] urls = ["/", "/drafts/new", $"/drafts/{draft.Id}", "/nowhere", "/error", "/not-found", "/account/sign-in", "/account/sign-up", "/account/choose-password?handle=ana&token=x",
            "/account/forgot-password", "/account", "/account/security", "/account/two-factor", "/account/whereabouts", "/account/data", "/account/deleted", "/account/confirm-email?address=a@b.c&token=x",
            $"/people/{await site.Services.HandleOfAsync(draft.Ana)}"];
        foreach (var visitor in (Visitor[])[site.Visit(), await site.VisitAsync(draft.Ana)])
        {
            foreach (var url in urls)
            {
                yield return await visitor.OpenAsync(url);
            }
        }
    }

    [GeneratedRegex(@"(?:https?:)?//(?<host>[a-z0-9.-]+\.[a-z]{2,}|localhost|\d+\.\d+\.\d+\.\d+)", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Address();

    [GeneratedRegex("""from "\./(?<name>[a-z-]+\.js)";""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Import();

    [GeneratedRegex(@"url\([^)]*\)|@import[^;]*", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Asked();
}
