using System.Globalization;
using System.Runtime.InteropServices;
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

    public int MissedGoals => rows.Count(row => row is { Ok: false, IsInformative: false });

    public void Add(Row row) => rows.Add(row);

    public async Task WriteJsonAsync(string file)
    {
        await using var stream = File.Create(file);
        await JsonSerializer.SerializeAsync(stream, rows, Json);
    }

    /// <summary>Says when and on what this was measured.</summary>
    public static void PrintMachine(string postgresVersion) =>
        Console.WriteLine($"{DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, "
            + $"{RuntimeInformation.FrameworkDescription}, PostgreSQL {postgresVersion}");

    /// <summary>Prints lines of cells, the first column to the left, the others to the right.</summary>
    public static void Print(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> body)
    {
        IReadOnlyList<string>[] lines = [head, .. body];
        var widths = head.Select((_, column) => lines.Max(line => line[column].Length)).ToList();
        Console.WriteLine();
        foreach (var line in lines)
        {
            Console.WriteLine(string.Join("  ", line.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
        }
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
