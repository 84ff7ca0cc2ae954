using CsvHelper;

namespace OneRing.Web.Tests.Export;

internal static class Csv
{
    /// <summary>The records of a file, the names of its columns first, as other programs read them.</summary>
    public static IReadOnlyList<string[]> Read(string file)
    {
        Assert.StartsWith("\ufeff", file, StringComparison.Ordinal);
        using var csv = CsvReader.FromText(file[1..], new CsvReaderOptions { HasHeader = false });
        var records = new List<string[]>();
        while (csv.Read())
        {
            records.Add([.. Enumerable.Range(0, csv.FieldCount).Select(i => csv.GetString(i))]);
        }
        return records;
    }
}
