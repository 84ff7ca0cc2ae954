using System.Globalization;
using MudBlazor;
using OneRing.Data.Analytics;
using OneRing.Data.Rings;

namespace OneRing.Web.Components.Analytics;

/// <summary>A chart of the dashboard: its words and its numbers. Each figure is defined here, once, in the words that the page shows.</summary>
/// <param name="Name">In the name of its file.</param>
/// <param name="Summary">What there is to see, in a sentence.</param>
/// <param name="Hint">What is counted, and by which clocks.</param>
public sealed record DashboardChart(string Name, string Title, string Summary, string Hint, ChartData Data, ChartType Type = ChartType.StackedBar)
{
    private static readonly DayOfWeek[] DaysOfWeek =
        [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday, DayOfWeek.Saturday, DayOfWeek.Sunday];

    /// <summary>What happened over time.</summary>
    /// <param name="zone">The time zone by its IANA name; UTC if null.</param>
    public static DashboardChart Activity(Dashboard dashboard, string? zone)
    {
        var unit = UnitName(dashboard.Unit);
        var periods = dashboard.Periods;
        var busiest = periods.MaxBy(period => period.Segments);
        var summary = busiest is null or { Segments: 0 }
            ? "No segments in this time."
            : $"The busiest {unit} was {Say(busiest.Start, dashboard.Unit)} with {TimeText.Count(busiest.Segments, "segment")}.";
        return new DashboardChart(
            "activity", $"Activity by {unit}", summary,
            $"The height of a bar is the sum of its parts. {(dashboard.Unit == TimeUnit.Week ? "A week is named by its Monday. " : "")}{Clocks(zone)}",
            new ChartData(
                char.ToUpperInvariant(unit[0]) + unit[1..],
                [.. periods.Select(period => Say(period.Start, dashboard.Unit))],
                [
                    new(Figure.Segments, [.. periods.Select(period => (double?)period.Segments)]),
                    new(Figure.Passes, [.. periods.Select(period => (double?)period.Passes)]),
                    new(Figure.Drafts, [.. periods.Select(period => (double?)period.Drafts)]),
                    new(Figure.Completed, [.. periods.Select(period => (double?)period.Completed)]),
                    new(Figure.Words, [.. periods.Select(period => (double?)period.Words)], IsDrawn: false),
                ])
            {
                ShortRows = [.. periods.Select(period => SayShort(period.Start, dashboard.Unit))],
            });
    }

    /// <summary>When in the week people write.</summary>
    public static DashboardChart Week(Dashboard dashboard, string? zone)
    {
        var byHour = dashboard.Week.ToDictionary(hour => (hour.Day, hour.Hour), hour => hour.Segments);
        var busiest = dashboard.Week.MaxBy(hour => hour.Segments);
        return new DashboardChart(
            "week", "Hours of the week",
            busiest is null
                ? "No segments in this time."
                : $"Most is written on {busiest.Day}s between {busiest.Hour:00}:00 and {busiest.Hour + 1:00}:00: {TimeText.Count(busiest.Segments, "segment")}.",
            $"Segments by the day of the week and the hour in which they were added. {Clocks(zone)}",
            new ChartData(
                "Hour",
                [.. Enumerable.Range(0, 24).Select(hour => $"{hour:00}:00")],
                [.. DaysOfWeek.Select(day => new ChartColumn(
                    new Figure($"{day}", $"Segments that were added on {day}s."),
                    [.. Enumerable.Range(0, 24).Select(hour => (double?)byHour.GetValueOrDefault((day, hour)))]))])
            {
                ShortRows = [.. Enumerable.Range(0, 24).Select(hour => $"{hour:00}")],
            },
            ChartType.HeatMap);
    }

    /// <summary>How the next holders were chosen.</summary>
    public static DashboardChart Passes(Breakdown breakdown)
    {
        var sum = breakdown.Passes.Sum(same => same.Passes);
        var most = breakdown.Passes.MaxBy(same => same.Passes);
        return new DashboardChart(
            "passes", "How the next holder was chosen",
            most is null ? "No passes in this time." : $"Of {TimeText.Count(sum, "pass", "passes")}, {Share(most.Passes, sum)} went {WayOf(most.Chosen)}.",
            "Passes by what named the recipient: the holder’s own choice, or a rule.",
            new ChartData(
                "Chosen", [.. breakdown.Passes.Select(same => NameOf(same.Chosen))], [new(Figure.Passes, [.. breakdown.Passes.Select(same => (double?)same.Passes)])]));
    }

    /// <summary>How long people keep the ring.</summary>
    public static DashboardChart Holds(Breakdown breakdown, DashboardFigures figures)
    {
        var sum = breakdown.Holds.Sum(length => length.Holds);
        return new DashboardChart(
            "holds", "How long the ring is held",
            sum == 0
                ? "No turn ended in this time."
                : $"Of {TimeText.Count(sum, "turn")}, half were no longer than {Figure.MedianHold.Show(figures.MedianHoldMinutes)}, and nine of ten no longer than {Figure.P90Hold.Show(figures.P90HoldMinutes)}.",
            "Turns that ended in this time, by a pass or with the draft, from receiving the ring on.",
            new ChartData(
                "Length", [.. breakdown.Holds.Select(NameOf)], [new(Figure.Holds, [.. breakdown.Holds.Select(length => (double?)length.Holds)])])
            {
                ShortRows = [.. breakdown.Holds.Select(length => length.To is { } to ? $"< {TimeText.Length(to)}" : "more")],
            });
    }

