using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Database;
using OneRing.Data.Mail;

namespace OneRing.Data.Accounts;

/// <summary>What a person sees of the ways into their account.</summary>
/// <param name="RecoveryCodes">How many are left.</param>
public sealed record SecurityView(
    string? Email, bool HasPassword, bool HasTwoFactor, int RecoveryCodes, IReadOnlyList<PasskeyView> Passkeys);

/// <summary>A passkey in a person's list.</summary>
public sealed record PasskeyView(string Id, string Name, DateTimeOffset CreatedAt);

/// <summary>
/// The ways into an account, and how their owner changes them. Each change ends every other session of the person. Whoever has a password says it once more first: somebody
/// who found a browser open could otherwise make the account theirs.
/// </summary>
public sealed class SecurityService
{
    private const int CodeCount = 10;

    /// <summary>So many mails an hour may somebody cause for one account.</summary>
    private const int MostMails = 5;

    private readonly IServiceScopeFactory scopes;
    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly Credentials credentials;
    private readonly TimeProvider clock;

    internal SecurityService(IServiceScopeFactory scopes, IDbContextFactory<OneRingDbContext> contexts, Credentials credentials, TimeProvider clock)
    {
        this.scopes = scopes;
        this.contexts = contexts;
        this.credentials = credentials;
        this.clock = clock;
    }

    public async Task<SecurityView?> FindAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var scene = await OpenAsync(userId);
        if (scene.User is not { } user)
        {
            return null;
        }

