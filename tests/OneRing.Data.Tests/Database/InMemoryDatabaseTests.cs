using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Tests;
using OneRing.Tests.Databases;
using SQLitePCL;

namespace OneRing.Data.Tests.Database;

/// <summary>The gate in front of the database in memory opens again, whatever happened to whoever went through or waited.</summary>
public sealed class InMemoryDatabaseTests(InMemory database) : IClassFixture<InMemory>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Commands_queue_behind_whoever_is_at_work_and_are_served_in_the_order_of_their_coming()
    {
        var ana = await database.Services.APersonAsync("Ana");
        var drafts = new List<Guid>();
        while (drafts.Count < 16)
        {
            drafts.Add(Given.Succeed(await database.Get<DraftService>().CreateAsync(new CreateDraft(ana, "One of many"))));
        }

        List<Task> appends;
        await using (var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync())
        {
            await db.Database.OpenConnectionAsync();
            appends = [.. drafts.Select(id => database.Services.AppendAsync(id, ana, "In my turn"))];
            Assert.DoesNotContain(appends, append => append.IsCompleted);
        }
        await Task.WhenAll(appends);

        var listed = Given.Succeed(await database.Get<DraftService>().ListAsync(ana)).Items;
        Assert.Equal(drafts, listed.OrderBy(draft => draft.LastActivityAt).ThenBy(draft => drafts.IndexOf(draft.Id)).Select(draft => draft.Id));
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_leaves_the_queue()
    {
        await using var inside = NewContext();
        await inside.Database.OpenConnectionAsync();
        using var impatience = new CancellationTokenSource();
        await using var outside = NewContext();
        var waiting = outside.Database.OpenConnectionAsync(impatience.Token);
        Assert.False(waiting.IsCompleted);

        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience));
        Assert.Equal(ConnectionState.Closed, outside.Database.GetDbConnection().State);
        await inside.Database.CloseConnectionAsync();
        await AssertOpenAsync();
        await outside.Users.CountAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task Whoever_comes_with_a_cancelled_token_does_not_go_in()
    {
        await using var db = NewContext();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => db.Database.OpenConnectionAsync(new CancellationToken(canceled: true)));

        await AssertOpenAsync();
        await db.Users.CountAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task An_exception_inside_a_transaction_opens_the_gate_and_leaves_nothing()
    {
        var handle = $"gone_{Guid.NewGuid():N}"[..20];

        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await using var db = NewContext();
            await using var transaction = await db.Database.BeginTransactionAsync();
            db.Users.Add(new User(handle, handle, displayName: null, DateTimeOffset.UnixEpoch) { NormalizedUserName = handle });
            await db.SaveChangesAsync();
            throw new InvalidDataException();
        });

        await AssertOpenAsync();
        await using var after = NewContext();
        Assert.False(await after.Users.AnyAsync(user => user.Id == handle).WaitAsync(Patience));
    }

    [Fact]
    public async Task A_statement_that_fails_opens_the_gate()
    {
        await using var db = NewContext();

        await Assert.ThrowsAnyAsync<Exception>(() => db.Database.ExecuteSqlRawAsync("select nonsense from nowhere").WaitAsync(Patience));

        await AssertOpenAsync();
    }

    [Fact]
    public async Task A_context_that_goes_with_its_connection_open_opens_the_gate()
    {
        var db = NewContext();
        await db.Database.OpenConnectionAsync();
        await db.DisposeAsync();

        await AssertOpenAsync();
    }

    [Fact]
    public async Task A_connection_that_is_opened_without_waiting_asynchronously_goes_through_the_same_gate()
    {
        await using var inside = NewContext();
        inside.Database.OpenConnection();
        await using var outside = NewContext();
        var waiting = outside.Database.OpenConnectionAsync();
        Assert.False(waiting.IsCompleted);

        inside.Database.CloseConnection();

        await waiting.WaitAsync(Patience);
    }

    [Fact]
    public async Task Those_who_only_read_are_there_together_and_whoever_may_write_waits_for_all_of_them()
    {
        await using var one = NewContext();
        await using var other = NewContext();
        await using var writer = NewContext();
        await using var late = NewContext();
        var first = await ReadAsync(one).WaitAsync(Patience);
        var second = await ReadAsync(other).WaitAsync(Patience);

        var writing = writer.Database.OpenConnectionAsync();
        var third = ReadAsync(late);
        await first.DisposeAsync();
        Assert.False(writing.IsCompleted);
        Assert.False(third.IsCompleted); // Whoever reads one after the other never keeps a writer out.

        await second.DisposeAsync();
        await writing.WaitAsync(Patience);
        Assert.False(third.IsCompleted);
        await writer.Database.CloseConnectionAsync();
        await (await third.WaitAsync(Patience)).DisposeAsync();
        await AssertOpenAsync();
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_for_those_who_read_lets_others_in()
    {
        await using var reader = NewContext();
        await using var reading = await ReadAsync(reader);
        using var impatience = new CancellationTokenSource();
        await using var writer = NewContext();
        var writing = writer.Database.OpenConnectionAsync(impatience.Token);

        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(Patience));
        await using var other = NewContext();
        await using var beside = await ReadAsync(other).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_connection_that_is_opened_without_waiting_asynchronously_waits_for_those_who_read()
    {
        await using var reader = NewContext();
        var reading = await ReadAsync(reader);
        await using var writer = NewContext();
        var writing = Task.Run(() => writer.Database.OpenConnection());

        await Assert.ThrowsAsync<TimeoutException>(() => writing.WaitAsync(TimeSpan.FromMilliseconds(100)));

        await reading.DisposeAsync();
        await writing.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_connection_that_is_kept_for_reading_reads_what_was_written_since_and_with_other_values()
    {
        await using var services = await NewMemoryAsync();
        var (ana, ben) = (await services.APersonAsync("Ana"), await services.APersonAsync("Ben"));
        Assert.Equal("Ana", await NameAsync(ana));
        Assert.Equal("Ben", await NameAsync(ben));

        Given.Succeed(await services.GetRequiredService<AccountService>().ChangeProfileAsync(ana, "Anabel", bio: null));

        Assert.Equal("Anabel", await NameAsync(ana));

        async Task<string?> NameAsync(string userId)
        {
            await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
            var names = db.Users.Where(user => user.Id == userId).Select(user => user.DisplayName);
            await using var trip = await OneTrip.SendAsync(db, CancellationToken.None, names);
            return await names.SingleAsync();
        }
    }

    [Fact]
    public async Task A_query_that_was_not_read_to_its_end_is_read_from_its_beginning_by_the_next()
    {
        await using var services = await NewMemoryAsync();
        for (var i = 0; i < 3; i++)
        {
            await services.APersonAsync($"Person {i}");
        }
        var contexts = services.GetRequiredService<IDbContextFactory<OneRingDbContext>>();
        await using (var db = await contexts.CreateDbContextAsync())
        {
            await using var trip = await OneTrip.SendAsync(db, CancellationToken.None, db.Users);
            var rows = db.Users.AsAsyncEnumerable().GetAsyncEnumerator();
            Assert.True(await rows.MoveNextAsync());
        }

        await using var next = await contexts.CreateDbContextAsync();
        await using var again = await OneTrip.SendAsync(next, CancellationToken.None, next.Users);
        Assert.Equal(3, (await next.Users.ToListAsync().WaitAsync(Patience)).Count);
    }

    [Fact]
    public async Task Any_number_of_different_queries_can_be_read()
    {
        await using var services = await NewMemoryAsync();
        await services.APersonAsync("Ana");
        var contexts = services.GetRequiredService<IDbContextFactory<OneRingDbContext>>();

        for (var i = 0; i < 250; i++)
        {
            await using var db = await contexts.CreateDbContextAsync();
            var nobody = $"nobody {i % 200}";
            var query = db.Users.Where(user => user.Id != EF.Constant(nobody));
            await using var trip = await OneTrip.SendAsync(db, CancellationToken.None, query);
            Assert.Single(await query.ToListAsync());
        }
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_to_read_leaves_the_queue()
    {
        await using var writer = NewContext();
        await writer.Database.OpenConnectionAsync();
        using var impatience = new CancellationTokenSource();
        await using var reader = NewContext();
        var reading = OneTrip.SendAsync(reader, impatience.Token, reader.Users);
        Assert.False(reading.IsCompleted);

        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(Patience));
        await writer.Database.CloseConnectionAsync();
        await AssertOpenAsync();
    }

    [Fact]
    public async Task More_may_read_at_once_than_connections_are_kept()
    {
        var contexts = Enumerable.Range(0, (4 * Environment.ProcessorCount) + 1).Select(_ => NewContext()).ToList();
        var trips = new List<OneTrip>();
        foreach (var context in contexts)
        {
            trips.Add(await ReadAsync(context).WaitAsync(Patience));
            await context.Users.ToListAsync();
        }
        foreach (var trip in trips)
        {
            await trip.DisposeAsync();
            await trip.DisposeAsync(); // Once more is no harm.
        }
        foreach (var context in contexts)
        {
            await context.DisposeAsync();
        }

        await AssertOpenAsync();
        await using var one = NewContext();
        await using var reading = await ReadAsync(one).WaitAsync(Patience);
        await one.Users.ToListAsync();
    }

    [Fact]
    public async Task Nothing_is_written_where_others_read()
    {
        await using (var db = NewContext())
        {
            await using var trip = await ReadAsync(db);
            db.Users.Add(new User("nobody", "nobody", displayName: null, DateTimeOffset.UnixEpoch) { NormalizedUserName = "nobody" });
            await Assert.ThrowsAnyAsync<Exception>(() => db.SaveChangesAsync());
        }

        await using var after = NewContext();
        Assert.False(await after.Users.AnyAsync(user => user.Id == "nobody"));
    }

    [Fact]
    public async Task A_query_that_fails_lets_those_who_write_go_on()
    {
        await using (var db = NewContext())
        {
            var query = db.Users.FromSqlRaw("select nonsense from nowhere");
            await using var trip = await OneTrip.SendAsync(db, CancellationToken.None, query);
            await Assert.ThrowsAnyAsync<Exception>(() => query.ToListAsync());
        }

        await AssertOpenAsync();
    }

    [Fact]
    public async Task Nothing_is_left_of_a_memory_that_was_cleared_while_connections_are_kept_for_reading()
    {
        await using var services = await NewMemoryAsync();
        await services.APersonAsync("Ana");
        await using (var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync())
        {
            await using var trip = await ReadAsync(db);
            Assert.Single(await db.Users.ToListAsync());
        }

        await services.ResetDatabaseAsync();

        await using var after = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        Assert.Empty(await after.Users.ToListAsync());
        await using var reading = await ReadAsync(after);
        Assert.Empty(await after.Users.ToListAsync());
    }

    [Fact]
    public async Task What_SQLite_allocates_is_not_counted_under_a_lock_for_which_all_who_read_would_wait()
    {
        await AssertOpenAsync();

        Assert.Equal(0, raw.sqlite3_memory_used());
    }

    [Fact]
    public async Task A_memory_that_is_full_is_told_as_a_full_database_and_can_still_be_read()
    {
        await using var services = await NewMemoryAsync();
        await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        await db.Database.OpenConnectionAsync();
        await db.Database.ExecuteSqlRawAsync("pragma max_page_count = 1"); // No less than it has already.

        var fault = await Assert.ThrowsAnyAsync<Exception>(() => db.Database.ExecuteSqlRawAsync("create table heavy as select zeroblob(1000000) as weight"));

        Assert.Equal(DatabaseTrouble.Full, DatabaseTroubles.Of(fault));
        Assert.Empty(await db.Drafts.ToListAsync());
    }

    [Fact]
    public async Task Two_providers_in_one_process_keep_two_memories()
    {
        await using var other = await NewMemoryAsync();
        var ana = await database.Services.APersonAsync("Ana");

        Assert.NotNull(await database.Get<AccountService>().FindAsync(ana));
        Assert.Null(await other.GetRequiredService<AccountService>().FindAsync(ana));
    }

    private async Task AssertOpenAsync()
    {
        await using var db = NewContext();
        await db.Users.CountAsync().WaitAsync(Patience);
    }

    private async Task<ServiceProvider> NewMemoryAsync()
    {
        var services = database.BuildServices();
        await services.PrepareDatabaseAsync();
        return services;
    }

    private static Task<OneTrip> ReadAsync(OneRingDbContext db) => OneTrip.SendAsync(db, CancellationToken.None, db.Users);

    private OneRingDbContext NewContext() => database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContext();
}
