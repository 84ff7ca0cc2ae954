using System.Security.Cryptography;
using System.Text;
using OneRing.Data.Drafts;
using OneRing.Data.Writing;

namespace OneRing.Data.Rings;

/// <summary>Add a segment at the end of the text.</summary>
/// <param name="Turn">The turn in which the writer believes to be; another one is refused as stale.</param>
public sealed record AppendSegment(string UserId, Guid DraftId, string Content, string? Key, int? Turn = null) : DraftCommand(UserId, DraftId, Key)
{
    /// <summary>Which working text is added, if it is one. With the segment, it is none any more.</summary>
    public Guid? TextId { get; init; }

    /// <summary>The id under which this text is parked if it is refused and was none that was kept before: for the same request, the same.</summary>
    internal Guid IdOfRefused => new(SHA256.HashData(Encoding.UTF8.GetBytes($"{Scope}:{Key}")).AsSpan(0, 16));

    /// <summary>
    /// What a page adds. The key is the id of the text, so that a page which lost the answer can ask what became of it:
    /// whatever was tried before, a text is added once.
    /// </summary>
    public static AppendSegment FromPage(string userId, Guid draftId, string content, Guid textId, int? turn) =>
        new(userId, draftId, content, textId.ToString("N"), turn) { TextId = textId };

    internal override string?[] Substance => [Content];

    internal override bool IsDecidedByItsDraft => true;

    internal override OpenText? KnownText => TextId is { } id ? new OpenText(DraftId, id, UserId, Words: 1) : null;

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.CanHold;

    internal override Refusal? Check() => base.Check() ?? Texts.CheckSegment(Content);
}

/// <summary>Hand the ring to a person.</summary>
/// <param name="Note">A word that only the recipient sees.</param>
public sealed record PassRing(string UserId, Guid DraftId, string ToUserId, string? Key, int? Turn = null, string? Note = null)
    : DraftCommand(UserId, DraftId, Key)
{
    internal override string?[] Substance => [ToUserId];

    internal override bool IsDecidedByItsDraft => true;

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.CanHold;

    internal override Refusal? Check() => base.Check() ?? Texts.CheckNote(Note);
}

/// <summary>Hand the ring to whom a strategy chooses.</summary>
/// <param name="Strategy">Which one; null for that of the draft.</param>
/// <param name="Expected">Whom the holder was shown. If the strategy chooses somebody else by now, the pass is refused; null takes whoever it is.</param>
public sealed record SmartPass(string UserId, Guid DraftId, Strategy? Strategy, string? Key, int? Turn = null, string? Note = null, string? Expected = null)
    : DraftCommand(UserId, DraftId, Key)
{
    internal override string?[] Substance => [Strategy is { } strategy ? EnumNames.NameOf(strategy) : null];

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.CanHold;

    internal override Refusal? Check() => base.Check() ?? Texts.CheckNote(Note);
}

/// <summary>What came of an append.</summary>
public sealed record Appended(Guid SegmentId, int Position);

/// <summary>What came of a smart pass.</summary>
/// <param name="CandidateCount">Among how many people the strategy chose.</param>
public sealed record SmartlyPassed(RingPass Pass, int CandidateCount);
