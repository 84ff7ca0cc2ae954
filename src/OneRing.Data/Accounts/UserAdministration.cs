using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;

namespace OneRing.Data.Accounts;

/// <summary>An admin's act on an account.</summary>
/// <param name="ActorId">Who acts; null for a command at the server, which nobody questions.</param>
/// <param name="FromAddress">From which address, for the audit log.</param>
public sealed record UserAct(string? ActorId, string UserId, Act Act, string FromAddress);

/// <summary>An account as admins see it. Of its drafts they see how many, never which.</summary>
public sealed record UserSummary(
    string UserId, string Handle, string Name, bool IsAdmin, DateTimeOffset CreatedAt, DateTimeOffset? DisabledAt, int Drafts, int Segments);

/// <summary>A line of the audit log.</summary>
/// <param name="Actor">The handle of whoever acted; null for a command at the server.</param>
public sealed record AuditLine(Guid Id, DateTimeOffset At, string? Actor, Act Act, string Handle, string FromAddress);

/// <summary>What admins do to accounts, and the record of it.</summary>
public sealed class UserAdministration
{
    public const int PageLength = 50;

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly DraftFeed feed;
    private readonly TimeProvider clock;

    internal UserAdministration(IDbContextFactory<OneRingDbContext> contexts, DraftFeed feed, TimeProvider clock)
    {
        this.contexts = contexts;
        this.feed = feed;
        this.clock = clock;
    }

    /// <summary>Carries out an act, and writes it into the audit log; answers the handle of the account. What is so already is left alone, and not logged.</summary>
    public async Task<Result<string>> ActAsync(UserAct request, CancellationToken cancellationToken = default)
    {
        var (result, changes) = await contexts.InTransactionAsync(
            (db, transaction, token) => ActAsync(db, transaction, request, token), cancellationToken);
        foreach (var change in changes)
        {
            feed.Publish(change);
        }
        return result;
    }

    /// <summary>The accounts in the order of their handles.</summary>
    /// <param name="search">Part of a handle or of a name, in any case.</param>
    /// <param name="page">From 0.</param>
    public async Task<Result<Listing<UserSummary>>> ListAsync(string adminId, string? search, int page, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(page);

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var users = db.Users.AsNoTracking().Where(user => user.DeletedAt == null);
        if (search?.Trim().TrimStart('@').ToLowerInvariant() is { Length: > 0 } sought)
        {
            if (!Texts.IsReadable(sought))
            {
                return new Listing<UserSummary>([], NextCursor: null);
            }
            // A query: both databases know lower(), and neither an overload of Contains.
#pragma warning disable CA1862
            users = users.Where(user => user.UserName!.Contains(sought) || user.DisplayName!.ToLower().Contains(sought));
#pragma warning restore CA1862
        }
        var admins = IsAdmin(db, adminId);
        var rows = users.OrderBy(user => user.UserName).Skip(page * PageLength).Take(PageLength + 1).Select(user => new UserSummary(
            user.Id,
            user.UserName!,
            User.DisplayOf(user.Id, user.DisplayName),
            user.IsAdmin,
            user.CreatedAt,
            user.DisabledAt,
            db.Collaborators.Count(c => c.UserId == user.Id),
            db.Segments.Count(s => s.AuthorId == user.Id)));

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, admins, rows);
        if ((await admins.ToListAsync(cancellationToken)).Count == 0)
        {
            return Refusal.Forbidden;
        }

