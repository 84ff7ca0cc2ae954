using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace OneRing.Bench;

/// <summary>
/// The database in memory under 64 workers that never pause, four reads of a draft of 10 segments to one append: how many calls
/// a second, how long the slow ones take, and whether SQLite ever answers that it is locked.
/// </summary>
internal static class InMemoryBench
{
    private const int Workers = 64;
    private const int ReadsToAWrite = 4;
    private const int SegmentsOfADraft = 10;

    public static async Task RunAsync(Arguments arguments, Report report)
    {
        await using var services = await BenchDatabase.BuildServicesAsync(connectionString: null);
        var operations = await Operations.PrepareAsync(services, manyDrafts: 0);
        var writers = await operations.SignUpAsync(Workers);
        var read = await StartDraftsAsync(operations, writers, SegmentsOfADraft);
        var written = await StartDraftsAsync(operations, writers, segments: 0);

        await WorkAsync(operations, writers, read, written, TimeSpan.FromSeconds(2));
        var time = TimeSpan.FromSeconds(arguments.Quick ? 4 : 20);
        var cpu = Environment.CpuUsage.TotalTime;
        var work = await WorkAsync(operations, writers, read, written, time);
        var cpuOfACall = (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / (work.Reads.Count + work.Writes.Count);

        Row[] rows =
        [
            AtLeast("in memory, reads", work.Reads.Count / time.TotalSeconds, "1/s", goal: 2_000),
            AtLeast("in memory, writes", work.Writes.Count / time.TotalSeconds, "1/s", goal: 500),
            AtMost("in memory, p99 of reads", Measurements.Percentile(work.Reads, 0.99), "ms", goal: 100),
            AtMost("in memory, p99 of writes", Measurements.Percentile(work.Writes, 0.99), "ms", goal: 100),
            AtMost("in memory, lock errors", work.LockErrors, "", goal: 0),
            new("in memory, processor time a call", cpuOfACall, "ms"),
        ];
        foreach (var row in rows)
        {
            report.Add(row);
        }
        report.Print(
            [$"{Workers} workers", "", "", "goal", ""],
            rows.Select<Row, IReadOnlyList<string>>(row =>
            [
                row.Name, Report.Show(row.Value, row.Goal is null ? "0.00" : "0"), row.Unit,
                row.Goal is null ? "" : $"{(row.Unit == "1/s" ? '≥' : '≤')} {Report.Show(row.Goal, "0")}", Report.Verdict(row),
            ]));
    }

    private static async Task<IReadOnlyList<Guid>> StartDraftsAsync(Operations operations, List<string> writers, int segments)
    {
        var drafts = new List<Guid>();
        foreach (var writer in writers)
        {
            var draft = await operations.StartAsync([writer]);
            for (var i = 0; i < segments; i++)
            {
                await operations.AppendAsync(draft, writer);
            }
            drafts.Add(draft);
        }
        return drafts;
    }

    private static async Task<Work> WorkAsync(
        Operations operations, List<string> writers, IReadOnlyList<Guid> read, IReadOnlyList<Guid> written, TimeSpan time)
    {
        var work = new Work();
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            for (var i = worker; Stopwatch.GetElapsedTime(start) < time; i++)
            {
                var writes = i % (ReadsToAWrite + 1) == 0;
                await work.DoAsync(writes, () => writes
                    ? operations.AppendAsync(written[worker], writers[worker])
                    : operations.ReadAsync(read[worker], writers[worker]));
            }
        })));
        return work;
    }

    private static Row AtLeast(string name, double value, string unit, double goal) =>
        new(name, value, unit, Goal: goal, Ok: value >= goal);

    private static Row AtMost(string name, double value, string unit, double goal) =>
        new(name, value, unit, Goal: goal, Ok: value <= goal);

    /// <summary>What the workers did, in milliseconds a call.</summary>
    private sealed class Work
    {
        private int lockErrors;

        public ConcurrentBag<double> Reads { get; } = [];

        public ConcurrentBag<double> Writes { get; } = [];

        public int LockErrors => lockErrors;

        public async Task DoAsync(bool writes, Func<Task> call)
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                await call();
                (writes ? Writes : Reads).Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            catch (Exception failure) when (IsLocked(failure) || (failure is DbUpdateException { InnerException: { } cause } && IsLocked(cause)))
            {
                Interlocked.Increment(ref lockErrors);
            }
        }

        // SQLITE_BUSY and SQLITE_LOCKED.
        private static bool IsLocked(Exception failure) => failure is SqliteException { SqliteErrorCode: 5 or 6 };
    }
}
