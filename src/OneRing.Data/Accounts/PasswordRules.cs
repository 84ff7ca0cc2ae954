using Microsoft.AspNetCore.Identity;

namespace OneRing.Data.Accounts;

/// <summary>What a password must not be, beside being long enough: it does not hold the handle, and is none that everybody tries first.</summary>
internal sealed class PasswordRules : IPasswordValidator<User>
{
    public const int Shortest = 10;
    public const int Longest = 200;

    public const string NamesHandle = "PasswordNamesHandle";
    public const string TooCommon = "PasswordTooCommon";
    public const string TooLong = "PasswordTooLong";

    private static readonly Lazy<HashSet<string>> Common = new(ReadCommon);

    public Task<IdentityResult> ValidateAsync(UserManager<User> manager, User user, string? password) => Task.FromResult(
        password is null ? IdentityResult.Success
        : password.Length > Longest ? Refuse(TooLong)
        : password.Contains(user.Handle, StringComparison.OrdinalIgnoreCase) ? Refuse(NamesHandle)
        : Common.Value.Contains(password) ? Refuse(TooCommon)
        : IdentityResult.Success);

    private static IdentityResult Refuse(string code) => IdentityResult.Failed(new IdentityError { Code = code });

    private static HashSet<string> ReadCommon()
    {
        using var stream = typeof(PasswordRules).Assembly.GetManifestResourceStream("OneRing.Data.Accounts.common-passwords.txt")!;
        using var reader = new StreamReader(stream);
        return new HashSet<string>(reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), StringComparer.OrdinalIgnoreCase);
    }
}
