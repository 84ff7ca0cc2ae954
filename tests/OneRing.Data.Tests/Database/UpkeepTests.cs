using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using OneRing.Data.Database;
using OneRing.Data.Idempotency;
using OneRing.Data.Notices;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Database;

public sealed class UpkeepTests_InMemory(InMemory database) : UpkeepTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class UpkeepTests_Postgres(Postgres database) : UpkeepTests(database), IClassFixture<Postgres>
{
    [Fact]
    public async Task Eight_servers_that_start_together_on_a_fresh_database_prepare_it_and_do_the_upkeep_once()
    {
        var fresh = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        var clock = new FakeTimeProvider(new DateTimeOffset(2061, 12, 31, 23, 59, 0, TimeSpan.Zero));
        var servers = Enumerable.Range(0, 8).Select(_ => Database.BuildServices(clock, fresh)).ToList();

        var did = await Race.AtOnceAsync(servers.Count, i => Task.Run(async () =>
        {
            await servers[i].PrepareDatabaseAsync();
            return await UpkeepOf(servers[i]).RunAsync(default);
        }));

        Assert.Single(did, it => it);
        await using (var connection = new NpgsqlConnection(fresh))
        {
            await connection.OpenAsync();
            Assert.Equal(1, await connection.CountAsync("select count(*) from data_protection_keys"));
            Assert.Equal(
                ["analytics_events_2061_12", "analytics_events_2062_01", "analytics_events_2062_02", "analytics_events_default"],
                await connection.ReadAsync("select inhrelid::regclass::text from pg_inherits where inhparent = 'analytics_events'::regclass order by 1"));
        }
        var cookie = Protector(servers[0]).Protect("ana");
        Assert.All(servers, server => Assert.Equal("ana", Protector(server).Unprotect(cookie)));
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
        await (await PostgresServer.GetAsync()).DropAsync(fresh);
    }

    private static IDataProtector Protector(IServiceProvider server) => server.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");
}

public abstract class UpkeepTests(TestDatabase database) : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2027, 3, 31, 12, 30, 0, TimeSpan.Zero));
    private readonly string scope = Given.NewKey();
    private ServiceProvider services = null!;

    protected TestDatabase Database => database;

    public async Task InitializeAsync()
    {
        services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        await ForgetRoundsAsync();
    }

    public async Task DisposeAsync() => await services.DisposeAsync();

    [Fact]
    public async Task However_many_do_it_at_once_it_is_done_once_an_hour()
    {
        await RememberAsync("old", clock.Now() - IdempotencyKey.Lifetime - TimeSpan.FromSeconds(1));
        await RememberAsync("young", clock.Now() - IdempotencyKey.Lifetime + TimeSpan.FromSeconds(1));

        var together = await Race.AtOnceAsync(8, _ => UpkeepOf(services).RunAsync(default));
        var inTheSameHour = await UpkeepOf(services).RunAsync(default);
        var kept = await KeysAsync();
        clock.Advance(TimeSpan.FromHours(1));
        var anHourLater = await Race.AtOnceAsync(8, _ => UpkeepOf(services).RunAsync(default));

        Assert.Single(together, it => it);
        Assert.False(inTheSameHour);
        Assert.Equal(["young"], kept);
        Assert.Single(anHourLater, it => it);
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task Notices_are_forgotten_when_they_are_old()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        clock.Advance(Notice.Lifetime);
        await services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        await UpkeepOf(services).RunAsync(default);
        await using var connection = await database.OpenDirectAsync(services);
        Assert.Equal(2, await connection.CountAsync("select count(*) from notices where draft_id = @id and cause <> 'turn 1'", ("id", draft.Id)));

        clock.Advance(TimeSpan.FromHours(1));
        await UpkeepOf(services).RunAsync(default);

        Assert.Equal(["turn 3"], await connection.ReadAsync("select cause from notices where draft_id = @id", ("id", draft.Id)));
    }

    [Fact]
    public async Task What_fails_leaves_everything_to_do_for_the_next()
    {
        await RememberAsync("old", clock.Now() - IdempotencyKey.Lifetime - TimeSpan.FromSeconds(1));
        await ExecuteAsync("alter table outbox_mails rename to mails_away");
        await Assert.ThrowsAnyAsync<Exception>(() => UpkeepOf(services).RunAsync(default));
        Assert.Equal(["old"], await KeysAsync());

        await ExecuteAsync("alter table mails_away rename to outbox_mails");

        Assert.True(await UpkeepOf(services).RunAsync(default));
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task A_server_begins_with_it_and_goes_on_every_hour()
    {
        await RememberAsync("old", clock.Now() - IdempotencyKey.Lifetime - TimeSpan.FromMinutes(1));
        var upkeep = UpkeepOf(services);

        await upkeep.StartAsync(default);
        await WaitUntilForgottenAsync();
        await RememberAsync("aging", clock.Now() - IdempotencyKey.Lifetime + TimeSpan.FromMinutes(1));
        Assert.Equal(["aging"], await KeysAsync());
        clock.Advance(TimeSpan.FromHours(1));
        await WaitUntilForgottenAsync();

        await upkeep.StopAsync(default);
    }

    private protected static Upkeep UpkeepOf(IServiceProvider server) => server.GetServices<IHostedService>().OfType<Upkeep>().Single();

    private async Task WaitUntilForgottenAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await KeysAsync()).Count > 0)
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private async Task RememberAsync(string key, DateTimeOffset at)
    {
        await using var db = await ContextAsync();
        db.IdempotencyKeys.Add(new IdempotencyKey(scope, key, Fingerprint: null, Result: null, at));
        await db.SaveChangesAsync();
    }

    private async Task<List<string>> KeysAsync()
    {
        await using var db = await ContextAsync();
        return await db.IdempotencyKeys.Where(k => k.Scope == scope).Select(k => k.Key).ToListAsync();
    }

    /// <summary>The tests of this class live in the same hour.</summary>
    private async Task ForgetRoundsAsync()
    {
        await using var db = await ContextAsync();
        await db.IdempotencyKeys.Where(k => k.Scope == "upkeep").ExecuteDeleteAsync();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await database.OpenDirectAsync(services);
        await connection.ExecuteAsync(sql);
    }

    private Task<OneRingDbContext> ContextAsync() => services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
}
