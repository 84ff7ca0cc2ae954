namespace OneRing.Web.Components.Analytics;

/// <summary>A figure's name, and what it counts.</summary>
public sealed record Figure(string Label, string Counts)
{
    public static readonly Figure Drafts = new("Drafts", "Drafts that were created.");
    public static readonly Figure Segments = new("Segments", "Segments that were added to a text.");
    public static readonly Figure Passes = new("Passes", "Times that a ring went from one person to another.");
    public static readonly Figure ActiveWriters = new("Active writers", "Different people who added at least one segment.");
}
