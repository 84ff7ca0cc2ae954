using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data.Drafts;
using OneRing.Data.Writing;
using Xunit.Abstractions;

namespace OneRing.Web.Tests.Browser.Survival;

/// <summary>How long and how often words are put to the test: a short form for every run, and a full one for <c>scripts/survival --full</c>.</summary>
internal static class Trial
{
    /// <summary>Of what was typed longer ago than this, nothing may be missing where only the server has it: two seconds, in the short form ten times as long.</summary>
    public static TimeSpan MayBeLost { get; } = TimeSpan.FromSeconds(Read("ONERING_SURVIVAL_LOSS_SECONDS", 20));

    /// <summary>What is in the box before somebody types on at a pace.</summary>
    public const int WordsBefore = 5_000;

    /// <summary>
    /// What Chromium says of requests and sockets that did not get through, and of a change that had got through unheard and is sent again (409).
    /// Nothing else is forgiven, and only where a network was cut.
    /// </summary>
    public static readonly string[] OfACutNetwork =
    [
        "console: Failed to load resource: net::ERR_",
        "console: Failed to load resource: the server responded with a status of 409 (Conflict)",
        "console: WebSocket connection to '",
        "Connection disconnected with error",
        "Error: Server timeout elapsed",
        "Failed to start the connection",
        "Failed to complete negotiation with the server",
        "Failed to start the transport",
        "Failed to fetch",
        "Websocket closed with status code: 1006",
        "WebSocket failed to connect",
        "Connection reconnect",
        "Warning: Timeout from HTTP request",
        // MudBlazor, when a page that stayed open gets a new circuit.
        "console: Popover Service already initialized",
    ];

    public static int Rounds { get; } = Read("ONERING_SURVIVAL_ROUNDS", 2);

    public static TimeSpan Cut { get; } = TimeSpan.FromSeconds(Read("ONERING_SURVIVAL_CUT_SECONDS", 5));

    /// <summary>The longest time that somebody types before it happens.</summary>
    public static TimeSpan Typing { get; } = TimeSpan.FromSeconds(Read("ONERING_SURVIVAL_TYPING_SECONDS", 4));

    private static int Seed { get; } = Read("ONERING_SURVIVAL_SEED", Environment.TickCount);

    /// <summary>Chance, which the output names so that it can be had again.</summary>
    public static Random Chance(ITestOutputHelper output)
    {
        output.WriteLine($"ONERING_SURVIVAL_SEED={Seed}");
        return new Random(Seed);
    }

    /// <summary>Waits until the server has something of what somebody types who does not pause.</summary>
    public static Task SomethingArrivesAsync(this IServiceProvider services, Guid draftId, string userId)
    {
        var before = string.Concat(Enumerable.Range(1, WordsBefore).Select(word => $"w{word} ")).Length;
        return UntilAsync("something is saved while it is typed", async () => (await services.TextOfAsync(draftId, userId))?.Length > before);
    }

    /// <summary>Opens a draft in which nobody looks after the box before that: composer.js is on its way until then.</summary>
    public static async Task<IPage> OpenUntendedAsync(this Person person, Guid draftId, Task before, string? prepared = null)
    {
        var page = await person.OpenStaticAsync("about:blank");
        if (prepared is not null)
        {
            await page.AddInitScriptAsync(prepared);
        }
        await page.HoldAsync("**/composer*.js", before);
        await page.GotoAsync($"/drafts/{draftId}");
        await page.ListensAsync();
        return page;
    }

    /// <summary>Holds what a page asks for on its way until then.</summary>
    public static Task HoldAsync(this IPage page, string address, Task until) => page.RouteAsync(address, async route =>
    {
        await until;
        await route.ContinueAsync();
    });

    /// <summary>A script for a page whose timers of one length run for another one.</summary>
    public static string Timers(int from, int to) => $$"""
        const timer = window.setTimeout;
        window.setTimeout = (act, after, ...more) => timer(act, after === {{from}} ? {{to}} : after, ...more);
        """;

    /// <summary>A script for a page whose timers of one length run out when the test says <c>release()</c>; until then they are counted in <c>held</c>.</summary>
    public static string HeldTimers(int of) => $$"""
        const timer = window.setTimeout;
        window.held = [];
        window.setTimeout = (act, after, ...more) => after === {{of}} && window.held !== null ? held.push(act) : timer(act, after, ...more);
        window.release = () => {
          const acts = held;
          window.held = null;
          acts.forEach((act) => act());
        };
        """;

    /// <summary>For how long a page waits for the other tabs of its browser to answer, in milliseconds.</summary>
    public const int TabsAnswerWithin = 120;

    /// <summary>For how long a page that is signed out of goes on saving words, in milliseconds.</summary>
    public const int SavesBeforeSignOut = 4000;

    /// <summary>A moment in which something may happen to somebody who types.</summary>
    public static Task SomeTimeAsync(Random chance) => Task.Delay(TimeSpan.FromSeconds(1) + chance.NextDouble() * (Typing - TimeSpan.FromSeconds(1)));

    /// <summary>A draft of somebody who holds its ring, and in which another one writes too.</summary>
    public static async Task<Guid> ADraftAsync(this IServiceProvider services, string holderId, string otherId, string title = "The lamp")
    {
        var draftId = Given.Succeed(await services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(holderId, title)));
        await services.AddAsync(draftId, holderId, otherId, Role.Writer);
        return draftId;
    }

    public static Task<Data.Result<Data.Done>> RenameAsync(this IServiceProvider services, Guid draftId, string ownerId, string title) =>
        services.GetRequiredService<DraftService>().RenameAsync(new RenameDraft(ownerId, draftId, title));

    /// <summary>What the server has of the text in somebody's box.</summary>
    public static async Task<string?> TextOfAsync(this IServiceProvider services, Guid draftId, string userId) =>
        (await services.GetRequiredService<WorkingTextService>().FindAsync(userId, draftId, textId: null)).Current?.Content;

    /// <summary>The whole of what somebody has parked in a draft.</summary>
    public static async Task<string[]> ParkedOfAsync(this IServiceProvider services, Guid draftId, string userId)
    {
        var texts = services.GetRequiredService<WorkingTextService>();
        var parked = new List<string>();
        foreach (var text in await texts.ListParkedAsync(userId, draftId))
        {
            parked.Add(await texts.ReadParkedAsync(userId, draftId, text.TextId) ?? "");
        }
        return [.. parked];
    }

    /// <summary>The box, whether its owner may write or not any more.</summary>
    public static ILocator AnyBox(this IPage page) => page.Locator("[data-composer=box]");

    /// <summary>The parked texts below the box.</summary>
    public static ILocator Parked(this IPage page) =>
        page.GetByRole(AriaRole.List, new() { Name = "Parked texts", Exact = true }).GetByRole(AriaRole.Listitem);

    /// <summary>The one bar at the foot of the window.</summary>
    public static ILocator Bar(this IPage page) => page.Locator("[data-connection-words]");

    /// <summary>Waits until something is so, for a minute at most, and answers how long that took.</summary>
    public static async Task<TimeSpan> UntilAsync(string what, Func<Task<bool>> isSo, int seconds = 60)
    {
        var from = DateTimeOffset.UtcNow;
        while (!await isSo())
        {
            Assert.True(DateTimeOffset.UtcNow - from < TimeSpan.FromSeconds(seconds), $"Not within {seconds} s: {what}");
            await Task.Delay(50);
        }
        return DateTimeOffset.UtcNow - from;
    }

    private static int Read(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
