using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Database;

[Trait("Database", "PostgreSQL")]
public sealed class DatabasePreparationTests(Postgres database) : IClassFixture<Postgres>
{
    private const string Tables = "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1";

    [Fact]
    public async Task Servers_that_start_together_on_a_fresh_database_all_start()
    {
        var fresh = await NewDatabaseAsync();
        var servers = Enumerable.Range(0, 8).Select(_ => database.BuildServices(connectionString: fresh)).ToList();

        await Race.AtOnceAsync(servers.Count, async i =>
        {
            await servers[i].PrepareDatabaseAsync();
            return i;
        });

        foreach (var server in servers)
        {
            Assert.True(await server.IsDatabaseReadyAsync());
            await server.APersonAsync();
            await server.DisposeAsync();
        }
        await DropAsync(fresh);
    }

    [Fact]
    public async Task Preparing_again_keeps_what_is_there()
    {
        var ana = await database.Services.APersonAsync("Ana");

        await database.Services.PrepareDatabaseAsync();

        Assert.NotNull(await database.Get<AccountService>().FindAsync(ana));
    }

    [Fact]
    public async Task A_migration_may_take_longer_than_a_command()
    {
        await using var services = database.BuildServices(
            settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["OneRing:Database:CommandTimeoutSeconds"] = "1", ["OneRing:Database:Retries"] = "0" });
        await using (var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync())
        {
            await db.Database.MigrateAsync("EventsKept");
        }
        // It waits for those who count, as it would for a table of many rows.
        await using var counting = await database.OpenDirectAsync();
        await counting.ExecuteAsync($"select pg_advisory_lock({RollupSql.Lock})");

        var preparing = services.PrepareDatabaseAsync();
        await Task.WhenAny(preparing, Task.Delay(TimeSpan.FromSeconds(3)));
        await counting.ExecuteAsync($"select pg_advisory_unlock({RollupSql.Lock})");

