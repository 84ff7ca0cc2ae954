using System.Globalization;
using OneRing.Data;
using OneRing.Data.Analytics;
using OneRing.Web.Components.Analytics;
using OneRing.Web.Components.Drafts;

namespace OneRing.Web.Export;

/// <summary>What is asked for: by whom, about what, and as of when.</summary>
/// <param name="Now">The instant at which to look.</param>
public sealed record DashboardQuestion(string UserId, DashboardQuery Query, DateTimeOffset Now);

/// <summary>A table of the dashboard as a file. A new one is one more line in <see cref="All"/>.</summary>
/// <param name="Name">In its address, and in the name of the file.</param>
/// <param name="AskAsync">Who writes it, or why not.</param>
public sealed record DashboardFile(string Name, Func<AnalyticsService, DashboardQuestion, CancellationToken, Task<Result<CsvBody>>> AskAsync)
{
    public static readonly IReadOnlyList<DashboardFile> All =
    [
        Of(
            "figures",
            new CsvTable<FigureValue>()
                .Text("figure", f => f.Figure.Label)
                .Number("value", f => f.Value)
                .Number("before", f => f.Before)
                .Text("unit", f => f.Figure.IsMinutes ? "minutes" : "")
                .Text("counts", f => f.Figure.Counts),
            Figure.Of),
        Of("activity", (dashboard, _, zone) => DashboardChart.Activity(dashboard, zone)),
        Of("week", (dashboard, _, zone) => DashboardChart.Week(dashboard, zone)),
        Of("passes", (_, breakdown, _) => DashboardChart.Passes(breakdown)),
        Of("holds", (dashboard, breakdown, _) => DashboardChart.Holds(breakdown, dashboard.Figures)),
        Of("platforms", (_, breakdown, _) => DashboardChart.Drafts(breakdown)),
        Of("funnel", (_, breakdown, _) => DashboardChart.Funnel(breakdown)),
        Of(
            "drafts",
            new CsvTable<BusyDraft>()
                .Text("draft", d => d.Title ?? BusiestDrafts.Deleted)
                .Text("platform", d => DraftHeader.PlatformName(d.Platform))
                .Number("segments", d => d.Segments)
                .Number("words", d => d.Words)
                .Number("passes", d => d.Passes),
            (analytics, asked, cancellationToken) => analytics.ReadAllDraftsAsync(asked.UserId, asked.Query, asked.Now, cancellationToken)),
        Of(
            "writers",
            new CsvTable<BusyWriter>()
                .Text("writer", w => w.Name ?? Figure.Unnamed)
                .Number("segments", w => w.Segments)
                .Number("words", w => w.Words),
            (analytics, asked, cancellationToken) => analytics.ReadAllWritersAsync(asked.UserId, asked.Query, asked.Now, cancellationToken)),
        Of(
            "stalled",
            new CsvTable<StalledRing>()
                .Text("draft", r => r.Title)
                .Text("platform", r => DraftHeader.PlatformName(r.Platform))
                .Text("holder", r => r.HolderName ?? Figure.Unnamed)
                .Instant("held since", r => r.HeldSince)
                .Instant("nothing since", r => r.LastActivityAt)
                .Number("fairness", r => r.Fairness)
                .Instant("nudged at", r => r.NudgedAt),
            (analytics, asked, cancellationToken) => analytics.ReadAllStalledAsync(asked.UserId, asked.Query.Platform, asked.Now, cancellationToken)),
    ];

    /// <summary>"onering-drafts-7d-until-2026-03-31.csv", "onering-drafts-2026-03-01-to-2026-03-31.csv".</summary>
    public string FileName(DashboardFilter filter, DateTimeOffset now) => filter is { From: { } from, To: { } to }
        ? $"onering-{Name}-{DashboardFilter.Write(from)}-to-{DashboardFilter.Write(to)}.csv"
        : $"onering-{Name}-{filter.Window.Name}-until-{now.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}.csv";

    /// <summary>A table whose rows the dashboard has already.</summary>
    private static DashboardFile Of<TRow>(string name, CsvTable<TRow> table, Func<Dashboard, IEnumerable<TRow>> rows) =>
        new(name, async (analytics, asked, cancellationToken) =>
        {
            var result = await analytics.ReadDashboardAsync(asked.UserId, asked.Query, asked.Now, cancellationToken);
            return result.Succeeded ? CsvBody.Of(table, rows(result.Value).ToAsyncEnumerable()) : result.Refusal.Value;
        });

    /// <summary>The table of a chart.</summary>
    private static DashboardFile Of(string name, Func<Dashboard, Breakdown, string?, DashboardChart> chart) =>
        new(name, async (analytics, asked, cancellationToken) =>
        {
            var dashboard = await analytics.ReadDashboardAsync(asked.UserId, asked.Query, asked.Now, cancellationToken);
            if (!dashboard.Succeeded)
            {
                return dashboard.Refusal.Value;
            }
            var breakdown = await analytics.ReadBreakdownAsync(asked.UserId, asked.Query, asked.Now, cancellationToken);
            if (!breakdown.Succeeded)
            {
                return breakdown.Refusal.Value;
            }

            var data = chart(dashboard.Value, breakdown.Value, asked.Query.Zone).Data;
            var table = new CsvTable<int>().Text(data.RowsAre.ToLowerInvariant(), row => data.Rows[row]);
            foreach (var column in data.Columns)
            {
                table.Number(column.Figure.Label.ToLowerInvariant(), row => column.Values[row]);
            }
            return CsvBody.Of(table, Enumerable.Range(0, data.Rows.Count).ToAsyncEnumerable());
        });

    /// <summary>A table of any length.</summary>
    private static DashboardFile Of<TRow>(
        string name, CsvTable<TRow> table, Func<AnalyticsService, DashboardQuestion, CancellationToken, Task<Result<AllRows<TRow>>>> rows) =>
        new(name, async (analytics, asked, cancellationToken) =>
        {
            var result = await rows(analytics, asked, cancellationToken);
            return result.Succeeded ? CsvBody.Of(table, result.Value) : result.Refusal.Value;
        });
}

/// <summary>A file that is ready to be written, once.</summary>
public sealed record CsvBody(Func<Stream, CancellationToken, Task> WriteAsync)
{
    public static CsvBody Of<TRow>(CsvTable<TRow> table, IAsyncEnumerable<TRow> rows) =>
        new((output, cancellationToken) => table.WriteAsync(rows, output, cancellationToken));
}
