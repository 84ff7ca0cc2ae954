using OneRing.Data.Accounts;

namespace OneRing.Data.Analytics;

/// <summary>What a leaderboard looks at.</summary>
public enum LeaderboardMetric
{
    Collaboration,
    Momentum,
    Consistency,
}

/// <summary>A line of a leaderboard.</summary>
/// <param name="Insight">A kind word about what this person did. It compares them to nobody.</param>
public sealed record LeaderboardEntry(int Position, string UserId, string Name, double Value, string Label, string Insight);

/// <summary>The people with the highest scores at an instant: at most ten, by score, then by user id. Nobody is on it with nothing.</summary>
public sealed record Leaderboard(LeaderboardMetric Metric, IReadOnlyList<LeaderboardEntry> Entries, DateTimeOffset ComputedAt, string Message)
{
    public const int Size = 10;

    internal static Leaderboard Of(LeaderboardMetric metric, IEnumerable<Score> scores, DateTimeOffset at)
    {
        var entries = scores
            .Where(score => score.Value > 0)
            .OrderByDescending(score => score.Value).ThenBy(score => score.UserId, StringComparer.Ordinal)
            .Take(Size)
            .Select((score, index) => new LeaderboardEntry(
                index + 1, score.UserId, User.DisplayOf(score.UserId, score.DisplayName), score.Value, LabelOf(metric), InsightInto(metric, score)))
            .ToList();
        return new Leaderboard(metric, entries, at, entries.Count == 0 ? "The page is still open: the first words will stand here." : MessageOf(metric));
    }

    private static string LabelOf(LeaderboardMetric metric) => metric switch
    {
        LeaderboardMetric.Collaboration => "collaboration points",
        LeaderboardMetric.Momentum => "momentum points",
        LeaderboardMetric.Consistency => "consistency points",
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "There is no such metric."),
    };

    private static string MessageOf(LeaderboardMetric metric) => metric switch
    {
        LeaderboardMetric.Collaboration => "Thank you for writing, and for handing the ring on.",
        LeaderboardMetric.Momentum => "Thank you for the fresh words of these days.",
        LeaderboardMetric.Consistency => "Thank you for starting texts, and for joining those of others.",
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "There is no such metric."),
    };

    private static string InsightInto(LeaderboardMetric metric, Score score) => metric switch
    {
        LeaderboardMetric.Collaboration when score.Contributed > 0 =>
            $"{Count(score.Segments, "segment")} written, {Count(score.Contributed, "draft")} of others brought further. Wonderful company.",
        LeaderboardMetric.Collaboration when score.Segments > 0 => $"{Count(score.Segments, "segment")} written. Every one keeps a story going.",
        LeaderboardMetric.Collaboration => $"Was trusted with the ring {(score.Received == 1 ? "once" : $"{score.Received} times")}.",
        LeaderboardMetric.Momentum => "The words are flowing. Keep enjoying it.",
        LeaderboardMetric.Consistency when score.Created > 0 && score.Contributed > 0 =>
            $"{Count(score.Created, "draft")} started and {Count(score.Contributed, "draft")} of others joined. A steady hand.",
        LeaderboardMetric.Consistency when score.Created > 0 => $"{Count(score.Created, "draft")} started. Every text needs somebody who begins it.",
        LeaderboardMetric.Consistency => $"{Count(score.Contributed, "draft")} of others brought further. A good friend to have.",
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "There is no such metric."),
    };

    private static string Count(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";
}

/// <summary>What somebody's score is and is made of.</summary>
/// <param name="Contributed">Drafts created by somebody else with at least one segment of theirs.</param>
internal sealed record Score(string UserId, string? DisplayName, double Value, int Segments = 0, int Received = 0, int Created = 0, int Contributed = 0);
