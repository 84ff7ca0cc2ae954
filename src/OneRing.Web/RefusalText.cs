using OneRing.Data;
using OneRing.Data.Accounts;

namespace OneRing.Web;

/// <summary>Refusals in the words that a person reads: what happened, what is safe, what to do next.</summary>
public static class RefusalText
{
    public static string For(Refusal refusal) => refusal switch
    {
        Refusal.TitleInvalid => $"A title needs 1 to {Texts.LongestTitle} characters.",
        Refusal.TextBlank => "There is nothing to add yet. Write a few words first.",
        Refusal.TextTooLong => "This is longer than a segment may be here. Your text is still in the box: shorten it, or add it in two parts.",
        Refusal.TextUnreadable => "The text holds a character that cannot be kept. Your text is still in the box: type that part again.",
        Refusal.KeyInvalid => $"The key of the request needs 1 to {Texts.LongestKey} characters.",
        Refusal.NoteInvalid => $"A note has at most {Texts.LongestNote} characters.",
        Refusal.CursorInvalid => "This list has changed. Start again from its top.",
        Refusal.HandleInvalid => $"A handle has {User.ShortestHandle} to {User.LongestHandle} characters: a–z, 0–9 and _.",
        Refusal.DisplayNameInvalid => $"A name has at most {Texts.LongestDisplayName} characters.",
        Refusal.PasswordTooWeak => "A password needs at least 10 characters, four of them different.",
        Refusal.TokenNameInvalid => $"The name of a token needs 1 to {Texts.LongestTokenName} characters, so that you know later what it is for.",
        Refusal.NotFound => "There is no such draft here, or you no longer have a part in it.",
        Refusal.HandleUnknown => "Nobody here has this handle. Ask them how it is spelt.",
        Refusal.NotACollaborator => "This person no longer has a part in the draft.",
        Refusal.TokenUnknown => "There is no such token, or it was revoked already.",
        Refusal.Forbidden => "Your role in this draft does not allow that.",
        Refusal.OwnerStays => "The owner always stays with the draft.",
        Refusal.IdempotencyMismatch => "This was sent before with other words. Nothing was changed; send it again.",
        Refusal.DraftNotActive => "Writing is paused or finished here. Nothing was changed.",
        Refusal.DraftNotLocked => "The draft is not paused. Nothing was changed.",
        Refusal.DraftCompleted => "This draft is finished. Nothing was changed.",
        Refusal.StaleTurn => "The ring has moved on since this page was loaded. Your text is still here: keep it for your next turn.",
        Refusal.RingRequired => "Somebody else holds the ring now. Your text is still here: keep it for your next turn.",
        Refusal.RecipientIsHolder => "You hold the ring already. Choose somebody else.",
        Refusal.RecipientCannotHold => "This person cannot hold the ring here. You still hold it; choose somebody else.",
        Refusal.NoCollaboratorCandidates => "There is nobody else who could hold the ring. You still hold it.",
        Refusal.ChoiceChanged => "The choice has changed since you saw it. You still hold the ring; look at the new choice.",
        Refusal.AlreadyCollaborator => "This person already has a part in the draft.",
        Refusal.HandleTaken => "Somebody has this handle already. Choose another one.",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "There are no words for this refusal."),
    };
}
