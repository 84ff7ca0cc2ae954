using NodaTime;
using OneRing.Data.Analytics;

namespace OneRing.Data.Tests.Analytics;

/// <summary>Which time a dashboard asks for, and with which it compares, without a database.</summary>
public sealed class DashboardQueryTests
{
    private static readonly DateTimeZone Vienna = DateTimeZoneProviders.Tzdb["Europe/Vienna"];
    private static readonly DateTimeOffset Now = new(2026, 3, 31, 13, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(Window.Day, "2026-03-30T13:00")]
    [InlineData(Window.Week, "2026-03-24T13:00")]
    [InlineData(Window.Month, "2026-03-01T13:00")]
    [InlineData(Window.Year, "2025-03-31T13:00")]
    [InlineData(Window.All, null)]
    public void A_window_begins_after_its_start_and_ends_with_now(Window window, string? start)
    {
        var range = new DashboardQuery(window).Range(Now, DateTimeZone.Utc);

        Assert.Equal(new TimeRange(start is null ? null : Utc(start) + TimeRange.Instant, Now + TimeRange.Instant), range);
    }

    [Fact]
    public void A_year_is_of_the_calendar_and_of_the_clocks_of_the_time_zone()
    {
        // Clocks are set on the 29th of March 2026, and were on the 30th in 2025: at noon there, summer time has begun this year and had not then.
        var now = new DateTimeOffset(2026, 3, 29, 10, 0, 0, TimeSpan.Zero);

        Assert.Equal(Utc("2025-03-29T11:00") + TimeRange.Instant, new DashboardQuery(Window.Year).Range(now, Vienna).From);
        Assert.Equal(Utc("2023-02-28T12:00") + TimeRange.Instant, new DashboardQuery(Window.Year).Range(Utc("2024-02-29T12:00"), DateTimeZone.Utc).From);
    }

    [Fact]
    public void Days_begin_and_end_at_midnight_of_the_time_zone_and_no_later_than_now()
    {
        Assert.Equal(new TimeRange(Utc("2026-03-27T23:00"), Utc("2026-03-29T22:00")), Of("2026-03-28", "2026-03-29").Range(Now, Vienna));
        Assert.Equal(new TimeRange(Utc("2026-03-29T22:00"), Now + TimeRange.Instant), Of("2026-03-30", "2026-03-31").Range(Now, Vienna));
        Assert.Equal(new TimeRange(Utc("2026-03-31T22:00"), Utc("2026-03-31T22:00")), Of("2026-04-01", "2026-04-02").Range(Now, Vienna));
    }

    [Fact]
    public void The_time_before_has_the_same_length_and_ends_where_this_begins()
    {
        var week = new DashboardQuery(Window.Week);
        Assert.Equal(new TimeRange(Utc("2026-03-17T13:00") + TimeRange.Instant, Utc("2026-03-24T13:00") + TimeRange.Instant), week.RangeBefore(Now, Vienna));

        Assert.Equal(new TimeRange(Utc("2026-03-25T23:00"), Utc("2026-03-27T23:00")), Of("2026-03-28", "2026-03-29").RangeBefore(Now, Vienna));
    }

    [Fact]
    public void A_year_before_is_of_weeks_so_that_weekdays_meet()
    {
        var week = new DashboardQuery(Window.Week, Comparison: Comparison.YearBefore);
        Assert.Equal(new TimeRange(Utc("2025-03-25T13:00") + TimeRange.Instant, Utc("2025-04-01T13:00") + TimeRange.Instant), week.RangeBefore(Now, Vienna));

        var days = Of("2026-03-28", "2026-03-29") with { Comparison = Comparison.YearBefore };
        Assert.Equal(new TimeRange(Utc("2025-03-28T23:00"), Utc("2025-03-30T22:00")), days.RangeBefore(Now, Vienna));
    }

