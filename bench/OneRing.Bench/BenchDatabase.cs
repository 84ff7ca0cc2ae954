using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OneRing.Data;
using OneRing.Data.Database;
using OneRing.Tests.Databases;

namespace OneRing.Bench;

/// <summary>A database of our own, on a server that is started for it (as it comes, so with fsync) or given; it goes when it is disposed.</summary>
internal sealed class BenchDatabase : IAsyncDisposable
{
    private readonly string name = $"onering_bench_{Guid.NewGuid():N}";
    private readonly LocalPostgres? started;
    private readonly NpgsqlConnectionStringBuilder server;

    private BenchDatabase(LocalPostgres? started, string server, int? pool)
    {
        this.started = started;
        this.server = new NpgsqlConnectionStringBuilder(server) { Pooling = false };
        var ours = new NpgsqlConnectionStringBuilder(server) { Database = name };
        if (pool is { } most)
        {
            ours.MaxPoolSize = most;
        }
        ConnectionString = ours.ConnectionString;
    }

    public string ConnectionString { get; }

    public static async Task<BenchDatabase> CreateAsync(Arguments arguments)
    {
        var given = arguments.ConnectionString;
        var local = given is null ? await LocalPostgres.StartAsync() : null;
        // Read as the product reads it, so that a URL will do.
        var database = new BenchDatabase(local, local?.ConnectionString("postgres") ?? DatabaseSettings.Read(Configuration(given)).ConnectionString!, arguments.Pool);
        await database.ExecuteAsync($"create database {database.name}");
        return database;
    }

    /// <summary>The services as a server has them, over a database that is ready; in memory without a connection string.</summary>
    public static async Task<ServiceProvider> BuildServicesAsync(string? connectionString)
    {
        var services = new ServiceCollection().AddLogging().AddOneRingData(Configuration(connectionString)).BuildServiceProvider();
        await services.PrepareDatabaseAsync();
        return services;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (started is not null)
        {
            await started.DisposeAsync();
        }
        else
        {
            await ExecuteAsync($"drop database {name} with (force)");
        }
    }

    private static IConfiguration Configuration(string? connectionString) =>
        new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:OneRing", connectionString)]).Build();

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
