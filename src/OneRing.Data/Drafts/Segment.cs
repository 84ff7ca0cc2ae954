using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Accounts;
using OneRing.Data.Database;

namespace OneRing.Data.Drafts;

/// <summary>A piece of a draft's text as its author typed it, with the turn in which it was written. It never changes.</summary>
public sealed class Segment(Guid draftId, int position, string authorId, int turn, string content, DateTimeOffset createdAt)
{
    public Guid DraftId { get; private init; } = draftId;

    public Guid Id { get; private init; } = NewId.Next();

    /// <summary>0, 1, 2, … within the draft, without gap or double.</summary>
    public int Position { get; private init; } = position;

    public string AuthorId { get; private init; } = authorId;

    public int Turn { get; private init; } = turn;

    public string Content { get; private init; } = content;

    public DateTimeOffset CreatedAt { get; private init; } = createdAt;
}

internal sealed class SegmentConfiguration : IEntityTypeConfiguration<Segment>
{
    public void Configure(EntityTypeBuilder<Segment> segment)
    {
        segment.ToTable("draft_segments", table =>
        {
            table.HasRule("position", "position >= 0");
            table.HasRule("turn", "turn >= 1");
            table.HasLength("content", 1, Texts.LongestSegment);
        });
        segment.HasKey(s => new { s.DraftId, s.Id });
        segment.Property(s => s.Id).ValueGeneratedNever();
        segment.HasIndex(s => new { s.DraftId, s.Position }).IsUnique();
        // When somebody last wrote in a draft, which a strategy asks of each candidate.
        segment.HasIndex(s => new { s.DraftId, s.AuthorId, s.CreatedAt });
        segment.HasOne<Draft>().WithMany().HasForeignKey(s => s.DraftId).OnDelete(DeleteBehavior.Cascade);
        segment.HasOne<User>().WithMany().HasForeignKey(s => s.AuthorId).OnDelete(DeleteBehavior.Restrict);
    }
}
