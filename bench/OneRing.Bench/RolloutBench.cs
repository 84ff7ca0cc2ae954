using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Servers;

namespace OneRing.Bench;

/// <summary>
/// A newer server takes over from that of an earlier commit while people append, pass and read through nginx, with the file that we deploy: started beside it on the same
/// database, which it migrates; then the earlier one is told to stop. Afterwards the newer one is replaced by another in the same way. Nobody sends anything again, and
/// nothing may be refused, lost or done twice.
/// </summary>
internal static class RolloutBench
{
    private const int Drafts = 6;
    private const int People = 3;
    private const int PassEvery = 4;

    private static readonly (string Name, string? Value)[] Settings =
    [
        ("OneRing__RateLimit__Enabled", "false"), ("Logging__LogLevel__Microsoft", "Warning"),
        ("OneRing__ForwardedHeaders__Enabled", "true"), ("OneRing__ForwardedHeaders__KnownProxies", "127.0.0.1"),
    ];

    public static async Task RunAsync(Arguments arguments, Report report)
    {
        var seed = arguments.Seed ?? Random.Shared.Next();
        var pause = TimeSpan.FromSeconds(arguments.Quick ? 3 : 15);
        var rounds = arguments.Quick ? 1 : 5;
        await using var before = await EarlierBuild.MakeAsync(arguments.From);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, from {before.Commit}"));

        await using var postgres = await LocalPostgres.StartAsync();
        var connection = postgres.ConnectionString("postgres");
        // Its schema is that of the earlier commit until the newer server comes.
        var servers = new List<ServerProcess> { await ServerProcess.StartAtAsync(connection, FreePort.Find(), Settings, before.Folder) };
        var ports = (servers[0].Address.Port, FreePort.Find());
        await using var nginx = await Nginx.StartAsync(AddressOf(ports.Item1), AddressOf(ports.Item2));

        report.PrintMachine(await new Floor(connection).ReadVersionAsync());
        var schema = await SchemaOfAsync(connection);
        var people = new List<(string UserId, string Token)>();
        for (var i = 0; i < People; i++)
        {
            people.Add(await AddPersonAsync(before.Folder, connection, servers[0].Address, $"writer_{i}"));
        }
        var count = new ChaosCount(TimeProvider.System);
        var relays = new List<ChaosRelay>();
        for (var i = 0; i < Drafts; i++)
        {
            var draftId = await AddDraftAsync(servers[0].Address, people);
            relays.Add(new ChaosRelay(
                draftId, [.. people.Select(person => new ChaosPerson(person.UserId, person.Token, [nginx.Address], count, triesAgain: false))], new Random(seed + i)));
        }

        using var over = new CancellationTokenSource();
        var began = Stopwatch.GetTimestamp();
        var writing = Task.WhenAll(relays.Select(relay => relay.RunAsync(PassEvery, over.Token, CancellationToken.None, reads: true)));
        await Task.Delay(pause);
        var stopped = new List<double>();
        for (var round = 0; round <= rounds; round++)
        {
            var port = round % 2 == 0 ? ports.Item2 : ports.Item1;
            servers.Add(await ServerProcess.StartAtAsync(connection, port, Settings));
            await Task.Delay(pause);
            var told = Stopwatch.GetTimestamp();
            servers[^2].Terminate();
            var exitCode = await servers[^2].EndAsync();
            stopped.Add(Stopwatch.GetElapsedTime(told).TotalSeconds);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"server {round + 1} ended with {exitCode}; so far {count.Requests} requests, not answered as they should be: {count.Failures}"));
            await Task.Delay(pause);
        }
        await over.CancelAsync();
        await writing;
        var elapsed = Stopwatch.GetElapsedTime(began);
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }

        await using var services = await BenchDatabase.BuildServicesAsync(connection);
        var (kept, _) = await ChaosRelay.CompareAsync(services, relays);
        var migrations = await SchemaOfAsync(connection) - schema;

        Row[] rows =
        [
            new("servers that were replaced", servers.Count - 1, ""),
            new("migrations that the newer server applied under load", migrations, ""),
            new("requests", count.Requests, ""),
            new("requests a second", count.Requests / elapsed.TotalSeconds, "1/s"),
            new("longest time from being told to stop to the end", stopped.Max(), "s"),
            new("longest time without any answer", count.LongestSilence.TotalSeconds, "s"),
            new("refused, cut off or not answered", count.FailedInAll, "", Goal: 0, Ok: count.FailedInAll == 0),
            .. kept,
        ];
        report.Print($"from {before.Commit}, {elapsed.TotalSeconds:0} s, {Drafts} drafts, {People} people in each", rows);
        Console.WriteLine($"Not answered as they should be: {count.Failures}.");
        relays.ForEach(relay => relay.Dispose());
    }

    private static Uri AddressOf(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));

    /// <summary>Makes an account as an operator of the earlier server does: this program knows only the newest schema.</summary>
    private static async Task<(string UserId, string Token)> AddPersonAsync(string folder, string connectionString, Uri server, string handle)
    {
        await CommandAsync("user", "add", handle);
        var token = await CommandAsync("token", "new", handle);
        using var me = await CallAsync(HttpMethod.Get, new Uri(server, "/v1/me"), token, body: null);
        return (me.RootElement.GetProperty("data").GetProperty("user_id").GetString()!, token);

        async Task<string> CommandAsync(params string[] arguments)
        {
            var (exitCode, output) = await ServerProcess.RunAtAsync(folder, arguments, ("ConnectionStrings__OneRing", connectionString), ("OneRing__PublicUrl", "http://localhost"));
            return exitCode == 0 ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1] : throw new InvalidOperationException(output);
        }
    }

    /// <summary>A draft of the first, in which the others write too.</summary>
    private static async Task<Guid> AddDraftAsync(Uri server, List<(string UserId, string Token)> people)
    {
        var drafts = new Uri(server, "/v1/collab/drafts");
        using var made = await CallAsync(HttpMethod.Post, drafts, people[0].Token, new { title = "A draft that outlives servers" });
        var draftId = made.RootElement.GetProperty("data").GetProperty("draft_id").GetGuid();
        foreach (var person in people.Skip(1))
        {
            using var added = await CallAsync(HttpMethod.Post, new Uri($"{drafts}/{draftId}/collaborators"), people[0].Token, new { user_id = person.UserId, role = "writer" });
        }
        return draftId;
    }

    private static async Task<JsonDocument> CallAsync(HttpMethod method, Uri address, string token, object? body)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, address) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request);
        return await JsonDocument.ParseAsync(await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync());
    }

    /// <summary>How many migrations the database has.</summary>
    private static async Task<int> SchemaOfAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select count(*)::int from \"__EFMigrationsHistory\"", connection);
        return (int)(await command.ExecuteScalarAsync())!;
    }
}

