using NodaTime;
using NodaTime.Extensions;

namespace OneRing.Data.Rings;

/// <summary>Days of the week on which no turn's clock counts.</summary>
[Flags]
public enum RestDays
{
    None = 0,
    Monday = 1,
    Tuesday = 2,
    Wednesday = 4,
    Thursday = 8,
    Friday = 16,
    Saturday = 32,
    Sunday = 64,
    Weekend = Saturday | Sunday,
    All = 127,
}

public static class RestDaysExtensions
{
    public static RestDays ToRestDays(this DayOfWeek day) => (RestDays)(1 << (((int)day + 6) % 7));

    public static RestDays ToRestDays(this IEnumerable<DayOfWeek> days) => days.Aggregate(RestDays.None, (all, day) => all | day.ToRestDays());

    /// <summary>The days, from Monday on.</summary>
    public static IEnumerable<DayOfWeek> ToDaysOfWeek(this RestDays days) => Enum.GetValues<DayOfWeek>().Where(day => days.Includes(day)).OrderBy(ToRestDays);

    public static bool Includes(this RestDays days, DayOfWeek day) => days.HasFlag(day.ToRestDays());
}

/// <summary>
/// Hours of the day and days of the week that no turn's clock counts, as clocks show them in the time zone of whoever holds the ring. What is counted is time that
/// passes: an hour that clocks skip is none, one that they show twice is two.
/// </summary>
/// <param name="From">When the daily rest begins; null without one.</param>
/// <param name="To">When it ends; earlier than its beginning if it goes over midnight.</param>
public sealed record RestTimes(RestDays Days, TimeOnly? From, TimeOnly? To)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan ShortestRestOfDay = TimeSpan.FromHours(1);

    private bool IsNone => Days == RestDays.None && From is null;

    /// <summary>Whether there is a day left to write on, and at least an hour of it.</summary>
    public bool LeavesTime => Days is >= RestDays.None and < RestDays.All
        && ((From is null && To is null) || (From is { } from && To is { } to && from != to && Day - (to - from) >= ShortestRestOfDay));

    /// <summary>The first instant that counts, from another one on.</summary>
    public DateTimeOffset Next(DateTimeOffset from, DateTimeZone zone) =>
        IsNone ? from : Counted(Instant.FromDateTimeOffset(from), zone).First().Start.ToDateTimeOffset();

    /// <summary>The instant at which so much time has been counted since another one.</summary>
    public DateTimeOffset Add(DateTimeOffset start, TimeSpan counted, DateTimeZone zone)
    {
        if (IsNone || counted <= TimeSpan.Zero)
        {
            return start + (counted > TimeSpan.Zero ? counted : TimeSpan.Zero);
        }

        var left = Duration.FromTimeSpan(counted);
        foreach (var stretch in Counted(Instant.FromDateTimeOffset(start), zone))
        {
            if (stretch.Duration >= left)
            {
                return (stretch.Start + left).ToDateTimeOffset();
            }
            left -= stretch.Duration;
        }
        throw new InvalidOperationException("Rest times that leave no time count for ever.");
    }

    /// <summary>How much time has been counted between two instants.</summary>
    public TimeSpan Between(DateTimeOffset start, DateTimeOffset end, DateTimeZone zone)
    {
        if (end <= start)
        {
            return TimeSpan.Zero;
        }
        if (IsNone)
        {
            return end - start;
        }

        var last = Instant.FromDateTimeOffset(end);
        return Counted(Instant.FromDateTimeOffset(start), zone)
            .TakeWhile(stretch => stretch.Start < last)
            .Aggregate(Duration.Zero, (sum, stretch) => sum + (Instant.Min(stretch.End, last) - stretch.Start))
            .ToTimeSpan();
    }

    /// <summary>The stretches of time that count, from an instant on, without end.</summary>
    private IEnumerable<Interval> Counted(Instant from, DateTimeZone zone)
    {
        for (var date = from.InZone(zone).Date; ; date = date.PlusDays(1))
        {
            foreach (var (start, end) in CountedOn(date, zone))
            {
                var first = Instant.Max(start, from);
                if (first < end)
                {
                    yield return new Interval(first, end);
                }
            }
        }
    }

    private IEnumerable<(Instant Start, Instant End)> CountedOn(LocalDate date, DateTimeZone zone)
    {
        if (Days.Includes(date.DayOfWeek.ToDayOfWeek()))
        {
            return [];
        }

        // Leniently, too, because a zone may leave out a whole day.
        Instant Of(LocalDateTime local) => local.InZoneLeniently(zone).ToInstant();
        Instant At(TimeOnly time) => Of(date.At(LocalTime.FromTimeOnly(time)));
        var (start, end) = (Of(date.AtMidnight()), Of(date.PlusDays(1).AtMidnight()));
        return (From, To) switch
        {
            ({ } from, { } to) when from < to => [(start, At(from)), (At(to), end)],
            ({ } from, { } to) => [(At(to), At(from))],
            _ => [(start, end)],
        };
    }
}
