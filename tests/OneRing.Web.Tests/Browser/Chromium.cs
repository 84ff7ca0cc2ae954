using Microsoft.Playwright;

namespace OneRing.Web.Tests.Browser;

/// <summary>
/// The one Chromium of this test assembly, as Debian packages it. Without it a browser test is visibly skipped; where everything
/// has to run (<c>ONERING_REQUIRE_ALL=true</c>) it fails.
/// </summary>
internal static class Chromium
{
    private const string Path = "/usr/bin/chromium";

    /// <summary>The same browser without its window, which costs more than most pages. Debian packages it apart; without it the whole one will do.</summary>
    private const string WindowlessPath = "/usr/bin/chromium-headless-shell";

    /// <summary>For how many milliseconds anything on a page may keep a test waiting. A busy machine is no failure.</summary>
    private const int Patience = 60_000;

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private static readonly Lazy<Task<IBrowser>> Shared = new(LaunchAsync);

    /// <summary>A browser profile of its own: cookies and storage are shared with nobody.</summary>
    public static async Task<IBrowserContext> NewProfileAsync(BrowserNewContextOptions options)
    {
        var isAbsent = !File.Exists(Path) && !File.Exists(WindowlessPath);
        Assert.False(isAbsent && Environment.GetEnvironmentVariable("ONERING_REQUIRE_ALL") == "true", $"{Path} is absent, and everything has to run.");
        Skip.If(isAbsent, $"{Path} is absent (Debian, Ubuntu: apt-get install chromium)");
        var profile = await (await Shared.Value).NewContextAsync(options);
        profile.SetDefaultTimeout(Patience);
        return profile;
    }

    private static async Task<IBrowser> LaunchAsync()
    {
        Assertions.SetDefaultExpectTimeout(Patience);
        var playwright = await Playwright.CreateAsync();
        // Its driver ends with this process, and takes the browser with it.
        return await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = File.Exists(WindowlessPath) ? WindowlessPath : Path, Args = Arguments });
    }
}
