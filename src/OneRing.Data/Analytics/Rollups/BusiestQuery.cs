using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Analytics.Rollups;

/// <summary>The drafts and the writers of one window in the order of what was written, from sums of whole days, of parts of a day and quarters of an hour before and after them, and single events at the edges.</summary>
internal static class BusiestQuery
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Everybody who wrote: most segments first, then most words, then by user id.</summary>
    public static IQueryable<BusyWriterRow> Writers(OneRingDbContext db, TimeRange range, DashboardQuery query)
    {
        var days = range.Cut(Day);
        var whole = SpanQuery.Of(db.WriterSpans, days)
            .Where(s => query.Platform == null || s.Platform == query.Platform)
            .Select(s => new { s.UserId, s.Segments, s.Words });
        var parts = SpanQuery.PartsOf(db.WriterParts, range, days)
            .Where(p => query.Platform == null || p.Platform == query.Platform)
            .Select(p => new { p.UserId, p.Segments, p.Words });
        var slots = SpanQuery.SlotsOf(db.WriterSlots, range)
            .Where(s => query.Platform == null || s.Platform == query.Platform)
            .Select(s => new { s.UserId, s.Segments, s.Words });
        var edges = SpanQuery.EdgesOf(db, range, query.Platform)
            .Where(e => e.Type == EventType.SegmentAdded && e.ActorId != null)
            .Select(e => new { UserId = e.ActorId!, Segments = 1, Words = (long)e.Words });
        var sums = whole.Concat(parts).Concat(slots).Concat(edges).GroupBy(s => s.UserId).Select(own => new { UserId = own.Key, Segments = own.Sum(s => s.Segments), Words = own.Sum(s => s.Words) });
        return
            from sum in sums
            join user in db.Users on sum.UserId equals user.Id into users
            from user in users.DefaultIfEmpty()
            orderby sum.Segments descending, sum.Words descending, sum.UserId
            select new BusyWriterRow(sum.UserId, user.DisplayName, user != null && user.PrefersNoName, sum.Segments, sum.Words);
    }

    /// <summary>Every draft in which something happened: most segments first, then most words, then most passes, then by id.</summary>
    public static IQueryable<BusyDraftRow> Drafts(OneRingDbContext db, TimeRange range, DashboardQuery query)
    {
        var days = range.Cut(Day);
        var whole = SpanQuery.Of(db.DraftSpans, days).Select(s => new { s.DraftId, s.Segments, s.Words, s.Passes });
        var parts = SpanQuery.PartsOf(db.DraftParts, range, days).Select(p => new { p.DraftId, p.Segments, p.Words, p.Passes });
        var slots = SpanQuery.SlotsOf(db.DraftSlots, range).Select(s => new { s.DraftId, s.Segments, s.Words, s.Passes });
        var edges = SpanQuery.EdgesOf(db, range, query.Platform)
            .Where(e => e.Type == EventType.SegmentAdded || (e.Type == EventType.RingPassed && e.Chosen != Chosen.Returned && e.Chosen != Chosen.Expired))
            .Select(e => new
            {
                e.DraftId,
                Segments = e.Type == EventType.SegmentAdded ? 1 : 0,
                Words = e.Type == EventType.SegmentAdded ? (long)e.Words : 0,
                Passes = e.Type == EventType.RingPassed ? 1 : 0,
            });
        var sums = whole.Concat(parts).Concat(slots).Concat(edges).GroupBy(s => s.DraftId).Select(own => new
        {
            DraftId = own.Key,
            Segments = own.Sum(s => s.Segments),
            Words = own.Sum(s => s.Words),
            Passes = own.Sum(s => s.Passes),
        });
        return
            from sum in sums
            join counted in db.CountedDrafts on sum.DraftId equals counted.DraftId
            join draft in db.Drafts on sum.DraftId equals draft.Id into drafts
            from draft in drafts.DefaultIfEmpty()
            where (query.Platform == null || counted.Platform == query.Platform) && sum.Segments + sum.Passes > 0
            orderby sum.Segments descending, sum.Words descending, sum.Passes descending, sum.DraftId
            select new BusyDraftRow(sum.DraftId, draft.Title, counted.Platform, sum.Segments, sum.Words, sum.Passes);
    }
}

internal sealed record BusyWriterRow(string UserId, string? DisplayName, bool PrefersNoName, int Segments, long Words)
{
    public BusyWriter ToView() => PrefersNoName
        ? new(UserId: null, Name: null, Segments, Words)
        : new(UserId, User.DisplayOf(UserId, DisplayName), Segments, Words);
}

internal sealed record BusyDraftRow(Guid DraftId, string? Title, Platform Platform, int Segments, long Words, int Passes)
{
    public BusyDraft ToView() => new(DraftId, Title, Platform, Segments, Words, Passes);
}
