using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Accounts;

namespace OneRing.Data.Drafts;

/// <summary>That somebody looked at a draft on a UTC day. However often they look, the day has one row and one event.</summary>
internal sealed record DraftVisit(Guid DraftId, string UserId, DateOnly Day);

internal sealed class DraftVisitConfiguration : IEntityTypeConfiguration<DraftVisit>
{
    public void Configure(EntityTypeBuilder<DraftVisit> visit)
    {
        // The product calls them views; here a view is what a page receives.
        visit.ToTable("draft_views");
        visit.HasKey(v => new { v.DraftId, v.UserId, v.Day });
        visit.HasOne<Draft>().WithMany().HasForeignKey(v => v.DraftId).OnDelete(DeleteBehavior.Cascade);
        visit.HasOne<User>().WithMany().HasForeignKey(v => v.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
