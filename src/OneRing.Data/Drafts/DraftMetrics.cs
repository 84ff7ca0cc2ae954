namespace OneRing.Data.Drafts;

/// <summary>The last segment of an author.</summary>
internal sealed record LastWriting(string AuthorId, DateTimeOffset At);

/// <summary>How lively a draft is, at one moment.</summary>
/// <param name="Contributors">How many people wrote a segment, and the creator.</param>
/// <param name="PassesInLastDay">How often the ring was passed in the 24 hours up to then.</param>
/// <param name="AverageMinutesBetweenPasses">From the first pass to the last, divided by the steps between; null below two passes.</param>
/// <param name="LastActivityAt">The latest of creation, segments, passes and completion.</param>
public sealed record DraftMetrics(int Contributors, int PassesInLastDay, double? AverageMinutesBetweenPasses, DateTimeOffset LastActivityAt)
{
    /// <summary>The metrics at an instant: what happened after it does not count.</summary>
    /// <param name="writing">Who wrote when, up to that instant; of each author at least the last time.</param>
    internal static DraftMetrics Of(DraftView draft, IReadOnlyCollection<LastWriting> writing, DateTimeOffset now)
    {
        List<DateTimeOffset> passes = [.. draft.Passes.Select(pass => pass.PassedAt).Where(at => at <= now)];
        var completion = draft.CompletedAt is { } at && at <= now ? draft.CompletedAt : null;
        return new DraftMetrics(
            writing.Select(own => own.AuthorId).Append(draft.CreatorId).Distinct(StringComparer.Ordinal).Count(),
            passes.Count(at => at > now - TimeSpan.FromHours(24)),
            passes.Count < 2 ? null : (passes[^1] - passes[0]).TotalMinutes / (passes.Count - 1),
            new[] { draft.CreatedAt, completion ?? draft.CreatedAt }.Concat(passes).Concat(writing.Select(own => own.At)).Max());
    }
}
