using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Mail;

namespace OneRing.Data.Notices;

/// <summary>
/// Decides which notices become mails, and when. Every server has one. It takes a person at a time under a lock that the others skip, and in one transaction adds the
/// mails to the outbox and notes that their notices are decided: so each is mailed once, whoever does it and whoever dies meanwhile.
/// </summary>
internal sealed partial class NoticeMailer(IDbContextFactory<OneRingDbContext> contexts, MailSettings settings, TimeProvider clock, ILogger<NoticeMailer> logger)
    : BackgroundService
{
    /// <summary>More at once would make a digest that nobody reads.</summary>
    private const int MostAtOnce = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await SendDueAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // The database is away; the next round asks again.
                LogFailure(failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Decides about all that is due. Answers about how many notices.</summary>
    internal async Task<int> SendDueAsync(CancellationToken cancellationToken = default)
    {
        var decided = 0;
        while (await DecideNextAsync(cancellationToken) is > 0 and var count)
        {
            decided += count;
        }
        return decided;
    }

    /// <summary>Decides about what one person is to be told. Answers about how many notices: none if nobody's are due, or another server has just come first.</summary>
    private Task<int> DecideNextAsync(CancellationToken cancellationToken) => contexts.InTransactionAsync(
        async (db, transaction, token) =>
        {
            var now = clock.Now();
            if (await db.DuePerson(now).AsNoTracking().ToListAsync(token) is not [var person])
            {
                return 0;
            }

            var notices = await db.DueNotices(person.Id, now, MostAtOnce).ToListAsync(token);
            await DecideAsync(db, person, notices, now, token);
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return notices.Count;
        },
        cancellationToken);

    private async Task DecideAsync(OneRingDbContext db, User person, List<Notice> notices, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var chosen = await db.NoticeSettings.AsNoTracking().SingleOrDefaultAsync(s => s.UserId == person.Id, cancellationToken) ?? new NoticeSettings(person.Id);
        var muted = await db.Collaborators.Where(c => c.UserId == person.Id && c.MutesNotices).Select(c => c.DraftId).ToListAsync(cancellationToken);
        var zone = Whereabouts.ZoneOf(person.TimeZone);
        var isReachable = person is { DisabledAt: null, EmailConfirmed: true, Email: not null };

        List<Notice> ready = [];
        foreach (var notice in notices)
        {
            DateTimeOffset? mailAt = isReachable && chosen.Wants(notice.Kind) && !muted.Contains(notice.DraftId) ? chosen.MailAt(notice.At, now, zone) : null;
            notice.MailDueAt = mailAt > now ? Clock.Cut(mailAt.Value) : null;
            if (mailAt <= now)
            {
                ready.Add(notice);
            }
        }

        if (chosen.DigestHour is null)
        {
            db.OutboxMails.AddRange(ready.Select(notice => Mail(MailKind.Notice, person, [notice], now)));
        }
        else if (ready.Count > 0)
        {
            db.OutboxMails.Add(Mail(MailKind.Digest, person, ready, now));
        }
    }

    private OutboxMail Mail(MailKind kind, User person, IEnumerable<Notice> notices, DateTimeOffset now) => OutboxMail.ToPerson(
        kind, person.Id, settings.PublicUrl, now, new Dictionary<string, string>(StringComparer.Ordinal) { [NoticeLetters.Parameter] = NoticeLetters.Join(notices) });

    [LoggerMessage(Level = LogLevel.Warning, Message = "Notices could not be mailed")]
    private partial void LogFailure(Exception failure);
}
