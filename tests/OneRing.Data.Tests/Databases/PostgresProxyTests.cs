using System.Diagnostics;
using Npgsql;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Databases;

[Trait("Database", "PostgreSQL")]
public sealed class PostgresProxyTests : IAsyncLifetime
{
    private string direct = "";
    private PostgresProxy proxy = null!;
    private NpgsqlDataSource source = null!;

    public async Task InitializeAsync()
    {
        direct = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        proxy = PostgresProxy.Start(direct);
        // On a busy machine a cancelled command may take longer to end than the two seconds after which Npgsql gives the connection up.
        source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(proxy.ConnectionString) { CancellationTimeout = 30_000 });
        await RunAsync("create table words (word text not null)");
        proxy.Clear();
    }

    public async Task DisposeAsync()
    {
        await source.DisposeAsync();
        await proxy.DisposeAsync();
        await (await PostgresServer.GetAsync()).DropAsync(direct);
    }

    [Fact]
    public async Task A_command_is_one_flight_with_the_reset_of_its_pooled_connection()
    {
        await RunAsync("insert into words values ('one')");

        var flight = Assert.Single(proxy.Flights);
        Assert.Equal(["DISCARD ALL", "insert into words values ('one')"], flight.Statements);
    }

    [Fact]
    public async Task A_transaction_of_one_command_is_two_flights()
    {
        await InsertInATransactionAsync("ring");

        Assert.Equal(2, proxy.Count);
        Assert.True(proxy.Flights[0].Contains("BEGIN"));
        Assert.True(proxy.Flights[0].Contains("insert into words"));
        Assert.Equal(["COMMIT"], proxy.Flights[1].Statements);
    }

    [Fact]
    public async Task A_batch_is_one_flight()
    {
        await using var batch = source.CreateBatch();
        foreach (var word in new[] { "one", "ring", "three" })
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"insert into words values ('{word}')"));
        }

        await batch.ExecuteNonQueryAsync();

        Assert.Equal(1, proxy.Count);
        Assert.Equal(4, proxy.Flights[0].Statements.Count); // the reset, and three inserts
    }

    [Fact]
    public async Task Slow_it_lets_each_statement_wait_and_no_other_connection_for_it()
    {
        await using var before = await source.OpenConnectionAsync();
        await using var beside = await source.OpenConnectionAsync();
        proxy.Slowness = TimeSpan.FromMilliseconds(200);

        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(((NpgsqlConnection[])[before, beside]).Select(async connection =>
        {
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new("select 1"), new("select 2") } };
            await batch.ExecuteNonQueryAsync();
        }));
        var took = Stopwatch.GetElapsedTime(began);

        // Timers count in milliseconds, and may be early by a part of one.
        Assert.True(took > TimeSpan.FromMilliseconds(390), $"Two statements took {took}.");
    }

    [Fact]
    public async Task Commands_sent_one_after_the_other_are_flights_of_their_own()
    {
        await using var connection = await source.OpenConnectionAsync();
        proxy.Clear();

        for (var i = 0; i < 20; i++)
        {
            await using var command = new NpgsqlCommand("select $1", connection) { Parameters = { new() { Value = i } } };
            Assert.Equal(i, await command.ExecuteScalarAsync());
        }

        Assert.Equal(20, proxy.Count);
    }

    /// <summary>Such a command does not fit behind BEGIN into the client's buffer, and so travels in packets of its own.</summary>
    [Theory]
    [InlineData(8_170)]
    [InlineData(8_192)]
    [InlineData(20_000)]
    [InlineData(1_000_000)]
    public async Task Begin_and_a_long_command_are_one_flight(int length)
    {
        await using var connection = await source.OpenConnectionAsync();
        for (var i = 0; i < 10; i++)
        {
            proxy.Clear();
            await using var transaction = await connection.BeginTransactionAsync();
            await using var command = new NpgsqlCommand($"insert into words values ('{new string('x', length)}')", connection, transaction);
            await command.ExecuteNonQueryAsync();
            Assert.Equal(1, proxy.Count);

            await transaction.RollbackAsync();
            Assert.Equal(2, proxy.Count);
        }
    }

    [Fact]
    public async Task A_savepoint_travels_with_the_next_command()
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await transaction.SaveAsync("here");
        await using var command = new NpgsqlCommand("select 1", connection, transaction);
        await command.ExecuteNonQueryAsync();

        Assert.Equal(1, proxy.Count);
    }

    [Fact]
    public async Task A_prepared_statement_is_known_by_its_text()
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("select $1 + 1", connection) { Parameters = { new() { Value = 41 } } };

        await command.PrepareAsync();
        Assert.True(proxy.Flights[^1].Contains("(prepare) select $1 + 1"));
        proxy.Clear();
        Assert.Equal(42, await command.ExecuteScalarAsync());

        var flight = Assert.Single(proxy.Flights);
        Assert.Equal(["select $1 + 1"], flight.Statements);
    }

    [Fact]
    public async Task Long_answers_and_copied_rows_arrive_whole()
    {
        await using var connection = await source.OpenConnectionAsync();
        await using (var rows = await connection.BeginBinaryImportAsync("copy words from stdin (format binary)"))
        {
            for (var i = 0; i < 20_000; i++)
            {
                await rows.WriteRowAsync(default, $"word {i}");
            }
            await rows.CompleteAsync();
        }
        Assert.Equal(2, proxy.Count);

        await using var command = new NpgsqlCommand("select count(*) from words; select word from words", connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        Assert.Equal(20_000L, reader.GetInt64(0));
        await reader.NextResultAsync();
        var read = 0;
        while (await reader.ReadAsync())
        {
            read++;
        }
        Assert.Equal(20_000, read);
        Assert.Equal(3, proxy.Count);
    }

    [Fact]
    public async Task Refused_rows_of_a_copy_do_not_disturb_the_count()
    {
        await RunAsync("alter table words add check (word <> 'bad')");
        await using var connection = await source.OpenConnectionAsync();
        await Assert.ThrowsAsync<PostgresException>(async () =>
        {
            await using var rows = await connection.BeginBinaryImportAsync("copy words from stdin (format binary)");
            await rows.WriteRowAsync(default, "bad");
            await rows.CompleteAsync();
        });
        proxy.Clear();

        await using var command = new NpgsqlCommand("select 1", connection);
        await command.ExecuteScalarAsync();
        await command.ExecuteScalarAsync();

        Assert.Equal(2, proxy.Count);
    }

    [Fact]
    public async Task A_failed_command_and_a_cancelled_one_are_flights_like_others()
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var wrong = new NpgsqlCommand("select nothing", connection);
        await Assert.ThrowsAsync<PostgresException>(() => wrong.ExecuteScalarAsync());
        Assert.Equal(1, proxy.Count);

        using var impatience = new CancellationTokenSource();
        await using var slow = new NpgsqlCommand("select pg_sleep(30)", connection);
        var waiting = slow.ExecuteScalarAsync(impatience.Token);
        Assert.True(SpinWait.SpinUntil(() => proxy.Count == 2, TimeSpan.FromSeconds(30)));
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(2, proxy.Count);

        await using var next = new NpgsqlCommand("select 1", connection);
        Assert.Equal(1, await next.ExecuteScalarAsync());
        Assert.Equal(3, proxy.Count);
    }

    [Fact]
    public async Task Notifications_pass_without_being_asked_for()
    {
        await using var connection = await source.OpenConnectionAsync();
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Notification += (_, notification) => heard.TrySetResult(notification.Payload);
        await using var listen = new NpgsqlCommand("listen news", connection);
        await listen.ExecuteNonQueryAsync();

        await RunAsync("notify news, 'ring passed'");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await connection.WaitAsync(patience.Token);

        Assert.Equal("ring passed", await heard.Task);
    }

    [Fact]
    public async Task A_commit_cut_off_behind_the_server_has_happened_and_nobody_heard()
    {
        var cut = proxy.FailAt(2, FailWhen.AfterServer);

        var failure = await Record.ExceptionAsync(() => InsertInATransactionAsync("ring"));

        Assert.IsAssignableFrom<NpgsqlException>(failure);
        Assert.IsNotType<PostgresException>(failure);
        Assert.True((await cut).Contains("COMMIT"));
        Assert.Equal(1, await CountAsync("ring"));
    }

    [Fact]
    public async Task A_commit_cut_off_before_the_server_has_not_happened()
    {
        var cut = proxy.FailAt(2, FailWhen.BeforeServer);

        var failure = await Record.ExceptionAsync(() => InsertInATransactionAsync("ring"));

        Assert.IsAssignableFrom<NpgsqlException>(failure);
        Assert.True((await cut).Contains("COMMIT"));
        Assert.Equal(0, await CountAsync("ring"));
    }

    [Theory]
    [InlineData(FailWhen.BeforeServer)]
    [InlineData(FailWhen.AfterServer)]
    public async Task A_failure_may_be_told_which_flight_it_means_and_happens_once(FailWhen when)
    {
        var cut = proxy.FailAt(2, when, flight => flight.Contains("insert"));

        await InsertInATransactionAsync("first");
        Assert.False(cut.IsCompleted);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => InsertInATransactionAsync("second"));
        Assert.True(cut.IsCompletedSuccessfully);
        await InsertInATransactionAsync("third");

        Assert.Equal(1, await CountAsync("first"));
        Assert.Equal(0, await CountAsync("second"));
        Assert.Equal(1, await CountAsync("third"));
    }

    [Fact]
    public async Task A_cut_reaches_every_open_connection()
    {
        await using var connection = await source.OpenConnectionAsync();

        proxy.Cut();

        await using var command = new NpgsqlCommand("select 1", connection);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => command.ExecuteScalarAsync());
        Assert.Equal(0, await CountAsync("ring"));
    }

    private async Task InsertInATransactionAsync(string word)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("insert into words values ($1)", connection, transaction)
        {
            Parameters = { new() { Value = word } },
        };
        await command.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    private async Task RunAsync(string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Past the proxy: what the server really has.</summary>
    private async Task<long> CountAsync(string word)
    {
        await using var connection = new NpgsqlConnection(direct);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select count(*) from words where word = $1", connection)
        {
            Parameters = { new() { Value = word } },
        };
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
