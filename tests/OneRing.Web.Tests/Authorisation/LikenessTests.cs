using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using AngleSharp.Html.Parser;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Invites;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Authorisation;

public sealed class LikenessTests_InMemory(SiteInMemory site) : LikenessTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class LikenessTests_Postgres(SiteOnPostgres site) : LikenessTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>
/// Whoever has no part in a thing cannot tell from any answer whether it is there: the same status, the same headers and the same body, but for what they sent themselves and what is
/// new in each answer.
/// </summary>
public abstract partial class LikenessTests(Site site)
{
    private const string Password = "a lamp that would not sleep";

    /// <summary>What is another one in each answer.</summary>
    private static readonly string[] NewEachTime = ["Date", "x-request-id", "Set-Cookie", "Content-Length", "Transfer-Encoding", "Expires", "Pragma"];

    [Fact]
    public async Task Every_route_of_the_API_answers_alike_about_a_draft_of_others_and_one_that_is_not_there()
    {
        var world = await World.MakeAsync(site);
        var draft = await world.DraftForAsync(Kind.Stranger);
        var invite = (await world.InviteAsync(draft)).InviteId;
        var routes = Routes("/v1").Where(route => route.Path.Contains("{id}", StringComparison.Ordinal)).ToList();
        Assert.True(routes.Count > 20, $"{routes.Count}");
        var unlike = new List<string>();

        foreach (var (method, path) in routes)
        {
            foreach (var kind in (Kind[])[Kind.Stranger, Kind.Former, Kind.Disabled, Kind.Anonymous])
            {
                var there = $"{(path.Contains("/invites/{id}", StringComparison.Ordinal) ? invite : draft)}";
                var answers = new List<string>();
                foreach (var id in (string[])[there, $"{Guid.NewGuid()}", $"{Guid.CreateVersion7()}"])
                {
                    using var client = world.ApiOf(kind);
                    var url = path.Replace("{id}", id, StringComparison.Ordinal).Replace("{user_id}", world.IdOf(Kind.Reader), StringComparison.Ordinal);
                    using var request = new HttpRequestMessage(new HttpMethod(method), url);
                    if (method != "GET")
                    {
                        request.Content = JsonContent.Create(new
                        {
                            title = "My title",
                            content = "My words",
                            idempotency_key = Given.NewKey(),
                            to_user_id = world.IdOf(Kind.Writer),
                            user_id = world.IdOf(Kind.Stranger),
                            role = "reader",
                            token = "not the token of this link, which is longer",
                        });
                    }
                    using var answer = await client.SendAsync(request);
                    answers.Add(await AllOfAsync(answer, id, url));
                }
                if (answers.Distinct(StringComparer.Ordinal).Count() > 1)
                {
                    unlike.Add($"{method} {path} for {kind}:\n{string.Join("\n", answers.Distinct(StringComparer.Ordinal))}");
                }
            }
        }

        Assert.True(unlike.Count == 0, string.Join("\n\n", unlike));
    }

