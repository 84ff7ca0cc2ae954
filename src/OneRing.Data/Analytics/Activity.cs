using NodaTime;
using NodaTime.Extensions;
using OneRing.Data.Analytics.Rollups;

namespace OneRing.Data.Analytics;

/// <summary>The sums of a window put together by the clocks and calendars of a time zone.</summary>
internal sealed class Activity
{
    /// <summary>No chart is drawn of more periods, and nobody reads so long a table.</summary>
    public const int MostPeriods = 750;

    private readonly DateTimeZone zone;

    /// <summary>Puts them together.</summary>
    /// <param name="asked">For how long a time to sum up; what suits the length of the window if null.</param>
    public Activity(IReadOnlyList<SlotSum> slots, TimeRange range, DateTimeZone zone, TimeUnit? asked)
    {
        this.zone = zone;
        var last = range.To - TimeRange.Instant;
        var first = range.From ?? slots.Select(slot => slot.At).DefaultIfEmpty(last).Min();
        Unit = UnitFor(last - first, asked);
        Week = [.. slots
            .Where(slot => slot.Segments > 0)
            .GroupBy(slot => HourOf(slot.At))
            .Select(hour => new HourOfWeek(hour.Key.Day, hour.Key.Hour, hour.Sum(slot => slot.Segments)))
            .OrderBy(hour => hour.Day).ThenBy(hour => hour.Hour)];
        Periods = first > last ? [] : PeriodsOf(slots, first, last);
    }

    public TimeUnit Unit { get; }

    public IReadOnlyList<ActivityPeriod> Periods { get; }

    public IReadOnlyList<HourOfWeek> Week { get; }

    private static TimeUnit UnitFor(TimeSpan length, TimeUnit? asked)
    {
        var suits = asked ?? length.TotalDays switch
        {
            <= 2 => TimeUnit.Hour,
            <= 95 => TimeUnit.Day,
            <= 3 * 366 => TimeUnit.Week,
            _ => TimeUnit.Month,
        };
        var atLeast = length.TotalDays switch
        {
            <= (MostPeriods / 24) - 1 => TimeUnit.Hour,
            <= MostPeriods - 2 => TimeUnit.Day,
            <= (MostPeriods - 2) * 7 => TimeUnit.Week,
            _ => TimeUnit.Month,
        };
        return suits < atLeast ? atLeast : suits;
    }

    private List<ActivityPeriod> PeriodsOf(IReadOnlyList<SlotSum> slots, DateTimeOffset first, DateTimeOffset last)
    {
        var byStart = slots.ToLookup(slot => StartOf(slot.At));
        var periods = new List<ActivityPeriod>();
        for (var start = StartOf(first); start <= last; start = Next(start))
        {
            var own = byStart[start];
            periods.Add(new ActivityPeriod(
                At(start).ToDateTimeOffset(), own.Sum(s => s.Drafts), own.Sum(s => s.Segments), own.Sum(s => s.Words), own.Sum(s => s.Passes), own.Sum(s => s.Completed)));
        }
        return periods;
    }

    /// <summary>When the period begins in which an instant lies.</summary>
    private DateTimeOffset StartOf(DateTimeOffset at)
    {
        if (Unit == TimeUnit.Hour)
        {
            // An hour in which clocks are set begins anew with the setting.
            var local = At(at);
            var start = local.ToInstant() - Duration.FromTicks(local.LocalDateTime.TickOfDay % NodaConstants.TicksPerHour);
            var since = zone.GetZoneInterval(local.ToInstant());
            return (since.HasStart && since.Start > start ? since.Start : start).ToDateTimeOffset();
        }
        return DashboardQuery.StartOf(FirstDay(DashboardQuery.DateOf(at, zone)), zone);
    }

    private DateTimeOffset Next(DateTimeOffset start) => Unit switch
    {
        TimeUnit.Hour => StartOf(start.AddHours(1)),
        TimeUnit.Day => DashboardQuery.StartOf(DashboardQuery.DateOf(start, zone).AddDays(1), zone),
        TimeUnit.Week => DashboardQuery.StartOf(DashboardQuery.DateOf(start, zone).AddDays(7), zone),
        _ => DashboardQuery.StartOf(DashboardQuery.DateOf(start, zone).AddMonths(1), zone),
    };

    private DateOnly FirstDay(DateOnly day) => Unit switch
    {
        TimeUnit.Week => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
        TimeUnit.Month => new DateOnly(day.Year, day.Month, 1),
        _ => day,
    };

    private ZonedDateTime At(DateTimeOffset at) => Instant.FromDateTimeOffset(at).InZone(zone);

    private (DayOfWeek Day, int Hour) HourOf(DateTimeOffset at) => At(at) is var local ? (local.DayOfWeek.ToDayOfWeek(), local.Hour) : default;
}
