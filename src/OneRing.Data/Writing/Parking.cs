using Microsoft.EntityFrameworkCore;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Writing;

/// <summary>A text that stands in somebody's box, without its words.</summary>
internal sealed record OpenText(Guid DraftId, Guid Id, string UserId, int Words);

/// <summary>How texts are parked by what happens to their draft, and by what is refused there.</summary>
internal static class Parking
{
    /// <summary>More parked texts nobody has; until some are deleted, new ones stay in the browser.</summary>
    public const int Most = 500;

    /// <summary>Parks the texts of those who may not write any more, in the transaction that changes the draft.</summary>
    public static void Settle(OneRingDbContext db, Draft draft, IReadOnlyList<OpenText> open, DateTimeOffset now, bool isDeleted = false)
    {
        foreach (var text in open)
        {
            var because = isDeleted ? ParkedBecause.Deleted : draft.WhyNotWriting(draft.FindCollaborator(text.UserId), text.UserId);
            if (because is not { } reason)
            {
                continue;
            }

            var row = Attach(db, text);
            if (text.Words == 0)
            {
                db.WorkingTexts.Remove(row);
            }
            else
            {
                // Its words, which may be many, are neither read nor written for this.
                row.Park(reason, draft.Title, now);
            }
        }
    }

    /// <summary>What is added is no working text any more, in the transaction that adds it.</summary>
    public static async Task FinishAsync(OneRingDbContext db, IReadOnlyList<OpenText> open, AppendSegment request, CancellationToken cancellationToken)
    {
        if (open.FirstOrDefault(text => text.Id == request.TextId && text.UserId == request.UserId) is { } text)
        {
            db.WorkingTexts.Remove(Attach(db, text));
        }
        else if (request.TextId is { } id)
        {
            // The ring went and came back before the page heard of it: what was parked then is what is added now.
            await db.WorkingTexts.Where(t => t.DraftId == request.DraftId && t.Id == id && t.UserId == request.UserId).ExecuteDeleteAsync(cancellationToken);
        }
    }

    /// <summary>Why a text is parked whose append was refused; null where its author can mend it and try again.</summary>
    public static ParkedBecause? Because(Refusal refusal, Draft? draft, string userId) => refusal switch
    {
        Refusal.StaleTurn => ParkedBecause.StaleTurn,
        Refusal.Forbidden => ParkedBecause.RoleChanged,
        Refusal.NotFound => ParkedBecause.Removed,
        Refusal.RingRequired or Refusal.DraftNotActive => draft?.WhyNotWriting(draft.FindCollaborator(userId), userId) ?? ParkedBecause.RingGone,
        _ => null,
    };

    /// <summary>Parks what somebody wanted to add. The same request again is the same text.</summary>
    public static async Task ParkAsync(
        IDbContextFactory<OneRingDbContext> contexts, AppendSegment request, ParkedBecause because, DateTimeOffset now, CancellationToken cancellationToken) =>
        await contexts.InTransactionAsync(async (db, transaction, token) =>
        {
            if (!await db.Users.AnyAsync(u => u.Id == request.UserId && u.DisabledAt == null, token))
            {
                return false;
            }

            var id = request.TextId ?? request.IdOfRefused;
            var title = await db.ReadableDrafts(request.UserId).Where(d => d.Id == request.DraftId).Select(d => d.Title).SingleOrDefaultAsync(token);
            // Before the text, as commands do, which then find it open or parked and not in between.
            await db.SharedDraft(request.DraftId).LoadAsync(token);
            var text = await db.LockedWorkingText(request.DraftId, id).SingleOrDefaultAsync(token);
            if (text is null)
            {
                if (!await HasRoomAsync(db, request.UserId, token))
                {
                    return false;
                }
                text = new WorkingText(request.DraftId, id, request.UserId, now);
                text.Write(request.Content, page: "", now);
                text.Park(because, title, now);
                if (!await db.InsertOnceAsync(text, token))
                {
                    return false;
                }
            }
            else if (text.UserId == request.UserId)
            {
                if (text.Content != request.Content)
                {
                    text.Write(request.Content, text.Page, now);
                }
                if (text.ParkedAt is null)
                {
                    text.Park(because, title, now);
                }
                await db.SaveChangesAsync(token);
            }
            await transaction.CommitAsync(token);
            return true;
        }, cancellationToken);

    public static async Task<bool> HasRoomAsync(OneRingDbContext db, string userId, CancellationToken cancellationToken) =>
        await db.WorkingTexts.CountAsync(t => t.UserId == userId && t.ParkedAt != null, cancellationToken) < Most;

    private static WorkingText Attach(OneRingDbContext db, OpenText text)
    {
        var row = new WorkingText(text.DraftId, text.Id, text.UserId, default);
        db.Attach(row);
        return row;
    }
}
