using OneRing.Data.Rings;

namespace OneRing.Data.Drafts;

/// <summary>Start a draft, with a first segment if there is one. Its creator owns it and holds its ring.</summary>
public sealed record CreateDraft(string UserId, string Title, Platform Platform = Platform.Story, string? FirstSegment = null, string? Key = null)
    : Command(UserId, Key)
{
    public string Title { get; } = Title.Trim();

    internal override string Scope => $"{UserId}:{Operation}:-";

    internal override string?[] Substance => [Title, EnumNames.NameOf(Platform), FirstSegment];

    internal override Refusal? Check() =>
        base.Check() ?? Texts.CheckTitle(Title) ?? (FirstSegment is null ? null : Texts.CheckSegment(FirstSegment));
}

/// <summary>Give a draft another title.</summary>
public sealed record RenameDraft(string UserId, Guid DraftId, string Title, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    public string Title { get; } = Title.Trim();

    internal override string?[] Substance => [Title];

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner;

    internal override Refusal? Check() => base.Check() ?? Texts.CheckTitle(Title);
}

/// <summary>Give a draft another title, other turn rules, another order of turns: all that is said here, or nothing of it.</summary>
/// <param name="Order">The ids of those who can hold the ring, each once.</param>
public sealed record ChangeDraft(
    string UserId, Guid DraftId, string? Title = null, TurnRulesChange? Rules = null, IReadOnlyList<string>? Order = null, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    public string? Title { get; } = Title?.Trim();

    internal override string?[] Substance => [Title, .. (Rules ?? new TurnRulesChange()).Substance, .. Order ?? []];

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner;

    internal override Refusal? Check() => base.Check() ?? (Title is null ? null : Texts.CheckTitle(Title)) ?? Rules?.Check();
}

/// <summary>Pause the writing.</summary>
public sealed record LockDraft(string UserId, Guid DraftId, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner || draft.HolderId == actor.UserId;
}

/// <summary>Let the writing go on.</summary>
public sealed record UnlockDraft(string UserId, Guid DraftId, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner;
}

/// <summary>Finish the draft for good.</summary>
public sealed record CompleteDraft(string UserId, Guid DraftId, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner;
}

/// <summary>Let somebody take part, by their handle.</summary>
public sealed record AddCollaborator(string UserId, Guid DraftId, string Handle, Role Role, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    /// <summary>Who it is, for a caller who knows their id. The handle is not asked for then.</summary>
    public string? CollaboratorId { get; init; }

    internal override string?[] Substance => [CollaboratorId ?? Handle, EnumNames.NameOf(Role)];

    internal override Refusal? Check() => base.Check() ?? (CollaboratorId is { } id && !Texts.IsReadable(id) ? Refusal.HandleInvalid : null);

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner && Role != Role.Owner;
}

/// <summary>Make a writer a reader, or a reader a writer.</summary>
public sealed record ChangeRole(string UserId, Guid DraftId, string CollaboratorId, Role Role, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override string?[] Substance => [CollaboratorId, EnumNames.NameOf(Role)];

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner && Role != Role.Owner;
}

/// <summary>Take somebody out of a draft: the owner anybody, everybody themselves.</summary>
public sealed record RemoveCollaborator(string UserId, Guid DraftId, string CollaboratorId, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override string?[] Substance => [CollaboratorId];

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner || CollaboratorId == actor.UserId;
}

/// <summary>Put a draft away, out of everybody's lists, or fetch it back.</summary>
public sealed record ArchiveDraft(string UserId, Guid DraftId, bool Away = true, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override string?[] Substance => [Away ? "away" : "back"];

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner;
}

/// <summary>Delete a draft with every word in it. The owner types its title, so that it is this one and no other.</summary>
public sealed record DeleteDraft(string UserId, Guid DraftId, string Title, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    public string Title { get; } = Title.Trim();

    internal override string?[] Substance => [Title];

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner;
}

/// <summary>Offer a draft to one of its people, who becomes its owner by accepting.</summary>
public sealed record OfferDraft(string UserId, Guid DraftId, string ToUserId, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override string?[] Substance => [ToUserId];

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner;
}

/// <summary>Become the owner of a draft that was offered to oneself. Its owner becomes a writer; the ring stays where it is.</summary>
public sealed record AcceptDraft(string UserId, Guid DraftId, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override bool IsAllowed(Draft draft, Collaborator actor) => draft.OfferedToId == actor.UserId;
}

/// <summary>Take the offer of a draft back, as its owner, or turn it down, as the one to whom it was made.</summary>
public sealed record DropOffer(string UserId, Guid DraftId, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner || draft.OfferedToId == actor.UserId;
}

/// <summary>Let the others read along while one writes, or not any more.</summary>
public sealed record ShowLive(string UserId, Guid DraftId, bool On, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override string?[] Substance => [On ? "on" : "off"];

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role != Role.Reader;
}
