using System.Globalization;
using System.Net;
using AngleSharp.Dom;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests;

/// <summary>What people are answered over HTTP while the database is in trouble: the truth, in the looks of the house, and a way on. It heals without a restart.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class TroublePagesTests : IAsyncLifetime
{
    private const string Password = "a lamp that would not sleep";
    private const string Bio = "Collects <b>lamps</b> & \"storms\".";

    private TroubledDatabase database = null!;
    private OneRingServer server = null!;

    public async Task InitializeAsync()
    {
        database = await TroubledDatabase.StartAsync();
        server = new OneRingServer(database.ConnectionString, "Production", ("OneRing:Database:Retries", "1"), ("Logging:LogLevel:Default", "None"));
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        await database.DisposeAsync();
    }

    [Theory]
    [InlineData(DatabaseTrouble.Away)]
    [InlineData(DatabaseTrouble.Busy)]
    public async Task A_page_that_cannot_be_made_says_so_and_is_there_again_afterwards(DatabaseTrouble trouble)
    {
        var (ana, draftId) = await SignedInAsync();
        // By then the server asks the database again whether the session goes on.
        await Task.Delay(TimeSpan.FromSeconds(1.2));
        await database.BeginAsync(trouble);

        foreach (var url in (string[])["/", $"/drafts/{draftId}?from=mail", "/account", "/account/security", "/nowhere", $"/drafts/{draftId}/export"])
        {
            var page = await ana.OpenAsync(url);

            AssertTrouble(page, "Back in a moment", TroubleText.For(trouble));
            Assert.Equal(url, page.Document.FindAllByRole("link", "Try again").Single().GetAttribute("href"));
        }
        Assert.Equal(HttpStatusCode.OK, (await server.Visit().OpenAsync("/account/sign-in")).Status);

        await database.EndAsync(trouble);
        Assert.Equal("The lamp", (await OpenInTheEndAsync(ana, $"/drafts/{draftId}")).Heading);
    }

    [Fact]
    public async Task A_page_keeps_its_looks_while_the_database_is_away()
    {
        var (ana, _) = await SignedInAsync();
        await Task.Delay(TimeSpan.FromSeconds(1.2));
        await database.BeginAsync(DatabaseTrouble.Away);

        var page = await ana.OpenAsync("/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.Status);
        var files = page.Document.QuerySelectorAll("link[href], script[src]").Select(file => file.GetAttribute("href") ?? file.GetAttribute("src")!).ToArray();
        Assert.Contains("styles/house.css", files, StringComparer.Ordinal);
        Assert.Contains("trouble.js", files, StringComparer.Ordinal);
        foreach (var file in files)
        {
            Assert.Equal((file, HttpStatusCode.OK), (file, (await ana.OpenAsync($"/{file}")).Status));
        }
    }

    [Fact]
    public async Task Scripts_hear_the_status_and_no_page()
    {
        var (ana, draftId) = await SignedInAsync();
        await database.BeginAsync(DatabaseTrouble.Away);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/drafts/{draftId}/words", UriKind.Relative)) { Headers = { { "Accept", "*/*" } } };

        using var answer = await ana.Client.SendAsync(request);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "text/plain"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Equal(TimeSpan.FromSeconds(2), answer.Headers.RetryAfter?.Delta);
    }

    [Theory]
    [InlineData(DatabaseTrouble.Away, "This may not be kept yet")]
    [InlineData(DatabaseTrouble.Busy, "This is not kept yet")]
    [InlineData(DatabaseTrouble.ReadOnly, "This is not kept yet")]
    [InlineData(DatabaseTrouble.Full, "This is not kept yet")]
    public async Task A_form_is_handed_back_and_taken_when_it_is_sent_again(DatabaseTrouble trouble, string heading)
    {
        var (ana, _) = await SignedInAsync();
        var form = await ana.OpenAsync("/account");
        await database.BeginAsync(trouble);

        var refused = await ana.PressAsync(form, "Keep it", ("Name", "Ana of the lamp"), ("About you", Bio));
        AssertTrouble(refused, heading, TroubleText.For(trouble));
        var again = await ana.PressAsync(refused, "Send it again");
        AssertTrouble(again, heading, TroubleText.For(trouble));

        await database.EndAsync(trouble);
        await OpenInTheEndAsync(ana, "/account");
        var kept = await ana.FollowAsync(await ana.PressAsync(again, "Send it again"));
        Assert.Equal(Bio, kept.Document.QuerySelector("textarea")!.TextContent.Trim());
        Assert.Equal("Ana of the lamp", kept.Document.QuerySelector("#name")!.GetAttribute("value"));
    }

    [Theory]
    [InlineData(DatabaseTrouble.Away)]
    [InlineData(DatabaseTrouble.Busy)]
    public async Task A_password_is_not_written_into_a_page(DatabaseTrouble trouble)
    {
        var handle = await server.Services.HandleOfAsync(await server.Services.APersonAsync("Ben", password: Password));
        var visitor = server.Visit();
        var form = await visitor.OpenAsync("/account/sign-in");
        await database.BeginAsync(trouble);

        var refused = await visitor.PressAsync(form, "Sign in", ("Handle", handle), ("Password", Password));

        AssertTrouble(refused, trouble == DatabaseTrouble.Away ? "This may not be kept yet" : "This is not kept yet", TroubleText.For(trouble));
        Assert.DoesNotContain(Password, refused.Html, StringComparison.Ordinal);
        Assert.Empty(refused.Document.QuerySelectorAll("form"));

        await database.EndAsync(trouble);
        await OpenInTheEndAsync(visitor, "/readyz");
        Assert.Equal("/", (await visitor.SignInAsync(handle, Password)).RedirectsTo);
    }

    [Theory]
    [InlineData(DatabaseTrouble.ReadOnly)]
    [InlineData(DatabaseTrouble.Full)]
    public async Task What_can_only_be_read_is_read(DatabaseTrouble trouble)
    {
        var (ana, draftId) = await SignedInAsync();
        await database.BeginAsync(trouble);

        foreach (var url in (string[])["/", $"/drafts/{draftId}", "/account", "/waiting"])
        {
            Assert.Equal((url, HttpStatusCode.OK), (url, (await ana.OpenAsync(url)).Status));
        }
        Assert.Equal("There is nothing here", (await ana.OpenAsync("/nowhere")).Heading);
    }

    private static void AssertTrouble(Page page, string heading, string words)
    {
        Assert.Equal((HttpStatusCode.ServiceUnavailable, heading), (page.Status, page.Heading));
        Assert.InRange(int.Parse(page.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 60);
        Assert.Contains("no-store", page.Headers["Cache-Control"], StringComparison.Ordinal);
        Assert.Contains(words, page.Text, StringComparison.Ordinal);
        Assert.Contains("What was saved is safe", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Npgsql", page.Html, StringComparison.Ordinal);
    }

    private async Task<(Visitor Ana, Guid DraftId)> SignedInAsync()
    {
        var userId = await server.Services.APersonAsync("Ana", password: Password);
        var draftId = Given.Succeed(await server.Services.GetRequiredService<Data.Drafts.DraftService>().CreateAsync(new Data.Drafts.CreateDraft(userId, "The lamp")));
        var ana = server.Visit();
        Assert.Equal("/", (await ana.SignInAsync(await server.Services.HandleOfAsync(userId), Password)).RedirectsTo);
        Assert.Equal("The lamp", (await ana.OpenAsync($"/drafts/{draftId}")).Heading);
        return (ana, draftId);
    }

    /// <summary>Opens a page that is there when the database is. Connections of before may have to be found dead first.</summary>
    private static async Task<Page> OpenInTheEndAsync(Visitor visitor, string url)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var page = await visitor.OpenAsync(url);
            if (page.Status == HttpStatusCode.OK)
            {
                return page;
            }
            await Task.Delay(50, patience.Token);
        }
    }
}
