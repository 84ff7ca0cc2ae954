using Microsoft.EntityFrameworkCore;
using OneRing.Data.Database;

namespace OneRing.Data.Analytics;

/// <summary>Which events: all that meet every condition that is given.</summary>
/// <param name="From">Not before this instant.</param>
/// <param name="To">Before this instant.</param>
public sealed record EventQuery(
    DateTimeOffset? From = null, DateTimeOffset? To = null, IReadOnlyCollection<EventType>? Types = null, Guid? DraftId = null, string? ActorId = null)
{
    internal IQueryable<AnalyticsEvent> In(OneRingDbContext db)
    {
        var events = db.AnalyticsEvents.AsNoTracking();
        events = From?.ToUniversalTime() is { } from ? events.Where(e => e.OccurredAt >= from) : events;
        events = To?.ToUniversalTime() is { } to ? events.Where(e => e.OccurredAt < to) : events;
        events = Types is { } types ? events.Where(e => types.Contains(e.Type)) : events;
        events = DraftId is { } draftId ? events.Where(e => e.DraftId == draftId) : events;
        // PostgreSQL cannot even be asked for what it cannot keep.
        return ActorId is null ? events : events.Where(e => e.ActorId == (Texts.IsReadable(ActorId) ? ActorId : ""));
    }
}

/// <summary>The append-only record of what happened. Commands write to it in their own transactions; here is what remains.</summary>
public sealed class EventStore
{
    private readonly IDbContextFactory<OneRingDbContext> contexts;

    internal EventStore(IDbContextFactory<OneRingDbContext> contexts) => this.contexts = contexts;

    /// <summary>Appends an event, or does nothing if the same one (type, time, data) is there. Says whether it was new.</summary>
    public async Task<bool> AppendAsync(AnalyticsEvent happened, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.InsertOnceAsync(happened, cancellationToken);
    }

    /// <summary>The events in the order in which they happened.</summary>
    public async Task<IReadOnlyList<AnalyticsEvent>> ReadAsync(EventQuery query, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var events = await query.In(db).OrderBy(e => e.OccurredAt).ThenBy(e => e.Id).ToListAsync(cancellationToken);
        return [.. events.Select(e => e with { Data = CanonicalJson.Rewrite(e.Data) })];
    }

    public async Task<int> CountAsync(EventQuery query, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await query.In(db).CountAsync(cancellationToken);
    }
}
