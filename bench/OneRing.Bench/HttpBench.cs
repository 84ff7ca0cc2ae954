using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Demo;
using OneRing.Web.Tests.Servers;

namespace OneRing.Bench;

/// <summary>
/// The HTTP API of a server that runs as a process of its own, on PostgreSQL and without limits: first a whole play by all of its voices, then single calls
/// beside hand-written SQL measured in the same run, then appends over eight connections.
/// </summary>
internal static class HttpBench
{
    private const int Connections = 8;
    private const int AppendsASecond = 1_500;

    public static async Task RunAsync(Arguments arguments, Report report)
    {
        await using var database = await BenchDatabase.CreateAsync(arguments);
        await using var services = await BenchDatabase.BuildServicesAsync(database.ConnectionString);
        await using var server = await ServerProcess.StartAsync(
            database.ConnectionString, port: 0, ("OneRing__RateLimit__Enabled", "false"), ("Logging__LogLevel__Microsoft", "Warning"));
        var floor = new Floor(services.GetRequiredService<DatabaseSettings>().ConnectionString!);
        report.PrintMachine(await floor.ReadVersionAsync());

        await PlayAsync(services, server.Address, report);
        var operations = await Operations.PrepareAsync(services, manyDrafts: 1);
        await floor.PrepareAsync();
        await MeasureCallsAsync(arguments, report, services, operations, floor, server.Address);
        await MeasureThroughputAsync(arguments, report, services, operations, floor, server.Address);
    }

    /// <summary>Every voice is a person with a token. Whatever is refused ends the bench; what is read back must be what was said.</summary>
    private static async Task PlayAsync(IServiceProvider services, Uri address, Report report)
    {
        var relay = await Relay.ReadAsync(Find("shared/data/hamlet.jsonl") ?? Find("tests/Shared/Relays/lighthouse.jsonl")!);
        var cast = new Dictionary<string, HttpPerson>(StringComparer.Ordinal);
        foreach (var voice in relay.Voices)
        {
            cast[voice] = await HttpPerson.SignUpAsync(services, address, Relay.TitleCase(voice));
        }

        var start = Stopwatch.GetTimestamp();
        var owner = cast[relay.Voices[0]];
        var draftId = await owner.CreateAsync(relay.Title);
        foreach (var voice in relay.Voices.Skip(1))
        {
            await owner.AddAsync(draftId, cast[voice].UserId);
        }
        var holder = owner;
        var passes = 0;
        foreach (var speech in relay.Speeches)
        {
            var speaker = cast[speech.Speaker];
            if (speaker != holder)
            {
                await holder.PassAsync(draftId, speaker.UserId);
                (holder, passes) = (speaker, passes + 1);
            }
            await speaker.AppendAsync(draftId, speech.Text);
        }
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        var kept = await holder.ReadAsync(draftId);
        var wrong = relay.Speeches.Count - kept.Zip(relay.Speeches).Count(pair => pair.First == pair.Second.Text) + Math.Abs(kept.Count - relay.Speeches.Count);
        Row[] rows =
        [
            new($"{relay.Title}, {cast.Count} voices", seconds, "s"),
            new("segments and passes", (relay.Speeches.Count + passes) / seconds, "1/s"),
            new("texts that differ", wrong, "", Goal: 0, Ok: wrong == 0),
        ];
        Print(report, "a whole play over HTTP", rows);
        foreach (var person in cast.Values)
        {
            person.Dispose();
        }
    }

    private static async Task MeasureCallsAsync(
        Arguments arguments, Report report, IServiceProvider services, Operations operations, Floor floor, Uri address)
    {
        using var writer = await HttpPerson.SignUpAsync(services, address, "Writer");
        using var other = await HttpPerson.SignUpAsync(services, address, "Other");
        using var reader = await HttpPerson.OfAsync(services, address, operations.Reader);
        var written = await writer.CreateAsync("Appends");
        var passed = await writer.CreateAsync("Passes");
        await writer.AddAsync(passed, other.UserId);
        var (holder, next) = (writer, other);

        var insert = new Variant("one INSERT commit", () => floor.InsertAsync(operations.Read, operations.Reader));
        var batch = new Variant("one batch of 6 SELECTs", () => floor.ReadAsync(operations.Read));
        Variant[] variants =
        [
            insert,
            new("POST segments", () => writer.AppendAsync(written, Operations.Text), insert),
            new("POST pass-ring", async () =>
            {
                await holder.PassAsync(passed, next.UserId);
                (holder, next) = (next, holder);
            }, insert),
            batch,
            new("GET a draft", () => reader.ReadAsync(operations.Read), batch),
            new("GET its analytics", () => reader.ReadAnalyticsAsync(operations.Read), batch),
        ];
        var (warmUps, calls, atMost) = arguments.Quick ? (50, 200, TimeSpan.FromSeconds(6)) : (500, 3_000, TimeSpan.FromMinutes(3));
        await Measurements.InterleaveAsync(variants, warmUps, calls, atMost);

        foreach (var variant in variants)
        {
            report.Add(new Row(variant.Name, variant.Median, "ms", variant.Floor?.Median, variant.Median / variant.Floor?.Median));
            report.Add(new Row($"{variant.Name}, p95", variant.P95, "ms", variant.Floor?.P95, variant.P95 / variant.Floor?.P95));
        }
        report.Print(["one connection", "p50 ms", "p95 ms", "× floor"], variants.Select<Variant, IReadOnlyList<string>>(variant =>
            [variant.Name, Report.Show(variant.Median, "0.000"), Report.Show(variant.P95, "0.000"), Report.Show(variant.Median / variant.Floor?.Median, "0.00")]));
    }

    private static async Task MeasureThroughputAsync(
        Arguments arguments, Report report, IServiceProvider services, Operations operations, Floor floor, Uri address)
    {
        var writers = new List<(HttpPerson Person, Guid DraftId)>();
        for (var i = 0; i < Connections; i++)
        {
            var writer = await HttpPerson.SignUpAsync(services, address, $"Writer {i}");
            writers.Add((writer, await writer.CreateAsync($"Draft {i}")));
        }
        var rates = await Measurements.CallsPerSecondAsync(
            Connections, TimeSpan.FromSeconds(0.5), slices: arguments.Quick ? 4 : 20,
            client => floor.InsertAsync(operations.Read, writers[client].Person.UserId),
            client => writers[client].Person.AppendAsync(writers[client].DraftId, Operations.Text));

        Row[] rows =
        [
            new("INSERT commits", rates[0], "1/s"),
            new("appends over HTTP", rates[1], "1/s", rates[0], rates[1] / rates[0], AppendsASecond, rates[1] >= AppendsASecond),
        ];
        Print(report, $"{Connections} connections on {Connections} drafts", rows);
        foreach (var (person, _) in writers)
        {
            person.Dispose();
        }
    }

    private static void Print(Report report, string head, Row[] rows)
    {
        foreach (var row in rows)
        {
            report.Add(row);
        }
        report.Print([head, "", "", "× floor", "goal", ""], rows.Select<Row, IReadOnlyList<string>>(row =>
            [row.Name, Report.Show(row.Value, "0.#"), row.Unit, Report.Show(row.Ratio, "0.00"), Report.Show(row.Goal, "0"), Report.Verdict(row)]));
    }

    /// <summary>A file below this folder or one above it.</summary>
    private static string? Find(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, path);
            if (File.Exists(file))
            {
                return file;
            }
        }
        return null;
    }
}
