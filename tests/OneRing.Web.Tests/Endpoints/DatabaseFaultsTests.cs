using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OneRing.Data.Accounts;
using OneRing.Data.Audit;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Endpoints;

/// <summary>
/// What programs hear while the database is away, full or only to be read: that it is so, and when to ask again. Nothing is written by halves, and the
/// same request with the same key is carried out once when the database is back, by the same server.
/// </summary>
[Trait("Database", "PostgreSQL")]
public sealed class DatabaseFaultsTests : IAsyncLifetime
{
    private const string Unavailable = "503 unavailable";
    private const int Writers = 6;

    /// <summary>Ends every connection of the server, as an operator may.</summary>
    private const string Cut = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'onering'";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private LocalPostgres postgres = null!;
    private OneRingServer? server;

    public async Task InitializeAsync()
    {
        postgres = await LocalPostgres.StartAsync();
        await ExecuteAsync(["create role onering login", "create database onering owner onering"], "postgres");
    }

    public async Task DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
        await postgres.DisposeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Whatever_a_program_hears_while_the_database_falls_and_rises_is_true(int retries)
    {
        var people = await StartAsync(retries, Writers);
        var answers = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        using var enough = new CancellationTokenSource();
        var writing = Task.WhenAll(people.Select(person => WriteAsync(person, answers, enough.Token)));

        await FallAndRiseAsync(answers, postgres.KillAsync);
        await FallAndRiseAsync(answers, () => postgres.StopAsync(immediate: true));
        await FallAndRiseAsync(answers, () => postgres.StopAsync(immediate: false));
        for (var i = 0; i < 5; i++)
        {
            await ExecuteAsync([Cut]);
            await Task.Delay(100);
        }
        await enough.CancelAsync();
        var written = await writing.WaitAsync(Patience);

        Assert.Empty(answers.Keys.Except(["200", Unavailable], StringComparer.Ordinal));
        // Who tries again often enough may hear of nothing at all.
        Assert.True(retries > 0 || answers.ContainsKey(Unavailable), "The database was never away.");
        for (var i = 0; i < people.Length; i++)
        {
            Assert.Equal(written[i], TextsOf((await people[i].ReadAsync()).Succeed()));
        }
        await AssertWholeAsync();
    }

    [Fact]
    public async Task A_database_without_a_connection_to_spare_says_so_and_heals() => await HindersAsync(
        "has too much to do",
        ["alter role onering connection limit 0", Cut],
        ["alter role onering connection limit -1"]);

    [Fact]
    public async Task A_database_that_can_only_be_read_is_read_and_says_so_to_whoever_writes() => await HindersAsync(
        "can only be read",
        ["alter system set default_transaction_read_only = on", "select pg_reload_conf()"],
        ["alter system reset default_transaction_read_only", "select pg_reload_conf()"],
        readable: true);

    [Theory]
    [InlineData("create trigger full_disk before insert on idempotency_keys for each row execute function full_disk()")]
    [InlineData("create constraint trigger full_disk after insert on idempotency_keys deferrable initially deferred for each row execute function full_disk()")]
    public async Task A_full_disk_says_so_and_keeps_nothing_by_halves(string trigger) => await HindersAsync(
        "no room left",
        [
            "create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$",
            trigger,
        ],
        ["drop trigger full_disk on idempotency_keys"],
        readable: true);

    /// <summary>Hinders the database, looks what a program hears, and frees it again.</summary>
    private async Task HindersAsync(string words, string[] hinder, string[] free, bool readable = false)
    {
        var ana = (await StartAsync(retries: 1, people: 1)).Single();
        (await ana.AppendAsync("Before")).Succeed();
        await ExecuteAsync(hinder);

        for (var i = 0; i < 3; i++)
        {
            var refused = await ana.AppendAsync("During");
            AssertTrue(refused);
            Assert.Contains(words, (string?)refused.Json["detail"], StringComparison.Ordinal);
        }
        var read = await ana.ReadAsync();
        Assert.Equal(readable ? "200" : Unavailable, read.Outcome);
        if (readable)
        {
            Assert.Equal(["Before"], TextsOf(read));
        }

        await ExecuteAsync(free);
        await UntilAsync(async () => (await ana.AppendAsync("During")).Outcome == "200");
        Assert.True((bool)(await ana.AppendAsync("During")).Succeed().Json["replayed"]!);
        Assert.Equal(["Before", "During"], TextsOf((await ana.ReadAsync()).Succeed()));
        await AssertWholeAsync();
    }

