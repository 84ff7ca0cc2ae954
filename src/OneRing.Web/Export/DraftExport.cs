using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OneRing.Data;
using OneRing.Data.Drafts;

namespace OneRing.Web.Export;

/// <summary>As what kind of file a draft is wanted.</summary>
public enum ExportFormat
{
    Md,
    Txt,
    Json,
}

/// <summary>A draft as a file in UTF-8. Every segment reads in it as it was typed.</summary>
public static class DraftExport
{
    private const int LongestFileName = 80;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    // It is a file and never part of a page, so it need not be safe inside of one, and is better to read.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    public static byte[] Write(DraftView draft, ExportFormat format, bool withAuthors) => format switch
    {
        ExportFormat.Md => Utf8.GetBytes(WriteMarkdown(draft, withAuthors)),
        ExportFormat.Txt => Utf8.GetBytes(WriteText(draft, withAuthors)),
        ExportFormat.Json => WriteJson(draft, withAuthors),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such format."),
    };

    public static string ContentType(ExportFormat format) => format switch
    {
        ExportFormat.Md => "text/markdown; charset=utf-8",
        ExportFormat.Txt => "text/plain; charset=utf-8",
        ExportFormat.Json => "application/json; charset=utf-8",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such format."),
    };

    /// <summary>A name under which every system can keep the file: the letters and digits of the title, in any script.</summary>
    public static string FileName(string title, ExportFormat format)
    {
        var name = new StringBuilder();
        foreach (var rune in title.EnumerateRunes().Take(LongestFileName))
        {
            if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark)
            {
                name.Append(rune);
            }
            else if (name is { Length: > 0 } && name[^1] != '-')
            {
                name.Append('-');
            }
        }

        var stem = name.ToString().TrimEnd('-');
        return $"{(stem.Length == 0 ? "draft" : stem)}.{EnumNames.NameOf(format)}";
    }

    private static string WriteMarkdown(DraftView draft, bool withAuthors)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(Markdown.EscapeLine(draft.Title.ReplaceLineEndings(" "))).Append("\n\n");
        foreach (var segment in draft.Segments)
        {
            if (withAuthors)
            {
                text.Append("**").Append(Markdown.EscapeLine(segment.AuthorName.ReplaceLineEndings(" "))).Append("**\n\n");
            }
            text.Append(Markdown.Escape(segment.Content)).Append("\n\n");
        }
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static string WriteText(DraftView draft, bool withAuthors)
    {
        var text = new StringBuilder();
        text.Append(draft.Title).Append("\n\n");
        foreach (var segment in draft.Segments)
        {
            if (withAuthors)
            {
                text.Append('[').Append(segment.AuthorName).Append("]\n");
            }
            text.Append(segment.Content).Append("\n\n");
        }
        return text.ToString()[..^1];
    }

    private static byte[] WriteJson(DraftView draft, bool withAuthors) => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            draft.Title,
            Platform = EnumNames.NameOf(draft.Platform),
            Status = EnumNames.NameOf(draft.Status),
            draft.CreatedAt,
            draft.CompletedAt,
            Segments = draft.Segments.Select(segment => new
            {
                segment.Position,
                Author = withAuthors ? segment.AuthorName : null,
                segment.CreatedAt,
                segment.Content,
            }),
        },
        Json);
}
