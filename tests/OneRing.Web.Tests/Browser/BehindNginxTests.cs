using System.Net;
using Microsoft.Playwright;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Servers;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

/// <summary>Two servers over one PostgreSQL behind nginx, with the file of <c>docker-compose.yml</c>.</summary>
[Trait("Category", "Browser")]
[Trait("Database", "PostgreSQL")]
public sealed class BehindNginxTests(Postgres database, ITestOutputHelper output) : IClassFixture<Postgres>
{
    [SkippableFact]
    public async Task Everybody_stays_with_one_server_and_goes_to_the_other_when_it_dies()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        await using var nginx = await NginxForTests.StartAsync(one.Address, other.Address);
        // What is opened at the one server must be used there: with two, half of these would fail if they did not stay.
        var people = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => Somebody.ArriveAsync(nginx.Address)));

        await one.KillAsync();

        foreach (var person in people)
        {
            await using var again = await person.OpenAgainAsync();
            Assert.False(again.Ended.IsCompleted);
        }
        await Task.WhenAny(people.Select(person => person.Circuit.Ended)).WaitAsync(TimeSpan.FromSeconds(60));
        var wereThere = people.Count(person => person.Circuit.Ended.IsCompleted);
        output.WriteLine($"{wereThere} of {people.Length} were on the server that died.");
        Assert.True(wereThere < people.Length, "Everybody was on one server.");
        foreach (var person in people)
        {
            await person.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task A_person_writes_on_when_their_server_dies()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        await using var nginx = await NginxForTests.StartAsync(one.Address, other.Address);
        await using var ana = await Person.SignedInAsync(nginx.Address, database.Services, "Ana");
        var draftId = Given.Succeed(await database.Get<DraftService>().CreateAsync(new CreateDraft(ana.Id, "The lamp")));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.AppendAsync("The lamp stayed lit.");
        await Expect(page.Segments()).ToHaveTextAsync(["The lamp stayed lit."]);
        ana.AssertCalm();

        // Hers is one of them: first the one dies and comes back, then the other dies.
        await one.KillAsync();
        await using var oneAgain = await StartAsync(one.Address.Port);
        await other.KillAsync();

        var again = await ana.OpenAsync($"/drafts/{draftId}");
        await Expect(again.Segments()).ToHaveTextAsync(["The lamp stayed lit."]);
        await again.AppendAsync("Somebody saw it.");
        await Expect(again.Segments()).ToHaveTextAsync(["The lamp stayed lit.", "Somebody saw it."]);
    }

    [SkippableFact]
    public async Task Who_comes_while_no_server_is_there_is_told_so_and_let_in_when_one_is()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        await using var nginx = await NginxForTests.StartAsync(one.Address, other.Address);
        await using var ana = await Person.SignedInAsync(nginx.Address, database.Services, "Ana");
        var draftId = Given.Succeed(await database.Get<DraftService>().CreateAsync(new CreateDraft(ana.Id, "The lamp")));
        await one.KillAsync();
        await other.KillAsync();

        var page = await ana.OpenStaticAsync($"/drafts/{draftId}");
        await Expect(page.Heading("Back in a moment")).ToBeVisibleAsync();
        await using var otherAgain = await StartAsync(other.Address.Port);

        await Expect(page.Heading("The lamp")).ToBeVisibleAsync();
        await page.ListensAsync();
    }

    [SkippableFact]
    public async Task The_servers_are_told_who_asks_and_say_themselves_what_is_too_much()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        await using var nginx = await NginxForTests.StartAsync(one.Address, other.Address);
        var ana = await database.Services.APersonAsync("Ana");
        var token = Given.Succeed(await database.Get<AccessTokenService>().CreateAsync(new NewAccessToken(ana, "A test"))).Secret;
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = nginx.Address };

        using var asking = new HttpRequestMessage(HttpMethod.Get, new Uri("/drafts/new", UriKind.Relative))
        {
            Headers = { { "X-Forwarded-Host", "evil.example" }, { "X-Forwarded-Proto", "https" }, { "X-Forwarded-For", "203.0.113.9" } },
        };
        using var answer = await client.SendAsync(asking);
        var tooMuch = await new ApiClient(client, token).PostAsync("/v1/collab/drafts", new { title = new string('x', 2 * 1024 * 1024) });

        var location = new Uri(nginx.Address, answer.Headers.Location!);
        Assert.Equal((nginx.Address.Authority, Uri.UriSchemeHttp), (location.Authority, location.Scheme));
        Assert.Equal("413 payload_too_large", tooMuch.Outcome);
    }

    private Task<ServerProcess> StartAsync(int port = 0) => ServerProcess.StartAsync(
        database.ConnectionString!, port, ("OneRing__ForwardedHeaders__Enabled", "true"), ("OneRing__ForwardedHeaders__KnownProxies", "127.0.0.1"));

    /// <summary>A browser with cookies of its own and an open socket.</summary>
    private sealed class Somebody : IAsyncDisposable
    {
        private readonly Uri site;
        private readonly CookieContainer cookies = new();
        private readonly HttpClient client;

        private Somebody(Uri site)
        {
            this.site = site;
            client = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies });
        }

        public Circuit Circuit { get; private set; } = null!;

        public static async Task<Somebody> ArriveAsync(Uri site)
        {
            var person = new Somebody(site);
            person.Circuit = await person.OpenAgainAsync();
            return person;
        }

        /// <summary>Opens a page, and its socket.</summary>
        public async Task<Circuit> OpenAgainAsync()
        {
            var place = cookies.GetCookies(site)["onering_place"]?.Value;
            using var page = await client.GetAsync(new Uri(site, "/account/sign-in"));
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.NotNull(cookies.GetCookies(site)["onering_place"]);
            Assert.True(place is null || place == cookies.GetCookies(site)["onering_place"]!.Value, "Somebody was given another place.");
            return await Circuit.OpenAsync(client, site, cookies);
        }

        public async ValueTask DisposeAsync()
        {
            await Circuit.DisposeAsync();
            client.Dispose();
        }
    }
}
