using System.Diagnostics;
using Microsoft.Playwright;
using OneRing.Data.Drafts;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Servers;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

/// <summary>Servers as processes of their own, over one PostgreSQL.</summary>
[Trait("Category", "Browser")]
[Trait("Database", "PostgreSQL")]
public sealed class SeveralServersTests(Postgres database, ITestOutputHelper output) : IClassFixture<Postgres>
{
    [SkippableFact]
    public async Task A_pass_on_one_server_is_seen_at_once_on_a_page_of_the_other()
    {
        await using var one = await ServerProcess.StartAsync(database.ConnectionString!);
        await using var other = await ServerProcess.StartAsync(database.ConnectionString!);
        await using var ana = await Person.SignedInAsync(one.Address, database.Services, "Ana");
        await using var ben = await Person.SignedInAsync(other.Address, database.Services, "Ben");
        var draftId = await ADraftAsync(ana.Id, ben.Id);
        var anas = await ana.OpenAsync($"/drafts/{draftId}");
        var bens = await ben.OpenAsync($"/drafts/{draftId}");
        await Expect(bens.Saying("Ana holds the ring.")).ToBeVisibleAsync();

        // The first pass of a server that has just started takes longer than those that follow.
        await PassAsync(anas, "Pass to Ben", bens);
        await PassAsync(bens, "Pass to Ana", anas);
        var took = await PassAsync(anas, "Pass to Ben", bens);

        Assert.True(took < TimeSpan.FromSeconds(60), $"The pass was seen only after {took}.");
        ana.AssertCalm();
        ben.AssertCalm();
    }

    [SkippableFact]
    public async Task With_notifications_lost_on_the_way_a_pass_is_seen_on_the_other_server_all_the_same()
    {
        await using var proxy = PostgresProxy.Start(database.ConnectionString!);
        proxy.LosesNotifications = true;
        await using var one = await ServerProcess.StartAsync(database.ConnectionString!);
        await using var other = await ServerProcess.StartAsync(proxy.ConnectionString);
        await using var ana = await Person.SignedInAsync(one.Address, database.Services, "Ana");
        await using var ben = await Person.SignedInAsync(other.Address, database.Services, "Ben");
        var draftId = await ADraftAsync(ana.Id, ben.Id);
        var anas = await ana.OpenAsync($"/drafts/{draftId}");
        var bens = await ben.OpenAsync($"/drafts/{draftId}");
        await Expect(bens.Saying("Ana holds the ring.")).ToBeVisibleAsync();

        await PassAsync(anas, "Pass to Ben", bens, goal: 5);
        await PassAsync(bens, "Pass to Ana", anas, goal: 1);
        var took = await PassAsync(anas, "Pass to Ben", bens, goal: 5);

        Assert.True(took < TimeSpan.FromSeconds(50), $"The pass was seen only after {took}.");
        Assert.True(proxy.LostNotifications >= 2, $"Only {proxy.LostNotifications} notifications were lost.");
        ana.AssertCalm();
        ben.AssertCalm();
    }

    [SkippableFact]
    public async Task When_one_server_dies_its_people_go_on_with_the_other()
    {
        await using var one = await ServerProcess.StartAsync(database.ConnectionString!);
        await using var other = await ServerProcess.StartAsync(database.ConnectionString!);
        // A browser gives a cookie to every port of a host: as behind one name, both servers are asked with the same.
        await using var ana = await Person.SignedInAsync(one.Address, database.Services, "Ana");
        await using var ben = await Person.SignedInAsync(other.Address, database.Services, "Ben");
        var draftId = await ADraftAsync(ana.Id, ben.Id);
        var bens = await ben.OpenAsync($"/drafts/{draftId}");
        var anas = await ana.OpenAsync($"/drafts/{draftId}");
        await anas.AppendAsync("The lamp stayed lit.");
        await Expect(bens.Segments()).ToHaveTextAsync(["The lamp stayed lit."]);

        await one.KillAsync();

        var again = await ana.OpenAsync(new Uri(other.Address, $"/drafts/{draftId}").ToString());
        await Expect(again.Segments()).ToHaveTextAsync(["The lamp stayed lit."]);
        await again.AppendAsync("Somebody saw it.");
        await Expect(bens.Segments()).ToHaveTextAsync(["The lamp stayed lit.", "Somebody saw it."]);
        await PassAsync(again, "Pass to Ben", bens);
        ben.AssertCalm();
    }

