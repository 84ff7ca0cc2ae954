using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Tests;
using OneRing.Web.Tests.Servers;

namespace OneRing.Bench;

/// <summary>
/// Open pages: a server that runs as a process of its own, on PostgreSQL, and the page of a draft of 100 segments in many circuits. How much memory one takes, how soon 200 people see that a
/// ring has gone on, and how quick the page is for those who write while many others only have it open. Scripts do not run here, so what browsers do is not measured.
/// </summary>
internal static class CircuitsBench
{
    private const string Password = "the quiet lighthouse";
    private const int Watchers = 200;
    private const double MostKilobytes = 300;
    private const double MostMillisecondsOfAPass = 60;
    private const double MostMillisecondsOfAnEvent = 20;
    private const double MostGrowthPercent = 5;

    /// <summary>Whoever writes turns to another draft after this time; else the pages would grow with their texts.</summary>
    private static readonly TimeSpan Sitting = TimeSpan.FromMinutes(5);

    public static async Task RunAsync(Arguments arguments, Report report)
    {
        await using var database = await BenchDatabase.CreateAsync(arguments);
        await using var services = await BenchDatabase.BuildServicesAsync(database.ConnectionString);
        var memoryPort = FreePort.Find();
        await using var server = await ServerProcess.StartAsync(
            database.ConnectionString, port: 0, ("OneRing__RateLimit__Enabled", "false"), ("Logging__LogLevel__Microsoft", "Warning"),
            ("DOTNET_STARTUP_HOOKS", typeof(CircuitsBench).Assembly.Location), (StartupHook.Port, memoryPort.ToString(CultureInfo.InvariantCulture)));
        report.PrintMachine(await new Floor(services.GetRequiredService<DatabaseSettings>().ConnectionString!).ReadVersionAsync());

        var operations = await Operations.PrepareAsync(services, manyDrafts: 0);
        var (idle, writing) = arguments.Quick ? (150, 10) : (1_000, 100);
        using var reader = await SignUpAsync(services, server.Address, "reader");
        var read = await AddToDraftAsync(services, operations, reader.UserId);

        await MeasureMemoryAsync(report, server, memoryPort, reader.Person, read, idle, async circuits =>
        {
            await MeasurePassesAsync(arguments, report, services, operations, server.Address);
            await MeasureEventsAsync(arguments, report, services, server.Address, writing, circuits, memoryPort);
        });
    }

    /// <summary>Opens the page many times over, and lets more be measured while all of them are open.</summary>
    private static async Task MeasureMemoryAsync(
        Report report, ServerProcess server, int memoryPort, BrowserPerson reader, string page, int count, Func<int, Task> whileOpen)
    {
        var circuits = new List<PageCircuit>();
        try
        {
            // What the first ones make for all is not theirs.
            circuits.AddRange(await OpenAsync(reader, page, 20));
            var before = await MemoryAsync(memoryPort);
            var start = Stopwatch.GetTimestamp();
            circuits.AddRange(await OpenAsync(reader, page, count));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var kilobytes = (await MemoryAsync(memoryPort) - before) / 1024d / count;
            report.Print($"{count} circuits on a draft of 100 segments",
            [
                new("managed memory of a circuit", kilobytes, "KB", Goal: MostKilobytes, Ok: kilobytes <= MostKilobytes),
                new("working set of the server", server.Memory / 1024d / 1024d, "MB"),
                new("circuits opened", count / seconds, "1/s"),
            ]);
            await whileOpen(count);
            report.Print("after all of it", [new("circuits that ended by a fault", circuits.Count(circuit => circuit.Fault is not null), "", Goal: 0, Ok: circuits.TrueForAll(circuit => circuit.Fault is null))]);
        }
        finally
        {
            await Task.WhenAll(circuits.Select(circuit => circuit.DisposeAsync().AsTask()));
        }
    }

