using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Database;

namespace OneRing.Data.Accounts;

/// <summary>A person with an account. Signs in with a handle; is shown to others by a display name.</summary>
public sealed partial class User : IdentityUser
{
    public const int ShortestHandle = 3;
    public const int LongestHandle = 30;

    /// <summary>By this name are shown whose accounts are deleted.</summary>
    public const string FormerWriter = "a former writer";

    private User()
    {
    }

    internal User(string id, string handle, string? displayName, DateTimeOffset at)
    {
        Id = id;
        UserName = handle;
        DisplayName = displayName;
        CreatedAt = at;
    }

    /// <summary>The unique name of the person: 3–30 of a–z, 0–9 and underscore.</summary>
    public string Handle => UserName!;

    /// <summary>What the person chose to be called, if they chose.</summary>
    public string? DisplayName { get; private set; }

    public string Display => DisplayOf(Id, DisplayName);

    /// <summary>Admins see figures, not texts.</summary>
    public bool IsAdmin { get; private set; }

    /// <summary>A few words about themselves, if the person wrote any.</summary>
    public string? Bio { get; private set; }

    /// <summary>Whether no leaderboard and no other figure over many drafts is to name this person. The people of their own drafts still see who wrote what.</summary>
    public bool PrefersNoName { get; private set; }

    /// <summary>In which time zone the person lives, by its IANA name; null for UTC.</summary>
    public string? TimeZone { get; private set; }

    /// <summary>Since when they are away from everything, if they have said so.</summary>
    public DateTimeOffset? AwaySince { get; private set; }

    /// <summary>Until when.</summary>
    public DateTimeOffset? AwayUntil { get; private set; }

    /// <summary>Since when the person may do nothing, if so.</summary>
    public DateTimeOffset? DisabledAt { get; private set; }

    /// <summary>Since when the account is deleted. The row stays, empty of the person, because their texts stay with their drafts.</summary>
    public DateTimeOffset? DeletedAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The step of the last code of an authenticator app that was taken: no code of this one, or of one before it, is taken again.</summary>
    internal long? LastCodeStep { get; private set; }

    /// <summary>A name for everybody: the chosen one, else one made from the id, which stays the same.</summary>
    public static string DisplayOf(string id, string? displayName) =>
        displayName ?? "@u_" + Convert.ToHexStringLower(LegacyHash(id))[^6..];

    /// <summary>The handle as it is kept, from what a person typed; null when it cannot be one.</summary>
    public static string? NormaliseHandle(string typed)
    {
        var handle = typed.Trim().TrimStart('@').ToLowerInvariant();
        return HandlePattern().IsMatch(handle) ? handle : null;
    }

    internal void LiveIn(string? timeZone) => TimeZone = timeZone;

    internal void GoAway(DateTimeOffset since, DateTimeOffset until) => (AwaySince, AwayUntil) = (since, until);

    internal void ComeBack() => (AwaySince, AwayUntil) = (null, null);

    /// <summary>For a new key, whose codes are others.</summary>
    internal void ForgetCodes() => LastCodeStep = null;

    internal void MakeAdmin() => IsAdmin = true;

    internal void UnmakeAdmin() => IsAdmin = false;

    internal void Disable(DateTimeOffset at) => DisabledAt ??= at;

    internal void Enable() => DisabledAt = null;

    /// <summary>Ends every sign-in that there is: cookies and open pages carry the stamp that was.</summary>
    internal void SignOutEverywhere() => SecurityStamp = Guid.NewGuid().ToString("N").ToUpperInvariant();

    /// <summary>
    /// Takes everything of the person out of the row. Whatever shows names shows the one that is left, without having to know of it; the handle is
    /// free for others.
    /// </summary>
    internal void Delete(DateTimeOffset at)
    {
        Disable(at);
        SignOutEverywhere();
        DeletedAt = at;
        UserName = $"deleted_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10))}";
        NormalizedUserName = UserName.ToUpperInvariant();
        DisplayName = FormerWriter;
        (Bio, Email, NormalizedEmail, PasswordHash, PhoneNumber) = (null, null, null, null, null);
        (TimeZone, AwaySince, AwayUntil) = (null, null, null);
        (IsAdmin, EmailConfirmed, PhoneNumberConfirmed, TwoFactorEnabled) = (false, false, false, false);
        (AccessFailedCount, LockoutEnd, LastCodeStep) = (0, null, null);
    }

    // SHA-1 is the product's rule for default names; nothing secret rests on it.
#pragma warning disable CA5350
    private static byte[] LegacyHash(string id) => SHA1.HashData(Encoding.UTF8.GetBytes(id));
#pragma warning restore CA5350

    [GeneratedRegex("^[a-z0-9_]{3,30}$", RegexOptions.None, matchTimeoutMilliseconds: 100)]
    private static partial Regex HandlePattern();
}

internal sealed class UserConfiguration : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> user)
    {
        user.ToTable("users", table =>
        {
            table.HasLength("handle", User.ShortestHandle, User.LongestHandle);
            table.HasLength("display_name", 1, Texts.LongestDisplayName);
            table.HasLength("bio", 1, Texts.LongestBio);
            table.HasRule("away", "(away_since is null) = (away_until is null) and (away_until is null or away_until > away_since)");
            table.HasRule("deleted", "deleted_at is null or (disabled_at is not null and email is null and password_hash is null and bio is null)");
        });
        user.Ignore(u => u.Handle);
        user.Ignore(u => u.Display);
        user.Property(u => u.LastCodeStep);
        user.Property(u => u.UserName).HasColumnName("handle").IsRequired();
        user.Property(u => u.NormalizedUserName).HasColumnName("normalized_handle").IsRequired();
    }
}
