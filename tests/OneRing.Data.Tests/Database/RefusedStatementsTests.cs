using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Database;

/// <summary>
/// A connection on which a statement was refused goes on. The driver prepares a statement on a connection when it is sent for the second time; one that is refused
/// at that moment must not spoil what comes after it.
/// </summary>
[Trait("Database", "PostgreSQL")]
public sealed class RefusedStatementsTests(Postgres database) : IClassFixture<Postgres>
{
    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_was_refused_while_nothing_could_be_written_is_done_afterwards_on_the_same_connection(int before)
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await using var services = BuildServices();
        for (var i = 0; i < before; i++)
        {
            await AppendAsync(services, draft);
        }

        await SetReadOnlyAsync(services, "on");
        for (var i = 0; i < 2; i++)
        {
            var refused = await Assert.ThrowsAnyAsync<Exception>(() => AppendAsync(services, draft));
            Assert.Equal(DatabaseTrouble.ReadOnly, DatabaseTroubles.Of(refused));
        }
        await SetReadOnlyAsync(services, "off");

        for (var i = 0; i < 3; i++)
        {
            await AppendAsync(services, draft);
        }
    }

    [SkippableFact]
    public async Task A_rule_that_a_row_breaks_costs_a_connection_none_of_its_prepared_statements()
    {
        await using var services = BuildServices();
        await AppendAsync(services, await services.ADraftHeldByAnaAsync());
        var before = await CountPreparedAsync(services);
        Assert.NotEqual(0, before);

        await using (var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync())
        {
            var taken = await Assert.ThrowsAsync<PostgresException>(() => db.Database.ExecuteSqlAsync(
                $"insert into idempotency_keys select * from idempotency_keys limit 1"));
            Assert.Equal(PostgresErrorCodes.UniqueViolation, taken.SqlState);
        }

        Assert.InRange(await CountPreparedAsync(services), before, int.MaxValue);
    }

    /// <summary>With one connection, so that nothing is mended by taking another; and nothing is tried again, so that nothing is mended by that.</summary>
    private ServiceProvider BuildServices() => database.BuildServices(
        connectionString: new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 1 }.ConnectionString,
        settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["OneRing:Database:Retries"] = "0" });

    private static async Task<int> CountPreparedAsync(IServiceProvider services)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        return await db.Database.SqlQuery<int>($"select count(*)::int as \"Value\" from pg_prepared_statements").SingleAsync();
    }

    private static async Task AppendAsync(IServiceProvider services, ADraft draft)
    {
        // Nothing is remembered, so that each looks at the draft first, and locks it.
        services.GetRequiredService<DraftMemory>().Forget(draft.Id, int.MaxValue);
        await services.AppendAsync(draft.Id, draft.Ana, "Words.");
    }

    private static async Task SetReadOnlyAsync(IServiceProvider services, string setting)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        await db.Database.ExecuteSqlAsync($"select set_config('default_transaction_read_only', {setting}, false)");
    }
}
