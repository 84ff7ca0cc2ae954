using System.Text;

namespace OneRing.Data;

/// <summary>How long texts may be, and which can be kept at all. Lengths count Unicode scalar values, as the databases and the browser do.</summary>
public static class Texts
{
    public const int LongestTitle = 200;
    public const int LongestKey = 200;
    public const int LongestNote = 500;
    public const int LongestSegment = 20_000;
    public const int LongestSocialSegment = 500;
    public const int LongestDisplayName = 60;
    public const int LongestTokenName = 60;
    public const int LongestBio = 300;
    public const int LongestAddress = 100;

    /// <summary>Far more than a segment may have: what was pasted by mistake, or is meant for several turns, is kept too.</summary>
    public const int LongestWorkingText = 2_000_000;

    public const int LongestPage = 100;

    /// <summary>The number of Unicode scalar values in a text.</summary>
    public static int Length(string text)
    {
        var length = text.Length;
        foreach (var unit in text)
        {
            if (char.IsLowSurrogate(unit))
            {
                length--;
            }
        }
        return length;
    }

    /// <summary>False for what PostgreSQL cannot keep: NUL, and surrogates that are not a pair.</summary>
    public static bool IsReadable(string text)
    {
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            if (rest[0] == '\0' || Rune.DecodeFromUtf16(rest, out _, out var consumed) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }
            rest = rest[consumed..];
        }
        return true;
    }

    /// <summary>The number of words: maximal runs of characters that are not white space.</summary>
    public static int Words(string text)
    {
        var words = 0;
        var inside = false;
        foreach (var unit in text)
        {
            var white = char.IsWhiteSpace(unit);
            words += !white && !inside ? 1 : 0;
            inside = !white;
        }
        return words;
    }

    internal static Refusal? CheckTitle(string title) =>
        Length(title) is 0 or > LongestTitle || !IsReadable(title) ? Refusal.TitleInvalid : null;

    internal static Refusal? CheckSegment(string content) =>
        !IsReadable(content) ? Refusal.TextUnreadable
        : string.IsNullOrWhiteSpace(content) ? Refusal.TextBlank
        : Length(content) > LongestSegment ? Refusal.TextTooLong
        : null;

    internal static Refusal? CheckWorkingText(string content) =>
        !IsReadable(content) ? Refusal.TextUnreadable
        : Length(content) > LongestWorkingText ? Refusal.TextTooLong
        : null;

    internal static Refusal? CheckKey(string key) =>
        Length(key) is 0 or > LongestKey || !IsReadable(key) ? Refusal.KeyInvalid : null;

    internal static Refusal? CheckTokenName(string name) =>
        Length(name) is 0 or > LongestTokenName || !IsReadable(name) ? Refusal.TokenNameInvalid : null;

    internal static Refusal? CheckNote(string? note) =>
        note is not null && (Length(note) > LongestNote || !IsReadable(note)) ? Refusal.NoteInvalid : null;
}
