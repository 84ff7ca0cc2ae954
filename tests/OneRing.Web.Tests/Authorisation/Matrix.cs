namespace OneRing.Web.Tests.Authorisation;

/// <summary>A table of operations by kinds of people.</summary>
internal sealed class Matrix(string table) : Matrix<Kind>(table);

/// <summary>A table of operations by columns, typed by hand. A cell that is missing or doubled fails when it is read.</summary>
internal class Matrix<TColumn>
    where TColumn : struct, Enum
{
    private readonly Dictionary<string, string[]> rows = new(StringComparer.Ordinal);

    /// <summary>Reads a table.</summary>
    /// <param name="table">A line for each operation: its name, a bar, then a cell for each column in their order. A line of dashes is for the eye.</param>
    public Matrix(string table)
    {
        foreach (var line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => !line.StartsWith("--", StringComparison.Ordinal)))
        {
            var parts = line.Split('|', StringSplitOptions.TrimEntries);
            var cells = parts.Length == 2 ? parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
            if (cells.Length != Enum.GetValues<TColumn>().Length || !rows.TryAdd(parts[0], cells))
            {
                throw new FormatException($"This line has not one cell for each column, or is there twice: {line}");
            }
        }
    }

    public IEnumerable<string> Operations => rows.Keys;

    public string Cell(string operation, TColumn column) =>
        rows.TryGetValue(operation, out var cells) ? cells[(int)(object)column] : throw new InvalidOperationException($"{operation} is new: say in the table who may do it.");

    /// <summary>The line of an operation as it is written in the table, with what really happened.</summary>
    public static string Line(string operation, IEnumerable<string> cells) => $"{operation,-58} | {string.Join(' ', cells)}";
}
