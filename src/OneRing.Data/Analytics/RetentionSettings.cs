using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace OneRing.Data.Analytics;

/// <summary>How long events are kept: read from <c>OneRing:Analytics:RetentionDays</c>. For ever unless it is set.</summary>
/// <param name="Days">Events of a month that is older altogether are forgotten; none if null.</param>
internal sealed record RetentionSettings(int? Days)
{
    /// <summary>So many that 30 days can be compared with those before, whatever the day of the month is.</summary>
    private const int Fewest = 90;

    private const int Most = 36_500;

    /// <summary>Reads the setting.</summary>
    /// <exception cref="InvalidOperationException">A value is there and cannot be used.</exception>
    public static RetentionSettings Read(IConfiguration configuration)
    {
        var text = configuration["OneRing:Analytics:RetentionDays"];
        return string.IsNullOrWhiteSpace(text) ? new(Days: null)
            : int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= Fewest and <= Most ? new(days)
            : throw new InvalidOperationException(
                $"OneRing:Analytics:RetentionDays must be a whole number of days from {Fewest} to {Most}. Without it events are kept for ever.");
    }
}
