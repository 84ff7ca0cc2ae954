using OneRing.Data.Analytics;
using OneRing.Web.Components.Analytics;

namespace OneRing.Web.Tests.Components.Analytics;

public sealed class PeriodTests
{
    [Theory]
    [InlineData(31, "day", 31)]
    [InlineData(32, "week", 5)]
    [InlineData(217, "week", 32)]
    [InlineData(218, "month", 8)]
    public void A_long_time_is_drawn_in_weeks_or_months_and_nothing_is_left_out(int days, string unit, int bars)
    {
        var from = new DateOnly(2026, 1, 1);
        var dashboard = new Dashboard(
            From: null, DateTimeOffset.UnixEpoch, new DashboardFigures(1, days, days * 2, days * 20L, days * 3, 0, null, null), Before: null,
            [.. Enumerable.Range(0, days).Select(day => new DayOfActivity(from.AddDays(day), 1, 2, 20, 3, 0))], IsBehind: false);

        var periods = Period.Of(dashboard);

        Assert.Equal(unit, Period.UnitOf(dashboard));
        Assert.Equal(bars, periods.Count);
        Assert.Equal((days, days * 2, days * 3), (periods.Sum(p => p.Drafts), periods.Sum(p => p.Segments), periods.Sum(p => p.Passes)));
    }
}
