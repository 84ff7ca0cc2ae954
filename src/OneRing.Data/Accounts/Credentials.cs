using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OneRing.Data.Database;

namespace OneRing.Data.Accounts;

/// <summary>
/// Checks what only its owner knows: a password, a code. Every try is counted before it is looked at, in one statement, so that many at once are no
/// way around the lock. A password is hashed exactly once, whoever is asked for, so that an answer's time tells nothing either.
/// </summary>
internal sealed partial class Credentials(IServiceScopeFactory scopes, IDbContextFactory<OneRingDbContext> contexts, TimeProvider clock, ILogger<Credentials> logger)
{
    public const int MostTries = 5;

    public static readonly TimeSpan LockTime = TimeSpan.FromMinutes(5);

    /// <summary>A hash of nobody's password, which takes as long to check as any.</summary>
    private static readonly string NobodysHash =
        new PasswordHasher<User>(Options.Create(new PasswordHasherOptions { IterationCount = PasswordRules.Rounds })).HashPassword(null!, Guid.NewGuid().ToString());

    /// <summary>Whether this is the password of the person. Wrong, locked, disabled, unknown: no. It does not say which.</summary>
    public async Task<bool> CheckPasswordAsync(string? userId, string password, CancellationToken cancellationToken)
    {
        var id = userId ?? "";
        var hash = await ReadHashAsync(id, cancellationToken);
        var mayTry = await CountTryAsync(id, cancellationToken);

        await using var scope = scopes.CreateAsyncScope();
        var hasher = scope.ServiceProvider.GetRequiredService<IPasswordHasher<User>>();
        var verified = hasher.VerifyHashedPassword(null!, mayTry && hash is not null ? hash : NobodysHash, password);
        if (!mayTry || hash is null || verified == PasswordVerificationResult.Failed)
        {
            // Not the handle that was asked for: somebody may have typed their password there.
            LogRefused(userId ?? "nobody", "password");
            return false;
        }

        LogShown(id, "password");
        await ForgiveAsync(id, cancellationToken);
        if (verified == PasswordVerificationResult.SuccessRehashNeeded)
        {
            await RenewHashAsync(id, hash, hasher.HashPassword(null!, password), cancellationToken);
        }
        return true;
    }

    /// <summary>Whether this is what the app on the person's phone shows now, or one of their recovery codes, which is spent by that.</summary>
    public async Task<bool> CheckCodeAsync(string userId, string code, bool isRecoveryCode, CancellationToken cancellationToken)
    {
        var kind = isRecoveryCode ? "recovery code" : "code";
        if (!await CountTryAsync(userId, cancellationToken))
        {
            LogRefused(userId, kind);
            return false;
        }

        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        if (await users.FindByIdAsync(userId) is not { } user)
        {
            return false;
        }
        var matches = isRecoveryCode
            ? (await users.RedeemTwoFactorRecoveryCodeAsync(user, code)).Succeeded
            : await SpendCodeAsync(await users.GetAuthenticatorKeyAsync(user), userId, string.Concat(code.Where(char.IsAsciiDigit)), cancellationToken);
        if (!matches)
        {
            LogRefused(userId, kind);
            return false;
        }

        LogShown(userId, kind);
        await ForgetTriesAsync(userId, cancellationToken);
        return true;
    }

    public async Task ForgetTriesAsync(string userId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Users.Where(u => u.Id == userId).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.AccessFailedCount, 0).SetProperty(u => u.LockoutEnd, (DateTimeOffset?)null), cancellationToken);
    }

    /// <summary>Whether this code of an app is right and neither it nor a later one was taken before. Of several who bring it at once, one is first.</summary>
    private async Task<bool> SpendCodeAsync(string? key, string userId, string code, CancellationToken cancellationToken)
    {
        if (key is null || Totp.StepOf(key, code, clock.Now()) is not { } step)
        {
            return false;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Users
            .Where(u => u.Id == userId && (u.LastCodeStep == null || u.LastCodeStep < step))
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.LastCodeStep, step), cancellationToken) == 1;
    }

    /// <summary>A hash with as many rounds as are made today in place of an older one, unless the password was changed meanwhile.</summary>
    private async Task RenewHashAsync(string userId, string before, string after, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Users.Where(u => u.Id == userId && u.PasswordHash == before).ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordHash, after), cancellationToken);
    }

    private async Task<string?> ReadHashAsync(string userId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Users.Where(u => u.Id == userId).Select(u => u.PasswordHash).SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>Counts one more try. The last one that is allowed locks the account for a while. False when it is locked, or disabled.</summary>
    private async Task<bool> CountTryAsync(string userId, CancellationToken cancellationToken)
    {
        DateTimeOffset? now = clock.Now();
        var until = now + LockTime;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Users
            .Where(u => u.Id == userId && u.DisabledAt == null && (u.LockoutEnd == null || u.LockoutEnd <= now))
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(u => u.LockoutEnd, u => u.AccessFailedCount >= MostTries - 1 ? until : null)
                    .SetProperty(u => u.AccessFailedCount, u => u.AccessFailedCount >= MostTries - 1 ? 0 : u.AccessFailedCount + 1),
                cancellationToken) == 1;
    }

    /// <summary>
    /// Takes back the count of a try that was right. With two-factor on, those before it stay counted until the code is right too: else whoever
    /// has the password could guess codes for ever.
    /// </summary>
    private async Task ForgiveAsync(string userId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Users.Where(u => u.Id == userId).ExecuteUpdateAsync(
            set => set
                .SetProperty(u => u.LockoutEnd, (DateTimeOffset?)null)
                .SetProperty(u => u.AccessFailedCount, u => !u.TwoFactorEnabled ? 0 : u.AccessFailedCount == 0 ? MostTries - 1 : u.AccessFailedCount - 1),
            cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{UserId} has shown their {Kind}")]
    private partial void LogShown(string userId, string kind);

    [LoggerMessage(Level = LogLevel.Warning, Message = "For {UserId}, a {Kind} was refused")]
    private partial void LogRefused(string userId, string kind);
}
