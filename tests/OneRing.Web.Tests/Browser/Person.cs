using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace OneRing.Web.Tests.Browser;

/// <summary>Somebody at a browser of their own. Whatever goes wrong behind their back is noted: errors, and requests to other hosts.</summary>
internal sealed class Person : IAsyncDisposable
{
    public const string Password = "a lamp that would not sleep";

    private readonly ConcurrentQueue<string> complaints = [];
    private readonly IBrowserContext profile;
    private readonly Uri site;

    private Person(Uri site, IBrowserContext profile)
    {
        this.site = site;
        this.profile = profile;
        profile.Console += (_, message) => NoteIf(message.Type is "error" or "warning", $"console: {message.Text} ({message.Location})");
        profile.WebError += (_, failure) => NoteIf(isWrong: true, $"error: {failure.Error}");
        profile.Request += (_, request) => NoteIf(new Uri(request.Url) is { Scheme: "http" or "https" or "ws" or "wss" } url && url.Authority != site.Authority, $"request: {request.Url}");
        profile.Dialog += async (_, dialog) =>
        {
            NoteIf(isWrong: true, $"dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
    }

    public string Id { get; private set; } = "";

    public string Handle { get; private set; } = "";

    /// <summary>Somebody who has not signed in.</summary>
    /// <param name="isExaminer">Whether the browser lets scripts of the test into pages, which our pages forbid.</param>
    public static async Task<Person> ArriveAsync(Uri site, int width = 1280, int height = 900, bool isExaminer = false) =>
        new(site, await Chromium.NewProfileAsync(new BrowserNewContextOptions
        {
            BaseURL = site.ToString(),
            BypassCSP = isExaminer,
            ViewportSize = new ViewportSize { Width = width, Height = height },
        }));

    /// <summary>Somebody with a new account, signed in at the site.</summary>
    /// <param name="services">Where the account is made; the site's own services, or others over the same database.</param>
    /// <param name="isExaminer">Whether the browser lets scripts of the test into pages, which our pages forbid.</param>
    public static async Task<Person> SignedInAsync(Uri site, IServiceProvider services, string name, int width = 1280, bool isExaminer = false, bool isAdmin = false)
    {
        var person = await ArriveAsync(site, width, isExaminer: isExaminer);
        person.Id = await services.APersonAsync(name, isAdmin: isAdmin, password: Password);
        person.Handle = await services.HandleOfAsync(person.Id);
        await person.SignInAsync();
        return person;
    }

    /// <summary>The same person at another browser.</summary>
    public static async Task<Person> AgainAsync(Uri site, Person person)
    {
        var again = await ArriveAsync(site);
        (again.Id, again.Handle) = (person.Id, person.Handle);
        await again.SignInAsync();
        return again;
    }

    /// <summary>Opens a tab and waits until the page listens. Clicks before that would be lost.</summary>
    public async Task<IPage> OpenAsync(string path)
    {
        var page = await OpenStaticAsync(path);
        try
        {
            await page.ListensAsync();
        }
        catch (TimeoutException failure)
        {
            throw new TimeoutException($"{path} does not listen. What went wrong behind its back:\n{string.Join('\n', complaints)}", failure);
        }
        return page;
    }

    /// <summary>Opens a tab with a page that needs no connection.</summary>
    public async Task<IPage> OpenStaticAsync(string path)
    {
        var page = await profile.NewPageAsync();
        await page.GotoAsync(path);
        return page;
    }

    /// <summary>Runs a script in every page that opens from now on, before the page’s own.</summary>
    public Task PrepareAsync(string script) => profile.AddInitScriptAsync(script);

    /// <summary>Records what servers send to this browser, on the pages that open from now on.</summary>
    public Recording Record() => new(profile);

    /// <summary>Nothing went wrong so far that a reader would not see.</summary>
    public void AssertCalm() => AssertCalmBut([]);

    /// <summary>Nothing went wrong but what contains one of these.</summary>
    public void AssertCalmBut(IReadOnlyList<string> expected)
    {
        var unexpected = complaints.Where(complaint => !expected.Any(part => complaint.Contains(part, StringComparison.Ordinal))).ToList();
        Assert.True(unexpected.Count == 0, string.Join('\n', unexpected));
    }

    public ValueTask DisposeAsync() => new(profile.CloseAsync());

    private async Task SignInAsync()
    {
        var page = await OpenStaticAsync("/account/sign-in");
        await page.GetByLabel("Handle").FillAsync(Handle);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.Button("Sign in").ClickAsync();
        await page.HasReachedAsync(site.ToString());
        await page.CloseAsync();
    }

    private void NoteIf(bool isWrong, string complaint)
    {
        if (isWrong)
        {
            complaints.Enqueue(complaint);
        }
    }
}

/// <summary>The things on our pages, by role and name.</summary>
internal static class PageParts
{
    public static ILocator Button(this IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public static ILocator Link(this IPage page, string name) => page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public static ILocator Heading(this IPage page, string name) => page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true });

    /// <summary>Where the holder writes.</summary>
    public static ILocator Box(this IPage page) => page.GetByRole(AriaRole.Textbox, new() { Name = "Write on", Exact = true });

    /// <summary>The paragraphs of the text of a draft, without their bylines.</summary>
    public static ILocator Segments(this IPage page) =>
        page.GetByRole(AriaRole.List, new() { Name = "Text", Exact = true }).GetByRole(AriaRole.Listitem).Locator("p:first-child");

    /// <summary>The beginnings of the parked texts of a person, without what stands beneath them.</summary>
    public static ILocator ParkedTexts(this IPage page) =>
        page.GetByRole(AriaRole.List, new() { Name = "Parked texts", Exact = true }).GetByRole(AriaRole.Listitem).Locator("p:first-child");

    public static ILocator Saying(this IPage page, string text) => page.GetByText(text, new() { Exact = true });

    /// <summary>Waits until the tab is at an address, or at a path of its site. The framework's own waiting for an address misses a tab that has arrived before it looks.</summary>
    public static Task HasReachedAsync(this IPage page, string address) => Assertions.Expect(page).ToHaveURLAsync(address);

    /// <summary>Waits until the page listens, and shows what it has read: for a moment its frame listens around nothing.</summary>
    public static Task ListensAsync(this IPage page) => page.Locator("[data-interactive=true] h1").First.WaitForAsync();

    /// <summary>Ends the tab in the middle of whatever it does: it hears nothing of its end, and sends nothing any more.</summary>
    public static async Task CrashAsync(this IPage page)
    {
        var isGone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        page.Crash += (_, _) => isGone.TrySetResult();
        var crash = page.GotoAsync("chrome://crash");
        await isGone.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAnyAsync<PlaywrightException>(() => crash);
        await page.CloseAsync();
    }

    /// <summary>Writes a text into the box and adds it.</summary>
    public static async Task AppendAsync(this IPage page, string text)
    {
        await page.Box().FillAsync(text);
        await page.Button("Add to the text").ClickAsync();
    }
}
