using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OneRing.Data.Accounts;
using OneRing.Data.Audit;
using OneRing.Data.Drafts;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Servers;

namespace OneRing.Bench;

/// <summary>
/// Two servers over one PostgreSQL, while people append and pass over HTTP and any of the three is killed with <c>-9</c> and started again, at random. At its end everything that
/// was acknowledged must be there once, and the audit must find nothing.
/// </summary>
internal static class ChaosBench
{
    private const int Drafts = 6;
    private const int People = 3;
    private const int PassEvery = 4;

    private static readonly (string Name, string? Value)[] Settings =
        [("OneRing__RateLimit__Enabled", "false"), ("OneRing__DrainSeconds", "0"), ("Logging__LogLevel__Microsoft", "Warning")];

    public static async Task RunAsync(Arguments arguments, Report report)
    {
        var seed = arguments.Seed ?? Random.Shared.Next();
        var length = arguments.Quick ? TimeSpan.FromSeconds(40) : TimeSpan.FromMinutes(10);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, {length.TotalSeconds:0} s"));
        await using var postgres = await LocalPostgres.StartAsync();
        await using var services = await BenchDatabase.BuildServicesAsync(postgres.ConnectionString("postgres"));
        var floor = new Floor(postgres.ConnectionString("postgres"));
        report.PrintMachine(await floor.ReadVersionAsync());

        var servers = new ServerProcess[2];
        for (var i = 0; i < servers.Length; i++)
        {
            servers[i] = await ServerProcess.StartAsync(postgres.ConnectionString("postgres"), port: 0, Settings);
        }
        var addresses = servers.Select(server => server.Address).ToList();
        var count = new ChaosCount(TimeProvider.System);
        var relays = new List<ChaosRelay>();
        for (var i = 0; i < Drafts; i++)
        {
            relays.Add(await ChaosRelay.PrepareAsync(services, addresses, count, People, seed + i));
        }

        using var over = new CancellationTokenSource(length);
        // Whatever waits for an acknowledgement at the end gets this long, with everything running.
        using var patience = new CancellationTokenSource(length + TimeSpan.FromMinutes(2));
        var cpu = CpuTime();
        var began = Stopwatch.GetTimestamp();
        var writing = Task.WhenAll(relays.Select(relay => relay.RunAsync(PassEvery, over.Token, patience.Token)));
        var kills = await KillAsync(new Random(seed), postgres, servers, over.Token);
        await writing;
        var elapsed = Stopwatch.GetElapsedTime(began);

        NpgsqlConnection.ClearAllPools();
        var (kept, looked) = await ChaosRelay.CompareAsync(services, relays);
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }

