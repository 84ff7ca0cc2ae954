using System.Globalization;
using NodaTime;
using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Rings;

/// <summary>What a turn's clock counts, to the second: typed by hand from calendars.</summary>
public sealed class RestTimesTests
{
    private static readonly RestTimes None = new(RestDays.None, From: null, To: null);
    private static readonly RestTimes Weekend = new(RestDays.Weekend, From: null, To: null);
    private static readonly RestTimes Nights = new(RestDays.None, new TimeOnly(22, 0), new TimeOnly(7, 0));
    private static readonly RestTimes Noons = new(RestDays.Sunday, new TimeOnly(12, 0), new TimeOnly(14, 30));

    [Theory]
    // Without any rest, time is time.
    [InlineData("none", "Europe/Berlin", "2026-03-28T12:00:00+01:00", 24, "2026-03-29T13:00:00+02:00")]
    // Saturday and Sunday do not count: what began on a Friday evening goes on on Monday.
    [InlineData("weekend", "Europe/Berlin", "2026-05-08T18:00:00+02:00", 24, "2026-05-11T18:00:00+02:00")]
    [InlineData("weekend", "Europe/Berlin", "2026-05-09T10:00:00+02:00", 1, "2026-05-11T01:00:00+02:00")]
    // Used up exactly when a Friday ends, it ends there and not on Monday.
    [InlineData("weekend", "Europe/Berlin", "2026-05-08T18:00:00+02:00", 6, "2026-05-09T00:00:00+02:00")]
    // Clocks go forward in the night to Sunday 29 March 2026: from 22:00 to 7:00 are eight hours, and 15 count on each day.
    [InlineData("nights", "Europe/Berlin", "2026-03-28T20:00:00+01:00", 3, "2026-03-29T08:00:00+02:00")]
    [InlineData("nights", "Europe/Berlin", "2026-03-28T20:00:00+01:00", 17, "2026-03-29T22:00:00+02:00")]
    [InlineData("nights", "Europe/Berlin", "2026-03-28T20:00:00+01:00", 18, "2026-03-30T08:00:00+02:00")]
    // And back on 25 October.
    [InlineData("nights", "Europe/Berlin", "2026-10-24T20:00:00+02:00", 3, "2026-10-25T08:00:00+01:00")]
    // A day on which clocks go forward has 23 hours, one on which they go back 25; the weekend leaves neither. New York, a Sunday too.
    [InlineData("none", "America/New_York", "2026-10-31T12:00:00-04:00", 24, "2026-11-01T11:00:00-05:00")]
    // In Chile it is a Saturday at midnight that there is twice; here the daily rest counts through it. At Lord Howe it is half an hour.
    [InlineData("nights", "Australia/Lord_Howe", "2026-04-04T21:30:00+11:00", 1, "2026-04-05T07:30:00+10:30")]
    [InlineData("weekend", "Australia/Lord_Howe", "2026-04-03T23:30:00+11:00", 1, "2026-04-06T00:30:00+10:30")]
    // A leap day is a day.
    [InlineData("nights", "Asia/Kathmandu", "2028-02-28T21:00:00+05:45", 17, "2028-03-01T08:00:00+05:45")]
    [InlineData("weekend", "UTC", "2028-02-25T12:00:00Z", 60, "2028-03-01T00:00:00Z")]
    // A rest within a day, and a Sunday.
    [InlineData("noons", "Asia/Kathmandu", "2026-05-09T11:00:00+05:45", 2, "2026-05-09T15:30:00+05:45")]
    [InlineData("noons", "Asia/Kathmandu", "2026-05-09T13:00:00+05:45", 10, "2026-05-11T00:30:00+05:45")]
    // The day that Samoa left out, a Friday, has no hour at all.
    [InlineData("weekend", "Pacific/Apia", "2011-12-29T23:00:00-10:00", 2, "2012-01-02T01:00:00+14:00")]
    public void Only_what_is_no_rest_counts(string rest, string zone, string start, int hours, string end)
    {
        var (the, where) = (Of(rest), DateTimeZoneProviders.Tzdb[zone]);
        var (from, to) = (At(start), At(end));

        Assert.Equal(to, the.Add(from, TimeSpan.FromHours(hours), where));
        Assert.Equal(TimeSpan.FromHours(hours), the.Between(from, to, where));
    }