    /// <summary>How long after a pass was asked for the last of those who watch is shown it.</summary>
    private static async Task MeasurePassesAsync(Arguments arguments, Report report, IServiceProvider services, Operations operations, Uri address)
    {
        using var one = await SignUpAsync(services, address, "one");
        using var other = await SignUpAsync(services, address, "other");
        using var watcher = await SignUpAsync(services, address, "watcher");
        using var owner = await HttpPerson.OfAsync(services, address, one.UserId);
        using var next = await HttpPerson.OfAsync(services, address, other.UserId);
        var draftId = await operations.StartAsync([one.UserId, other.UserId, watcher.UserId]);
        await operations.AppendAsync(draftId, one.UserId);
        var circuits = await OpenAsync(watcher.Person, $"/drafts/{draftId}", Watchers);
        try
        {
            var passes = arguments.Quick ? 10 : 60;
            var milliseconds = new List<double>();
            var (holder, recipient) = ((Person: owner, Name: "one"), (Person: next, Name: "other"));
            while (milliseconds.Count < 2 * passes)
            {
                var seen = circuits.Select(circuit => circuit.WaitForAsync($"{recipient.Name} holds the ring.")).ToList();
                var start = Stopwatch.GetTimestamp();
                await holder.Person.PassAsync(draftId, recipient.Person.UserId);
                var last = (await Task.WhenAll(seen).WaitAsync(TimeSpan.FromSeconds(30))).Max();
                milliseconds.Add(Stopwatch.GetElapsedTime(start, last).TotalMilliseconds);
                (holder, recipient) = (recipient, holder);
                await Task.Delay(200);
            }
            // What a server runs for the first time it compiles, and again once it has run it often, beside what is measured.
            var (first, later) = (milliseconds[..passes], milliseconds[passes..]);
            Row Slow(string which, List<double> passes)
            {
                var p95 = Measurements.Percentile(passes, 0.95);
                return new Row($"p95 of the {which} {passes.Count}", p95, "ms", Goal: MostMillisecondsOfAPass, Ok: p95 <= MostMillisecondsOfAPass);
            }
            report.Print($"a pass before {Watchers} watchers",
            [
                new($"on the last screen, p50 of the first {passes} after the start", Measurements.Percentile(first, 0.5), "ms"),
                Slow("first", first),
                new($"p50 of the next {passes}", Measurements.Percentile(later, 0.5), "ms"),
                Slow("next", later),
            ]);
        }
        finally
        {
            await Task.WhenAll(circuits.Select(circuit => circuit.DisposeAsync().AsTask()));
        }
    }

    /// <summary>
    /// People who write: each page hears every other second that there is something in its box, or nothing any more, and each appends every ten seconds. Whatever they opened is
    /// closed again before memory is looked at; what the first sitting makes for all is not growth.
    /// </summary>
    private static async Task MeasureEventsAsync(
        Arguments arguments, Report report, IServiceProvider services, Uri address, int count, int idle, int memoryPort)
    {
        var operations = await Operations.PrepareAsync(services, manyDrafts: 0);
        var writers = new List<SignedUp>();
        for (var i = 0; i < count; i++)
        {
            writers.Add(await SignUpAsync(services, address, "writer"));
        }
        var time = arguments.MinutesAsked is { } minutes ? TimeSpan.FromMinutes(minutes) : TimeSpan.FromSeconds(arguments.Quick ? 6 : 60);
        var sittings = (int)Math.Ceiling(time / Sitting);
        var (all, memory) = (new List<double>(), new List<double>());
        for (var sitting = 0; sitting < sittings; sitting++)
        {
            all.AddRange(await SitAndWriteAsync(operations, writers, time / sittings));
            memory.Add(await MemoryAsync(memoryPort) / 1024d / 1024d);
        }

        writers.ForEach(writer => writer.Dispose());

        var p95 = Measurements.Percentile(all, 0.95);
        report.Print($"{count} people write beside {idle} open pages",
        [
            new("minutes", time.TotalMinutes, ""),
            new("events", all.Count / time.TotalSeconds, "1/s"),
            new("an event, p50", Measurements.Percentile(all, 0.5), "ms"),
            new("an event, p95", p95, "ms", Goal: MostMillisecondsOfAnEvent, Ok: p95 <= MostMillisecondsOfAnEvent),
        ]);
        if (sittings > 1)
        {
            var growth = 100 * (memory[^1] - memory[0]) / memory[0];
            report.Print("managed memory between sittings of five minutes",
            [
                new("after the first", memory[0], "MB"),
                new("at most", memory.Max(), "MB"),
                new("after the last", memory[^1], "MB"),
                new("growth", growth, "%", Goal: MostGrowthPercent, Ok: growth <= MostGrowthPercent),
            ]);
        }
    }

