using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Database;
using OneRing.Tests.Databases;

namespace OneRing.Bench;

/// <summary>
/// Commands and reads on PostgreSQL, one client at a time and eight at once, beside hand-written SQL measured in the same run. The
/// services run as in a server, but nobody watches and nothing else is going on.
/// </summary>
internal static class CommandsBench
{
    private const int Clients = 8;
    private const int ManyClients = 32;
    private const double LeastOfCommits = 0.4;

    public static async Task RunAsync(Arguments arguments, Report report)
    {
        await using var database = await BenchDatabase.CreateAsync(arguments);
        await using var services = await BenchDatabase.BuildServicesAsync(database.ConnectionString);
        var floor = new Floor(services.GetRequiredService<DatabaseSettings>().ConnectionString!);
        report.PrintMachine(await floor.ReadVersionAsync());

        var (many, longText) = arguments.Quick ? (2_000, 1_000) : (10_000, 10_000);
        var operations = await Operations.PrepareAsync(services, many, longText);
        await floor.PrepareAsync();
        await MeasureCallsAsync(arguments, report, Variants(operations, floor, many, longText), await CountTripsAsync(database.ConnectionString, many, longText));
        await MeasureThroughputAsync(arguments, report, operations, floor);
    }

    private static List<Variant> Variants(Operations operations, Floor floor, int many, int longText)
    {
        var insert = new Variant("one INSERT commit", () => floor.InsertAsync(operations.Read, operations.Reader));
        var batch = new Variant("one batch of 6 SELECTs", () => floor.ReadAsync(operations.Read));
        var read = new Variant("read", operations.ReadAsync, batch, goal: 1.3);
        var select = new Variant($"one SELECT, {Operations.PageSize} drafts", () => floor.ListAsync(operations.Reader, Operations.PageSize));
        var selectOfMany = new Variant($"one SELECT, {Operations.PageSize} of {many}", () => floor.ListAsync(operations.BusyReader, Operations.PageSize));
        return
        [
            insert,
            new("append", operations.AppendAsync, insert, goal: 2.5),
            new("pass", operations.PassAsync, insert, goal: 2.5),
            new("smart pass", operations.PassSmartlyAsync, insert),
            new("save of working text", operations.SaveWordsAsync, insert),
            new("event append", operations.AppendEventAsync, insert, goal: 1.5),
            new("check-and-set", operations.CheckAndSetAsync, insert, goal: 1.5),
            batch,
            read,
            new($"read of {longText}", operations.ReadLongAsync, read, goal: 2),
            new($"and of {longText / 2} passes", operations.ReadLongPlayAsync, read),
            select,
            new("list", () => operations.ListAsync(operations.Reader), select, goal: 2),
            selectOfMany,
            new($"list of {many}", () => operations.ListAsync(operations.BusyReader), selectOfMany, goal: 2),
            new("its last page", operations.ListLastPageAsync, selectOfMany, goal: 2),
        ];
    }

    private static async Task MeasureCallsAsync(
        Arguments arguments, Report report, IReadOnlyList<Variant> variants, IReadOnlyDictionary<string, int> trips)
    {
        var (warmUps, calls, atMost) = arguments.Quick ? (300, 400, TimeSpan.FromSeconds(20)) : (1_000, 5_000, TimeSpan.FromMinutes(5));
        await Measurements.InterleaveAsync(variants, warmUps, calls, atMost);

        var lines = new List<IReadOnlyList<string>>();
        foreach (var variant in variants)
        {
            var ratio = variant.Median / variant.Floor?.Median;
            var row = new Row(variant.Name, variant.Median, "ms", variant.Floor?.Median, ratio, variant.Goal, variant.Goal is { } goal ? ratio <= goal : null);
            report.Add(row);
            lines.Add([
                variant.Name, Report.Show(variant.Median, "0.000"), Report.Show(variant.P95, "0.000"), Report.Show(ratio, "0.00"),
                variant.Goal is null ? "" : $"≤ {Report.Show(variant.Goal, "0.0")}",
                trips[variant.Name].ToString(CultureInfo.InvariantCulture), Report.Show(variant.Cpu, "0.00"), Report.Show(variant.Allocated, "0"), Report.Verdict(row)]);
        }
        report.Print(["one client", "p50 ms", "p95 ms", "× floor", "goal", "trips", "cpu ms", "KB", ""], lines);
    }

    private static async Task MeasureThroughputAsync(Arguments arguments, Report report, Operations operations, Floor floor)
    {
        var writers = await operations.SignUpAsync(Clients);
        var drafts = await Task.WhenAll(writers.Select(writer => operations.StartAsync([writer])));
        var rates = await Measurements.CallsPerSecondAsync(
            Clients, TimeSpan.FromSeconds(0.5), slices: arguments.Quick ? 4 : 20,
            client => floor.InsertAsync(drafts[client], writers[client]),
            client => operations.AppendAsync(drafts[client], writers[client]),
            _ => operations.AppendAsync(drafts[0], writers[0]));
        var onOneDraft = new Dictionary<int, double>();
        foreach (var clients in new[] { 1, ManyClients })
        {
            onOneDraft[clients] = (await Measurements.CallsPerSecondAsync(
                clients, TimeSpan.FromSeconds(0.5), slices: arguments.Quick ? 4 : 20, _ => operations.AppendAsync(drafts[0], writers[0])))[0];
        }

        Row[] rows =
        [
            new($"INSERT commits, {Clients} clients", rates[0], "1/s"),
            new($"appends, {Clients} clients on {Clients} drafts", rates[1], "1/s", rates[0], rates[1] / rates[0], LeastOfCommits, rates[1] >= LeastOfCommits * rates[0]),
            new("appends, 1 client on one draft", onOneDraft[1], "1/s"),
            new($"appends, {Clients} clients on one draft", rates[2], "1/s", onOneDraft[1], rates[2] / onOneDraft[1], Goal: 1, Ok: rates[2] >= onOneDraft[1]),
            new($"appends, {ManyClients} clients on one draft", onOneDraft[ManyClients], "1/s", onOneDraft[1], onOneDraft[ManyClients] / onOneDraft[1], Goal: 1, Ok: onOneDraft[ManyClients] >= onOneDraft[1]),
        ];
        foreach (var row in rows)
        {
            report.Add(row);
        }
        report.Print(
            ["many clients", "a second", "× commits, × 1 client", "goal", ""],
            rows.Select<Row, IReadOnlyList<string>>(row =>
                [row.Name, Report.Show(row.Value, "0"), Report.Show(row.Ratio, "0.00"), row.Goal is null ? "" : $"≥ {Report.Show(row.Goal, "0.0")}", Report.Verdict(row)]));
    }

    /// <summary>Counts the round trips of each operation on the wire, when everything is warm.</summary>
    private static async Task<IReadOnlyDictionary<string, int>> CountTripsAsync(string connectionString, int many, int longText)
    {
        await using var proxy = PostgresProxy.Start(connectionString);
        await using var services = await BenchDatabase.BuildServicesAsync(proxy.ConnectionString);
        var operations = await Operations.PrepareAsync(services, manyDrafts: 1, longText: 200);
        var floor = new Floor(services.GetRequiredService<DatabaseSettings>().ConnectionString!);
        var trips = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var variant in Variants(operations, floor, many, longText))
        {
            // The table of the floor is in this database too: it was made before.
            for (var i = 0; i < 3; i++)
            {
                proxy.Clear();
                await variant.OnceAsync();
            }
            trips[variant.Name] = proxy.Count;
        }
        return trips;
    }
}
