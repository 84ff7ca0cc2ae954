using OneRing.Data.Analytics;

namespace OneRing.Data.Tests.Analytics;

/// <summary>Who stands where on a leaderboard, and what it says, without a database.</summary>
public sealed class LeaderboardTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_highest_stand_first_then_the_lower_id_and_nobody_with_nothing()
    {
        var board = Leaderboard.Of(
            LeaderboardMetric.Momentum, [new("b", "Ben", 2), new("a", "Ana", 2), new("c", "Cleo", 3.5), new("B", "Bea", 2), new("d", "Dan", 0), new("e", "Eve", 0.1)], Noon);

        Assert.Equal(
            [(1, "c", "Cleo", 3.5), (2, "B", "Bea", 2), (3, "a", "Ana", 2), (4, "b", "Ben", 2), (5, "e", "Eve", 0.1)],
            board.Entries.Select(entry => (entry.Position, entry.UserId, entry.Name, entry.Value)));
        Assert.Equal((LeaderboardMetric.Momentum, Noon), (board.Metric, board.ComputedAt));
    }

    [Fact]
    public void There_are_ten_at_the_most()
    {
        var board = Leaderboard.Of(LeaderboardMetric.Momentum, Enumerable.Range(1, 11).Select(i => new Score($"user-{i}", $"Person {i}", i)), Noon);

        Assert.Equal(Enumerable.Range(2, 10).Reverse().Select(i => $"Person {i}"), board.Entries.Select(entry => entry.Name));
    }

    [Theory]
    [InlineData(LeaderboardMetric.Collaboration, "collaboration points", "Thank you for writing, and for handing the ring on.")]
    [InlineData(LeaderboardMetric.Momentum, "momentum points", "Thank you for the fresh words of these days.")]
    [InlineData(LeaderboardMetric.Consistency, "consistency points", "Thank you for starting texts, and for joining those of others.")]
    public void Each_has_its_label_and_its_message(LeaderboardMetric metric, string label, string message)
    {
        var board = Leaderboard.Of(metric, [new("a", "Ana", 1)], Noon);

        Assert.Equal((message, label), (board.Message, Assert.Single(board.Entries).Label));
        Assert.Equal("The page is still open: the first words will stand here.", Leaderboard.Of(metric, [new("a", "Ana", 0)], Noon).Message);
    }

    [Fact]
    public void There_is_no_other_metric()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Leaderboard.Of((LeaderboardMetric)3, [new("a", "Ana", 1)], Noon));
    }

    [Theory]
    [InlineData(LeaderboardMetric.Collaboration, 1, 0, 0, 1, "1 segment written, 1 draft of others brought further. Wonderful company.")]
    [InlineData(LeaderboardMetric.Collaboration, 3, 0, 0, 2, "3 segments written, 2 drafts of others brought further. Wonderful company.")]
    [InlineData(LeaderboardMetric.Collaboration, 2, 5, 0, 0, "2 segments written. Every one keeps a story going.")]
    [InlineData(LeaderboardMetric.Collaboration, 0, 1, 0, 0, "Was trusted with the ring once.")]
    [InlineData(LeaderboardMetric.Collaboration, 0, 2, 0, 0, "Was trusted with the ring 2 times.")]
    [InlineData(LeaderboardMetric.Momentum, 1, 0, 0, 0, "The words are flowing. Keep enjoying it.")]
    [InlineData(LeaderboardMetric.Consistency, 0, 0, 2, 1, "2 drafts started and 1 draft of others joined. A steady hand.")]
    [InlineData(LeaderboardMetric.Consistency, 0, 0, 1, 0, "1 draft started. Every text needs somebody who begins it.")]
    [InlineData(LeaderboardMetric.Consistency, 0, 0, 0, 3, "3 drafts of others brought further. A good friend to have.")]
    public void What_it_says_of_somebody_is_what_they_have_done(LeaderboardMetric metric, int segments, int received, int created, int contributed, string insight)
    {
        Assert.Equal(insight, Assert.Single(Leaderboard.Of(metric, [new("a", "Ana", 1, segments, received, created, contributed)], Noon).Entries).Insight);
    }
}
