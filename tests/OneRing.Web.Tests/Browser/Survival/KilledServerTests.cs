using Microsoft.Playwright;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Servers;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser.Survival;

/// <summary>Words outlive a server that is killed while they are typed.</summary>
[Trait("Category", "Browser")]
[Trait("Category", "Survival")]
[Trait("Database", "PostgreSQL")]
public sealed class KilledServerTests(Postgres database, ITestOutputHelper output) : IClassFixture<Postgres>
{
    [SkippableFact]
    public async Task At_most_the_last_two_seconds_are_missing_after_the_server_was_killed()
    {
        var chance = Trial.Chance(output);
        output.WriteLine("| run | words typed at the kill | lost on the server | lost after a reload |");
        output.WriteLine("|---|---|---|---|");
        var server = await ServerProcess.StartAsync(database.ConnectionString!);
        try
        {
            await using var ana = await Person.SignedInAsync(server.Address, database.Services, "Ana");
            var benId = await database.Services.APersonAsync("Ben");
            for (var run = 1; run <= Trial.Rounds; run++)
            {
                var draftId = await database.Services.ADraftAsync(ana.Id, benId);
                var path = $"/drafts/{draftId}";
                var page = await ana.OpenAsync(path);
                var typist = await Typist.SitDownAsync(page);
                await typist.WriteAsync(Trial.WordsBefore);
                await typist.BeginAsync();
                await database.Services.SomethingArrivesAsync(draftId, ana.Id);
                await Trial.SomeTimeAsync(chance);

                var killed = await server.KillAsync();
                // At once, while there is nobody: the page goes without a chance to send anything.
                await Assert.ThrowsAsync<PlaywrightException>(() => page.ReloadAsync());
                await server.DisposeAsync();
                server = await ServerProcess.StartAsync(database.ConnectionString!, server.Address.Port);

                // A browser that has never seen the draft shows what the server has; only then the first one may bring the rest.
                await using var elsewhere = await Person.AgainAsync(server.Address, ana);
                var onTheServer = typist.LossIn(await BoxAsync(await elsewhere.OpenAsync(path)), killed, Trial.MayBeLost);
                await ReloadAsync(page);
                var afterReload = typist.LossIn(await BoxAsync(page), killed, Typist.InTheBrowser);

                output.WriteLine($"| {run} | {onTheServer.Typed} | {onTheServer} | {afterReload} |");
                Assert.Equal((0, 0), (onTheServer.LostOfBefore, afterReload.LostOfBefore));
                Assert.True(onTheServer.Typed > Trial.WordsBefore, "Nothing was typed before the kill.");
                elsewhere.AssertCalm();
                await page.CloseAsync();
            }
            ana.AssertCalmBut(Trial.OfACutNetwork);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static async Task ReloadAsync(IPage page)
    {
        try
        {
            await page.ReloadAsync();
        }
        catch (PlaywrightException aborted) when (aborted.Message.Contains("ERR_ABORTED", StringComparison.Ordinal))
        {
            // The browser was quicker: what could not be loaded it tries again by itself.
        }
    }

    private static async Task<string> BoxAsync(IPage page)
    {
        await Expect(page.Bar()).ToHaveTextAsync("Saved");
        return await page.Box().InputValueAsync();
    }
}
