using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OneRing.Data.Analytics;

/// <summary>
/// JSON as RFC 8785 (JCS) writes it, for the flat objects that events carry: members in UTF-16 order, no white space,
/// the shortest escapes. Values are texts, whole numbers within ±2⁵³, truth values, ids and null.
/// </summary>
internal static class CanonicalJson
{
    private const long LargestExactInteger = 1L << 53;

    public static string Write(IEnumerable<(string Name, object? Value)> members)
    {
        var json = new StringBuilder("{");
        foreach (var (name, value) in members.OrderBy(member => member.Name, StringComparer.Ordinal))
        {
            if (json.Length > 1)
            {
                json.Append(',');
            }
            WriteText(json, name);
            json.Append(':');
            WriteValue(json, value);
        }
        return json.Append('}').ToString();
    }

    /// <summary>The canonical form of such an object, however a database has spelt it.</summary>
    public static string Rewrite(string json)
    {
        using var parsed = JsonDocument.Parse(json);
        return Write([.. parsed.RootElement.EnumerateObject().Select(member => (member.Name, Read(member.Value)))]);
    }

    private static object? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetInt64(),
        _ => throw new FormatException("An event holds a flat object."),
    };

    private static void WriteValue(StringBuilder json, object? value)
    {
        switch (value)
        {
            case null:
                json.Append("null");
                break;
            case bool truth:
                json.Append(truth ? "true" : "false");
                break;
            case string text:
                WriteText(json, text);
                break;
            case Guid id:
                WriteText(json, id.ToString());
                break;
            case int or long when Convert.ToInt64(value, CultureInfo.InvariantCulture) is >= -LargestExactInteger and <= LargestExactInteger and var number:
                json.Append(CultureInfo.InvariantCulture, $"{number}");
                break;
            default:
                throw new ArgumentException($"An event cannot carry a value of type {value.GetType().Name}.", nameof(value));
        }
    }

    private static void WriteText(StringBuilder json, string text)
    {
        if (!Texts.IsReadable(text))
        {
            throw new ArgumentException("An event cannot carry NUL or unpaired surrogates.", nameof(text));
        }

        json.Append('"');
        foreach (var unit in text)
        {
            _ = unit switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\b' => json.Append("\\b"),
                '\t' => json.Append("\\t"),
                '\n' => json.Append("\\n"),
                '\f' => json.Append("\\f"),
                '\r' => json.Append("\\r"),
                < ' ' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
                _ => json.Append(unit),
            };
        }
        json.Append('"');
    }
}
