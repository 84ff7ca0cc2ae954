using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Analytics.Rollups;

/// <summary>How many holds of each bucket ended in a window: from sums of whole days, and from single holds at its edges.</summary>
internal static class HoldQuery
{
    public static IQueryable<HoldCount> Whole(OneRingDbContext db, CutRange days, Platform? platform) =>
        SpanQuery.Of(db.HoldSpans, days).Where(s => platform == null || s.Platform == platform)
            .GroupBy(s => s.Bucket).Select(group => new HoldCount(group.Key, group.Sum(s => s.Holds)));

    public static IQueryable<HoldCount> Edges(OneRingDbContext db, CutRange days, Platform? platform) =>
        days.Edges.Select(edge => Ended(db, edge, platform)).DefaultIfEmpty(db.RingHolds.Where(h => false)).Aggregate(Queryable.Concat)
            .GroupBy(h => h.Bucket!.Value).Select(group => new HoldCount(group.Key, group.Count()));

    public static IQueryable<RingHold> Ended(OneRingDbContext db, TimeRange within, Platform? platform) => db.RingHolds
        .Where(h => h.EndedAt < within.To && (within.From == null || h.EndedAt >= within.From) && (platform == null || h.Platform == platform));
}
