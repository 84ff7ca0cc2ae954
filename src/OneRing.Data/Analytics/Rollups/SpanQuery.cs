using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Analytics.Rollups;

/// <summary>Days between two days as few rows: blocks where they fit, single days before and after them.</summary>
internal static class SpanQuery
{
    public static IQueryable<T> Of<T>(IQueryable<T> spans, CutRange days)
        where T : class, ISpan
    {
        var (first, end) = (days.First, days.End);
        // Rounded inwards: blocks that lie within the days altogether.
        var firstBlock = first == int.MinValue ? first : (int)Math.Ceiling((double)first / Spans.Block);
        var endBlock = (int)Math.Floor((double)end / Spans.Block);
        var (daysBefore, daysAfter) = firstBlock < endBlock
            ? (first == int.MinValue ? first : firstBlock * Spans.Block, endBlock * Spans.Block)
            : (end, end);
        return spans.Where(s =>
            (s.Span == Spans.Day && ((s.Start >= first && s.Start < daysBefore) || (s.Start >= daysAfter && s.Start < end)))
            || (s.Span == Spans.Block && s.Start >= firstBlock && s.Start < endBlock));
    }

    /// <summary>The quarters of an hour that whole units of time leave of a range.</summary>
    /// <param name="whole">The range, cut into these units.</param>
    /// <param name="slotsPerUnit">How many quarters of an hour such a unit has.</param>
    public static IQueryable<T> SlotsOf<T>(IQueryable<T> slots, TimeRange range, CutRange whole, int slotsPerUnit)
        where T : class, ISlot
    {
        var (first, end, _) = range.Cut(FiguresQuery.SlotLength);
        var (before, after) = whole.First < whole.End
            ? (whole.First == int.MinValue ? int.MinValue : whole.First * slotsPerUnit, whole.End * slotsPerUnit)
            : (end, end);
        return slots.Where(s => (s.Slot >= first && s.Slot < before) || (s.Slot >= after && s.Slot < end));
    }

    /// <summary>The events within what whole quarters of an hour leave of a range.</summary>
    public static IQueryable<EventRow> EdgesOf(OneRingDbContext db, TimeRange range, Platform? platform) =>
        EventsOf(db, range.Cut(FiguresQuery.SlotLength).Edges, platform);

    /// <summary>The events within what whole units leave of a range.</summary>
    public static IQueryable<EventRow> EventsOf(OneRingDbContext db, IReadOnlyList<TimeRange> edges, Platform? platform)
    {
        var events = edges switch
        {
            [] => db.EventRows.Where(e => false),
            [var only] => db.EventRows.Where(e => e.OccurredAt < only.To && (only.From == null || e.OccurredAt >= only.From)),
            [var first, var last] => db.EventRows.Where(e =>
                (e.OccurredAt >= first.From && e.OccurredAt < first.To) || (e.OccurredAt >= last.From && e.OccurredAt < last.To)),
            _ => throw new ArgumentException("A range has two ends.", nameof(edges)),
        };
        return platform is null ? events : events.Where(e => e.Platform == platform);
    }
}
