using OneRing.Data.Drafts;

namespace OneRing.Data.Rings;

/// <summary>A rule that chooses who holds the ring next.</summary>
public enum Strategy
{
    /// <summary>Who has never written first, then who wrote longest ago.</summary>
    MostInactive,

    /// <summary>The next in joining order after the holder, then from the start.</summary>
    RoundRobin,

    /// <summary>The owner; if the owner holds the ring, the first writer in joining order.</summary>
    BackToCreator,
}

/// <summary>Somebody whom a strategy may choose.</summary>
/// <param name="LastWroteAt">When they last appended to this draft; null if never.</param>
internal sealed record Candidate(string UserId, string Name, Role Role, DateTimeOffset JoinedAt, DateTimeOffset? LastWroteAt);

/// <summary>Whom a strategy chose, and why, in one sentence.</summary>
/// <param name="CandidateCount">Among how many it chose.</param>
public sealed record NextHolder(string UserId, string Name, Chosen Chosen, string Reason, int CandidateCount)
{
    /// <summary>The strategy's answer for everybody who can hold the ring; null when nobody but the holder can.</summary>
    internal static NextHolder? Choose(Strategy strategy, string holderId, IEnumerable<Candidate> people)
    {
        var order = people.OrderBy(p => p.JoinedAt).ThenBy(p => p.UserId, StringComparer.Ordinal).ToList();
        var candidates = order.Where(p => p.UserId != holderId).ToList();
        if (candidates.Count == 0)
        {
            return null;
        }

        var (next, reason) = strategy switch
        {
            Strategy.MostInactive => MostInactive(candidates),
            Strategy.RoundRobin => RoundRobin(order, candidates, holderId),
            Strategy.BackToCreator => BackToCreator(candidates),
            _ => throw new ArgumentOutOfRangeException(nameof(strategy), strategy, "There is no such strategy."),
        };
        return new NextHolder(next.UserId, next.Name, ChosenBy(strategy), reason, candidates.Count);
    }

    internal static Chosen ChosenBy(Strategy strategy) => strategy switch
    {
        Strategy.MostInactive => Chosen.MostInactive,
        Strategy.RoundRobin => Chosen.RoundRobin,
        Strategy.BackToCreator => Chosen.BackToCreator,
        _ => throw new ArgumentOutOfRangeException(nameof(strategy), strategy, "There is no such strategy."),
    };

    private static (Candidate Next, string Reason) MostInactive(List<Candidate> candidates)
    {
        var next = candidates
            .OrderBy(c => c.LastWroteAt ?? DateTimeOffset.MinValue)
            .ThenBy(c => c.UserId, StringComparer.Ordinal)
            .First();
        return (next, next.LastWroteAt is { } at
            ? $"{next.Name} wrote here longest ago, on {at.UtcDateTime:d MMMM yyyy} at {at.UtcDateTime:HH:mm} UTC."
            : $"{next.Name} has not written here yet.");
    }

    private static (Candidate Next, string Reason) RoundRobin(List<Candidate> order, List<Candidate> candidates, string holderId)
    {
        var holder = order.FindIndex(p => p.UserId == holderId);
        return holder < 0 || holder == order.Count - 1
            ? (candidates[0], $"{candidates[0].Name} joined first, and the round begins again.")
            : (order[holder + 1], $"{order[holder + 1].Name} comes next in the order of joining.");
    }

    private static (Candidate Next, string Reason) BackToCreator(List<Candidate> candidates) =>
        candidates.Find(c => c.Role == Role.Owner) is { } owner
            ? (owner, $"{owner.Name} owns this draft.")
            : (candidates[0], $"The owner holds the ring, and {candidates[0].Name} was the first writer to join.");
}
