using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data.Database;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser.EveryPage;

/// <summary>The pages that stand in for others while the database is in trouble have no route of their own, and are looked at like every other page.</summary>
[Trait("Category", "Browser")]
[Trait("Database", "PostgreSQL")]
public sealed class TroublePageTests : IAsyncLifetime
{
    /// <summary>What the browser says by itself of an answer that is no success.</summary>
    private const string Failed = "the server responded with a status of 503";

    private TroubledDatabase database = null!;
    private OneRingServer server = null!;
    private Uri address = null!;

    public async Task InitializeAsync()
    {
        database = await TroubledDatabase.StartAsync();
        server = new OneRingServer(database.ConnectionString, "Production", ("OneRing:Database:Retries", "1"), ("Logging:LogLevel:Default", "None"));
        server.UseKestrel(0);
        server.StartServer();
        address = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        await database.DisposeAsync();
    }

    [SkippableFact]
    public async Task Nothing_is_in_the_way_of_those_who_wait_for_the_database()
    {
        await using var ana = await Person.SignedInAsync(address, server.Services, "Ana");
        await ana.PrepareAsync(Examiner.Axe);
        var handedBack = await ana.OpenStaticAsync("/account");
        var unseen = await ana.OpenStaticAsync("/account/security");
        await database.BeginAsync(DatabaseTrouble.Away);

        await handedBack.GetByLabel("Name", new() { Exact = true }).FillAsync("Ana of the lamp");
        await handedBack.Button("Keep it").ClickAsync();
        await Expect(handedBack.Button("Send it again")).ToBeVisibleAsync();
        await unseen.GetByLabel("Present password").FillAsync(Person.Password);
        await unseen.GetByLabel("New password").FillAsync("an old coat in the rain");
        await unseen.Button("Change the password").ClickAsync();
        await Expect(unseen.Button("Go back")).ToBeVisibleAsync();
        var page = await ana.OpenStaticAsync("/account");
        await Expect(page.Heading("Back in a moment")).ToBeVisibleAsync();

        var faults = new List<string>();
        foreach (var (what, open) in ((string, IPage)[])[("a page", page), ("a form that is handed back", handedBack), ("a form with a password", unseen)])
        {
            faults.AddRange(await Examiner.ExamineAsync(open, $"in place of {what}"));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        ana.AssertCalmBut([Failed]);
    }
}
