using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Sharing;

/// <summary>The link by which anybody may read a draft, for as long as its owner lets it stand. A draft has one at the most.</summary>
/// <param name="TokenHash">The SHA-256 of the token: what a reader brings is looked up by it.</param>
/// <param name="ProtectedToken">The token, encrypted, so that the owner can be shown the link again.</param>
internal sealed record PublicLink(Guid DraftId, byte[] TokenHash, string ProtectedToken, string CreatedBy, DateTimeOffset CreatedAt);

/// <summary>That a draft was read through its public link on a UTC day. However many read it, the day has one row and one event.</summary>
internal sealed record PublicVisit(Guid DraftId, DateOnly Day);

internal sealed class PublicLinkConfiguration : IEntityTypeConfiguration<PublicLink>, IEntityTypeConfiguration<PublicVisit>
{
    public void Configure(EntityTypeBuilder<PublicLink> link)
    {
        link.ToTable("public_links", table => table.HasRule("token_hash_length", "length(token_hash) = 32"));
        link.HasKey(l => l.DraftId);
        link.Property(l => l.DraftId).ValueGeneratedNever();
        link.HasIndex(l => l.TokenHash).IsUnique();
        link.HasOne<Draft>().WithMany().HasForeignKey(l => l.DraftId).OnDelete(DeleteBehavior.Cascade);
        link.HasOne<User>().WithMany().HasForeignKey(l => l.CreatedBy).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<PublicVisit> visit)
    {
        visit.ToTable("public_views");
        visit.HasKey(v => new { v.DraftId, v.Day });
        visit.HasOne<Draft>().WithMany().HasForeignKey(v => v.DraftId).OnDelete(DeleteBehavior.Cascade);
    }
}
