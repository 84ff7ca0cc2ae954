using OneRing.Data.Rings;

namespace OneRing.Data.Drafts;

/// <summary>Which of their drafts a person wants to see.</summary>
public enum DraftFilter
{
    All,

    /// <summary>Active, and this person holds the ring.</summary>
    YourTurn,

    /// <summary>Not finished, and it is not this person's turn.</summary>
    Waiting,

    /// <summary>Completed.</summary>
    Finished,

    /// <summary>Put away by its owner. No other list shows it.</summary>
    Archived,
}

/// <summary>A draft as a line of a list.</summary>
/// <param name="Role">What the person who asked may do in it.</param>
public sealed record DraftSummary(
    Guid Id,
    string Title,
    Platform Platform,
    DraftStatus Status,
    Role Role,
    string HolderId,
    string HolderName,
    DateTimeOffset HeldSince,
    int Turn,
    int SegmentCount,
    DateTimeOffset LastActivityAt,
    int Version);

/// <summary>A page of a list.</summary>
/// <param name="NextCursor">Where the next page starts; null after the last.</param>
public sealed record Listing<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>What stands above a draft, whatever of it is shown: its name, its state, and what the person who asked may do in it.</summary>
/// <param name="Role">What the person who asked may do in it.</param>
/// <param name="IsPublic">Whether it has a public link, so that others than its people can read it.</param>
public sealed record DraftHead(
    Guid Id,
    string Title,
    Platform Platform,
    DraftStatus Status,
    Role Role,
    string HolderId,
    int Turn,
    int Version,
    int SegmentCount,
    DateTimeOffset LastActivityAt,
    DateTimeOffset? ArchivedAt,
    bool IsPublic)
{
    /// <summary>Whether segments may be added and the ring be passed.</summary>
    public bool IsOpen => Status == DraftStatus.Active && ArchivedAt is null;
}

/// <summary>A draft as one of its people sees it, with as much of its text as was wanted.</summary>
/// <param name="Role">What the person who asked may do in it.</param>
/// <param name="Collaborators">Its people in joining order, the owner first.</param>
/// <param name="SegmentCount">Of how many segments the whole text is.</param>
/// <param name="Segments">What was wanted of the text, in order.</param>
/// <param name="Passes">The passes of the ring in turn order.</param>
/// <param name="ArchivedAt">Since when the owner has put it away, if so.</param>
/// <param name="OfferedToId">To whom its owner offers it, if to anybody.</param>
/// <param name="IsPublic">Whether it has a public link, so that others than its people can read it.</param>
/// <param name="PendingInvites">The ids of the invites that wait for an answer, in the order in which they were made.</param>
/// <param name="ShowsLive">Whether the person who asked lets the others read along while they write.</param>
/// <param name="NudgedAt">When the holder was last reminded in this turn that others wait; null if never.</param>
/// <param name="Rules">How the draft keeps its turns.</param>
/// <param name="Turns">What the clock of the present turn says.</param>
/// <param name="Wishes">Who asks for the ring in this turn: all of them for the holder, their own for everybody else.</param>
/// <param name="NextHolders">Who would hold the ring next under the strategy of the draft, three at the most, if everybody writes and passes it on.</param>
public sealed record DraftView(
    Guid Id,
    string Title,
    Platform Platform,
    DraftStatus Status,
    Role Role,
    string CreatorId,
    string CreatorName,
    string HolderId,
    string HolderName,
    DateTimeOffset HeldSince,
    int Turn,
    int Version,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset LastActivityAt,
    DateTimeOffset? CompletedAt,
    DateTimeOffset? ArchivedAt,
    string? OfferedToId,
    IReadOnlyList<CollaboratorView> Collaborators,
    int SegmentCount,
    IReadOnlyList<SegmentView> Segments,
    IReadOnlyList<RingPassView> Passes,
    IReadOnlyList<Guid> PendingInvites,
    bool IsPublic,
    bool ShowsLive,
    DateTimeOffset? NudgedAt,
    TurnRules Rules,
    TurnView Turns,
    IReadOnlyList<RingWishView> Wishes,
    IReadOnlyList<NextHolder> NextHolders)
{
    public int LongestSegment => Platform == Platform.Story ? Texts.LongestSegment : Texts.LongestSocialSegment;

    /// <summary>Whether segments may be added and the ring be passed.</summary>
    public bool IsOpen => Head.IsOpen;

    public DraftHead Head => new(Id, Title, Platform, Status, Role, HolderId, Turn, Version, SegmentCount, LastActivityAt, ArchivedAt, IsPublic);
}

/// <summary>How much of the text somebody wants to read.</summary>
public enum SegmentChoice
{
    All,

    /// <summary>The last segment, if there is one.</summary>
    Last,

    None,
}

/// <summary>A draft with as much of its text as was wanted, and how lively it is.</summary>
public sealed record DraftReading(DraftView Draft, DraftMetrics Metrics);

/// <summary>What the clock of a turn says.</summary>
/// <param name="EndsAt">When the turn ends, before any grace; null without a clock, or while it stands still.</param>
/// <param name="IsOver">Whether its time, and any grace, is up.</param>
/// <param name="More">What became of the holder’s wish for more time.</param>
/// <param name="MoreAt">When more time is granted, if nobody objects until then; null unless somebody asks.</param>
public sealed record TurnView(DateTimeOffset? EndsAt, bool IsOver, MoreTime More, DateTimeOffset? MoreAt);

/// <summary>That somebody asks for the ring.</summary>
/// <param name="Note">A word for the holder.</param>
public sealed record RingWishView(string UserId, string Name, DateTimeOffset At, string? Note);

/// <summary>A person of a draft.</summary>
/// <param name="IsDisabled">Whether their account is disabled, so that they can do nothing here.</param>
/// <param name="AwayUntil">Until when they are away, from this draft or from all; null if they are not.</param>
/// <param name="Place">Where the owner has put them in the order of turns; null for where they joined.</param>
/// <param name="Habit">How they take their turns in this draft; null while they have had too few.</param>
public sealed record CollaboratorView(
    string UserId, string Handle, string Name, Role Role, DateTimeOffset JoinedAt, bool IsDisabled = false, DateTimeOffset? AwayUntil = null, int? Place = null,
    TurnHabit? Habit = null)
{
    public bool CanHold => Role != Role.Reader && !IsDisabled;
}

/// <summary>A piece of the text, with who wrote it, when, and in which turn.</summary>
public sealed record SegmentView(Guid Id, int Position, string AuthorId, string AuthorName, int Turn, string Content, DateTimeOffset CreatedAt);

/// <summary>A pass of the ring.</summary>
/// <param name="Note">The note that came with it; null for everybody but the recipient.</param>
public sealed record RingPassView(
    int Turn, string FromId, string FromName, string ToId, string ToName, DateTimeOffset PassedAt, Chosen Chosen, string Reason, string? Note);
