using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Data.Rings;

namespace OneRing.Data.Accounts;

/// <summary>Somebody wants their account gone.</summary>
/// <param name="Handle">Typed once more by the person.</param>
/// <param name="Password">Their password, if the account has one and no passkey was shown instead.</param>
/// <param name="HasShownPasskey">Whether they have just shown one of their passkeys.</param>
public sealed record DeleteAccount(string UserId, string Handle, string? Password = null, bool HasShownPasskey = false);

/// <summary>
/// The end of an account. The person leaves their drafts, what they wrote stays there under “a former writer”, and everything else about them goes,
/// in one transaction. The row of the account stays, with nothing of the person in it, because their segments point to it.
/// </summary>
public sealed class AccountDeletion
{
    private static readonly string SmartPassOperation = new SmartPass("", Guid.Empty, default, Key: "").Operation;

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly Credentials credentials;
    private readonly DraftFeed feed;
    private readonly TimeProvider clock;

    internal AccountDeletion(IDbContextFactory<OneRingDbContext> contexts, Credentials credentials, DraftFeed feed, TimeProvider clock)
    {
        this.contexts = contexts;
        this.credentials = credentials;
        this.feed = feed;
        this.clock = clock;
    }

    /// <summary>Deletes the account, once its person has shown that it is them and that they mean it.</summary>
    public async Task<Result<Done>> DeleteAsync(DeleteAccount request, CancellationToken cancellationToken = default)
    {
        if (await CheckAsync(request, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var (result, changes) = await contexts.InTransactionAsync(
            (db, transaction, token) => DeleteAsync(db, transaction, request.UserId, token), cancellationToken);
        foreach (var change in changes)
        {
            feed.Publish(change);
        }
        return result;
    }

    private async Task<Refusal?> CheckAsync(DeleteAccount request, CancellationToken cancellationToken)
    {
        await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
        {
            var account = await db.Users
                .Where(u => u.Id == request.UserId && u.DisabledAt == null)
                .Select(u => new { u.UserName, HasPassword = u.PasswordHash != null, HasPasskey = db.UserPasskeys.Any(p => p.UserId == u.Id) })
                .SingleOrDefaultAsync(cancellationToken);
            if (account is null)
            {
                return Refusal.Forbidden;
            }
            if (User.NormaliseHandle(request.Handle) != account.UserName)
            {
                return Refusal.HandleDiffers;
            }
            // Demo people have neither.
            if (request.HasShownPasskey || (!account.HasPassword && !account.HasPasskey))
            {
                return null;
            }
        }
        return await credentials.CheckPasswordAsync(request.UserId, request.Password ?? "", cancellationToken) ? null : Refusal.PasswordWrong;
    }

    private async Task<(Result<Done> Result, IReadOnlyList<DraftChanged> Changes)> DeleteAsync(
        OneRingDbContext db, IDbContextTransaction transaction, string userId, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        if (await db.LockedAdmins().Select(admin => admin.Id).ToListAsync(cancellationToken) is [var last] && last == userId)
        {
            return (Refusal.LastAdmin, []);
        }

        var changes = await Departures.LeaveAllAsync(db, userId, now, cancellationToken);
        if (await db.Users.SingleAsync(u => u.Id == userId, cancellationToken) is not { DeletedAt: null } user)
        {
            return (Refusal.Forbidden, []);
        }

        user.Delete(now);
        await db.SaveChangesAsync(cancellationToken);
        await ForgetAsync(db, userId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (default(Done), changes);
    }

    /// <summary>Removes what is about the person and in other tables. It happens once to an account, so it may look through them.</summary>
    private static async Task ForgetAsync(OneRingDbContext db, string userId, CancellationToken cancellationToken)
    {
        await db.UserPasskeys.Where(p => p.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.UserTokens.Where(t => t.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.UserClaims.Where(c => c.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.UserLogins.Where(l => l.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.AccessTokens.Where(t => t.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.InviteUses.Where(u => u.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.Invites.Where(i => i.RecipientId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.OutboxMails.Where(m => m.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.Notices.Where(n => n.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.RingWishes.Where(w => w.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.NoticeSettings.Where(s => s.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.DraftVisits.Where(v => v.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.WorkingTexts.Where(t => t.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.Presences.Where(p => p.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        var ownKeys = $"{userId}:";
        await db.IdempotencyKeys.Where(k => k.Scope.StartsWith(ownKeys)).ExecuteDeleteAsync(cancellationToken);

        // What they wrote to others on passes; and the sentences, with their name, that say why a strategy chose them, with the answers that repeat these.
        await db.RingPasses.Where(p => p.FromId == userId && p.Note != null)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.Note, (string?)null), cancellationToken);
        var chosen = db.RingPasses.Where(p =>
            p.ToId == userId && (p.Chosen == Chosen.MostInactive || p.Chosen == Chosen.RoundRobin || p.Chosen == Chosen.BackToCreator));
        var choices = await chosen.Select(p => new { p.FromId, p.DraftId }).Distinct().ToListAsync(cancellationToken);
        var scopes = choices.Select(p => $"{p.FromId}:{SmartPassOperation}:{p.DraftId}").ToList();
        await db.IdempotencyKeys.Where(k => scopes.Contains(k.Scope)).ExecuteDeleteAsync(cancellationToken);
        await chosen.ExecuteUpdateAsync(set => set.SetProperty(p => p.Reason, "The strategy chose a former writer."), cancellationToken);
        await db.RingPasses.Where(p => p.Chosen == Chosen.Expired && (p.FromId == userId || p.ToId == userId))
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.Reason, "The turn was over, and the ring went on by the rule of the draft."), cancellationToken);
    }
}
