using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics.Rollups;
using OneRing.Data.Database;

namespace OneRing.Data.Analytics;

/// <summary>
/// The leaderboards, for everybody who is signed in, over everybody whose account is not disabled and who does not prefer to be unnamed. They are read from
/// sums: what happened counts, also in a draft that was deleted since.
/// </summary>
public sealed class LeaderboardService
{
    /// <summary>
    /// Blocks of days before the present one that still weigh something: what is older weighs less than 10⁻²⁰ in momentum. Even a life's work of it would not
    /// move the decimal that is shown, so it is not read.
    /// </summary>
    private const int WeighingBlocks = 15;

    /// <summary>Nothing happens later than this, as later days have no end that could be said.</summary>
    private static readonly DateTimeOffset Latest = new(9998, 12, 31, 0, 0, 0, TimeSpan.Zero);

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly EventCounter counter;
    private readonly TimeProvider clock;

    internal LeaderboardService(IDbContextFactory<OneRingDbContext> contexts, EventCounter counter, TimeProvider clock)
    {
        this.contexts = contexts;
        this.counter = counter;
        this.clock = clock;
    }

    /// <summary>The people with the highest scores.</summary>
    /// <param name="now">The instant at which to look, past or to come; the present one if null.</param>
    public async Task<Result<Leaderboard>> ReadAsync(
        string userId, LeaderboardMetric metric, DateTimeOffset? now = null, CancellationToken cancellationToken = default)
    {
        var boards = await ReadAsync(userId, [metric], now, cancellationToken);
        return boards.Succeeded ? boards.Value[0] : boards.Refusal.Value;
    }

    /// <summary>All three of them, in one trip.</summary>
    /// <param name="now">The instant at which to look, past or to come; the present one if null.</param>
    public Task<Result<IReadOnlyList<Leaderboard>>> ReadAllAsync(
        string userId, DateTimeOffset? now = null, CancellationToken cancellationToken = default) =>
        ReadAsync(userId, Enum.GetValues<LeaderboardMetric>(), now, cancellationToken);

    private async Task<Result<IReadOnlyList<Leaderboard>>> ReadAsync(
        string userId, LeaderboardMetric[] metrics, DateTimeOffset? now, CancellationToken cancellationToken)
    {
        var at = now?.ToUniversalTime() ?? clock.Now();
        await counter.CountSomeAsync(cancellationToken: cancellationToken);
        // After the present instant nothing has happened that would have to be taken away again: one trip will do.
        if (now is not null)
        {
            return await contexts.AtOneMomentAsync(ReadAsync, cancellationToken);
        }
        await using var present = await contexts.CreateDbContextAsync(cancellationToken);
        return await ReadAsync(present, cancellationToken);

        async Task<Result<IReadOnlyList<Leaderboard>>> ReadAsync(OneRingDbContext db, CancellationToken token)
        {
            var readers = db.Users.Where(user => user.Id == userId && user.DisabledAt == null).Select(user => user.Id);
            var highest = metrics.Select(metric => Highest(db, metric, at < Latest ? at : Latest)).ToList();

            await using var trip = await OneTrip.SendAsync(db, token, [readers, .. highest]);
            if ((await readers.ToListAsync(token)).Count == 0)
            {
                return Refusal.Forbidden;
            }

            var boards = new List<Leaderboard>();
            foreach (var (metric, scores) in metrics.Zip(highest))
            {
                boards.Add(Leaderboard.Of(metric, await scores.ToListAsync(token), at));
            }
            return boards;
        }
    }

