using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using OneRing.Data.Database;

namespace OneRing.Data.Accounts;

/// <summary>
/// Where Identity keeps accounts: its own store, except that the key of an authenticator app is encrypted and recovery codes are hashed. Identity
/// would keep both as they are.
/// </summary>
internal sealed class UserStore(OneRingDbContext db, IDataProtectionProvider protection, IdentityErrorDescriber errors)
    : UserOnlyStore<User, OneRingDbContext>(db, errors)
{
    private const string Provider = "OneRing";
    private const string KeyName = "authenticator_key";
    private const string CodesName = "recovery_codes";

    /// <summary>A code has some 47 random bits, which a plain hash would give away to whoever has the table.</summary>
    private const int Rounds = 100_000;

    private readonly IDataProtector protector = protection.CreateProtector("OneRing.AuthenticatorKey");

    public override Task SetAuthenticatorKeyAsync(User user, string key, CancellationToken cancellationToken)
    {
        user.ForgetCodes();
        return SetTokenAsync(user, Provider, KeyName, protector.Protect(key), cancellationToken);
    }

    public override async Task<string?> GetAuthenticatorKeyAsync(User user, CancellationToken cancellationToken) =>
        await GetTokenAsync(user, Provider, KeyName, cancellationToken) is { } kept ? protector.Unprotect(kept) : null;

    public override Task ReplaceCodesAsync(User user, IEnumerable<string> recoveryCodes, CancellationToken cancellationToken)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        return KeepAsync(user, salt, [.. recoveryCodes.Select(code => Hash(code, salt))], cancellationToken);
    }

    public override async Task<bool> RedeemCodeAsync(User user, string code, CancellationToken cancellationToken)
    {
        var (salt, hashes) = await ReadCodesAsync(user, cancellationToken);
        var sought = Hash(code, salt);
        if (hashes.Find(hash => CryptographicOperations.FixedTimeEquals(hash, sought)) is not { } found)
        {
            return false;
        }

        hashes.Remove(found);
        await KeepAsync(user, salt, hashes, cancellationToken);
        return true;
    }

    public override async Task<int> CountCodesAsync(User user, CancellationToken cancellationToken) =>
        (await ReadCodesAsync(user, cancellationToken)).Hashes.Count;

    /// <summary>Forgets the key and the codes.</summary>
    public async Task ForgetTwoFactorAsync(User user, CancellationToken cancellationToken)
    {
        await RemoveTokenAsync(user, Provider, KeyName, cancellationToken);
        await RemoveTokenAsync(user, Provider, CodesName, cancellationToken);
    }

    private Task KeepAsync(User user, byte[] salt, List<byte[]> hashes, CancellationToken cancellationToken) =>
        SetTokenAsync(user, Provider, CodesName, string.Join(';', hashes.Prepend(salt).Select(Convert.ToBase64String)), cancellationToken);

    private async Task<(byte[] Salt, List<byte[]> Hashes)> ReadCodesAsync(User user, CancellationToken cancellationToken)
    {
        var kept = await GetTokenAsync(user, Provider, CodesName, cancellationToken);
        return kept?.Split(';').Select(Convert.FromBase64String).ToList() is [var salt, .. var hashes] ? (salt, hashes) : ([], []);
    }

    // As people type it: in any case, with or without its dash.
    private static byte[] Hash(string code, byte[] salt) => Rfc2898DeriveBytes.Pbkdf2(
        Encoding.UTF8.GetBytes(string.Concat(code.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant()), salt, Rounds, HashAlgorithmName.SHA256, 32);
}
