using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Audit;
using OneRing.Data.Database;
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

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private TroubledDatabase database = null!;
    private OneRingServer? server;

    public async Task InitializeAsync() => database = await TroubledDatabase.StartAsync();

    public async Task DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
        await database.DisposeAsync();
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

        await FallAndRiseAsync(answers, database.Postgres.KillAsync);
        await FallAndRiseAsync(answers, () => database.Postgres.StopAsync(immediate: true));
        await FallAndRiseAsync(answers, () => database.Postgres.StopAsync(immediate: false));
        for (var i = 0; i < 5; i++)
        {
            await database.ExecuteAsync([TroubledDatabase.Cut]);
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

    [Theory]
    [InlineData(DatabaseTrouble.Busy, "has too much to do", false)]
    [InlineData(DatabaseTrouble.ReadOnly, "can only be read", true)]
    [InlineData(DatabaseTrouble.Full, "no room left", true)]
    public async Task A_trouble_is_told_by_its_name_nothing_is_kept_by_halves_and_it_heals(DatabaseTrouble trouble, string words, bool readable) =>
        await HindersAsync(words, () => database.BeginAsync(trouble), () => database.EndAsync(trouble), readable);

    [Fact]
    public async Task A_disk_that_is_full_only_at_the_commit_says_so_too() => await HindersAsync(
        "no room left",
        () => database.ExecuteAsync([
            "create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$",
            "create constraint trigger full_disk after insert on idempotency_keys deferrable initially deferred for each row execute function full_disk()"]),
        () => database.ExecuteAsync(["drop trigger full_disk on idempotency_keys"]),
        readable: true);

    /// <summary>Hinders the database, looks what a program hears, and frees it again.</summary>
    private async Task HindersAsync(string words, Func<Task> hinder, Func<Task> free, bool readable)
    {
        var ana = (await StartAsync(retries: 1, people: 1)).Single();
        (await ana.AppendAsync("Before")).Succeed();
        await hinder();

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

        await free();
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
        await database.Postgres.RestartAsync();
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
        server = new OneRingServer(database.ConnectionString, "Production", ("OneRing:Database:Retries", $"{retries}"), ("Logging:LogLevel:Default", "None"));
        return Task.WhenAll(Enumerable.Range(0, people).Select(async _ =>
        {
            var ana = await server.Services.APersonAsync("Ana");
            var token = Given.Succeed(await server.Services.GetRequiredService<AccessTokenService>().CreateAsync(new NewAccessToken(ana, "A test")));
            var api = new ApiClient(server.CreateClient(), token.Secret);
            return new Writer(api, (string)(await api.PostAsync("/v1/collab/drafts", new { title = "A draft" })).Succeed().Data["draft_id"]!);
        }));
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
