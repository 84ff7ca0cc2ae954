using OneRing.Data.Analytics;
using OneRing.Data.Analytics.Rollups;

namespace OneRing.Data.Tests.Analytics.Rollups;

public sealed class HoldBucketsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void There_is_a_length_between_all_limits_and_one_below_and_one_above()
    {
        var lengths = HoldBuckets.ByLength([]);

        Assert.Equal(
            [
                (TimeSpan.Zero, TimeSpan.FromMinutes(1)), (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)), (TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15)),
                (TimeSpan.FromMinutes(15), TimeSpan.FromHours(1)), (TimeSpan.FromHours(1), TimeSpan.FromHours(4)), (TimeSpan.FromHours(4), TimeSpan.FromHours(12)),
                (TimeSpan.FromHours(12), TimeSpan.FromDays(1)), (TimeSpan.FromDays(1), TimeSpan.FromDays(3)), (TimeSpan.FromDays(3), TimeSpan.FromDays(7)),
                (TimeSpan.FromDays(7), null),
            ],
            lengths.Select(length => (length.From, length.To)));
        Assert.All(lengths, length => Assert.Equal(0, length.Holds));
    }

    [Fact]
    public void A_hold_as_long_as_a_limit_is_of_the_length_that_begins_there_and_a_shorter_one_is_not()
    {
        foreach (var (index, limit) in HoldBuckets.Limits.Index())
        {
            Assert.Equal(index, LengthOf(limit - Second));
            Assert.Equal(index + 1, LengthOf(limit));
            Assert.Equal(index + 1, LengthOf(limit + Second));
        }
        Assert.Equal(0, LengthOf(TimeSpan.Zero));
        Assert.Equal(HoldBuckets.Limits.Count, LengthOf(TimeSpan.FromDays(366)));
    }

    [Fact]
    public void Holds_of_one_length_are_added_up_over_its_buckets()
    {
        var lengths = HoldBuckets.ByLength(
        [
            new(BucketOf(TimeSpan.FromMinutes(20)), 2), new(BucketOf(TimeSpan.FromMinutes(59)), 3), new(BucketOf(TimeSpan.FromMinutes(60)), 5), new(BucketOf(TimeSpan.FromDays(30)), 7),
        ]);

        Assert.Equal([0, 0, 0, 5, 5, 0, 0, 0, 0, 7], lengths.Select(length => length.Holds));
    }

    private static int LengthOf(TimeSpan time) => Assert.Single(HoldBuckets.ByLength([new(BucketOf(time), 1)]).Index(), length => length.Item.Holds > 0).Index;

    /// <summary>As the database counts it: the logarithm of the seconds, rounded down, and one more for each limit that is reached.</summary>
    private static int BucketOf(TimeSpan time) =>
        (int)Math.Floor(Math.Log(Math.Max(1, time.TotalSeconds)) / Math.Log(1.02)) + HoldBuckets.Limits.Count(limit => time >= limit);
}
