namespace OneRing.Data.Analytics;

/// <summary>How likely a draft is to be left lying.</summary>
public enum InactivityRisk
{
    Low,
    Medium,
    High,
}

/// <summary>That somebody had the ring, from receiving it to giving it away.</summary>
internal sealed record Hold(string UserId, DateTimeOffset From, DateTimeOffset To)
{
    public TimeSpan Time => To - From;
}

/// <summary>How fast a text grows, in words a day: in the seven days up to an instant, and in the seven before those.</summary>
/// <param name="WordsPerDay">Null when the draft was not there to be written in during those days: not yet, or complete already.</param>
/// <param name="WordsPerDayBefore">The same of the seven days before.</param>
public sealed record Velocity(double? WordsPerDay, double? WordsPerDayBefore);

/// <summary>The formulas of the figures: pure, so that the same history and the same instant always give the same answer.</summary>
internal static class Figures
{
    /// <summary>Without activity for so long, a draft is stalled.</summary>
    public static readonly TimeSpan Stalled = TimeSpan.FromHours(48);

    /// <summary>Without activity for so long, and with hardly a pass before, a draft may come to stall.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromHours(24);

    /// <summary>With fewer passes, the ring of a draft has hardly begun to move.</summary>
    public const int FewPasses = 2;

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    /// <summary>
    /// Who had the ring, and from when to when: from receiving it (the creator: from creation) to the next pass, to completion, or to the
    /// instant of the history, whichever comes first. In turn order. Source: the rows of <c>ring_passes</c>; none is assumed.
    /// </summary>
    /// <remarks>A ring that goes home after the end of a draft is not held any more: there is nothing left to write.</remarks>
    public static IReadOnlyList<Hold> Holds(DraftHistory history)
    {
        if (history.CreatedAt > history.Now)
        {
            return [];
        }

        var end = history.CompletedAt ?? history.Now;
        Handed[] receipts = [new(history.CreatorId, history.CreatedAt), .. history.Passes];
        return [.. receipts
            .Zip([.. receipts.Skip(1).Select(next => next.At), end], (receipt, until) => new Hold(receipt.ToId, receipt.At, until < end ? until : end))
            .Where(hold => hold.From <= hold.To)];
    }

    /// <summary>The arithmetic mean of times, in minutes with two decimals; null of none.</summary>
    public static double? MeanMinutes(IReadOnlyCollection<TimeSpan> times) =>
        times.Count == 0 ? null : Round(times.Sum(time => (decimal)time.Ticks) / (times.Count * (decimal)TimeSpan.TicksPerMinute), 2);

    /// <summary>
    /// The time below which a share of the times lies, in minutes with two decimals; null of none. Between two times it interpolates
    /// linearly, at the place share × (n − 1) counted from 0, as PostgreSQL's <c>percentile_cont</c> does.
    /// </summary>
    public static double? PercentileMinutes(IEnumerable<TimeSpan> times, decimal share)
    {
        var ordered = times.Order().ToList();
        return PercentileMinutes(ordered.Count, share, place => ordered[place]);
    }

    /// <summary>The same of times of which it is known how many there are, and which one stands at a place of their order.</summary>
    public static double? PercentileMinutes(int count, decimal share, Func<int, TimeSpan> timeAt)
    {
        if (count == 0)
        {
            return null;
        }

        var place = share * (count - 1);
        var (below, above) = (timeAt(PlaceBelow(count, share)).Ticks, timeAt(PlaceAbove(count, share)).Ticks);
        return Round((below + ((above - below) * (place - decimal.Floor(place)))) / TimeSpan.TicksPerMinute, 2);
    }

    /// <summary>The place of the last time that lies at or below a percentile.</summary>
    public static int PlaceBelow(int count, decimal share) => (int)decimal.Floor(share * (count - 1));

    /// <summary>The place of the first time that lies at or above it.</summary>
    public static int PlaceAbove(int count, decimal share) => (int)decimal.Ceiling(share * (count - 1));

    /// <summary>
    /// How evenly people have written: 1 − Gini coefficient of their numbers of segments, with three decimals. 1 is all alike; one of n
    /// who wrote everything gives 1/n. Over the owner and the writers of the instant and everybody who wrote before. Null without segments.
    /// </summary>
    /// <param name="authors">Everybody who has written, with the number of their segments.</param>
    public static double? Fairness(IEnumerable<KeyValuePair<string, int>> authors, IEnumerable<Member> members)
    {
        var counts = authors.ToDictionary(StringComparer.Ordinal);
        foreach (var member in members.Where(member => member.CanHold))
        {
            counts.TryAdd(member.UserId, 0);
        }
        return Gini(counts.Values) is { } gini ? Round(1 - gini, 3) : null;
    }

    /// <inheritdoc cref="Fairness(IEnumerable{KeyValuePair{string, int}}, IEnumerable{Member})"/>
    public static double? Fairness(DraftHistory history) => Fairness(history.Authors, history.Members);

    /// <summary>The Gini coefficient: Σ (2i − n − 1) xᵢ / (n Σ xᵢ) over the sorted numbers, i from 1 to n. Null when they sum to nothing.</summary>
    public static decimal? Gini(IEnumerable<int> numbers)
    {
        var sorted = numbers.Order().ToList();
        var sum = sorted.Sum(number => (decimal)number);
        return sum == 0 ? null : sorted.Select((number, index) => ((2m * (index + 1)) - sorted.Count - 1) * number).Sum() / (sorted.Count * sum);
    }

    /// <summary>High: at least 48 hours without activity. Medium: at least 24, and fewer than two passes in all. Low: everything else.</summary>
    public static InactivityRisk InactivityRiskOf(DraftHistory history) =>
        history.Idle >= Stalled ? InactivityRisk.High
        : history.Idle >= Slow && history.Passes.Count < FewPasses ? InactivityRisk.Medium
        : InactivityRisk.Low;

    /// <summary>
    /// The words of the segments written in (now − 7 days, now], and in the seven days before those, each divided by the days of that week
    /// on which the draft was there to be written in: since its creation, until its completion. With one decimal. Less than a day counts as one,
    /// so that a good first hour promises nothing. Null when it was not there at all.
    /// </summary>
    public static Velocity VelocityOf(DraftHistory history) =>
        new(WordsPerDay(history, TimeSpan.Zero), WordsPerDay(history, Week));

    // In ages rather than instants: before the first and after the last day of the calendar there are none.
    private static double? WordsPerDay(DraftHistory history, TimeSpan ago)
    {
        var until = ago + Week;
        var (created, completed) = (history.Now - history.CreatedAt, history.Now - history.CompletedAt);
        if (created < ago || completed >= until)
        {
            return null;
        }

        var there = (created < until ? created : until) - (completed > ago ? completed.Value : ago);
        var words = history.Segments.Where(segment => history.Now - segment.At is var age && age >= ago && age < until).Sum(segment => (decimal)segment.Words);
        return Round(words / Math.Max(1, there.Ticks / (decimal)TimeSpan.TicksPerDay), 1);
    }

    private static double Round(decimal value, int decimals) => (double)Math.Round(value, decimals, MidpointRounding.AwayFromZero);
}
