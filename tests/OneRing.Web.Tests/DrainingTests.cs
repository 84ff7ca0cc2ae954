using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Servers;
using Xunit.Abstractions;

namespace OneRing.Web.Tests;

[Trait("Database", "PostgreSQL")]
public sealed class DrainingTests(Postgres database, ITestOutputHelper output) : IClassFixture<Postgres>
{
    [Fact]
    public async Task A_server_told_to_stop_is_not_ready_at_once_and_goes_on_serving()
    {
        await using var server = await ServerProcess.StartAsync(database.ConnectionString!, port: 0, ("OneRing__DrainSeconds", "600"));
        using var client = new HttpClient { BaseAddress = server.Address };
        var ana = await database.Services.APersonAsync("Ana");
        var token = Given.Succeed(await database.Get<AccessTokenService>().CreateAsync(new NewAccessToken(ana, "A test"))).Secret;
        await using var before = await Circuit.OpenAsync(client, server.Address);
        Assert.Equal((HttpStatusCode.OK, "ready"), await AskAsync(client, "/readyz"));

        Assert.False(await IsLastOnItsConnectionAsync(client));

        server.Terminate();

        await WaitUntilAsync(async () => await AskAsync(client, "/readyz") == (HttpStatusCode.ServiceUnavailable, "not ready: this server is stopping"));
        Assert.Equal((HttpStatusCode.OK, "alive"), await AskAsync(client, "/healthz"));
        Assert.True(await IsLastOnItsConnectionAsync(client));
        Assert.Equal(HttpStatusCode.OK, (await Visitor.At(server.Address).OpenAsync("/account/sign-in")).Status);
        Assert.Equal("200", (await new ApiClient(client, token).GetAsync("/v1/me")).Outcome);
        await using var during = await Circuit.OpenAsync(client, server.Address);
        Assert.False(before.Ended.IsCompleted, "The circuit ended before the server did.");

        server.Terminate();

        Assert.Equal(0, await server.EndAsync());
        await Task.WhenAll(before.Ended, during.Ended).WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Drained_it_ends_by_itself_and_well()
    {
        await using var server = await ServerProcess.StartAsync(database.ConnectionString!, port: 0, ("OneRing__DrainSeconds", "1"));
        using var client = new HttpClient { BaseAddress = server.Address };
        await using var circuit = await Circuit.OpenAsync(client, server.Address);

        var told = Stopwatch.GetTimestamp();
        server.Terminate();

        Assert.Equal(0, await server.EndAsync());
        var took = Stopwatch.GetElapsedTime(told);
        output.WriteLine($"Ended {took.TotalSeconds:0.0} s after it was told to stop.");
        Assert.True(took >= TimeSpan.FromSeconds(1), $"It ended after {took}.");
        Assert.DoesNotContain("fail:", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_memory_there_is_nobody_to_wait_for()
    {
        await using var server = await ServerProcess.StartAsync(connectionString: "");

        server.Terminate();

        Assert.Equal(0, await server.EndAsync());
        Assert.DoesNotContain("not ready any more", server.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, true, false, 5)]
    [InlineData("", true, false, 5)]
    [InlineData(null, true, true, 0)]
    [InlineData(null, false, false, 0)]
    [InlineData("0", true, false, 0)]
    [InlineData("12", false, true, 12)]
    public void It_waits_where_other_servers_may_take_over_unless_told_otherwise(string? setting, bool isOnPostgres, bool isDevelopment, int seconds)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("OneRing:DrainSeconds", setting), new("ConnectionStrings:OneRing", isOnPostgres ? "Host=db.example" : null)])
            .Build();

        var settings = DrainSettings.Read(configuration, DatabaseSettings.Read(configuration), isDevelopment);

        Assert.Equal(TimeSpan.FromSeconds(seconds), settings.Time);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("3601")]
    public async Task A_time_that_cannot_be_read_stops_the_start(string setting)
    {
        var (exitCode, output) = await ServerProcess.RunAsync(["--urls", "http://127.0.0.1:0"], ("OneRing__DrainSeconds", setting));

        Assert.Equal(1, exitCode);
        Assert.Contains("OneRing:DrainSeconds must be a whole number of seconds, from 0 to 3600.", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, string Words)> AskAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Whether the server ends a connection with its answer, so that nobody keeps it for the next request.</summary>
    private static async Task<bool> IsLastOnItsConnectionAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(new Uri("/healthz", UriKind.Relative));
        return answer.Headers.ConnectionClose == true;
    }

    private static async Task WaitUntilAsync(Func<Task<bool>> isSo)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "It did not come to be.");
            await Task.Delay(20);
        }
    }
}
