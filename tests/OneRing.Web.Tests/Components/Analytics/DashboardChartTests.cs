using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Web.Components.Analytics;

namespace OneRing.Web.Tests.Components.Analytics;

/// <summary>What the charts of the dashboard say of nothing, of one thing, and of much. That a table and its chart are alike: ChartPanelTests.</summary>
public sealed class DashboardChartTests
{
    private static readonly DateTimeOffset Monday = new(2026, 3, 9, 0, 0, 0, TimeSpan.FromHours(1));
    private static readonly Breakdown Nothing = new([], [.. Enumerable.Range(0, 10).Select(i => Length(i, 0))], [], new Funnel(0, 0, 0));

    [Fact]
    public void Of_nothing_every_chart_says_so_and_has_no_values()
    {
        var dashboard = Of([new ActivityPeriod(Monday, 0, 0, 0, 0, 0)], []);

        AssertSays("No segments in this time.", DashboardChart.Activity(dashboard, zone: null));
        AssertSays("No segments in this time.", DashboardChart.Activity(Of([], []), zone: null));
        AssertSays("No segments in this time.", DashboardChart.Week(dashboard, zone: null));
        AssertSays("No passes in this time.", DashboardChart.Passes(Nothing));
        AssertSays("No turn ended in this time.", DashboardChart.Holds(Nothing, dashboard.Figures));
        AssertSays("No drafts were created in this time.", DashboardChart.Drafts(Nothing));
        AssertSays("No drafts were created in this time.", DashboardChart.Funnel(Nothing));

        static void AssertSays(string summary, DashboardChart chart)
        {
            Assert.Equal(summary, chart.Summary);
            Assert.False(chart.Data.HasValues);
        }
    }

    [Fact]
    public void Of_one_thing_every_chart_has_one_row_of_it()
    {
        var dashboard = Of([new ActivityPeriod(Monday, 1, 1, 7, 1, 0)], [new HourOfWeek(DayOfWeek.Sunday, 23, 1)]);
        var breakdown = new Breakdown(
            [new PassesChosen(Chosen.Manual, 1)], [.. Enumerable.Range(0, 10).Select(i => Length(i, i == 3 ? 1 : 0))], [new PlatformDrafts(Platform.Story, 0, 0, 1, 0)],
            new Funnel(1, 0, 0));

        Assert.Equal("The busiest day was 9 Mar 2026 with 1 segment.", DashboardChart.Activity(dashboard, zone: null).Summary);
        Assert.Equal("Most is written on Sundays between 23:00 and 24:00: 1 segment.", DashboardChart.Week(dashboard, zone: null).Summary);
        Assert.Equal("Of 1 pass, 100% went to whomever the holder chose.", DashboardChart.Passes(breakdown).Summary);
        Assert.Equal("Of 1 turn, half were no longer than 20 min, and nine of ten no longer than 1 h.", DashboardChart.Holds(breakdown, dashboard.Figures).Summary);
        Assert.Equal("Of 1 draft, 1 is completed.", DashboardChart.Drafts(breakdown).Summary);
        Assert.Equal("Of 1 draft, 0% found a second writer, and 0% were then completed.", DashboardChart.Funnel(breakdown).Summary);
        Assert.Equal(["9 Mar 2026"], DashboardChart.Activity(dashboard, zone: null).Data.Rows);
        Assert.Equal(["By the holder"], DashboardChart.Passes(breakdown).Data.Rows);
        Assert.Equal(["Story"], DashboardChart.Drafts(breakdown).Data.Rows);
    }

