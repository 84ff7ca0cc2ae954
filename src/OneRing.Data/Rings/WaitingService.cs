using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Writing;

namespace OneRing.Data.Rings;

/// <summary>What waits for a person, and for whom they wait, over all of their drafts.</summary>
public sealed class WaitingService
{
    /// <summary>A list of rings ends with so many.</summary>
    public const int LongestListing = 100;

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly TimeProvider clock;

    /// <summary>Whoever has many pages open has it in each, and all ask with the same news.</summary>
    private readonly SharedReads<string, WaitingNews> news;

    internal WaitingService(IDbContextFactory<OneRingDbContext> contexts, TimeProvider clock)
    {
        this.contexts = contexts;
        this.clock = clock;
        news = new SharedReads<string, WaitingNews>(ReadNewsAsync);
    }

    public async Task<Waiting> FindAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var (open, now) = (OpenDrafts(db, userId), clock.Now());
        var held =
            from draft in open.Where(d => d.HolderId == userId).OrderBy(d => d.TurnEndsAt == null).ThenBy(d => d.TurnEndsAt).ThenBy(d => d.HeldSince).ThenBy(d => d.Id).Take(LongestListing)
            select new
            {
                draft.Id,
                draft.Title,
                draft.Turn,
                draft.HeldSince,
                draft.TurnEndsAt,
                draft.ClockStep,
                NudgedAt = db.Nudges.Where(nudge => nudge.DraftId == draft.Id && nudge.Turn == draft.Turn).Max(nudge => (DateTimeOffset?)nudge.At),
            };
        var wishes =
            from draft in open.Where(d => d.HolderId == userId)
            join wish in db.RingWishes on new { draft.Id, draft.Turn } equals new { Id = wish.DraftId, wish.Turn }
            join user in db.Users on wish.UserId equals user.Id
            join asker in db.Collaborators on new { wish.DraftId, wish.UserId } equals new { asker.DraftId, asker.UserId }
            where asker.Role != Role.Reader && user.DisabledAt == null && !(asker.AwayUntil > now) && !(user.AwayUntil > now)
            orderby wish.At, wish.UserId
            select new { wish.DraftId, View = new RingWishView(wish.UserId, User.DisplayOf(wish.UserId, user.DisplayName), wish.At, wish.Note) };
        var awaitedDrafts = open.Where(d => d.HolderId != userId).OrderBy(d => d.HeldSince).ThenBy(d => d.Id).Take(LongestListing);
        var awaited =
            from draft in awaitedDrafts
            join holder in db.Users on draft.HolderId equals holder.Id
            orderby draft.HeldSince, draft.Id
            select new
            {
                draft.Id,
                draft.Title,
                draft.Turn,
                draft.HolderId,
                HolderName = User.DisplayOf(draft.HolderId, holder.DisplayName),
                draft.HeldSince,
                draft.TurnEndsAt,
                draft.ClockStep,
                draft.MoreTime,
                draft.MoreAskedAt,
                draft.OnExpiry,
                IsMine = db.Collaborators.Any(me => me.DraftId == draft.Id && me.UserId == userId && me.Role == Role.Owner),
            };
        var turns = EndedTurn.By(
            db,
            from draft in awaitedDrafts
            join ended in db.RingPasses on new { draft.Id, draft.HolderId } equals new { Id = ended.DraftId, HolderId = ended.FromId }
            where ended.Turn > draft.Turn - TurnHabit.TurnsLookedAt
            select ended);
        var invites = InviteService.ViewsFor(db, userId, now);
        var parked = WorkingTextService.Parked(db, userId).GroupBy(text => text.UserId).Select(own => new { Count = own.Count() });

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, held, wishes, awaited, turns, invites, parked);
        var itsHeld = await held.ToListAsync(cancellationToken);
        var itsWishes = (await wishes.ToListAsync(cancellationToken)).ToLookup(wish => wish.DraftId, wish => wish.View);
        var itsAwaited = await awaited.ToListAsync(cancellationToken);
        var itsTurns = (await turns.ToListAsync(cancellationToken)).ToLookup(turn => turn.DraftId, turn => turn.Length);
        return new Waiting(
            itsHeld.ConvertAll(d => new HeldRing(
                d.Id, d.Title, d.Turn, d.HeldSince, d.TurnEndsAt, IsOver(d.TurnEndsAt, d.ClockStep), d.NudgedAt, [.. itsWishes[d.Id]])),
            await invites.ToListAsync(cancellationToken),
            itsAwaited.ConvertAll(d => new AwaitedRing(
                d.Id, d.Title, d.Turn, d.HolderId, d.HolderName, d.HeldSince, d.TurnEndsAt, IsOver(d.TurnEndsAt, d.ClockStep),
                d.MoreTime == MoreTime.Asked ? d.MoreAskedAt + TurnClock.TimeToObject : null,
                d.IsMine && d.OnExpiry == OnExpiry.Reclaim && IsOver(d.TurnEndsAt, d.ClockStep),
                TurnHabit.UsualOf([.. itsTurns[d.Id]]))),
            (await parked.ToListAsync(cancellationToken)).SingleOrDefault()?.Count ?? 0);
    }

    /// <summary>How many things wait for a person, and what they were told of last, for the frame of every page.</summary>
    public Task<WaitingNews> FindNewsAsync(string userId, CancellationToken cancellationToken = default) => news.AskAsync(userId, cancellationToken);

    private async Task<WaitingNews> ReadNewsAsync(string userId)
    {
        await using var db = await contexts.CreateDbContextAsync();
        var now = clock.Now();
        var rings = OpenDrafts(db, userId).Where(d => d.HolderId == userId || d.MoreTime == MoreTime.Asked
            || (d.OnExpiry == OnExpiry.Reclaim && d.TurnEndsAt != null && d.ClockStep == ClockStep.Over
                && db.Collaborators.Any(me => me.DraftId == d.Id && me.UserId == userId && me.Role == Role.Owner)));
        var waiting = rings.Select(d => d.Id).Concat(InviteService.WaitingFor(db, userId, now).Select(invite => invite.Id));
        var notices = db.Notices.Where(n => n.UserId == userId).OrderByDescending(n => n.At).ThenByDescending(n => n.Id).Select(n => (Guid?)n.Id);
        return await db.Users.Where(user => user.Id == userId).Select(_ => new WaitingNews(waiting.Count(), notices.FirstOrDefault())).SingleOrDefaultAsync()
            ?? new WaitingNews(0, LastNoticeId: null); // Nobody.
    }

    /// <summary>The drafts that somebody may write in when they hold the ring.</summary>
    private static IQueryable<Draft> OpenDrafts(OneRingDbContext db, string userId) => db.ReadableDrafts(userId).Where(draft =>
        draft.Status == DraftStatus.Active && draft.ArchivedAt == null
        && db.Collaborators.Any(me => me.DraftId == draft.Id && me.UserId == userId && me.Role != Role.Reader));

    // While a clock stands still, its turn has no end.
    private static bool IsOver(DateTimeOffset? endsAt, ClockStep step) => endsAt is not null && step == ClockStep.Over;
}
