using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace OneRing.Web.Tests.Browser.Attacks;

/// <summary>
/// A browser that notices whatever somebody else's words make it do: scripts that run, what the policy of a page keeps from running, and requests to other hosts.
/// Pages are looked at as well, for what would run with the next click.
/// </summary>
internal sealed class Sentinel : IAsyncDisposable
{
    /// <summary>In every page and every frame, before anything of theirs.</summary>
    private const string Hook = """
        for (const name of ["alert", "confirm", "prompt", "print"]) {
            window[name] = () => noticed(`ran in ${window.frameElement?.id || location.pathname}`);
        }
        addEventListener("securitypolicyviolation", event => noticed(`kept from running in ${window.frameElement?.id || location.pathname}: ${event.effectiveDirective}`), true);
        """;

    private const string Look = """
        () => {
            const leadsAstray = (element, name, value) => {
                if (!["href", "src", "action", "formaction", "data", "xlink:href", "ping", "srcdoc", "background", "poster"].includes(name)) return false;
                if (name === "srcdoc" || name === "ping") return true;
                try { return ["javascript:", "vbscript:", "data:", "blob:"].includes(new URL(value, location.href).protocol) && element.localName !== "img"; } catch { return false; }
            };
            // A script with neither words nor an address, as Blazor may leave one, runs nothing. In a drawing its address has another name.
            const isForeign = (script) => {
                const address = script.getAttribute("src") ?? script.getAttribute("href") ?? script.getAttribute("xlink:href");
                if (!address) return false;
                try { return new URL(address, location.href).origin !== location.origin; } catch { return true; }
            };
            const found = [];
            for (const element of document.querySelectorAll("*")) {
                const at = `<${element.localName}> in ${location.pathname}`;
                for (const { name, value } of element.attributes) {
                    if (/^on/i.test(name) || leadsAstray(element, name.toLowerCase(), value)) found.push(`${at}: ${name}=${value}`);
                    if (name === "style" && value.includes("evil.example")) found.push(`${at}: ${name}=${value}`);
                }
                if (["iframe", "object", "embed", "marquee", "math", "xss", "isindex", "frameset", "applet", "video", "audio"].includes(element.localName)) found.push(at);
                if (element.localName === "base" && element.getAttribute("href") !== "/") found.push(at);
                if (element.localName === "meta" && element.httpEquiv === "refresh") found.push(at);
                if (element.localName === "script" && (element.textContent || isForeign(element))) found.push(`${at}: ${element.outerHTML}`);
                if (element.localName === "style" && element.textContent.includes("evil.example")) found.push(at);
            }
            return found;
        }
        """;

    private readonly ConcurrentQueue<string> noticed = [];
    private readonly IBrowserContext profile;
    private readonly Uri site;

    private Sentinel(IBrowserContext profile, Uri site)
    {
        this.profile = profile;
        this.site = site;
    }

    /// <summary>What happened so far that should not.</summary>
    public IReadOnlyList<string> Noticed => [.. noticed];

    /// <summary>Opens the browser.</summary>
    /// <param name="ignoresPolicy">Whether it runs what a page's policy forbids, so that the policy hides no fault.</param>
    public static async Task<Sentinel> ArriveAsync(Uri site, bool ignoresPolicy)
    {
        var browser = await Chromium.NewProfileAsync(new BrowserNewContextOptions { BaseURL = site.ToString(), BypassCSP = ignoresPolicy });
        var sentinel = new Sentinel(browser, site);
        await browser.ExposeFunctionAsync<string, bool>("noticed", sentinel.Note);
        await browser.AddInitScriptAsync(Hook);
        // What a policy forbids does not come this far.
        await browser.RouteAsync(url => new Uri(url) is { Scheme: "http" or "https" } asked && asked.Authority != site.Authority, route =>
        {
            sentinel.Note($"asked for {route.Request.Url}");
            return route.AbortAsync();
        });
        browser.Dialog += async (_, dialog) =>
        {
            sentinel.Note($"a dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        return sentinel;
    }

    /// <summary>Signs in as somebody who has the password of every <see cref="Person"/>.</summary>
    public async Task SignInAsync(string handle)
    {
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/account/sign-in");
        await page.GetByLabel("Handle").FillAsync(handle);
        await page.GetByLabel("Password").FillAsync(Person.Password);
        await page.Button("Sign in").ClickAsync();
        await page.HasReachedAsync(site.ToString());
        await page.CloseAsync();
    }

    /// <summary>Opens a page of the site, waits until it listens if it is one that does, and looks at it.</summary>
    public async Task<IPage> OpenAsync(string path, bool isInteractive)
    {
        var page = await profile.NewPageAsync();
        await page.GotoAsync(path);
        if (isInteractive)
        {
            await page.ListensAsync();
        }
        await LookAtAsync(page);
        return page;
    }

    /// <summary>Shows a document as if the site had answered it.</summary>
    /// <param name="policy">The policy that it comes with; null for none.</param>
    public async Task ShowAsync(string html, string? policy = null)
    {
        var page = await profile.NewPageAsync();
        await page.RouteAsync("**/shown", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "text/html; charset=utf-8",
            Body = html,
            Headers = policy is null ? null : new Dictionary<string, string>(StringComparer.Ordinal) { ["Content-Security-Policy"] = policy, ["Content-Type"] = "text/html; charset=utf-8" },
        }));
        await page.GotoAsync("/shown");
        await LookAtAsync(page);
        await page.CloseAsync();
    }

    public async Task LookAtAsync(IPage page)
    {
        foreach (var found in await page.EvaluateAsync<string[]>(Look))
        {
            Note($"looks as if it would run: {found}");
        }
    }

    /// <summary>Fails with all that was noticed, each to its end.</summary>
    public void AssertNothingNoticed() => Assert.True(noticed.IsEmpty, string.Join('\n', noticed));

    public ValueTask DisposeAsync() => new(profile.CloseAsync());

    private bool Note(string what)
    {
        noticed.Enqueue(what);
        return true;
    }
}
