using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Analytics.Rollups;
using OneRing.Data.Database;

namespace OneRing.Bench;

/// <summary>
/// How fast figures over all drafts come, over a year of generated events, beside hand-written SQL over the same sums; how fast events are
/// counted; and what an append pays for being counted.
/// </summary>
internal static class AnalyticsBench
{
    private const double MostMilliseconds = 200;
    private const double MostMillisecondsOfLeaderboard = 50;
    private const double LeastEventsPerSecond = 1_000;
    private const double MostOfAnAppend = 1.15;

    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1);

    /// <summary>Only makes the events, in a database that is given.</summary>
    public static async Task GenerateAsync(Arguments arguments)
    {
        await using var services = await BenchDatabase.BuildServicesAsync(arguments.ConnectionString);
        await FillAsync(services, arguments.Events);
    }

    public static async Task RunAsync(Arguments arguments, Report report)
    {
        await using var database = arguments.IsFilled ? null : await BenchDatabase.CreateAsync(arguments);
        await using var services = await BenchDatabase.BuildServicesAsync(database?.ConnectionString ?? arguments.ConnectionString);
        report.PrintMachine(await new Floor(services.GetRequiredService<DatabaseSettings>().ConnectionString!).ReadVersionAsync());
        DateTimeOffset now;
        if (arguments.IsFilled)
        {
            (now, arguments) = await LookAsync(services, arguments);
        }
        else
        {
            now = await FillAsync(services, arguments.Events);
        }
        var admin = Operations.Succeed(await services.GetRequiredService<AccountService>()
            .SignUpAsync(new SignUp($"keeper_{Guid.NewGuid():N}"[..20], "Keeper", Password: null, IsAdmin: true)));
        NpgsqlConnection.ClearAllPools();

        await MeasurePanelsAsync(services, admin, now, arguments, report);
        await MeasureLeaderboardsAsync(services, admin, now, arguments, report);
        await MeasureDraftTabAsync(services, admin, now, arguments, report);
        await MeasureCountingAsync(services, report);
        await MeasureAppendsAsync(services, arguments, report);
    }

    /// <summary>When the last event happened, and how many there are.</summary>
    private static async Task<(DateTimeOffset Now, Arguments Arguments)> LookAsync(IServiceProvider services, Arguments arguments)
    {
        await using var connection = new NpgsqlConnection(services.GetRequiredService<DatabaseSettings>().ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select max(occurred_at), count(*)::integer from analytics_events", connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (new DateTimeOffset(reader.GetDateTime(0)), arguments with { EventsAsked = reader.GetInt32(1) });
    }

    private static async Task<DateTimeOffset> FillAsync(IServiceProvider services, int events)
    {
        var now = DateTimeOffset.UtcNow;
        var start = Stopwatch.GetTimestamp();
        var written = await new EventGenerator(services).GenerateAsync(events, now);
        Console.WriteLine($"{written:N0} events generated in {Stopwatch.GetElapsedTime(start).TotalSeconds:N0} s.");

        start = Stopwatch.GetTimestamp();
        var counted = await services.CountEventsAnewAsync();
        Console.WriteLine($"{counted:N0} of them counted in {Stopwatch.GetElapsedTime(start).TotalSeconds:N0} s; views are in no sum.");
        await using var connection = new NpgsqlConnection(services.GetRequiredService<DatabaseSettings>().ConnectionString);
        await connection.OpenAsync();
        await using var vacuum = new NpgsqlCommand("vacuum analyze", connection) { CommandTimeout = 0 };
        await vacuum.ExecuteNonQueryAsync();
        return now;
    }

    private static async Task MeasurePanelsAsync(IServiceProvider services, string admin, DateTimeOffset now, Arguments arguments, Report report)
    {
        var analytics = services.GetRequiredService<AnalyticsService>();
        var connectionString = services.GetRequiredService<DatabaseSettings>().ConnectionString!;
        var floor = new Variant("activity of 12 months by hand", () => ReadSlotsAsync(connectionString));
        List<Variant> variants = [floor];
        foreach (var (window, name) in ((Window, string)[])[(Window.Day, "24 h"), (Window.Month, "30 days"), (Window.Year, "12 months"), (Window.All, "all")])
        {
            variants.Add(new Variant($"dashboard, {name}, and before", () => ReadAsync(new DashboardQuery(window))));
        }
        foreach (var (window, name) in ((Window, string)[])[(Window.Day, "24 h"), (Window.Month, "30 days"), (Window.Year, "12 months")])
        {
            variants.Add(new Variant($"by kind, {name}", async () => Operations.Succeed(await analytics.ReadBreakdownAsync(admin, new DashboardQuery(window), now))));
            variants.Add(new Variant($"busiest drafts, {name}", async () => SomethingIn(await analytics.ListDraftsAsync(admin, new DashboardQuery(window), page: 1, now))));
            variants.Add(new Variant($"busiest writers, {name}", async () => SomethingIn(await analytics.ListWritersAsync(admin, new DashboardQuery(window), page: 1, now))));
        }
        variants.Add(new Variant("rings that stand still", async () => Operations.Succeed(await analytics.ReadTurnHealthAsync(admin, platform: null, page: 1, now))));
        variants.Add(new Variant("dashboard, 12 months, of X, in Kathmandu", () => ReadAsync(
            new DashboardQuery(Window.Year, Platform: OneRing.Data.Drafts.Platform.X, Zone: "Asia/Kathmandu"))));

        await Measurements.InterleaveAsync(variants, warmUps: 10, calls: arguments.Quick ? 50 : 200, TimeSpan.FromMinutes(arguments.Quick ? 2 : 5));
        var rows = variants.Select(variant => new Row(
            variant.Name, variant.P95, "ms", floor.P95, variant == floor ? null : variant.P95 / floor.P95, variant == floor ? null : MostMilliseconds,
            variant == floor ? null : variant.P95 <= MostMilliseconds)).ToList();
        rows.ForEach(report.Add);
        report.Print(
            [$"{arguments.Events:N0} events", "p50 ms", "p95 ms", "× by hand", "goal p95", ""],
            variants.Zip(rows, (variant, row) => (IReadOnlyList<string>)
                [row.Name, Report.Show(variant.Median, "0.0"), Report.Show(row.Value, "0.0"), Report.Show(row.Ratio, "0.0"), Report.Show(row.Goal, "≤ 0"), Report.Verdict(row)]));

        static void SomethingIn<T>(Result<TablePage<T>> table)
        {
            if (!table.Succeeded || table.Value.Count == 0)
            {
                throw new InvalidOperationException("There was nothing to see.");
            }
        }

        async Task ReadAsync(DashboardQuery query)
        {
            var answer = await analytics.ReadDashboardAsync(admin, query, now);
            if (!answer.Succeeded || answer.Value.Figures.Segments == 0)
            {
                throw new InvalidOperationException("There was nothing to see.");
            }
        }
    }

    /// <summary>The side of a draft with its figures: of one in the middle, and of the one with the most segments.</summary>
    private static async Task MeasureDraftTabAsync(IServiceProvider services, string admin, DateTimeOffset now, Arguments arguments, Report report)
    {
        var figures = services.GetRequiredService<DraftAnalyticsService>();
        var connectionString = services.GetRequiredService<DatabaseSettings>().ConnectionString!;
        var analytics = services.GetRequiredService<AnalyticsService>();
        var first = Operations.Succeed(await analytics.ListDraftsAsync(admin, new DashboardQuery(Window.All), page: 1, now));
        var middle = Operations.Succeed(await analytics.ListDraftsAsync(admin, new DashboardQuery(Window.All), first.Pages / 2, now)).Rows[0];
        var measured = new List<(Variant Variant, Variant Floor, bool IsInformative)>();
        foreach (var draft in (BusyDraft[])[middle, first.Rows[0]])
        {
            var owner = await WriteOutAsync(connectionString, draft.DraftId);
            measured.Add((
                new Variant($"insights of a draft, {draft.Segments:N0} segments", async () => Operations.Succeed(await figures.FindOverviewAsync(owner, draft.DraftId))),
                new Variant($"its segments by hand, {draft.Segments:N0}", () => ReadSegmentsAsync(connectionString, draft.DraftId)),
                IsInformative: draft != middle));
        }

        await Measurements.InterleaveAsync(
            [.. measured.SelectMany(one => (Variant[])[one.Floor, one.Variant])], warmUps: 10, calls: arguments.Quick ? 50 : 200, TimeSpan.FromMinutes(arguments.Quick ? 1 : 3));
        var lines = new List<IReadOnlyList<string>>();
        foreach (var (variant, floor, isInformative) in measured)
        {
            var row = new Row(variant.Name, variant.P95, "ms", floor.P95, variant.P95 / floor.P95, MostMillisecondsOfLeaderboard, variant.P95 <= MostMillisecondsOfLeaderboard)
            {
                IsInformative = isInformative,
            };
            report.Add(new Row(floor.Name, floor.P95, "ms"));
            report.Add(row);
            lines.Add([floor.Name, Report.Show(floor.Median, "0.0"), Report.Show(floor.P95, "0.0"), "", "", ""]);
            lines.Add([row.Name, Report.Show(variant.Median, "0.0"), Report.Show(row.Value, "0.0"), Report.Show(row.Ratio, "0.0"), Report.Show(row.Goal, "≤ 0"), Report.Verdict(row)]);
        }
        report.Print([$"{arguments.Events:N0} events", "p50 ms", "p95 ms", "× by hand", "goal p95", ""], lines);
    }

    /// <summary>Generated drafts have events alone: here one gets its text and its passes, from those. Answers its owner.</summary>
    private static async Task<string> WriteOutAsync(string connectionString, Guid draftId)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            insert into draft_segments (draft_id, id, position, author_id, turn, content, created_at)
                select draft_id, id, cast(data ->> 'position' as integer), actor_id, 1, rtrim(repeat('word ', cast(data ->> 'words' as integer))), occurred_at
                from analytics_events where draft_id = @draft and type = 'SegmentAdded' on conflict do nothing;
            insert into ring_passes (draft_id, turn, from_id, to_id, passed_at, chosen, reason)
                select draft_id, cast(data ->> 'turn' as integer), data ->> 'from', data ->> 'to', occurred_at, data ->> 'chosen', 'Generated.'
                from analytics_events where draft_id = @draft and type = 'RingPassed' on conflict do nothing;
            analyze draft_segments, ring_passes;
            select creator_id from drafts where id = @draft
            """, connection)
        {
            CommandTimeout = 0,
            Parameters = { new NpgsqlParameter<Guid>("draft", draftId) },
        };
        return (string)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>What the figures of a draft take at the least: its segments, with the number of their words.</summary>
    private static async Task ReadSegmentsAsync(string connectionString, Guid draftId)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select author_id, created_at, array_length(regexp_split_to_array(content, '\\s+'), 1) from draft_segments where draft_id = $1 order by position", connection)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = draftId } },
        };
        await command.PrepareAsync();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            _ = reader.GetInt32(2);
        }
    }

    /// <summary>The leaderboards of now and of a noon half a year ago, and what a writer in the middle and the busiest one see of themselves.</summary>
    private static async Task MeasureLeaderboardsAsync(IServiceProvider services, string admin, DateTimeOffset now, Arguments arguments, Report report)
    {
        var boards = services.GetRequiredService<LeaderboardService>();
        var personal = services.GetRequiredService<PersonalAnalyticsService>();
        var connectionString = services.GetRequiredService<DatabaseSettings>().ConnectionString!;
        var writers = Operations.Succeed(await services.GetRequiredService<AnalyticsService>().ListWritersAsync(admin, new DashboardQuery(Window.Year), page: 1, now));
        var middle = Operations.Succeed(await services.GetRequiredService<AnalyticsService>().ListWritersAsync(admin, new DashboardQuery(Window.Year), writers.Pages / 2, now)).Rows[0];
        var halfAYearAgo = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(-182).AddHours(12);

        var floor = new Variant("collaboration by hand", () => ReadScoresAsync(connectionString));
        List<(Variant Variant, double Goal)> measured =
        [
            .. Enum.GetValues<LeaderboardMetric>().Select(metric => (new Variant($"leaderboard, {metric}", () => ReadBoardAsync(metric, at: null)), MostMillisecondsOfLeaderboard)),
            .. Enum.GetValues<LeaderboardMetric>().Select(metric => (new Variant($"leaderboard, {metric}, half a year ago", () => ReadBoardAsync(metric, halfAYearAgo)), MostMillisecondsOfLeaderboard)),
            .. new[] { middle, writers.Rows[0] }.Select(writer => (new Variant($"own insights, 365 days, {writer.Segments:N0} segments", async () =>
                Operations.Succeed(await personal.FindAsync(writer.UserId!, PersonalAnalyticsService.MostDays, "Asia/Kathmandu"))), MostMilliseconds)),
        ];
        await Measurements.InterleaveAsync(
            [floor, .. measured.Select(one => one.Variant)], warmUps: 10, calls: arguments.Quick ? 50 : 200, TimeSpan.FromMinutes(arguments.Quick ? 2 : 5));

        List<IReadOnlyList<string>> lines = [[floor.Name, Report.Show(floor.Median, "0.0"), Report.Show(floor.P95, "0.0"), "", "", ""]];
        report.Add(new Row(floor.Name, floor.P95, "ms"));
        foreach (var (variant, goal) in measured)
        {
            var row = new Row(variant.Name, variant.P95, "ms", floor.P95, variant.P95 / floor.P95, goal, variant.P95 <= goal) { IsInformative = variant == measured[^1].Variant };
            report.Add(row);
            lines.Add([row.Name, Report.Show(variant.Median, "0.0"), Report.Show(row.Value, "0.0"), Report.Show(row.Ratio, "0.0"), Report.Show(row.Goal, "≤ 0"), Report.Verdict(row)]);
        }
        report.Print([$"{arguments.Events:N0} events", "p50 ms", "p95 ms", "× by hand", "goal p95", ""], lines);

        async Task ReadBoardAsync(LeaderboardMetric metric, DateTimeOffset? at)
        {
            if (Operations.Succeed(await boards.ReadAsync(admin, metric, at)).Entries.Count == 0)
            {
                throw new InvalidOperationException("There was nobody on it.");
            }
        }
    }

    /// <summary>What one leaderboard takes at the least: the sums of everybody, the highest ten with their names.</summary>
    private static async Task ReadScoresAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            select u.id, u.display_name, 3 * s.segments + 2 * s.rings_received + s.contributed_drafts as value
            from score_spans s join users u on u.id = s.user_id
            where s.span = 1048576 and u.disabled_at is null and not u.prefers_no_name
            order by value desc, u.id limit 10
            """, connection);
        await command.PrepareAsync();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            _ = reader.GetInt32(2);
        }
    }

    /// <summary>What one figure over twelve months takes at the least: its sums, hour by hour.</summary>
    private static async Task ReadSlotsAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select hour, sum(drafts), sum(segments), sum(words), sum(passes), sum(completed) from activity_hours where hour >= $1 group by hour", connection)
        {
            Parameters = { new NpgsqlParameter<int> { TypedValue = (int)(DateTimeOffset.UtcNow.AddYears(-1).ToUnixTimeSeconds() / 3600) } },
        };
        await command.PrepareAsync();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            _ = reader.GetInt64(2);
        }
    }

    /// <summary>How many events a second the job adds to the sums, when a second's worth of them waits each time.</summary>
    private static async Task MeasureCountingAsync(IServiceProvider services, Report report)
    {
        var counter = services.GetRequiredService<EventCounter>();
        await using var connection = new NpgsqlConnection(services.GetRequiredService<DatabaseSettings>().ConnectionString);
        await connection.OpenAsync();
        var seconds = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            await using (var again = new NpgsqlCommand(
                "insert into uncounted_events select occurred_at, id from analytics_events where occurred_at > now() - interval '60 days' and type in ('SegmentAdded', 'RingPassed') limit 1000", connection))
            {
                await again.ExecuteNonQueryAsync();
            }
            var start = Stopwatch.GetTimestamp();
            if (await counter.CountAsync() != 1_000)
            {
                throw new InvalidOperationException("There was less to count.");
            }
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        var rate = 1_000 * seconds.Count / seconds.Sum();
        var row = new Row("events counted", rate, "1/s", Goal: LeastEventsPerSecond, Ok: rate >= LeastEventsPerSecond);
        report.Add(row);
        report.Print(["counting", "a second", "goal", ""], [[row.Name, Report.Show(row.Value, "0"), Report.Show(row.Goal, "≥ 0"), Report.Verdict(row)]]);
    }

    /// <summary>Appends with the note that makes them counted, and without, in turn.</summary>
    private static async Task MeasureAppendsAsync(IServiceProvider services, Arguments arguments, Report report)
    {
        var operations = await Operations.PrepareAsync(services, manyDrafts: 0);
        await using var connection = new NpgsqlConnection(services.GetRequiredService<DatabaseSettings>().ConnectionString);
        await connection.OpenAsync();
        var ratios = new List<double>();
        var (with, without) = (0d, 0d);
        for (var round = 0; round < (arguments.Quick ? 15 : 60); round++)
        {
            await SwitchAsync("enable");
            with = await Measurements.CallsPerSecondAsync(1, Slice, _ => operations.AppendAsync());
            await SwitchAsync("disable");
            without = await Measurements.CallsPerSecondAsync(1, Slice, _ => operations.AppendAsync());
            ratios.Add(without / with);
        }
        await SwitchAsync("enable");
        var ratio = Measurements.Percentile(ratios, 0.5);
        var row = new Row("append that is counted", with, "1/s", without, ratio, MostOfAnAppend, ratio <= MostOfAnAppend);
        report.Add(row);
        report.Print(
            ["appends, 1 client", "a second", "× one that is not", "goal", ""],
            [[row.Name, Report.Show(row.Value, "0"), Report.Show(row.Ratio, "0.00"), Report.Show(row.Goal, "≤ 0.00"), Report.Verdict(row)]]);

        async Task SwitchAsync(string how)
        {
            await using var command = new NpgsqlCommand($"alter table analytics_events {how} trigger analytics_events_uncounted", connection);
            await command.ExecuteNonQueryAsync();
        }
    }
}
