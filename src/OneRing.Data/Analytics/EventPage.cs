using OneRing.Data.Drafts;

namespace OneRing.Data.Analytics;

/// <summary>A page of events in the order in which they happened.</summary>
internal sealed class EventPage
{
    private readonly Cursor? after;
    private readonly int limit;

    private EventPage(Cursor? after, int limit)
    {
        this.after = after;
        this.limit = limit;
    }

    /// <summary>The page behind a cursor; null when that is none of ours.</summary>
    public static EventPage? Read(string? cursor, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, DraftService.LongestListing);

        var start = cursor is null ? null : Cursor.Read(cursor);
        return cursor is not null && start is null ? null : new EventPage(start, limit);
    }

    /// <summary>These events, from the cursor on, and one more to see whether there is another page.</summary>
    public IQueryable<AnalyticsEvent> Of(IQueryable<AnalyticsEvent> events)
    {
        if (after is { At: var at, Id: var id })
        {
            // The first condition alone can use an index, and says which partitions to leave out.
            events = events.Where(e => e.OccurredAt >= at && (e.OccurredAt > at || e.Id > id));
        }
        return events.OrderBy(e => e.OccurredAt).ThenBy(e => e.Id).Take(limit + 1);
    }

    public Listing<AnalyticsEvent> ToListing(List<AnalyticsEvent> rows)
    {
        var items = rows.Take(limit).Select(e => e with { Data = CanonicalJson.Rewrite(e.Data) }).ToList();
        return new Listing<AnalyticsEvent>(items, rows.Count > limit ? new Cursor(items[^1].OccurredAt, items[^1].Id).ToString() : null);
    }
}
