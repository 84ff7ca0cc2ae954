using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Web.Tests.Servers;

namespace OneRing.Bench;

/// <summary>
/// Sends a running server requests that are right, nearly right and plainly wrong, made from its own description, and looks at every answer: no fault, nothing
/// told that is not for the caller, nobody kept waiting. Once in memory, once on PostgreSQL.
/// </summary>
internal static partial class FuzzBench
{
    private const int Connections = 8;
    private const int Requests = 100_000;
    private const int QuickRequests = 6_000;
    private const double Successes = 0.20;
    private const int FailuresShown = 10;

    /// <summary>What only the people of the drafts may read.</summary>
    private const string Secret = "onlyForThePeopleOfThisDraft";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Arguments arguments, Report report)
    {
        await using (var memory = await ServerProcess.StartAsync("", port: 0, ("OneRing__RateLimit__Enabled", "false")))
        {
            var tokens = DemoToken().Matches(memory.Output).ToDictionary(match => match.Groups["handle"].Value, match => match.Groups["token"].Value, StringComparer.Ordinal);
            await FuzzAsync(arguments, report, "in memory", memory, tokens);
        }

        await using var database = await BenchDatabase.CreateAsync(arguments);
        await using var services = await BenchDatabase.BuildServicesAsync(database.ConnectionString);
        await using var server = await ServerProcess.StartAsync(database.ConnectionString, port: 0, ("OneRing__RateLimit__Enabled", "false"));
        var people = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var handle in (string[])["ana", "ben", "cleo", "dan"])
        {
            var made = await services.GetRequiredService<AccountService>().SignUpAsync(new SignUp(handle, handle, Password: null));
            var token = await services.GetRequiredService<AccessTokenService>().CreateAsync(new NewAccessToken(made.Value!, "Fuzz"));
            people[handle] = token.Value!.Secret;
        }
        await FuzzAsync(arguments, report, "on PostgreSQL", server, people);
    }

    private static async Task FuzzAsync(Arguments arguments, Report report, string where, ServerProcess server, IReadOnlyDictionary<string, string> tokens)
    {
        var seed = arguments.Seed ?? Random.Shared.Next();
        var count = arguments.RequestsAsked ?? (arguments.Quick ? QuickRequests : Requests);
        Console.WriteLine($"{where}: {count} requests, --seed {seed}");
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, MaxConnectionsPerServer = Connections }) { BaseAddress = server.Address, Timeout = Timeout.InfiniteTimeSpan };
        var world = await FuzzWorld.MakeAsync(client, tokens, Secret);
        var statuses = new ConcurrentDictionary<int, int>();
        var (faults, leaks, hangs) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>(), new ConcurrentQueue<string>());

        var start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (number, _) =>
        {
            var request = world.Request(new Random(unchecked((seed * 397) + number)));
            using var waiting = new CancellationTokenSource(Patience);
            try
            {
                using var message = request.ToMessage();
                using var answer = await client.SendAsync(message, waiting.Token);
                var status = (int)answer.StatusCode;
                statuses.AddOrUpdate(status, 1, (_, before) => before + 1);
                var text = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(waiting.Token));
                if (status >= 500)
                {
                    faults.Enqueue($"{number}: {status}\n{request}\n{text}");
                }
                // Only who may read those drafts is told their words; and nobody what the server is made of.
                if ((request.IsOfStranger && text.Contains(Secret, StringComparison.Ordinal)) || Inside().IsMatch(text))
                {
                    leaks.Enqueue($"{number}: {status}\n{request}\n{text}");
                }
            }
            catch (OperationCanceledException)
            {
                hangs.Enqueue($"{number}: no answer within {Patience.TotalSeconds} s\n{request}");
            }
            catch (HttpRequestException gone)
            {
                faults.Enqueue($"{number}: the connection ended: {gone.Message}\n{request}");
            }
        });
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        foreach (var failure in faults.Concat(leaks).Concat(hangs).Take(FailuresShown))
        {
            Console.WriteLine(failure);
        }
        var successes = (double)statuses.Where(status => status.Key is >= 200 and < 300).Sum(status => status.Value) / count;
        Row[] rows =
        [
            new($"requests {where}", count, ""),
            new($"requests a second {where}", count / seconds, "1/s"),
            .. statuses.OrderBy(status => status.Key).Select(status => new Row($"{status.Key} {where}", 100.0 * status.Value / count, "%")),
            new($"faults (5xx) {where}", faults.Count, "", Goal: 0, Ok: faults.IsEmpty),
            new($"leaks {where}", leaks.Count, "", Goal: 0, Ok: leaks.IsEmpty),
            new($"not answered in {Patience.TotalSeconds} s {where}", hangs.Count, "", Goal: 0, Ok: hangs.IsEmpty),
            new($"share of 2xx {where}", successes, "", Goal: Successes, Ok: successes >= Successes),
        ];
        report.Print($"fuzzing {where}", rows, "0.##");
    }

    [GeneratedRegex(@"^demo token (?<handle>\w+): (?<token>\S+)$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DemoToken();

    /// <summary>Stack traces, names of exceptions, statements.</summary>
    [GeneratedRegex(@"^ {3}at \w|\w{3}Exception\b|Npgsql|Sqlite|\bSELECT .* FROM\b|\bINSERT INTO\b|SQLSTATE|\.cs:line ", RegexOptions.Multiline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Inside();
}

/// <summary>One request, complete: what is printed of it can be sent again.</summary>
/// <param name="IsOfStranger">Whether it comes from somebody who has no part in the drafts of others.</param>
internal sealed record FuzzRequest(string Method, string Path, string? Token, byte[]? Body, string ContentType, IReadOnlyList<(string Name, string Value)> Headers, bool IsOfStranger)
{
    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(new HttpMethod(Method), new Uri(Path, UriKind.Relative));
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        }
        if (Token is not null)
        {
            message.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Token}");
        }
        foreach (var (name, value) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }
        return message;
    }

    public override string ToString() =>
        $"printf %s {Convert.ToBase64String(Body ?? [])} | base64 -d | curl -i -X {Method} '{Path.Replace("'", "%27", StringComparison.Ordinal)}'"
        + (Token is null ? "" : " -H 'Authorization: Bearer …'") + string.Concat(Headers.Select(header => $" -H '{header.Name}: {header.Value}'"))
        + (Body is null ? "" : $" -H 'Content-Type: {ContentType}' --data-binary @-");
}
