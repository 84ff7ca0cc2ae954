using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Database;

namespace OneRing.Data.Notices;

/// <summary>A notice as the person sees it whom it is for.</summary>
/// <param name="Detail">What of a turn it is about: one of <see cref="NoticeDetail"/>, or empty for all of it.</param>
/// <param name="ActorName">Who has caused it; null if nobody has, or if it was themselves.</param>
public sealed record NoticeView(Guid Id, NoticeKind Kind, Guid DraftId, string Title, string Detail, string? ActorName, DateTimeOffset At);

/// <summary>What people are told of.</summary>
public sealed class NoticeService
{
    /// <summary>Nobody reads more at once.</summary>
    public const int LongestListing = 20;

    /// <summary>What is older is no news.</summary>
    private static readonly TimeSpan News = TimeSpan.FromMinutes(10);

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly TimeProvider clock;

    internal NoticeService(IDbContextFactory<OneRingDbContext> contexts, TimeProvider clock)
    {
        this.contexts = contexts;
        this.clock = clock;
    }

    /// <summary>What is new for a person of drafts that they may read, the oldest first.</summary>
    /// <param name="since">Not what is older than this, and in no case what is older than a few minutes.</param>
    public async Task<IReadOnlyList<NoticeView>> ListNewAsync(string userId, DateTimeOffset since, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var (asked, news) = (Clock.Cut(since.ToUniversalTime()), clock.Now() - News);
        var first = asked > news ? asked : news;
        var newest = await (
            from notice in db.Notices.AsNoTracking()
            join draft in db.ReadableDrafts(userId) on notice.DraftId equals draft.Id
            join user in db.Users on notice.ActorId equals user.Id into actors
            from actor in actors.DefaultIfEmpty()
            where notice.UserId == userId && notice.At >= first
            orderby notice.At descending, notice.Id descending
            select new NoticeView(
                notice.Id, notice.Kind, notice.DraftId, draft.Title, notice.Detail,
                actor == null || actor.Id == userId ? null : User.DisplayOf(actor.Id, actor.DisplayName), notice.At))
            .Take(LongestListing).ToListAsync(cancellationToken);
        newest.Reverse();
        return newest;
    }
}
