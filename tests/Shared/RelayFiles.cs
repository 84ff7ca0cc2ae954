namespace OneRing.Tests;

/// <summary>Where the relays are that tests play.</summary>
public static class RelayFiles
{
    /// <summary>A relay of our own, always there.</summary>
    public static string Lighthouse =>
        Find("tests/Shared/Relays/lighthouse.jsonl") ?? throw new InvalidOperationException("tests/Shared/Relays/lighthouse.jsonl is absent.");

    /// <summary>The whole of Hamlet, which lies beside the repository. Without it a test is skipped; in CI it fails.</summary>
    public static string Hamlet
    {
        get
        {
            const string Absent = "../shared/data is absent";
            var path = Find("shared/data/hamlet.jsonl");
            var isCI = string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);
            Assert.False(path is null && isCI, Absent);
            Skip.If(path is null, Absent);
            return path!;
        }
    }

    /// <summary>Where a file of the repository lies, or one beside it; null if there is none.</summary>
    public static string? Find(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, path);
            if (File.Exists(file))
            {
                return file;
            }
        }
        return null;
    }
}
