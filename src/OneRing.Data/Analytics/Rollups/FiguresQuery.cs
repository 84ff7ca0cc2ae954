using Microsoft.EntityFrameworkCore;
using NodaTime;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Analytics.Rollups;

/// <summary>What happened within one or several slots.</summary>
internal sealed record SlotSum(int Slot, int Drafts, int Segments, long Words, int Passes, int Completed)
{
    public DateTimeOffset At => DateTimeOffset.UnixEpoch + (Slot * FiguresQuery.SlotLength);
}

/// <summary>
/// The queries behind the figures of one window: from sums for all of it that is whole, and from single events at its edges. Send them in one
/// trip, in their order, and then read.
/// </summary>
internal sealed class FiguresQuery
{
    public static readonly TimeSpan SlotLength = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>In longer windows percentiles are read from lengths rounded to 1 %.</summary>
    private static readonly TimeSpan LongestExact = TimeSpan.FromDays(90);

    private readonly IQueryable<SlotSum> slots;
    private readonly IQueryable<SlotSum> slotEdges;
    private readonly IQueryable<int> writers;
    private readonly IQueryable<HoldCount> holds;
    private readonly IQueryable<long>? holdEdges;
    private readonly bool isExact;

    public FiguresQuery(OneRingDbContext db, TimeRange range, DashboardQuery query, DateTimeZone zone)
    {
        var platform = query.Platform;
        // Where clocks go by whole hours, so do the sums: a quarter of the rows to carry.
        var perRow = GoesByWholeHours(zone, range) ? 4 : 1;
        var cut = range.Cut(SlotLength);
        var all = query.CountsAutomatic;
        slots = db.ActivitySlots
            .Where(s => s.Slot >= cut.First && s.Slot < cut.End && (platform == null || s.Platform == platform))
            .GroupBy(s => s.Slot / perRow)
            .Select(group => new SlotSum(
                group.Key * perRow, group.Sum(s => s.Drafts), group.Sum(s => s.Segments), group.Sum(s => s.Words),
                group.Sum(s => all ? s.Passes + s.AutomaticPasses : s.Passes), group.Sum(s => s.Completed)));
        slotEdges = SpanQuery.EventsOf(db, cut.Edges, platform)
            .GroupBy(e => e.Slot / perRow)
            .Select(group => new SlotSum(
                group.Key * perRow,
                group.Sum(e => e.Type == EventType.DraftCreated ? 1 : 0),
                group.Sum(e => e.Type == EventType.SegmentAdded ? 1 : 0),
                group.Sum(e => e.Type == EventType.SegmentAdded ? (long)e.Words : 0),
                group.Sum(e => e.Type == EventType.RingPassed && (all || (e.Chosen != Chosen.Returned && e.Chosen != Chosen.Expired)) ? 1 : 0),
                group.Sum(e => e.Type == EventType.DraftPublished ? 1 : 0)));

        var days = range.Cut(Day);
        var writing = SpanQuery.EventsOf(db, days.Edges, platform).Where(e => e.Type == EventType.SegmentAdded && e.ActorId != null).Select(e => e.ActorId!);
        writers = SpanQuery.Of(db.WriterSpans, days).Where(s => platform == null || s.Platform == platform).Select(s => s.UserId).Union(writing).GroupBy(_ => 1).Select(group => group.Count());

        isExact = range.From is { } from && range.To - from <= LongestExact;
        if (isExact)
        {
            holds = db.HoldPlaces(range, platform);
        }
        else
        {
            holds = db.HoldDays
                .Where(d => d.Day >= days.First && d.Day < days.End && (platform == null || d.Platform == platform))
                .GroupBy(d => d.Bucket)
                .Select(group => new HoldCount(group.Key, group.Sum(d => d.Holds), 0));
            holdEdges = days.Edges.Select(edge => Ended(db, edge, platform)).Aggregate(Ended(db, new TimeRange(range.To, range.To), platform), Queryable.Concat);
        }
    }

    public IEnumerable<IQueryable> Queries => [slots, slotEdges, writers, holds, .. holdEdges is null ? [] : (IQueryable[])[holdEdges]];

    public async Task<(DashboardFigures Figures, IReadOnlyList<SlotSum> Slots)> ReadAsync(CancellationToken cancellationToken)
    {
        var sums = await slots.ToListAsync(cancellationToken);
        sums.AddRange(await slotEdges.ToListAsync(cancellationToken));
        var activeWriters = (await writers.ToListAsync(cancellationToken)).SingleOrDefault();
        var lengths = await holds.ToListAsync(cancellationToken);
        var percentile = isExact ? AtPlaces(lengths) : InBuckets(lengths, await holdEdges!.ToListAsync(cancellationToken));

        var figures = new DashboardFigures(
            activeWriters, sums.Sum(s => s.Drafts), sums.Sum(s => s.Segments), sums.Sum(s => s.Words), sums.Sum(s => s.Passes), sums.Sum(s => s.Completed),
            percentile(0.5m), percentile(0.9m));
        return (figures, sums);
    }

    private static Func<decimal, double?> AtPlaces(List<HoldCount> places)
    {
        var count = places.Select(place => place.Holds).FirstOrDefault();
        var byPlace = places.ToDictionary(place => place.Place, place => TimeSpan.FromMicroseconds(place.Microseconds));
        return share => Figures.PercentileMinutes(count, share, place => byPlace[place]);
    }

    private static Func<decimal, double?> InBuckets(List<HoldCount> buckets, List<long> edges)
    {
        var lengths = buckets.Where(bucket => bucket.Holds != 0).Select(bucket => (Length: HoldBuckets.MiddleOf(bucket.Place), bucket.Holds))
            .Concat(edges.Select(microseconds => (Length: TimeSpan.FromMicroseconds(microseconds), Holds: 1)))
            .OrderBy(length => length.Length)
            .ToList();
        return share => Figures.PercentileMinutes(lengths.Sum(length => length.Holds), share, LengthAt);

        TimeSpan LengthAt(int place)
        {
            var behind = 0;
            return lengths.First(length => (behind += length.Holds) > place).Length;
        }
    }

    private static IQueryable<long> Ended(OneRingDbContext db, TimeRange range, Platform? platform) => db.RingHolds
        .Where(h => h.EndedAt < range.To && (range.From == null || h.EndedAt >= range.From) && (platform == null || h.Platform == platform))
        .Select(h => h.Microseconds!.Value);

    private static bool GoesByWholeHours(DateTimeZone zone, TimeRange range) =>
        ReferenceEquals(zone, DateTimeZone.Utc)
        || (range.From is { } from && zone
            .GetZoneIntervals(Instant.FromDateTimeOffset(from), Instant.FromDateTimeOffset(range.To))
            .All(interval => interval.WallOffset.Seconds % 3600 == 0));
}
