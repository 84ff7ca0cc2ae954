using System.Net;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests;

/// <summary>What every answer tells the browser: each route that there is, over TLS, as a proxy hands it on.</summary>
public sealed class HeadersTests
{
    private static readonly (string Name, string Value)[] OnEveryAnswer =
    [
        ("Content-Security-Policy", "default-src 'none'; script-src 'self'; script-src-attr 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
            "object-src 'none'; frame-src 'none'; worker-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"),
        ("X-Frame-Options", "DENY"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Strict-Transport-Security", "max-age=31536000"),
    ];

    [Fact]
    public async Task Every_answer_of_every_route_bears_the_same_rules()
    {
        await using var server = Start();
        var faults = new List<string>();

        foreach (var (method, path) in Routes(server))
        {
            var answer = await AskAsync(server, method, path);
            foreach (var (name, value) in OnEveryAnswer)
            {
                // The one page of somebody else's making has one script of its own, by a word that nobody can guess.
                var found = answer.Headers[name].ToString();
                var isAsItShould = found == value || (path.StartsWith("/docs", StringComparison.Ordinal) && found.Contains("script-src 'self' 'nonce-", StringComparison.Ordinal));
                if (!isAsItShould)
                {
                    faults.Add($"{method} {path} ({answer.StatusCode}): {name} is “{found}”");
                }
            }
            var permissions = answer.Headers["Permissions-Policy"].ToString();
            if (!permissions.Contains("camera=()", StringComparison.Ordinal) || !permissions.Contains("geolocation=()", StringComparison.Ordinal))
            {
                faults.Add($"{method} {path}: Permissions-Policy is “{permissions}”");
            }
            // What the socket's own machinery says to whoever asks wrongly is not ours.
            if (!IsForEverybody(path) && !path.StartsWith("/_blazor", StringComparison.Ordinal) && answer.ContentType is { } type && (type.Contains("html", StringComparison.Ordinal) || type.Contains("text/plain", StringComparison.Ordinal) || type.Contains("csv", StringComparison.Ordinal))
                && !type.Contains("charset=utf-8", StringComparison.OrdinalIgnoreCase))
            {
                faults.Add($"{method} {path}: Content-Type is “{type}”");
            }
            if (answer.Headers.ContainsKey("Server") || answer.Headers.ContainsKey("X-Powered-By"))
            {
                faults.Add($"{method} {path} says what it runs on");
            }
            if (!IsForEverybody(path) && !answer.Headers.CacheControl.ToString().Contains("no-store", StringComparison.Ordinal))
            {
                faults.Add($"{method} {path} ({answer.StatusCode}): Cache-Control is “{answer.Headers.CacheControl}”");
            }
        }

        Assert.Empty(faults);
    }

    [Fact]
    public async Task A_request_is_never_sent_back_as_it_was()
    {
        await using var server = Start();

        foreach (var path in (string[])["/", "/account/sign-in", "/v1/me", "/healthz", "/styles/house.css"])
        {
            foreach (var method in (string[])["TRACE", "TRACK", "DEBUG"])
            {
                var answer = await AskAsync(server, method, path, cookies: new Dictionary<string, string>(StringComparer.Ordinal) { ["onering"] = "a-secret" });
                using var body = new StreamReader(answer.Body);
                Assert.True(answer.StatusCode >= 400, $"{method} {path}: {answer.StatusCode}");
                Assert.DoesNotContain("a-secret", await body.ReadToEndAsync(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task What_failed_is_answered_by_the_same_rules()
    {
        await using var quiet = Start();
        await using var server = quiet.WithWebHostBuilder(builder => builder.ConfigureTestServices(services =>
            services.AddSingleton<Microsoft.AspNetCore.Hosting.IStartupFilter, FailsAtTheEnd>()));

        foreach (var path in (string[])["/fails", "/v1/fails"])
        {
            var answer = await AskAsync(server, "GET", path);
            Assert.True(answer.StatusCode is 401 or 500, $"{path}: {answer.StatusCode}");
            Assert.All(OnEveryAnswer, rule => Assert.Equal(rule.Value, answer.Headers[rule.Name]));
        }
    }

    [Fact]
    public async Task The_server_does_not_say_what_it_runs_on()
    {
        await using var server = await ServerProcess.StartAsync("");
        using var client = new HttpClient { BaseAddress = server.Address };

        using var answer = await client.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Server"));
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("Production", "https", "localhost", false)]
    [InlineData("Production", "https", "127.0.0.1", false)]
    [InlineData("Production", "http", "onering.example", false)]
    [InlineData("Development", "https", "onering.example", false)]
    [InlineData("Production", "https", "onering.example", true)]
    public async Task Browsers_are_told_to_insist_on_TLS_only_where_there_is_any(string environment, string scheme, string host, bool expected)
    {
        await using var server = new OneRingServer(environment: environment);

        var answer = await AskAsync(server, "GET", "/", scheme, host);

        Assert.Equal(expected, answer.Headers.StrictTransportSecurity.Count == 1);
    }

    [Fact]
    public async Task Every_cookie_is_for_the_server_alone_and_travels_over_TLS_only_once_there_is_any()
    {
        await using var server = Start();
        var seen = new Dictionary<string, SetCookieHeaderValue>(StringComparer.Ordinal);
        var cookies = new Dictionary<string, string>(StringComparer.Ordinal);

        async Task<HttpResponse> VisitAsync(string method, string path, params (string Name, string Value)[] form)
        {
            var answer = await AskAsync(server, method, path, cookies: cookies, form: form);
            foreach (var cookie in SetCookieHeaderValue.ParseList([.. answer.Headers.SetCookie.Select(cookie => cookie!)]))
            {
                cookies[cookie.Name.Value!] = cookie.Value.Value!;
                seen.TryAdd(cookie.Name.Value!.Split("Antiforgery")[0], cookie);
            }
            return answer;
        }

        var token = await TokenAsync((await VisitAsync("GET", "/account/sign-in")).Body);
        await VisitAsync("POST", "/account/passkeys/request-options", ("__RequestVerificationToken", token));
        await VisitAsync("POST", "/account/demo/ana", ("__RequestVerificationToken", token));

        Assert.Equal([".AspNetCore.", "Identity.TwoFactorUserId", "onering"], seen.Keys.Order(StringComparer.Ordinal));
        Assert.All(seen.Values, cookie =>
        {
            Assert.True(cookie.HttpOnly && cookie.Secure, $"{cookie}");
            Assert.True(cookie.SameSite is Microsoft.Net.Http.Headers.SameSiteMode.Lax or Microsoft.Net.Http.Headers.SameSiteMode.Strict, $"{cookie}");
        });
    }

    [Fact]
    public async Task No_form_is_taken_that_did_not_come_from_our_own_page()
    {
        await using var server = Start();
        var cookies = await SignInAsync(server);
        // A mail program sends this one, whose link is the permission. The socket asks where a page comes from: OriginsTests.
        string[] others = ["/unsubscribe", "/_blazor", "/v1"];
        var taken = new List<string>();
        var tried = 0;

        foreach (var (_, path) in Routes(server).Where(route => route.Method == "POST" && !others.Any(other => route.Path.StartsWith(other, StringComparison.Ordinal))))
        {
            foreach (var token in (string[])["", "bm90IGEgdG9rZW4"])
            {
                tried++;
                var answer = await AskAsync(server, "POST", path, cookies: cookies, form: [("_handler", "anything"), ("__RequestVerificationToken", token)]);
                if (answer.StatusCode != StatusCodes.Status400BadRequest)
                {
                    taken.Add($"{path}: {answer.StatusCode}");
                }
            }
        }

        Assert.True(tried > 60, $"{tried}");
        Assert.Empty(taken);
    }

    [Fact]
    public async Task A_form_that_is_too_large_is_refused_though_it_is_our_own()
    {
        await using var server = await ServerProcess.StartAsync("");
        var visitor = Visitor.At(server.Address);
        var token = (await visitor.OpenAsync("/account/sign-in")).Document.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;

        async Task<HttpStatusCode> SendAsync(int length)
        {
            using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", token), new("returnUrl", new string('x', length))]);
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/account/passkeys/request-options", UriKind.Relative)) { Content = form };
            // It asks before it sends, and so hears the answer before the connection is cut.
            request.Headers.ExpectContinue = true;
            using var answer = await visitor.Client.SendAsync(request);
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, await SendAsync(100_000));
        Assert.Contains(await SendAsync(5_000_000), (HttpStatusCode[])[HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.BadRequest]);
    }

    private static OneRingServer Start() => new();

    /// <summary>Files are the same for everybody; the script of Blazor and what load balancers ask, too.</summary>
    private static bool IsForEverybody(string path) => System.IO.Path.HasExtension(path) || path.StartsWith("/_framework", StringComparison.Ordinal) || path.StartsWith("/docs", StringComparison.Ordinal);

    /// <summary>Every route, with something in the place of what varies. Pages take forms as well.</summary>
    private static IReadOnlyList<(string Method, string Path)> Routes(OneRingServer server)
    {
        var routes =
            from endpoint in server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            let pattern = endpoint.RoutePattern
            where !pattern.RawText!.Contains("{**", StringComparison.Ordinal) && !pattern.RawText.Contains("{*", StringComparison.Ordinal)
            let path = "/" + string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part =>
                part is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal ? literal.Content
                : part is Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator ? separator.Content
                : "0197b2d0-0000-7000-8000-000000000001"))))
            from method in endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is null ? endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"] : ["GET", "POST"]
            select (method, path);
        return [.. routes.Distinct()];
    }

    private static async Task<Dictionary<string, string>> SignInAsync(OneRingServer server)
    {
        var cookies = new Dictionary<string, string>(StringComparer.Ordinal);
        void Keep(HttpResponse answer)
        {
            foreach (var cookie in SetCookieHeaderValue.ParseList([.. answer.Headers.SetCookie.Select(cookie => cookie!)]))
            {
                cookies[cookie.Name.Value!] = cookie.Value.Value!;
            }
        }

        var page = await AskAsync(server, "GET", "/account/sign-in");
        Keep(page);
        var answer = await AskAsync(server, "POST", "/account/demo/ana", cookies: cookies, form: [("__RequestVerificationToken", await TokenAsync(page.Body))]);
        Assert.Equal(StatusCodes.Status302Found, answer.StatusCode);
        Keep(answer);
        return cookies;
    }

    private static async Task<string> TokenAsync(Stream body)
    {
        using var reader = new StreamReader(body);
        var page = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await reader.ReadToEndAsync());
        return page.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
    }

    private static async Task<HttpResponse> AskAsync(
        Microsoft.AspNetCore.Mvc.Testing.WebApplicationFactory<Program> server, string method, string path, string scheme = "https", string host = "onering.example",
        IReadOnlyDictionary<string, string>? cookies = null, (string Name, string Value)[]? form = null)
    {
        using var content = form is null ? null : new FormUrlEncodedContent(form.Select(field => new KeyValuePair<string, string>(field.Name, field.Value)));
        var body = content is null ? null : new MemoryStream(await content.ReadAsByteArrayAsync());
        var context = await server.Server.SendAsync(request =>
        {
            (request.Request.Method, request.Request.Scheme, request.Request.Host) = (method, scheme, new HostString(host));
            (request.Request.Path, request.Request.QueryString) = (new PathString(path), default);
            if (cookies is not null)
            {
                request.Request.Headers.Cookie = string.Join("; ", cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));
            }
            if (body is not null)
            {
                request.Request.Body = body;
                request.Request.ContentLength = body.Length;
                request.Request.ContentType = "application/x-www-form-urlencoded";
            }
        });
        return context.Response;
    }

    /// <summary>A route that throws, behind everything else.</summary>
    private sealed class FailsAtTheEnd : Microsoft.AspNetCore.Hosting.IStartupFilter
    {
        public Action<Microsoft.AspNetCore.Builder.IApplicationBuilder> Configure(Action<Microsoft.AspNetCore.Builder.IApplicationBuilder> next) => app =>
        {
            next(app);
            app.Use(_ => context => context.Request.Path.Value!.EndsWith("/fails", StringComparison.Ordinal)
                ? throw new InvalidOperationException("This route fails.")
                : Task.CompletedTask);
        };
    }
}
