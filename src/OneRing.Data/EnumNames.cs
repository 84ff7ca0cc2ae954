using System.Text.Json;

namespace OneRing.Data;

/// <summary>The names of enum values as tables, the HTTP API and logs spell them: snake case.</summary>
public static class EnumNames
{
    public static string NameOf<TEnum>(TEnum value)
        where TEnum : struct, Enum => Names<TEnum>.Of[value];

    public static TEnum ValueOf<TEnum>(string name)
        where TEnum : struct, Enum => Names<TEnum>.Of.Single(pair => pair.Value == name).Key;

    /// <summary>False when there is no such name.</summary>
    public static bool TryValueOf<TEnum>(string? name, out TEnum value)
        where TEnum : struct, Enum
    {
        (value, var found) = Names<TEnum>.Of.Where(pair => pair.Value == name).Select(pair => (pair.Key, true)).FirstOrDefault();
        return found;
    }

    public static IEnumerable<string> NamesOf<TEnum>()
        where TEnum : struct, Enum => Names<TEnum>.Of.Values;

    private static class Names<TEnum>
        where TEnum : struct, Enum
    {
        public static readonly Dictionary<TEnum, string> Of =
            Enum.GetValues<TEnum>().ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
    }
}
