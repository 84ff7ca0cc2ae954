using OneRing.Data.Drafts;
using OneRing.Data.Invites;

namespace OneRing.Data.Rings;

/// <summary>What waits for a person, and for whom they wait.</summary>
/// <param name="Held">The rings with them, the turn that ends first first.</param>
/// <param name="Invites">The invites that wait for their answer.</param>
/// <param name="Awaited">The drafts in which they write and somebody else holds the ring, whoever has held it longest first.</param>
/// <param name="ParkedTexts">How many texts of theirs are parked for a later turn.</param>
public sealed record Waiting(IReadOnlyList<HeldRing> Held, IReadOnlyList<InvitationView> Invites, IReadOnlyList<AwaitedRing> Awaited, int ParkedTexts)
{
    /// <summary>How many things wait for them. A parked text waits for nobody.</summary>
    public int Count => Held.Count + Invites.Count + Awaited.Count(ring => ring.IsForMe);
}

/// <summary>What the frame of every page tells of what waits for a person.</summary>
/// <param name="Count">How many things wait for them.</param>
/// <param name="LastNoticeId">What they were told of last; null before the first.</param>
public sealed record WaitingNews(int Count, Guid? LastNoticeId);

/// <summary>A ring that a person holds.</summary>
/// <param name="EndsAt">When their turn ends, before any grace; null without a clock.</param>
/// <param name="IsOver">Whether its time, and any grace, is up.</param>
/// <param name="NudgedAt">When they were last reminded in this turn that others would like to read on.</param>
/// <param name="Wishes">Who asks for it in this turn.</param>
public sealed record HeldRing(
    Guid DraftId, string Title, int Turn, DateTimeOffset Since, DateTimeOffset? EndsAt, bool IsOver, DateTimeOffset? NudgedAt, IReadOnlyList<RingWishView> Wishes);

/// <summary>A ring for which a person waits.</summary>
/// <param name="EndsAt">When the turn ends, before any grace; null without a clock.</param>
/// <param name="IsOver">Whether its time, and any grace, is up.</param>
/// <param name="MoreAt">When the holder gets more time unless somebody objects; null unless they ask.</param>
/// <param name="MayReclaim">Whether the time is up and the person may take the ring back.</param>
/// <param name="UsuallyHeld">How long the holder usually keeps the ring of this draft; null while too few of their turns have ended.</param>
public sealed record AwaitedRing(
    Guid DraftId,
    string Title,
    int Turn,
    string HolderId,
    string HolderName,
    DateTimeOffset Since,
    DateTimeOffset? EndsAt,
    bool IsOver,
    DateTimeOffset? MoreAt,
    bool MayReclaim,
    TimeSpan? UsuallyHeld)
{
    /// <summary>Whether there is something here that only the person can decide.</summary>
    public bool IsForMe => MoreAt is not null || MayReclaim;
}