    private static IQueryable<Score> Highest(OneRingDbContext db, LeaderboardMetric metric, DateTimeOffset now) => metric switch
    {
        LeaderboardMetric.Collaboration => Highest(db, now, segment: 3, received: 2, created: 0, contributed: 1),
        LeaderboardMetric.Momentum => HighestMomentum(db, now),
        LeaderboardMetric.Consistency => Highest(db, now, segment: 0, received: 0, created: 5, contributed: 2),
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "There is no such metric."),
    };

    /// <summary>So many points for each segment, ring received, draft created, and draft of somebody else's with an own segment.</summary>
    private static IQueryable<Score> Highest(OneRingDbContext db, DateTimeOffset now, int segment, int received, int created, int contributed)
    {
        // All that ever happened, less what was after that instant: mostly nothing. So a leaderboard of the present takes one row a person.
        var (today, tomorrow) = DayOf(now);
        var ever = db.ScoreSpans.Where(s => s.Span == Spans.Ever)
            .Select(s => new Part { UserId = s.UserId, Segments = s.Segments, Received = s.RingsReceived, Created = s.Drafts, Contributed = s.ContributedDrafts });
        var daysAfter = SpanQuery.Of(db.ScoreSpans, new CutRange(today + 1, int.MaxValue, []))
            .Select(s => new Part { UserId = s.UserId, Segments = -s.Segments, Received = -s.RingsReceived, Created = -s.Drafts, Contributed = -s.ContributedDrafts });
        var restOfDay = Happened(db, now, tomorrow).Select(e => new Part
        {
            UserId = e.UserId,
            Segments = e.Type == EventType.SegmentAdded ? -1 : 0,
            Received = e.Type == EventType.RingPassed ? -1 : 0,
            Created = e.Type == EventType.DraftCreated ? -1 : 0,
            Contributed = 0,
        });
        var joined = db.DraftWriters.Where(w => w.ContributedAt > now && w.ContributedAt < tomorrow)
            .Select(w => new Part { UserId = w.UserId, Segments = 0, Received = 0, Created = 0, Contributed = -1 });

        var sums = ever.Concat(daysAfter).Concat(restOfDay).Concat(joined).GroupBy(part => part.UserId).Select(own => new
        {
            UserId = own.Key,
            Segments = own.Sum(part => part.Segments),
            Received = own.Sum(part => part.Received),
            Created = own.Sum(part => part.Created),
            Contributed = own.Sum(part => part.Contributed),
        });
        return (
            from sum in sums
            join user in Named(db) on sum.UserId equals user.Id
            let value = (segment * sum.Segments) + (received * sum.Received) + (created * sum.Created) + (contributed * sum.Contributed)
            where value > 0
            orderby value descending, user.Id
            select new Score(user.Id, user.DisplayName, value, sum.Segments, sum.Received, sum.Created, sum.Contributed))
            .Take(Leaderboard.Size);
    }

    /// <summary>
    /// Σ over own segments of 2^(−age / 7 days) + 5 × Σ over drafts created of the same, with one decimal and ranked by that. Half away from zero: what
    /// is a ten-millionth below a half counts as one, so that no dust of the arithmetic decides.
    /// </summary>
    private static IQueryable<Score> HighestMomentum(OneRingDbContext db, DateTimeOffset now)
    {
        const double HalfLivesInBlock = (double)Spans.Block / MomentumWeights.HalfLifeDays;
        const double Dust = 1e-6;

        // All of this block of days and of those before it, less what was after that instant.
        var (today, tomorrow) = DayOf(now);
        var last = (int)Math.Floor((double)today / Spans.Block);
        var first = last - WeighingBlocks;
        var endOfLast = (last + 1) * Spans.Block;
        var blocks = db.ScoreSpans.Where(s => s.Span == Spans.Block && s.Start >= first && s.Start <= last)
            .Select(s => new Weight { UserId = s.UserId, Block = s.Start, Momentum = s.Momentum });
        var daysAfter = SpanQuery.Of(db.ScoreSpans, new CutRange(today + 1, endOfLast, []))
            .Select(s => new Weight { UserId = s.UserId, Block = last, Momentum = -s.Momentum });
        var restOfDay = Happened(db, now, tomorrow).Where(e => e.Type != EventType.RingPassed)
            .Select(e => new Weight { UserId = e.UserId, Block = last, Momentum = e.Type == EventType.DraftCreated ? -MomentumWeights.Draft * e.Weight : -e.Weight });

        var tenths = 10 * Math.Pow(2, -((now - DateTimeOffset.UnixEpoch).TotalDays - ((double)last * Spans.Block)) / MomentumWeights.HalfLifeDays) / MomentumWeights.One;
        return (
            from weight in blocks.Concat(daysAfter).Concat(restOfDay)
            group weight by weight.UserId into own
            select new { UserId = own.Key, Tenths = Math.Floor((tenths * own.Sum(w => w.Momentum * Math.Pow(2, (w.Block - last) * HalfLivesInBlock))) + 0.5 + Dust) } into sum
            join user in Named(db) on sum.UserId equals user.Id
            where sum.Tenths > 0
            orderby sum.Tenths descending, user.Id
            select new Score(user.Id, user.DisplayName, sum.Tenths / 10, 0, 0, 0, 0))
            .Take(Leaderboard.Size);
    }

    /// <summary>What happened after an instant on the same day, and to whose score it belongs.</summary>
    private static IQueryable<Deed> Happened(OneRingDbContext db, DateTimeOffset after, DateTimeOffset before) => db.EventRows
        .Where(e => e.OccurredAt > after && e.OccurredAt < before && e.Type != EventType.DraftPublished)
        .Select(e => new Deed { UserId = (e.Type == EventType.RingPassed ? e.ToId : e.ActorId)!, Type = e.Type, Weight = e.Weight })
        .Where(e => e.UserId != null);

    private static IQueryable<User> Named(OneRingDbContext db) => db.Users.Where(user => user.DisabledAt == null && !user.PrefersNoName);

    /// <summary>The day of an instant, counted from 1 January 1970, UTC, and when the next one begins.</summary>
    private static (int Day, DateTimeOffset Tomorrow) DayOf(DateTimeOffset at)
    {
        var day = (int)Math.Floor((at - DateTimeOffset.UnixEpoch).TotalDays);
        return (day, DateTimeOffset.UnixEpoch.AddDays(day + 1));
    }

    /// <summary>Something that a score is made of, or that does not belong to it.</summary>
    private sealed class Part
    {
        public required string UserId { get; init; }

        public required int Segments { get; init; }

        public required int Received { get; init; }

        public required int Created { get; init; }

        public required int Contributed { get; init; }
    }

    /// <summary>What weighed so much at the start of a block of days.</summary>
    private sealed class Weight
    {
        public required string UserId { get; init; }

        public required int Block { get; init; }

        public required long Momentum { get; init; }
    }

    private sealed class Deed
    {
        public required string UserId { get; init; }

        public required EventType Type { get; init; }

        public required long Weight { get; init; }
    }
}
