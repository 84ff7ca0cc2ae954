using System.Collections.Concurrent;
using DotNet.Testcontainers.Configurations;
using Npgsql;
using Testcontainers.PostgreSql;

namespace OneRing.Tests.Databases;

/// <summary>
/// The one PostgreSQL server of this test assembly: the one named by <c>ONERING_TEST_POSTGRES</c>, else a container, else a server
/// started from the installed binaries. Without any of them asking for it fails: a test on PostgreSQL is never silently left out.
/// </summary>
public sealed class PostgresServer
{
    public const string Variable = "ONERING_TEST_POSTGRES";

    private static readonly TimeSpan EngineMayTake = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TemplateMayBeBusy = TimeSpan.FromSeconds(60);
    private static readonly Lazy<Task<PostgresServer>> Shared = new(StartAsync);

    // Every test class has a pool of its own, and test classes run side by side.
    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal) { ["max_connections"] = "300" };

    private readonly ConcurrentDictionary<string, string> databases = new(StringComparer.Ordinal);
    private readonly string run = $"onering_test_{Guid.NewGuid():N}";
    private readonly string connectionString;
    private NpgsqlConnection? signOfLife;
    private int made;

    private PostgresServer(string connectionString, string origin)
    {
        // Unpooled: these few connections must not stand in the way of dropping or copying a database.
        this.connectionString = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;
        Origin = origin;
    }

    /// <summary>Where the server comes from, in words, for the test output.</summary>
    public string Origin { get; }

    /// <summary>The server, started at the first call.</summary>
    public static Task<PostgresServer> GetAsync() => Shared.Value;

    /// <summary>Makes a fresh database and returns its connection string.</summary>
    /// <param name="template">The connection string of a database to copy, schema and rows. Nobody may be connected to it.</param>
    /// <param name="locale">Such as <c>C.UTF-8</c>; when absent, that of the server or of the template.</param>
    public async Task<string> CreateDatabaseAsync(
        string? template = null, string? locale = null, CancellationToken cancellationToken = default)
    {
        var name = $"{run}_{Interlocked.Increment(ref made)}";
        var source = template is null ? "template0" : DatabaseOf(template);
        var sql = $"create database {Quote(name)} template {Quote(source)} encoding 'UTF8'";
        if (locale is not null)
        {
            sql += $" locale '{locale.Replace("'", "''", StringComparison.Ordinal)}'";
        }

        var giveUp = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await ExecuteAsync(sql, cancellationToken);
                break;
            }
            catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.ObjectInUse
                && TimeProvider.System.GetElapsedTime(giveUp) < TemplateMayBeBusy)
            {
                // A connection to the template that was just closed may still be there for the server.
                await Task.Delay(50, cancellationToken);
            }
        }

        var created = new NpgsqlConnectionStringBuilder(connectionString) { Database = name, Pooling = true }.ConnectionString;
        databases[name] = created;
        return created;
    }

    /// <summary>Drops a database that was made here, whoever is still connected to it.</summary>
    public async Task DropAsync(string database, CancellationToken cancellationToken = default)
    {
        var name = DatabaseOf(database);
        if (!databases.TryRemove(name, out _))
        {
            throw new ArgumentException($"The database {name} was not made by this test run.", nameof(database));
        }

        await using (var pooled = new NpgsqlConnection(database))
        {
            NpgsqlConnection.ClearPool(pooled);
        }
        await ExecuteAsync($"drop database {Quote(name)} with (force)", cancellationToken);
    }

    private static async Task<PostgresServer> StartAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } configured)
        {
            var given = new PostgresServer(configured, $"the server named by {Variable}");
            await given.DropWhatEarlierRunsLeftAsync();
            AtExit(given.DropAllAsync);
            return given;
        }

        if (await HasContainerEngineAsync())
        {
            var container = new PostgreSqlBuilder("postgres:17-alpine")
                .WithCommand(Settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" }).ToArray())
                .Build();
            await container.StartAsync();
            AtExit(() => container.DisposeAsync().AsTask());
            return new PostgresServer(container.GetConnectionString(), "a container");
        }

        if (LocalPostgres.FindBinDirectory() is { } binaries)
        {
            var local = await LocalPostgres.StartAsync(binaries, Settings);
            // It tidies up by itself when this process ends, however that happens.
            return new PostgresServer(local.ConnectionString("postgres"), $"the binaries in {binaries}");
        }

        throw new InvalidOperationException(
            $"The tests on PostgreSQL need a server. Install the package postgresql (Debian, Ubuntu: apt-get install postgresql), or start Docker, "
            + $"or set {Variable} to a connection string that may create databases.");
    }

    /// <summary>Asks for the engine that Testcontainers would use, without ever waiting for one that does not answer.</summary>
    private static async Task<bool> HasContainerEngineAsync()
    {
        try
        {
            // Testcontainers pings every place it knows of and keeps the first that answers.
            return await Task.Run(() => TestcontainersSettings.OS.DockerEndpointAuthConfig is not null).WaitAsync(EngineMayTake);
        }
        catch (Exception failure) when (failure is TimeoutException or TypeInitializationException)
        {
            return false;
        }
    }

    private static void AtExit(Func<Task> tidyUp) =>
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Task.Run(tidyUp).Wait(TimeSpan.FromSeconds(10));

    /// <summary>
    /// The test runner gives a process that ends hardly any time to tidy up. So every run keeps a connection that bears its name, and
    /// the next one drops the databases of those that have none any more.
    /// </summary>
    private async Task DropWhatEarlierRunsLeftAsync()
    {
        signOfLife = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = run }.ConnectionString);
        await signOfLife.OpenAsync();

        var left = new List<string>();
        await using (var command = new NpgsqlCommand(
            """
            select datname from pg_database
            where datname ~ '^onering_test_[0-9a-f]{32}_[0-9]+$' and pg_get_userbyid(datdba) = current_user
              and not exists (select from pg_stat_activity where application_name = substring(datname from '^onering_test_[0-9a-f]{32}'))
            """,
            signOfLife))
        await using (var names = await command.ExecuteReaderAsync())
        {
            while (await names.ReadAsync())
            {
                left.Add(names.GetString(0));
            }
        }

        foreach (var name in left)
        {
            // Another run may be tidying up too.
            await ExecuteAsync($"drop database if exists {Quote(name)} with (force)", CancellationToken.None);
        }
    }

    private async Task DropAllAsync()
    {
        foreach (var database in databases.Values)
        {
            await DropAsync(database);
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string DatabaseOf(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString).Database
        ?? throw new ArgumentException("The connection string names no database.", nameof(connectionString));

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
