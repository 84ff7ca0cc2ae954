using System.Text.Json.Serialization;
using OneRing.Data.Drafts;

namespace OneRing.Data.Invites;

/// <summary>An invite that was made, or made anew.</summary>
/// <param name="Token">What makes a link work. Shown this once: a retry gets none, because it is kept nowhere, not even with the key.</param>
public sealed record InviteMade(Guid InviteId, [property: JsonIgnore] string? Token = null);

/// <summary>An invite as those see it who may invite.</summary>
/// <param name="Handle">The handle of the person whom it is for; null for a link.</param>
/// <param name="SentAt">When it was made, or last made anew.</param>
public sealed record InviteView(
    Guid Id,
    Guid DraftId,
    Role Role,
    string? Handle,
    string? RecipientName,
    InviteState State,
    string CreatedBy,
    string CreatedByName,
    DateTimeOffset CreatedAt,
    DateTimeOffset SentAt,
    DateTimeOffset ExpiresAt,
    int MaxUses,
    int Uses);

/// <summary>An invite as the person sees it who was invited.</summary>
/// <param name="Refusal">Why it cannot be accepted; null when it can.</param>
/// <param name="IsMember">Whether the person has a part in the draft already.</param>
public sealed record InvitationView(
    Guid DraftId, Guid InviteId, string Title, string InvitedBy, Role Role, DateTimeOffset ExpiresAt, bool IsByHandle, Refusal? Refusal, bool IsMember);
