using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;

namespace OneRing.Data.Presences;

/// <summary>That somebody has a draft open at a server, which says so again and again; when it falls silent, they are gone.</summary>
internal sealed class Presence(Guid draftId, string userId, string serverId, DateTimeOffset seenAt)
{
    /// <summary>How often a server says so.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(4);

    /// <summary>How long it holds: two of these may be lost.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(15);

    public Guid DraftId { get; private set; } = draftId;

    public string UserId { get; private set; } = userId;

    public string ServerId { get; private set; } = serverId;

    public DateTimeOffset SeenAt { get; private set; } = seenAt;
}

internal sealed class PresenceConfiguration : IEntityTypeConfiguration<Presence>
{
    public void Configure(EntityTypeBuilder<Presence> presence)
    {
        // As many rows as there are open pages, each written every few seconds: an index on what is written would cost more than it finds.
        presence.ToTable("presences");
        presence.HasKey(p => new { p.DraftId, p.UserId, p.ServerId });
        presence.HasOne<Draft>().WithMany().HasForeignKey(p => p.DraftId).OnDelete(DeleteBehavior.Cascade);
        presence.HasOne<User>().WithMany().HasForeignKey(p => p.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
