using OneRing.Data.Analytics;

namespace OneRing.Data.Tests.Analytics;

/// <summary>Histories of drafts written down by hand: ana creates at noon on 1 March 2026, and times are hours since then.</summary>
internal static class Histories
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset After(double hours) => Noon.AddHours(hours);

    /// <summary>What had happened in a draft by an hour.</summary>
    /// <param name="writers">Who belongs to the draft besides ana, and can hold the ring.</param>
    public static DraftHistory Of(
        double now,
        IEnumerable<(string Author, double At)>? segments = null,
        IEnumerable<(string To, double At)>? passes = null,
        string[]? writers = null,
        double? completed = null,
        bool isActive = true,
        string? disabled = null)
    {
        string[] members = ["ana", .. writers ?? ["ben", "cleo"]];
        return new DraftHistory(
            Guid.CreateVersion7(), After(now), "ana", Noon, completed is { } at ? After(at) : null, isActive && completed is null,
            [.. (segments ?? []).Select(segment => new Written(segment.Author, After(segment.At), Words: 2))],
            [.. (passes ?? []).Select(pass => new Handed(pass.To, After(pass.At)))],
            [.. members.Select((member, index) => new Member(member, CanHold: true, Noon.AddSeconds(index)))],
            members.Append("dan").ToDictionary(
                id => id, id => new Known(char.ToUpperInvariant(id[0]) + id[1..], IsDisabled: id == disabled), StringComparer.Ordinal));
    }

    /// <summary>So many segments of one author, one a minute, the first at an hour.</summary>
    public static IEnumerable<(string Author, double At)> Many(string author, int count, double from = 0) =>
        Enumerable.Range(0, count).Select(i => (author, from + (i / 60d)));
}
