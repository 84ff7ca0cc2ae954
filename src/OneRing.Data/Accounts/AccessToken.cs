using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Database;

namespace OneRing.Data.Accounts;

/// <summary>A key with which a program acts for a person over HTTP. Only its hash is kept: whoever lost it makes a new one.</summary>
internal sealed class AccessToken(string userId, string name, byte[] tokenHash, DateTimeOffset createdAt, DateTimeOffset? expiresAt)
{
    /// <summary>What every token starts with, so that one that lies about is recognised.</summary>
    private const string Prefix = "or_";

    private const int SecretBytes = 32;

    private static readonly int Length = Prefix.Length + Base64Url.GetEncodedLength(SecretBytes);

    public Guid Id { get; private init; } = NewId.Next();

    public string UserId { get; private init; } = userId;

    /// <summary>What the person calls it.</summary>
    public string Name { get; private init; } = name;

    /// <summary>The SHA-256 of the token.</summary>
    public byte[] TokenHash { get; private init; } = tokenHash;

    public DateTimeOffset CreatedAt { get; private init; } = createdAt;

    /// <summary>From when on it is refused; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; private init; } = expiresAt;

    /// <summary>About when it was last used, to the minute.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>A new token as it is shown, once.</summary>
    public static string NewSecret() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>The hash under which a token is kept; null when the text cannot be a token.</summary>
    public static byte[]? HashOf(string secret) =>
        secret.Length == Length && secret.StartsWith(Prefix, StringComparison.Ordinal) ? SHA256.HashData(Encoding.UTF8.GetBytes(secret)) : null;
}

internal static class AccessTokens
{
    /// <summary>Whoever is signed out everywhere is so in programs too.</summary>
    public static Task<int> RevokeTokensOfAsync(this OneRingDbContext db, string userId, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.AccessTokens
            .Where(token => token.UserId == userId && token.RevokedAt == null)
            .ExecuteUpdateAsync(token => token.SetProperty(t => t.RevokedAt, now), cancellationToken);
}

internal sealed class AccessTokenConfiguration : IEntityTypeConfiguration<AccessToken>
{
    public void Configure(EntityTypeBuilder<AccessToken> token)
    {
        token.ToTable("access_tokens", table =>
        {
            table.HasLength("name", 1, Texts.LongestTokenName);
            table.HasRule("token_hash_length", "length(token_hash) = 32");
            table.HasRule("expires_at", "expires_at > created_at");
        });
        token.HasKey(t => t.Id);
        token.Property(t => t.Id).ValueGeneratedNever();
        token.HasIndex(t => t.TokenHash).IsUnique();
        token.HasIndex(t => t.UserId);
        token.HasOne<User>().WithMany().HasForeignKey(t => t.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
