using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Database;

namespace OneRing.Data.Accounts;

/// <summary>What an admin can do to an account.</summary>
public enum Act
{
    Disabled,
    Enabled,
    MadeAdmin,
    UnmadeAdmin,
    SignedOut,
}

/// <summary>An act of an admin, written in its transaction. The database refuses to change or delete it.</summary>
/// <param name="ActorId">Who acted; null for a command at the server.</param>
/// <param name="UserId">On whose account.</param>
/// <param name="FromAddress">The address from which the act came, or that it was a command.</param>
internal sealed record AuditEntry(Guid Id, DateTimeOffset At, string? ActorId, Act Act, string UserId, string FromAddress);

internal sealed class AuditEntryConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> entry)
    {
        entry.ToTable("audit_log", table =>
        {
            table.HasNameOf<Act, AuditEntry>("act");
            table.HasLength("from_address", 1, Texts.LongestAddress);
        });
        entry.Property(e => e.Id).ValueGeneratedNever();
        entry.HasIndex(e => new { e.At, e.Id });
        entry.HasOne<User>().WithMany().HasForeignKey(e => e.ActorId).OnDelete(DeleteBehavior.Restrict);
        entry.HasOne<User>().WithMany().HasForeignKey(e => e.UserId).OnDelete(DeleteBehavior.Restrict);
    }
}
