using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Audit;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Servers;
using Xunit.Abstractions;

namespace OneRing.Web.Tests;

/// <summary>A database that takes half a second for every statement: everything still comes about, and once.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class SlowDatabaseTests(Postgres database, ITestOutputHelper output) : IClassFixture<Postgres>
{
    private const int People = 10;
    private const string Password = "a lamp that would not sleep";

    [Fact]
    public async Task Ten_people_on_ten_connections_sign_in_append_pass_and_read_and_nothing_is_done_twice()
    {
        await using var proxy = PostgresProxy.Start(database.ConnectionString!);
        await using var server = new OneRingServer(proxy.ConnectionString, "Production", ("OneRing:Database:PoolSize", $"{People}"));
        using var client = server.CreateClient();
        var people = new List<(string UserId, string Handle, ApiClient Api, string Draft)>();
        for (var i = 0; i < People; i++)
        {
            var userId = await database.Services.APersonAsync($"Person {i}", password: Password);
            var token = Given.Succeed(await database.Get<AccessTokenService>().CreateAsync(new NewAccessToken(userId, "A test"))).Secret;
            var api = new ApiClient(client, token);
            var draft = (string)(await api.PostAsync("/v1/collab/drafts", new { title = "A draft" })).Succeed().Data["draft_id"]!;
            people.Add((userId, await database.Services.HandleOfAsync(userId), api, draft));
        }
        for (var i = 0; i < People; i++)
        {
            (await people[i].Api.PostAsync($"/v1/collab/drafts/{people[i].Draft}/collaborators", new { user_id = people[(i + 1) % People].UserId, role = "writer" })).Succeed();
        }

        proxy.Slowness = TimeSpan.FromMilliseconds(500);
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(people.Select(async (person, i) =>
        {
            var at = $"/v1/collab/drafts/{person.Draft}";
            Assert.Equal("/", (await server.Visit().SignInAsync(person.Handle, Password)).RedirectsTo);
            // Somebody who cannot wait sends it twice.
            var appended = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => person.Api.PostAsync($"{at}/segments?segments=none", new { content = "Slowly.", idempotency_key = "once" })));
            Assert.Single(appended, answer => (bool)answer.Succeed().Json["replayed"]!);
            var pass = new { to_user_id = people[(i + 1) % People].UserId, idempotency_key = "on" };
            Assert.Equal(2, (int)(await person.Api.PostAsync($"{at}/pass-ring?segments=none", pass)).Succeed().Json["result"]!["turn"]!);
            var read = (await person.Api.GetAsync(at)).Succeed();
            Assert.Equal("Slowly.", (string?)Assert.Single(read.Data["segments"]!.AsArray())!["content"]);
        }));
        output.WriteLine($"{Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s for ten people");
        proxy.Slowness = TimeSpan.Zero;

        foreach (var (userId, _, _, draft) in people)
        {
            var view = await database.Services.ReadAsync(Guid.Parse(draft), userId);
            Assert.Equal((1, 1), (view.Segments.Count, view.Passes.Count));
        }
        Assert.Empty((await database.Get<DatabaseAudit>().RunAsync()).Findings);
    }
}
