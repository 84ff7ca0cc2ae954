using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Web.Tests.Servers;
using Xunit.Abstractions;

namespace OneRing.Web.Tests.Browser.EveryPage;

/// <summary>
/// Every page that there is, on a small telephone, on a larger one and on a desk, in light and in dark: nothing on it is in anybody’s way, nothing moves for those
/// who want no movement, nothing goes wrong behind the reader’s back, and nothing is asked of another host.
/// </summary>
[Trait("Category", "Browser")]
public sealed class EveryPageTests(SiteInMemory site, ITestOutputHelper output) : IClassFixture<SiteInMemory>
{
    /// <summary>As many pages as small machines have processors.</summary>
    private const int AtOnce = 2;

    /// <summary>One fault of every kind that is looked for.</summary>
    private const string Plant = """
        () => {
            const main = document.querySelector("main");
            main.insertAdjacentHTML("beforeend", `
                <p id="faint" style="color: #8f8475; background: #80766a">Too faint to read</p>
                <p><button id="small-1" style="all: unset; display: inline-block; width: 12px; height: 12px; font-size: 8px">a</button><button id="small-2" style="all: unset; display: inline-block; width: 12px; height: 12px; font-size: 8px">b</button></p>
                <div style="position: absolute; left: 0; width: 500px; height: 10px"></div>
                <p class="restless">It moves</p>
                <p class="slow">It changes slowly</p>
                <img src="http://elsewhere.example/lamp.png" alt="" />`);
            document.querySelector(".restless").animate({ opacity: [1, 0.99] }, { duration: 200, iterations: Infinity });
            const slow = document.createElement("style");
            slow.textContent = ".slow { transition: color 0.3s !important } .restless { animation: 2s sway !important } @keyframes sway { to { translate: 1px } }";
            document.head.append(slow);
            console.warn("a worry");
            setTimeout(() => { throw new Error("an accident"); });
        }
        """;

    /// <summary>What a page says before Blazor takes it over, and right after: a page that is read anew would say nothing for that moment.</summary>
    private const string SeenWhileItConnects = """
        const read = () => document.querySelector(".mud-layout")?.innerText.replaceAll(/\s+/g, " ").trim();
        document.addEventListener("DOMContentLoaded", () => {
            window.before = read();
            const watch = new MutationObserver(() => {
                if (document.querySelector("[data-interactive=true]")) {
                    watch.disconnect();
                    window.after = read();
                }
            });
            watch.observe(document.body, { childList: true, subtree: true });
        });
        """;

    /// <summary>How often each is found, at three widths in two themes: what is 500 px wide, at the two narrow ones; what moves, once.</summary>
    private static readonly (string Words, int Looks)[] Planted =
    [
        ("color-contrast: #faint:", 6), ("target-size: #small-", 12), ("sideways: the page is 500 px wide", 4), ("reaches from 0 to 500 px", 4),
        ("movement: <p class=\"restless\"> for 2000 ms", 1), ("movement: <p class=\"slow\"> for 300 ms", 1), ("movement: an animation for Infinity ms", 1),
    ];

    /// <summary>Who looks at which page, and with what in its address.</summary>
    private static readonly (string Route, Reader Who, string Query)[] Visits =
    [
        ("/", Reader.Owner, ""),
        ("/", Reader.Anyone, ""),
        ("/drafts/{DraftId:guid}", Reader.Owner, ""),
        ("/drafts/{DraftId:guid}", Reader.Writer, ""),
        ("/drafts/{DraftId:guid}/insights", Reader.Owner, ""),
        ("/drafts/new", Reader.Owner, ""),
        ("/waiting", Reader.Owner, ""),
        ("/invites", Reader.Owner, ""),
        ("/invites/{DraftId:guid}/{InviteId:guid}", Reader.Anyone, ""),
        ("/parked", Reader.Owner, ""),
        ("/insights", Reader.Owner, "?days=90"),
        ("/people/{Handle}", Reader.Writer, ""),
        ("/read/{Token}", Reader.Anyone, ""),
        ("/account", Reader.Owner, ""),
        ("/account/security", Reader.Owner, "?done=password"),
        ("/account/tokens", Reader.Owner, ""),
        ("/account/notices", Reader.Owner, ""),
        ("/account/whereabouts", Reader.Owner, ""),
        ("/account/data", Reader.Owner, ""),
        ("/account/two-factor", Reader.Owner, ""),
        ("/account/two-factor", Reader.Writer, ""),
        ("/account/confirm-email", Reader.Owner, "?address=ada%40example.org&token=none"),
        ("/account/sign-in", Reader.Anyone, "?returnUrl=/drafts/new&ended=true"),
        ("/account/sign-in/code", Reader.Halfway, ""),
        ("/account/sign-in/code", Reader.Halfway, "?recovery=true"),
        ("/account/sign-up", Reader.Anyone, ""),
        ("/account/forgot-password", Reader.Anyone, ""),
        ("/account/choose-password", Reader.Anyone, "?{password}"),
        ("/account/deleted", Reader.Anyone, ""),
        ("/unsubscribe", Reader.Anyone, "?token={unsubscribe}"),
        ("/admin/analytics", Reader.Owner, ""),
        ("/admin/users", Reader.Owner, ""),
        ("/admin/log", Reader.Owner, ""),
        ("/not-found", Reader.Anyone, ""),
        ("/error", Reader.Anyone, ""),
    ];