    [SkippableFact]
    public async Task People_on_both_servers_see_each_other_and_those_of_a_killed_one_are_missed()
    {
        await using var one = await ServerProcess.StartAsync(database.ConnectionString!);
        await using var other = await ServerProcess.StartAsync(database.ConnectionString!);
        await using var ana = await Person.SignedInAsync(one.Address, database.Services, "Ana");
        await using var ben = await Person.SignedInAsync(other.Address, database.Services, "Ben");
        var draftId = await ADraftAsync(ana.Id, ben.Id);
        var anas = await ana.OpenAsync($"/drafts/{draftId}");
        var bens = await ben.OpenAsync($"/drafts/{draftId}");

        await Expect(Here(anas)).ToHaveTextAsync(["Ana (you)", "Ben"]);
        await Expect(Here(bens)).ToHaveTextAsync(["Ana", "Ben (you)"]);
        Given.Succeed(await new TypedText(database.Services, draftId, ana.Id).SaveAsync("The lamp stayed"));
        await Expect(bens.Saying("Ana is writing, 3 words")).ToBeVisibleAsync();

        var killed = Stopwatch.GetTimestamp();
        await one.KillAsync();
        await Expect(Here(bens)).ToHaveTextAsync(["Ben (you)"], new() { Timeout = 200_000 });

        output.WriteLine($"Ana was missed after {Stopwatch.GetElapsedTime(killed).TotalSeconds:0.0} s; the goal is 20 s.");
        ben.AssertCalm();
    }

    [SkippableFact]
    public async Task After_a_crash_and_a_new_start_all_is_there_and_everybody_is_still_signed_in()
    {
        await using var before = await ServerProcess.StartAsync(database.ConnectionString!);
        await using var ana = await Person.SignedInAsync(before.Address, database.Services, "Ana");
        var draftId = await ADraftAsync(ana.Id, await database.Services.APersonAsync("Ben"));
        var page = await ana.OpenAsync($"/drafts/{draftId}");
        await page.AppendAsync("The lamp stayed lit.");
        await Expect(page.Segments()).ToHaveTextAsync(["The lamp stayed lit."]);
        await page.Button("Pass to Ben").ClickAsync();
        await Expect(page.Saying("Ben holds the ring.")).ToBeVisibleAsync();

        await before.KillAsync();
        await using var after = await ServerProcess.StartAsync(database.ConnectionString!, before.Address.Port);

        var again = await ana.OpenAsync($"/drafts/{draftId}");
        await Expect(again.Heading("The lamp")).ToBeVisibleAsync();
        await Expect(again.Segments()).ToHaveTextAsync(["The lamp stayed lit."]);
        await Expect(again.Saying("Ben holds the ring.")).ToBeVisibleAsync();
        await Expect(again.Button("Sign out")).ToBeVisibleAsync();
    }

    private async Task<TimeSpan> PassAsync(IPage holders, string button, IPage others, int goal = 1)
    {
        var turn = others.Saying("You hold the ring.").WaitForAsync();
        var passed = Stopwatch.GetTimestamp();
        await holders.Button(button).ClickAsync();
        await turn;

        var took = Stopwatch.GetElapsedTime(passed);
        output.WriteLine($"{button}: seen on the other server after {took.TotalMilliseconds:0} ms; the goal is {goal} s.");
        return took;
    }

    private static ILocator Here(IPage page) => page.GetByRole(AriaRole.List, new() { Name = "Here now", Exact = true }).GetByRole(AriaRole.Listitem).Locator(".sr-only");

    private async Task<Guid> ADraftAsync(string anaId, string benId)
    {
        var draftId = Given.Succeed(await database.Get<DraftService>().CreateAsync(new CreateDraft(anaId, "The lamp")));
        await database.Services.AddAsync(draftId, anaId, benId, Role.Writer);
        return draftId;
    }
}
