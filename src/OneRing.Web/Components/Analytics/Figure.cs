using System.Globalization;
using OneRing.Data.Analytics;

namespace OneRing.Web.Components.Analytics;

/// <summary>A figure's name, and what it counts.</summary>
public sealed record Figure(string Label, string Counts)
{
    /// <summary>Who is counted, but prefers not to be named.</summary>
    public const string Unnamed = "somebody who prefers not to be named";

    public static readonly Figure Drafts = new("Drafts", "Drafts that were created.");
    public static readonly Figure Segments = new("Segments", "Segments that were added to a text.");
    public static readonly Figure Words = new("Words", "Words in those segments: runs of characters without white space.");
    public static readonly Figure Passes = new("Passes", "Times that a person passed a ring to another.");
    public static readonly Figure Completed = new("Completed", "Drafts that their owners completed.");
    public static readonly Figure ActiveWriters = new("Active writers", "Different people who added at least one segment.");

    public static readonly Figure Stalled = new("Stalled", "Nothing was written and no ring was passed for 48 hours.");
    public static readonly Figure AtRisk = new("At risk", "Nothing for 24 hours, and fewer than two passes in all.");

    public static readonly Figure Fairness = new(
        "Fairness", "100% when all who may write have written alike, less the more one of them has written (1 − Gini coefficient of their segments).")
    {
        IsShare = true,
    };

    public static readonly Figure Holds = new("Turns", "Turns that ended, by a pass or with the draft.");

    public static readonly Figure MedianHold = new("Median hold", "Half of the turns that ended, by a pass or with the draft, were no longer than this.")
    {
        IsMinutes = true,
    };

    public static readonly Figure P90Hold = new("Long hold", "Nine of ten turns that ended were no longer than this.")
    {
        IsMinutes = true,
    };

    // Of one draft.
    public static readonly Figure WordsPerDay = new(
        "Words a day", "Words of the last 7 days, for each day on which there was a draft to write in; its first day counts whole.")
    {
        Format = "#,0.#",
    };

    public static readonly Figure DraftPasses = new("Passes", "Times that the ring went from one person to another.");
    public static readonly Figure RingsReceived = new("Rings", "Times that the ring was passed to them. The first turn came by no pass.");

    public static readonly Figure AverageHold = new("Average hold", "The mean length of their turns. A turn lasts from receiving the ring to passing it on, or until now.")
    {
        IsMinutes = true,
    };

    public static readonly Figure UsualHold = new("Median hold", "Half of their turns were no longer than this.") { IsMinutes = true };
    public static readonly Figure LongHold = new("Long hold", "Nine in ten of their turns were no longer than this.") { IsMinutes = true };

    // Of one person.
    public static readonly Figure Streak = new("Writing days in a row", "Days up to today or yesterday, on each of which you added at least one segment.");
    public static readonly Figure LongestStreak = new("Longest row", "The most days in a row that there have ever been, each with a segment.");

    /// <summary>Whether it is a length of time, in minutes, rather than a number.</summary>
    public bool IsMinutes { get; private init; }

    /// <summary>How a number of it is written.</summary>
    private string Format { get; init; } = "N0";

    /// <summary>Whether it is a part of one, shown in per cent.</summary>
    public bool IsShare { get; private init; }

    /// <summary>Every figure of a dashboard, in the order in which they are shown.</summary>
    public static IReadOnlyList<FigureValue> Of(Dashboard dashboard)
    {
        return
        [
            One(ActiveWriters, f => f.ActiveWriters),
            One(Drafts, f => f.Drafts),
            One(Segments, f => f.Segments),
            One(Words, f => f.Words),
            One(Passes, f => f.Passes),
            One(Completed, f => f.Completed),
            One(MedianHold, f => f.MedianHoldMinutes),
        ];

        FigureValue One(Figure figure, Func<DashboardFigures, double?> value) =>
            new(figure, value(dashboard.Figures), dashboard.Before is { } before ? value(before) : null);
    }

    /// <summary>The value in words; a dash where there is none.</summary>
    public string Show(double? value) => value switch
    {
        null => "–",
        { } minutes when IsMinutes => TimeText.Length(TimeSpan.FromMinutes(minutes)),
        { } share when IsShare => $"{Math.Round(100 * share, MidpointRounding.AwayFromZero).ToString("0", CultureInfo.InvariantCulture)}%",
        { } count => count.ToString(Format, CultureInfo.InvariantCulture),
    };

    /// <summary>How a value differs from the one that it is compared with.</summary>
    public string Change(double? value, double? before)
    {
        if (value is null || before is null)
        {
            return before is null ? "none before" : $"{Show(before)} before";
        }
        if (value == before)
        {
            return "as before";
        }

        var share = before == 0 ? "" : $" ({(value > before ? "+" : "−")}{Math.Abs(100 * (value.Value - before.Value) / before.Value).ToString("N0", CultureInfo.InvariantCulture)}%)";
        return $"{Show(before)} before{share}";
    }
}

/// <summary>What a figure comes to.</summary>
/// <param name="Before">What it came to in the time that is compared with; null without.</param>
public sealed record FigureValue(Figure Figure, double? Value, double? Before);
