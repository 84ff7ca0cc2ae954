using System.Text;
using System.Text.RegularExpressions;

namespace OneRing.Web.Export;

/// <summary>Writes plain text as Markdown (CommonMark, and what is common beside it) that reads as the text was typed.</summary>
public static partial class Markdown
{
    private const string NoBreakSpace = "&nbsp;";

    /// <summary>Whole lines: a line break stays one, an empty line stays empty, and space before the first word stays.</summary>
    public static string Escape(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var result = new StringBuilder();
        for (var i = 0; i < lines.Length; i++)
        {
            var line = EscapeLine(lines[i]);
            var isEmpty = string.IsNullOrWhiteSpace(lines[i]);
            result.Append(isEmpty ? NoBreakSpace : line);
            // A backslash at the end of a line is a line break inside a paragraph.
            result.Append(i < lines.Length - 1 ? "\\\n" : "");
        }
        return result.ToString();
    }

    /// <summary>One line, or a part of one.</summary>
    public static string EscapeLine(string line)
    {
        var start = line.Length - line.TrimStart(' ', '\t').Length;
        var result = new StringBuilder();
        foreach (var space in line.AsSpan(0, start))
        {
            result.Append(space == '\t' ? "&emsp;" : NoBreakSpace);
        }

        var rest = Always().Replace(line[start..], @"\$0");
        rest = AtTheStart().Replace(rest, @"${word}\${mark}");
        return result.Append(rest).ToString();
    }

    // What means something wherever it stands; a colon only where it opens what some take for an emoji, or makes an address. In the
    // link that many make of an address, a backslash would be read as one, so no link is made.
    [GeneratedRegex(@"[\\`*_{}\[\]<>&~|$^+=#""]|:(?=[\w+-]+:|//)|(?<=\b(mailto|tel|xmpp)):|(?<=\bwww)\.", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Always();

    // What opens a list, a rule, a container or a definition when a line starts with it.
    [GeneratedRegex(@"^(?<word>((\d{1,9}|[a-zA-Z]{1,5})(?=[.)]))?)(?<mark>[.):-])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AtTheStart();
}