        Row[] rows =
        [
            new("servers killed", kills.Servers, ""),
            new("PostgreSQL killed", kills.Postgres, ""),
            new("requests", count.Requests, ""),
            new("sent again with the same key", count.Again, ""),
            new("acknowledged", count.AcknowledgedInAll, ""),
            new("acknowledged a second", count.AcknowledgedInAll / elapsed.TotalSeconds, "1/s"),
            new("never acknowledged", relays.Sum(relay => relay.Unacknowledged), "", Goal: 0, Ok: relays.All(relay => relay.Unacknowledged == 0)),
            .. kept,
            new("rows that the audit looked at", looked, ""),
            new("longest time without any acknowledgement", count.LongestSilence.TotalSeconds, "s"),
            new("cores that all of the machine used meanwhile", (CpuTime() - cpu) / elapsed.TotalSeconds, "of " + Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)),
        ];
        report.Print($"{length.TotalSeconds:0} s, {Drafts} drafts, {Drafts * People} people", rows);
        Console.WriteLine($"Not acknowledged at once: {count.Failures}.");
        relays.ForEach(relay => relay.Dispose());
    }

    /// <summary>Kills and starts again until the time is over, and leaves everything running.</summary>
    private static async Task<(int Servers, int Postgres)> KillAsync(Random random, LocalPostgres postgres, ServerProcess[] servers, CancellationToken over)
    {
        var (killedServers, killedPostgres) = (0, 0);
        Task[] starting = [Task.CompletedTask, Task.CompletedTask];
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(1 + (4 * random.NextDouble())), over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (over.IsCancellationRequested)
            {
                await Task.WhenAll(starting);
                return (killedServers, killedPostgres);
            }

            var pause = TimeSpan.FromSeconds(2 * random.NextDouble());
            var victim = random.Next(3);
            if (victim < servers.Length && !starting[victim].IsCompletedSuccessfully)
            {
                continue;
            }
            if (victim == 2)
            {
                await postgres.KillAsync();
                killedPostgres++;
                await Task.Delay(pause, CancellationToken.None);
                await postgres.RestartAsync(CancellationToken.None);
                continue;
            }

            var port = servers[victim].Address.Port;
            await servers[victim].KillAsync();
            killedServers++;
            await servers[victim].DisposeAsync();
            // The killing goes on while it starts.
            starting[victim] = StartAgainAsync(victim, port, pause);
        }

        // A server ends by itself when its database is not there at the start; whoever runs it starts it again.
        async Task StartAgainAsync(int victim, int port, TimeSpan pause)
        {
            await Task.Delay(pause, CancellationToken.None);
            for (var isUp = false; !isUp;)
            {
                try
                {
                    servers[victim] = await ServerProcess.StartAsync(postgres.ConnectionString("postgres"), port, Settings);
                    isUp = true;
                }
                catch (InvalidOperationException) when (!over.IsCancellationRequested)
                {
                    await Task.Delay(pause, CancellationToken.None);
                }
            }
        }
    }

    /// <summary>How many seconds of all cores were used since the machine started.</summary>
    private static double CpuTime()
    {
        const double TicksPerSecond = 100;
        const int Idle = 3;
        const int WaitingForDisk = 4;
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..].Select(tick => double.Parse(tick, CultureInfo.InvariantCulture)).ToList();
        // The last two are in the first two already.
        return (ticks.Take(8).Sum() - ticks[Idle] - ticks[WaitingForDisk]) / TicksPerSecond;
    }
}

/// <summary>A draft whose people take turns, and what was acknowledged to them.</summary>
internal sealed class ChaosRelay : IDisposable
{
    private readonly ConcurrentQueue<(string Author, string Text, int Position)> written = new();
    private readonly ConcurrentQueue<(int Turn, string From, string To)> passed = new();
    private readonly List<ChaosPerson> people;
    private readonly Random random;

    public ChaosRelay(Guid draftId, List<ChaosPerson> people, Random random) => (DraftId, this.people, this.random) = (draftId, people, random);

    public Guid DraftId { get; }

    /// <summary>How many requests were given up.</summary>
    public int Unacknowledged { get; private set; }

