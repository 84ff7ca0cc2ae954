using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using OneRing.Data.Mail;

namespace OneRing.Data.Accounts;

/// <summary>
/// What a password must not be, beside being long enough: it holds neither the handle nor the name of this place, and is none that everybody tries first. The names of the place are
/// “one ring”, in any spelling, and the parts of the host's name in <c>OneRing:PublicUrl</c> but its last.
/// </summary>
internal sealed partial class PasswordRules(MailSettings settings) : IPasswordValidator<User>
{
    public const int Shortest = 10;
    public const int Longest = 200;

    /// <summary>So often is a password hashed with HMAC-SHA-512. With another number, the hash is made anew when its person signs in next.</summary>
    public const int Rounds = 210_000;

    /// <summary>Shorter parts of a host's name stand in too many words.</summary>
    private const int ShortestName = 5;

    public const string NamesHandle = "PasswordNamesHandle";
    public const string NamesPlace = "PasswordNamesPlace";
    public const string TooCommon = "PasswordTooCommon";
    public const string TooLong = "PasswordTooLong";

    private static readonly Lazy<HashSet<string>> Common = new(ReadCommon);

    private readonly string[] hosts = Uri.TryCreate(settings.PublicUrl, UriKind.Absolute, out var url)
        ? [.. url.Host.Split('.').SkipLast(1).Where(part => part.Length >= ShortestName)]
        : [];

    public Task<IdentityResult> ValidateAsync(UserManager<User> manager, User user, string? password) => Task.FromResult(
        password is null ? IdentityResult.Success
        : password.Length > Longest ? Refuse(TooLong)
        : password.Contains(user.Handle, StringComparison.OrdinalIgnoreCase) ? Refuse(NamesHandle)
        : NamesThePlace(password) ? Refuse(NamesPlace)
        : Common.Value.Contains(password) ? Refuse(TooCommon)
        : IdentityResult.Success);

    private bool NamesThePlace(string password) =>
        ProductName().IsMatch(password) || hosts.Any(host => password.Contains(host, StringComparison.OrdinalIgnoreCase));

    private static IdentityResult Refuse(string code) => IdentityResult.Failed(new IdentityError { Code = code });

    private static HashSet<string> ReadCommon()
    {
        using var stream = typeof(PasswordRules).Assembly.GetManifestResourceStream("OneRing.Data.Accounts.common-passwords.txt")!;
        using var reader = new StreamReader(stream);
        return new HashSet<string>(reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), StringComparer.OrdinalIgnoreCase);
    }

    // Not in “someone ringing”.
    [GeneratedRegex(@"(?<!\p{L})one[\W_]*ring", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ProductName();
}
