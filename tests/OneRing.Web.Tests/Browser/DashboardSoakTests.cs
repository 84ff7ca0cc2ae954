using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Servers;
using Xunit.Abstractions;

namespace OneRing.Web.Tests.Browser;

/// <summary>
/// The figures stay open while people write, fifty segments a second: nothing that was written is missed, and the server's memory does not grow. A few seconds here;
/// minutes or an hour with <c>scripts/soak</c>.
/// </summary>
[Trait("Category", "Browser")]
[Trait("Category", "Soak")]
[Trait("Database", "PostgreSQL")]
[Collection(Alone.Name)]
public sealed partial class DashboardSoakTests(Postgres database, ITestOutputHelper output) : IClassFixture<Postgres>
{
    private const int SegmentsASecond = 50;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);

    [SkippableFact]
    public async Task An_open_dashboard_misses_nothing_and_takes_no_more_memory_with_time()
    {
        var length = TimeSpan.FromSeconds(Setting("ONERING_SOAK_SECONDS", 12));
        // Until then a server takes what it needs, and keeps it.
        var isLong = length >= TimeSpan.FromMinutes(4);
        await using var server = await ServerProcess.StartAsync(database.ConnectionString!);
        await using var ada = await Person.SignedInAsync(server.Address, database.Services, "Ada", isAdmin: true);
        var drafts = new List<ADraft>();
        for (var i = 0; i < 8; i++)
        {
            drafts.Add(await database.Services.ADraftHeldByAnaAsync());
        }
        await database.Services.AppendAsync(drafts[0].Id, drafts[0].Ana, "The lamp stayed lit.");
        var page = await ada.OpenAsync("/admin/analytics?window=24h");
        await SeesAsync(page, 1, TimeSpan.FromSeconds(60));

        var written = 1;
        using var over = new CancellationTokenSource(length);
        var writing = drafts.Select((draft, i) => WriteAsync(draft, TimeSpan.FromSeconds((double)drafts.Count / SegmentsASecond), i)).ToList();
        var memory = new List<long>();
        var clock = Stopwatch.StartNew();
        while (!over.IsCancellationRequested)
        {
            var before = Volatile.Read(ref written);
            await Task.Delay(BetweenLooks);
            var shown = await ReadAsync(page);
            memory.Add(server.Memory);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{clock.Elapsed.TotalSeconds,6:0} s: {Volatile.Read(ref written),7} written, {shown,7} shown, {memory[^1] / 1_048_576.0,6:0.0} MiB{(shown < before ? " (behind)" : "")}"));
        }
        await Task.WhenAll(writing);

        var caughtUp = Stopwatch.StartNew();
        await SeesAsync(page, written, TimeSpan.FromSeconds(100));
        output.WriteLine($"All {written} segments were shown {caughtUp.Elapsed.TotalSeconds:0.0} s after the last was written (goal 10 s).");
        ada.AssertCalm();
        if (isLong)
        {
            var (early, late) = (Median(memory.Skip(memory.Count / 4).Take(memory.Count / 4)), Median(memory.TakeLast(memory.Count / 4)));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Memory: {early / 1_048_576.0:0.0} MiB in the second quarter, {late / 1_048_576.0:0.0} MiB in the last."));
            Assert.True(late < early * 1.15, $"The server’s memory grew from {early} to {late} bytes.");
        }

        async Task WriteAsync(ADraft draft, TimeSpan interval, int number)
        {
            using var timer = new PeriodicTimer(interval);
            try
            {
                await Task.Delay(interval / drafts.Count * number, over.Token);
                while (await timer.WaitForNextTickAsync(over.Token))
                {
                    await database.Services.AppendAsync(draft.Id, draft.Ana, "Nobody had fed it oil.");
                    Interlocked.Increment(ref written);
                }
            }
            catch (OperationCanceledException)
            {
                // It is over.
            }
        }
    }

    private static async Task SeesAsync(IPage page, int segments, TimeSpan patience)
    {
        var clock = Stopwatch.StartNew();
        int shown;
        while ((shown = await ReadAsync(page)) != segments)
        {
            Assert.True(clock.Elapsed < patience, $"The page shows {shown} segments, not {segments}.");
            await Task.Delay(250);
        }
    }

    /// <summary>How many segments the page tells of.</summary>
    private static async Task<int> ReadAsync(IPage page)
    {
        var text = await page.Locator("main").InnerTextAsync();
        return Told().Match(text) is { Success: true } told ? int.Parse(told.Groups["segments"].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture) : 0;
    }

    private static long Median(IEnumerable<long> numbers) => numbers.Order().ToList() is var ordered ? ordered[ordered.Count / 2] : 0;

    private static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;

    [GeneratedRegex(@"(?<segments>[\d,]+) segments? by", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Told();
}
