using System.Globalization;
using OneRing.Data.Analytics;

namespace OneRing.Web.Components.Analytics;

/// <summary>One bar of the chart: a day, or the week or month that it stands in, so that a long time stays readable.</summary>
/// <param name="Label">The day, or the first day of the week.</param>
public sealed record Period(string Label, int Drafts, int Segments, int Passes)
{
    private const int MostBars = 31;

    /// <summary>What a bar stands for: "day", "week" or "month".</summary>
    public static string UnitOf(Dashboard dashboard) => dashboard.Days.Count switch
    {
        <= MostBars => "day",
        <= MostBars * 7 => "week",
        _ => "month",
    };

    public static IReadOnlyList<Period> Of(Dashboard dashboard)
    {
        var unit = UnitOf(dashboard);
        return [.. dashboard.Days.GroupBy(day => FirstDay(day.Day, unit)).Select(days => new Period(
            days.Key.ToString(unit == "month" ? "MMM yyyy" : "d MMM", CultureInfo.InvariantCulture),
            days.Sum(day => day.Drafts), days.Sum(day => day.Segments), days.Sum(day => day.Passes)))];
    }

    // Weeks begin on Monday.
    private static DateOnly FirstDay(DateOnly day, string unit) => unit switch
    {
        "week" => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
        "month" => new(day.Year, day.Month, 1),
        _ => day,
    };
}
