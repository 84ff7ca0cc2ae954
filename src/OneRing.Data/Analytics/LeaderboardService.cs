using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Database;

namespace OneRing.Data.Analytics;

/// <summary>The leaderboards, over everybody whose account is not disabled and for everybody who is signed in.</summary>
public sealed class LeaderboardService
{
    /// <summary>
    /// What is older weighs less than 10⁻²¹ in momentum. Even a life's work of it would not move the decimal that is shown, so it is not read.
    /// </summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(70 * 7);

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly TimeProvider clock;

    internal LeaderboardService(IDbContextFactory<OneRingDbContext> contexts, TimeProvider clock)
    {
        this.contexts = contexts;
        this.clock = clock;
    }

    /// <summary>The people with the highest scores.</summary>
    /// <param name="now">The instant at which to look, past or to come; the present one if null.</param>
    public async Task<Result<Leaderboard>> ReadAsync(
        string userId, LeaderboardMetric metric, DateTimeOffset? now = null, CancellationToken cancellationToken = default)
    {
        var at = now?.ToUniversalTime() ?? clock.Now();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var scores = metric switch
        {
            LeaderboardMetric.Collaboration => await ReadCollaborationAsync(db, userId, at, cancellationToken),
            LeaderboardMetric.Momentum => await ReadMomentumAsync(db, userId, at, cancellationToken),
            LeaderboardMetric.Consistency => await ReadConsistencyAsync(db, userId, at, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "There is no such metric."),
        };
        return scores is null ? Refusal.Forbidden : Leaderboard.Of(metric, scores, at);
    }

    /// <summary>Segments × 3 + rings received × 2 + contributed drafts.</summary>
    private static Task<List<Score>?> ReadCollaborationAsync(OneRingDbContext db, string userId, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var segments = db.Segments.Where(segment => segment.CreatedAt <= at)
            .Select(segment => new Point { UserId = segment.AuthorId, Weight = 3, Segments = 1, Received = 0, Created = 0, Contributed = 0 });
        var received = db.RingPasses.Where(pass => pass.PassedAt <= at)
            .Select(pass => new Point { UserId = pass.ToId, Weight = 2, Segments = 0, Received = 1, Created = 0, Contributed = 0 });
        return ReadHighestAsync(db, userId, segments.Concat(received).Concat(Contributed(db, at, weight: 1)), cancellationToken);
    }

    /// <summary>Drafts created × 5 + contributed drafts × 2.</summary>
    private static Task<List<Score>?> ReadConsistencyAsync(OneRingDbContext db, string userId, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var created = db.Drafts.Where(draft => draft.CreatedAt <= at)
            .Select(draft => new Point { UserId = draft.CreatorId, Weight = 5, Segments = 0, Received = 0, Created = 1, Contributed = 0 });
        return ReadHighestAsync(db, userId, created.Concat(Contributed(db, at, weight: 2)), cancellationToken);
    }

    /// <summary>Drafts with at least one own segment, created by somebody else.</summary>
    private static IQueryable<Point> Contributed(OneRingDbContext db, DateTimeOffset at, int weight) => (
        from segment in db.Segments
        join draft in db.Drafts on segment.DraftId equals draft.Id
        where segment.CreatedAt <= at && draft.CreatorId != segment.AuthorId
        select new { segment.AuthorId, segment.DraftId })
        .Distinct()
        .Select(contribution => new Point { UserId = contribution.AuthorId, Weight = weight, Segments = 0, Received = 0, Created = 0, Contributed = 1 });

    private static async Task<List<Score>?> ReadHighestAsync(
        OneRingDbContext db, string userId, IQueryable<Point> points, CancellationToken cancellationToken)
    {
        var readers = Readers(db, userId);
        var sums = points.GroupBy(point => point.UserId).Select(own => new
        {
            UserId = own.Key,
            Value = own.Sum(point => point.Weight),
            Segments = own.Sum(point => point.Segments),
            Received = own.Sum(point => point.Received),
            Created = own.Sum(point => point.Created),
            Contributed = own.Sum(point => point.Contributed),
        });
        var highest = (
            from score in sums
            join user in Listed(db) on score.UserId equals user.Id
            orderby score.Value descending, user.Id
            select new Score(user.Id, user.DisplayName, score.Value, score.Segments, score.Received, score.Created, score.Contributed))
            .Take(Leaderboard.Size);

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, readers, highest);
        return (await readers.ToListAsync(cancellationToken)).Count == 0 ? null : await highest.ToListAsync(cancellationToken);
    }

    private static async Task<List<Score>?> ReadMomentumAsync(OneRingDbContext db, string userId, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var since = at - DateTimeOffset.MinValue > Forgotten ? at - Forgotten : DateTimeOffset.MinValue;
        var readers = Readers(db, userId);
        var segments =
            from segment in db.Segments
            join user in Listed(db) on segment.AuthorId equals user.Id
            where segment.CreatedAt > since && segment.CreatedAt <= at
            select new Moment(user.Id, user.DisplayName, segment.CreatedAt);
        var drafts =
            from draft in db.Drafts
            join user in Listed(db) on draft.CreatorId equals user.Id
            where draft.CreatedAt > since && draft.CreatedAt <= at
            select new Moment(user.Id, user.DisplayName, draft.CreatedAt);

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, readers, segments, drafts);
        if ((await readers.ToListAsync(cancellationToken)).Count == 0)
        {
            return null;
        }

        var written = (await segments.ToListAsync(cancellationToken)).ToLookup(moment => (moment.UserId, moment.DisplayName), moment => moment.At);
        var created = (await drafts.ToListAsync(cancellationToken)).ToLookup(moment => (moment.UserId, moment.DisplayName), moment => moment.At);
        return [.. written.Select(person => person.Key).Union(created.Select(person => person.Key)).Select(person =>
            new Score(person.UserId, person.DisplayName, Figures.Momentum(written[person], created[person], at)))];
    }

    private static IQueryable<string> Readers(OneRingDbContext db, string userId) =>
        db.Users.Where(user => user.Id == userId && user.DisabledAt == null).Select(user => user.Id);

    private static IQueryable<User> Listed(OneRingDbContext db) => db.Users.Where(user => user.DisabledAt == null);

    private sealed record Moment(string UserId, string? DisplayName, DateTimeOffset At);

    /// <summary>Something that counts towards a score.</summary>
    private sealed class Point
    {
        public required string UserId { get; init; }

        public required int Weight { get; init; }

        public required int Segments { get; init; }

        public required int Received { get; init; }

        public required int Created { get; init; }

        public required int Contributed { get; init; }
    }
}