    [Fact]
    public void The_values_are_those_of_the_figures()
    {
        var dashboard = Of(
            [new ActivityPeriod(Monday, 1, 20, 300, 4, 0), new ActivityPeriod(Monday.AddDays(1), 0, 50, 700, 6, 2)],
            [new HourOfWeek(DayOfWeek.Monday, 9, 30), new HourOfWeek(DayOfWeek.Tuesday, 0, 40)]);
        var breakdown = new Breakdown(
            [new PassesChosen(Chosen.Manual, 6), new PassesChosen(Chosen.RoundRobin, 3), new PassesChosen(Chosen.Returned, 1)],
            [.. Enumerable.Range(0, 10).Select(i => Length(i, i))],
            [new PlatformDrafts(Platform.Story, 5, 1, 2, 0), new PlatformDrafts(Platform.X, 1, 0, 0, 3)],
            new Funnel(12, 6, 3));

        var activity = DashboardChart.Activity(dashboard, "Europe/Berlin");
        Assert.Equal("Activity by day", activity.Title);
        Assert.Contains("Clocks and days are those of Europe/Berlin.", activity.Hint, StringComparison.Ordinal);
        Assert.Equal(["Segments: 20 50", "Passes: 4 6", "Drafts: 1 0", "Completed: 0 2", "Words: 300 700"], Columns(activity));
        var week = DashboardChart.Week(dashboard, zone: null);
        Assert.Equal((24, 7), (week.Data.Rows.Count, week.Data.Columns.Count));
        Assert.Equal((30, 40, 70), (week.Data.Columns[0].Values[9], week.Data.Columns[1].Values[0], week.Data.Columns.Sum(column => column.Values.Sum())));
        Assert.Equal(["Passes: 6 3 1"], Columns(DashboardChart.Passes(breakdown)));
        Assert.Equal("Of 10 passes, 60% went to whomever the holder chose.", DashboardChart.Passes(breakdown).Summary);
        var holds = DashboardChart.Holds(breakdown, dashboard.Figures);
        Assert.Equal(["Turns: 0 1 2 3 4 5 6 7 8 9"], Columns(holds));
        Assert.Equal(["under 1 min", "1 min to 2 min", "9 min and more"], [holds.Data.Rows[0], holds.Data.Rows[1], holds.Data.Rows[9]]);
        Assert.Equal(["Being written: 5 1", "Completed: 2 0", "Locked: 1 0", "Deleted: 0 3"], Columns(DashboardChart.Drafts(breakdown)));
        Assert.Equal(["Drafts: 12 6 3"], Columns(DashboardChart.Funnel(breakdown)));
        Assert.Equal("Of 12 drafts, 50% found a second writer, and 25% were then completed.", DashboardChart.Funnel(breakdown).Summary);
    }

    [Fact]
    public void An_hour_that_comes_twice_is_named_twice_and_a_month_by_its_name()
    {
        var hours = Of([new ActivityPeriod(Monday.AddHours(2), 0, 1, 1, 0, 0), new ActivityPeriod(Monday.AddHours(2), 0, 1, 1, 0, 0)], []) with { Unit = TimeUnit.Hour };
        var months = Of([new ActivityPeriod(Monday, 0, 1, 1, 0, 0)], []) with { Unit = TimeUnit.Month };

        Assert.Equal(["9 Mar 2026, 02:00", "9 Mar 2026, 02:00"], DashboardChart.Activity(hours, zone: null).Data.Rows);
        Assert.Equal(["March 2026"], DashboardChart.Activity(months, zone: null).Data.Rows);
    }

    [Fact]
    public void Every_way_of_choosing_has_its_name()
    {
        var names = Enum.GetValues<Chosen>().Select(DashboardChart.NameOf).ToList();

        Assert.Equal(names.Distinct(), names);
        Assert.All(Enum.GetValues<Chosen>(), chosen => Assert.NotEmpty(DashboardChart.Passes(Nothing with { Passes = [new PassesChosen(chosen, 1)] }).Summary));
    }

    private static HoldLength Length(int minutes, int holds) => new(TimeSpan.FromMinutes(minutes), minutes == 9 ? null : TimeSpan.FromMinutes(minutes + 1), holds);

    private static Dashboard Of(IReadOnlyList<ActivityPeriod> periods, IReadOnlyList<HourOfWeek> week) => new(
        Monday, Monday.AddDays(7),
        new DashboardFigures(1, periods.Sum(p => p.Drafts), periods.Sum(p => p.Segments), periods.Sum(p => p.Words), periods.Sum(p => p.Passes), 0, 20, 60),
        Before: null, TimeUnit.Day, periods, week, IsBehind: false);

    private static IEnumerable<string> Columns(DashboardChart chart) =>
        chart.Data.Columns.Select(column => $"{column.Figure.Label}: {string.Join(' ', column.Values)}");
}
