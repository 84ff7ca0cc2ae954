using NodaTime;
using OneRing.Data.Analytics;
using OneRing.Data.Analytics.Rollups;

namespace OneRing.Data.Tests.Analytics;

/// <summary>How the sums of slots are put together to periods and hours of the week, without a database.</summary>
public sealed class ActivityTests
{
    private static readonly DateTimeZone Vienna = DateTimeZoneProviders.Tzdb["Europe/Vienna"];

    // A Sunday.
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(2, TimeUnit.Hour)]
    [InlineData(2.01, TimeUnit.Day)]
    [InlineData(95, TimeUnit.Day)]
    [InlineData(95.01, TimeUnit.Week)]
    [InlineData(3 * 366, TimeUnit.Week)]
    [InlineData((3 * 366) + 0.01, TimeUnit.Month)]
    public void A_period_is_as_long_as_suits_the_window(double days, TimeUnit unit)
    {
        Assert.Equal(unit, Of(days, asked: null).Unit);
    }

    [Theory]
    [InlineData(30, TimeUnit.Hour, TimeUnit.Hour)]
    [InlineData(30.01, TimeUnit.Hour, TimeUnit.Day)]
    [InlineData(30.01, TimeUnit.Week, TimeUnit.Week)]
    [InlineData(748, TimeUnit.Hour, TimeUnit.Day)]
    [InlineData(748, TimeUnit.Day, TimeUnit.Day)]
    [InlineData(748.01, TimeUnit.Day, TimeUnit.Week)]
    [InlineData(748 * 7, TimeUnit.Hour, TimeUnit.Week)]
    [InlineData((748 * 7) + 0.01, TimeUnit.Week, TimeUnit.Month)]
    [InlineData(1, TimeUnit.Month, TimeUnit.Month)]
    public void It_is_as_long_as_was_asked_unless_there_would_be_too_many(double days, TimeUnit asked, TimeUnit unit)
    {
        var activity = Of(days, asked);

        Assert.Equal(unit, activity.Unit);
        Assert.InRange(activity.Periods.Count, 1, Activity.MostPeriods);
    }

    [Fact]
    public void The_periods_follow_each_other_from_the_first_that_the_window_touches_to_the_last()
    {
        Assert.Equal(
            ["2026-02-27 12:00", "2026-02-27 13:00", "2026-02-27 14:00"],
            Starts(new TimeRange(Noon.AddDays(-2), Noon.AddDays(-2).AddHours(2).AddTicks(10)), TimeUnit.Hour));
        Assert.Equal(["2026-02-28 00:00", "2026-03-01 00:00"], Starts(new TimeRange(Noon.AddDays(-1), Noon), TimeUnit.Day));
        Assert.Equal(["2026-02-16 00:00", "2026-02-23 00:00"], Starts(new TimeRange(Noon.AddDays(-7), Noon), TimeUnit.Week));
        // Monday.
        Assert.Equal(["2026-02-23 00:00", "2026-03-02 00:00"], Starts(new TimeRange(Noon.AddHours(11.9), Noon.AddDays(1)), TimeUnit.Week));
        Assert.Equal(["2026-02-01 00:00", "2026-03-01 00:00"], Starts(new TimeRange(Noon.AddDays(-1), Noon), TimeUnit.Month));
        Assert.Empty(Starts(new TimeRange(Noon, Noon), TimeUnit.Day));
        Assert.Equal(["2026-03-01 00:00"], Starts(new TimeRange(Noon, Noon + TimeRange.Instant), TimeUnit.Day));

        static IEnumerable<string> Starts(TimeRange range, TimeUnit unit) =>
            new Activity([], range, DateTimeZone.Utc, unit).Periods.Select(period => period.Start.ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Without_a_beginning_it_begins_with_the_first_slot_and_with_none_at_the_end()
    {
        var range = new TimeRange(From: null, Noon);

        Assert.Equal([Noon.Date.AddDays(-3), Noon.Date.AddDays(-2), Noon.Date.AddDays(-1), Noon.Date], new Activity([Slot(-48), Slot(-72)], range, DateTimeZone.Utc, TimeUnit.Day).Periods.Select(p => p.Start.DateTime));
        Assert.Equal([Noon.Date], new Activity([], range, DateTimeZone.Utc, TimeUnit.Day).Periods.Select(p => p.Start.DateTime));
    }

    [Fact]
    public void A_period_has_the_sums_of_its_slots_and_of_no_others()
    {
        var slots = (SlotSum[])[Slot(-24, drafts: 1, segments: 2, words: 3, passes: 4, completed: 5), Slot(-13, drafts: 10, segments: 20, words: 30, passes: 40, completed: 50), Slot(-12, drafts: 100)];

        var periods = new Activity(slots, new TimeRange(Noon.AddDays(-1), Noon), DateTimeZone.Utc, TimeUnit.Day).Periods;

        Assert.Equal(new ActivityPeriod(new DateTimeOffset(Noon.Date.AddDays(-1), TimeSpan.Zero), 11, 22, 33, 44, 55), periods[0]);
        Assert.Equal(new ActivityPeriod(new DateTimeOffset(Noon.Date, TimeSpan.Zero), 100, 0, 0, 0, 0), periods[1]);
        Assert.Equal(2, periods.Count);
    }

    [Fact]
    public void Days_are_those_of_the_time_zone_on_the_day_of_a_change_too()
    {
        var range = new TimeRange(new DateTimeOffset(2026, 3, 27, 23, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 3, 29, 22, 0, 0, TimeSpan.Zero));
        var last = SlotAt(new DateTimeOffset(2026, 3, 29, 21, 0, 0, TimeSpan.Zero), segments: 1);

        var days = new Activity([last], range, Vienna, TimeUnit.Day).Periods;
        Assert.Equal([("2026-03-28T00:00:00+01:00", 0), ("2026-03-29T00:00:00+01:00", 1)], days.Select(day => (day.Start.ToString("yyyy-MM-ddTHH:mm:sszzz", null), day.Segments)));

        // On the other day clocks are set back at three, and the hour from two to three comes twice.
        var night = new DateTimeOffset(2026, 10, 24, 23, 30, 0, TimeSpan.Zero);
        var hours = new Activity([SlotAt(night.AddHours(1), segments: 7)], new TimeRange(night, night.AddHours(2)), Vienna, TimeUnit.Hour).Periods;
        Assert.Equal([("01:00:00+02:00", 0), ("02:00:00+02:00", 7), ("02:00:00+01:00", 0)], hours.Select(hour => (hour.Start.ToString("HH:mm:sszzz", null), hour.Segments)));
    }

    [Fact]
    public void An_hour_in_whose_middle_clocks_are_set_begins_anew_there()
    {
        // Lord Howe Island sets its clocks by half an hour: from two to half past one on the first Sunday of April.
        var zone = DateTimeZoneProviders.Tzdb["Australia/Lord_Howe"];
        var night = new DateTimeOffset(2026, 4, 4, 14, 0, 0, TimeSpan.Zero);

        var hours = new Activity([], new TimeRange(night, night.AddHours(3)), zone, TimeUnit.Hour).Periods;

        Assert.Equal(["01:00:00+11:00", "01:30:00+10:30", "02:00:00+10:30", "03:00:00+10:30"], hours.Select(hour => hour.Start.ToString("HH:mm:sszzz", null)));
    }

    [Fact]
    public void The_hours_of_the_week_are_in_order_and_have_segments()
    {
        // Sunday noon UTC is one o'clock in Vienna.
        var slots = (SlotSum[])[Slot(0, segments: 1), Slot(0.5, segments: 2), Slot(-24, segments: 4), Slot(-1, segments: 8), Slot(24, segments: 16), Slot(3, drafts: 1, passes: 1)];

        var week = new Activity(slots, new TimeRange(Noon.AddDays(-3), Noon.AddDays(3)), Vienna, asked: null).Week;

        Assert.Equal(
            [new(DayOfWeek.Sunday, 12, 8), new(DayOfWeek.Sunday, 13, 3), new(DayOfWeek.Monday, 13, 16), new(DayOfWeek.Saturday, 13, 4)],
            (IEnumerable<HourOfWeek>)week);
    }

    /// <summary>Of a window of so many days that ends now.</summary>
    private static Activity Of(double days, TimeUnit? asked) => new([], new TimeRange(Noon.AddDays(-days), Noon + TimeRange.Instant), DateTimeZone.Utc, asked);

    private static SlotSum Slot(double hours, int drafts = 0, int segments = 0, long words = 0, int passes = 0, int completed = 0) =>
        SlotAt(Noon.AddHours(hours), drafts, segments, words, passes, completed);

    private static SlotSum SlotAt(DateTimeOffset at, int drafts = 0, int segments = 0, long words = 0, int passes = 0, int completed = 0) =>
        new((int)((at - DateTimeOffset.UnixEpoch) / FiguresQuery.SlotLength), drafts, segments, words, passes, completed);
}