        var passkeys = await scene.Users.GetPasskeysAsync(user);
        return new SecurityView(
            user.EmailConfirmed ? user.Email : null,
            user.PasswordHash is not null,
            user.TwoFactorEnabled,
            user.TwoFactorEnabled ? await scene.Users.CountRecoveryCodesAsync(user) : 0,
            [.. passkeys.OrderBy(p => p.CreatedAt).Select(p => new PasskeyView(IdOf(p), p.Name ?? "Passkey", p.CreatedAt))]);
    }

    /// <summary>Another password in place of the present one.</summary>
    public async Task<Result<Done>> ChangePasswordAsync(string userId, string present, string next, CancellationToken cancellationToken = default)
    {
        if (!await credentials.CheckPasswordAsync(userId, present, cancellationToken))
        {
            return Refusal.PasswordWrong;
        }

        await using var scene = await OpenAsync(userId);
        return scene.User is not { } user ? Refusal.Forbidden : Finish(await scene.Users.ChangePasswordAsync(user, present, next));
    }

    /// <summary>Sends a link to choose a new password, if the account has a confirmed address. Whoever asks learns nothing of it.</summary>
    /// <param name="handleOrEmail">What the person remembers.</param>
    public async Task RequestPasswordAsync(string handleOrEmail, string baseUrl, CancellationToken cancellationToken = default)
    {
        var email = EmailAddress.Normalise(handleOrEmail)?.ToUpperInvariant();
        var handle = User.NormaliseHandle(handleOrEmail);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var people = await db.Users
            .Where(u => (u.UserName == handle || (email != null && u.NormalizedEmail == email)) && u.EmailConfirmed && u.DisabledAt == null)
            .Select(u => u.Id)
            .ToListAsync(cancellationToken);
        foreach (var userId in people)
        {
            if (await MayMailAsync(db, userId, cancellationToken))
            {
                db.OutboxMails.Add(OutboxMail.ToPerson(MailKind.PasswordReset, userId, baseUrl, clock.Now()));
            }
        }
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Sets the password with the token of a link, which is spent by that. Answers the user id.</summary>
    public async Task<Result<string>> ChoosePasswordAsync(string handle, string? token, string password, CancellationToken cancellationToken = default)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        if (token is null || User.NormaliseHandle(handle) is not { } name || await users.FindByNameAsync(name) is not { DisabledAt: null } user)
        {
            return Refusal.LinkSpent;
        }

        var chosen = Finish(await users.ResetPasswordAsync(user, token, password));
        if (!chosen.Succeeded)
        {
            return chosen.Refusal.Value;
        }
        await credentials.ForgetTriesAsync(user.Id, cancellationToken);
        return user.Id;
    }

    /// <summary>Asks a new address whether it is the person's, by a mail to it. Nobody learns whether another account has it.</summary>
    public async Task<Result<Done>> RequestEmailAsync(
        string userId, string address, string? password, string baseUrl, CancellationToken cancellationToken = default)
    {
        if (EmailAddress.Normalise(address) is not { } to)
        {
            return Refusal.EmailInvalid;
        }
        if (await RefuseUnlessSureAsync(userId, password, cancellationToken) is { } unsure)
        {
            return unsure;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (!await db.Users.AnyAsync(u => u.Id == userId && u.DisabledAt == null, cancellationToken))
        {
            return Refusal.Forbidden;
        }
        if (!await MayMailAsync(db, userId, cancellationToken))
        {
            return Refusal.TooManyMails;
        }

        db.OutboxMails.Add(OutboxMail.ToAddress(MailKind.EmailConfirmation, userId, to, baseUrl, clock.Now()));
        await db.SaveChangesAsync(cancellationToken);
        return default(Done);
    }

    /// <summary>Takes an address that its owner confirmed. The one before it is told.</summary>
    public async Task<Result<Done>> ConfirmEmailAsync(string userId, string address, string? token, string baseUrl, CancellationToken cancellationToken = default)
    {
        await using var scene = await OpenAsync(userId);
        if (scene.User is not { } user || token is null)
        {
            return Refusal.LinkSpent;
        }

        // Added before, so that it is saved together with the change, or not at all.
        if (user is { EmailConfirmed: true, Email: { } before } && !string.Equals(before, address, StringComparison.OrdinalIgnoreCase))
        {
            scene.Db.OutboxMails.Add(OutboxMail.ToAddress(MailKind.EmailChanged, userId, before, baseUrl, clock.Now()));
        }
        return Finish(await scene.Users.ChangeEmailAsync(user, address, token));
    }

    /// <summary>The key for an authenticator app, made anew. It does nothing until a code of it is confirmed.</summary>
    public async Task<Result<string>> StartTwoFactorAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var scene = await OpenAsync(userId);
        if (scene.User is not { TwoFactorEnabled: false } user)
        {
            return Refusal.Forbidden;
        }

        var key = scene.Users.GenerateNewAuthenticatorKey();
        await scene.Store.SetAuthenticatorKeyAsync(user, key, cancellationToken);
        return Finish(await scene.Users.UpdateAsync(user)) is { Refusal: { } refusal } ? refusal : key;
    }

    /// <summary>The key that waits to be confirmed; null when there is none.</summary>
    public async Task<string?> FindTwoFactorKeyAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var scene = await OpenAsync(userId);
        return scene.User is { TwoFactorEnabled: false } user ? await scene.Users.GetAuthenticatorKeyAsync(user) : null;
    }

    /// <summary>Turns two-factor on, once the app shows the right code. Answers recovery codes, which nobody can read again.</summary>
    public async Task<Result<IReadOnlyList<string>>> ConfirmTwoFactorAsync(
        string userId, string code, string? password, CancellationToken cancellationToken = default)
    {
        if (await RefuseUnlessSureAsync(userId, password, cancellationToken) is { } unsure)
        {
            return unsure;
        }
        if (!await credentials.CheckCodeAsync(userId, code, isRecoveryCode: false, cancellationToken))
        {
            return Refusal.CodeWrong;
        }

        await using var scene = await OpenAsync(userId);
        if (scene.User is not { TwoFactorEnabled: false } user)
        {
            return Refusal.Forbidden;
        }
        return Finish(await scene.Users.SetTwoFactorEnabledAsync(user, enabled: true)) is { Refusal: { } refusal } ? refusal : await MakeCodesAsync(scene, user);
    }

    /// <summary>New recovery codes in place of all before them.</summary>
    public async Task<Result<IReadOnlyList<string>>> MakeRecoveryCodesAsync(string userId, string? password, CancellationToken cancellationToken = default)
    {
        if (await RefuseUnlessSureAsync(userId, password, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var scene = await OpenAsync(userId);
        return scene.User is not { TwoFactorEnabled: true } user ? Refusal.Forbidden : await MakeCodesAsync(scene, user);
    }

    public async Task<Result<Done>> TurnTwoFactorOffAsync(string userId, string? password, CancellationToken cancellationToken = default)
    {
        if (await RefuseUnlessSureAsync(userId, password, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var scene = await OpenAsync(userId);
        if (scene.User is not { } user)
        {
            return Refusal.Forbidden;
        }
        await scene.Store.ForgetTwoFactorAsync(user, cancellationToken);
        return Finish(await scene.Users.SetTwoFactorEnabledAsync(user, enabled: false));
    }

    /// <summary>Whether it is the person themselves who wants to add a passkey.</summary>
    public async Task<Result<Done>> MayAddPasskeyAsync(string userId, string? password, CancellationToken cancellationToken = default) =>
        await RefuseUnlessSureAsync(userId, password, cancellationToken) is { } unsure ? unsure : default(Done);

    /// <summary>Another name for a passkey, by which its owner tells it from others.</summary>
    public async Task<Result<Done>> RenamePasskeyAsync(string userId, string passkeyId, string name, CancellationToken cancellationToken = default)
    {
        await using var scene = await OpenAsync(userId);
        if (scene.User is not { } user || await FindPasskeyAsync(scene, user, passkeyId) is not { } passkey)
        {
            return Refusal.PasskeyUnknown;
        }
        if (PasskeyName(name) is not { } chosen)
        {
            return Refusal.PasskeyNameInvalid;
        }

        passkey.Name = chosen;
        return Finish(await scene.Users.AddOrUpdatePasskeyAsync(user, passkey));
    }

    public async Task<Result<Done>> RemovePasskeyAsync(string userId, string passkeyId, string? password, CancellationToken cancellationToken = default)
    {
        if (await RefuseUnlessSureAsync(userId, password, cancellationToken) is { } unsure)
        {
            return unsure;
        }

        await using var scene = await OpenAsync(userId);
        if (scene.User is not { } user || await FindPasskeyAsync(scene, user, passkeyId) is not { } passkey)
        {
            return Refusal.PasskeyUnknown;
        }

        var removed = Finish(await scene.Users.RemovePasskeyAsync(user, passkey.CredentialId));
        return removed.Succeeded ? Finish(await scene.Users.UpdateSecurityStampAsync(user)) : removed;
    }

    /// <summary>Ends every session of the person, on every server, and every access token.</summary>
    public Task<Result<Done>> SignOutEverywhereAsync(string userId, CancellationToken cancellationToken = default) =>
        contexts.InTransactionAsync<Result<Done>>(async (db, transaction, token) =>
        {
            if (await db.LockedUser(userId).SingleOrDefaultAsync(token) is not { DisabledAt: null } user)
            {
                return Refusal.Forbidden;
            }

            user.SignOutEverywhere();
            await db.RevokeTokensOfAsync(userId, clock.Now(), token);
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return default(Done);
        }, cancellationToken);

    /// <summary>The name as it is kept; null when it is none.</summary>
    public static string? PasskeyName(string typed) =>
        typed.Trim() is { Length: > 0 } name && Texts.Length(name) <= Texts.LongestDisplayName && Texts.IsReadable(name) ? name : null;

    /// <summary>A passkey's id as pages and forms spell it.</summary>
    private static string IdOf(UserPasskeyInfo passkey) => Convert.ToHexStringLower(passkey.CredentialId);

    private static async Task<UserPasskeyInfo?> FindPasskeyAsync(Scene scene, User user, string passkeyId) =>
        (await scene.Users.GetPasskeysAsync(user)).FirstOrDefault(p => IdOf(p) == passkeyId);

    private static async Task<Result<IReadOnlyList<string>>> MakeCodesAsync(Scene scene, User user) =>
        (await scene.Users.GenerateNewTwoFactorRecoveryCodesAsync(user, CodeCount))!.ToList();

    private static Result<Done> Finish(IdentityResult result) => result.Succeeded ? default(Done) : AccountService.RefusalFor(result);

    /// <summary>Without a password, being signed in is enough.</summary>
    private async Task<Refusal?> RefuseUnlessSureAsync(string userId, string? password, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var hasPassword = await db.Users.AnyAsync(u => u.Id == userId && u.PasswordHash != null, cancellationToken);
        await db.DisposeAsync();
        return hasPassword && !await credentials.CheckPasswordAsync(userId, password ?? "", cancellationToken) ? Refusal.PasswordWrong : null;
    }

    private async Task<bool> MayMailAsync(OneRingDbContext db, string userId, CancellationToken cancellationToken)
    {
        var since = clock.Now() - TimeSpan.FromHours(1);
        return await db.OutboxMails.CountAsync(
            m => m.UserId == userId && m.CreatedAt > since && (m.Kind == MailKind.PasswordReset || m.Kind == MailKind.EmailConfirmation), cancellationToken) < MostMails;
    }

    private async Task<Scene> OpenAsync(string userId)
    {
        var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        return new Scene(scope, users, await users.FindByIdAsync(userId) is { DisabledAt: null } user ? user : null);
    }

    /// <summary>Identity with a context of its own, and the person; null if there is none, or they are disabled.</summary>
    private sealed record Scene(AsyncServiceScope Scope, UserManager<User> Users, User? User) : IAsyncDisposable
    {
        public OneRingDbContext Db => Scope.ServiceProvider.GetRequiredService<OneRingDbContext>();

        public UserStore Store => (UserStore)Scope.ServiceProvider.GetRequiredService<IUserStore<User>>();

        public ValueTask DisposeAsync() => Scope.DisposeAsync();
    }
}
