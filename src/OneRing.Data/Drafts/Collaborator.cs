using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Accounts;
using OneRing.Data.Database;

namespace OneRing.Data.Drafts;

/// <summary>What a person may do in a draft: the owner decides, writers take turns, readers read.</summary>
public enum Role
{
    Owner,
    Writer,
    Reader,
}

/// <summary>A person of a draft, with a role and the moment at which they joined.</summary>
internal sealed class Collaborator(Guid draftId, string userId, Role role, DateTimeOffset joinedAt)
{
    public Guid DraftId { get; private set; } = draftId;

    public string UserId { get; private set; } = userId;

    public Role Role { get; private set; } = role;

    public DateTimeOffset JoinedAt { get; private set; } = joinedAt;

    /// <summary>Whether the others may read along while this person writes here: off, until they say so.</summary>
    public bool ShowsLive { get; internal set; }

    /// <summary>Whether their account is disabled. Known while a command runs, and kept with the account.</summary>
    public bool IsDisabled { get; internal set; }

    /// <summary>Only the owner and writers can hold the ring, and only while their account is not disabled.</summary>
    public bool CanHold => Role != Role.Reader && !IsDisabled;

    internal void ChangeRole(Role role) => Role = role;
}

internal sealed class CollaboratorConfiguration : IEntityTypeConfiguration<Collaborator>
{
    public void Configure(EntityTypeBuilder<Collaborator> collaborator)
    {
        collaborator.ToTable("draft_collaborators", table => table.HasNameOf<Role, Collaborator>("role"));
        collaborator.HasKey(c => new { c.DraftId, c.UserId });
        // In the database, too: a server of the version before adds people without it.
        collaborator.Property(c => c.ShowsLive).HasDefaultValue(false);
        collaborator.Ignore(c => c.IsDisabled);
        collaborator.Ignore(c => c.CanHold);
        collaborator.HasOne<User>().WithMany().HasForeignKey(c => c.UserId).OnDelete(DeleteBehavior.Restrict);
        collaborator.HasIndex(c => c.UserId);
        collaborator.HasIndex(c => c.DraftId, "ux_draft_collaborators_owner").IsUnique().HasFilter("role = 'owner'");
    }
}
