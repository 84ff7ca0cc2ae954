using Microsoft.EntityFrameworkCore;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Analytics.Rollups;

/// <summary>The queries behind what happened in one window by kind.</summary>
internal sealed class BreakdownQuery
{
    private readonly IQueryable<PassesChosen> passes;
    private readonly IQueryable<PassesChosen> passSlots;
    private readonly IQueryable<PassesChosen> passEdges;
    private readonly IQueryable<HoldCount> holds;
    private readonly IQueryable<HoldCount> holdEdges;
    private readonly IQueryable<StatusCount> statuses;
    private readonly IQueryable<FunnelCount> secondWriters;

    /// <summary>Makes the queries, and asks nothing yet.</summary>
    /// <param name="end">The first instant that is not looked at: what became of a draft after the window, but before this, counts.</param>
    public BreakdownQuery(OneRingDbContext db, TimeRange range, DashboardQuery query, DateTimeOffset end)
    {
        var platform = query.Platform;
        var all = query.CountsAutomatic;
        var days = range.Cut(TimeSpan.FromDays(1));
        passes = db.PassDays
            .Where(d => d.Day >= days.First && d.Day < days.End && (platform == null || d.Platform == platform))
            .Where(d => all || (d.Chosen != Chosen.Returned && d.Chosen != Chosen.Expired))
            .GroupBy(d => d.Chosen).Select(group => new PassesChosen(group.Key, group.Sum(d => d.Passes)));
        passSlots = SpanQuery.SlotsOf(db.PassSlots, range, days, Spans.SlotsPerDay)
            .Where(s => (platform == null || s.Platform == platform) && (all || (s.Chosen != Chosen.Returned && s.Chosen != Chosen.Expired)))
            .GroupBy(s => s.Chosen).Select(group => new PassesChosen(group.Key, group.Sum(s => s.Passes)));
        passEdges = SpanQuery.EdgesOf(db, range, platform)
            .Where(e => e.Type == EventType.RingPassed && (all || (e.Chosen != Chosen.Returned && e.Chosen != Chosen.Expired)))
            .GroupBy(e => e.Chosen).Select(group => new PassesChosen(group.Key, group.Count()));
        holds = HoldQuery.Whole(db, days, platform);
        holdEdges = HoldQuery.Edges(db, days, platform);

        var created = db.CountedDrafts
            .Where(d => d.CreatedAt < range.To && (range.From == null || d.CreatedAt >= range.From) && (platform == null || d.Platform == platform));
        statuses =
            from counted in created
            join draft in db.Drafts on counted.DraftId equals draft.Id into drafts
            from draft in drafts.DefaultIfEmpty()
            group 1 by new
            {
                counted.Platform,
                IsCompleted = counted.CompletedAt != null && counted.CompletedAt < end,
                IsLocked = draft != null && draft.Status == DraftStatus.Locked,
                IsGone = draft == null,
            }
            into same
            select new StatusCount(same.Key.Platform, same.Key.IsCompleted, same.Key.IsLocked, same.Key.IsGone, same.Count());
        var shared =
            from draft in created
            join writer in db.DraftWriters on draft.DraftId equals writer.DraftId
            where writer.FirstSegmentAt < end
            group writer by new { draft.DraftId, IsCompleted = draft.CompletedAt != null && draft.CompletedAt < end }
            into writers
            where writers.Count() >= 2
            select new { writers.Key.DraftId, writers.Key.IsCompleted };
        secondWriters = shared.GroupBy(draft => draft.IsCompleted).Select(same => new FunnelCount(same.Key, same.Count()));
    }

    public IEnumerable<IQueryable> Queries => [passes, passSlots, passEdges, holds, holdEdges, statuses, secondWriters];

    public async Task<Breakdown> ReadAsync(CancellationToken cancellationToken)
    {
        PassesChosen[] chosen = [.. await passes.ToListAsync(cancellationToken), .. await passSlots.ToListAsync(cancellationToken), .. await passEdges.ToListAsync(cancellationToken)];
        HoldCount[] counts = [.. await holds.ToListAsync(cancellationToken), .. await holdEdges.ToListAsync(cancellationToken)];
        var drafts = await statuses.ToListAsync(cancellationToken);
        var shared = await secondWriters.ToListAsync(cancellationToken);

        return new Breakdown(
            [.. chosen.GroupBy(some => some.Chosen).OrderBy(same => same.Key).Select(same => new PassesChosen(same.Key, same.Sum(some => some.Passes)))],
            HoldBuckets.ByLength(counts),
            [.. drafts.GroupBy(some => some.Platform).OrderBy(same => same.Key).Select(same => new PlatformDrafts(
                same.Key,
                same.Where(some => some is { IsCompleted: false, IsLocked: false, IsGone: false }).Sum(some => some.Drafts),
                same.Where(some => some is { IsCompleted: false, IsLocked: true }).Sum(some => some.Drafts),
                same.Where(some => some.IsCompleted).Sum(some => some.Drafts),
                same.Where(some => some is { IsCompleted: false, IsGone: true }).Sum(some => some.Drafts)))],
            new Funnel(
                drafts.Sum(some => some.Drafts), shared.Sum(some => some.Drafts), shared.Where(some => some.IsCompleted).Sum(some => some.Drafts)));
    }
}

internal sealed record StatusCount(Platform Platform, bool IsCompleted, bool IsLocked, bool IsGone, int Drafts);

internal sealed record FunnelCount(bool IsCompleted, int Drafts);
