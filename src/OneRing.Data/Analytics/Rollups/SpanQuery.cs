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