    [Fact]
    public void A_day_that_is_not_over_is_compared_with_as_much_of_the_day_before()
    {
        // Half past one in Kathmandu is a quarter to eight in UTC: so much of the day has passed.
        var zone = DateTimeZoneProviders.Tzdb["Asia/Kathmandu"];
        var now = Utc("2026-03-31T07:45");

        Assert.Equal(new TimeRange(Utc("2026-03-29T18:15"), now.AddDays(-1) + TimeRange.Instant), Of("2026-03-31", "2026-03-31").RangeBefore(now, zone));
        // Of a day to come nothing has passed.
        Assert.Equal(new TimeRange(Utc("2026-03-30T18:15"), Utc("2026-03-30T18:15")), Of("2026-04-01", "2026-04-01").RangeBefore(now, zone));
        // The day before had 23 hours: of those no more than there were.
        var evening = Utc("2026-03-30T21:30");
        Assert.Equal(new TimeRange(Utc("2026-03-28T23:00"), Utc("2026-03-29T22:00")), Of("2026-03-30", "2026-03-30").RangeBefore(evening, Vienna));
    }

    [Fact]
    public void There_is_nothing_to_compare_with_if_nothing_was_asked_for_or_nothing_could_be_before()
    {
        Assert.Null(new DashboardQuery(Window.Week, Comparison: Comparison.Nothing).RangeBefore(Now, Vienna));
        Assert.Null((Of("2026-03-28", "2026-03-29") with { Comparison = Comparison.Nothing }).RangeBefore(Now, Vienna));
        Assert.Null(new DashboardQuery(Window.All).RangeBefore(Now, Vienna));
        Assert.Null(Of("1970-01-01", "9998-12-31").RangeBefore(Now, Vienna));
        // Nothing is compared with what was before the second year.
        var first = new DateOnly(1970, 1, 1);
        var length = first.DayNumber - new DateOnly(2, 1, 1).DayNumber;
        Assert.NotNull(new DashboardQuery(Dates: (first, first.AddDays(length - 1))).RangeBefore(Now, Vienna));
        Assert.Null(new DashboardQuery(Dates: (first, first.AddDays(length))).RangeBefore(Now, Vienna));
    }

    [Fact]
    public void A_time_zone_goes_by_its_name_and_dates_are_in_order_and_in_our_time()
    {
        Assert.Equal("UTC", new DashboardQuery().FindZone()!.Id);
        Assert.Equal("Europe/Vienna", new DashboardQuery(Zone: "Europe/Vienna").FindZone()!.Id);
        Assert.Null(new DashboardQuery(Zone: "Nowhere").FindZone());
        Assert.Equal("UTC", Of("2026-03-28", "2026-03-28").FindZone()!.Id);
        Assert.Null(Of("2026-03-28", "2026-03-27").FindZone());
        Assert.NotNull(Of("1970-01-01", "9998-12-31").FindZone());
        Assert.Null(Of("1969-12-31", "9998-12-31").FindZone());
        Assert.Null(Of("1970-01-01", "9999-01-01").FindZone());
    }

    [Fact]
    public void All_time_zones_are_named_once_and_in_order_after_UTC()
    {
        Assert.Equal("UTC", DashboardQuery.Zones[0]);
        Assert.Contains("Europe/Vienna", DashboardQuery.Zones);
        Assert.DoesNotContain(DashboardQuery.Zones, zone => zone.StartsWith("Etc/", StringComparison.Ordinal));
        Assert.All(DashboardQuery.Zones.Skip(1), zone => Assert.Contains('/', zone));
        Assert.Equal(DashboardQuery.Zones.Skip(1).Distinct().Order(StringComparer.Ordinal), DashboardQuery.Zones.Skip(1));
        Assert.All(DashboardQuery.Zones, zone => Assert.NotNull(DashboardQuery.FindZone(zone)));
    }

    [Fact]
    public void A_day_begins_just_after_midnight_where_clocks_leap_over_it()
    {
        var beirut = DateTimeZoneProviders.Tzdb["Asia/Beirut"];

        Assert.Equal(Utc("2022-03-26T22:00"), DashboardQuery.StartOf(new DateOnly(2022, 3, 27), beirut));
        Assert.Equal(new DateOnly(2022, 3, 27), DashboardQuery.DateOf(Utc("2022-03-26T22:00"), beirut));
        Assert.Equal(new DateOnly(2022, 3, 26), DashboardQuery.DateOf(Utc("2022-03-26T21:59"), beirut));
    }

    private static DashboardQuery Of(string first, string last) => new(Dates: (DateOnly.Parse(first, null), DateOnly.Parse(last, null)));

    private static DateTimeOffset Utc(string at) => new(DateTime.Parse(at, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Zero);
}
