using System.Text.RegularExpressions;

namespace OneRing.Web.Tests;

/// <summary>What the document on security says is shown by tests is shown by tests that there are.</summary>
public sealed partial class SecurityDocumentTests
{
    [Fact]
    public void Every_test_that_is_named_is_there()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "OneRing.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        }
        var sources = Directory.EnumerateFiles(Path.Combine(root.FullName, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .ToLookup(file => Path.GetFileNameWithoutExtension(file), StringComparer.Ordinal);

        var named = NamedTest().Matches(File.ReadAllText(Path.Combine(root.FullName, "docs", "security.md")));

        Assert.True(named.Count >= 20, $"It names only {named.Count} tests.");
        Assert.All(named, test => Assert.Contains(
            sources[test.Groups["class"].Value], file => File.ReadAllText(file).Contains($" {test.Groups["method"].Value}(", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"`(?<class>\w+Tests)\.(?<method>\w+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamedTest();
}
