using Microsoft.Playwright;

namespace OneRing.Web.Tests.Browser;

/// <summary>The clipboard of the one browser, which all profiles share. Whoever copies or pastes has it to themselves as long as they do.</summary>
internal static class Clipboard
{
    private static readonly SemaphoreSlim Free = new(1);

    /// <summary>Waits until nobody else has the clipboard. It is given back with the end of what is answered.</summary>
    public static async Task<IDisposable> TakeAsync(IPage page)
    {
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await Free.WaitAsync();
        return new Turn();
    }

    private sealed class Turn : IDisposable
    {
        public void Dispose() => Free.Release();
    }
}
