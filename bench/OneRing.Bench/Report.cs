using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OneRing.Bench;

/// <summary>A figure beside its floor and its goal.</summary>
/// <param name="Ratio">How many times the floor.</param>
/// <param name="Goal">What the ratio may be at the most; without a floor, what the value must reach or keep below.</param>
/// <param name="Ok">Whether the goal is reached; null without one.</param>
internal sealed record Row(string Name, double Value, string Unit, double? Floor = null, double? Ratio = null, double? Goal = null, bool? Ok = null)
{
    /// <summary>A goal that is shown and decides nothing.</summary>
    [JsonIgnore]
    public bool IsInformative { get; init; }
}

/// <summary>Tables for the console as they come, and rows for a file.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private readonly List<Row> rows = [];
    private readonly StringBuilder document = new();

    public int MissedGoals => rows.Count(row => row is { Ok: false, IsInformative: false });

    public void Add(Row row) => rows.Add(row);

    public async Task WriteJsonAsync(string file)
    {
        await using var stream = File.Create(file);
        await JsonSerializer.SerializeAsync(stream, rows, Json);
    }

    /// <summary>Writes the tables into a document, in place of what this command wrote there before: between two comments that name it. Without them, it comes at the end.</summary>
    public async Task WriteDocumentAsync(string file, string[] commandLine)
    {
        var (from, to) = ($"<!-- {commandLine[0]} -->", $"<!-- end of {commandLine[0]} -->");
        var text = File.Exists(file) ? await File.ReadAllTextAsync(file) : "";
        var arguments = string.Join(' ', commandLine.Where((_, i) => commandLine[i] != "--document" && (i == 0 || commandLine[i - 1] != "--document")));
        var section = $"{from}\n\n`dotnet run -c Release --project bench/OneRing.Bench -- {arguments}`\n{document}\n{to}";
        var (start, end) = (text.IndexOf(from, StringComparison.Ordinal), text.IndexOf(to, StringComparison.Ordinal));
        await File.WriteAllTextAsync(file, start < 0 || end < start ? $"{text}\n{section}\n" : $"{text[..start]}{section}{text[(end + to.Length)..]}");
    }

    /// <summary>Says when and on what this was measured.</summary>
    public void PrintMachine(string postgresVersion)
    {
        var machine = $"{DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, "
            + $"{RuntimeInformation.FrameworkDescription}, PostgreSQL {postgresVersion}";
        Console.WriteLine(machine);
        document.Append(CultureInfo.InvariantCulture, $"\n{machine}\n");
    }

    /// <summary>Prints lines of cells, the first column to the left, the others to the right.</summary>
    public void Print(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> body)
    {
        IReadOnlyList<string>[] lines = [head, .. body];
        var widths = head.Select((_, column) => lines.Max(line => line[column].Length)).ToList();
        Console.WriteLine();
        foreach (var line in lines)
        {
            Console.WriteLine(string.Join("  ", line.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
        }

        document.Append('\n');
        foreach (var (i, line) in lines.Index())
        {
            document.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", line)} |\n");
            document.Append(i == 0 ? $"|---{string.Concat(Enumerable.Repeat("|---:", head.Count - 1))}|\n" : "");
        }
    }

    /// <summary>Takes rows in, and prints them: each with its value, its unit, its goal and what came of it.</summary>
    /// <param name="format">How many digits a value has.</param>
    public void Print(string head, IReadOnlyList<Row> table, string format = "0.#")
    {
        rows.AddRange(table);
        Print([head, "", "", "goal", ""], table.Select<Row, IReadOnlyList<string>>(row =>
            [row.Name, Show(row.Value, format), row.Unit, Show(row.Goal, "0.##"), Verdict(row)]));
    }

    public static string Show(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    public static string Verdict(Row row) => row.Ok switch
    {
        true => "ok",
        false when row.IsInformative => "missed (informative)",
        false => "MISSED",
        null => "",
    };
}
