using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Rings;

namespace OneRing.Web.Endpoints;

/// <summary>What waits for a person, and for whom they wait, as programs read it.</summary>
/// <param name="Count">How many things wait for you: rings, invites, requests for more time, rings that you may take back.</param>
/// <param name="Held">The rings with you, the turn that ends first first.</param>
/// <param name="Invites">The invites that wait for your answer.</param>
/// <param name="Awaited">The rings for which you wait, whoever has held one longest first.</param>
/// <param name="ParkedTexts">How many of your texts are parked for a later turn.</param>
internal sealed record ApiWaiting(int Count, IReadOnlyList<ApiHeldRing> Held, IReadOnlyList<ApiInvitation> Invites, IReadOnlyList<ApiAwaitedRing> Awaited, int ParkedTexts)
{
    public static ApiWaiting Of(Waiting waiting) => new(
        waiting.Count,
        [.. waiting.Held.Select(ApiHeldRing.Of)],
        [.. waiting.Invites.Select(ApiInvitation.Of)],
        [.. waiting.Awaited.Select(ApiAwaitedRing.Of)],
        waiting.ParkedTexts);
}

/// <summary>A ring that you hold.</summary>
/// <param name="TurnEndsAt">When your turn ends, before any grace; null without a clock.</param>
/// <param name="TurnIsOver">Whether its time, and any grace, is up.</param>
/// <param name="NudgedAt">When you were last reminded in this turn that others would like to read on.</param>
/// <param name="Wishes">Who asks for it in this turn.</param>
internal sealed record ApiHeldRing(
    Guid DraftId, string Title, int Turn, DateTimeOffset PassedAt, DateTimeOffset? TurnEndsAt, bool TurnIsOver, DateTimeOffset? NudgedAt, IReadOnlyList<ApiRingWish> Wishes)
{
    public static ApiHeldRing Of(HeldRing ring) => new(
        ring.DraftId, ring.Title, ring.Turn, ring.Since, ring.EndsAt, ring.IsOver, ring.NudgedAt,
        [.. ring.Wishes.Select(wish => new ApiRingWish(wish.UserId, wish.Name, wish.At, wish.Note))]);
}

/// <summary>That somebody asks for a ring.</summary>
internal sealed record ApiRingWish(string UserId, string Display, DateTimeOffset AskedAt, string? Note);

/// <summary>An invite as the person reads it who is invited.</summary>
internal sealed record ApiInvitation(Guid InviteId, Guid DraftId, string Title, string InvitedBy, Role Role, DateTimeOffset ExpiresAt)
{
    public static ApiInvitation Of(InvitationView invite) => new(invite.InviteId, invite.DraftId, invite.Title, invite.InvitedBy, invite.Role, invite.ExpiresAt);
}

/// <summary>A ring for which you wait.</summary>
/// <param name="MoreTimeAt">When the holder gets more time unless somebody objects; null unless they ask.</param>
/// <param name="MayReclaim">Whether the time is up and you may take the ring back.</param>
/// <param name="UsualHoldMinutes">How long the holder usually keeps the ring of this draft: the median; null while fewer than two of their turns have ended.</param>
internal sealed record ApiAwaitedRing(
    Guid DraftId,
    string Title,
    int Turn,
    string HolderId,
    string HolderDisplay,
    DateTimeOffset PassedAt,
    DateTimeOffset? TurnEndsAt,
    bool TurnIsOver,
    DateTimeOffset? MoreTimeAt,
    bool MayReclaim,
    double? UsualHoldMinutes)
{
    public static ApiAwaitedRing Of(AwaitedRing ring) => new(
        ring.DraftId, ring.Title, ring.Turn, ring.HolderId, ring.HolderName, ring.Since, ring.EndsAt, ring.IsOver, ring.MoreAt, ring.MayReclaim, ring.UsuallyHeld?.TotalMinutes);
}
