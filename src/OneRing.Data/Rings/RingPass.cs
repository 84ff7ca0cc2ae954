using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Rings;

/// <summary>How the recipient of a pass came to be chosen.</summary>
public enum Chosen
{
    Manual,
    MostInactive,
    RoundRobin,
    BackToCreator,
    Returned,
    Reclaimed,
    Expired,
}

/// <summary>The ring went from one person to another. It never changes.</summary>
/// <param name="Turn">The turn that the pass opens: 2 for the first.</param>
/// <param name="Reason">Why this recipient, in one sentence.</param>
/// <param name="Note">A word for the recipient's eyes only.</param>
public sealed record RingPass(Guid DraftId, int Turn, string FromId, string ToId, DateTimeOffset PassedAt, Chosen Chosen, string Reason, string? Note);

internal sealed class RingPassConfiguration : IEntityTypeConfiguration<RingPass>
{
    public void Configure(EntityTypeBuilder<RingPass> pass)
    {
        pass.ToTable("ring_passes", table =>
        {
            table.HasRule("turn", "turn >= 2");
            table.HasRule("recipient", "from_id <> to_id");
            table.HasNameOf<Chosen, RingPass>("chosen");
            table.HasLength("note", 1, Texts.LongestNote);
        });
        pass.HasKey(p => new { p.DraftId, p.Turn });
        pass.Property(p => p.Turn).ValueGeneratedNever();
        pass.HasOne<Draft>().WithMany().HasForeignKey(p => p.DraftId).OnDelete(DeleteBehavior.Cascade);
        pass.HasOne<User>().WithMany().HasForeignKey(p => p.FromId).OnDelete(DeleteBehavior.Restrict);
        pass.HasOne<User>().WithMany().HasForeignKey(p => p.ToId).OnDelete(DeleteBehavior.Restrict);
    }
}
