using System.Globalization;
using System.Text;
using CsvHelper;

namespace OneRing.Web.Export;

/// <summary>What the rows of a table become in a CSV file (RFC 4180, UTF-8): a name and a value for each column.</summary>
public sealed class CsvTable<TRow>
{
    public const string ContentType = "text/csv; charset=utf-8; header=present";

    private static readonly CsvWriterOptions Options = new()
    {
        // Without it Excel takes every byte of a name for a letter of its own; other programs skip it.
        WriteByteOrderMark = true,
        Injection = CsvInjection.Escape,
        FormatProvider = CultureInfo.InvariantCulture,
    };

    private readonly List<string> names = [];
    private readonly List<Action<CsvWriter, TRow>> values = [];

    /// <summary>A column of words. What a spreadsheet program would take for a formula gets an apostrophe in front.</summary>
    public CsvTable<TRow> Text(string name, Func<TRow, string> value) => Add(name, (csv, row) => csv.WriteField(Harmless(value(row))));

    /// <summary>A column of whole numbers.</summary>
    public CsvTable<TRow> Number(string name, Func<TRow, long> value) => Add(name, (csv, row) => csv.WriteField(value(row)));

    /// <summary>A column of numbers, exactly as they are; nothing where there is none.</summary>
    public CsvTable<TRow> Number(string name, Func<TRow, double?> value) => Add(name, (csv, row) => csv.WriteField(value(row)));

    /// <summary>A column of instants in UTC, as <c>2026-03-31T12:00:00Z</c>; nothing where there is none.</summary>
    public CsvTable<TRow> Instant(string name, Func<TRow, DateTimeOffset?> value) =>
        Add(name, (csv, row) => csv.WriteField(value(row)?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)));

    /// <summary>Writes row after row while they come, and keeps none.</summary>
    public async Task WriteAsync(IAsyncEnumerable<TRow> rows, Stream output, CancellationToken cancellationToken)
    {
        await using var csv = CsvWriter.Create(output, Options, leaveOpen: true);
        csv.WriteHeader([.. names]);
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            foreach (var write in values)
            {
                write(csv, row);
            }
            await csv.EndRecordAsync(cancellationToken);
        }
        await csv.FlushAsync(cancellationToken);
    }

    private CsvTable<TRow> Add(string name, Action<CsvWriter, TRow> write)
    {
        names.Add(name);
        values.Add(write);
        return this;
    }

    // What begins with a sign in ASCII is made harmless by the writer itself. Programs look behind blanks and what has no width, too,
    // and those of East Asia take wide signs for plain ones.
    private static string Harmless(string text)
    {
        var first = text.EnumerateRunes().FirstOrDefault(rune => !Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune) && Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format);
        return first.Value is '=' or '+' or '-' or '@' or '＝' or '＋' or '－' or '＠' || text is ['\t' or '\r' or '\n', ..] ? $"'{text}" : text;
    }
}
