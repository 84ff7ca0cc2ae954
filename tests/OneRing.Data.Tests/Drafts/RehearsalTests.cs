using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Drafts;

public sealed class RehearsalTests_InMemory(InMemory database) : RehearsalTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class RehearsalTests_Postgres(Postgres database) : RehearsalTests(database), IClassFixture<Postgres>
{
    private readonly Postgres database = database;

    [Fact]
    public async Task A_server_that_cannot_rehearse_starts_all_the_same()
    {
        var absent = new Npgsql.NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = "nothing_there" }.ConnectionString;
        await using var services = database.BuildServices(connectionString: absent);

        await services.GetServices<IHostedService>().OfType<Rehearsal>().Single().StartAsync(CancellationToken.None);
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => services.GetRequiredService<DraftCommands>().RehearseAsync(CancellationToken.None));
    }
}

public abstract class RehearsalTests(TestDatabase database)
{
    [Fact]
    public async Task Nothing_of_it_stays_and_nobody_hears_of_it()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var before = await CountAsync();
        var heard = 0;
        database.Get<DraftFeed>().Published += _ => heard++;

        await database.Get<DraftCommands>().RehearseAsync(CancellationToken.None);

        Assert.Equal(before, await CountAsync());
        Assert.Equal(0, heard);
        Assert.Equal(0, (await database.Services.AppendAsync(draft.Id, draft.Ana, "Now in earnest.")).Position);
    }

    [Fact]
    public async Task Servers_that_start_together_rehearse_at_once()
    {
        await Race.AtOnceAsync(8, async _ =>
        {
            await database.Get<DraftCommands>().RehearseAsync(CancellationToken.None);
            return true;
        });
    }

    private async Task<(int Users, int Drafts, int Segments, int Passes, int Events, int Uncounted, int Keys)> CountAsync()
    {
        await using var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        return (
            await db.Users.CountAsync(), await db.Drafts.CountAsync(), await db.Segments.CountAsync(), await db.RingPasses.CountAsync(),
            await db.AnalyticsEvents.CountAsync(), await db.UncountedEvents.CountAsync(), await db.IdempotencyKeys.CountAsync());
    }
}
