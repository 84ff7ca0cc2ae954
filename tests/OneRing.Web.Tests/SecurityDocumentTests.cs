using System.Globalization;
using System.Text.RegularExpressions;

namespace OneRing.Web.Tests;

/// <summary>The document on security leaves no requirement out, and what it says is shown by tests is shown by tests that there are.</summary>
public sealed partial class SecurityDocumentTests
{
    /// <summary>How many requirements of OWASP ASVS 5.0.0 are of level 1 or 2.</summary>
    private const int All = 253;

    /// <summary>Their numbers, by section. Those of level 3 are left out.</summary>
    private const string Requirements =
        """
        1.1.1-2 1.2.1-9 1.3.1-11 1.4.1-3 1.5.1-2
        2.1.1-3 2.2.1-3 2.3.1-4 2.4.1
        3.2.1-2 3.3.1-4 3.4.1-6 3.5.1-5 3.7.1-2
        4.1.1-3 4.2.1 4.3.1-2 4.4.1-4
        5.1.1 5.2.1-3 5.3.1-2 5.4.1-3
        6.1.1-3 6.2.1-12 6.3.1-4 6.4.1-4 6.5.1-5 6.6.1-3 6.8.1-4
        7.1.1-3 7.2.1-4 7.3.1-2 7.4.1-5 7.5.1-2 7.6.1-2
        8.1.1-2 8.2.1-3 8.3.1 8.4.1
        9.1.1-3 9.2.1-4
        10.1.1-2 10.2.1-2 10.3.1-4 10.4.1-11 10.5.1-5 10.6.1-2 10.7.1-3
        11.1.1-2 11.2.1-3 11.3.1-3 11.4.1-4 11.5.1 11.6.1
        12.1.1-3 12.2.1-2 12.3.1-4
        13.1.1 13.2.1-5 13.3.1-2 13.4.1-5
        14.1.1-2 14.2.1-4 14.3.1-3
        15.1.1-3 15.2.1-3 15.3.1-7
        16.1.1 16.2.1-5 16.3.1-4 16.4.1-3 16.5.1-3
        17.1.1 17.2.1-4 17.3.1-2
        """;

    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"));

    [Fact]
    public void Every_requirement_stands_there_once()
    {
        var wanted = Section().Matches(Requirements).SelectMany(section => Numbers(section.Groups["section"].Value, section.Groups["first"].Value, section.Groups["last"].Value)).ToList();
        var there = Rows().SelectMany(row => row.Numbers).ToList();

        Assert.Equal(All, wanted.Count);
        Assert.Empty(wanted.Except(there, StringComparer.Ordinal));
        Assert.Empty(there.Except(wanted, StringComparer.Ordinal));
        Assert.Empty(there.GroupBy(number => number, StringComparer.Ordinal).Where(same => same.Count() > 1).Select(same => same.Key));
    }

    [Fact]
    public void Each_is_shown_by_a_test_or_left_to_somebody_or_does_not_apply_or_is_said_not_to_be_met() =>
        Assert.All(Rows(), row => Assert.Matches(@"`\w+Tests\.\w+`|does not apply: |^left to |\*\*not met\*\*|written above|\]\([^)]+\)", row.ShownBy));

    [Fact]
    public void Every_test_that_is_named_is_there()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .ToLookup(file => Path.GetFileNameWithoutExtension(file), StringComparer.Ordinal);

        var named = NamedTest().Matches(Document);

        Assert.True(named.Count >= 100, $"It names only {named.Count} tests.");
        Assert.All(named, test => Assert.Contains(
            sources[test.Groups["class"].Value], file => File.ReadAllText(file).Contains($" {test.Groups["method"].Value}(", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_file_that_is_named_is_there() =>
        Assert.All(Link().Matches(Document), link => Assert.True(File.Exists(Path.Combine(Repository.Root, "docs", link.Groups["path"].Value)), link.Value));

    private static IEnumerable<(IReadOnlyList<string> Numbers, string ShownBy)> Rows() =>
        from line in Document.Split('\n')
        where line.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2])
        let cells = line.Split('|', StringSplitOptions.TrimEntries)
        select (cells[1].Split(", ").SelectMany(NumbersOf).ToList() as IReadOnlyList<string>, cells[3]);

    private static IEnumerable<string> NumbersOf(string text)
    {
        var ends = text.Split('–');
        var (section, first) = (ends[0][..ends[0].LastIndexOf('.')], ends[0][(ends[0].LastIndexOf('.') + 1)..]);
        Assert.StartsWith($"{section}.", ends[^1], StringComparison.Ordinal);
        return Numbers(section, first, ends[^1][(section.Length + 1)..]);
    }

    private static IEnumerable<string> Numbers(string section, string first, string last)
    {
        var from = int.Parse(first, CultureInfo.InvariantCulture);
        var to = last.Length == 0 ? from : int.Parse(last, CultureInfo.InvariantCulture);
        return Enumerable.Range(from, to - from + 1).Select(number => $"{section}.{number}");
    }

    [GeneratedRegex(@"`(?<class>\w+Tests)\.(?<method>\w+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"\]\((?<path>[^)#]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<section>\d+\.\d+)\.(?<first>\d+)(-(?<last>\d+))?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Section();
}
