namespace OneRing.Data.Analytics;

/// <summary>What one person has done in a draft.</summary>
/// <param name="RingsReceived">How often the ring was passed to them. The creator's first turn came by no pass.</param>
/// <param name="AverageHoldMinutes">Over every time they held the ring, the present one too; null if they never did.</param>
public sealed record ContributorFigures(
    string UserId,
    string Name,
    int Segments,
    int Words,
    int RingsReceived,
    double? AverageHoldMinutes,
    double? MedianHoldMinutes,
    double? P90HoldMinutes);

/// <summary>What happened in a draft on one UTC day.</summary>
public sealed record DraftDay(DateOnly Date, int Segments, int Passes);

/// <summary>The figures of a draft at an instant, for its people.</summary>
/// <param name="Contributors">Everybody who has written, and the creator: most segments first, then by user id.</param>
/// <param name="Daily">The last days, the one of the instant being the last; days on which nothing happened too.</param>
/// <param name="Fairness">1 when all have written alike, towards 0 the less so; null without segments.</param>
public sealed record DraftFigures(
    Guid DraftId,
    int Segments,
    int Words,
    int RingPasses,
    IReadOnlyList<ContributorFigures> Contributors,
    IReadOnlyList<DraftDay> Daily,
    InactivityRisk InactivityRisk,
    double? Fairness)
{
    internal static DraftFigures Of(DraftHistory history, int days)
    {
        var segments = history.Segments.ToLookup(segment => segment.AuthorId, StringComparer.Ordinal);
        var received = history.Passes.CountBy(pass => pass.ToId, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var holds = Figures.Holds(history).ToLookup(hold => hold.UserId, hold => hold.Time, StringComparer.Ordinal);
        var contributors = history.Authors.Select(author => author.Key).Union([history.CreatorId], StringComparer.Ordinal);

        return new DraftFigures(
            history.DraftId, history.Segments.Count, history.Segments.Sum(segment => segment.Words), history.Passes.Count,
            [.. contributors.Select(userId => new ContributorFigures(
                userId, history.NameOf(userId), segments[userId].Count(), segments[userId].Sum(segment => segment.Words), received.GetValueOrDefault(userId),
                Figures.MeanMinutes([.. holds[userId]]), Figures.PercentileMinutes(holds[userId], 0.5m), Figures.PercentileMinutes(holds[userId], 0.9m)))],
            DaysOf(history, days), Figures.InactivityRiskOf(history), Figures.Fairness(history));
    }

    private static List<DraftDay> DaysOf(DraftHistory history, int days)
    {
        static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

        var segments = history.Segments.CountBy(segment => DayOf(segment.At)).ToDictionary();
        var passes = history.Passes.CountBy(pass => DayOf(pass.At)).ToDictionary();
        var last = DayOf(history.Now).DayNumber;
        return [.. Enumerable.Range(last - days + 1, days)
            .Where(day => day >= 0) // The calendar begins with year 1.
            .Select(DateOnly.FromDayNumber)
            .Select(day => new DraftDay(day, segments.GetValueOrDefault(day), passes.GetValueOrDefault(day)))];
    }
}
