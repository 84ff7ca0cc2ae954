using OneRing.Data.Drafts;

namespace OneRing.Data.Rings;

/// <summary>A rule that chooses who holds the ring next.</summary>
public enum Strategy
{
    /// <summary>Who has never written first, then who wrote longest ago.</summary>
    MostInactive,

    /// <summary>The next in the order of turns after the holder, then from the start. It is the joining order unless the owner has set another one.</summary>
    RoundRobin,

    /// <summary>The owner; if the owner holds the ring, the first writer in joining order.</summary>
    BackToCreator,
}

/// <summary>Somebody whom a strategy may choose.</summary>
/// <param name="LastWroteAt">When they last appended to this draft; null if never.</param>
/// <param name="LastExpiredAt">When a turn of theirs here last ended by the clock; null if never.</param>
/// <param name="Place">Where the owner has put them in the order of turns, if so.</param>
/// <param name="IsAway">Whether they are passed over, because they are away.</param>
internal sealed record Candidate(
    string UserId, string Name, Role Role, DateTimeOffset JoinedAt, DateTimeOffset? LastWroteAt, DateTimeOffset? LastExpiredAt = null, int? Place = null, bool IsAway = false)
{
    /// <summary>Since when they have not had their say. A turn that the clock ended was one too: else two who stay silent would hand the ring to each other for ever.</summary>
    public DateTimeOffset SilentSince =>
        new[] { LastWroteAt, LastExpiredAt }.Max() ?? DateTimeOffset.MinValue;
}

/// <summary>Whom a strategy chose, and why, in one sentence.</summary>
/// <param name="CandidateCount">Among how many it chose.</param>
public sealed record NextHolder(string UserId, string Name, Chosen Chosen, string Reason, int CandidateCount)
{
    /// <summary>The next holders after each other, if all of them write and pass the ring on; each one's answer as <see cref="Choose"/> would give it then.</summary>
    /// <param name="now">When the present holder passes, later than all that has happened.</param>
    internal static IReadOnlyList<NextHolder> Foresee(Strategy strategy, string holderId, IEnumerable<Candidate> people, DateTimeOffset now, int count)
    {
        var then = people.ToDictionary(p => p.UserId, StringComparer.Ordinal);
        var next = new List<NextHolder>();
        for (var turn = 0; turn < count; turn++)
        {
            if (then.GetValueOrDefault(holderId) is { } holder)
            {
                then[holderId] = holder with { LastWroteAt = now.AddTicks(turn) };
            }
            if (Choose(strategy, holderId, then.Values) is not { } one)
            {
                break;
            }
            // What they are foreseen to write has no time that could be told.
            next.Add(strategy == Strategy.MostInactive && then[one.UserId].LastWroteAt >= now ? one with { Reason = $"{one.Name} has then been silent longest." } : one);
            holderId = one.UserId;
        }
        return next;
    }

    /// <summary>The strategy's answer for everybody who can hold the ring; null when nobody but the holder can, or all others are away.</summary>
    internal static NextHolder? Choose(Strategy strategy, string holderId, IEnumerable<Candidate> people)
    {
        var joined = people.OrderBy(p => p.JoinedAt).ThenBy(p => p.UserId, StringComparer.Ordinal).ToList();
        var order = strategy == Strategy.RoundRobin ? [.. joined.OrderBy(p => p.Place ?? int.MaxValue)] : joined;
        var candidates = order.Where(p => p.UserId != holderId && !p.IsAway).ToList();
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
            .OrderBy(c => c.SilentSince)
            .ThenBy(c => c.UserId, StringComparer.Ordinal)
            .First();
        return (next, next.LastWroteAt is null && next.LastExpiredAt is not null ? $"{next.Name} has not had the ring for longest."
            : next.LastWroteAt is { } at
            ? $"{next.Name} wrote here longest ago, on {at.UtcDateTime:d MMMM yyyy} at {at.UtcDateTime:HH:mm} UTC."
            : $"{next.Name} has not written here yet.");
    }

    private static (Candidate Next, string Reason) RoundRobin(List<Candidate> order, List<Candidate> candidates, string holderId)
    {
        var (first, how) = order.Exists(p => p.Place is not null) ? ("is the first", "in the order of turns") : ("joined first", "in the order of joining");
        var holder = order.FindIndex(p => p.UserId == holderId);
        return holder >= 0 && order.Skip(holder + 1).FirstOrDefault(candidates.Contains) is { } next
            ? (next, $"{next.Name} comes next {how}.")
            : (candidates[0], $"{candidates[0].Name} {first}, and the round begins again.");
    }

    private static (Candidate Next, string Reason) BackToCreator(List<Candidate> candidates) =>
        candidates.Find(c => c.Role == Role.Owner) is { } owner
            ? (owner, $"{owner.Name} owns this draft.")
            : (candidates[0], $"The owner holds the ring, and {candidates[0].Name} was the first writer to join.");
}
