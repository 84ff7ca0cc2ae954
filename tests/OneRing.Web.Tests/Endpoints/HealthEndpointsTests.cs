using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Endpoints;

public sealed class HealthEndpointsTests
{
    [Fact]
    public async Task A_server_in_memory_is_alive_and_ready()
    {
        await using var server = new OneRingServer();

        Assert.Equal((HttpStatusCode.OK, "alive"), await AskAsync(server, "/healthz"));
        Assert.Equal((HttpStatusCode.OK, "ready"), await AskAsync(server, "/readyz"));
    }

    [Fact]
    [Trait("Database", "PostgreSQL")]
    public async Task A_server_whose_database_is_away_is_alive_but_not_ready()
    {
        var postgres = await PostgresServer.GetAsync();
        var database = await postgres.CreateDatabaseAsync();
        await using var server = new OneRingServer(database);
        Assert.Equal((HttpStatusCode.OK, "ready"), await AskAsync(server, "/readyz"));

        await postgres.DropAsync(database);

        var (status, words) = await AskAsync(server, "/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.StartsWith("not ready", words, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "alive"), await AskAsync(server, "/healthz"));
    }

    [Fact]
    [Trait("Database", "PostgreSQL")]
    public async Task While_the_database_is_away_a_program_is_told_so_in_the_shape_of_every_error()
    {
        var postgres = await PostgresServer.GetAsync();
        var database = await postgres.CreateDatabaseAsync();
        await using var server = new OneRingServer(database);
        var ana = await server.Services.APersonAsync("Ana");
        var token = Given.Succeed(await server.Services.GetRequiredService<AccessTokenService>().CreateAsync(new NewAccessToken(ana, "A test")));
        var api = new ApiClient(server.CreateClient(), token.Secret);
        Assert.Equal("200", (await api.GetAsync("/v1/me")).Outcome);

        await postgres.DropAsync(database);
        var answer = await api.GetAsync("/v1/me");

        Assert.Equal(("503 unavailable", "application/problem+json"), (answer.Outcome, answer.Headers["Content-Type"]));
        Assert.Equal(answer.Headers["x-request-id"], (string?)answer.Json["error"]!["request_id"]);
        Assert.DoesNotContain("Npgsql", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("does not exist", answer.Text, StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, string Words)> AskAsync(OneRingServer server, string path)
    {
        using var client = server.CreateClient();
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
