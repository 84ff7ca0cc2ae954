using Microsoft.EntityFrameworkCore;
using OneRing.Data.Database;

namespace OneRing.Data.Accounts;

/// <summary>Make a token for programs that act for this person.</summary>
/// <param name="Days">How long it is good for; null for ever.</param>
public sealed record NewAccessToken(string UserId, string Name, int? Days = null)
{
    public string Name { get; } = Name.Trim();
}

/// <summary>A token that was just made.</summary>
/// <param name="Secret">The token itself. Nobody can show it a second time.</param>
public sealed record MadeAccessToken(Guid Id, string Secret);

/// <summary>A token as the person who has it sees it.</summary>
public sealed record AccessTokenView(Guid Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);

/// <summary>The tokens with which programs act for a person: making and revoking them, and finding out whose one is.</summary>
public sealed class AccessTokenService
{
    /// <summary>So many tokens may a person have that are good at the same time: whoever got into an account cannot leave keys behind without end, and the list stays one to read.</summary>
    public const int MostActive = 50;

    /// <summary>How exactly the last use is kept. More would cost a write with every call.</summary>
    private static readonly TimeSpan UseInterval = TimeSpan.FromMinutes(1);

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly TimeProvider clock;

    // Asked with every call of the HTTP API.
    private readonly Func<OneRingDbContext, byte[], DateTimeOffset, IAsyncEnumerable<FoundToken>> tokensFor = EF.CompileAsyncQuery(
        (OneRingDbContext db, byte[] hash, DateTimeOffset now) =>
            from token in db.AccessTokens
            join user in db.Users on token.UserId equals user.Id
            where token.TokenHash == hash && token.RevokedAt == null && (token.ExpiresAt == null || token.ExpiresAt > now) && user.DisabledAt == null
            select new FoundToken(token.Id, token.UserId, token.LastUsedAt));

    internal AccessTokenService(IDbContextFactory<OneRingDbContext> contexts, TimeProvider clock)
    {
        this.contexts = contexts;
        this.clock = clock;
    }

    /// <summary>Makes a token; answers it this one time. Nobody has more than <see cref="MostActive"/>.</summary>
    public async Task<Result<MadeAccessToken>> CreateAsync(NewAccessToken request, CancellationToken cancellationToken = default)
    {
        if (request.Days is { } days)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(days, 1, nameof(request));
        }
        if (Texts.CheckTokenName(request.Name) is { } refusal)
        {
            return refusal;
        }

        return await contexts.InTransactionAsync(
            async (db, transaction, cancelled) =>
            {
                // Locked, so that several at once are counted one after the other, and none is made while the account is being disabled.
                if (await db.LockedUser(request.UserId).SingleOrDefaultAsync(cancelled) is not { DisabledAt: null })
                {
                    return Refusal.Forbidden;
                }
                var now = clock.Now();
                if (await db.AccessTokens.CountAsync(t => t.UserId == request.UserId && t.RevokedAt == null && (t.ExpiresAt == null || t.ExpiresAt > now), cancelled) >= MostActive)
                {
                    return Refusal.TooManyTokens;
                }

                var secret = AccessToken.NewSecret();
                var token = new AccessToken(
                    request.UserId, request.Name, AccessToken.HashOf(secret)!, now, request.Days is { } lifetime ? now.AddDays(lifetime) : null);
                db.AccessTokens.Add(token);
                await db.SaveChangesAsync(cancelled);
                await transaction.CommitAsync(cancelled);
                return (Result<MadeAccessToken>)new MadeAccessToken(token.Id, secret);
            },
            cancellationToken);
    }

    /// <summary>The tokens of a person that were not revoked, the newest first.</summary>
    public async Task<IReadOnlyList<AccessTokenView>> ListAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.AccessTokens
            .Where(token => token.UserId == userId && token.RevokedAt == null)
            .OrderByDescending(token => token.CreatedAt).ThenByDescending(token => token.Id)
            .Select(token => new AccessTokenView(token.Id, token.Name, token.CreatedAt, token.ExpiresAt, token.LastUsedAt))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Ends a token of this person: its next call is refused.</summary>
    public Task<Result<Done>> RevokeAsync(string userId, Guid tokenId, CancellationToken cancellationToken = default) =>
        RevokeAsync(tokens => tokens.Where(token => token.Id == tokenId && token.UserId == userId), cancellationToken);

    /// <summary>Ends anybody's token, for whoever runs the server.</summary>
    public Task<Result<Done>> RevokeAsync(Guid tokenId, CancellationToken cancellationToken = default) =>
        RevokeAsync(tokens => tokens.Where(token => token.Id == tokenId), cancellationToken);

    /// <summary>Whose token this is; null when it is none, was revoked, has expired, or its owner is disabled.</summary>
    public async Task<string?> FindUserIdAsync(string secret, CancellationToken cancellationToken = default)
    {
        if (AccessToken.HashOf(secret) is not { } hash)
        {
            return null;
        }

        var now = clock.Now();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await tokensFor(db, hash, now).SingleOrDefaultAsync(cancellationToken) is not { } found)
        {
            return null;
        }

        if (found.LastUsedAt is null || now - found.LastUsedAt >= UseInterval)
        {
            var before = now - UseInterval;
            try
            {
                await db.AccessTokens
                    .Where(token => token.Id == found.Id && (token.LastUsedAt == null || token.LastUsedAt <= before))
                    .ExecuteUpdateAsync(token => token.SetProperty(t => t.LastUsedAt, now), cancellationToken);
            }
            catch (Exception failure) when (DatabaseTroubles.Of(failure) is DatabaseTrouble.ReadOnly or DatabaseTrouble.Full)
            {
                // Whoever may read goes on reading.
            }
        }
        return found.UserId;
    }

    private async Task<Result<Done>> RevokeAsync(Func<IQueryable<AccessToken>, IQueryable<AccessToken>> which, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await which(db.AccessTokens)
            .Where(token => token.RevokedAt == null)
            .ExecuteUpdateAsync(token => token.SetProperty(t => t.RevokedAt, now), cancellationToken) == 1
            ? default(Done)
            : Refusal.TokenUnknown;
    }

    private sealed record FoundToken(Guid Id, string UserId, DateTimeOffset? LastUsedAt);
}