    /// <summary>What has become of the drafts of this time.</summary>
    public static DashboardChart Drafts(Breakdown breakdown)
    {
        var sum = breakdown.Funnel.Created;
        var completed = breakdown.Drafts.Sum(same => same.Completed);
        return new DashboardChart(
            "platforms", "Drafts by platform and status",
            sum == 0 ? "No drafts were created in this time." : $"Of {TimeText.Count(sum, "draft")}, {completed:N0} {(completed == 1 ? "is" : "are")} completed.",
            "Drafts that were created in this time. What is locked or deleted is so at present.",
            new ChartData(
                "Platform",
                [.. breakdown.Drafts.Select(same => Components.Drafts.DraftHeader.PlatformName(same.Platform))],
                [
                    new(new Figure("Being written", "Drafts that are open, or put away by their owner."), [.. breakdown.Drafts.Select(same => (double?)same.Active)]),
                    new(Figure.Completed, [.. breakdown.Drafts.Select(same => (double?)same.Completed)]),
                    new(new Figure("Locked", "Drafts that are paused."), [.. breakdown.Drafts.Select(same => (double?)same.Locked)]),
                    new(new Figure("Deleted", "Drafts that were deleted before they were completed."), [.. breakdown.Drafts.Select(same => (double?)same.Deleted)]),
                ]));
    }

    /// <summary>How many drafts become texts of several, and how many of those are brought to their end.</summary>
    public static DashboardChart Funnel(Breakdown breakdown)
    {
        var (created, second, completed) = (breakdown.Funnel.Created, breakdown.Funnel.SecondWriter, breakdown.Funnel.Completed);
        return new DashboardChart(
            "funnel", "From the first word to the last",
            created == 0
                ? "No drafts were created in this time."
                : $"Of {TimeText.Count(created, "draft")}, {Share(second, created)} found a second writer, and {Share(completed, created)} were then completed.",
            "Drafts that were created in this time, those of them in which two people or more have written, and those of these that were completed.",
            new ChartData(
                "Step", ["Created", "Second writer", "Completed"], [new(new Figure("Drafts", "Drafts that came so far."), [created, second, completed])]));
    }

    public static string UnitName(TimeUnit unit) => unit switch
    {
        TimeUnit.Hour => "hour",
        TimeUnit.Day => "day",
        TimeUnit.Week => "week",
        TimeUnit.Month => "month",
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, "There is no such unit."),
    };

    public static string NameOf(Chosen chosen) => chosen switch
    {
        Chosen.Manual => "By the holder",
        Chosen.MostInactive => "Longest silent",
        Chosen.RoundRobin => "In turn",
        Chosen.BackToCreator => "Back to the owner",
        Chosen.Returned => "Went home",
        Chosen.Reclaimed => "Taken back",
        Chosen.Expired => "Time was up",
        _ => throw new ArgumentOutOfRangeException(nameof(chosen), chosen, "There is no such way."),
    };

    private static string WayOf(Chosen chosen) => chosen switch
    {
        Chosen.Manual => "to whomever the holder chose",
        Chosen.MostInactive => "to whoever had been silent longest",
        Chosen.RoundRobin => "to the next in turn",
        Chosen.BackToCreator => "back to the owner",
        Chosen.Returned => "home by themselves",
        Chosen.Reclaimed => "back because the owner took the ring",
        Chosen.Expired => "on because the time was up",
        _ => throw new ArgumentOutOfRangeException(nameof(chosen), chosen, "There is no such way."),
    };

    private static string NameOf(HoldLength length) => length switch
    {
        { From.Ticks: 0, To: { } to } => $"under {TimeText.Length(to)}",
        { From: var from, To: { } to } => $"{TimeText.Length(from)} to {TimeText.Length(to)}",
        { From: var from } => $"{TimeText.Length(from)} and more",
    };

    private static string Share(int part, int whole) => $"{(whole == 0 ? 0 : 100.0 * part / whole).ToString("0", CultureInfo.InvariantCulture)}%";

    private static string Clocks(string? zone) => zone is null ? "Clocks and days are those of UTC." : $"Clocks and days are those of {zone.Replace('_', ' ')}.";

    private static string Say(DateTimeOffset start, TimeUnit unit) => start.ToString(
        unit switch
        {
            TimeUnit.Hour => "d MMM yyyy, HH:mm",
            TimeUnit.Month => "MMMM yyyy",
            _ => "d MMM yyyy",
        },
        CultureInfo.InvariantCulture);

    private static string SayShort(DateTimeOffset start, TimeUnit unit) => start.ToString(
        unit switch
        {
            TimeUnit.Hour => "HH:mm",
            TimeUnit.Month => "MMM yy",
            _ => "d MMM",
        },
        CultureInfo.InvariantCulture);
}
