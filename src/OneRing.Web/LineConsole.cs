using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace OneRing.Web;

/// <summary>
/// What the console shows of the log: for each entry one line, with its UTC time and the id of the request it belongs to; below it, set in, the fault if there was one. Whatever
/// somebody sent cannot make a line of its own, nor move the cursor of whoever reads: control characters, and those that turn the direction of a text, are shown by their numbers.
/// </summary>
public sealed class LineConsole() : ConsoleFormatter(FormatterName)
{
    /// <summary>What the settings call it.</summary>
    public const string FormatterName = "line";

    private const string Inset = "      ";

    /// <summary>Makes this the form of the console, unless the settings name another one (<c>Logging__Console__FormatterName=json</c>).</summary>
    public static void AddTo(ILoggingBuilder logging)
    {
        logging.AddConsoleFormatter<LineConsole, ConsoleFormatterOptions>();
        logging.Services.PostConfigure<ConsoleLoggerOptions>(console => console.FormatterName ??= FormatterName);
    }

    /// <inheritdoc />
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var line = new StringBuilder(DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))
            .Append(' ').Append(NameOf(logEntry.LogLevel)).Append(": ").Append(logEntry.Category).Append('[').Append(logEntry.EventId.Id).Append("] ");
        AppendPlain(line, logEntry.Formatter(logEntry.State, logEntry.Exception));
        scopeProvider?.ForEachScope(AppendRequest, line);
        line.Append('\n');
        if (logEntry.Exception is { } fault)
        {
            foreach (var row in fault.ToString().ReplaceLineEndings("\n").Split('\n'))
            {
                line.Append(Inset);
                AppendPlain(line, row);
                line.Append('\n');
            }
        }
        textWriter.Write(line);
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        LogLevel.Critical => "crit",
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "Nothing is logged at this level."),
    };

    private static void AppendRequest(object? scope, StringBuilder line)
    {
        foreach (var (name, value) in scope as IEnumerable<KeyValuePair<string, object?>> ?? [])
        {
            if (name == "RequestId" && value is string id)
            {
                line.Append(" (request ");
                AppendPlain(line, id);
                line.Append(')');
            }
        }
    }

    private static void AppendPlain(StringBuilder line, string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                line.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}");
            }
            else
            {
                line.Append(rune.ToString());
            }
        }
    }
}