    [Fact]
    public async Task Every_page_about_a_draft_answers_alike_about_one_of_others_and_one_that_is_not_there()
    {
        var world = await World.MakeAsync(site);
        var draft = await world.DraftForAsync(Kind.Stranger);
        var paths = Routes("/drafts/").Select(route => route.Path).Where(path => path.Contains(":guid}", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToList();
        Assert.True(paths.Count >= 4, $"{paths.Count}");
        var unlike = new List<string>();

        foreach (var path in paths)
        {
            foreach (var kind in (Kind[])[Kind.Stranger, Kind.Admin, Kind.Anonymous])
            {
                var answers = new List<string>();
                foreach (var id in (Guid[])[draft, Guid.NewGuid()])
                {
                    var url = TextId().Replace(DraftId().Replace(path, $"{id}"), "0197b2d0-0000-7000-8000-000000000001");
                    using var answer = await world.BrowserOf(kind).Client.GetAsync(new Uri(url, UriKind.Relative));
                    answers.Add(await AllOfAsync(answer, $"{id}", url));
                }
                if (answers.Distinct(StringComparer.Ordinal).Count() > 1)
                {
                    unlike.Add($"{path} for {kind}:\n{string.Join("\n", answers)}");
                }
            }
        }

        Assert.True(unlike.Count == 0, string.Join("\n\n", unlike));
    }

    [Fact]
    public async Task Somebody_who_is_signed_in_is_so_too_on_a_page_that_is_not_there()
    {
        var world = await World.MakeAsync(site);

        // Several, as on PostgreSQL it was a matter of which came first.
        for (var i = 0; i < 10; i++)
        {
            foreach (var path in (string[])[$"/drafts/{Guid.NewGuid()}/export", "/nowhere"])
            {
                using var answer = await world.BrowserOf(Kind.Stranger).Client.GetAsync(new Uri(path, UriKind.Relative));
                Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
                Assert.Contains("/account/sign-out", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_link_that_was_taken_away_looks_like_one_that_never_was()
    {
        var world = await World.MakeAsync(site);
        var draft = await world.DraftForAsync(Kind.Owner);
        var old = await world.PublicTokenAsync(draft);
        Given.Succeed(await world.Get<OneRing.Data.Sharing.SharingService>().UnshareAsync(new OneRing.Data.Sharing.UnshareDraft(world.IdOf(Kind.Owner), draft)));
        var made = await world.InviteAsync(draft);
        Given.Succeed(await world.Get<InviteService>().RevokeAsync(new RevokeInvite(world.IdOf(Kind.Owner), draft, made.InviteId)));

        await AssertAlikeAsync($"/read/{old}", $"/read/{new string('A', old.Length)}", $"/read/{old[..^4]}AAAA", "/read/x");
        await AssertAlikeAsync($"/invites/{draft}/{made.InviteId}", $"/invites/{draft}/{Guid.NewGuid()}", $"/invites/{Guid.NewGuid()}/{Guid.NewGuid()}");

        async Task AssertAlikeAsync(params string[] urls)
        {
            var answers = new List<string>();
            foreach (var url in urls)
            {
                using var answer = await world.BrowserOf(Kind.Anonymous).Client.GetAsync(new Uri(url, UriKind.Relative));
                answers.Add(await AllOfAsync(answer, url, url.TrimStart('/')));
            }
            Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        }
    }

    [Fact]
    public async Task The_forms_for_people_who_are_not_signed_in_do_not_say_who_has_an_account()
    {
        var services = site.Services;
        var there = await services.HandleOfAsync(await services.APersonAsync("Ana", password: Password));
        var without = await services.HandleOfAsync(await services.APersonAsync("Ben"));
        var disabledId = await services.APersonAsync("Cleo", password: Password);
        var disabled = await services.HandleOfAsync(disabledId);
        Given.Succeed(await services.GetRequiredService<UserAdministration>().ActAsync(new UserAct(ActorId: null, disabledId, Act.Disabled, "a test")));
        var nobody = $"nobody_{Guid.NewGuid():N}"[..there.Length];
        string[] handles = [there, without, disabled, nobody];

        await AssertAlikeAsync("/account/sign-in", "Sign in", handle => [("Handle", handle), ("Password", "a lamp that would always sleep")]);
        await AssertAlikeAsync("/account/forgot-password", "Send me a link", handle => [("Handle or e-mail address", handle)]);
        foreach (var token in (string[])["", "QUFB"])
        {
            var answers = new List<string>();
            foreach (var handle in handles)
            {
                var visitor = site.Visit();
                var url = $"/account/choose-password?handle={handle}&token={token}";
                var page = await visitor.OpenAsync(url);
                var answer = await visitor.PressAsync(page, "Keep it and sign in", ($"Password for @{handle}", Password));
                answers.Add($"{Like(page.Html, handle)}\n{answer.Status}\n{Like(answer.Html, handle)}");
            }
            Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        }

        async Task AssertAlikeAsync(string url, string button, Func<string, (string, string)[]> fields)
        {
            var answers = new List<string>();
            foreach (var handle in handles)
            {
                var visitor = site.Visit();
                var page = await visitor.OpenAsync(url);
                var answer = await visitor.PressAsync(page, button, fields(handle));
                answers.Add($"{answer.Status} {answer.RedirectsTo}\n{HeadersOf(answer.Headers.Select(header => (header.Key, header.Value)))}\n{Like(answer.Html, handle)}");
            }
            Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        }
    }

    private static async Task<string> AllOfAsync(HttpResponseMessage answer, params string[] sent)
    {
        var headers = answer.Headers.Concat(answer.Content.Headers).Select(header => (header.Key, string.Join(", ", header.Value)));
        return $"{(int)answer.StatusCode}\n{Without(HeadersOf(headers), sent)}\n{Like(await answer.Content.ReadAsStringAsync(), sent)}";
    }

    private static string HeadersOf(IEnumerable<(string Name, string Value)> headers) => string.Join('\n', headers
        .Where(header => !NewEachTime.Contains(header.Name, StringComparer.OrdinalIgnoreCase))
        // A cookie that is renewed says the same in other words.
        .Select(header => $"{header.Name}: {(header.Name == "Cache-Control" && header.Value.Contains("no-store", StringComparison.Ordinal) ? "no-store" : header.Value)}").Order(StringComparer.Ordinal));

    /// <summary>A body without what was sent and what is new in each: ids of requests, tokens of forms, and what Blazor has sealed. Of a page, what stands in it and where it leads.</summary>
    private static string Like(string body, params string[] sent)
    {
        var like = RequestId().Replace(Without(body, sent), "ID");
        if (!like.Contains("<html", StringComparison.OrdinalIgnoreCase))
        {
            return like;
        }
        var page = new HtmlParser().ParseDocument(like);
        return string.Join('\n', [.. page.All.Select(element => $"{element.LocalName} {element.Id} {element.ClassName} {element.GetAttribute("href")} {element.GetAttribute("action")}"), page.Body!.TextContent]);
    }

    private static string Without(string text, string[] sent) => sent.Where(one => one.Length > 0).OrderByDescending(one => one.Length)
        .Aggregate(text, (rest, one) => rest.Replace(one, "SENT", StringComparison.OrdinalIgnoreCase).Replace(Uri.EscapeDataString(one), "SENT", StringComparison.OrdinalIgnoreCase));

    private IEnumerable<(string Method, string Path)> Routes(string start) =>
        from endpoint in site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let path = $"/{endpoint.RoutePattern.RawText!.TrimStart('/')}"
        where path.StartsWith(start, StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        where start == "/v1" || method == "GET"
        select (method, path);

    [GeneratedRegex("[0-9a-f]{32}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RequestId();

    [GeneratedRegex(@"\{(DraftId|id):guid\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DraftId();

    [GeneratedRegex(@"\{textId:guid\}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TextId();
}
