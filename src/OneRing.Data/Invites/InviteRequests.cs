using System.Globalization;
using OneRing.Data.Drafts;

namespace OneRing.Data.Invites;

/// <summary>Invite somebody into a draft: one person by their handle or, without one, whoever has the link.</summary>
public sealed record CreateInvite(
    string UserId, Guid DraftId, Role Role, string? Handle = null, int ExpiresInHours = Invite.UsualLifeInHours, int MaxUses = 1, string? Key = null)
    : DraftCommand(UserId, DraftId, Key)
{
    internal override string?[] Substance =>
        [EnumNames.NameOf(Role), Handle, ExpiresInHours.ToString(CultureInfo.InvariantCulture), MaxUses.ToString(CultureInfo.InvariantCulture)];

    internal override bool IsAllowed(Draft draft, Collaborator actor) => InviteRules.MayInvite(draft, actor);

    internal override Refusal? Check() =>
        base.Check() ?? (Role == Role.Owner || !InviteRules.IsLife(ExpiresInHours) || MaxUses is < 1 or > Invite.MostUses || (Handle is not null && MaxUses != 1)
            ? Refusal.InviteInvalid
            : null);
}

/// <summary>Give an invite its time again, and a link a new token.</summary>
public sealed record ResendInvite(string UserId, Guid DraftId, Guid InviteId, int ExpiresInHours = Invite.UsualLifeInHours, string? Key = null)
    : DraftCommand(UserId, DraftId, Key)
{
    internal override string?[] Substance => [InviteId.ToString(), ExpiresInHours.ToString(CultureInfo.InvariantCulture)];

    internal override bool IsAllowed(Draft draft, Collaborator actor) => InviteRules.MayInvite(draft, actor);

    internal override Refusal? Check() => base.Check() ?? (InviteRules.IsLife(ExpiresInHours) ? null : Refusal.InviteInvalid);
}

/// <summary>Take an invite back: the owner any, everybody their own.</summary>
public sealed record RevokeInvite(string UserId, Guid DraftId, Guid InviteId, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override string?[] Substance => [InviteId.ToString()];

    // Whose invite it is shows when it is read.
    internal override bool IsAllowed(Draft draft, Collaborator actor) => true;
}

/// <summary>Come into a draft by an invite: the person whom it is for, or anybody with the token of the link.</summary>
public sealed record AcceptInvite(string UserId, Guid DraftId, Guid InviteId, string? Token = null, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override string?[] Substance => [InviteId.ToString(), Token];

    internal override bool IsAllowed(Draft draft, Collaborator actor) => true;

    internal override bool IsOpenToGuests => true;
}

/// <summary>Say no to an invite. Only the person whom it is for.</summary>
public sealed record DeclineInvite(string UserId, Guid DraftId, Guid InviteId, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override string?[] Substance => [InviteId.ToString()];

    internal override bool IsAllowed(Draft draft, Collaborator actor) => true;

    internal override bool IsOpenToGuests => true;
}

internal static class InviteRules
{
    /// <summary>The owner always, and whoever holds the ring.</summary>
    public static bool MayInvite(Draft draft, Collaborator actor) => actor.Role == Role.Owner || draft.HolderId == actor.UserId;

    public static bool IsLife(int hours) => hours is >= Invite.ShortestLifeInHours and <= Invite.LongestLifeInHours;
}