    public static async Task<ChaosRelay> PrepareAsync(IServiceProvider services, IReadOnlyList<Uri> servers, ChaosCount count, int size, int seed)
    {
        var writers = new List<ChaosPerson>();
        for (var i = 0; i < size; i++)
        {
            var userId = Operations.Succeed(await services.GetRequiredService<AccountService>().SignUpAsync(new SignUp($"p_{Guid.NewGuid():N}"[..20], $"Person {i}", Password: null)));
            var token = Operations.Succeed(await services.GetRequiredService<AccessTokenService>().CreateAsync(new NewAccessToken(userId, "Chaos")));
            writers.Add(new ChaosPerson(userId, token.Secret, servers, count));
        }
        var draftId = Operations.Succeed(await services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(writers[0].UserId, "A draft in a storm")));
        foreach (var person in writers.Skip(1))
        {
            var handle = (await services.GetRequiredService<AccountService>().FindAsync(person.UserId))!.Handle;
            Operations.Succeed(await services.GetRequiredService<CollaboratorService>().AddAsync(new AddCollaborator(writers[0].UserId, draftId, handle, Role.Writer)));
        }
        return new ChaosRelay(draftId, writers, new Random(seed));
    }

    /// <summary>Appends and passes until the time is over, or until something is not acknowledged.</summary>
    /// <param name="patience">When a request that was sent by then is given up.</param>
    /// <param name="reads">Whether somebody reads after each of them.</param>
    public async Task RunAsync(int passEvery, CancellationToken over, CancellationToken patience, bool reads = false)
    {
        var holder = 0;
        for (var number = 0; !over.IsCancellationRequested; number++)
        {
            if (reads)
            {
                await people[random.Next(people.Count)].ReadAsync($"/v1/collab/drafts/{DraftId}?segments=last");
            }
            if (random.Next(passEvery) == 0)
            {
                var next = (holder + random.Next(1, people.Count)) % people.Count;
                var result = await people[holder].SendAsync(
                    $"/v1/collab/drafts/{DraftId}/pass-ring?segments=none", new { to_user_id = people[next].UserId, idempotency_key = Command.NewKey() }, patience);
                if (result is not { } pass)
                {
                    Unacknowledged++;
                    return;
                }
                passed.Enqueue((pass.GetProperty("turn").GetInt32(), people[holder].UserId, people[next].UserId));
                holder = next;
                continue;
            }

            var text = $"Segment {number} of {people[holder].UserId} ⚡ {random.Next()}";
            var appended = await people[holder].SendAsync($"/v1/collab/drafts/{DraftId}/segments?segments=none", new { content = text, idempotency_key = Command.NewKey() }, patience);
            if (appended is not { } segment)
            {
                Unacknowledged++;
                return;
            }
            written.Enqueue((people[holder].UserId, text, segment.GetProperty("position").GetInt32()));
        }
    }

    /// <summary>Compares what was acknowledged in all of them with what is there, and has the audit look at everything: rows of which each should say zero, and at how many rows the audit looked.</summary>
    public static async Task<(IReadOnlyList<Row> Kept, long Looked)> CompareAsync(IServiceProvider services, IReadOnlyList<ChaosRelay> relays)
    {
        var found = new List<Kept>();
        foreach (var relay in relays)
        {
            found.Add(await relay.CompareAsync(services));
        }
        var audit = await services.GetRequiredService<DatabaseAudit>().RunAsync();
        foreach (var finding in audit.Findings)
        {
            Console.WriteLine($"Draft {finding.DraftId}: {finding.Fault}");
        }
        return ([
            None("acknowledged segments that are lost", found.Sum(kept => kept.Lost)),
            None("segments that are there twice", found.Sum(kept => kept.Twice)),
            None("segments with other words, author or place", found.Sum(kept => kept.Differing)),
            None("acknowledged passes that are lost", found.Sum(kept => kept.PassesLost)),
            None("contradictions that the audit finds", audit.Found),
        ], audit.Checks.Sum(check => check.Looked));

        static Row None(string name, long count) => new(name, count, "", Goal: 0, Ok: count == 0);
    }

    /// <summary>Compares what was acknowledged with what is there.</summary>
    private async Task<Kept> CompareAsync(IServiceProvider services)
    {
        var whole = await services.GetRequiredService<DraftService>().FindAsync(DraftId, people[0].UserId, SegmentChoice.All, now: null);
        var view = whole?.Draft ?? throw new InvalidOperationException("The draft is gone.");
        var there = view.Segments.ToLookup(segment => segment.Content, StringComparer.Ordinal);
        var lost = written.Count(one => !there.Contains(one.Text));
        var twice = there.Count(same => same.Count() > 1);
        var differing = written.Count(one => there[one.Text].FirstOrDefault() is { } found && (found.AuthorId != one.Author || found.Position != one.Position));
        var history = view.Passes.ToDictionary(pass => pass.Turn);
        var passesLost = passed.Count(one => !history.TryGetValue(one.Turn, out var pass) || pass.FromId != one.From || pass.ToId != one.To);
        return new Kept(lost, twice, differing, passesLost);
    }

    public void Dispose() => people.ForEach(person => person.Dispose());

    /// <summary>How many segments and passes are not as they were acknowledged.</summary>
    private sealed record Kept(int Lost, int Twice, int Differing, int PassesLost);
}
