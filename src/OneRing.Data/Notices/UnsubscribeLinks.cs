using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using OneRing.Data.Database;

namespace OneRing.Data.Notices;

/// <summary>What a person no longer wants to be told by mail.</summary>
/// <param name="Kind">Null for all of it.</param>
public sealed record Unsubscription(string UserId, NoticeKind? Kind);

/// <summary>
/// Links with which a mail can be ended by whoever has it, signed in or not. They do not expire, because mails are kept for years, and can do nothing else.
/// </summary>
internal sealed class UnsubscribeLinks(IDataProtectionProvider protection)
{
    private const string All = "all";

    private readonly IDataProtector protector = protection.CreateProtector("OneRing.Unsubscribe");

    public string For(string baseUrl, Unsubscription link) =>
        QueryHelpers.AddQueryString($"{baseUrl}/unsubscribe", "token", protector.Protect($"{link.UserId} {(link.Kind is { } kind ? EnumNames.NameOf(kind) : All)}"));

    /// <summary>What a token stands for; null if it was not made here.</summary>
    public Unsubscription? Read(string? token)
    {
        try
        {
            return protector.Unprotect(token ?? "").Split(' ') is [var userId, var kind]
                ? new Unsubscription(userId, kind == All ? null : EnumNames.ValueOf<NoticeKind>(kind))
                : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
