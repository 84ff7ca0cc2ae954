using OneRing.Data.Analytics;

namespace OneRing.Data.Tests.Analytics;

/// <summary>The formulas, with values worked out by hand.</summary>
public sealed class FiguresTests
{
    [Fact]
    public void The_ring_is_held_from_its_receipt_to_the_next_pass_and_the_last_hold_runs_on()
    {
        var history = Histories.Of(now: 10, passes: [("ben", 1), ("ana", 3.5), ("ben", 4)]);

        Assert.Equal(
            [("ana", 0d, 1d), ("ben", 1, 3.5), ("ana", 3.5, 4), ("ben", 4, 10)],
            Figures.Holds(history).Select(hold => (hold.UserId, (hold.From - Histories.Noon).TotalHours, (hold.To - Histories.Noon).TotalHours)));
    }

    [Fact]
    public void Without_a_pass_the_creator_holds_the_ring_from_the_beginning()
    {
        var hold = Assert.Single(Figures.Holds(Histories.Of(now: 2)));

        Assert.Equal(("ana", TimeSpan.FromHours(2)), (hold.UserId, hold.Time));
    }

    [Fact]
    public void Completion_ends_the_last_hold_and_a_ring_that_goes_home_afterwards_is_held_no_more()
    {
        var history = Histories.Of(now: 10, passes: [("ben", 1), ("ana", 8)], completed: 3);

        Assert.Equal([("ana", 1d), ("ben", 2d)], Figures.Holds(history).Select(hold => (hold.UserId, hold.Time.TotalHours)));
    }

    [Fact]
    public void A_hold_may_be_over_in_the_instant_in_which_it_began()
    {
        Assert.Equal([("ana", 1d), ("ben", 0), ("cleo", 1)], HoursOf(Histories.Of(now: 2, passes: [("ben", 1), ("cleo", 1)])));
        Assert.Equal([("ana", 1d), ("ben", 0)], HoursOf(Histories.Of(now: 2, passes: [("ben", 1)], completed: 1)));
        Assert.Equal([("ana", 0d)], HoursOf(Histories.Of(now: 0)));
    }

    [Fact]
    public void Before_a_draft_was_made_nobody_held_its_ring()
    {
        Assert.Empty(Figures.Holds(Histories.Of(now: -1)));
    }

    [Theory]
    [InlineData(new double[0], null, null, null)]
    [InlineData(new[] { 7d }, 7d, 7d, 7d)]
    [InlineData(new[] { 3d, 3, 3 }, 3d, 3d, 3d)]
    [InlineData(new[] { 10d, 20 }, 15d, 15d, 19d)] // p90: place 0.9
    [InlineData(new[] { 30d, 10, 20 }, 20d, 20d, 28d)] // p90: place 1.8
    [InlineData(new[] { 1d, 2, 3, 4, 5, 6, 7, 8, 9, 100 }, 14.5, 5.5, 18.1)] // p90: place 8.1 between 9 and 100
    [InlineData(new[] { 0d, 0, 1 }, 0.33, 0d, 0.8)]
    [InlineData(new[] { 0.125 }, 0.13, 0.13, 0.13)] // 7.5 s: half away from zero
    [InlineData(new[] { 0d, 0.25 }, 0.13, 0.13, 0.23)] // p90: 0.225
    [InlineData(new[] { 0.1233333 }, 0.12, 0.12, 0.12)]
    public void Mean_median_and_p90_are_those_of_the_definition(double[] minutes, double? mean, double? median, double? p90)
    {
        var times = minutes.Select(TimeSpan.FromMinutes).ToList();

        Assert.Equal(mean, Figures.MeanMinutes(times));
        Assert.Equal(median, Figures.PercentileMinutes(times, 0.5m));
        Assert.Equal(p90, Figures.PercentileMinutes(times, 0.9m));
    }

    [Theory]
    [InlineData(new int[0], null)]
    [InlineData(new[] { 0, 0 }, null)]
    [InlineData(new[] { 5 }, 0d)]
    [InlineData(new[] { 4, 4, 4 }, 0d)]
    [InlineData(new[] { 0, 10 }, 0.5)] // one of two
    [InlineData(new[] { 0, 0, 0, 10 }, 0.75)] // one of four
    [InlineData(new[] { 1, 3 }, 0.25)] // (−1·1 + 1·3) / (2·4)
    [InlineData(new[] { 6, 1, 2 }, 10d / 27)] // sorted 1, 2, 6: (−2 + 0 + 12) / (3·9)
    public void The_gini_coefficient_is_that_of_the_definition(int[] numbers, double? gini)
    {
        double? figure = Figures.Gini(numbers) is { } value ? (double)Math.Round(value, 9) : null;

        Assert.Equal(gini is { } expected ? Math.Round(expected, 9) : null, figure);
    }

