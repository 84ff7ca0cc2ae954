using Microsoft.EntityFrameworkCore;
using NodaTime;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Mail;
using OneRing.Data.Rings;

namespace OneRing.Data.Notices;

/// <summary>Makes letters of notices at the moment of sending, from what is true then. What no longer holds, or is no longer wanted, is left out.</summary>
internal sealed class NoticeLetters(IDbContextFactory<OneRingDbContext> contexts, UnsubscribeLinks links, TimeProvider clock)
{
    /// <summary>The parameter of a mail that holds the ids of its notices.</summary>
    public const string Parameter = "notice_ids";

    public static string Join(IEnumerable<Notice> notices) => string.Join(',', notices.Select(notice => notice.Id));

    /// <summary>A letter about one notice; null if there is nothing to tell any more.</summary>
    public async Task<Letter?> WriteAsync(OutboxMail mail, string to, User user) =>
        await ReadAsync(mail, user) is [var news]
            ? WithWayOut(MailTexts.Notice(to, user.Display, news), mail, news.Kind)
            : null;

    /// <summary>A letter about several; null if there is nothing to tell any more.</summary>
    public async Task<Letter?> WriteDigestAsync(OutboxMail mail, string to, User user) =>
        await ReadAsync(mail, user) is { Count: > 0 } news
            ? WithWayOut(MailTexts.Digest(to, user.Display, news), mail, kind: null)
            : null;

    /// <summary>The letter, with the link that ends all letters of its kind.</summary>
    public Letter WithWayOut(Letter letter, OutboxMail mail, NoticeKind? kind) =>
        MailTexts.WithWayOut(letter, links.For(mail.BaseUrl, new Unsubscription(mail.UserId, kind)), $"{mail.BaseUrl}/account/notices");

    /// <summary>Whether a person wants to be told something of a draft by mail.</summary>
    public async Task<bool> IsWantedAsync(string userId, Guid draftId, NoticeKind kind)
    {
        await using var db = await contexts.CreateDbContextAsync();
        return (await db.NoticeSettings.AsNoTracking().SingleOrDefaultAsync(s => s.UserId == userId))?.Wants(kind) != false
            && !await db.Collaborators.AnyAsync(c => c.DraftId == draftId && c.UserId == userId && c.MutesNotices);
    }

    private async Task<List<News>> ReadAsync(OutboxMail mail, User user)
    {
        var ids = mail.ReadParameters()[Parameter].Split(',').Select(Guid.Parse).ToList();
        await using var db = await contexts.CreateDbContextAsync();
        var chosen = await db.NoticeSettings.AsNoTracking().SingleOrDefaultAsync(s => s.UserId == user.Id);
        var invites = InviteService.WaitingFor(db, user.Id, clock.Now());
        var readable = db.ReadableDrafts(user.Id);
        var facts = await (
            from notice in db.Notices.AsNoTracking()
            join draft in db.Drafts on notice.DraftId equals draft.Id
            where notice.UserId == user.Id && ids.Contains(notice.Id)
                && (notice.Kind == NoticeKind.Invited
                    || (readable.Any(d => d.Id == draft.Id) && !db.Collaborators.Any(me => me.DraftId == draft.Id && me.UserId == user.Id && me.MutesNotices)))
            orderby notice.At, notice.Id
            select new Facts(
                notice,
                draft.Title,
                draft.Status,
                draft.ArchivedAt == null && draft.Status == DraftStatus.Active,
                draft.HolderId,
                draft.Turn,
                draft.TurnEndsAt,
                draft.MoreTime,
                invites.Where(invite => invite.DraftId == draft.Id).Select(invite => new InvitedTo(invite.Id, invite.Role)).FirstOrDefault(),
                db.Users.Where(actor => actor.Id == notice.ActorId).Select(actor => actor.DisplayName).FirstOrDefault())).ToListAsync();

        var zone = Whereabouts.ZoneOf(user.TimeZone);
        return
        [
            .. from fact in facts
               where fact.Holds && chosen?.Wants(fact.Notice.Kind) != false
               select fact.ToNews(mail.BaseUrl, zone),
        ];
    }

    /// <summary>A notice, and what is true of its draft now.</summary>
    private sealed record Facts(
        Notice Notice, string Title, DraftStatus Status, bool IsOpen, string HolderId, int Turn, DateTimeOffset? EndsAt, MoreTime MoreTime, InvitedTo? Invited, string? ActorName)
    {
        /// <summary>Whether it is still worth saying: nobody is asked for what they can no longer do.</summary>
        public bool Holds => Notice.Kind switch
        {
            NoticeKind.YourTurn or NoticeKind.Reminder or NoticeKind.Asked or NoticeKind.Nudged => IsTheirs,
            NoticeKind.MoreTime when Notice.Detail == NoticeDetail.Asked => IsTheTurn && MoreTime == MoreTime.Asked,
            NoticeKind.MoreTime => IsTheirs,
            // Who may take a ring back is told while they can. That one's own turn is over stays true.
            NoticeKind.TurnOver => Notice.Detail == NoticeDetail.Reclaimed || Notice.ActorId is null || IsTheTurn,
            NoticeKind.Completed => Status == DraftStatus.Completed,
            NoticeKind.Invited => Invited is { } invited && invited.InviteId == Notice.InviteId,
            _ => throw new InvalidOperationException($"Nobody knows until when a notice of the kind {Notice.Kind} holds."),
        };

        private bool IsTheTurn => IsOpen && Turn == Notice.Turn;

        private bool IsTheirs => IsTheTurn && HolderId == Notice.UserId;

        public News ToNews(string baseUrl, DateTimeZone zone) => new(
            Notice.Kind,
            Notice.Kind == NoticeKind.Invited ? EnumNames.NameOf(Invited!.As) : Notice.Detail,
            Title,
            Notice.ActorId is { } actorId ? User.DisplayOf(actorId, ActorName) : null,
            IsTheirs,
            EndsAt is { } end ? Instant.FromDateTimeOffset(end).InZone(zone) : null,
            baseUrl + Notice.Path);
    }

    /// <summary>An invite that waits for an answer.</summary>
    private sealed record InvitedTo(Guid InviteId, Role As);
}
