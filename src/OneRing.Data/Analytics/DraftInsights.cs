using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Analytics;

/// <summary>How a draft is doing.</summary>
public enum InsightType
{
    Stalled,
    DominantUser,
    LowEngagement,
    Healthy,
}

/// <summary>How much an insight matters.</summary>
public enum InsightSeverity
{
    Info,
    Warning,
    Critical,
}

/// <summary>What the people of a draft may want to hear of soon.</summary>
public enum AlertType
{
    NoActivity,
    LongRingHold,
    SingleContributor,
}

/// <summary>What somebody can do about it.</summary>
public enum RecommendedAction
{
    /// <summary>Pass the ring to the person named.</summary>
    PassRing,

    /// <summary>Invite somebody to write.</summary>
    Invite,
}

/// <summary>What can be said of a draft as a whole.</summary>
public sealed record Insight(InsightType Type, InsightSeverity Severity, string Message);

/// <summary>Something that the people of a draft may want to hear of soon.</summary>
/// <param name="Since">When it began to be so.</param>
public sealed record Alert(AlertType Type, string Message, DateTimeOffset Since);

/// <summary>Something that somebody can do for a draft.</summary>
/// <param name="UserId">To whom the ring would go; never its holder. Null for an invitation.</param>
public sealed record Recommendation(RecommendedAction Action, string? UserId, string Message);

/// <summary>How a draft is doing at an instant, what to hear of, and what to do. All empty unless it is being written.</summary>
public sealed record DraftInsights(
    IReadOnlyList<Insight> Insights, IReadOnlyList<Alert> Alerts, IReadOnlyList<Recommendation> Recommendations)
{
    private const int FewSegments = 5;

    private static readonly TimeSpan NoActivity = TimeSpan.FromHours(72);
    private static readonly TimeSpan LongHold = TimeSpan.FromHours(24);

    internal static DraftInsights Of(DraftHistory history)
    {
        if (!history.IsActive)
        {
            return new DraftInsights([], [], []);
        }

        var insight = InsightOf(history);
        var alerts = AlertsOf(history).ToList();
        return new DraftInsights([insight], alerts, [.. RecommendationsFor(history, insight, alerts)]);
    }

    // A draft that lies still hides everything else: first it has to move again.
    private static Insight InsightOf(DraftHistory history) => history.Authors switch
    {
        _ when history.Idle >= Figures.Stalled =>
            new(InsightType.Stalled, InsightSeverity.Critical, $"Nothing has happened here for {Spell(history.Idle)}. One sentence is enough to get it going again."),
        [var most, _, ..] when most.Value * 5 >= history.Segments.Count * 3 =>
            new(InsightType.DominantUser, InsightSeverity.Warning,
                $"{history.NameOf(most.Key)} has written {most.Value} of {history.Segments.Count} segments. Another voice would do the text good."),
        [var only] =>
            new(InsightType.LowEngagement, InsightSeverity.Warning, $"{history.NameOf(only.Key)} has written everything so far. It is a good moment to let somebody else continue."),
        [] => new(InsightType.Healthy, InsightSeverity.Info, "The page is open. Whoever holds the ring can write the first words."),
        _ => new(InsightType.Healthy, InsightSeverity.Info, "The ring moves and several people write. All is well."),
    };

    private static IEnumerable<Alert> AlertsOf(DraftHistory history)
    {
        if (history.Idle >= NoActivity)
        {
            yield return new(AlertType.NoActivity, $"Nothing has happened here for {Spell(history.Idle)}. The text is safe and waits.", history.LastActivityAt);
        }
        if (history.Now - history.HeldSince is var held && held >= LongHold)
        {
            yield return new(AlertType.LongRingHold, $"{history.NameOf(history.HolderId)} has held the ring for {Spell(held)}.", history.HeldSince);
        }
        if (history.Authors is [var only] && only.Value >= FewSegments)
        {
            yield return new(
                AlertType.SingleContributor, $"All {only.Value} segments so far are by {history.NameOf(only.Key)}.", history.Segments[FewSegments - 1].At);
        }
    }

    private static IEnumerable<Recommendation> RecommendationsFor(DraftHistory history, Insight insight, IReadOnlyList<Alert> alerts)
    {
        var wroteMost = insight.Type is InsightType.DominantUser or InsightType.LowEngagement || alerts.Any(alert => alert.Type == AlertType.SingleContributor)
            ? history.Authors[0].Key
            : null;
        var waitsForHolder = insight.Type == InsightType.Stalled || alerts.Any(alert => alert.Type == AlertType.LongRingHold);
        if (!waitsForHolder && wroteMost != history.HolderId)
        {
            // All is well, or the ring is already with somebody who can add the voice that is missing.
            yield break;
        }

        yield return NextOf(history, passOver: wroteMost) is { } next
            ? new(RecommendedAction.PassRing, next.UserId, $"The ring could go to {next.Name}. {next.Reason}")
            : new(RecommendedAction.Invite, UserId: null, "Nobody else can take the ring yet. Somebody could be invited to write along.");
    }

    /// <summary>The one of whom least was heard; rather not the one who wrote most of it, and never the holder.</summary>
    private static NextHolder? NextOf(DraftHistory history, string? passOver)
    {
        var candidates = history.Members
            .Where(member => member.CanHold && history.People.TryGetValue(member.UserId, out var known) && !known.IsDisabled)
            .Select(member => new Candidate(
                member.UserId, history.NameOf(member.UserId), Role.Writer, member.JoinedAt,
                history.Segments.LastOrDefault(segment => segment.AuthorId == member.UserId)?.At))
            .ToList();
        return NextHolder.Choose(Strategy.MostInactive, history.HolderId, candidates.Where(candidate => candidate.UserId != passOver))
            ?? NextHolder.Choose(Strategy.MostInactive, history.HolderId, candidates);
    }

    private static string Spell(TimeSpan time) => time.TotalHours < 48 ? $"{(int)time.TotalHours} hours" : $"{(int)time.TotalDays} days";
}