        await preparing;
        Assert.True(await services.IsDatabaseReadyAsync());
    }

    [Fact]
    public async Task A_database_is_ready_when_it_is_migrated()
    {
        var fresh = await NewDatabaseAsync();
        await using var server = database.BuildServices(connectionString: fresh);

        Assert.False(await server.IsDatabaseReadyAsync());
        await server.PrepareDatabaseAsync();
        Assert.True(await server.IsDatabaseReadyAsync());
        await DropAsync(fresh);
    }

    [Theory]
    [InlineData("create table other (id int)")]
    [InlineData("create table \"__EFMigrationsHistory\" (migration_id varchar(150) primary key, product_version varchar(32) not null)")]
    [InlineData("create table \"__EFMigrationsHistory\" (migration_id varchar(150) primary key, product_version varchar(32) not null); insert into \"__EFMigrationsHistory\" values ('1_Theirs', '1')")]
    public async Task The_tables_of_another_program_are_left_alone(string beside)
    {
        var foreign = await NewDatabaseAsync();
        await using var connection = new NpgsqlConnection(foreign);
        await connection.OpenAsync();
        await connection.ExecuteAsync($"create table drafts (id int primary key, words text); insert into drafts values (1, 'theirs'); {beside}");
        var tables = await connection.ReadAsync(Tables);
        await using var server = database.BuildServices(connectionString: foreign);

        var failure = await Assert.ThrowsAsync<DatabaseUnusableException>(() => server.PrepareDatabaseAsync());

        var builder = new NpgsqlConnectionStringBuilder(foreign);
        Assert.Equal(
            $"OneRing will not touch this database: PostgreSQL, database “{builder.Database}” on {builder.Host}:{builder.Port} holds tables of another program (drafts). Give OneRing a database of its own.",
            failure.Message);
        Assert.Equal(tables, await connection.ReadAsync(Tables));
        Assert.Equal(["1|theirs"], await connection.ReadAsync("select * from drafts"));
        await connection.CloseAsync();
        await DropAsync(foreign);
    }

    [Fact]
    public async Task A_database_with_other_tables_beside_ours_is_fine()
    {
        var shared = await NewDatabaseAsync();
        await using var connection = new NpgsqlConnection(shared);
        await connection.OpenAsync();
        await connection.ExecuteAsync("create table other (id int)");
        await using var server = database.BuildServices(connectionString: shared);

        await server.PrepareDatabaseAsync();

        Assert.True(await server.IsDatabaseReadyAsync());
        await connection.CloseAsync();
        await DropAsync(shared);
    }

    [Fact]
    public async Task A_server_that_nobody_runs_is_named_without_the_password()
    {
        using var nobody = new TcpListener(IPAddress.Loopback, 0);
        nobody.Start();
        var port = ((IPEndPoint)nobody.LocalEndpoint).Port;
        nobody.Stop();

        await AssertUnreachableAsync(port, expected: "");
    }

    [Fact]
    public async Task A_server_that_refuses_the_password_is_named_without_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stopping = new CancellationTokenSource();
        var refusing = RefuseEverybodyAsync(listener, stopping.Token);

        await AssertUnreachableAsync(((IPEndPoint)listener.LocalEndpoint).Port, expected: "(28P01: password authentication failed for user \"ring\")");

        await stopping.CancelAsync();
        await refusing;
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_named()
    {
        var missing = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = "not_there" }.ConnectionString;
        await using var server = database.BuildServices(connectionString: missing);

        var failure = await Assert.ThrowsAsync<DatabaseUnusableException>(() => server.PrepareDatabaseAsync());

        Assert.Contains("database “not_there” on ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("3D000", failure.Message, StringComparison.Ordinal);
        Assert.False(await server.IsDatabaseReadyAsync());
    }

    private async Task AssertUnreachableAsync(int port, string expected)
    {
        await using var server = database.BuildServices(connectionString:
            $"Host=127.0.0.1;Port={port};Database=onering;Username=ring;Password=open-sesame;SSL Mode=Disable;GSS Encryption Mode=Disable;Timeout=5");

        var failure = await Assert.ThrowsAsync<DatabaseUnusableException>(() => server.PrepareDatabaseAsync());

        Assert.StartsWith($"OneRing cannot reach its database: PostgreSQL, database “onering” on 127.0.0.1:{port}.", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith(expected, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("open-sesame", failure.ToString(), StringComparison.Ordinal);
        Assert.False(await server.IsDatabaseReadyAsync());
    }

    /// <summary>Answers every start of a conversation as PostgreSQL answers a wrong password.</summary>
    private static async Task RefuseEverybodyAsync(TcpListener listener, CancellationToken stopping)
    {
        var refusal = Encoding.UTF8.GetBytes("SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user \"ring\"\0\0");
        var answer = new byte[5 + refusal.Length];
        answer[0] = (byte)'E';
        BinaryPrimitives.WriteInt32BigEndian(answer.AsSpan(1), 4 + refusal.Length);
        refusal.CopyTo(answer, 5);
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(stopping);
                var stream = client.GetStream();
                _ = await stream.ReadAtLeastAsync(new byte[1024], minimumBytes: 8, cancellationToken: stopping);
                await stream.WriteAsync(answer, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private static async Task<string> NewDatabaseAsync() => await (await PostgresServer.GetAsync()).CreateDatabaseAsync();

    private static async Task DropAsync(string connectionString) => await (await PostgresServer.GetAsync()).DropAsync(connectionString);
}

public sealed class ResetTests_InMemory(InMemory database) : ResetTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class ResetTests_Postgres(Postgres database) : ResetTests(database), IClassFixture<Postgres>;

public abstract class ResetTests(TestDatabase database)
{
    [Fact]
    public async Task A_reset_leaves_an_empty_database_that_works()
    {
        var before = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AppendAsync(before.Id, before.Ana, "Words");

        await database.Services.ResetDatabaseAsync();

        Assert.True(await database.Services.IsDatabaseReadyAsync());
        await using (var connection = await database.OpenDirectAsync())
        {
            foreach (var table in (string[])["users", "drafts", "draft_segments", "draft_collaborators", "analytics_events", "idempotency_keys"])
            {
                Assert.Equal(0, await connection.CountAsync($"select count(*) from {table}"));
            }
        }
        Assert.Null(await database.Get<DraftService>().FindAsync(before.Id, before.Ana));
        var after = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AppendAsync(after.Id, after.Ana, "Other words");
        Assert.Single((await database.Services.ReadAsync(after.Id, after.Ana)).Segments);
    }
}
