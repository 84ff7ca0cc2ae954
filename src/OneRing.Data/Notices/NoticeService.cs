using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;

namespace OneRing.Data.Notices;

/// <summary>A notice as the person sees it whom it is for.</summary>
/// <param name="Detail">What of a turn it is about: one of <see cref="NoticeDetail"/>, or empty for all of it.</param>
/// <param name="ActorName">Who has caused it; null if nobody has, or if it was themselves.</param>
/// <param name="Path">Where they see what it is about.</param>
/// <param name="IsNew">Whether they have not seen it yet.</param>
public sealed record NoticeView(Guid Id, NoticeKind Kind, string Title, string Detail, string? ActorName, string Path, DateTimeOffset At, bool IsNew);

/// <summary>What people are told of, on the page and by the browser. By mail it is <see cref="NoticeMailer"/> who tells it.</summary>
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

    /// <summary>What a person was told of lately, the newest first, of what they may still read.</summary>
    public async Task<IReadOnlyList<NoticeView>> ListAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await ListAsync(db, userId, db.Notices, cancellationToken);
    }

    /// <summary>
    /// What the browser is to tell a person, the oldest first: what is new, of the kinds and drafts that they want to be told of, and nothing in their quiet hours.
    /// </summary>
    /// <param name="since">Not what is older than this, and in no case what is older than a few minutes.</param>
    public async Task<IReadOnlyList<NoticeView>> ListNewAsync(string userId, DateTimeOffset since, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.Now();
        var (asked, news) = (Clock.Cut(since.ToUniversalTime()), now - News);
        var first = asked > news ? asked : news;
        var found = await ListAsync(
            db, userId, db.Notices.Where(n => n.At >= first && !db.Collaborators.Any(me => me.DraftId == n.DraftId && me.UserId == userId && me.MutesNotices)), cancellationToken);
        if (found.Count == 0)
        {
            return found;
        }

        var chosen = await db.NoticeSettings.AsNoTracking().SingleOrDefaultAsync(s => s.UserId == userId, cancellationToken) ?? new NoticeSettings(userId);
        var timeZone = await db.Users.Where(user => user.Id == userId).Select(user => user.TimeZone).SingleAsync(cancellationToken);
        return chosen.IsQuietAt(now, Whereabouts.ZoneOf(timeZone)) ? [] : [.. found.Where(notice => chosen.Wants(notice.Kind)).Reverse()];
    }

    /// <summary>Notes that a person has seen what they were told of until now.</summary>
    public async Task MarkSeenAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        DateTimeOffset? now = clock.Now();
        await db.Notices.Where(n => n.UserId == userId && n.SeenAt == null).ExecuteUpdateAsync(set => set.SetProperty(n => n.SeenAt, now), cancellationToken);
    }

    private async Task<IReadOnlyList<NoticeView>> ListAsync(OneRingDbContext db, string userId, IQueryable<Notice> notices, CancellationToken cancellationToken)
    {
        var readable = db.ReadableDrafts(userId);
        var invites = InviteService.WaitingFor(db, userId, clock.Now());
        var found = await (
            from notice in notices.AsNoTracking()
            join draft in db.Drafts on notice.DraftId equals draft.Id
            join user in db.Users on notice.ActorId equals user.Id into actors
            from actor in actors.DefaultIfEmpty()
            where notice.UserId == userId
                && (notice.Kind == NoticeKind.Invited ? invites.Any(invite => invite.DraftId == draft.Id) : readable.Any(d => d.Id == draft.Id))
            orderby notice.At descending, notice.Id descending
            select new
            {
                Notice = notice,
                draft.Title,
                ActorName = actor == null || actor.Id == userId ? null : User.DisplayOf(actor.Id, actor.DisplayName),
            })
            .Take(LongestListing).ToListAsync(cancellationToken);
        return found.ConvertAll(row => new NoticeView(
            row.Notice.Id, row.Notice.Kind, row.Title, row.Notice.Detail, row.ActorName, row.Notice.Path, row.Notice.At, IsNew: row.Notice.SeenAt is null));
    }
}