    [Fact]
    public void What_is_added_has_been_counted_whenever_it_began()
    {
        var random = new Random(20260504);
        DateTimeZone[] zones = [.. new[] { "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago", "Africa/Casablanca" }.Select(id => DateTimeZoneProviders.Tzdb[id])];
        for (var i = 0; i < 2_000; i++)
        {
            var rest = new RestTimes((RestDays)random.Next(0, 127), null, null);
            if (random.Next(3) > 0)
            {
                var from = new TimeOnly(random.Next(24), random.Next(60));
                rest = rest with { From = from, To = from.AddMinutes(random.Next(1, 23 * 60)) };
            }
            Assert.True(rest.LeavesTime);
            var zone = zones[random.Next(zones.Length)];
            var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(random.Next(3 * 365 * 86_400));
            var counted = TimeSpan.FromSeconds(random.Next(1, 30 * 86_400));

            var end = rest.Add(start, counted, zone);

            Assert.Equal(counted, rest.Between(start, end, zone));
            var middle = start + TimeSpan.FromSeconds(random.NextInt64((end - start).Ticks / TimeSpan.TicksPerSecond));
            Assert.Equal(counted, rest.Between(start, middle, zone) + rest.Between(middle, end, zone));
        }
    }

    [Theory]
    [InlineData(RestDays.All, null, null, false)]
    [InlineData(RestDays.All & ~RestDays.Tuesday, null, null, true)]
    [InlineData(RestDays.None, "09:00", "09:00", false)]
    [InlineData(RestDays.None, "09:00", "08:00", true)]
    [InlineData(RestDays.None, "09:00", "08:01", false)]
    [InlineData(RestDays.None, "09:00", null, false)]
    [InlineData(RestDays.None, null, "09:00", false)]
    [InlineData(RestDays.None, "00:00", "00:00", false)]
    [InlineData(RestDays.All, "09:00", "10:00", false)]
    [InlineData((RestDays)128, null, null, false)]
    [InlineData((RestDays)(-1), null, null, false)]
    public void An_hour_of_a_day_must_be_left(RestDays days, string? from, string? to, bool leavesTime)
    {
        static TimeOnly? Time(string? text) => text is null ? null : TimeOnly.Parse(text, CultureInfo.InvariantCulture);

        Assert.Equal(leavesTime, new RestTimes(days, Time(from), Time(to)).LeavesTime);
    }

    [Theory]
    [InlineData("none", "2026-05-09T10:00:00+02:00", "2026-05-09T10:00:00+02:00")]
    [InlineData("weekend", "2026-05-08T18:00:00+02:00", "2026-05-08T18:00:00+02:00")]
    [InlineData("weekend", "2026-05-09T10:00:00+02:00", "2026-05-11T00:00:00+02:00")]
    [InlineData("nights", "2026-05-08T22:00:00+02:00", "2026-05-09T07:00:00+02:00")]
    [InlineData("nights", "2026-05-08T07:00:00+02:00", "2026-05-08T07:00:00+02:00")]
    [InlineData("noons", "2026-05-08T12:00:00+02:00", "2026-05-08T14:30:00+02:00")]
    [InlineData("noons", "2026-05-10T12:00:00+02:00", "2026-05-11T00:00:00+02:00")]
    public void The_next_instant_that_counts_is_the_end_of_the_rest_or_the_instant_itself(string rest, string from, string next) =>
        Assert.Equal(At(next), Of(rest).Next(At(from), DateTimeZoneProviders.Tzdb["Europe/Berlin"]));

    [Theory]
    [InlineData("none")]
    [InlineData("weekend")]
    public void Nothing_is_counted_backwards(string rest)
    {
        var (the, zone, saturday) = (Of(rest), DateTimeZone.Utc, At("2026-05-09T10:00:00Z"));

        Assert.Equal(saturday, the.Add(saturday, TimeSpan.FromHours(-1), zone));
        Assert.Equal(saturday, the.Add(saturday, TimeSpan.Zero, zone));
        Assert.Equal(TimeSpan.Zero, the.Between(saturday, saturday, zone));
        Assert.Equal(TimeSpan.Zero, the.Between(saturday, saturday.AddDays(-7), zone));
    }

    [Fact]
    public void Days_of_rest_are_days_of_the_week_from_Monday_on()
    {
        var days = Enum.GetValues<DayOfWeek>().ToRestDays();

        Assert.Equal(RestDays.All, days);
        Assert.Equal([DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday, DayOfWeek.Saturday, DayOfWeek.Sunday], days.ToDaysOfWeek());
        Assert.Equal([DayOfWeek.Tuesday, DayOfWeek.Sunday], (RestDays.Sunday | RestDays.Tuesday).ToDaysOfWeek());
        Assert.Equal((RestDays.Monday, RestDays.Saturday, RestDays.Sunday), (DayOfWeek.Monday.ToRestDays(), DayOfWeek.Saturday.ToRestDays(), DayOfWeek.Sunday.ToRestDays()));
        Assert.Equal(RestDays.Weekend, new[] { DayOfWeek.Sunday, DayOfWeek.Saturday, DayOfWeek.Sunday }.ToRestDays());
        Assert.True(RestDays.Weekend.Includes(DayOfWeek.Sunday));
        Assert.False(RestDays.Weekend.Includes(DayOfWeek.Friday));
    }

    private static RestTimes Of(string name) => name switch
    {
        "weekend" => Weekend,
        "nights" => Nights,
        "noons" => Noons,
        _ => None,
    };

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
