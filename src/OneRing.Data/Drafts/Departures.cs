using Microsoft.EntityFrameworkCore;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Feed;
using OneRing.Data.Notices;
using OneRing.Data.Rings;
using OneRing.Data.Writing;

namespace OneRing.Data.Drafts;

/// <summary>
/// What it means for the drafts of a person that their account is disabled or ends, or that they are somewhere else. Runs in the transaction that does so,
/// and answers the drafts that have changed: tell the feed of them after the commit.
/// </summary>
internal static class Departures
{
    /// <summary>The rings that a disabled person holds go home, and what they were writing is parked for the day when they are back.</summary>
    public static async Task<IReadOnlyList<DraftChanged>> SuspendAsync(
        OneRingDbContext db, string userId, string? actorId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var drafts = await LockAsync(db, userId, cancellationToken);
        var held = drafts.Where(draft => draft.HolderId == userId).ToList();
        await LoadPeopleAsync(db, held, cancellationToken);
        foreach (var draft in held)
        {
            Write(db, draft.Suspend(userId, now).Pass, actorId);
            draft.SettleClock(now);
        }
        var ids = held.Select(draft => draft.Id).ToList();
        var open = await db.WorkingTexts
            .Where(t => ids.Contains(t.DraftId) && t.UserId == userId && t.ParkedAt == null)
            .Select(t => new OpenText(t.DraftId, t.Id, t.UserId, t.Words))
            .ToListAsync(cancellationToken);
        foreach (var draft in held)
        {
            Parking.Settle(db, draft, [.. open.Where(text => text.DraftId == draft.Id)], now);
        }
        return [.. held.Select(Changed)];
    }

    /// <summary>
    /// Whether a person can hold a ring is different now, or where they are: the clocks of their drafts look at it anew, and so do the pages. To be called after the person was
    /// saved, and with their drafts locked.
    /// </summary>
    public static async Task<IReadOnlyList<DraftChanged>> ReconsiderAsync(OneRingDbContext db, string userId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var drafts = db.Drafts.Where(d => d.Status == DraftStatus.Active && d.ArchivedAt == null && d.Collaborators.Any(c => c.UserId == userId && c.Role != Role.Reader));
        await drafts.ExecuteUpdateAsync(set => set.SetProperty(d => d.ClockDueAt, now).SetProperty(d => d.Version, d => d.Version + 1), cancellationToken);
        var changed = await drafts.Select(d => new { d.Id, d.Version, People = d.Collaborators.Select(c => c.UserId).ToList() }).ToListAsync(cancellationToken);
        return changed.ConvertAll(d => new DraftChanged(d.Id, d.Version, d.People));
    }

    /// <summary>A person whose account ends leaves every draft. Their rings go home; what they owned, the first writer owns.</summary>
    /// <remarks>Saves what it has changed.</remarks>
    public static async Task<IReadOnlyList<DraftChanged>> LeaveAllAsync(
        OneRingDbContext db, string userId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var drafts = await LockAsync(db, userId, cancellationToken);
        await LoadPeopleAsync(db, drafts, cancellationToken);
        var changes = new List<DraftChanged>();
        foreach (var draft in drafts)
        {
            var people = draft.Collaborators.Select(c => c.UserId).ToList();
            var left = draft.Lose(userId, now);
            db.AnalyticsEvents.Add(AnalyticsEvent.CollaboratorLeft(draft, left.Collaborator, userId));
            Write(db, left.Pass, userId);
            draft.SettleClock(now);
            changes.Add(new DraftChanged(draft.Id, draft.Version, people));
        }
        // The database allows no second owner, not even between two statements.
        await db.SaveChangesAsync(cancellationToken);
        foreach (var draft in drafts.Where(draft => draft.Owner is null))
        {
            if (draft.Heir is { } heir)
            {
                draft.MakeOwner(heir.UserId);
            }
        }
        await db.SaveChangesAsync(cancellationToken);
        return changes;
    }

    /// <summary>
    /// Locks the drafts of a person before the person, as commands do. Between the two, somebody may have let them into one more
    /// draft, and even have passed them its ring; once the person is locked, nobody can.
    /// </summary>
    public static async Task<List<Draft>> LockAsync(OneRingDbContext db, string userId, CancellationToken cancellationToken)
    {
        await db.LockedDraftsOf(userId).ToListAsync(cancellationToken);
        await db.LockedUser(userId).ToListAsync(cancellationToken);
        return await db.LockedDraftsOf(userId).ToListAsync(cancellationToken);
    }

    private static async Task LoadPeopleAsync(OneRingDbContext db, List<Draft> drafts, CancellationToken cancellationToken)
    {
        var ids = drafts.Select(draft => draft.Id).ToList();
        var people = await (
            from collaborator in db.Collaborators
            join user in db.Users on collaborator.UserId equals user.Id
            where ids.Contains(collaborator.DraftId)
            select new { Collaborator = collaborator, IsDisabled = user.DisabledAt != null, Whereabouts = new Whereabouts(user.TimeZone, user.AwaySince, user.AwayUntil) })
            .ToListAsync(cancellationToken);
        foreach (var person in people)
        {
            person.Collaborator.IsDisabled = person.IsDisabled;
            person.Collaborator.Whereabouts = person.Whereabouts;
        }
    }

    private static DraftChanged Changed(Draft draft) => new(draft.Id, draft.Version, [.. draft.Collaborators.Select(c => c.UserId)]);

    private static void Write(OneRingDbContext db, RingPass? pass, string? actorId)
    {
        if (pass is not null)
        {
            db.RingPasses.Add(pass);
            db.AnalyticsEvents.Add(AnalyticsEvent.RingPassed(pass, actorId));
            db.Notices.Add(new Notice(pass.ToId, NoticeKind.YourTurn, pass.DraftId, Notice.CauseOf(pass.Turn), pass.FromId, pass.PassedAt));
        }
    }
}
