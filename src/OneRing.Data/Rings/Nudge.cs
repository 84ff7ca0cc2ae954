using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;

namespace OneRing.Data.Rings;

/// <summary>Remind the holder of a ring, kindly, that others wait for it. For those who could hold it, and for admins; once a UTC day for each draft.</summary>
/// <param name="Turn">The turn of the holder who is meant; another one is refused as stale.</param>
public sealed record NudgeHolder(string UserId, Guid DraftId, string? Key = null, int? Turn = null) : DraftCommand(UserId, DraftId, Key)
{
    // Who takes part in a draft may be an admin as well. What decides is the account, and the operation looks at that.
    internal override bool IsOpenToGuests => true;

    internal override bool IsAllowed(Draft draft, Collaborator actor) => true;
}

/// <summary>That the holder of a ring was reminded that others wait for it.</summary>
internal sealed record Nudge(Guid DraftId, DateOnly Day, int Turn, DateTimeOffset At, string ActorId);

internal sealed class NudgeConfiguration : IEntityTypeConfiguration<Nudge>
{
    public void Configure(EntityTypeBuilder<Nudge> nudge)
    {
        nudge.ToTable("ring_nudges");
        nudge.HasKey(n => new { n.DraftId, n.Day });
        nudge.HasOne<Draft>().WithMany().HasForeignKey(n => n.DraftId).OnDelete(DeleteBehavior.Cascade);
        nudge.HasOne<User>().WithMany().HasForeignKey(n => n.ActorId).OnDelete(DeleteBehavior.Restrict);
    }
}
