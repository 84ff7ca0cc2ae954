namespace OneRing.Data.Analytics.Rollups;

/// <summary>
/// Holds in buckets by their lengths. Each bucket is two per cent wide, but where one of the <see cref="Limits"/> lies in it, it is cut in two: the number of a
/// bucket is the logarithm of the length in seconds, rounded down, and of less than a second that of one, plus the number of limits that the length reaches.
/// So a longer hold is never in a lower bucket, and every bucket belongs to one of the lengths that people are told.
/// </summary>
internal static class HoldBuckets
{
    public const double Ratio = 1.02;

    /// <summary>Where one length that people are told ends, and the next begins.</summary>
    public static readonly IReadOnlyList<TimeSpan> Limits =
    [
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(4),
        TimeSpan.FromHours(12), TimeSpan.FromDays(1), TimeSpan.FromDays(3), TimeSpan.FromDays(7),
    ];

    /// <summary>The holds of a window by their lengths; those of which there are none too.</summary>
    public static IReadOnlyList<HoldLength> ByLength(IReadOnlyCollection<HoldCount> counts) =>
        [.. Enumerable.Range(0, Limits.Count + 1).Select(length => new HoldLength(
            length == 0 ? TimeSpan.Zero : Limits[length - 1],
            length == Limits.Count ? null : Limits[length],
            counts.Where(count => LengthOf(count.Bucket) == length).Sum(count => count.Holds)))];

    /// <summary>How many limits the holds of a bucket reach.</summary>
    private static int LengthOf(int bucket) => Limits.Where((limit, i) => bucket > Math.Floor(Math.Log(limit.TotalSeconds) / Math.Log(Ratio)) + i).Count();
}
