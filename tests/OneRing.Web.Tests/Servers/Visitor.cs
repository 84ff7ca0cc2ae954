using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace OneRing.Web.Tests.Servers;

/// <summary>A person at a browser without scripts: opens pages, fills forms in and sends them.</summary>
internal sealed class Visitor(HttpClient client)
{
    /// <summary>How long somebody who asks before they send waits for what the server says.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public HttpClient Client => client;

    public static Visitor At(Uri address) => new(new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, Expect100ContinueTimeout = Patience }) { BaseAddress = address });

    public async Task<Page> OpenAsync(string url) => await ReadAsync(await client.GetAsync(url));

    /// <summary>Presses a button of a page, after filling in the fields of its form by their labels.</summary>
    public async Task<Page> PressAsync(Page page, string button, params (string Label, string Value)[] fields)
    {
        var pressed = page.Document.FindAllByRole("button", button).Single();
        var form = pressed.Closest("form") ?? throw new InvalidOperationException($"“{button}” is in no form.");
        var values = form.QuerySelectorAll("input[type=hidden][name]").ToDictionary(i => i.GetAttribute("name")!, i => i.GetAttribute("value") ?? "");
        if (pressed.GetAttribute("name") is { } own)
        {
            values[own] = pressed.GetAttribute("value") ?? "";
        }
        foreach (var (label, value) in fields)
        {
            var field = form.QuerySelectorAll("input, select, textarea").Single(input => input.NameOf() == label);
            values[field.GetAttribute("name")!] = value;
        }

        var action = new Uri(page.Url, form.GetAttribute("action") is { Length: > 0 } given ? given : page.Url.PathAndQuery);
        using var content = new FormUrlEncodedContent(values);
        return await ReadAsync(await client.PostAsync(action, content));
    }

    public async Task<Page> FollowAsync(Page page) => await OpenAsync(page.RedirectsTo ?? throw new InvalidOperationException($"{page.Url} leads nowhere else."));

    /// <summary>Signs in with a password, and stands on the page that this leads to.</summary>
    public async Task<Page> SignInAsync(string handle, string password) =>
        await PressAsync(await OpenAsync("/account/sign-in"), "Sign in", ("Handle", handle), ("Password", password));

    private static async Task<Page> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var html = await answer.Content.ReadAsStringAsync();
            var url = answer.RequestMessage!.RequestUri!;
            var location = answer.Headers.Location is { } to ? new Uri(url, to).PathAndQuery : null;
            var headers = answer.Headers.ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
            return new Page(url, answer.StatusCode, location, headers, html, new HtmlParser().ParseDocument(html));
        }
    }
}

/// <summary>What a server answered.</summary>
/// <param name="RedirectsTo">The place on this site where the visitor is sent, if they are.</param>
internal sealed record Page(
    Uri Url, HttpStatusCode Status, string? RedirectsTo, IReadOnlyDictionary<string, string> Headers, string Html, IHtmlDocument Document)
{
    public string Text => Document.Body!.TextOf();

    public string Heading => Document.FindAllByRole("heading")[0].TextOf();

    /// <summary>What went wrong, in words.</summary>
    public IReadOnlyList<string> Alerts =>
        [.. Document.FindAllByRole("alert").Where(alert => alert.Id != "blazor-error-ui").Select(alert => alert.TextOf()).Where(text => text.Length > 0)];

    /// <summary>The buttons of the page itself, without those of its frame.</summary>
    public IReadOnlyList<string> Buttons => [.. Document.QuerySelector("main")!.FindAllByRole("button").Select(button => button.NameOf())];

    /// <summary>Whether the visitor is signed in here.</summary>
    public bool IsSignedIn => Document.FindAllByRole("button", "Sign out").Count == 1;
}
