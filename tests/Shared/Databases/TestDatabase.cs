using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data;

namespace OneRing.Tests.Databases;

/// <summary>
/// The services over a database of a test class's own. A service test is written once, as an abstract class that takes a
/// <see cref="TestDatabase"/>, and runs twice: with <see cref="InMemory"/> and with <see cref="Postgres"/>.
/// </summary>
public abstract class TestDatabase : IAsyncLifetime
{
    private ServiceProvider? services;

    public IServiceProvider Services => services ?? throw new InvalidOperationException("The database is not ready yet.");

    /// <summary>The connection string; null in memory.</summary>
    public string? ConnectionString { get; private set; }

    public bool IsInMemory => ConnectionString is null;

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public async Task InitializeAsync()
    {
        ConnectionString = await CreateAsync();
        services = BuildServices();
        await services.PrepareDatabaseAsync();
    }

    public async Task DisposeAsync()
    {
        if (services is not null)
        {
            await services.DisposeAsync();
        }
        await DropAsync();
    }

    /// <summary>The services as a second server has them, over the same PostgreSQL; in memory, over a memory of their own.</summary>
    public ServiceProvider BuildServices(
        TimeProvider? clock = null,
        string? connectionString = null,
        Action<IServiceCollection>? configure = null,
        IReadOnlyDictionary<string, string?>? settings = null)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("ConnectionStrings:OneRing", connectionString ?? ConnectionString)])
            .AddInMemoryCollection(settings)
            .Build();
        var collection = new ServiceCollection().AddLogging();
        if (clock is not null)
        {
            collection.AddSingleton(clock);
        }
        configure?.Invoke(collection);
        return collection.AddOneRingData(configuration).BuildServiceProvider();
    }

    protected abstract Task<string?> CreateAsync();

    protected abstract Task DropAsync();
}

/// <summary>The services over a database in memory.</summary>
public sealed class InMemory : TestDatabase
{
    protected override Task<string?> CreateAsync() => Task.FromResult<string?>(null);

    protected override Task DropAsync() => Task.CompletedTask;
}

/// <summary>The services over a PostgreSQL database of their own.</summary>
public sealed class Postgres : TestDatabase
{
    private string? created;

    protected override async Task<string?> CreateAsync() =>
        created = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();

    protected override async Task DropAsync()
    {
        if (created is not null)
        {
            await (await PostgresServer.GetAsync()).DropAsync(created);
        }
    }
}
