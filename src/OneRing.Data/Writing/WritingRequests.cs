namespace OneRing.Data.Writing;

/// <summary>
/// Keep what somebody has typed: a stretch of their text becomes another one. Places and lengths are in UTF-16 code units, as browsers and .NET
/// count them. A long text travels as several of these.
/// </summary>
/// <param name="UserId">Whose text it is: set by the endpoint, never by the caller's input.</param>
/// <param name="TextId">Which text; the browser makes the id with the first word.</param>
/// <param name="Base">The revision on which the change builds; 0 for a new text.</param>
/// <param name="Start">Where the stretch begins.</param>
/// <param name="Remove">How long it was.</param>
/// <param name="Insert">What stands there now.</param>
/// <param name="Length">How long the whole text is then, so that nothing is put together wrongly.</param>
/// <param name="Page">The browser and the page that write: "browser/page".</param>
/// <param name="Park">Park a new text at once, because its author went on with another version.</param>
public sealed record SaveWords(
    string UserId, Guid DraftId, Guid TextId, int Base, int Start, int Remove, string Insert, int Length, string Page, bool Park = false)
{
    internal Refusal? Check() =>
        Base < 0 || Start < 0 || Remove < 0 || Length < 0 || Page.Length > Texts.LongestPage || !Texts.IsReadable(Page) ? Refusal.WordsInvalid
        : !Texts.IsReadable(Insert) ? Refusal.TextUnreadable
        : Length > 2 * Texts.LongestWorkingText ? Refusal.TextTooLong
        : null;
}

/// <summary>That words are kept.</summary>
/// <param name="Revision">On which the next change builds.</param>
/// <param name="IsParked">Whether they are parked, because their author may not write there now.</param>
public sealed record WordsSaved(int Revision, DateTimeOffset SavedAt, bool IsParked);

/// <summary>What somebody has typed and not added, as the server has it: in their box, or parked.</summary>
public sealed record WorkingTextView(Guid TextId, int Revision, string Content, int Words, string Page, DateTimeOffset SavedAt);

/// <summary>What the server knows of the texts of one person for one draft, when a page of theirs opens.</summary>
/// <param name="Current">The text in their box.</param>
/// <param name="Added">What was added of the text that the page asks about, if it was.</param>
/// <param name="Parked">That text, if it is parked.</param>
public sealed record WordsFound(WorkingTextView? Current, string? Added, WorkingTextView? Parked);

/// <summary>A parked text as a line of a list.</summary>
/// <param name="DraftTitle">The title of its draft as its author knows it; null if they never did.</param>
/// <param name="IsOpen">Whether its author may still read the draft.</param>
/// <param name="Beginning">Its first words.</param>
/// <param name="Length">In Unicode scalar values.</param>
public sealed record ParkedTextView(
    Guid TextId, Guid DraftId, string? DraftTitle, bool IsOpen, string Beginning, int Words, int Length, DateTimeOffset ParkedAt, ParkedBecause Because);
