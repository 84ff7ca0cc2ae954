using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Audit;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;
using Xunit.Abstractions;

namespace OneRing.Data.Tests.Analytics;

public sealed class FiguresPropertyTests_InMemory(ITestOutputHelper output) : FiguresPropertyTests(new InMemory(), output);

[Trait("Database", "PostgreSQL")]
public sealed class FiguresPropertyTests_Postgres(ITestOutputHelper output) : FiguresPropertyTests(new Postgres(), output);

/// <summary>Random histories, made through the services, counted again by slow code (<see cref="Recount"/>).</summary>
public abstract class FiguresPropertyTests(TestDatabase database, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Seed = 20260301;
    private const int Histories = 200;
    private const int Steps = 14;

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2024, 2, 20, 23, 0, 0, TimeSpan.Zero));
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
    public async Task The_figures_of_random_histories_are_those_of_a_slow_recount()
    {
        var random = new Random(Seed);
        output.WriteLine($"seed {Seed}");
        var people = new List<string>();
        for (var i = 0; i < 14; i++)
        {
            people.Add(await services.APersonAsync($"Person {i}"));
        }

        var histories = new List<History>();
        for (var i = 0; i < Histories; i++)
        {
            histories.Add(await LiveAsync(random, [.. people.Skip(random.Next(10)).Take(random.Next(1, 5))]));
        }
        Given.Succeed(await services.GetRequiredService<AccountService>().ChangeNamingAsync(people[9], prefersNoName: true));
        var recount = await Recount.ReadAsync(services);

        var figures = services.GetRequiredService<DraftAnalyticsService>();
        var velocities = new List<Velocity>();
        foreach (var history in histories)
        {
            foreach (var now in Instants(random, history))
            {
                var days = random.Next(1, 91);
                var ableToWrite = history.AbleToWrite(now);
                if (random.Next(4) == 0)
                {
                    recount.AssertEqual(Given.Succeed(await figures.FindDraftFiguresAsync(history.Owner, history.DraftId, days, now)), history.DraftId, now, days, ableToWrite);
                }
                var overview = Given.Succeed(await figures.FindOverviewAsync(history.Owner, history.DraftId, days, now: now));
                recount.AssertEqual(overview, history.DraftId, now, days, page: 1, ableToWrite);
                velocities.Add(overview.Velocity);
            }
        }
        Assert.True(velocities.Count(v => v is { WordsPerDay: > 0, WordsPerDayBefore: > 0 }) > 20, "Hardly any text grew in both weeks.");
        Assert.Contains(velocities, v => v is { WordsPerDay: null, WordsPerDayBefore: > 0 });

        await AssertDashboardsAsync(random, recount, histories);
        await AssertTurnHealthAsync(random, recount, histories);
        await AssertPersonalAsync(random, recount, people, histories);

        Assert.Empty((await services.GetRequiredService<DatabaseAudit>().RunAsync()).Findings);
        await using var connection = await database.OpenDirectAsync(services);
        await connection.ExecuteAsync($"update users set disabled_at = created_at where id = '{people[7]}'");
        recount = await Recount.ReadAsync(services);
        var boards = services.GetRequiredService<LeaderboardService>();
        DateTimeOffset[] instants =
        [
            clock.GetUtcNow(), histories[3].Moments[0], histories[20].Moments[^1], histories[0].Moments[0].AddTicks(-10), clock.GetUtcNow().AddYears(2),
            .. histories.Where(_ => random.Next(4) == 0).Select(history => history.Moments[random.Next(history.Moments.Count)].AddTicks(10 * random.Next(-1, 2))),
        ];
        foreach (var now in instants)
        {
            Assert.All(Given.Succeed(await boards.ReadAllAsync(people[0], now)), board => recount.AssertEqual(board, now));
        }
    }

    /// <summary>Of everybody, at instants that cut through days and holds, with days of several time zones.</summary>
    private async Task AssertPersonalAsync(Random random, Recount recount, List<string> people, List<History> histories)
    {
        var service = services.GetRequiredService<PersonalAnalyticsService>();
        var (streaks, holds) = (0, 0);
        for (var i = 0; i < Histories; i++)
        {
            var person = people[i % people.Count];
            var zone = ((string?[])[null, "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"])[random.Next(5)];
            var days = ((int[])[1, 30, 90, 365])[random.Next(4)];
            var now = i < people.Count ? clock.GetUtcNow() : Instants(random, histories[i]).ElementAt(random.Next(7));

            var figures = Given.Succeed(await service.FindAsync(person, days, zone, now));

            recount.AssertEqual(figures, person, days, zone, now);
            (streaks, holds) = (Math.Max(streaks, figures.Streak.Longest), Math.Max(holds, figures.Holds));
        }
        Assert.True(streaks > 3 && holds > 10, $"There was hardly anything to find: a streak of {streaks} days, {holds} holds.");
    }

    /// <summary>Windows and dates, each in several time zones, at instants of the past and of the present, counted from sums and then from new sums.</summary>
    private async Task AssertDashboardsAsync(Random random, Recount recount, List<History> histories)
    {
        var ada = await services.APersonAsync("Ada", isAdmin: true);
        var asked = new List<(DashboardQuery Query, DateTimeOffset Now, Dashboard Answer)>();
        var (start, end) = (histories[0].Moments[0], clock.GetUtcNow());
        foreach (var zone in (string?[])[null, "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo", "America/St_Johns"])
        {
            foreach (var window in Enum.GetValues<Window>())
            {
                await AskAsync(Any(new DashboardQuery(window, Zone: zone)), histories[random.Next(histories.Count)].Moments[^1]);
            }
            for (var i = 0; i < 8; i++)
            {
                var day = DateOnly.FromDateTime((start + ((end - start) * random.NextDouble())).UtcDateTime);
                await AskAsync(Any(new DashboardQuery(Dates: (day, day.AddDays(random.Next(4) * random.Next(40))), Zone: zone)), end);
            }
        }
        foreach (var day in (DateOnly[])[new(2024, 2, 29), new(2024, 3, 31), new(2024, 10, 27), new(2020, 1, 1)])
        {
            await AskAsync(new DashboardQuery(Dates: (day, day), Zone: "Europe/Berlin"), end);
            // In the middle of that day: only so much of the day before is compared with.
            await AskAsync(new DashboardQuery(Dates: (day, day), Zone: "Europe/Berlin"), new DateTimeOffset(day, new TimeOnly(15, 7), TimeSpan.Zero));
        }
        // Where clocks are set by half an hour, in the middle of one.
        foreach (var day in (DateOnly[])[new(2024, 4, 7), new(2024, 10, 6)])
        {
            await AskAsync(new DashboardQuery(Dates: (day, day), Zone: "Australia/Lord_Howe", Unit: TimeUnit.Hour), end);
        }
        await AskAsync(new DashboardQuery(Window.All), start.AddTicks(-10));
        Assert.True(asked.Count(a => a.Answer.Figures.MedianHoldMinutes is not null) > 20, "Hardly any window had a hold.");

        foreach (var (query, now, answer) in asked)
        {
            recount.AssertEqual(answer, query, now);
            var analytics = services.GetRequiredService<AnalyticsService>();
            recount.AssertEqual(Given.Succeed(await analytics.ReadBreakdownAsync(ada, query, now)), query, now);
            recount.AssertEqual(
                Given.Succeed(await analytics.ListWritersAsync(ada, query, random.Next(1, 3), now)),
                Given.Succeed(await analytics.ListDraftsAsync(ada, query, random.Next(1, 30), now)), query, now);
        }
        Assert.True(await services.CountEventsAnewAsync() > 1000, "There was hardly anything to count.");
        foreach (var (query, now, answer) in asked.Take(20))
        {
            var again = Given.Succeed(await services.GetRequiredService<AnalyticsService>().ReadDashboardAsync(ada, query, now));
            Assert.Equal((answer.Figures, answer.Before), (again.Figures, again.Before));
            Assert.Equal(answer.Periods, again.Periods);
            Assert.Equal(answer.Week, again.Week);
        }

        DashboardQuery Any(DashboardQuery query) => query with
        {
            Platform = random.Next(3) == 0 ? random.NextEnum<Platform>() : null,
            Comparison = random.NextEnum<Comparison>(),
            CountsAutomatic = random.Next(2) == 0,
            Unit = random.Next(3) == 0 ? null : random.NextEnum<TimeUnit>(),
        };

        async Task AskAsync(DashboardQuery query, DateTimeOffset now) =>
            asked.Add((query, now, Given.Succeed(await services.GetRequiredService<AnalyticsService>().ReadDashboardAsync(ada, query, now))));
    }

    /// <summary>At instants at which some drafts stalled that went on later.</summary>
    private async Task AssertTurnHealthAsync(Random random, Recount recount, List<History> histories)
    {
        var ada = await services.APersonAsync("Ada", isAdmin: true);
        var byDraft = histories.ToDictionary(history => history.DraftId);
        var stalled = 0;
        for (var i = 0; i < 40; i++)
        {
            var now = i == 0 ? clock.GetUtcNow() : Instants(random, histories[random.Next(histories.Count)]).ElementAt(random.Next(7));
            var platform = random.Next(3) == 0 ? random.NextEnum<Platform>() : (Platform?)null;
            var health = Given.Succeed(await services.GetRequiredService<AnalyticsService>().ReadTurnHealthAsync(ada, platform, random.Next(1, 4), now));
            recount.AssertEqual(health, platform, now, draftId => byDraft[draftId].AbleToWrite(now));
            stalled += health.HighRisk;
        }
        Assert.True(stalled > 100, "Hardly any ring stood still.");
    }

    /// <summary>Instants that cut through holds and days, those at which something happened, and some before and after everything.</summary>
    private static IEnumerable<DateTimeOffset> Instants(Random random, History history)
    {
        var moments = history.Moments;
        yield return moments[0].AddDays(-1);
        yield return moments[0];
        yield return moments[random.Next(moments.Count)];
        yield return moments[random.Next(moments.Count)].AddTicks(-10);
        yield return moments[0] + ((moments[^1] - moments[0]) * random.NextDouble());
        yield return moments[^1].AddHours(random.Next(0, 72));
        yield return moments[^1].AddDays(random.Next(5, 12)).AddTicks(10 * random.Next(2));
        yield return moments[^1].AddDays(200);
    }

    private async Task<History> LiveAsync(Random random, List<string> people)
    {
        var owner = people[0];
        var draftId = Given.Succeed(await services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(owner, "A history", random.NextEnum<Platform>())));
        var history = new History(draftId, owner);
        history.Join(owner, canHold: true, clock.GetUtcNow());
        var rings = services.GetRequiredService<RingService>();
        for (var step = 0; step < Steps; step++)
        {
            // Now and then several things happen in one instant; at other times nothing happens for days.
            clock.Advance(random.Next(5) switch
            {
                0 => TimeSpan.Zero,
                1 => TimeSpan.FromMicroseconds(random.Next(1, 1_000_000)),
                2 => TimeSpan.FromMinutes(random.Next(1, 300)),
                3 => TimeSpan.FromHours(random.Next(1, 60)),
                _ => TimeSpan.FromSeconds(random.Next(1, 4000)),
            });
            var now = clock.GetUtcNow();
            var view = await services.ReadAsync(draftId, owner);
            var absent = people.Where(p => !view.Collaborators.Any(c => c.UserId == p)).ToList();
            var others = view.Collaborators.Where(c => c.UserId != owner).ToList();
            var next = view.Collaborators.Where(c => c.CanHold && c.UserId != view.HolderId).ToList();
            var choice = random.Next(100);
            if (choice < 20 && absent.Count > 0 && view.Status != DraftStatus.Completed)
            {
                var (who, role) = (absent[random.Next(absent.Count)], random.Next(4) == 0 ? Role.Reader : Role.Writer);
                await services.AddAsync(draftId, owner, who, role);
                history.Join(who, role == Role.Writer, now);
            }
            else if (choice < 27 && others.Count > 0)
            {
                var who = others[random.Next(others.Count)].UserId;
                Given.Succeed(await services.GetRequiredService<CollaboratorService>().RemoveAsync(new RemoveCollaborator(owner, draftId, who)));
                history.Leave(who, now);
            }
            else if (view.Status == DraftStatus.Active && choice >= 97 && step > 5)
            {
                Given.Succeed(await services.GetRequiredService<DraftService>().CompleteAsync(new CompleteDraft(owner, draftId)));
            }
            else if (view.Status == DraftStatus.Active && choice < 55 && next.Count > 0)
            {
                Given.Succeed(await rings.PassAsync(new PassRing(view.HolderId, draftId, next[random.Next(next.Count)].UserId, Given.NewKey(), Note: "A word")));
            }
            else if (view.Status == DraftStatus.Active)
            {
                await services.AppendAsync(draftId, view.HolderId, string.Join(random.Next(3) switch { 0 => " ", 1 => "\u00a0\n", _ => "  \t" }, Enumerable.Repeat("wörd's—", random.Next(1, 30))));
            }
            history.Moments.Add(now);
        }
        return history;
    }

    /// <summary>What the test did, as it wrote it down itself.</summary>
    private sealed record History(Guid DraftId, string Owner)
    {
        private readonly List<(string UserId, bool? CanHold, DateTimeOffset At)> changes = [];

        /// <summary>When something happened.</summary>
        public List<DateTimeOffset> Moments { get; } = [];

        public void Join(string userId, bool canHold, DateTimeOffset at) => changes.Add((userId, canHold, at));

        public void Leave(string userId, DateTimeOffset at) => changes.Add((userId, CanHold: null, at));

        public List<string> AbleToWrite(DateTimeOffset now) =>
            [.. changes.Select(c => c.UserId).Distinct().Where(id => changes.FindLast(c => c.UserId == id && c.At <= now) is { UserId: not null, CanHold: true })];
    }
}

file static class Chance
{
    public static T NextEnum<T>(this Random random)
        where T : struct, Enum
    {
        var values = Enum.GetValues<T>();
        return values[random.Next(values.Length)];
    }
}
