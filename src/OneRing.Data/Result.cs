using System.Diagnostics.CodeAnalysis;

namespace OneRing.Data;

/// <summary>What came of an operation: its value, or the reason why it was refused. Faults are exceptions, not results.</summary>
public sealed class Result<T>
{
    private Result(T? value, Refusal? refusal, bool replayed)
    {
        Value = value;
        Refusal = refusal;
        Replayed = replayed;
    }

    public T? Value { get; }

    public Refusal? Refusal { get; }

    /// <summary>True when the answer is that of an earlier call with the same idempotency key.</summary>
    public bool Replayed { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool Succeeded => Refusal is null;

    public static implicit operator Result<T>(T value) => new(value, refusal: null, replayed: false);

    public static implicit operator Result<T>(Refusal refusal) => new(default, refusal, replayed: false);

    internal static Result<T> Replay(T value) => new(value, refusal: null, replayed: true);
}

/// <summary>What an operation answers when there is nothing to tell but that it is done.</summary>
public readonly record struct Done;

/// <summary>Every reason for which the product says no. Pages put it into words, the HTTP API into a status.</summary>
public enum Refusal
{
    // The input cannot be taken as it is.
    TitleInvalid,
    TextBlank,
    TextTooLong,
    TextUnreadable,
    KeyInvalid,
    NoteInvalid,
    CursorInvalid,
    WindowInvalid,
    HandleInvalid,
    DisplayNameInvalid,
    PasswordTooWeak,
    TokenNameInvalid,
    InviteInvalid,
    PasswordTooCommon,
    PasswordNamesHandle,
    PasswordNamesPlace,
    BioInvalid,
    EmailInvalid,
    PasskeyNameInvalid,
    WordsInvalid,
    TurnRulesInvalid,
    OrderInvalid,
    AwayInvalid,
    TimeZoneInvalid,
    NoticeHoursInvalid,

    // There is no such thing for this person.
    NotFound,
    HandleUnknown,
    NotACollaborator,
    TokenUnknown,
    InviteUnknown,
    PasskeyUnknown,
    UserUnknown,
    TextUnknown,

    // The person may not.
    Forbidden,
    OwnerStays,
    PasswordWrong,
    CodeWrong,
    LinkSpent,
    TooManyMails,
    HandleDiffers,
    AlreadyOwner,
    NoOffer,
    TitleDiffers,
    LastAdmin,

    // The state of the draft, or of a key, does not allow it.
    IdempotencyMismatch,
    DraftNotActive,
    DraftNotLocked,
    DraftCompleted,
    DraftArchived,
    DraftNotArchived,
    StaleTurn,
    RingRequired,
    RecipientIsHolder,
    RecipientCannotHold,
    RecipientAway,
    YouAreAway,
    NoTurnClock,
    AskedForMore,
    NothingAsked,
    AlreadyAsked,
    NoCollaboratorCandidates,
    ChoiceChanged,
    AlreadyCollaborator,
    HandleTaken,
    AlreadyInvited,
    InviteUsedUp,
    InviteDeclined,
    InviteRevoked,
    InviteExpired,
    WordsChanged,

    // There was too much of it lately.
    NudgedToday,
    TooManyInvites,
    TooManyParked,
    TooManyTokens,
}
