using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;

namespace OneRing.Data.Database;

internal static class Access
{
    /// <summary>The drafts that a person may read: they are one of its people, and their account is not disabled.</summary>
    public static IQueryable<Draft> ReadableDrafts(this OneRingDbContext db, string userId) =>
        from draft in db.Drafts.AsNoTracking()
        join collaborator in db.Collaborators on draft.Id equals collaborator.DraftId
        join user in db.Users on collaborator.UserId equals user.Id
        where user.Id == userId && user.DisabledAt == null
        select draft;

    /// <summary>The person with this handle, as it was typed; nobody, if it cannot be one.</summary>
    public static IQueryable<User> WithHandle(this IQueryable<User> users, string typed)
    {
        var handle = User.NormaliseHandle(typed)?.ToUpperInvariant();
        return users.Where(user => user.NormalizedUserName == handle);
    }
}
