using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests;

/// <summary>Where requests come from, and whose word is taken for it.</summary>
public sealed class OriginsTests
{
    [Theory]
    [InlineData(null, HttpStatusCode.OK)]
    [InlineData("http://localhost", HttpStatusCode.OK)]
    [InlineData("https://localhost", HttpStatusCode.OK)]
    [InlineData("https://onering.example", HttpStatusCode.OK)]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("http://onering.example", HttpStatusCode.Forbidden)]
    [InlineData("https://onering.example.evil.example", HttpStatusCode.Forbidden)]
    [InlineData("http://localhost:81", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    public async Task A_page_of_another_site_opens_no_socket(string? origin, HttpStatusCode expected)
    {
        await using var server = new OneRingServer(settings: ("OneRing:PublicUrl", "https://onering.example/"));
        using var client = server.CreateClient();
        foreach (var path in (string[])["/_blazor/negotiate?negotiateVersion=1", "/_BLAZOR/negotiate?negotiateVersion=1"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative));
            if (origin is not null)
            {
                request.Headers.Add("Origin", origin);
            }

            using var answer = await client.SendAsync(request);

            Assert.Equal(expected, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData(false, "10.0.0.7", "http")]
    [InlineData(true, "10.0.0.7", "https")]
    [InlineData(true, "10.1.0.7", "http")]
    public async Task Only_a_known_proxy_is_believed(bool isOn, string proxy, string scheme)
    {
        (string Name, string Value)[] settings = isOn
            ? [("OneRing:ForwardedHeaders:Enabled", "true"), ("OneRing:ForwardedHeaders:KnownNetworks", "10.0.0.0/16, 192.168.0.0/24")]
            : [];
        await using var server = new OneRingServer(settings: settings);

        var context = await server.Server.SendAsync(request =>
        {
            request.Connection.RemoteIpAddress = IPAddress.Parse(proxy);
            (request.Request.Method, request.Request.Path, request.Request.Host) = ("GET", "/drafts/new", new HostString("onering.example"));
            request.Request.Headers["X-Forwarded-Proto"] = "https";
            request.Request.Headers["X-Forwarded-For"] = "203.0.113.9";
        });

        Assert.StartsWith($"{scheme}://onering.example/account/sign-in", context.Response.Headers.Location.ToString(), StringComparison.Ordinal);
        Assert.Equal(scheme == "https", context.Response.Headers.StrictTransportSecurity.Count == 1);
    }
}
