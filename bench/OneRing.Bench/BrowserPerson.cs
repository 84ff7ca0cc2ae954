using System.Net;
using AngleSharp.Html.Parser;

namespace OneRing.Bench;

/// <summary>Somebody who is signed in at a browser, as far as pages and their circuits need one: cookies and an address.</summary>
internal sealed class BrowserPerson : IDisposable
{
    private readonly CookieContainer cookies = new();

    private BrowserPerson(Uri address) =>
        Http = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = address };

    public HttpClient Http { get; }

    public CookieContainer Cookies => cookies;

    /// <summary>Signs in through the form.</summary>
    public static async Task<BrowserPerson> SignInAsync(Uri address, string handle, string password)
    {
        var person = new BrowserPerson(address);
        var page = await new HtmlParser().ParseDocumentAsync(await person.Http.GetStringAsync(new Uri("/account/sign-in", UriKind.Relative)));
        var form = page.QuerySelectorAll("form").First(form => form.QuerySelector("input[type=password]") is not null);
        var fields = form.QuerySelectorAll("input[name]").Select(input => KeyValuePair.Create(input.GetAttribute("name")!, input.GetAttribute("type") switch
        {
            "hidden" => input.GetAttribute("value") ?? "",
            "password" => password,
            _ => handle,
        }));
        using var content = new FormUrlEncodedContent(fields);
        using var answer = await person.Http.PostAsync(new Uri(form.GetAttribute("action") is { Length: > 0 } action ? action : "/account/sign-in", UriKind.Relative), content);
        return answer.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.SeeOther
            ? person
            : throw new InvalidOperationException($"Signing in was answered with {answer.StatusCode}.");
    }

    public void Dispose() => Http.Dispose();
}
