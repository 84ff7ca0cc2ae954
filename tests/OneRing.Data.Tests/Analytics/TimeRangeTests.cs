using OneRing.Data.Analytics;
using OneRing.Data.Analytics.Rollups;

namespace OneRing.Data.Tests.Analytics;

public sealed class TimeRangeTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(2.0, 5.0, 2, 5, new double[0])]
    [InlineData(1.5, 5.25, 2, 5, new[] { 1.5, 2, 5, 5.25 })]
    [InlineData(1.5, 5.0, 2, 5, new[] { 1.5, 2 })]
    [InlineData(2.0, 5.25, 2, 5, new[] { 5, 5.25 })]
    [InlineData(-2.5, 1.0, -2, 1, new[] { -2.5, -2 })]
    [InlineData(-3.0, -1.25, -3, -2, new[] { -2, -1.25 })]
    public void It_is_cut_into_whole_units_and_what_is_left_at_either_end(double from, double to, int first, int end, double[] edges)
    {
        var cut = Hours(from, to).Cut(Hour);

        Assert.Equal((first, end), (cut.First, cut.End));
        Assert.Equal(edges, cut.Edges.SelectMany(edge => new[] { HoursOf(edge.From!.Value), HoursOf(edge.To) }));
    }

    [Theory]
    [InlineData(2.25, 2.75)]
    [InlineData(1.5, 2.5)]
    [InlineData(2.0, 2.0)]
    [InlineData(2.0, 2.5)]
    public void A_range_without_a_whole_unit_is_one_edge(double from, double to)
    {
        var cut = Hours(from, to).Cut(Hour);

        Assert.Equal((0, 0), (cut.First, cut.End));
        Assert.Equal(Hours(from, to), Assert.Single(cut.Edges));
    }

    [Fact]
    public void What_has_no_beginning_has_no_first_unit()
    {
        var cut = new TimeRange(From: null, At(3.5)).Cut(Hour);

        Assert.Equal((int.MinValue, 3), (cut.First, cut.End));
        Assert.Equal(Hours(3, 3.5), Assert.Single(cut.Edges));
    }

    [Fact]
    public void What_is_before_an_instant_is_left_out()
    {
        Assert.Equal(Hours(3, 5), Hours(2, 5).NotBefore(At(3)));
        Assert.Equal(Hours(3, 5), new TimeRange(From: null, At(5)).NotBefore(At(3)));
        Assert.Equal(Hours(2, 5), Hours(2, 5).NotBefore(At(2)));
        Assert.Equal(Hours(2, 5), Hours(2, 5).NotBefore(At(1)));
        Assert.Equal(Hours(2, 5), Hours(2, 5).NotBefore(null));
        Assert.Equal(Hours(5, 5), Hours(2, 5).NotBefore(At(5)));
        Assert.Equal(Hours(7, 7), Hours(2, 5).NotBefore(At(7)));
    }

    [Fact]
    public void The_end_of_time_is_after_all_that_can_be_asked_for_and_begins_a_block_of_days()
    {
        Assert.True(TimeRange.EndOfTime > new DateTimeOffset(DashboardQuery.LastDay.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero));
        Assert.Equal(0, (TimeRange.EndOfTime - DateTimeOffset.UnixEpoch).TotalDays % Spans.Block);
    }

    private static TimeRange Hours(double from, double to) => new(At(from), At(to));

    private static DateTimeOffset At(double hours) => DateTimeOffset.UnixEpoch.AddHours(hours);

    private static double HoursOf(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).TotalHours;
}