    [SkippableFact]
    public async Task Nothing_is_in_anybodys_way_on_any_page()
    {
        await using var filled = await FilledSite.MakeAsync(site);

        var faults = new ConcurrentQueue<string>();
        // What is signed in halfway lasts for five minutes: it comes first.
        var visits = from page in Pages()
                     from visit in Visits
                     where visit.Route == page.Route
                     orderby visit.Who == Reader.Halfway descending
                     select (visit, page.Component);
        await Parallel.ForEachAsync(visits, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (opened, _) =>
        {
            var ((route, who, query), component) = opened;
            var clock = Stopwatch.StartNew();
            var path = filled.Fill(route);
            var page = await (HasCircuit(component) ? filled[who].OpenAsync(path + filled.Fill(query)) : filled[who].OpenStaticAsync(path + filled.Fill(query)));
            Assert.Equal(path, new Uri(page.Url).AbsolutePath);
            foreach (var fault in await Examiner.ExamineAsync(page, $"{route} for {who}"))
            {
                faults.Enqueue(fault);
            }
            await page.CloseAsync();
            output.WriteLine($"{route} for {who}: {clock.ElapsedMilliseconds} ms");
        });

        Assert.True(faults.IsEmpty, string.Join('\n', faults));
        filled.AssertCalm();
    }

    [SkippableFact]
    public async Task Every_page_looks_the_same_when_it_gets_connected()
    {
        await using var filled = await FilledSite.MakeAsync(site);
        foreach (var reader in Visits.Select(visit => visit.Who).Distinct())
        {
            await filled[reader].PrepareAsync(SeenWhileItConnects);
        }
        var components = Pages().ToDictionary(page => page.Route, page => page.Component, StringComparer.Ordinal);
        var connected = Visits.Where(visit => HasCircuit(components[visit.Route])).ToList();
        Assert.NotEmpty(connected);

        foreach (var (route, who, query) in connected)
        {
            var (before, after) = await OpenAsync(who, filled.Fill(route + query));
            if (before != after)
            {
                // A minute may have gone by between the two, and with it what is said of times. It does not go by twice.
                (before, after) = await OpenAsync(who, filled.Fill(route + query));
            }
            Assert.Contains("OneRing", before, StringComparison.Ordinal);
            Assert.True(before == after, $"{route} for {who} said:\n{before}\nand then:\n{after}");
        }
        filled.AssertCalm();

        async Task<(string Before, string After)> OpenAsync(Reader who, string path)
        {
            var page = await filled[who].OpenAsync(path);
            var seen = await page.EvaluateAsync<string[]>("[before, after]");
            await page.CloseAsync();
            return (seen[0], seen[1]);
        }
    }

    [Fact]
    public void Every_page_that_there_is_has_a_visit() =>
        Assert.Equal(Pages().Select(page => page.Route).Order(StringComparer.Ordinal), Visits.Select(visit => visit.Route).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [SkippableFact]
    public async Task Whatever_is_in_the_way_is_found()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana", isExaminer: true);
        await ana.PrepareAsync(Examiner.Axe);
        var page = await ana.OpenStaticAsync("/account/notices");
        Assert.Empty(await Examiner.ExamineAsync(page, "as it is"));
        ana.AssertCalm();

        await page.EvaluateAsync(Plant);
        var found = await Examiner.ExamineAsync(page, "planted");

        Assert.Equal(
            Planted.Select(fault => (fault.Words, fault.Looks)),
            Planted.Select(fault => (fault.Words, found.Count(line => line.Contains(fault.Words, StringComparison.Ordinal)))));
        var complaints = Assert.ThrowsAny<Exception>(ana.AssertCalm).Message;
        Assert.All(["console: a worry", "error: ", "request: http://elsewhere.example/"], complaint => Assert.Contains(complaint, complaints, StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task The_keyboard_is_never_behind_the_frame_of_a_small_window()
    {
        await using var filled = await FilledSite.MakeAsync(site);

        foreach (var (route, stops) in ((string, int)[])[("/drafts/{DraftId:guid}", 30), ("/account/notices", 15)])
        {
            var page = await filled[Reader.Owner].OpenStaticAsync(filled.Fill(route));
            await page.SetViewportSizeAsync(390, 844);
            if (route.StartsWith("/drafts", StringComparison.Ordinal))
            {
                await page.ListensAsync();
            }
            foreach (var key in (string[])["Tab", "Shift+Tab"])
            {
                var passed = await Examiner.WalkAsync(page, key);
                output.WriteLine($"{route}: {passed.Count} stops with {key}");
                Assert.True(passed.Count >= stops, $"The keyboard stopped at {passed.Count} places of {route}.");
                Assert.True(passed.All(stop => stop.Length == 0), string.Join('\n', passed.Where(stop => stop.Length > 0)));
            }
        }
    }

    private static bool HasCircuit(Type component) => component.GetCustomAttribute<ExcludeFromInteractiveRoutingAttribute>() is null;

    private IEnumerable<(string Route, Type Component)> Pages() =>
        (from endpoint in site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
         let component = endpoint.Metadata.GetMetadata<ComponentTypeMetadata>()
         where component is not null
         select (endpoint.RoutePattern.RawText!, component.Type)).Distinct();
}
