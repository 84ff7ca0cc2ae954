using OneRing.Data;

namespace OneRing.Web.Endpoints;

/// <summary>Refusals as programs read them. The words are those of the pages: <see cref="RefusalText"/>.</summary>
internal static class RefusalProblems
{
    public static ApiError For(Refusal refusal) => refusal switch
    {
        Refusal.TitleInvalid => ApiError.Validation,
        Refusal.TextBlank => ApiError.Validation,
        Refusal.TextTooLong => ApiError.Validation,
        Refusal.TextUnreadable => ApiError.Validation,
        Refusal.KeyInvalid => ApiError.Validation,
        Refusal.NoteInvalid => ApiError.Validation,
        Refusal.CursorInvalid => ApiError.Validation,
        Refusal.HandleInvalid => ApiError.Validation,
        Refusal.DisplayNameInvalid => ApiError.Validation,
        Refusal.PasswordTooWeak => ApiError.Validation,
        Refusal.TokenNameInvalid => ApiError.Validation,
        Refusal.InviteInvalid => ApiError.Validation,
        Refusal.RecipientIsHolder => ApiError.Validation,
        Refusal.NotFound => ApiError.NotFound,
        Refusal.HandleUnknown => ApiError.NotFound,
        Refusal.NotACollaborator => ApiError.NotFound,
        Refusal.TokenUnknown => ApiError.NotFound,
        Refusal.InviteUnknown => ApiError.NotFound,
        Refusal.Forbidden => ApiError.Forbidden,
        Refusal.OwnerStays => ApiError.Forbidden,
        Refusal.RecipientCannotHold => ApiError.Forbidden,
        Refusal.RingRequired => ApiError.RingRequired,
        Refusal.IdempotencyMismatch => ApiError.IdempotencyMismatch,
        Refusal.DraftNotActive => ApiError.DraftNotActive,
        Refusal.DraftCompleted => ApiError.DraftNotActive,
        Refusal.DraftNotLocked => ApiError.Conflict,
        Refusal.ChoiceChanged => ApiError.Conflict,
        Refusal.AlreadyCollaborator => ApiError.Conflict,
        Refusal.HandleTaken => ApiError.Conflict,
        Refusal.AlreadyInvited => ApiError.Conflict,
        Refusal.InviteUsedUp => ApiError.Conflict,
        Refusal.InviteDeclined => ApiError.Conflict,
        Refusal.InviteRevoked => ApiError.Conflict,
        Refusal.InviteExpired => ApiError.Conflict,
        Refusal.TooManyInvites => ApiError.RateLimited,
        Refusal.StaleTurn => ApiError.StaleTurn,
        Refusal.NoCollaboratorCandidates => ApiError.NoCollaboratorCandidates,
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "There is no status for this refusal."),
    };
}