    [Fact]
    public void Fairness_counts_those_who_could_write_and_those_who_did()
    {
        Assert.Null(Figures.Fairness(Histories.Of(now: 1)));
        Assert.Equal(1, Figures.Fairness(Histories.Of(now: 1, segments: [("ana", 0)], writers: [])));
        Assert.Equal(0.333, Figures.Fairness(Histories.Of(now: 1, segments: [("ana", 0)]))); // one of three
        Assert.Equal(1, Figures.Fairness(Histories.Of(now: 1, segments: [("ana", 0), ("ben", 0), ("cleo", 0)])));
        // Dan has left, but he has written: 0, 1, 1, 2 gives a Gini of (−3·0 − 1 + 1 + 3·2) / (4·4) = 0.375.
        Assert.Equal(0.625, Figures.Fairness(Histories.Of(now: 1, segments: [("ana", 0), ("ben", 0), ("dan", 0), ("dan", 0)])));
    }

    [Theory]
    [InlineData(23.99, 0, InactivityRisk.Low)]
    [InlineData(24, 0, InactivityRisk.Medium)]
    [InlineData(24, 1, InactivityRisk.Medium)]
    [InlineData(24, 2, InactivityRisk.Low)]
    [InlineData(47.99, 1, InactivityRisk.Medium)]
    [InlineData(48, 1, InactivityRisk.High)]
    [InlineData(48, 2, InactivityRisk.High)]
    [InlineData(-5, 0, InactivityRisk.Low)]
    public void The_risk_rises_with_the_hours_since_the_last_activity(double idle, int passes, InactivityRisk risk)
    {
        var history = Histories.Of(now: 100 + idle, segments: [("ana", 100)], passes: Enumerable.Repeat(("ben", 50d), passes));

        Assert.Equal(risk, Figures.InactivityRiskOf(history));
    }

    [Fact]
    public void The_last_activity_is_the_latest_of_creation_segments_passes_and_completion()
    {
        Assert.Equal(Histories.Noon, Histories.Of(now: 50).LastActivityAt);
        Assert.Equal(Histories.After(2), Histories.Of(now: 50, segments: [("ana", 2)], passes: [("ben", 1)]).LastActivityAt);
        Assert.Equal(Histories.After(3), Histories.Of(now: 50, segments: [("ana", 2)], passes: [("ben", 3)]).LastActivityAt);
        Assert.Equal(Histories.After(4), Histories.Of(now: 50, segments: [("ana", 2)], passes: [("ben", 3)], completed: 4).LastActivityAt);
    }

    [Theory]
    [InlineData(-0.01, null, null, null)] // not made yet
    [InlineData(0, null, 10d, null)]
    [InlineData(0.5, null, 10d, null)] // less than a day counts as one
    [InlineData(2, null, 5d, null)]
    [InlineData(3, null, 3.3, null)]
    [InlineData(6.99, null, 1.4, null)]
    [InlineData(7, null, 0d, 10d)] // seven days ago is the week before, of which it was there for an instant
    [InlineData(11, null, 0d, 2.5)]
    [InlineData(14, null, 0d, 0d)]
    [InlineData(40, null, 0d, 0d)]
    [InlineData(4, 2d, 5d, null)] // complete after two days
    [InlineData(8.5, 2d, 0d, 6.7)] // half a day of this week, one and a half of the one before
    [InlineData(9, 2d, null, 5d)]
    [InlineData(16, 2d, null, null)]
    public void Velocity_is_words_a_day_while_the_draft_was_there_to_be_written_in(double now, double? completed, double? velocity, double? before)
    {
        var history = Histories.Of(now * 24, segments: Enumerable.Repeat(("ana", 0d), 5), completed: completed * 24 <= now * 24 ? completed * 24 : null);

        Assert.Equal(new Velocity(velocity, before), Figures.VelocityOf(now < 0 ? Histories.Of(now * 24) : history));
    }

    [Fact]
    public void Of_an_old_draft_the_words_of_a_week_are_divided_by_the_days_of_that_week() => Assert.Equal(
        new Velocity(1.4, 0), Figures.VelocityOf(Histories.Of(now: 10 * 24, segments: Enumerable.Repeat(("ana", 9d * 24), 5))));

    private static IEnumerable<(string UserId, double Hours)> HoursOf(DraftHistory history) =>
        Figures.Holds(history).Select(hold => (hold.UserId, hold.Time.TotalHours));
}
