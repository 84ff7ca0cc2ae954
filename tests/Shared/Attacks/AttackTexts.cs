using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OneRing.Data;

namespace OneRing.Tests.Attacks;

/// <summary>What attackers write where others will read it.</summary>
public static partial class AttackTexts
{
    private const string Path = "tests/Shared/Attacks/stored-scripts.txt";

    /// <summary>Every text that would run on a careless page, as <c>stored-scripts.txt</c> lists them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. File.ReadLines(RelayFiles.Find(Path) ?? throw new InvalidOperationException($"{Path} is absent.")).Where(line => !line.StartsWith("// ", StringComparison.Ordinal)).Select(Read)];

    /// <summary>Those that can be kept at all, each as one line of at most so many characters.</summary>
    public static IReadOnlyList<string> UpTo(int length) => [.. All.Where(text => Texts.IsReadable(text)).Select(text => text.Trim()).Where(text => Texts.Length(text) <= length)];

    /// <summary>All that can be kept, several in each text, so that every one of them stands in a text of at most so many characters.</summary>
    public static IReadOnlyList<string> InPacksOf(int length)
    {
        var packs = new List<string>();
        foreach (var text in UpTo(length))
        {
            if (packs.Count > 0 && Texts.Length(packs[^1]) + 1 + Texts.Length(text) <= length)
            {
                packs[^1] += $" {text}";
            }
            else
            {
                packs.Add(text);
            }
        }
        return packs;
    }

    private static string Read(string line) => Escape().Replace(line, match => match.Value switch
    {
        @"\n" => "\n",
        @"\r" => "\r",
        @"\t" => "\t",
        @"\0" => "\0",
        @"\\" => "\\",
        var unit => ((char)int.Parse(unit.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString(),
    });

    [GeneratedRegex(@"\\([nrt0\\]|u[0-9a-fA-F]{4})", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Escape();
}