    private static IEnumerable<string?> TextsOf(Answer draft) => draft.Data["segments"]!.AsArray().Select(segment => (string?)segment!["content"]);

    /// <summary>Appends until it is enough, each text with one key until it is there, and answers the texts.</summary>
    private static async Task<List<string>> WriteAsync(Writer writer, ConcurrentDictionary<string, int> answers, CancellationToken enough)
    {
        var written = new List<string>();
        while (!enough.IsCancellationRequested)
        {
            var text = $"Line {written.Count}";
            await UntilDoneAsync(() => writer.AppendAsync(text));
            written.Add(text);
            await UntilDoneAsync(writer.ReadAsync);
        }
        return written;

        async Task UntilDoneAsync(Func<Task<Answer>> call)
        {
            Answer answer;
            do
            {
                answer = await call();
                answers.AddOrUpdate(answer.Outcome, 1, (_, count) => count + 1);
                if (answer.Outcome == Unavailable)
                {
                    AssertTrue(answer);
                }
            }
            while (answer.Outcome != "200");
        }
    }

    private async Task FallAndRiseAsync(ConcurrentDictionary<string, int> answers, Func<Task> fall)
    {
        await UntilAsync(() => Task.FromResult(answers.GetValueOrDefault("200") > 0));
        await fall();
        await Task.Delay(300);
        await postgres.RestartAsync();
        answers.Remove("200", out _);
        await UntilAsync(() => Task.FromResult(answers.GetValueOrDefault("200") > Writers));
    }

    private static void AssertTrue(Answer answer)
    {
        Assert.Equal((Unavailable, "application/problem+json"), (answer.Outcome, answer.Headers["Content-Type"]));
        Assert.InRange(int.Parse(answer.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 60);
        Assert.Equal(answer.Headers["x-request-id"], (string?)answer.Json["error"]!["request_id"]);
        Assert.DoesNotContain("Npgsql", answer.Text, StringComparison.Ordinal);
    }

    private async Task AssertWholeAsync()
    {
        var report = await server!.Services.GetRequiredService<DatabaseAudit>().RunAsync();
        Assert.Empty(report.Checks.SelectMany(check => check.Findings));
    }

    /// <summary>Starts the server, and people each of whom has a draft and a program.</summary>
    private Task<Writer[]> StartAsync(int retries, int people)
    {
        var connection = new NpgsqlConnectionStringBuilder(postgres.ConnectionString("onering")) { Username = "onering" }.ConnectionString;
        server = new OneRingServer(connection, "Production", ("OneRing:Database:Retries", $"{retries}"), ("Logging:LogLevel:Default", "None"));
        return Task.WhenAll(Enumerable.Range(0, people).Select(async _ =>
        {
            var ana = await server.Services.APersonAsync("Ana");
            var token = Given.Succeed(await server.Services.GetRequiredService<AccessTokenService>().CreateAsync(new NewAccessToken(ana, "A test")));
            var api = new ApiClient(server.CreateClient(), token.Secret);
            return new Writer(api, (string)(await api.PostAsync("/v1/collab/drafts", new { title = "A draft" })).Succeed().Data["draft_id"]!);
        }));
    }

    private async Task ExecuteAsync(IEnumerable<string> statements, string database = "onering")
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres.ConnectionString(database)) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        foreach (var sql in statements)
        {
#pragma warning disable CA2100 // All of them stand in this file.
            await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await holds())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private sealed record Writer(ApiClient Api, string Draft)
    {
        public Task<Answer> ReadAsync() => Api.GetAsync($"/v1/collab/drafts/{Draft}");

        public Task<Answer> AppendAsync(string text) => Api.PostAsync($"/v1/collab/drafts/{Draft}/segments?segments=none", new { content = text, idempotency_key = text });
    }
}
