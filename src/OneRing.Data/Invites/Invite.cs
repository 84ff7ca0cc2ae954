using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Invites;

/// <summary>What has become of an invite.</summary>
public enum InviteState
{
    Pending,

    /// <summary>Accepted by the person it is for; a link, when its uses are spent.</summary>
    Accepted,
    Declined,
    Revoked,

    /// <summary>Nobody did anything in time. Computed, never kept.</summary>
    Expired,
}

/// <summary>An offer to take part in a draft: to one person by their handle, or to whoever has the link.</summary>
internal sealed class Invite
{
    public const int ShortestLifeInHours = 1;
    public const int LongestLifeInHours = 720;
    public const int UsualLifeInHours = 72;
    public const int MostUses = 1000;

    private Invite()
    {
    }

    public Guid DraftId { get; private set; }

    public Guid Id { get; private set; }

    /// <summary>What those who accept may do: write or read, never own.</summary>
    public Role Role { get; private set; }

    /// <summary>The one person whom it is for; null for a link.</summary>
    public string? RecipientId { get; private set; }

    /// <summary>The SHA-256 of what makes the link work; null when it is for one person.</summary>
    public byte[]? TokenHash { get; private set; }

    public InviteState State { get; private set; }

    public string CreatedBy { get; private set; } = "";

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When it was made, or last made anew.</summary>
    public DateTimeOffset SentAt { get; private set; }

    public DateTimeOffset ExpiresAt { get; private set; }

    public int MaxUses { get; private set; }

    public int Uses { get; private set; }

    public static Invite ToPerson(CreateInvite request, string recipientId, DateTimeOffset at) => Create(request, recipientId, tokenHash: null, at);

    public static Invite AsLink(CreateInvite request, string token, DateTimeOffset at) => Create(request, recipientId: null, LinkToken.HashOf(token), at);

    /// <summary>What has become of it by now. It ends with the part that its maker has in the draft.</summary>
    public InviteState StateAt(DateTimeOffset now, bool makerIsThere) =>
        State != InviteState.Pending ? State
        : !makerIsThere ? InviteState.Revoked
        : ExpiresAt <= now ? InviteState.Expired
        : InviteState.Pending;

    /// <summary>Whether this person, with this token, is somebody whom it is for.</summary>
    public bool IsFor(string? userId, string? token) =>
        TokenHash is { } hash ? token is not null && LinkToken.Matches(token, hash) : RecipientId == userId;

    /// <summary>Spends a use.</summary>
    public InviteUse Use(string userId, DateTimeOffset at)
    {
        Uses++;
        State = Uses == MaxUses ? InviteState.Accepted : State;
        return new InviteUse(DraftId, Id, userId, at);
    }

    public void Decline() => State = InviteState.Declined;

    public void Revoke() => State = InviteState.Revoked;

    /// <summary>Starts its time again. A link gets a new token; the old one leads nowhere from now on.</summary>
    public void Resend(ResendInvite request, string? token, DateTimeOffset at)
    {
        TokenHash = token is null ? null : LinkToken.HashOf(token);
        SentAt = at;
        ExpiresAt = at.AddHours(request.ExpiresInHours);
    }

    private static Invite Create(CreateInvite request, string? recipientId, byte[]? tokenHash, DateTimeOffset at) => new()
    {
        DraftId = request.DraftId,
        Id = NewId.Next(),
        Role = request.Role,
        RecipientId = recipientId,
        TokenHash = tokenHash,
        CreatedBy = request.UserId,
        CreatedAt = at,
        SentAt = at,
        ExpiresAt = at.AddHours(request.ExpiresInHours),
        MaxUses = request.MaxUses,
    };
}

/// <summary>That somebody came in by an invite. Nobody does so twice: whoever was taken out of a draft does not come back by the link they still have.</summary>
internal sealed record InviteUse(Guid DraftId, Guid InviteId, string UserId, DateTimeOffset AcceptedAt);

internal sealed class InviteConfiguration : IEntityTypeConfiguration<Invite>, IEntityTypeConfiguration<InviteUse>
{
    public void Configure(EntityTypeBuilder<Invite> invite)
    {
        invite.ToTable("invites", table =>
        {
            table.HasRule("role", "role in ('writer', 'reader')");
            table.HasRule("state", "state in ('pending', 'accepted', 'declined', 'revoked')");
            table.HasRule("token_hash_length", "length(token_hash) = 32");
            table.HasRule("addressee", "(recipient_id is null) <> (token_hash is null) and (recipient_id is null or max_uses = 1)");
            table.HasRule("uses", $"max_uses between 1 and {Invite.MostUses} and uses between 0 and max_uses and (state = 'accepted') = (uses = max_uses)");
            table.HasRule("times", "created_at <= sent_at and sent_at < expires_at");
        });
        invite.HasKey(i => new { i.DraftId, i.Id });
        invite.HasIndex(i => i.Id).IsUnique();
        invite.HasIndex(i => i.RecipientId).HasFilter("recipient_id IS NOT NULL");
        invite.HasIndex(i => new { i.CreatedBy, i.CreatedAt });
        invite.HasOne<Draft>().WithMany().HasForeignKey(i => i.DraftId).OnDelete(DeleteBehavior.Cascade);
        invite.HasOne<User>().WithMany().HasForeignKey(i => i.RecipientId).OnDelete(DeleteBehavior.Restrict);
        invite.HasOne<User>().WithMany().HasForeignKey(i => i.CreatedBy).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<InviteUse> use)
    {
        use.ToTable("invite_uses");
        use.HasKey(u => new { u.DraftId, u.InviteId, u.UserId });
        use.HasOne<Invite>().WithMany().HasForeignKey(u => new { u.DraftId, u.InviteId }).OnDelete(DeleteBehavior.Cascade);
        use.HasOne<User>().WithMany().HasForeignKey(u => u.UserId).OnDelete(DeleteBehavior.Restrict);
    }
}
