using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Authorisation;

public sealed class PageMatrixTests_InMemory(SiteInMemory site) : PageMatrixTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class PageMatrixTests_Postgres(SiteOnPostgres site) : PageMatrixTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>Who sees which page, who gets what from the addresses that forms post to, and who finds which button on a draft.</summary>
public abstract class PageMatrixTests(Site site)
{
    /// <summary>
    /// "page", or what stands in its place: "sign-in" leads there, "admins" says that it is for admins, "none" that there is no
    /// such thing for them; "asked" is the answer of an address that wants more than was sent; else a status.
    /// </summary>
    private static readonly Matrix Expected = new(
        """
        -- who                                        Anonymous Stranger Reader  Writer  Holder  Owner   Former  Disabled Admin
        POST /account/sign-out                      | 302       302      302     302     302     302     302     302      302
        POST /account/demo/{handle}                 | 302       302      302     302     302     302     302     302      302
        GET /drafts/{id:guid}/export                | sign-in   none     file    file    file    file    none    sign-in  none
        GET /drafts/{id:guid}/words                 | 401       file     file    file    file    file    file    401      file
        GET /drafts/{id:guid}/parked/{textId:guid}  | 401       none     none    none    none    none    none    401      none
        POST /drafts/{id:guid}/words                | 401       422      422     422     422     422     422     401      422
        POST /drafts/{id:guid}/words/{textId:guid}/park | 401   none     none    none    none    none    none    401      none
        GET /parked                                 | sign-in   page     page    page    page    page    page    sign-in  page
        POST /account/passkeys/creation-options     | sign-in   409      409     409     409     409     409     sign-in  409
        POST /account/passkeys                      | sign-in   302      302     302     302     302     302     sign-in  302
        POST /account/passkeys/rename               | sign-in   asked    asked   asked   asked   asked   asked   sign-in  asked
        POST /account/passkeys/remove               | sign-in   asked    asked   asked   asked   asked   asked   sign-in  asked
        POST /account/passkeys/request-options      | 200       200      200     200     200     200     200     200      200
        POST /account/sign-in/passkey               | sign-in   sign-in  sign-in sign-in sign-in sign-in sign-in sign-in  sign-in
        GET /account/data/download                  | sign-in   file     file    file    file    file    file    sign-in  file
        POST /account/data/delete                   | sign-in   302      302     302     302     302     302     sign-in  302
        POST /admin/users/{userId}/{act}            | sign-in   none     none    none    none    none    none    sign-in  302
        GET /admin/analytics/{table}.csv            | sign-in   none     none    none    none    none    none    sign-in  file
        GET /admin/analytics                        | sign-in   admins   admins  admins  admins  admins  admins  sign-in  page
        GET /admin/log                              | sign-in   admins   admins  admins  admins  admins  admins  sign-in  page
        GET /account/choose-password                | page      page     page    page    page    page    page    page     page
        GET /account/confirm-email                  | sign-in   page     page    page    page    page    page    sign-in  page
        GET /account/data                           | sign-in   page     page    page    page    page    page    sign-in  page
        GET /account/deleted                        | page      page     page    page    page    page    page    page     page
        GET /drafts/{DraftId:guid}                  | sign-in   none     page    page    page    page    none    sign-in  none
        GET /drafts/{DraftId:guid}/insights         | sign-in   none     page    page    page    page    none    sign-in  none
        GET /                                       | page      page     page    page    page    page    page    page     page
        GET /error                                  | page      page     page    page    page    page    page    page     page
        GET /account/forgot-password                | page      page     page    page    page    page    page    page     page
        GET /invites/{DraftId:guid}/{InviteId:guid} | page      page     page    page    page    page    page    page     page
        GET /invites                                | sign-in   page     page    page    page    page    page    sign-in  page
        GET /waiting                                | sign-in   page     page    page    page    page    page    sign-in  page
        GET /insights                               | sign-in   page     page    page    page    page    page    sign-in  page
        GET /drafts/new                             | sign-in   page     page    page    page    page    page    sign-in  page
        GET /not-found                              | page      page     page    page    page    page    page    page     page
        GET /people/{Handle}                        | sign-in   page     page    page    page    page    page    sign-in  page
        GET /account                                | sign-in   page     page    page    page    page    page    sign-in  page
        GET /read/{Token}                           | page      page     page    page    page    page    page    page     page
        GET /account/security                       | sign-in   page     page    page    page    page    page    sign-in  page
        GET /account/sign-in/code                   | sign-in   sign-in  sign-in sign-in sign-in sign-in sign-in sign-in  sign-in
        GET /account/sign-in                        | page      page     page    page    page    page    page    page     page
        GET /account/sign-up                        | page      page     page    page    page    page    page    page     page
        GET /account/notices                        | sign-in   page     page    page    page    page    page    sign-in  page
        GET /account/whereabouts                    | sign-in   page     page    page    page    page    page    sign-in  page
        GET /unsubscribe                            | page      page     page    page    page    page    page    page     page
        POST /unsubscribe                           | asked     asked    asked   asked   asked   asked   asked   asked    asked
        GET /account/tokens                         | sign-in   page     page    page    page    page    page    sign-in  page
        GET /account/two-factor                     | sign-in   page     page    page    page    page    page    sign-in  page
        GET /admin/users                            | sign-in   admins   admins  admins  admins  admins  admins  sign-in  page
        """);

