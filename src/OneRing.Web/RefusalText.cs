using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Invites;

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
        Refusal.PasswordTooWeak => "A password needs 10 to 200 characters, four of them different.",
        Refusal.PasswordTooCommon => "This password is one of those that are guessed first. A short sentence of your own is a better one.",
        Refusal.PasswordNamesHandle => "A password must not hold the handle, which everybody knows. A short sentence of your own is a better one.",
        Refusal.BioInvalid => $"What you say about yourself has at most {Texts.LongestBio} characters.",
        Refusal.EmailInvalid => "This cannot be an e-mail address. Look at it once more.",
        Refusal.PasskeyNameInvalid => $"The name of a passkey needs 1 to {Texts.LongestDisplayName} characters.",
        Refusal.TokenNameInvalid => $"The name of a token needs 1 to {Texts.LongestTokenName} characters, so that you know later what it is for.",
        Refusal.InviteInvalid => $"An invite is for a writer or a reader. It lasts {InviteService.ShortestLifeInHours} to {InviteService.LongestLifeInHours} hours; a link may be used up to {InviteService.MostUses} times, an invite to one person once.",
        Refusal.NotFound => "There is no such draft here, or you no longer have a part in it.",
        Refusal.HandleUnknown => "Nobody here has this handle. Ask them how it is spelt.",
        Refusal.NotACollaborator => "This person no longer has a part in the draft.",
        Refusal.TokenUnknown => "There is no such token, or it was revoked already.",
        Refusal.InviteUnknown => "There is no such invite for you. It may be mistyped, or meant for somebody else: ask whoever sent it for a new one.",
        Refusal.PasskeyUnknown => "There is no such passkey any more.",
        Refusal.PasswordWrong => "This is not your present password, or there were too many tries. Nothing was changed. Try again, or wait five minutes.",
        Refusal.CodeWrong => "This code is not the right one, or no longer, or there were too many tries. Nothing was changed. Try the next one, or wait five minutes.",
        Refusal.LinkSpent => "This link has been used, or is older than a day. Ask for a new one.",
        Refusal.HandleDiffers => "This is not your handle. Nothing was deleted.",
        Refusal.TooManyMails => "Several mails have been sent already. Look for them, or try again in an hour.",
        Refusal.UserUnknown => "There is no such account.",
        Refusal.Forbidden => "Your role in this draft does not allow that.",
        Refusal.OwnerStays => "The owner stays with the draft. Hand it on to somebody else first.",
        Refusal.AlreadyOwner => "This person owns the draft already.",
        Refusal.NoOffer => "This offer is no longer there. Nothing was changed.",
        Refusal.TitleDiffers => "This is not the title of the draft. Nothing was deleted.",
        Refusal.LastAdmin => "This is the last admin. Make somebody else an admin first.",
        Refusal.IdempotencyMismatch => "This was sent before with other words. Nothing was changed; send it again.",
        Refusal.DraftNotActive => "Writing is paused or finished here. Nothing was changed.",
        Refusal.DraftNotLocked => "The draft is not paused. Nothing was changed.",
        Refusal.DraftCompleted => "This draft is finished. Nothing was changed.",
        Refusal.DraftArchived => "This draft is archived already. Nothing was changed.",
        Refusal.DraftNotArchived => "This draft is not archived. Nothing was changed.",
        Refusal.StaleTurn => "The ring has moved on since this page was loaded. Your text is still here: keep it for your next turn.",
        Refusal.RingRequired => "Somebody else holds the ring now. Your text is still here: keep it for your next turn.",
        Refusal.RecipientIsHolder => "You hold the ring already. Choose somebody else.",
        Refusal.RecipientCannotHold => "This person cannot hold the ring here. You still hold it; choose somebody else.",
        Refusal.NoCollaboratorCandidates => "There is nobody else who could hold the ring. You still hold it.",
        Refusal.ChoiceChanged => "The choice has changed since you saw it. You still hold the ring; look at the new choice.",
        Refusal.AlreadyCollaborator => "This person already has a part in the draft.",
        Refusal.HandleTaken => "Somebody has this handle already. Choose another one.",
        Refusal.AlreadyInvited => "This person has an open invite to this draft already. You can send it again.",
        Refusal.InviteUsedUp => "This invite has been used already. Ask whoever sent it for a new one.",
        Refusal.InviteDeclined => "This invite was declined. A new one can be made at any time.",
        Refusal.InviteRevoked => "This invite was taken back. If that surprises you, ask whoever sent it.",
        Refusal.InviteExpired => "The time of this invite has run out. Ask whoever sent it for a new one.",
        Refusal.TooManyInvites => "There were many invites within this hour. Those that you made stand; try again a little later.",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "There are no words for this refusal."),
    };
}
