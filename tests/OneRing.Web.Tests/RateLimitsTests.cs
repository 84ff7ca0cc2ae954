using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Bench;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests;

/// <summary>How much one caller may ask.</summary>
public sealed class RateLimitsTests
{
    private const string Drafts = "/v1/collab/drafts";

    [Fact]
    public async Task Who_asks_too_much_is_told_how_long_to_wait_and_others_are_not()
    {
        await using var server = Start(reads: 2, writes: 1, burst: 3);
        var (ana, ben) = (await CallAsync(server, "ana"), await CallAsync(server, "ben"));

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("200", (await ana.GetAsync("/v1/me")).Outcome);
        }
        var read = await ana.GetAsync("/v1/me");
        Assert.Equal(("429 rate_limited", "application/problem+json"), (read.Outcome, read.Headers["Content-Type"]));
        Assert.InRange(int.Parse(read.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 30);
        Assert.Equal("429 rate_limited", (await ana.GetAsync("/v1/nowhere")).Outcome);

        // Writes are counted apart, and so is everybody else; a second token of the same person is not.
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("200", (await ana.PostAsync(Drafts, new { title = "A" })).Outcome);
        }
        var write = await ana.PostAsync(Drafts, new string('x', 2 * 1024 * 1024));
        Assert.Equal("429 rate_limited", write.Outcome);
        Assert.InRange(int.Parse(write.Headers["Retry-After"], CultureInfo.InvariantCulture), 31, 60);
        Assert.Equal("429 rate_limited", (await (await CallAsync(server, "ana")).GetAsync("/v1/me")).Outcome);
        Assert.Equal("200", (await ben.GetAsync("/v1/me")).Outcome);
        Assert.Equal("401 unauthorized", (await new ApiClient(server.CreateClient(), token: null).GetAsync("/v1/me")).Outcome);
    }

    [Fact]
    public async Task The_limits_can_be_turned_off()
    {
        await using var server = new OneRingServer(settings: [("OneRing:RateLimit:Enabled", "false"), ("OneRing:RateLimit:Burst", "1")]);
        var ana = await CallAsync(server, "ana");

        Assert.Equal("200", (await ana.GetAsync("/v1/me")).Outcome);
        Assert.Equal("200", (await ana.GetAsync("/v1/me")).Outcome);
    }

    [Fact]
    public async Task Guessing_at_the_sign_in_page_is_slowed_down_but_a_classroom_may_sign_in()
    {
        await using var server = Start(reads: 600, writes: 300, burst: 100);
        var visitor = server.Visit();
        var page = await visitor.OpenAsync("/account/sign-in");

        var tries = 0;
        Page answer;
        do
        {
            answer = await visitor.PressAsync(page, "Sign in", ("Handle", $"guess_{tries}"), ("Password", "a lamp that would not sleep"));
            tries++;
        }
        while (answer.Status != HttpStatusCode.TooManyRequests && tries < 100);

        Assert.InRange(tries, 30, 60);
        Assert.Equal("One moment, please", answer.Heading);
        Assert.NotEmpty(answer.Headers["Retry-After"]);
        Assert.Equal(HttpStatusCode.OK, (await visitor.OpenAsync("/account/sign-in")).Status);
    }

    [Fact]
    public async Task Nobody_holds_more_connections_than_they_may_and_one_that_ends_makes_room()
    {
        await using var server = new OneRingServer(settings: [("OneRing:RateLimit:Enabled", "true"), ("OneRing:RateLimit:Connections", "3")]);
        var address = Listen(server);
        var (ana, ben) = (await SignInAsync(address, "Ana"), await SignInAsync(address, "Ben"));

        var open = new List<Circuit>();
        for (var i = 0; i < 3; i++)
        {
            open.Add(await Circuit.OpenAsync(ana.Client, address, ana.Cookies));
        }
        // Neither may it ask for one more, nor open one with a ticket that it got before.
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => Circuit.OpenAsync(ana.Client, address, ana.Cookies));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        await using var bens = await Circuit.OpenAsync(ben.Client, address, ben.Cookies);

        await open[0].DisposeAsync();
        await WaitForRoomAsync();

        foreach (var circuit in open)
        {
            await circuit.DisposeAsync();
        }

        async Task WaitForRoomAsync()
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (true)
            {
                try
                {
                    open[0] = await Circuit.OpenAsync(ana.Client, address, ana.Cookies);
                    return;
                }
                catch (Exception full) when (full is HttpRequestException or System.Net.WebSockets.WebSocketException && !patience.IsCancellationRequested)
                {
                    // The server has not noticed yet.
                }
            }
        }
    }

    [Fact]
    public async Task What_a_page_sends_beyond_its_limit_waits_and_is_not_lost()
    {
        await using var server = StartEvents(perMinute: 1200);
        await using var ana = await OpenAsync(server, Listen(server), "Ana");

        await Task.WhenAll(Enumerable.Range(0, 410).Select(i => ana.Page.TellOfTextAsync(i % 2 == 0)));

        Assert.False(ana.Page.Ended.IsCompleted, ana.Page.Fault);
    }

    [Fact]
    public async Task A_page_that_does_nothing_but_send_loses_its_connection_and_the_pages_of_others_do_not()
    {
        await using var server = StartEvents(perMinute: 60);
        var address = Listen(server);
        await using var ana = await OpenAsync(server, address, "Ana");
        await using var ben = await OpenAsync(server, address, "Ben");
        var (wild, other) = (ana.Page, ben.Page);

        var sent = Enumerable.Range(0, 60).Select(i => wild.TellOfTextAsync(i % 2 == 0)).ToList();
        await other.TellOfTextAsync(hasText: true);
        await wild.Ended.WaitAsync(TimeSpan.FromSeconds(120));

        Assert.Contains(sent, told => !told.IsCompleted);
        await other.TellOfTextAsync(hasText: false);
        Assert.False(other.Ended.IsCompleted, other.Fault);
    }

    [Theory]
    [InlineData("OneRing__RateLimit__Burst", "0")]
    [InlineData("OneRing__RateLimit__Connections", "0")]
    [InlineData("OneRing__RateLimit__EventsPerMinute", "0")]
    [InlineData("OneRing__RateLimit__ReadsPerMinute", "-1")]
    [InlineData("OneRing__ForwardedHeaders__Enabled", "true")]
    [InlineData("OneRing__ForwardedHeaders__KnownProxies", "nobody")]
    [InlineData("OneRing__ForwardedHeaders__KnownNetworks", "10.0.0.0/99")]
    public async Task A_setting_that_makes_no_sense_stops_the_start(string name, string value)
    {
        var (exitCode, output) = await ServerProcess.RunAsync(
            ["--urls", "http://127.0.0.1:0"],
            ("OneRing__ForwardedHeaders__Enabled", name.Contains("Forwarded", StringComparison.Ordinal) ? "true" : "false"), (name, value));

        Assert.Equal(1, exitCode);
        Assert.Contains(name.Split("__")[1], output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private static async Task<(HttpClient Client, CookieContainer Cookies)> SignInAsync(Uri address, string name)
    {
        var cookies = new CookieContainer();
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies }) { BaseAddress = address };
        var visitor = new Visitor(client);
        Assert.Equal("/", (await visitor.PressAsync(await visitor.OpenAsync("/account/sign-in"), name)).RedirectsTo);
        return (client, cookies);
    }

    private static OneRingServer StartEvents(int perMinute) =>
        new(settings: [("OneRing:RateLimit:Enabled", "true"), ("OneRing:RateLimit:EventsPerMinute", $"{perMinute}")]);

    private static Uri Listen(OneRingServer server)
    {
        server.UseKestrel(0);
        server.StartServer();
        return new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Opens the page of a new draft of somebody new.</summary>
    private static async Task<Open> OpenAsync(OneRingServer server, Uri address, string name)
    {
        const string Password = "a lamp that would not sleep";
        var id = await server.Services.APersonAsync(name, password: Password);
        var person = await BrowserPerson.SignInAsync(address, await server.Services.HandleOfAsync(id), Password);
        var draft = Given.Succeed(await server.Services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(id, "A draft")));
        return new Open(person, await PageCircuit.OpenAsync(person, $"/drafts/{draft}"));
    }

    private static OneRingServer Start(int reads, int writes, int burst) => new(settings:
    [
        ("OneRing:RateLimit:Enabled", "true"),
        ("OneRing:RateLimit:ReadsPerMinute", $"{reads}"),
        ("OneRing:RateLimit:WritesPerMinute", $"{writes}"),
        ("OneRing:RateLimit:Burst", $"{burst}"),
    ]);

    private static async Task<ApiClient> CallAsync(OneRingServer server, string userId)
    {
        var client = server.CreateClient();
        return new ApiClient(client, Given.Succeed(await server.Services.GetRequiredService<AccessTokenService>().CreateAsync(new NewAccessToken(userId, "A test"))).Secret);
    }

    private sealed record Open(BrowserPerson Person, PageCircuit Page) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Page.DisposeAsync();
            Person.Dispose();
        }
    }
}