    /// <summary>The buttons of a draft page, and for whom they are there.</summary>
    private static readonly Matrix Buttons = new(
        """
        -- who                          Anonymous Stranger Reader Writer Holder Owner Former Disabled Admin
        Add                           | -         -        -      -      -      yes   -      -        -
        Add to the text               | -         -        -      -      yes    -     -      -        -
        Archive                       | -         -        -      -      -      yes   -      -        -
        Ask for the ring              | -         -        -      yes    -      yes   -      -        -
        Back to the owner             | -         -        -      -      yes    -     -      -        -
        By handle                     | -         -        -      -      yes    yes   -      -        -
        Change                        | -         -        -      -      -      yes   -      -        -
        Complete                      | -         -        -      -      -      yes   -      -        -
        Delete                        | -         -        -      -      -      yes   -      -        -
        Export this draft             | -         -        yes    yes    yes    yes   -      -        -
        Focus                         | -         -        -      -      yes    -     -      -        -
        History of the ring (2 turns) | -         -        yes    yes    yes    yes   -      -        -
        I will be away                | -         -        -      yes    yes    yes   -      -        -
        In turn                       | -         -        -      -      yes    -     -      -        -
        Invite                        | -         -        -      -      yes    yes   -      -        -
        Leave this draft              | -         -        yes    yes    yes    -     -      -        -
        Lock                          | -         -        -      -      yes    yes   -      -        -
        Longest silent                | -         -        -      -      yes    -     -      -        -
        Make Holder a reader          | -         -        -      -      -      yes   -      -        -
        Make Holder the owner         | -         -        -      -      -      yes   -      -        -
        Make Reader a writer          | -         -        -      -      -      yes   -      -        -
        Make Reader the owner         | -         -        -      -      -      yes   -      -        -
        Make Writer a reader          | -         -        -      -      -      yes   -      -        -
        Make Writer the owner         | -         -        -      -      -      yes   -      -        -
        Make a public link            | -         -        -      -      -      yes   -      -        -
        Pass to Owner                 | -         -        -      -      yes    -     -      -        -
        Pass to Writer                | -         -        -      -      yes    -     -      -        -
        Preview                       | -         -        -      -      yes    -     -      -        -
        Remove Holder                 | -         -        -      -      -      yes   -      -        -
        Remove Reader                 | -         -        -      -      -      yes   -      -        -
        Remove Writer                 | -         -        -      -      -      yes   -      -        -
        Remind Holder                 | -         -        -      yes    -      yes   -      -        -
        Rename                        | -         -        -      -      -      yes   -      -        -
        Take the ring back            | -         -        -      -      -      yes   -      -        -
        With a link                   | -         -        -      -      yes    yes   -      -        -
        """);

