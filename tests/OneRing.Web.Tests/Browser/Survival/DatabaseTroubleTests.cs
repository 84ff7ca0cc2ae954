using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data.Database;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser.Survival;

/// <summary>
/// An open page while the database is in trouble: every click says that it is not kept, the words stay in the box, the circuit stays alive, and trying again afterwards does
/// it once.
/// </summary>
[Trait("Category", "Browser")]
[Trait("Category", "Survival")]
[Trait("Database", "PostgreSQL")]
public sealed class DatabaseTroubleTests : IAsyncLifetime
{
    // What the browser says by itself of an answer that is no success: words that could not be saved are tried again.
    private const string Failed = "the server responded with a status of 503";

    private TroubledDatabase database = null!;
    private OneRingServer server = null!;
    private Uri address = null!;

    public async Task InitializeAsync()
    {
        database = await TroubledDatabase.StartAsync();
        // Why a request failed stands in the log alone.
        server = new OneRingServer(database.ConnectionString, "Production", ("OneRing:Database:Retries", "1"), ("Logging:LogLevel:Default", "Error"));
        server.UseKestrel(0);
        server.StartServer();
        address = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        await database.DisposeAsync();
    }

    [SkippableTheory]
    [InlineData(DatabaseTrouble.Away)]
    [InlineData(DatabaseTrouble.Busy)]
    [InlineData(DatabaseTrouble.ReadOnly)]
    public async Task What_is_clicked_meanwhile_says_that_it_is_not_kept_and_is_done_once_when_it_is_tried_again(DatabaseTrouble trouble)
    {
        await using var ana = await Person.SignedInAsync(address, server.Services, "Ana");
        var draftId = await server.Services.ADraftAsync(ana.Id, await server.Services.APersonAsync("Ben"));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.EvaluateAsync("() => { window.isTheSamePage = true; }");
        await page.Box().FillAsync("Through the storm.");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");
        var notKept = TroubleText.ForAction(trouble);

        await database.BeginAsync(trouble);
        if (trouble == DatabaseTrouble.Busy)
        {
            // That its connections were cut, the server hears when it uses them, and it is not told why; then it asks for others.
            await Trial.UntilAsync("the server has no connection left", async () =>
                await Record.ExceptionAsync(() => server.Services.ReadAsync(draftId, ana.Id)) is { } failure && DatabaseTroubles.Of(failure) == trouble);
        }
        await page.Button("Add to the text").ClickAsync();
        await Expect(Alert(page, "Write on")).ToHaveTextAsync(notKept);
        await Expect(page.Box()).ToHaveValueAsync("Through the storm.");
        await page.Box().PressSequentiallyAsync(" And on.");
        await page.Button("Pass to Ben").ClickAsync();
        await Expect(Alert(page, "Ring")).ToHaveTextAsync(notKept);
        await page.Button("Make a public link").ClickAsync();
        await Expect(page.Saying(notKept)).ToHaveCountAsync(3);
        await Expect(page.Bar()).ToContainTextAsync("Your words are not saved since");
        await Expect(page.Box()).ToHaveValueAsync("Through the storm. And on.");

        await database.EndAsync(trouble);
        await Trial.UntilAsync("the server is ready", async () => (await Visitor.At(address).OpenAsync("/readyz")).Status == HttpStatusCode.OK);
        await Expect(page.Bar()).ToHaveTextAsync("Saved");
        await page.Button("Add to the text").ClickAsync();
        await Expect(page.Segments()).ToHaveTextAsync(["Through the storm. And on."]);
        await Expect(page.Box()).ToHaveValueAsync("");
        await page.Button("Pass to Ben").ClickAsync();
        await Expect(page.Saying("Ben holds the ring.")).ToBeVisibleAsync();
        await page.Button("Make a public link").ClickAsync();
        await Expect(page.Button("Take the link away")).ToBeVisibleAsync();

        var draft = await server.Services.ReadAsync(draftId, ana.Id);
        Assert.Equal(["Through the storm. And on."], draft.Segments.Select(segment => segment.Content));
        Assert.Single(draft.Passes);
        Assert.Empty(await server.Services.ParkedOfAsync(draftId, ana.Id));
        Assert.True(await page.EvaluateAsync<bool>("() => window.isTheSamePage === true"), "The page was loaded anew.");
        ana.AssertCalmBut([Failed]);
    }

    [SkippableFact]
    public async Task A_page_that_could_not_be_made_opens_by_itself_when_the_database_is_back()
    {
        await using var ana = await Person.SignedInAsync(address, server.Services, "Ana");
        var draftId = await server.Services.ADraftAsync(ana.Id, await server.Services.APersonAsync("Ben"));
        await database.BeginAsync(DatabaseTrouble.Away);

        var page = await ana.OpenStaticAsync($"/drafts/{draftId}");
        await Expect(page.Heading("Back in a moment")).ToBeVisibleAsync();
        await Expect(page.Saying("This page opens by itself as soon as that is over.")).ToBeVisibleAsync();

        await database.EndAsync(DatabaseTrouble.Away);
        await Expect(page.Heading("The lamp")).ToBeVisibleAsync();
        await page.ListensAsync();
        ana.AssertCalmBut([Failed]);
    }

    [SkippableFact]
    public async Task A_page_can_be_opened_and_read_while_nothing_can_be_written()
    {
        await using var ana = await Person.SignedInAsync(address, server.Services, "Ana");
        var draftId = await server.Services.ADraftAsync(ana.Id, await server.Services.APersonAsync("Ben"));
        await server.Services.AppendAsync(draftId, ana.Id, "In the beginning was the lamp.");
        await database.BeginAsync(DatabaseTrouble.ReadOnly);

        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.Box().FillAsync("Unsaved.");

        await Expect(page.Bar()).ToContainTextAsync("Your words are not saved since");
        await Expect(page.Segments()).ToHaveTextAsync(["In the beginning was the lamp."]);
        await database.EndAsync(DatabaseTrouble.ReadOnly);
        await Expect(page.Bar()).ToHaveTextAsync("Saved");
        Assert.Equal("Unsaved.", await server.Services.TextOfAsync(draftId, ana.Id));
        ana.AssertCalmBut([Failed]);
    }

    private static ILocator Alert(IPage page, string region) => page.GetByRole(AriaRole.Region, new() { Name = region, Exact = true }).GetByRole(AriaRole.Alert);
}
