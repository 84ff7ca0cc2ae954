using OneRing.Data.Demo;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests;

/// <summary>A server that cannot do what it is told to does not start, and says why.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task A_database_that_cannot_be_reached_is_named_without_its_password()
    {
        var (exitCode, output) = await ServerProcess.RunAsync(
            ["--urls", "http://127.0.0.1:0"],
            ("ConnectionStrings__OneRing", "Host=127.0.0.1;Port=1;Database=the_archive;Username=keeper;Password=do-not-tell"));

        Assert.Equal(1, exitCode);
        Assert.Contains("127.0.0.1", output, StringComparison.Ordinal);
        Assert.Contains("the_archive", output, StringComparison.Ordinal);
        Assert.DoesNotContain("do-not-tell", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=;Password=do-not-tell")]
    [InlineData("do-not-tell")]
    [InlineData("postgresql://keeper:do-not-tell@localhost/onering?colour=blue")]
    public async Task A_connection_string_that_cannot_be_read_is_not_repeated(string connectionString)
    {
        var (exitCode, output) = await ServerProcess.RunAsync(["--urls", "http://127.0.0.1:0"], ("ConnectionStrings__OneRing", connectionString));

        Assert.Equal(1, exitCode);
        Assert.Contains("ConnectionStrings:OneRing is set but cannot be read.", output, StringComparison.Ordinal);
        Assert.DoesNotContain("do-not-tell", output, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Database", "PostgreSQL")]
    public async Task A_demo_on_PostgreSQL_is_for_Development_only()
    {
        var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();

        var (exitCode, output) = await ServerProcess.RunAsync(
            ["--urls", "http://127.0.0.1:0"], ("ConnectionStrings__OneRing", database), ("OneRing__Demo__Enabled", "true"));

        Assert.Equal(1, exitCode);
        Assert.Contains("On PostgreSQL it is for the Development environment only.", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_demo_on_each_of_its_people_gets_a_token_on_the_standard_output()
    {
        await using var server = await ServerProcess.StartAsync(connectionString: "");

        foreach (var person in DemoService.People)
        {
            var line = Assert.Single(server.Output.Split('\n'), line => line.StartsWith($"demo token {person.Handle}: ", StringComparison.Ordinal));
            using var client = new HttpClient { BaseAddress = server.Address };
            var me = await new ApiClient(client, line.Split(' ')[^1]).GetAsync("/v1/me");
            Assert.Equal((person.Handle, person.Name), ((string?)me.Data["handle"], (string?)me.Data["display_name"]));
        }
    }

    [Fact]
    public async Task A_relay_that_is_not_there_stops_the_start()
    {
        var (exitCode, output) = await ServerProcess.RunAsync(["--urls", "http://127.0.0.1:0"], ("OneRing__Demo__Relay", "/nowhere/at-all.jsonl"));

        Assert.Equal(1, exitCode);
        Assert.Contains("/nowhere/at-all.jsonl", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }
}
