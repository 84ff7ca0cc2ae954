using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Analytics.Rollups;

/// <summary>Days between two days as few rows: the longest spans that fit, and shorter ones before and after them.</summary>
internal static class SpanQuery
{
    private static readonly TimeSpan PartLength = Spans.SlotsPerPart * FiguresQuery.SlotLength;

    public static IQueryable<T> Of<T>(IQueryable<T> spans, CutRange days)
        where T : class, ISpan
    {
        var blocks = Within(days.First, days.End, Spans.Block);
        var stretches = Within(days.First, days.End, Spans.Stretch);
        var (stretchBefore, stretchAfter) = Around(stretches, blocks, Spans.Block / Spans.Stretch);
        var (dayBefore, dayAfter) = Around((days.First, days.End), stretches, Spans.Stretch);
        return spans.Where(s =>
            (s.Span == Spans.Day && ((s.Start >= days.First && s.Start < dayBefore) || (s.Start >= dayAfter && s.Start < days.End)))
            || (s.Span == Spans.Stretch
                && ((s.Start >= stretches.First && s.Start < stretchBefore) || (s.Start >= stretchAfter && s.Start < stretches.End)))
            || (s.Span == Spans.Block && s.Start >= blocks.First && s.Start < blocks.End));
    }

    /// <summary>The spans that lie within these days altogether.</summary>
    private static (int First, int End) Within(int first, int end, int length) =>
        (first == int.MinValue ? first : (int)Math.Ceiling((double)first / length), (int)Math.Floor((double)end / length));

    /// <summary>Where the longer spans begin and end, counted in shorter ones. Without any, the shorter ones go through to their end.</summary>
    private static (int Before, int After) Around((int First, int End) shorter, (int First, int End) longer, int each) => longer.First < longer.End
        ? (longer.First == int.MinValue ? int.MinValue : longer.First * each, longer.End * each)
        : (shorter.End, shorter.End);

    /// <summary>The parts of a day that whole days leave of a range.</summary>
    /// <param name="days">The range, cut into days.</param>
    public static IQueryable<T> PartsOf<T>(IQueryable<T> parts, TimeRange range, CutRange days)
        where T : class, IDayPart
    {
        var cut = range.Cut(PartLength);
        var (before, after) = Around((cut.First, cut.End), (days.First, days.End), Spans.PartsPerDay);
        return parts.Where(p => (p.Part >= cut.First && p.Part < before) || (p.Part >= after && p.Part < cut.End));
    }

    /// <summary>The quarters of an hour that whole days and <see cref="PartsOf"/> leave of a range.</summary>
    public static IQueryable<T> SlotsOf<T>(IQueryable<T> slots, TimeRange range)
        where T : class, ISlot => SlotsOf(slots, range, range.Cut(PartLength), Spans.SlotsPerPart);

    /// <summary>The quarters of an hour that whole units of time leave of a range.</summary>
    /// <param name="whole">The range, cut into these units.</param>
    /// <param name="slotsPerUnit">How many quarters of an hour such a unit has.</param>
    public static IQueryable<T> SlotsOf<T>(IQueryable<T> slots, TimeRange range, CutRange whole, int slotsPerUnit)
        where T : class, ISlot
    {
        var cut = range.Cut(FiguresQuery.SlotLength);
        var (before, after) = Around((cut.First, cut.End), (whole.First, whole.End), slotsPerUnit);
        return slots.Where(s => (s.Slot >= cut.First && s.Slot < before) || (s.Slot >= after && s.Slot < cut.End));
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
