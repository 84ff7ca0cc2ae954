using OneRing.Data.Analytics;

namespace OneRing.Web.Components.Analytics;

/// <summary>A window of the dashboard as the URL, the button and a sentence name it.</summary>
/// <param name="Name">In the URL: <c>?window=7d</c>.</param>
/// <param name="Label">On the button.</param>
/// <param name="Phrase">At the end of a sentence: "47 segments in the last 7 days".</param>
public sealed record WindowChoice(Window Window, string Name, string Label, string Phrase)
{
    public static readonly IReadOnlyList<WindowChoice> All =
    [
        new(Window.Day, "24h", "24 hours", "in the last 24 hours"),
        new(Window.Week, "7d", "7 days", "in the last 7 days"),
        new(Window.Month, "30d", "30 days", "in the last 30 days"),
        new(Window.Year, "12m", "12 months", "in the last 12 months"),
        new(Window.All, "all", "All time", "since the first draft"),
    ];

    /// <summary>The window that a URL names; a week when it names none.</summary>
    public static WindowChoice Named(string? name) =>
        All.FirstOrDefault(choice => choice.Name == name) ?? All.Single(choice => choice.Window == Window.Week);
}
