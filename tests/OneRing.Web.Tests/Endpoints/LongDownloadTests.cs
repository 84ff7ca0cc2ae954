using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Endpoints;

/// <summary>Files of a length for which no memory would do. They run alone, because the memory of the process is what they look at.</summary>
[Collection(Alone.Name)]
[Trait("Database", "PostgreSQL")]
public sealed class LongDownloadTests(SiteOnPostgres site) : IClassFixture<SiteOnPostgres>
{
    private const int Rows = 1_000_000;

    /// <summary>What is kept of the rows is looked at where so many have gone by. Whoever kept them all would have about seventy megabytes.</summary>
    private const int Late = 700_000;

    private const long MostMegabytes = 50;

    [Fact]
    public async Task A_million_rows_leave_in_constant_memory_and_add_up_to_the_figures()
    {
        await using var database = await OpenAsync();
        await ExecuteAsync(database, $"""
            insert into counted_drafts (draft_id, platform) select lpad(to_hex(n), 32, '0')::uuid, 'youtube' from generate_series(1, {Rows}) n;
            insert into draft_spans (span, start, draft_id, segments, words, passes)
                select 32, 600, lpad(to_hex(n), 32, '0')::uuid, 1 + n % 7, n % 301, n % 3 from generate_series(1, {Rows}) n;
            insert into activity_slots (slot, platform, drafts, segments, words, passes, automatic_passes, completed)
                select 600 * 32 * 96, 'youtube', 0, sum(segments), sum(words), sum(passes), 0, 0 from draft_spans where start = 600;
            insert into activity_hours (hour, platform, drafts, segments, words, passes, automatic_passes, completed)
                select slot / 4, platform, drafts, segments, words, passes, automatic_passes, completed from activity_slots where slot = 600 * 32 * 96;
            analyze counted_drafts, draft_spans
            """);
        var ada = await site.Services.APersonAsync("Ada", isAdmin: true);
        var admin = await site.VisitAsync(ada);
        var figures = Given.Succeed(await site.Services.GetRequiredService<AnalyticsService>().ReadDashboardAsync(ada, new DashboardQuery(Window.All, Platform: Platform.Youtube))).Figures;
        // Once in small, so that what is made once is there.
        _ = await admin.Client.GetStringAsync("/admin/analytics/drafts.csv?window=24h");

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (kept, rows) = (long.MaxValue, 0);
        var (segments, words, passes) = (0L, 0L, 0L);
        using (var answer = await admin.Client.GetAsync("/admin/analytics/drafts.csv?window=all&platform=youtube", HttpCompletionOption.ResponseHeadersRead))
        {
            answer.EnsureSuccessStatusCode();
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(), Encoding.UTF8);
            Assert.Equal("draft,platform,segments,words,passes", await reader.ReadLineAsync());
            while (await reader.ReadLineAsync() is { } line)
            {
                var cells = line.Split(',');
                segments += long.Parse(cells[2], CultureInfo.InvariantCulture);
                words += long.Parse(cells[3], CultureInfo.InvariantCulture);
                passes += long.Parse(cells[4], CultureInfo.InvariantCulture);
                // The least of three looks: what is on its way just then, here or elsewhere in the process, is not kept.
                if (++rows >= Late && rows % 100_000 == 0 && rows < Rows)
                {
                    kept = Math.Min(kept, GC.GetTotalMemory(forceFullCollection: true) - before);
                }
            }
        }

        Assert.Equal(Rows, rows);
        Assert.Equal((figures.Segments, figures.Words, figures.Passes), (segments, words, passes));
        Assert.True(kept < MostMegabytes * 1024 * 1024, $"{kept / 1024 / 1024} MB were kept.");
    }

    [Fact]
    public async Task A_reader_who_goes_away_ends_the_query()
    {
        var admin = await site.VisitAsync(await site.Services.APersonAsync("Ada", isAdmin: true));
        await using var database = await OpenAsync();
        await using var holding = await database.BeginTransactionAsync();
        await ExecuteAsync(database, "lock table draft_spans in access exclusive mode");
        using var gone = new CancellationTokenSource();
        var download = admin.Client.GetAsync("/admin/analytics/drafts.csv?window=all", gone.Token);
        await WaitForAsync(waiting: 1);

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => download);

        // The table is still locked: a query that nobody had ended would wait on.
        await WaitForAsync(waiting: 0);
    }

    private async Task WaitForAsync(int waiting)
    {
        await using var database = await OpenAsync();
        await using var count = new NpgsqlCommand("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%draft_spans%'", database);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((long)(await count.ExecuteScalarAsync(patience.Token))! != waiting)
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(site.Services.GetRequiredService<DatabaseSettings>().ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection database, string sql)
    {
#pragma warning disable CA2100 // The SQL of tests is constant.
        await using var command = new NpgsqlCommand(sql, database) { CommandTimeout = 300 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
