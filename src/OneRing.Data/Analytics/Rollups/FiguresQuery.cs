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
/// The queries behind the figures of one window: from sums for all of it that is whole, and from single events at its edges. First send
/// <see cref="Queries"/> in one trip and read them, then <see cref="LengthQueries"/>, which depend on what was read.
/// </summary>
internal sealed class FiguresQuery
{
    public static readonly TimeSpan SlotLength = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly decimal[] Shares = [0.5m, 0.9m];

    private readonly OneRingDbContext db;
    private readonly TimeRange range;
    private readonly Platform? platform;
    private readonly IQueryable<SlotSum> hours;
    private readonly IQueryable<SlotSum> slots;
    private readonly IQueryable<SlotSum> slotEdges;
    private readonly IQueryable<int> writers;
    private readonly IQueryable<HoldCount> holds;
    private readonly IQueryable<HoldCount> holdEdges;
    private readonly List<(int Place, IQueryable<long> Length)> lengths = [];
    private List<SlotSum> sums = [];
    private int activeWriters;
    private int ended;

    /// <summary>Makes the queries, and asks nothing yet.</summary>
    /// <param name="isByTime">Whether it is asked when something happened, and not only how much.</param>
    public FiguresQuery(OneRingDbContext db, TimeRange range, DashboardQuery query, DateTimeZone zone, bool isByTime)
    {
        (this.db, this.range, platform) = (db, range, query.Platform);
        // Where clocks go by whole hours, so do the sums: a quarter of the rows to read and to carry. Without a time there is one to carry.
        var (byHours, perRow) = !isByTime ? (true, int.MaxValue) : GoesByWholeHours(zone, range) ? (true, Spans.SlotsPerHour) : (false, 1);
        var hoursPerRow = Math.Max(1, perRow / Spans.SlotsPerHour);
        var (firstHour, endHour, _) = byHours ? range.Cut(Hour) : new CutRange(0, 0, []);
        var all = query.CountsAutomatic;
        hours = db.ActivityHours
            .Where(h => h.Hour >= firstHour && h.Hour < endHour && (platform == null || h.Platform == platform))
            .GroupBy(h => h.Hour / hoursPerRow)
            .Select(group => new SlotSum(
                group.Key * perRow, group.Sum(h => h.Drafts), group.Sum(h => h.Segments), group.Sum(h => h.Words),
                group.Sum(h => all ? h.Passes + h.AutomaticPasses : h.Passes), group.Sum(h => h.Completed)));
        slots = SpanQuery.SlotsOf(db.ActivitySlots, range, new CutRange(firstHour, endHour, []), Spans.SlotsPerHour)
            .Where(s => platform == null || s.Platform == platform)
            .GroupBy(s => s.Slot / perRow)
            .Select(group => new SlotSum(
                group.Key * perRow, group.Sum(s => s.Drafts), group.Sum(s => s.Segments), group.Sum(s => s.Words),
                group.Sum(s => all ? s.Passes + s.AutomaticPasses : s.Passes), group.Sum(s => s.Completed)));
        slotEdges = SpanQuery.EdgesOf(db, range, platform)
            .GroupBy(e => e.Slot / perRow)
            .Select(group => new SlotSum(
                group.Key * perRow,
                group.Sum(e => e.Type == EventType.DraftCreated ? 1 : 0),
                group.Sum(e => e.Type == EventType.SegmentAdded ? 1 : 0),
                group.Sum(e => e.Type == EventType.SegmentAdded ? (long)e.Words : 0),
                group.Sum(e => e.Type == EventType.RingPassed && (all || (e.Chosen != Chosen.Returned && e.Chosen != Chosen.Expired)) ? 1 : 0),
                group.Sum(e => e.Type == EventType.DraftPublished ? 1 : 0)));

        var days = range.Cut(Day);
        var partWriters = SpanQuery.PartsOf(db.WriterParts, range, days).Where(p => platform == null || p.Platform == platform).Select(p => p.UserId);
        var slotWriters = SpanQuery.SlotsOf(db.WriterSlots, range).Where(s => platform == null || s.Platform == platform).Select(s => s.UserId);
        var edgeWriters = SpanQuery.EdgesOf(db, range, platform).Where(e => e.Type == EventType.SegmentAdded && e.ActorId != null).Select(e => e.ActorId!);
        writers = SpanQuery.Of(db.WriterSpans, days).Where(s => platform == null || s.Platform == platform).Select(s => s.UserId)
            .Union(partWriters).Union(slotWriters).Union(edgeWriters).GroupBy(_ => 1).Select(group => group.Count());

        holds = HoldQuery.Whole(db, days, platform);
        holdEdges = HoldQuery.Edges(db, days, platform);
    }

    public IEnumerable<IQueryable> Queries => [hours, slots, slotEdges, writers, holds, holdEdges];

    /// <summary>The lengths of the few holds between which the percentiles lie, the first of a bucket first.</summary>
    public IEnumerable<IQueryable> LengthQueries => lengths.Select(length => length.Length);

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        sums = [.. await hours.ToListAsync(cancellationToken), .. await slots.ToListAsync(cancellationToken), .. await slotEdges.ToListAsync(cancellationToken)];
        activeWriters = (await writers.ToListAsync(cancellationToken)).SingleOrDefault();
        HoldCount[] counts = [.. await holds.ToListAsync(cancellationToken), .. await holdEdges.ToListAsync(cancellationToken)];
        ended = counts.Sum(count => count.Holds);

        var buckets = counts.GroupBy(count => count.Bucket).OrderBy(bucket => bucket.Key).Select(bucket => (Bucket: bucket.Key, Holds: bucket.Sum(count => count.Holds)));
        var places = ended == 0 ? [] : Shares.SelectMany(share => (int[])[Figures.PlaceBelow(ended, share), Figures.PlaceAbove(ended, share)]).ToHashSet();
        var first = 0;
        foreach (var (bucket, count) in buckets)
        {
            foreach (var place in places.Where(place => place >= first && place < first + count).Order())
            {
                var within = HoldQuery.Ended(db, range, platform).Where(h => h.Bucket == bucket).Select(h => h.Microseconds!.Value).Order();
                lengths.Add((place, within.Skip(place - first).Take(1)));
            }
            first += count;
        }
    }

    public async Task<(DashboardFigures Figures, IReadOnlyList<SlotSum> Slots)> ReadLengthsAsync(CancellationToken cancellationToken)
    {
        var byPlace = new Dictionary<int, TimeSpan>();
        foreach (var (place, length) in lengths)
        {
            byPlace[place] = TimeSpan.FromMicroseconds((await length.ToListAsync(cancellationToken)).Single());
        }
        double? Percentile(decimal share) => Figures.PercentileMinutes(ended, share, place => byPlace[place]);

        var figures = new DashboardFigures(
            activeWriters, sums.Sum(s => s.Drafts), sums.Sum(s => s.Segments), sums.Sum(s => s.Words), sums.Sum(s => s.Passes), sums.Sum(s => s.Completed),
            Percentile(Shares[0]), Percentile(Shares[1]));
        return (figures, sums);
    }

    private static bool GoesByWholeHours(DateTimeZone zone, TimeRange range) =>
        ReferenceEquals(zone, DateTimeZone.Utc)
        || (range.From is { } from && zone
            .GetZoneIntervals(Instant.FromDateTimeOffset(from), Instant.FromDateTimeOffset(range.To))
            .All(interval => interval.WallOffset.Seconds % 3600 == 0));
}
