using OneRing.Data.Drafts;

namespace OneRing.Data.Sharing;

/// <summary>Let anybody who has the link read a draft.</summary>
public sealed record ShareDraft(string UserId, Guid DraftId, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner;
}

/// <summary>Let only its people read a draft, from now on.</summary>
public sealed record UnshareDraft(string UserId, Guid DraftId, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner;
}
