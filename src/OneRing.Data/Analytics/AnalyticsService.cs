using Microsoft.EntityFrameworkCore;
using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Analytics;

/// <summary>How far back a dashboard looks from now.</summary>
public enum Window
{
    Day,
    Week,
    Month,
    All,
}

/// <summary>What happened on one UTC day.</summary>
public sealed record DayOfActivity(DateOnly Day, int Drafts, int Segments, int Passes);

/// <summary>What happened within a window, from the events alone.</summary>
/// <param name="From">The start of the window; null when it has none.</param>
/// <param name="ActiveWriters">Different people who appended at least one segment.</param>
/// <param name="Days">Every UTC day that the window touches, from the first with an event when it has no start; days without events too.</param>
public sealed record Dashboard(
    DateTimeOffset? From, DateTimeOffset To, int Drafts, int Segments, int Passes, int ActiveWriters, IReadOnlyList<DayOfActivity> Days);

/// <summary>Figures over all drafts, for admins.</summary>
public sealed class AnalyticsService
{
    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly TimeProvider clock;

    internal AnalyticsService(IDbContextFactory<OneRingDbContext> contexts, TimeProvider clock)
    {
        this.contexts = contexts;
        this.clock = clock;
    }

    /// <summary>Counts drafts, segments, passes and active writers within (now − window, now].</summary>
    public async Task<Result<Dashboard>> ReadDashboardAsync(string userId, Window window, CancellationToken cancellationToken = default)
    {
        var now = clock.Now();
        DateTimeOffset? from = window switch
        {
            Window.Day => now.AddHours(-24),
            Window.Week => now.AddDays(-7),
            Window.Month => now.AddDays(-30),
            _ => null,
        };

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var admins = Admins(db, userId);
        var events = db.AnalyticsEvents.Where(e => e.OccurredAt <= now);
        events = from is { } start ? events.Where(e => e.OccurredAt > start) : events;
        var counts = events
            .Where(e => e.Type == EventType.DraftCreated || e.Type == EventType.SegmentAdded || e.Type == EventType.RingPassed)
            .GroupBy(e => new { Day = Provider.UtcDay(e.OccurredAt), e.Type })
            .Select(group => new { group.Key.Day, group.Key.Type, Count = group.Count() });
        var writers = events.Where(e => e.Type == EventType.SegmentAdded).GroupBy(_ => 1).Select(group => group.Select(e => e.ActorId).Distinct().Count());

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, admins, counts, writers);
        if ((await admins.ToListAsync(cancellationToken)).Count == 0)
        {
            return Refusal.Forbidden;
        }

        var rows = await counts.ToListAsync(cancellationToken);
        var activeWriters = (await writers.ToListAsync(cancellationToken)).SingleOrDefault();
        var byDay = rows.ToLookup(row => Provider.DateOfUtcDay(row.Day));
        var lastDay = DateOnly.FromDateTime(now.UtcDateTime);
        var firstDay = from is { } since ? DateOnly.FromDateTime(since.UtcDateTime) : byDay.Select(day => day.Key).DefaultIfEmpty(lastDay).Min();
        int Total(EventType type) => rows.Where(row => row.Type == type).Sum(row => row.Count);
        int On(DateOnly day, EventType type) => byDay[day].Where(row => row.Type == type).Sum(row => row.Count);

        return new Dashboard(
            from, now, Total(EventType.DraftCreated), Total(EventType.SegmentAdded), Total(EventType.RingPassed), activeWriters,
            [.. Enumerable.Range(0, lastDay.DayNumber - firstDay.DayNumber + 1).Select(firstDay.AddDays).Select(day =>
                new DayOfActivity(day, On(day, EventType.DraftCreated), On(day, EventType.SegmentAdded), On(day, EventType.RingPassed)))]);
    }

    /// <summary>Events over all drafts, the oldest first.</summary>
    /// <param name="cursor">What the page before gave as its <see cref="Listing{T}.NextCursor"/>.</param>
    /// <param name="limit">How many at the most: 1 to <see cref="DraftService.LongestListing"/>.</param>
    public async Task<Result<Listing<AnalyticsEvent>>> ListEventsAsync(
        string userId, EventQuery query, string? cursor = null, int limit = 20, CancellationToken cancellationToken = default)
    {
        if (EventPage.Read(cursor, limit) is not { } page)
        {
            return Refusal.CursorInvalid;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var admins = Admins(db, userId);
        var events = page.Of(query.In(db));

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, admins, events);
        return (await admins.ToListAsync(cancellationToken)).Count == 0
            ? Refusal.Forbidden
            : page.ToListing(await events.ToListAsync(cancellationToken));
    }

    private static IQueryable<string> Admins(OneRingDbContext db, string userId) =>
        db.Users.Where(user => user.Id == userId && user.IsAdmin && user.DisabledAt == null).Select(user => user.Id);
}
