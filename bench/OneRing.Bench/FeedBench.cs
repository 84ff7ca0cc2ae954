using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OneRing.Data.Database;
using OneRing.Data.Feed;

namespace OneRing.Bench;

/// <summary>
/// What it costs appends that other servers hear of them: eight clients on eight drafts, on a server whose relay is at work and on one
/// without, in turn and in the same run, while another server listens and has all of these drafts open. All on this machine.
/// </summary>
internal static class FeedBench
{
    private const int Clients = 8;
    private const double Goal = 0.95;

    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Arguments arguments, Report report)
    {
        await using var database = await BenchDatabase.CreateAsync(arguments);
        await using var without = await BenchDatabase.BuildServicesAsync(database.ConnectionString);
        await using var with = await BenchDatabase.BuildServicesAsync(database.ConnectionString);
        await using var other = await BenchDatabase.BuildServicesAsync(database.ConnectionString);
        report.PrintMachine(await new Floor(without.GetRequiredService<DatabaseSettings>().ConnectionString!).ReadVersionAsync());

        var silent = await Operations.PrepareAsync(without, manyDrafts: 0);
        var told = await Operations.PrepareAsync(with, manyDrafts: 0);
        var writers = await silent.SignUpAsync(Clients);
        var drafts = await Task.WhenAll(writers.Select(writer => silent.StartAsync([writer])));
        await StartRelayAsync(with);
        await StartRelayAsync(other);
        var heard = 0L;
        for (var i = 0; i < Clients; i++)
        {
            _ = await other.GetRequiredService<DraftFeed>().WatchDraftAsync(writers[i], drafts[i], () =>
            {
                Interlocked.Increment(ref heard);
                return Task.CompletedTask;
            });
        }

        var rounds = await MeasureAsync(
            arguments.Quick ? 20 : 100,
            client => silent.AppendAsync(drafts[client], writers[client]),
            client => told.AppendAsync(drafts[client], writers[client]));
        if (heard == 0)
        {
            throw new InvalidOperationException("The other server heard of nothing: this measured no relay.");
        }
        Print(report, rounds, heard / (rounds.Count * Slice.TotalSeconds));
    }

    /// <summary>Starts the relay of a server, and waits until it listens: then it has everybody look again.</summary>
    private static async Task StartRelayAsync(IServiceProvider server)
    {
        var listens = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var anybody = server.GetRequiredService<DraftFeed>().WatchDraftsOf("anybody", () =>
        {
            listens.TrySetResult();
            return Task.CompletedTask;
        });
        await server.GetServices<IHostedService>().OfType<PostgresDraftRelay>().Single().StartAsync(CancellationToken.None);
        await listens.Task.WaitAsync(Patience);
    }

    /// <summary>A slice of each a round, each of them first in every other round, after some of both to warm up.</summary>
    private static async Task<IReadOnlyList<(double Without, double With)>> MeasureAsync(int count, Func<int, Task> without, Func<int, Task> with)
    {
        await Measurements.CallsPerSecondAsync(Clients, Slice, slices: 1, without, with);
        var rounds = new List<(double, double)>();
        for (var round = 0; round < count; round++)
        {
            var isTurned = round % 2 == 1;
            var first = await Measurements.CallsPerSecondAsync(Clients, Slice, isTurned ? with : without);
            var second = await Measurements.CallsPerSecondAsync(Clients, Slice, isTurned ? without : with);
            rounds.Add(isTurned ? (second, first) : (first, second));
        }
        return rounds;
    }

    private static void Print(Report report, IReadOnlyList<(double Without, double With)> rounds, double heard)
    {
        var ratio = Measurements.Percentile([.. rounds.Select(round => round.With / round.Without)], 0.5);
        var without = Measurements.Percentile([.. rounds.Select(round => round.Without)], 0.5);
        var with = Measurements.Percentile([.. rounds.Select(round => round.With)], 0.5);
        Row[] rows =
        [
            new("appends, relay off", without, "1/s"),
            new("appends, relay on", with, "1/s", without, ratio, Goal, ratio >= Goal),
            new("news heard by the other server", heard, "1/s"),
        ];
        foreach (var row in rows)
        {
            report.Add(row);
        }
        report.Print(
            [$"{Clients} clients on {Clients} drafts", "a second", "× off", "goal", ""],
            rows.Select<Row, IReadOnlyList<string>>(row =>
                [row.Name, Report.Show(row.Value, "0"), Report.Show(row.Ratio, "0.000"), row.Goal is null ? "" : $"≥ {Report.Show(row.Goal, "0.00")}", Report.Verdict(row)]));
    }
}