    /// <summary>Opens a draft for each, writes for a while, and closes all; answers how many milliseconds each event took.</summary>
    private static async Task<IReadOnlyList<double>> SitAndWriteAsync(Operations operations, IReadOnlyList<SignedUp> writers, TimeSpan time)
    {
        var drafts = await Task.WhenAll(writers.Select(writer => operations.StartAsync([writer.UserId])));
        var circuits = new List<PageCircuit>();
        try
        {
            foreach (var (writer, draft) in writers.Zip(drafts))
            {
                circuits.AddRange(await OpenAsync(writer.Person, $"/drafts/{draft}", 1));
            }
            var start = Stopwatch.GetTimestamp();
            var measured = await Task.WhenAll(circuits.Select(async (circuit, i) =>
            {
                var milliseconds = new List<double>();
                await Task.Delay(TimeSpan.FromMilliseconds(2_000d * i / writers.Count));
                for (var turn = 0; Stopwatch.GetElapsedTime(start) < time; turn++)
                {
                    milliseconds.Add((await circuit.TellOfTextAsync(turn % 2 == 0)).TotalMilliseconds);
                    if (turn % 5 == 4)
                    {
                        await operations.AppendAsync(drafts[i], writers[i].UserId);
                    }
                    await Task.Delay(TimeSpan.FromSeconds(2));
                }
                return milliseconds;
            }));
            return [.. measured.SelectMany(milliseconds => milliseconds)];
        }
        finally
        {
            await Task.WhenAll(circuits.Select(circuit => circuit.DisposeAsync().AsTask()));
        }
    }

    private static async Task<List<PageCircuit>> OpenAsync(BrowserPerson person, string page, int count)
    {
        var circuits = new List<PageCircuit>();
        for (var i = 0; i < count; i++)
        {
            circuits.Add(await PageCircuit.OpenAsync(person, page));
        }
        return circuits;
    }

    private static async Task<string> AddToDraftAsync(IServiceProvider services, Operations operations, string userId)
    {
        var accounts = services.GetRequiredService<AccountService>();
        var handle = (await accounts.FindAsync(userId))!.Handle;
        Operations.Succeed(await services.GetRequiredService<CollaboratorService>().AddAsync(new AddCollaborator(operations.Reader, operations.Read, handle, Role.Writer)));
        return $"/drafts/{operations.Read}";
    }

    private static async Task<SignedUp> SignUpAsync(IServiceProvider services, Uri address, string name)
    {
        var handle = $"{name}_{Guid.NewGuid():N}"[..20];
        var userId = Operations.Succeed(await services.GetRequiredService<AccountService>().SignUpAsync(new SignUp(handle, name, Password)));
        return new SignedUp(userId, await BrowserPerson.SignInAsync(address, handle, Password));
    }

    private static async Task<long> MemoryAsync(int port)
    {
        using var asker = new TcpClient();
        await asker.ConnectAsync("127.0.0.1", port);
        using var answer = new StreamReader(asker.GetStream());
        return long.Parse((await answer.ReadLineAsync())!, CultureInfo.InvariantCulture);
    }

    private sealed record SignedUp(string UserId, BrowserPerson Person) : IDisposable
    {
        public void Dispose() => Person.Dispose();
    }
}
