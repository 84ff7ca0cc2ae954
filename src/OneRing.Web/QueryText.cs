using System.Globalization;

namespace OneRing.Web;

/// <summary>Reads what stands behind the question mark of an address. Anybody can put anything there: what cannot be read is as if it were not there.</summary>
internal static class QueryText
{
    /// <summary>Whether it says true, in any case.</summary>
    public static bool IsTrue(string? text) => bool.TryParse(text, out var isTrue) && isTrue;

    /// <summary>The whole number that it is; null if it is none.</summary>
    public static int? Number(string? text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
