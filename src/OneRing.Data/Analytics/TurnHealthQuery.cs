using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Analytics;

/// <summary>
/// The drafts that are being written, as they were at an instant. What the draft's row says is true since it last changed; only of a draft that has gone on after the
/// instant it is looked up what was before.
/// </summary>
internal static class TurnHealthQuery
{
    public static IQueryable<RingRow> Of(OneRingDbContext db, Platform? platform, DateTimeOffset at) =>
        from draft in db.Drafts
        where draft.CreatedAt <= at && draft.Status != DraftStatus.Locked && draft.ArchivedAt == null && (draft.CompletedAt == null || draft.CompletedAt > at)
            && (platform == null || draft.Platform == platform)
        select new RingRow
        {
            DraftId = draft.Id,
            Title = draft.Title,
            Platform = draft.Platform,
            CreatorId = draft.CreatorId,
            CreatedAt = draft.CreatedAt,
            Passes = draft.HeldSince <= at ? draft.Turn - 1 : db.RingPasses.Count(p => p.DraftId == draft.Id && p.PassedAt <= at),
            HolderId = draft.HeldSince <= at
                ? draft.HolderId
                : db.RingPasses.Where(p => p.DraftId == draft.Id && p.PassedAt <= at).OrderByDescending(p => p.Turn).Select(p => p.ToId).FirstOrDefault() ?? draft.CreatorId,
            HeldSince = draft.HeldSince <= at
                ? draft.HeldSince
                : db.RingPasses.Where(p => p.DraftId == draft.Id && p.PassedAt <= at).Max(p => (DateTimeOffset?)p.PassedAt) ?? draft.CreatedAt,
            LastActivityAt = draft.LastActivityAt <= at
                ? draft.LastActivityAt
                : db.Segments.Where(s => s.DraftId == draft.Id && s.CreatedAt <= at).Select(s => s.CreatedAt)
                    .Concat(db.RingPasses.Where(p => p.DraftId == draft.Id && p.PassedAt <= at).Select(p => p.PassedAt))
                    .Max(when => (DateTimeOffset?)when) ?? draft.CreatedAt,
        };

    public static IQueryable<RingCounts> Counts(IQueryable<RingRow> rings, DateTimeOffset at)
    {
        var (stalled, slow) = (at - Figures.Stalled, at - Figures.Slow);
        return rings.GroupBy(_ => 1).Select(all => new RingCounts(
            all.Count(),
            all.Sum(ring => ring.LastActivityAt <= stalled ? 1 : 0),
            all.Sum(ring => ring.LastActivityAt > stalled && ring.LastActivityAt <= slow && ring.Passes < Figures.FewPasses ? 1 : 0)));
    }

    /// <summary>The longest stalled first.</summary>
    public static IQueryable<RingRow> Stalled(IQueryable<RingRow> rings, DateTimeOffset at)
    {
        var stalled = at - Figures.Stalled;
        return rings.Where(ring => ring.LastActivityAt <= stalled).OrderBy(ring => ring.LastActivityAt).ThenBy(ring => ring.DraftId);
    }

    /// <summary>What else a table says of a few rings: names, fairness, and nudges.</summary>
    public static async Task<IReadOnlyList<StalledRing>> DescribeAsync(
        OneRingDbContext db, IReadOnlyList<RingRow> rings, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var (draftIds, holderIds) = (rings.Select(ring => ring.DraftId).ToList(), rings.Select(ring => ring.HolderId).Distinct().ToList());
        var holders = db.Users.Where(user => holderIds.Contains(user.Id)).Select(user => new { user.Id, user.DisplayName, user.PrefersNoName });
        var written = db.Segments.Where(s => draftIds.Contains(s.DraftId) && s.CreatedAt <= at)
            .GroupBy(s => new { s.DraftId, s.AuthorId }).Select(own => new { own.Key.DraftId, own.Key.AuthorId, Segments = own.Count() });
        var present = db.Collaborators.Where(c => draftIds.Contains(c.DraftId))
            .Select(c => new { c.DraftId, Member = new Member(c.UserId, c.Role != Role.Reader, c.JoinedAt) });
        var changes = db.AnalyticsEvents.AsNoTracking().Where(e =>
            draftIds.Contains(e.DraftId) && e.OccurredAt <= at && (e.Type == EventType.CollaboratorJoined || e.Type == EventType.CollaboratorLeft));
        var nudges = db.Nudges.Where(n => draftIds.Contains(n.DraftId) && n.At <= at).Select(n => new { n.DraftId, n.Turn, n.At });

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, holders, written, present, changes, nudges);
        var names = (await holders.ToListAsync(cancellationToken)).ToDictionary(h => h.Id, h => h.PrefersNoName ? null : User.DisplayOf(h.Id, h.DisplayName), StringComparer.Ordinal);
        var authors = (await written.ToListAsync(cancellationToken)).ToLookup(w => w.DraftId, w => KeyValuePair.Create(w.AuthorId, w.Segments));
        var members = (await present.ToListAsync(cancellationToken)).ToLookup(p => p.DraftId, p => p.Member);
        var comings = (await changes.ToListAsync(cancellationToken)).ToLookup(c => c.DraftId, Coming.Read);
        var reminders = (await nudges.ToListAsync(cancellationToken)).ToLookup(n => (n.DraftId, n.Turn), n => (DateTimeOffset?)n.At);

        return [.. rings.Select(ring => new StalledRing(
            ring.DraftId, ring.Title, ring.Platform, names[ring.HolderId], ring.Passes + 1, ring.HeldSince, ring.LastActivityAt,
            Figures.Fairness(
                authors[ring.DraftId], DraftHistory.MembersAt(at, ring.CreatorId, ring.CreatedAt, comings[ring.DraftId], members[ring.DraftId])),
            reminders[(ring.DraftId, ring.Passes + 1)].Max()))];
    }
}

/// <summary>A draft that is being written, and its ring.</summary>
internal sealed class RingRow
{
    public required Guid DraftId { get; init; }

    public required string Title { get; init; }

    public required Platform Platform { get; init; }

    public required string CreatorId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required int Passes { get; init; }

    public required string HolderId { get; init; }

    public required DateTimeOffset HeldSince { get; init; }

    public required DateTimeOffset LastActivityAt { get; init; }
}

/// <summary>How many drafts are being written, and how many of them are at risk to be left lying.</summary>
internal sealed record RingCounts(int BeingWritten, int HighRisk, int MediumRisk);
