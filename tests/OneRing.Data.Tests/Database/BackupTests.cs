using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Audit;
using OneRing.Data.Drafts;
using OneRing.Tests;
using OneRing.Tests.Databases;
using Xunit.Abstractions;

namespace OneRing.Data.Tests.Database;

/// <summary>What the README says of backups, with the programs that it names.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class BackupTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Drafts = 4;

    private LocalPostgres postgres = null!;

    public async Task InitializeAsync() => postgres = await LocalPostgres.StartAsync();

    public Task DisposeAsync() => postgres.DisposeAsync().AsTask();

    [Fact]
    public async Task A_dump_taken_while_people_write_restores_to_a_whole_database_with_all_that_was_answered_before()
    {
        await RunAsync("createdb", "onering");
        await using var services = Services("onering");
        await services.PrepareDatabaseAsync();
        var drafts = await Task.WhenAll(Enumerable.Range(0, Drafts).Select(_ => services.ADraftHeldByAnaAsync()));
        var acknowledged = new int[Drafts];
        using var enough = new CancellationTokenSource();
        var writing = Task.WhenAll(Enumerable.Range(0, Drafts).Select(i => WriteAsync(i)));
        await UntilAsync(() => acknowledged.Min() >= 20);

        var before = acknowledged.ToArray();
        var file = Path.Combine(postgres.DataFolder, "onering.dump");
        await RunAsync("pg_dump", "--format=custom", "--no-owner", $"--file={file}", "onering");
        var during = acknowledged.Sum() - before.Sum();
        await UntilAsync(() => acknowledged.Sum() > before.Sum() + during);
        await enough.CancelAsync();
        await writing;

        await RunAsync("createdb", "restored");
        await RunAsync("pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--dbname=restored", file);
        await using var restored = Services("restored");
        await restored.PrepareDatabaseAsync();

        output.WriteLine($"{before.Sum()} turns were taken before the dump, {during} while it was");
        Assert.True(during > 0, "Nobody wrote meanwhile.");
        var report = await restored.GetRequiredService<DatabaseAudit>().RunAsync();
        Assert.Empty(report.Checks.SelectMany(check => check.Findings));
        for (var i = 0; i < Drafts; i++)
        {
            var view = await restored.ReadAsync(drafts[i].Id, drafts[i].Ana);
            Assert.InRange(view.Segments.Count, before[i], acknowledged[i]);
            Assert.Equal(Enumerable.Range(0, view.Segments.Count).Select(n => $"Turn {n}"), view.Segments.Select(segment => segment.Content));
        }
        // It is a database like any other: the rings are where they were, and the next turn can be taken.
        var first = await restored.ReadAsync(drafts[0].Id, drafts[0].Ana);
        await restored.AppendAsync(first.Id, first.HolderId, "Afterwards");

        // Ana and Ben in turn: words, then the ring.
        async Task WriteAsync(int i)
        {
            var (holder, next) = (drafts[i].Ana, drafts[i].Ben);
            for (var turn = 0; !enough.IsCancellationRequested; turn++)
            {
                await services.AppendAsync(drafts[i].Id, holder, $"Turn {turn}");
                acknowledged[i]++;
                await services.PassAsync(drafts[i].Id, holder, next);
                (holder, next) = (next, holder);
            }
        }
    }

    private ServiceProvider Services(string database) => new ServiceCollection()
        .AddLogging()
        .AddOneRingData(new ConfigurationBuilder()
            .AddInMemoryCollection([new("ConnectionStrings:OneRing", postgres.ConnectionString(database))])
            .Build())
        .BuildServiceProvider();

    /// <summary>Runs one of PostgreSQL's programs against the server, which must succeed.</summary>
    private async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(LocalPostgres.FindBinDirectory()!, program), arguments) { UseShellExecute = false, RedirectStandardError = true };
        (start.Environment["PGHOST"], start.Environment["PGUSER"]) = ("127.0.0.1", "postgres");
        start.Environment["PGPORT"] = postgres.Port.ToString(CultureInfo.InvariantCulture);
        using var process = Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}: {said}");
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds())
        {
            await Task.Delay(5, patience.Token);
        }
    }
}
