using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Rings;

/// <summary>What a strategy needs to know of somebody who can hold the ring.</summary>
internal sealed record CandidateRow(
    string UserId, string? DisplayName, Role Role, DateTimeOffset JoinedAt, int? Place, DateTimeOffset? AwayUntil, DateTimeOffset? AwayFromAllUntil, DateTimeOffset? LastWroteAt, DateTimeOffset? LastExpiredAt)
{
    public static IQueryable<CandidateRow> Of(OneRingDbContext db, Guid draftId) =>
        from collaborator in db.Collaborators
        join user in db.Users on collaborator.UserId equals user.Id
        where collaborator.DraftId == draftId && collaborator.Role != Role.Reader && user.DisabledAt == null
        select new CandidateRow(
            user.Id,
            user.DisplayName,
            collaborator.Role,
            collaborator.JoinedAt,
            collaborator.Place,
            collaborator.AwayUntil,
            user.AwayUntil,
            db.Segments.Where(s => s.DraftId == draftId && s.AuthorId == user.Id).Max(s => (DateTimeOffset?)s.CreatedAt),
            db.RingPasses.Where(p => p.DraftId == draftId && p.FromId == user.Id && p.Chosen == Chosen.Expired).Max(p => (DateTimeOffset?)p.PassedAt));

    public Candidate ToCandidate(DateTimeOffset now) => new(
        UserId, User.DisplayOf(UserId, DisplayName), Role, JoinedAt, LastWroteAt, LastExpiredAt, Place, IsAway: AwayUntil > now || AwayFromAllUntil > now);
}
