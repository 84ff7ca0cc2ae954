using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Analytics;

/// <summary>The figures of one draft and what happened in it, for its people.</summary>
public sealed class DraftAnalyticsService
{
    public const int MostDays = 90;

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly TimeProvider clock;

    internal DraftAnalyticsService(IDbContextFactory<OneRingDbContext> contexts, TimeProvider clock)
    {
        this.contexts = contexts;
        this.clock = clock;
    }

    /// <summary>The figures of a draft.</summary>
    /// <param name="days">For how many days it tells what happened on each: 1 to <see cref="MostDays"/>.</param>
    /// <param name="now">The instant at which to look, past or to come; the present one if null.</param>
    public async Task<Result<DraftFigures>> FindDraftFiguresAsync(
        string userId, Guid draftId, int days = 14, DateTimeOffset? now = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(days, MostDays);

        return await ReadAsync(userId, draftId, now, cancellationToken) is { } reading ? DraftFigures.Of(reading.History, days) : Refusal.NotFound;
    }

    /// <summary>How a draft is doing, and what its people could do.</summary>
    /// <param name="now">The instant at which to look, past or to come; the present one if null.</param>
    public async Task<Result<DraftInsights>> FindInsightsAsync(
        string userId, Guid draftId, DateTimeOffset? now = null, CancellationToken cancellationToken = default) =>
        await ReadAsync(userId, draftId, now, cancellationToken) is { } reading ? DraftInsights.Of(reading.History) : Refusal.NotFound;

    /// <summary>The figures of a draft, its holds and how it is doing, all of the same instant.</summary>
    /// <param name="days">For how many days it tells what happened on each: 1 to <see cref="MostDays"/>.</param>
    /// <param name="page">Which ten of its holds, from 1 on, the newest first; the last page when there are fewer.</param>
    /// <param name="now">The instant at which to look, past or to come; the present one if null.</param>
    public async Task<Result<DraftOverview>> FindOverviewAsync(
        string userId, Guid draftId, int days = 14, int page = 1, DateTimeOffset? now = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(days, MostDays);
        ArgumentOutOfRangeException.ThrowIfLessThan(page, 1);

        return await ReadAsync(userId, draftId, now, cancellationToken) is { } reading
            ? DraftOverview.Of(reading.Head, reading.History, days, page)
            : Refusal.NotFound;
    }

    /// <summary>What happened in a draft, the oldest first.</summary>
    /// <param name="cursor">What the page before gave as its <see cref="Listing{T}.NextCursor"/>.</param>
    /// <param name="limit">How many at the most: 1 to <see cref="DraftService.LongestListing"/>.</param>
    public async Task<Result<Listing<AnalyticsEvent>>> ListTimelineAsync(
        string userId, Guid draftId, string? cursor = null, int limit = 20, CancellationToken cancellationToken = default)
    {
        if (EventPage.Read(cursor, limit) is not { } page)
        {
            return Refusal.CursorInvalid;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var drafts = db.ReadableDrafts(userId).Where(draft => draft.Id == draftId).Select(draft => draft.Id);
        var events = page.Of(new EventQuery(DraftId: draftId).In(db));

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, drafts, events);
        return (await drafts.ToListAsync(cancellationToken)).Count == 0
            ? Refusal.NotFound
            : page.ToListing(await events.ToListAsync(cancellationToken));
    }

