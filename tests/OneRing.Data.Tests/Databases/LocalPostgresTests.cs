using Npgsql;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Databases;

[Trait("Database", "PostgreSQL")]
public sealed class LocalPostgresTests
{
    [Fact]
    public async Task Rows_and_port_are_the_same_after_a_restart()
    {
        await using var postgres = await LocalPostgres.StartAsync();
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString("postgres"));
        await RunAsync(source, "create table words (word text); insert into words values ('ring')");
        var port = postgres.Port;

        await postgres.RestartAsync();
        source.Clear();

        Assert.Equal(port, postgres.Port);
        Assert.Equal("ring", await ReadAsync(source, "select word from words"));
    }

    [Fact]
    public async Task What_was_committed_is_there_after_an_immediate_stop()
    {
        await using var postgres = await LocalPostgres.StartAsync();
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString("postgres"));
        await RunAsync(source, "create table words (word text); insert into words values ('ring')");

        await postgres.StopAsync(immediate: true);
        source.Clear();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ReadAsync(source, "select word from words"));
        await postgres.RestartAsync();

        Assert.Equal("ring", await ReadAsync(source, "select word from words"));
    }

    [Fact]
    public async Task Settings_reach_the_server_and_writes_stay_durable()
    {
        await using var postgres = await LocalPostgres.StartAsync(
            settings: new Dictionary<string, string> { ["max_connections"] = "17" });
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString("postgres"));

        Assert.Equal("17", await ReadAsync(source, "show max_connections"));
        Assert.Equal("on", await ReadAsync(source, "show fsync"));
        Assert.Equal("UTF8", await ReadAsync(source, "show server_encoding"));
    }

    [Fact]
    public async Task Nothing_is_left_after_disposal()
    {
        var postgres = await LocalPostgres.StartAsync();
        Assert.True(Directory.Exists(postgres.DataFolder));

        await postgres.DisposeAsync();

        Assert.False(Directory.Exists(postgres.DataFolder));
        Assert.Null(postgres.ProcessId);
    }

    [Fact]
    public async Task A_server_that_does_not_start_says_why()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => LocalPostgres.StartAsync(
            settings: new Dictionary<string, string> { ["no_such_setting"] = "1" }));

        Assert.Contains("no_such_setting", failure.Message, StringComparison.Ordinal);
    }

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string?> ReadAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (string?)await command.ExecuteScalarAsync();
    }
}
