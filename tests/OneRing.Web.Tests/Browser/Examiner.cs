using Deque.AxeCore.Commons;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

/// <summary>Looks at an open page in every width and theme, for whatever would be in somebody’s way: asks axe about WCAG 2.2 AA and what is good practice beside it.</summary>
internal static class Examiner
{
    /// <summary>So many rules of axe are asked on every page, whether or not there is something on it for them to look at.</summary>
    public const int Rules = 90;

    /// <summary>On the emptiest of our pages, so many of them have something to look at.</summary>
    public const int RulesApplied = 15;

    private const int Narrowest = 320;

    /// <summary>More than any page of ours has.</summary>
    private const int MostStops = 200;

    private const string AskAxe = """
        async () => {
            const result = await axe.run(document, {
                runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
                // Off unless asked for.
                rules: { "target-size": { enabled: true } },
                resultTypes: ["violations", "incomplete"],
            });
            const told = rules => rules.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary ?? ""} ${node.html}`));
            const applied = [...result.passes, ...result.violations, ...result.incomplete].map(rule => rule.id);
            return {
                rules: applied.length + result.inapplicable.length,
                applied,
                // What it cannot measure of a target is for us to mend too.
                faults: told(result.violations.concat(result.incomplete.filter(rule => rule.id === "target-size"))),
            };
        }
        """;

    /// <summary>What is wider than the window, and what has to be scrolled sideways inside it. Tables, drawings and code may be: they have two dimensions.</summary>
    private const string LookForSideways = """
        () => {
            const width = document.documentElement.clientWidth;
            const name = element => `<${element.localName} class="${element.getAttribute("class") ?? ""}"> “${element.textContent.trim().slice(0, 30)}”`;
            const isCut = element => {
                for (let around = element.parentElement; around && around !== document.body; around = around.parentElement) {
                    if (getComputedStyle(around).overflowX !== "visible") return true;
                }
                return false;
            };
            const found = [];
            if (document.scrollingElement.scrollWidth > width) found.push(`sideways: the page is ${document.scrollingElement.scrollWidth} px wide`);
            for (const element of document.body.querySelectorAll("*")) {
                const box = element.getBoundingClientRect();
                if (box.width <= 1 || box.height <= 1 || !element.checkVisibility()) continue;
                if ((box.right > width + 1 || box.left < -1) && !isCut(element)) found.push(`sideways: ${name(element)} reaches from ${box.left} to ${box.right} px`);
                if (["auto", "scroll"].includes(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth + 1
                    && !element.matches("textarea, pre") && !element.querySelector("table, svg, pre")) found.push(`sideways: ${name(element)} has to be scrolled`);
            }
            return found;
        }
        """;

    /// <summary>What moves for more than a millisecond, or would as soon as it is shown or changed.</summary>
    private const string LookForMovement = """
        () => {
            const longest = list => Math.max(...list.split(",").map(time => parseFloat(time) * (time.trim().endsWith("ms") ? 1 : 1000)));
            const most = list => Math.max(...list.split(",").map(count => count.trim() === "infinite" ? Infinity : parseFloat(count)));
            const found = [];
            for (const element of document.querySelectorAll("*")) {
                for (const part of ["", "::before", "::after"]) {
                    const style = getComputedStyle(element, part || null);
                    const animation = style.animationName === "none" ? 0 : longest(style.animationDuration) * most(style.animationIterationCount);
                    const transition = style.transitionProperty === "none" ? 0 : longest(style.transitionDuration);
                    if (!(Math.max(animation, transition) <= 1)) {
                        found.push(`movement: <${element.localName} class="${element.getAttribute("class") ?? ""}">${part} for ${Math.max(animation, transition)} ms`);
                    }
                }
            }
            for (const animation of document.getAnimations()) {
                if (!(animation.effect.getComputedTiming().endTime <= 1)) found.push(`movement: an animation for ${animation.effect.getComputedTiming().endTime} ms`);
            }
            return found;
        }
        """;

