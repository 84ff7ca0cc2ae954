using System.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Servers;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser.Survival;

/// <summary>Pages come back by themselves when their server does.</summary>
[Trait("Category", "Browser")]
[Trait("Category", "Survival")]
public sealed class BackByThemselvesTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Goal = TimeSpan.FromSeconds(10);

    [SkippableFact]
    [Trait("Database", "PostgreSQL")]
    public async Task Two_tabs_are_back_on_their_drafts_and_texts_without_a_click()
    {
        var database = new Postgres();
        await database.InitializeAsync();
        try
        {
            var before = await ServerProcess.StartAsync(database.ConnectionString!);
            await using var ana = await Person.SignedInAsync(before.Address, database.Services, "Ana");
            var benId = await database.Services.APersonAsync("Ben");
            var one = await ana.OpenAsync($"/drafts/{await database.Services.ADraftAsync(ana.Id, benId, "One")}");
            var other = await ana.OpenAsync($"/drafts/{await database.Services.ADraftAsync(ana.Id, benId, "Other")}");
            await one.Box().FillAsync("In the first.");
            await other.Box().FillAsync("In the second.");
            await Expect(one.Bar()).ToHaveTextAsync("Saved");
            await Expect(other.Bar()).ToHaveTextAsync("Saved");

            await before.KillAsync();
            await before.DisposeAsync();
            await Expect(one.Bar()).ToContainTextAsync("Not connected since");
            await one.Box().PressSequentiallyAsync(" And on.");
            await using var after = await ServerProcess.StartAsync(database.ConnectionString!, before.Address.Port);
            var listens = Stopwatch.GetTimestamp();
            await BackAsync(one, "One", "In the first. And on.");
            await BackAsync(other, "Other", "In the second.");
            var took = Stopwatch.GetElapsedTime(listens);

            output.WriteLine($"Both tabs were back {took.TotalSeconds:0.0} s after the server listened again; the goal is {Goal.TotalSeconds:0} s.");
            Assert.True(took < 10 * Goal, $"The tabs were back only after {took}.");
            await one.Box().FillAsync("");
            await one.AppendAsync("It works.");
            await Expect(one.Segments()).ToHaveTextAsync(["It works."]);
            ana.AssertCalmBut(Trial.OfACutNetwork);
        }
        finally
        {
            await database.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task A_page_that_sends_more_than_is_taken_says_that_it_is_not_connected_and_is_back_with_its_words()
    {
        await using var server = new OneRingServer(settings: [("OneRing:RateLimit:Enabled", "true"), ("OneRing:RateLimit:EventsPerMinute", "300")]);
        server.UseKestrel(0);
        server.StartServer();
        var address = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        await using var ana = await Person.SignedInAsync(address, server.Services, "Ana");
        var page = await ana.OpenAsync($"/drafts/{await server.Services.ADraftAsync(ana.Id, await server.Services.APersonAsync("Ben"))}");
        await page.Box().FillAsync("Before it.");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");

        await page.EvaluateAsync("""() => { for (let i = 0; i < 3000; i++) { document.querySelector(".ring-history").dispatchEvent(new Event("toggle")); } }""");
        await page.Box().PressSequentiallyAsync(" Meanwhile.");
        await Expect(page.Bar()).ToContainTextAsync("Not connected since", new() { Timeout = 120_000 });
        await Expect(page.Bar()).ToHaveTextAsync("Saved", new() { Timeout = 120_000 });

        await Expect(page.Box()).ToHaveValueAsync("Before it. Meanwhile.");
        await page.Button("Add to the text").ClickAsync();
        await Expect(page.Segments()).ToHaveTextAsync(["Before it. Meanwhile."]);
        ana.AssertCalmBut(Trial.OfACutNetwork);
    }

    [SkippableFact]
    public async Task In_memory_the_page_says_that_the_draft_ended_and_takes_the_words_to_a_new_one()
    {
        var before = await ServerProcess.StartAsync(connectionString: "");
        await using var ana = await Person.ArriveAsync(before.Address);
        var page = await ana.OpenStaticAsync("/account/sign-in?returnUrl=/drafts/new");
        await page.Button("Ana").ClickAsync();
        await CreateAsync(page, "The lamp");
        await page.Box().FillAsync("Typed before the end. ");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");

        await before.KillAsync();
        await before.DisposeAsync();
        await Expect(page.Bar()).ToContainTextAsync("Not connected since");
        await page.Box().PressSequentiallyAsync("And after it.");
        await using var after = await ServerProcess.StartAsync(connectionString: "", before.Address.Port);

        var ended = page.GetByRole(AriaRole.Dialog, new() { Name = "This draft ended with the server" });
        await Expect(ended).ToBeVisibleAsync();
        await Expect(ended.GetByRole(AriaRole.Textbox)).ToHaveValueAsync("Typed before the end. And after it.");
        using (await Clipboard.TakeAsync(page))
        {
            await ended.GetByRole(AriaRole.Button, new() { Name = "Copy them" }).ClickAsync();
            await Trial.UntilAsync("they are copied", async () =>
                await page.EvaluateAsync<string>("() => navigator.clipboard.readText()") == "Typed before the end. And after it.");
        }

        await ended.GetByRole(AriaRole.Button, new() { Name = "Start a new draft with them" }).ClickAsync();
        await page.Button("Ana").ClickAsync();
        await CreateAsync(page, "The lamp, again");
        await Expect(page.Box()).ToHaveValueAsync("Typed before the end. And after it.");
        await Expect(page.Bar()).ToHaveTextAsync("Saved");
        await page.Button("Add to the text").ClickAsync();
        await Expect(page.Segments()).ToHaveTextAsync(["Typed before the end. And after it."]);
        await Expect(page.Box()).ToHaveValueAsync("");
        // Of the draft that ended, nothing is left behind.
        Assert.Equal("", await page.EvaluateAsync<string>("() => Object.keys(localStorage).filter(key => key.startsWith('onering.words')).join()"));
        // The new server knows nobody of before, and says so to whoever still saves.
        ana.AssertCalmBut([.. Trial.OfACutNetwork, "401 (Unauthorized)"]);
    }

    private static async Task BackAsync(IPage page, string title, string text)
    {
        await Expect(page.Bar()).ToHaveTextAsync("Saved", new() { Timeout = 100_000 });
        await page.ListensAsync();
        await Expect(page.Heading(title)).ToBeVisibleAsync();
        await Expect(page.Box()).ToHaveValueAsync(text);
    }

    private static async Task CreateAsync(IPage page, string title)
    {
        await page.ListensAsync();
        await page.GetByLabel("Title").FillAsync(title);
        await page.Button("Create the draft").ClickAsync();
        await Expect(page.Heading(title)).ToBeVisibleAsync();
    }
}