    private async Task<Reading?> ReadAsync(string userId, Guid draftId, DateTimeOffset? at, CancellationToken cancellationToken)
    {
        // For the present, everything is read that there is, and the draft's row says how far it goes.
        var until = at?.ToUniversalTime() ?? DateTimeOffset.MaxValue;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var drafts = db.ReadableDrafts(userId).Where(draft => draft.Id == draftId)
            .Select(draft => new
            {
                Draft = draft,
                Role = db.Collaborators.Where(me => me.DraftId == draft.Id && me.UserId == userId).Select(me => me.Role).Single(),
                IsPublic = db.PublicLinks.Any(link => link.DraftId == draft.Id),
            });
        var segments = db.Segments
            .Where(segment => segment.DraftId == draftId && segment.CreatedAt <= until)
            .OrderBy(segment => segment.Position)
            .Select(segment => new { segment.Position, Written = new Written(segment.AuthorId, segment.CreatedAt, Texts.Words(segment.Content)) });
        var passes = db.RingPasses
            .Where(pass => pass.DraftId == draftId && pass.PassedAt <= until)
            .OrderBy(pass => pass.Turn)
            .Select(pass => new { pass.Turn, Handed = new Handed(pass.ToId, pass.PassedAt) });
        var present = db.Collaborators
            .Where(collaborator => collaborator.DraftId == draftId)
            .Select(collaborator => new Member(collaborator.UserId, collaborator.Role != Role.Reader, collaborator.JoinedAt));
        var changes = db.AnalyticsEvents.AsNoTracking().Where(e =>
            e.DraftId == draftId && e.OccurredAt <= until && (e.Type == EventType.CollaboratorJoined || e.Type == EventType.CollaboratorLeft));
        var ids = db.Drafts.Where(draft => draft.Id == draftId).Select(draft => draft.CreatorId)
            .Union(db.Collaborators.Where(collaborator => collaborator.DraftId == draftId).Select(collaborator => collaborator.UserId))
            .Union(db.Segments.Where(segment => segment.DraftId == draftId).Select(segment => segment.AuthorId))
            .Union(db.RingPasses.Where(pass => pass.DraftId == draftId).Select(pass => pass.ToId));
        var people = db.Users
            .Where(user => ids.Contains(user.Id))
            .Select(user => new { user.Id, user.DisplayName, IsDisabled = user.DisabledAt != null });

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, drafts, segments, passes, present, changes, people);
        if ((await drafts.ToListAsync(cancellationToken)).SingleOrDefault() is not { Draft: var draft } found)
        {
            return null;
        }

        // The draft was read first. What was written since then belongs to the next answer.
        var written = (await segments.ToListAsync(cancellationToken)).Where(segment => segment.Position < draft.SegmentCount).Select(segment => segment.Written);
        var handed = (await passes.ToListAsync(cancellationToken)).Where(pass => pass.Turn <= draft.Turn).Select(pass => pass.Handed);
        // Another server's clock may be a moment ahead of ours; within one draft, time never goes back.
        var now = at?.ToUniversalTime() ?? new[] { clock.Now(), draft.UpdatedAt }.Max();
        var members = await present.ToListAsync(cancellationToken);
        var comings = (await changes.ToListAsync(cancellationToken)).Where(change => change.OccurredAt <= now).Select(Coming.Read);
        var completedAt = draft.CompletedAt <= now ? draft.CompletedAt : null;
        var history = new DraftHistory(
            draft.Id, now, draft.CreatorId, draft.CreatedAt, completedAt,
            // Only what is being written can be completed: it was active until then.
            IsActive: draft.CreatedAt <= now && completedAt is null && draft.Status != DraftStatus.Locked && draft.ArchivedAt is null,
            [.. written], [.. handed], DraftHistory.MembersAt(now, draft.CreatorId, draft.CreatedAt, comings, members),
            (await people.ToListAsync(cancellationToken)).ToDictionary(
                person => person.Id, person => new Known(User.DisplayOf(person.Id, person.DisplayName), person.IsDisabled), StringComparer.Ordinal));
        var head = new DraftHead(
            draft.Id, draft.Title, draft.Platform, draft.Status, found.Role, draft.HolderId, draft.Turn, draft.Version, draft.SegmentCount, draft.LastActivityAt,
            draft.ArchivedAt, found.IsPublic);
        return new Reading(head, history);
    }

    /// <summary>A draft as it is, and what had happened in it by an instant.</summary>
    private sealed record Reading(DraftHead Head, DraftHistory History);
}