        var found = await rows.ToListAsync(cancellationToken);
        return found.Count <= PageLength
            ? new Listing<UserSummary>(found, NextCursor: null)
            : new Listing<UserSummary>(found[..PageLength], NextCursor: $"{page + 1}");
    }

    /// <summary>The audit log, newest first.</summary>
    /// <param name="page">From 0.</param>
    public async Task<Result<Listing<AuditLine>>> ReadAuditLogAsync(string adminId, int page, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(page);

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var admins = IsAdmin(db, adminId);
        var rows =
            from entry in db.AuditLog.OrderByDescending(entry => entry.At).ThenByDescending(entry => entry.Id).Skip(page * PageLength).Take(PageLength + 1)
            join user in db.Users on entry.UserId equals user.Id
            join actor in db.Users on entry.ActorId equals actor.Id into actors
            from actor in actors.DefaultIfEmpty()
            orderby entry.At descending, entry.Id descending
            select new AuditLine(entry.Id, entry.At, actor == null ? null : actor.UserName, entry.Act, user.UserName!, entry.FromAddress);

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, admins, rows);
        if ((await admins.ToListAsync(cancellationToken)).Count == 0)
        {
            return Refusal.Forbidden;
        }

        var found = await rows.ToListAsync(cancellationToken);
        return found.Count <= PageLength
            ? new Listing<AuditLine>(found, NextCursor: null)
            : new Listing<AuditLine>(found[..PageLength], NextCursor: $"{page + 1}");
    }

    private async Task<(Result<string> Result, IReadOnlyList<DraftChanged> Changes)> ActAsync(
        OneRingDbContext db, IDbContextTransaction transaction, UserAct request, CancellationToken cancellationToken)
    {
        var now = clock.Now();

        // Locked only where an admin may be lost, so that two of them cannot unmake each other at once.
        var admins = request.Act is Act.Disabled or Act.UnmadeAdmin
            ? await db.LockedAdmins().Select(admin => admin.Id).ToListAsync(cancellationToken)
            : await db.Users.Where(user => user.IsAdmin && user.DisabledAt == null).Select(user => user.Id).ToListAsync(cancellationToken);
        if (request.ActorId is { } actorId && !admins.Contains(actorId, StringComparer.Ordinal))
        {
            return (Refusal.Forbidden, []);
        }
        if (request.Act is Act.Disabled or Act.UnmadeAdmin && admins is [var last] && last == request.UserId)
        {
            return (Refusal.LastAdmin, []);
        }

        var changes = request.Act == Act.Disabled
            ? await Departures.SuspendAsync(db, request.UserId, request.ActorId, now, cancellationToken)
            : [];
        if (request.Act == Act.Enabled)
        {
            await Departures.LockAsync(db, request.UserId, cancellationToken);
        }
        if (await db.Users.SingleOrDefaultAsync(user => user.Id == request.UserId, cancellationToken) is not { } user)
        {
            return (Refusal.UserUnknown, []);
        }
        if (!Change(user, request.Act, now))
        {
            return (user.Handle, []);
        }

        if (request.Act == Act.SignedOut)
        {
            await db.RevokeTokensOfAsync(user.Id, now, cancellationToken);
        }
        db.AuditLog.Add(new AuditEntry(NewId.Next(), now, request.ActorId, request.Act, request.UserId, request.FromAddress));
        await db.SaveChangesAsync(cancellationToken);
        if (request.Act == Act.Enabled)
        {
            changes = await Departures.ReconsiderAsync(db, request.UserId, now, cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        return (user.Handle, changes);
    }

    /// <summary>Changes the account. Says whether there was anything to change.</summary>
    private static bool Change(User user, Act act, DateTimeOffset now)
    {
        switch (act)
        {
            case Act.Disabled when user.DisabledAt is null:
                user.Disable(now);
                user.SignOutEverywhere();
                return true;
            case Act.Enabled when user is { DisabledAt: not null, DeletedAt: null }:
                user.Enable();
                return true;
            case Act.MadeAdmin when !user.IsAdmin:
                user.MakeAdmin();
                return true;
            case Act.UnmadeAdmin when user.IsAdmin:
                user.UnmakeAdmin();
                return true;
            case Act.SignedOut:
                user.SignOutEverywhere();
                return true;
            default:
                return false;
        }
    }

    private static IQueryable<string> IsAdmin(OneRingDbContext db, string userId) =>
        db.Users.Where(user => user.Id == userId && user.IsAdmin && user.DisabledAt == null).Select(user => user.Id);
}
