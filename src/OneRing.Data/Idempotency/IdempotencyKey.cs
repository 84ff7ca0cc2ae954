using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Database;

namespace OneRing.Data.Idempotency;

/// <summary>Remembers that a request was carried out, and what came of it, so that a retry gets the same answer.</summary>
/// <param name="Scope">Whose key, for which operation, on which draft: <c>user:operation:draft</c>.</param>
/// <param name="Fingerprint">The SHA-256 of the request; null for a key that only says "seen".</param>
/// <param name="Result">What was answered, as JSON.</param>
internal sealed record IdempotencyKey(string Scope, string Key, byte[]? Fingerprint, string? Result, DateTimeOffset CreatedAt)
{
    /// <summary>How long a key is kept before it is pruned.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);
}

internal sealed class IdempotencyKeyConfiguration : IEntityTypeConfiguration<IdempotencyKey>
{
    public void Configure(EntityTypeBuilder<IdempotencyKey> key)
    {
        key.ToTable("idempotency_keys", table =>
        {
            table.HasLength("key", 1, Texts.LongestKey);
            table.HasRule("fingerprint_length", "length(fingerprint) = 32");
            table.HasRule("effect", "(fingerprint is null) = (result is null)");
        });
        key.HasKey(k => new { k.Scope, k.Key });
        key.Property(k => k.Result).IsJson();
        key.HasIndex(k => k.CreatedAt);
    }
}
