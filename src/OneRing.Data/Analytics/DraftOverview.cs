using OneRing.Data.Drafts;

namespace OneRing.Data.Analytics;

/// <summary>That somebody held the ring of a draft in one turn.</summary>
/// <param name="To">When they passed it on, or the draft was complete; null while they hold it.</param>
/// <param name="Length">Until then, or until the instant at which it is told.</param>
public sealed record HeldTurn(int Turn, string UserId, string Name, DateTimeOffset From, DateTimeOffset? To, TimeSpan Length);

/// <summary>How a draft goes, all of it at one instant, for its people.</summary>
/// <param name="Now">The instant.</param>
/// <param name="Names">The names of everybody of whom it tells, by user id.</param>
/// <param name="Velocity">How fast the text grows.</param>
/// <param name="Holds">Who held the ring from when to when, the newest turn first.</param>
public sealed record DraftOverview(
    DraftHead Head,
    DateTimeOffset Now,
    IReadOnlyDictionary<string, string> Names,
    DraftFigures Figures,
    Velocity Velocity,
    TablePage<HeldTurn> Holds,
    DraftInsights Insights)
{
    internal static DraftOverview Of(DraftHead head, DraftHistory history, int days, int page) => new(
        head, history.Now, history.People.ToDictionary(person => person.Key, person => person.Value.Name, StringComparer.Ordinal),
        DraftFigures.Of(history, days), Analytics.Figures.VelocityOf(history), HoldsOf(history, page), DraftInsights.Of(history));

    private static TablePage<HeldTurn> HoldsOf(DraftHistory history, int page)
    {
        var holds = Analytics.Figures.Holds(history);
        var shown = Math.Min(page, new TablePage<HeldTurn>([], 1, holds.Count).Pages);
        return new TablePage<HeldTurn>(
            [.. holds.Select((hold, index) => new HeldTurn(
                    index + 1, hold.UserId, history.NameOf(hold.UserId), hold.From, index == history.Passes.Count && history.CompletedAt is null ? null : hold.To, hold.Time))
                .Reverse().Skip((shown - 1) * TablePage<HeldTurn>.Size).Take(TablePage<HeldTurn>.Size)],
            shown, holds.Count);
    }
}
