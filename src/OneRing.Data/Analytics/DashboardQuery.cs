using NodaTime;
using NodaTime.TimeZones;
using OneRing.Data.Drafts;

namespace OneRing.Data.Analytics;

/// <summary>How far back a dashboard looks from now.</summary>
public enum Window
{
    Day,
    Week,
    Month,

    /// <summary>Twelve months by the calendar.</summary>
    Year,
    All,
}

/// <summary>What the figures of a window are compared with.</summary>
public enum Comparison
{
    Nothing,

    /// <summary>The time of the same length just before.</summary>
    Before,

    /// <summary>52 weeks before, so that weekdays meet weekdays.</summary>
    YearBefore,
}

/// <summary>What a dashboard looks at.</summary>
/// <param name="Window">How far back from now; without meaning where dates are given.</param>
/// <param name="Dates">Whole days in the time zone, both included, instead of a window.</param>
/// <param name="Platform">Only drafts for this platform; all if null.</param>
/// <param name="Zone">The time zone in which days begin, by its IANA name; UTC if null.</param>
/// <param name="CountsAutomatic">Whether passes that no hand made count too: those that took a ring home, and those of a turn whose time was up.</param>
/// <param name="Unit">For how long a time activity is summed up; what suits the window if null.</param>
public sealed record DashboardQuery(
    Window Window = Window.Week,
    (DateOnly First, DateOnly Last)? Dates = null,
    Platform? Platform = null,
    Comparison Comparison = Comparison.Before,
    string? Zone = null,
    bool CountsAutomatic = false,
    TimeUnit? Unit = null)
{
    /// <summary>Nothing is compared with what was before this.</summary>
    private static readonly DateOnly Earliest = new(2, 1, 1);

    /// <summary>The first day that can be asked for.</summary>
    public static readonly DateOnly FirstDay = new(1970, 1, 1);

    /// <summary>The last day that can be asked for.</summary>
    public static readonly DateOnly LastDay = new(9998, 12, 31);

    /// <summary>The names of all time zones, each once.</summary>
    public static IReadOnlyList<string> Zones { get; } =
        ["UTC", .. TzdbDateTimeZoneSource.Default.CanonicalIdMap.Values.Distinct().Where(id => id.Contains('/', StringComparison.Ordinal) && !id.StartsWith("Etc/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>The time zone; null when there is none of this name, or the dates are in no order or in no time of ours.</summary>
    internal DateTimeZone? FindZone() =>
        Dates is { First: var first, Last: var last } && (first > last || first < FirstDay || last > LastDay) ? null
        : FindZone(Zone);

    /// <summary>A time zone by its IANA name, UTC without one; null when there is none of this name.</summary>
    internal static DateTimeZone? FindZone(string? name) => name is null ? DateTimeZone.Utc : DateTimeZoneProviders.Tzdb.GetZoneOrNull(name);

    /// <summary>The time that it asks for: nothing after now, and nothing from the instant on at which the window begins, but that after it.</summary>
    internal TimeRange Range(DateTimeOffset now, DateTimeZone zone)
    {
        var end = now + TimeRange.Instant;
        if (Dates is { First: var first, Last: var last })
        {
            var (from, to) = (StartOf(first, zone), StartOf(last.AddDays(1), zone));
            // Days that are still to come are empty.
            return new TimeRange(from, to < end ? to : end > from ? end : from);
        }

        DateTimeOffset? start = Window switch
        {
            Window.Day => now.AddHours(-24),
            Window.Week => now.AddDays(-7),
            Window.Month => now.AddDays(-30),
            Window.Year => Instant.FromDateTimeOffset(now).InZone(zone).LocalDateTime.PlusMonths(-12).InZoneLeniently(zone).ToDateTimeOffset().ToUniversalTime(),
            _ => null,
        };
        return new TimeRange(start + TimeRange.Instant, end);
    }

    /// <summary>The time to compare with; null without.</summary>
    internal TimeRange? RangeBefore(DateTimeOffset now, DateTimeZone zone)
    {
        const int YearOfWeeks = 364;
        var range = Range(now, zone);
        return (Comparison, Dates, range.From) switch
        {
            (Comparison.Nothing, _, _) or (_, _, null) => null,
            (Comparison.YearBefore, { } dates, _) => Shifted(dates, YearOfWeeks),
            (_, { } dates, _) => Shifted(dates, dates.Last.DayNumber - dates.First.DayNumber + 1),
            (Comparison.YearBefore, null, { } from) => new TimeRange(from.AddDays(-YearOfWeeks), range.To.AddDays(-YearOfWeeks)),
            (_, null, { } from) => new TimeRange(from - (range.To - from), from),
        };

        // As much of it as there is of the other: an afternoon that has not come yet is not compared with one that has passed.
        TimeRange? Shifted((DateOnly First, DateOnly Last) dates, int days)
        {
            if (dates.First.DayNumber - days < Earliest.DayNumber)
            {
                return null;
            }
            var from = StartOf(dates.First.AddDays(-days), zone);
            var to = StartOf(dates.Last.AddDays(1 - days), zone);
            var length = range.To - range.From!.Value;
            return new TimeRange(from, range.To < StartOf(dates.Last.AddDays(1), zone) && from + length < to ? from + length : to);
        }
    }

    /// <summary>The local date of an instant.</summary>
    internal static DateOnly DateOf(DateTimeOffset at, DateTimeZone zone) => Instant.FromDateTimeOffset(at).InZone(zone).Date.ToDateOnly();

    /// <summary>When a day begins: at midnight, or where the clock leaps over it, just after.</summary>
    internal static DateTimeOffset StartOf(DateOnly day, DateTimeZone zone) => zone.AtStartOfDay(LocalDate.FromDateOnly(day)).ToDateTimeOffset().ToUniversalTime();
}