    /// <summary>What keeps somebody from seeing where the keyboard is, with an empty text for nothing; null when it has left the page, or been there before.</summary>
    private const string LookForFocus = """
        () => {
            const focused = document.activeElement;
            if (!focused || focused === document.body || focused === document.documentElement || walked.has(focused)) return null;
            walked.add(focused);
            const box = focused.getBoundingClientRect();
            const named = focused.outerHTML.slice(0, 160);
            const [left, right, top, bottom] = [Math.max(0, box.left), Math.min(innerWidth, box.right), Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
            if (box.width === 0 || box.height === 0 || left >= right || top >= bottom) return `out of sight: ${named}`;
            const isThere = (x, y) => {
                const onTop = document.elementFromPoint(x, y);
                // A label covers the box that it names.
                return onTop && (focused.contains(onTop) || onTop.contains(focused) || onTop.closest("label")?.control === focused);
            };
            const points = [0.1, 0.5, 0.9].map(part => [left + (right - left) / 2, top + (bottom - top) * part]);
            const covered = points.filter(point => !isThere(...point));
            return covered.length === 0 ? "" : `covered in ${covered.length} of 3 places by ${document.elementFromPoint(...covered[0])?.outerHTML.slice(0, 160)}: ${named}`;
        }
        """;

    private const string Drawn = "() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))";

    private static readonly int[] Widths = [Narrowest, 390, 1440];

    /// <summary>The script of axe, for every page that opens in a browser: <see cref="Person.PrepareAsync"/>.</summary>
    public static string Axe { get; } = new BundledAxeScriptProvider().GetScript();

    /// <summary>Looks at a page at every width, in light and in dark.</summary>
    /// <param name="page">Opened where <see cref="Axe"/> is prepared.</param>
    /// <param name="what">The page’s name in what is found.</param>
    /// <returns>What is found, a line each.</returns>
    public static async Task<IReadOnlyList<string>> ExamineAsync(IPage page, string what)
    {
        var faults = new List<string>();
        foreach (var theme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await ShowAsync(page, theme);
            foreach (var width in Widths)
            {
                await page.SetViewportSizeAsync(width, 900);
                await page.EvaluateAsync(Drawn);
                var found = await page.EvaluateAsync<Answer>(AskAxe);
                // A page on which nothing was looked at would pass too.
                Assert.True(found.Rules >= Rules && found.Applied.Length >= RulesApplied, $"{what}: {found.Rules} rules were asked, and {found.Applied.Length} had something to look at.");
                Assert.Contains("target-size", found.Applied);
                faults.AddRange(from fault in found.Faults.Concat(await page.EvaluateAsync<string[]>(LookForSideways)) select $"{what}, {theme}, {width} px: {fault}");
            }
        }
        faults.AddRange(from fault in await page.EvaluateAsync<string[]>(LookForMovement) select $"{what}: {fault}");
        return faults;
    }

    /// <summary>Shows a page in a theme, without movement, so that no colour is still on its way while it is measured.</summary>
    public static async Task ShowAsync(IPage page, ColorScheme theme)
    {
        await page.EmulateMediaAsync(new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce });
        await Expect(page.Locator($"html[data-theme={(theme == ColorScheme.Dark ? "dark" : "light")}]")).ToBeAttachedAsync();
        await page.EvaluateAsync(Drawn);
    }

    /// <summary>Presses a key until the keyboard has been everywhere on the page.</summary>
    /// <returns>What hides each place where it stops; empty for nothing.</returns>
    public static async Task<IReadOnlyList<string>> WalkAsync(IPage page, string key)
    {
        var passed = new List<string>();
        await page.EvaluateAsync("() => { window.walked = new Set(); document.activeElement?.blur(); }");
        for (var press = 0; press < MostStops; press++)
        {
            await page.Keyboard.PressAsync(key);
            await page.EvaluateAsync(Drawn);
            if (await page.EvaluateAsync<string?>(LookForFocus) is { } hidden)
            {
                passed.Add(hidden);
            }
            else if (passed.Count > 0)
            {
                break;
            }
        }
        return passed;
    }

    private sealed class Answer
    {
        public int Rules { get; set; }

        public string[] Applied { get; set; } = [];

        public string[] Faults { get; set; } = [];
    }
}