    /// <summary>The buttons beside the text: of a draft that its holder has nearly written alone.</summary>
    private static readonly Matrix InsightButtons = new(
        """
        -- who                      Anonymous Stranger Reader Writer Holder Owner Former Disabled Admin
        14 days                   | -         -        yes    yes    yes    yes   -      -        -
        30 days                   | -         -        yes    yes    yes    yes   -      -        -
        7 days                    | -         -        yes    yes    yes    yes   -      -        -
        90 days                   | -         -        yes    yes    yes    yes   -      -        -
        Complete                  | -         -        -      -      -      yes   -      -        -
        Export this draft         | -         -        yes    yes    yes    yes   -      -        -
        Lock                      | -         -        -      -      yes    yes   -      -        -
        Pass to Writer            | -         -        -      -      yes    -     -      -        -
        Rename                    | -         -        -      -      -      yes   -      -        -
        Table of activity by day  | -         -        yes    yes    yes    yes   -      -        -
        Table of words by person  | -         -        yes    yes    yes    yes   -      -        -
        """);

    private static readonly string[] NotPages =
    [
        // Files, the machinery of Blazor, and what a load balancer asks: the same for everybody.
        "_blazor", "_framework", "/healthz", "/readyz", "/openapi", "/docs", "/v1",
        // The place in a route where every address that nothing else answers ends.
        "{**",
    ];

    /// <summary>After these, somebody else is signed in, or nobody.</summary>
    private static readonly string[] EndsOrBeginsAVisit = ["POST /account/sign-out", "POST /account/demo/{handle}"];

    [Fact]
    public async Task Everybody_gets_from_every_address_what_the_table_says()
    {
        var world = await World.MakeAsync(site);
        var (expected, actual) = (new List<string>(), new List<string>());

        foreach (var address in Addresses())
        {
            var cells = new List<string>();
            foreach (var kind in Enum.GetValues<Kind>())
            {
                cells.Add(await TryAsync(world, kind, address));
            }
            actual.Add(Matrix.Line(address, cells));
            expected.Add(Matrix.Line(address, Enum.GetValues<Kind>().Select(kind => Expected.Cell(address, kind))));
        }

        Assert.Equal(string.Join('\n', expected), string.Join('\n', actual));
    }

    [Fact]
    public void Every_address_that_there_is_has_its_line_in_the_table() =>
        Assert.Equal(Addresses().Order(StringComparer.Ordinal), Expected.Operations.Order(StringComparer.Ordinal));

    [Fact]
    public async Task Everybody_finds_on_a_draft_the_buttons_for_what_they_may_do_and_no_others()
    {
        var world = await World.MakeAsync(site);

        await AssertButtonsAsync(world, Buttons, async kind => $"/drafts/{await world.DraftForAsync(kind)}");
    }

    [Fact]
    public async Task Everybody_finds_among_the_insights_the_buttons_for_what_they_may_do_and_no_others()
    {
        var world = await World.MakeAsync(site);

        await AssertButtonsAsync(world, InsightButtons, async kind =>
        {
            var draft = await world.DraftForAsync(kind);
            await site.Services.AppendAsync(draft, world.IdOf(Kind.Holder), "and they wrote");
            await site.Services.AppendAsync(draft, world.IdOf(Kind.Holder), "ever after.");
            return $"/drafts/{draft}/insights";
        });
    }

    private static async Task AssertButtonsAsync(World world, Matrix table, Func<Kind, Task<string>> addressFor)
    {
        var found = new Dictionary<Kind, IReadOnlyList<string>>();
        foreach (var kind in Enum.GetValues<Kind>())
        {
            var page = await world.BrowserOf(kind).OpenAsync(await addressFor(kind));
            found[kind] = page.RedirectsTo is null ? page.Buttons : [];
        }

        var names = found.Values.SelectMany(buttons => buttons).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var actual = names.Select(name => Matrix.Line(name, Enum.GetValues<Kind>().Select(kind => found[kind].Contains(name, StringComparer.Ordinal) ? "yes" : "-")));
        var expected = names.Select(name => Matrix.Line(name, Enum.GetValues<Kind>().Select(kind => table.Cell(name, kind))));
        Assert.Equal(string.Join('\n', expected), string.Join('\n', actual));
        Assert.Equal(table.Operations.Order(StringComparer.Ordinal), names);
    }