/// <summary>The server of an earlier commit, built in a work tree of its own that goes away again.</summary>
internal sealed class EarlierBuild : IAsyncDisposable
{
    private readonly string repository;
    private readonly string tree;

    private EarlierBuild(string repository, string tree, string commit) => (this.repository, this.tree, Commit) = (repository, tree, commit);

    /// <summary>The commit, short.</summary>
    public string Commit { get; }

    /// <summary>Where the server is.</summary>
    public string Folder => Path.Combine(tree, "src/OneRing.Web/bin/Release/net10.0");

    public static async Task<EarlierBuild> MakeAsync(string commit)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "OneRing.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("The program is not in its repository, which has the earlier commit.");
        }

        var name = (await RunAsync("git", ["-C", root, "rev-parse", "--short", commit])).Trim();
        var place = Path.Combine(Path.GetTempPath(), $"onering-{name}-{Guid.NewGuid():N}");
        var build = new EarlierBuild(root, place, name);
        await RunAsync("git", ["-C", root, "worktree", "add", "--detach", place, name]);
        try
        {
            await RunAsync("dotnet", ["build", Path.Combine(place, "src/OneRing.Web"), "-c", "Release", "-p:RunAnalyzers=false", "-nodeReuse:false"]);
            return build;
        }
        catch
        {
            await build.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await RunAsync("git", ["-C", repository, "worktree", "remove", "--force", tree]);

    private static async Task<string> RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}");
    }
}
