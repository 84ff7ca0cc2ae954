using Microsoft.EntityFrameworkCore;
using OneRing.Data.Database;

namespace OneRing.Data.Idempotency;

/// <summary>Keys by themselves, for work that must happen once but is no command on a draft.</summary>
public sealed class IdempotencyService
{
    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly TimeProvider clock;

    internal IdempotencyService(IDbContextFactory<OneRingDbContext> contexts, TimeProvider clock)
    {
        this.contexts = contexts;
        this.clock = clock;
    }

    /// <summary>Remembers the key. True for exactly one caller, however many ask at once; false when it was seen before.</summary>
    public async Task<Result<bool>> CheckAndSetAsync(string scope, string key, CancellationToken cancellationToken = default)
    {
        if (Texts.CheckKey(key) is { } refusal)
        {
            return refusal;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.InsertOnceAsync(new IdempotencyKey(scope, key, Fingerprint: null, Result: null, clock.Now()), cancellationToken);
    }

    /// <summary>Whether the key was seen.</summary>
    public async Task<bool> CheckAsync(string scope, string key, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.IdempotencyKeys.AnyAsync(k => k.Scope == scope && k.Key == key, cancellationToken);
    }

    /// <summary>Forgets the key. Says whether there was one.</summary>
    public async Task<bool> ClearAsync(string scope, string key, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.IdempotencyKeys.Where(k => k.Scope == scope && k.Key == key).ExecuteDeleteAsync(cancellationToken) == 1;
    }

    /// <summary>Forgets the keys that are older than they are kept. Says how many.</summary>
    public async Task<int> PruneAsync(CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await PruneAsync(db, clock.Now(), cancellationToken);
    }

    /// <summary>The same as part of more.</summary>
    internal static Task<int> PruneAsync(OneRingDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var oldest = now - IdempotencyKey.Lifetime;
        return db.IdempotencyKeys.Where(k => k.CreatedAt < oldest).ExecuteDeleteAsync(cancellationToken);
    }
}
