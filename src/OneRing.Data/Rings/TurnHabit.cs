using OneRing.Data.Analytics;
using OneRing.Data.Database;

namespace OneRing.Data.Rings;

/// <summary>How somebody takes their turns, so that the others know what to expect. It is compared with nobody.</summary>
/// <param name="Usual">How long their last turns took, by the median; null where too few of them can say.</param>
/// <param name="Had">How many of their turns have ended.</param>
/// <param name="Kept">How many of these were not ended by the clock, or were excused.</param>
public sealed record TurnHabit(TimeSpan? Usual, int Had, int Kept)
{
    /// <summary>What somebody did longer ago is no habit any more; and a long draft costs no more than a short one.</summary>
    internal const int TurnsLookedAt = 200;

    /// <summary>From fewer turns nobody can say what is usual.</summary>
    private const int FewestTurns = 2;

    internal static TurnHabit? Of(int had, int missed, IReadOnlyCollection<TimeSpan> last) =>
        had < FewestTurns ? null : new TurnHabit(UsualOf(last), had, had - missed);

    internal static TimeSpan? UsualOf(IReadOnlyCollection<TimeSpan> last) =>
        last.Count >= FewestTurns && Figures.PercentileMinutes(last, 0.5m) is { } minutes ? TimeSpan.FromMinutes(minutes) : null;
}

/// <summary>A turn that is over, from getting the ring to passing it on.</summary>
internal sealed record EndedTurn(Guid DraftId, DateTimeOffset From, DateTimeOffset To)
{
    public TimeSpan Length => To - From;

    /// <summary>The turns that these passes ended. The first of a draft began with it.</summary>
    public static IQueryable<EndedTurn> By(OneRingDbContext db, IQueryable<RingPass> passes) =>
        from ended in passes
        join draft in db.Drafts on ended.DraftId equals draft.Id
        join earlier in db.RingPasses on new { ended.DraftId, Turn = ended.Turn - 1 } equals new { earlier.DraftId, earlier.Turn } into before
        from begun in before.DefaultIfEmpty()
        select new EndedTurn(ended.DraftId, (DateTimeOffset?)begun!.PassedAt ?? draft.CreatedAt, ended.PassedAt);
}