    private static async Task<string> TryAsync(World world, Kind kind, string address)
    {
        var draft = await world.DraftForAsync(kind);
        var parts = address.Split(' ');
        var url = parts[1]
            .Replace("{DraftId:guid}", $"{draft}", StringComparison.Ordinal)
            .Replace("{id:guid}", $"{draft}", StringComparison.Ordinal)
            .Replace("{textId:guid}", $"{Guid.NewGuid()}", StringComparison.Ordinal)
            .Replace("{Handle}", world.HandleOf(Kind.Owner), StringComparison.Ordinal)
            .Replace("{handle}", "ben", StringComparison.Ordinal)
            .Replace("{userId}", world.IdOf(Kind.Stranger), StringComparison.Ordinal)
            .Replace("{table}", "drafts", StringComparison.Ordinal)
            .Replace("{act}", "enabled", StringComparison.Ordinal);
        if (url.Contains("{InviteId:guid}", StringComparison.Ordinal))
        {
            url = url.Replace("{InviteId:guid}", $"{(await world.InviteAsync(draft)).InviteId}", StringComparison.Ordinal);
        }
        if (url.Contains("{Token}", StringComparison.Ordinal))
        {
            url = url.Replace("{Token}", await world.PublicTokenAsync(draft), StringComparison.Ordinal);
        }
        var browser = world.BrowserOf(kind);
        if (parts[0] == "GET")
        {
            return Told(await browser.OpenAsync(url));
        }

        var form = (await browser.OpenAsync("/account/sign-in")).Document.QuerySelector("input[name=__RequestVerificationToken]");
        using var content = new FormUrlEncodedContent([new("__RequestVerificationToken", form?.GetAttribute("value") ?? "")]);
        using var answer = await browser.Client.PostAsync(url, content);
        if (EndsOrBeginsAVisit.Contains(address, StringComparer.Ordinal))
        {
            await world.SignInAgainAsync(kind);
        }
        return answer.StatusCode switch
        {
            HttpStatusCode.Redirect when answer.Headers.Location!.OriginalString.Contains("/account/sign-in", StringComparison.Ordinal) => "sign-in",
            HttpStatusCode.NotFound => "none",
            HttpStatusCode.BadRequest => "asked",
            var status => $"{(int)status}",
        };
    }

    private static string Told(Page page) => (page, page.Document.QuerySelector("h1")?.TextContent) switch
    {
        ({ RedirectsTo: { } to }, _) when to.StartsWith("/account/sign-in", StringComparison.Ordinal) => "sign-in",
        ({ RedirectsTo: { } to }, _) => to,
        ({ Status: HttpStatusCode.NotFound }, _) => "none",
        ({ Status: not HttpStatusCode.OK }, _) => $"{(int)page.Status}",
        _ when !page.Html.StartsWith("<!DOCTYPE", StringComparison.OrdinalIgnoreCase) => "file",
        (_, "This page is for admins") => "admins",
        (_, "There is no such draft here") => "none",
        _ => "page",
    };

    private IEnumerable<string> Addresses() =>
        (from endpoint in site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
         where !endpoint.Metadata.Any(fact => fact.GetType().Name.StartsWith("StaticAsset", StringComparison.Ordinal))
         let pattern = $"/{endpoint.RoutePattern.RawText!.TrimStart('/')}"
         where !NotPages.Any(part => pattern.StartsWith(part, StringComparison.Ordinal) || pattern.Contains($"/{part}", StringComparison.Ordinal))
         from method in endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Components.Endpoints.ComponentTypeMetadata>() is null
             ? endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
             : ["GET"]
         select $"{method} {pattern}").Distinct(StringComparer.Ordinal);
}
