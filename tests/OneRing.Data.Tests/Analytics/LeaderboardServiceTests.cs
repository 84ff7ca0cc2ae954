using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Demo;
using OneRing.Data.Drafts;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Analytics;

public sealed class LeaderboardServiceTests_InMemory() : LeaderboardServiceTests(new InMemory());

[Trait("Database", "PostgreSQL")]
public sealed class LeaderboardServiceTests_Postgres() : LeaderboardServiceTests(new Postgres());

/// <summary>A leaderboard is over everybody, so each of these tests has a database of its own.</summary>
public abstract class LeaderboardServiceTests(TestDatabase database) : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider clock = new(Noon);
    private ServiceProvider services = null!;

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
    }

    public async Task DisposeAsync()
    {
        await services.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task Scores_are_those_of_the_formulas()
    {
        // Ana starts two drafts. Ben writes in one of them; Ana receives the ring once.
        var draft = await services.ADraftHeldByAnaAsync();
        await CreateAsync(draft.Ana);
        await services.AppendAsync(draft.Id, draft.Ana, "One");
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        clock.Advance(TimeSpan.FromDays(7));
        await services.AppendAsync(draft.Id, draft.Ben, "Two");
        await services.AppendAsync(draft.Id, draft.Ben, "Three");
        await services.PassAsync(draft.Id, draft.Ben, draft.Ana);

        Assert.Equal([(1, draft.Ben, 9d), (2, draft.Ana, 5)], await ScoresAsync(LeaderboardMetric.Collaboration)); // 2·3 + 1·2 + 1, 1·3 + 1·2
        Assert.Equal([(1, draft.Ana, 5.5), (2, draft.Ben, 2)], await ScoresAsync(LeaderboardMetric.Momentum)); // ½ + 5 · 2 · ½, 2
        Assert.Equal([(1, draft.Ana, 10d), (2, draft.Ben, 2)], await ScoresAsync(LeaderboardMetric.Consistency)); // 2·5, 1·2

        // A moment before Ben wrote he had received the ring, and that was all.
        var before = clock.GetUtcNow().AddMicroseconds(-1);
        Assert.Equal([(1, draft.Ana, 3d), (2, draft.Ben, 2)], await ScoresAsync(LeaderboardMetric.Collaboration, before));
        Assert.Equal([(1, draft.Ana, 5.5)], await ScoresAsync(LeaderboardMetric.Momentum, before));
        Assert.Equal([(1, draft.Ana, 10d)], await ScoresAsync(LeaderboardMetric.Consistency, before));
    }

    [Fact]
    public async Task Only_ten_are_named_and_ties_stand_in_the_order_of_the_ids_byte_by_byte()
    {
        string[] ids = ["b", "a", "Z", "ä", "c", "d", "e", "f", "g", "h", "i", "j"];
        foreach (var (id, index) in ids.Select((id, index) => (id, index)))
        {
            Given.Succeed(await services.GetRequiredService<AccountService>().SignUpAsync(new SignUp($"person_{index}", DisplayName: null, Password: null, Id: id)));
            await CreateAsync(id);
        }
        await CreateAsync("i");

        foreach (var metric in (LeaderboardMetric[])[LeaderboardMetric.Consistency, LeaderboardMetric.Momentum])
        {
            var board = await ReadAsync("a", metric);

            Assert.Equal(["i", "Z", "a", "b", "c", "d", "e", "f", "g", "h"], board.Entries.Select(entry => entry.UserId));
            Assert.Equal(Enumerable.Range(1, 10), board.Entries.Select(entry => entry.Position));
            Assert.Equal(User.DisplayOf("i", displayName: null), board.Entries[0].Name);
        }
    }

    [Fact]
    public async Task Nobody_is_named_with_nothing_nor_when_their_account_is_disabled()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        Assert.Empty((await ReadAsync(draft.Ana, LeaderboardMetric.Collaboration)).Entries);

        await services.AppendAsync(draft.Id, draft.Ana, "One");
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        clock.Advance(TimeSpan.FromDays(60)); // 6 · 2^(−60/7) = 0.016
        Assert.Equal(2, (await ReadAsync(draft.Ana, LeaderboardMetric.Collaboration)).Entries.Count);
        Assert.Empty((await ReadAsync(draft.Ana, LeaderboardMetric.Momentum)).Entries);

        await using var connection = await database.OpenDirectAsync(services);
        await connection.ExecuteAsync($"update users set disabled_at = created_at where id = '{draft.Ana}'");

        foreach (var metric in Enum.GetValues<LeaderboardMetric>())
        {
            Assert.DoesNotContain((await ReadAsync(draft.Ben, metric, Noon)).Entries, entry => entry.UserId == draft.Ana);
            Assert.Equal(Refusal.Forbidden, (await services.GetRequiredService<LeaderboardService>().ReadAsync(draft.Ana, metric)).Refusal);
            Assert.Equal(Refusal.Forbidden, (await services.GetRequiredService<LeaderboardService>().ReadAsync("nobody", metric)).Refusal);
        }
    }

    [Fact]
    public async Task Momentum_halves_every_week_and_has_one_decimal()
    {
        // Days ago, written and created.
        (string Name, double[] Segments, double[] Drafts, double Score)[] people =
        [
            ("just_now", [0], [], 1),
            ("begun_now", [], [0], 5),
            ("a_week_ago", [7], [7], 3), // 0.5 + 5 × 0.5
            ("on_a_half", [0, 14], [], 1.3), // 1.25: half away from zero
            ("on_another", [28, 28, 28, 28], [], 0.3), // 0.25
            ("lately", [3.5], [], 0.7), // 1/√2
            ("hardly", [30], [], 0.1), // 2^(−30/7) = 0.0513
            ("no_more", [31], [], 0), // 0.0464
            ("long_ago", [800, 900], [800], 0),
            ("to_come", [-0.000001, -0.4, -5, -40, -400], [-0.1, -1, -31, -33], 0),
        ];
        await using var connection = await database.OpenDirectAsync(services);
        foreach (var shift in (double[])[0, 0.3, 11.2, 31.9])
        {
            // The same at any hour and on any day of a block.
            await connection.ExecuteAsync("update users set disabled_at = created_at");
            clock.Advance(TimeSpan.FromDays(shift));
            foreach (var person in people)
            {
                var id = $"{person.Name}_{shift}";
                Given.Succeed(await services.GetRequiredService<AccountService>().SignUpAsync(new SignUp($"{Guid.NewGuid():N}"[..20], DisplayName: null, Password: null, Id: id)));
                await HappenAsync(id, EventType.SegmentAdded, person.Segments);
                await HappenAsync(id, EventType.DraftCreated, person.Drafts);
            }

            var board = await ReadAsync($"just_now_{shift}", LeaderboardMetric.Momentum, clock.GetUtcNow());

            Assert.Equal(
                people.Where(person => person.Score > 0).Select(person => ($"{person.Name}_{shift}", person.Score)).OrderBy(line => -line.Score).ThenBy(line => line.Item1, StringComparer.Ordinal),
                board.Entries.Select(entry => (entry.UserId, entry.Value)));
        }
    }

    [Fact]
    public async Task What_happened_counts_in_a_draft_that_was_deleted_too()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await services.AppendAsync(draft.Id, draft.Ben, "One");
        var before = (await ScoresAsync(LeaderboardMetric.Collaboration)).Concat(await ScoresAsync(LeaderboardMetric.Momentum)).Concat(await ScoresAsync(LeaderboardMetric.Consistency)).ToList();

        Given.Succeed(await services.GetRequiredService<DraftService>().DeleteAsync(new DeleteDraft(draft.Ana, draft.Id, "A draft")));
        await services.CountEventsAnewAsync();

        Assert.Equal(5, before.Count);
        Assert.Equal(before, (await ScoresAsync(LeaderboardMetric.Collaboration)).Concat(await ScoresAsync(LeaderboardMetric.Momentum)).Concat(await ScoresAsync(LeaderboardMetric.Consistency)));
    }

    [Fact]
    public async Task Whoever_prefers_no_name_is_on_no_leaderboard_from_the_next_look_on()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.AppendAsync(draft.Id, draft.Ana, "One");
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await services.AppendAsync(draft.Id, draft.Ben, "Two");
        var accounts = services.GetRequiredService<AccountService>();

        Given.Succeed(await accounts.ChangeNamingAsync(draft.Ana, prefersNoName: true));

        foreach (var metric in Enum.GetValues<LeaderboardMetric>())
        {
            Assert.Equal([(1, draft.Ben)], (await ReadAsync(draft.Ana, metric)).Entries.Select(entry => (entry.Position, entry.UserId)));
        }
        Given.Succeed(await accounts.ChangeNamingAsync(draft.Ana, prefersNoName: false));
        Assert.All(Given.Succeed(await services.GetRequiredService<LeaderboardService>().ReadAllAsync(draft.Ben)), board => Assert.Equal(2, board.Entries.Count));
    }

    [SkippableFact]
    public async Task Of_Hamlet_the_order_and_the_scores_are_those_of_the_formulas()
    {
        var speakers = new List<string>();
        foreach (var line in await File.ReadAllLinesAsync(RelayFiles.Hamlet))
        {
            using var speech = JsonDocument.Parse(line);
            speakers.Add(Relay.HandleOf(speech.RootElement.GetProperty("speaker").GetString()!));
        }
        await services.GetRequiredService<DemoService>().PlayAsync(await Relay.ReadAsync(RelayFiles.Hamlet));
        clock.Advance(TimeSpan.FromDays(7));

        // Each voice has its speeches, and the ring at each change to it; the first voice created the draft.
        var segments = speakers.CountBy(speaker => speaker).ToDictionary(StringComparer.Ordinal);
        var received = speakers.Where((speaker, i) => i > 0 && speaker != speakers[i - 1]).CountBy(speaker => speaker).ToDictionary(StringComparer.Ordinal);
        Assert.Equal((39, 1138, 1137, 359), (segments.Count, speakers.Count, received.Values.Sum(), segments["hamlet"]));
        Assert.Equal(
            Highest(segments.Keys, voice => (3 * segments[voice]) + (2 * received.GetValueOrDefault(voice)) + (voice == speakers[0] ? 0 : 1)),
            (await ScoresAsync(LeaderboardMetric.Collaboration)).Select(line => (line.UserId, line.Value)));
        Assert.Equal(
            Highest(segments.Keys, voice => Math.Round(((double)segments[voice] / 2) + (voice == speakers[0] ? 2.5 : 0), 1)),
            (await ScoresAsync(LeaderboardMetric.Momentum)).Select(line => (line.UserId, line.Value)));
        Assert.Equal(
            Highest(segments.Keys, voice => voice == speakers[0] ? 5 : 2),
            (await ScoresAsync(LeaderboardMetric.Consistency)).Select(line => (line.UserId, line.Value)));

        static IEnumerable<(string, double)> Highest(IEnumerable<string> voices, Func<string, double> score) =>
            voices.Select(voice => (voice, score(voice))).OrderByDescending(line => line.Item2).ThenBy(line => line.voice, StringComparer.Ordinal).Take(10);
    }

    [Fact]
    public async Task Any_instant_will_do()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.AppendAsync(draft.Id, draft.Ana, "One");

        foreach (var metric in Enum.GetValues<LeaderboardMetric>())
        {
            Assert.Empty((await ReadAsync(draft.Ana, metric, DateTimeOffset.MinValue)).Entries);
            Assert.Equal(metric == LeaderboardMetric.Momentum ? 0 : 1, (await ReadAsync(draft.Ana, metric, DateTimeOffset.MaxValue)).Entries.Count);
            Assert.Equal(Noon, (await ReadAsync(draft.Ana, metric, Noon.ToOffset(TimeSpan.FromHours(3)))).ComputedAt);
        }
    }

    [Fact]
    public async Task Its_words_are_about_one_person_at_a_time()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.AppendAsync(draft.Id, draft.Ana, "One");
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        var board = await ReadAsync(draft.Cleo, LeaderboardMetric.Collaboration);

        Assert.Equal((LeaderboardMetric.Collaboration, Noon, "Thank you for writing, and for handing the ring on."), (board.Metric, board.ComputedAt, board.Message));
        Assert.Equal(
            [
                ("Ana", "collaboration points", "1 segment written. Every one keeps a story going."),
                ("Ben", "collaboration points", "Was trusted with the ring once."),
            ],
            board.Entries.Select(entry => (entry.Name, entry.Label, entry.Insight)));
    }

    /// <summary>Lets somebody do something on some days before now, each time in another draft.</summary>
    private async Task HappenAsync(string userId, EventType type, double[] daysAgo)
    {
        foreach (var days in daysAgo)
        {
            await services.GetRequiredService<EventStore>().AppendAsync(
                AnalyticsEvent.Of(type, clock.GetUtcNow().AddTicks(-(long)(days * TimeSpan.TicksPerDay) / 10 * 10), Guid.CreateVersion7(), userId, ("words", 1)));
        }
    }

    private async Task CreateAsync(string userId) =>
        Given.Succeed(await services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(userId, "Another")));

    private async Task<Leaderboard> ReadAsync(string userId, LeaderboardMetric metric, DateTimeOffset? now = null) =>
        Given.Succeed(await services.GetRequiredService<LeaderboardService>().ReadAsync(userId, metric, now));

    private async Task<IEnumerable<(int Position, string UserId, double Value)>> ScoresAsync(LeaderboardMetric metric, DateTimeOffset? now = null)
    {
        var reader = await services.APersonAsync("Reader");
        return (await ReadAsync(reader, metric, now)).Entries.Select(entry => (entry.Position, entry.UserId, entry.Value));
    }
}
