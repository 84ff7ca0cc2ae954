using Npgsql;
using OneRing.Data.Database;
using OneRing.Tests.Databases;

namespace OneRing.Web.Tests.Servers;

/// <summary>A PostgreSQL of a test's own, with a database for a server that is an ordinary role in it, and every trouble that it can be in.</summary>
internal sealed class TroubledDatabase : IAsyncDisposable
{
    /// <summary>Ends every connection of the server, as an operator may.</summary>
    public const string Cut = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'onering'";

    private static readonly string[] Filled = ["idempotency_keys", "users"];

    private TroubledDatabase(LocalPostgres postgres) => Postgres = postgres;

    public LocalPostgres Postgres { get; }

    /// <summary>For the server.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(Postgres.ConnectionString("onering")) { Username = "onering" }.ConnectionString;

    public static async Task<TroubledDatabase> StartAsync()
    {
        var database = new TroubledDatabase(await LocalPostgres.StartAsync());
        await database.ExecuteAsync(["create role onering login", "create database onering owner onering"], "postgres");
        return database;
    }

    /// <summary>Lets a trouble begin. The server has made its tables by then.</summary>
    public Task BeginAsync(DatabaseTrouble trouble) => trouble switch
    {
        DatabaseTrouble.Away => Postgres.StopAsync(immediate: true),
        DatabaseTrouble.Busy => ExecuteAsync(["alter role onering connection limit 0", Cut]),
        DatabaseTrouble.ReadOnly => SetReadOnlyAsync("on"),
        DatabaseTrouble.Full => ExecuteAsync([
            "create or replace function full_disk() returns trigger language plpgsql as $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$",
            .. Filled.Select(table => $"create trigger full_disk before insert or update on {table} for each row execute function full_disk()")]),
        _ => throw new ArgumentOutOfRangeException(nameof(trouble), trouble, "There is no such trouble."),
    };

    /// <summary>Ends a trouble.</summary>
    public Task EndAsync(DatabaseTrouble trouble) => trouble switch
    {
        DatabaseTrouble.Away => Postgres.RestartAsync(),
        DatabaseTrouble.Busy => ExecuteAsync(["alter role onering connection limit -1"]),
        DatabaseTrouble.ReadOnly => SetReadOnlyAsync("off"),
        DatabaseTrouble.Full => ExecuteAsync(Filled.Select(table => $"drop trigger full_disk on {table}")),
        _ => throw new ArgumentOutOfRangeException(nameof(trouble), trouble, "There is no such trouble."),
    };

    /// <summary>Carries statements out as an operator.</summary>
    public async Task ExecuteAsync(IEnumerable<string> statements, string database = "onering")
    {
        await using var connection = await ConnectAsync(database);
        foreach (var sql in statements)
        {
#pragma warning disable CA2100 // All of them stand in tests.
            await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>The settings are read again some time after that was asked for. A connection that is new knows them only when all others have been told.</summary>
    private async Task SetReadOnlyAsync(string setting)
    {
        await ExecuteAsync([$"alter system set default_transaction_read_only = {setting}", "select pg_reload_conf()"]);
        await Browser.Survival.Trial.UntilAsync("the database follows", async () =>
        {
            await using var connection = await ConnectAsync("onering");
            await using var show = new NpgsqlCommand("show default_transaction_read_only", connection);
            return Equals(await show.ExecuteScalarAsync(), setting);
        });
    }

    private async Task<NpgsqlConnection> ConnectAsync(string database)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Postgres.ConnectionString(database)) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public ValueTask DisposeAsync() => Postgres.DisposeAsync();
}
