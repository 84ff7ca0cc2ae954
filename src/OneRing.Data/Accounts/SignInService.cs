using Microsoft.EntityFrameworkCore;
using OneRing.Data.Database;

namespace OneRing.Data.Accounts;

/// <summary>Who somebody is, by what they know. The cookie is the page's affair.</summary>
public sealed class SignInService
{
    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly Credentials credentials;

    internal SignInService(IDbContextFactory<OneRingDbContext> contexts, Credentials credentials)
    {
        this.contexts = contexts;
        this.credentials = credentials;
    }

    /// <summary>The person with this handle and password; null for any other pair, and while there were too many tries.</summary>
    public async Task<User?> FindAsync(string handle, string password, CancellationToken cancellationToken = default)
    {
        var user = await FindByHandleAsync(handle, cancellationToken);
        return await credentials.CheckPasswordAsync(user?.Id, password, cancellationToken) ? user : null;
    }

    /// <summary>The account behind an id, as it is now; null if there is none, or it is disabled.</summary>
    public async Task<User?> FindAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == userId && u.DisabledAt == null, cancellationToken);
    }

    /// <summary>Whether this is what the person's authenticator app shows now.</summary>
    public Task<bool> CheckCodeAsync(string userId, string code, CancellationToken cancellationToken = default) =>
        credentials.CheckCodeAsync(userId, code, isRecoveryCode: false, cancellationToken);

    /// <summary>Whether this is one of the person's recovery codes. It is spent by that.</summary>
    public Task<bool> UseRecoveryCodeAsync(string userId, string code, CancellationToken cancellationToken = default) =>
        credentials.CheckCodeAsync(userId, code, isRecoveryCode: true, cancellationToken);

    private async Task<User?> FindByHandleAsync(string handle, CancellationToken cancellationToken)
    {
        var name = User.NormaliseHandle(handle);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.UserName == name, cancellationToken);
    }
}
