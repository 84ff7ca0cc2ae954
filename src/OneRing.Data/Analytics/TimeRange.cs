namespace OneRing.Data.Analytics;

/// <summary>From an instant to before another one.</summary>
/// <param name="From">The first instant that belongs to it; null when it has no beginning.</param>
/// <param name="To">The first one that does not.</param>
internal sealed record TimeRange(DateTimeOffset? From, DateTimeOffset To)
{
    /// <summary>Times are cut to microseconds: the next instant after one.</summary>
    public static readonly TimeSpan Instant = TimeSpan.FromMicroseconds(1);

    /// <summary>After everything that can be asked for; a day, an hour and a block of days begin with it.</summary>
    public static readonly DateTimeOffset EndOfTime = DateTimeOffset.UnixEpoch.AddDays(91_653 * Rollups.Spans.Block);

    /// <summary>What of it is not before an instant.</summary>
    public TimeRange NotBefore(DateTimeOffset? instant) =>
        instant is { } first && (From is null || From < first) ? new TimeRange(first, To > first ? To : first) : this;

    /// <summary>Cuts this into the whole units of time in it, and what is left at either end.</summary>
    public CutRange Cut(TimeSpan unit)
    {
        var end = (int)Math.Floor(Units(To, unit));
        var first = From is { } from ? (int)Math.Ceiling(Units(from, unit)) : int.MinValue;
        if (first >= end)
        {
            return new CutRange(0, 0, [this]);
        }

        List<TimeRange> edges = [];
        if (From is { } start && start < At(first, unit))
        {
            edges.Add(new TimeRange(start, At(first, unit)));
        }
        if (At(end, unit) < To)
        {
            edges.Add(new TimeRange(At(end, unit), To));
        }
        return new CutRange(first, end, edges);
    }

    private static decimal Units(DateTimeOffset at, TimeSpan unit) => (decimal)(at - DateTimeOffset.UnixEpoch).Ticks / unit.Ticks;

    private static DateTimeOffset At(int units, TimeSpan unit) => DateTimeOffset.UnixEpoch + (units * unit);
}

/// <summary>A range of time in whole units and edges.</summary>
/// <param name="First">The first whole unit, counted from 1 January 1970, UTC; the lowest number when the range has no beginning.</param>
/// <param name="End">The one after the last.</param>
/// <param name="Edges">What the whole units leave: nothing, one or two ranges.</param>
internal sealed record CutRange(int First, int End, IReadOnlyList<TimeRange> Edges);
