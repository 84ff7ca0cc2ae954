using Microsoft.EntityFrameworkCore;
using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Notices;

/// <summary>What a person chooses to be told by mail.</summary>
/// <param name="KindsOff">What they do not want to be told.</param>
/// <param name="DigestHour">At which hour of their day one mail tells them everything; null for a mail each.</param>
/// <param name="QuietFrom">When the hours begin in which no mail is sent; null without any.</param>
/// <param name="QuietTo">When they end; earlier than their beginning if they go over midnight.</param>
public sealed record NoticeChoices(IReadOnlyList<NoticeKind> KindsOff, int? DigestHour = null, TimeOnly? QuietFrom = null, TimeOnly? QuietTo = null);

/// <summary>A draft, and whether a person is sent no mails about it.</summary>
public sealed record MutableDraft(Guid Id, string Title, bool IsMuted);

/// <summary>What a person has chosen, with what they choose it for.</summary>
/// <param name="TimeZone">In which their hours are meant: an IANA name; null for UTC.</param>
/// <param name="IsReachable">Whether they have confirmed an address that mails can go to.</param>
/// <param name="Drafts">Their drafts: first those that they are sent no mails about, then those in which something happened lately.</param>
public sealed record NoticeSettingsView(NoticeChoices Choices, string? TimeZone, bool IsReachable, IReadOnlyList<MutableDraft> Drafts);

/// <summary>Of what and when people are told by mail: their choices, and the link with which a mail can be ended without signing in.</summary>
public sealed class NoticeSettingsService
{
    /// <summary>Who has more drafts finds the rest once something happens in them.</summary>
    private const int MostDrafts = 100;

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly UnsubscribeLinks links;
    private readonly TimeProvider clock;

    internal NoticeSettingsService(IDbContextFactory<OneRingDbContext> contexts, UnsubscribeLinks links, TimeProvider clock)
    {
        this.contexts = contexts;
        this.links = links;
        this.clock = clock;
    }

    public async Task<Result<NoticeSettingsView>> FindAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var person = await db.Users.Where(user => user.Id == userId && user.DisabledAt == null)
            .Select(user => new { user.TimeZone, IsReachable = user.EmailConfirmed && user.Email != null })
            .SingleOrDefaultAsync(cancellationToken);
        if (person is null)
        {
            return Refusal.Forbidden;
        }

        var settings = await db.NoticeSettings.AsNoTracking().SingleOrDefaultAsync(s => s.UserId == userId, cancellationToken) ?? new NoticeSettings(userId);
        var drafts = await (
            from draft in db.ReadableDrafts(userId)
            join me in db.Collaborators on new { DraftId = draft.Id, UserId = userId } equals new { me.DraftId, me.UserId }
            where draft.ArchivedAt == null || me.MutesNotices
            orderby me.MutesNotices descending, draft.LastActivityAt descending, draft.Id
            select new MutableDraft(draft.Id, draft.Title, me.MutesNotices)).Take(MostDrafts).ToListAsync(cancellationToken);
        return new NoticeSettingsView(
            new NoticeChoices(settings.ListKindsOff(), settings.DigestHour, settings.QuietFrom, settings.QuietTo), person.TimeZone, person.IsReachable, drafts);
    }

    /// <summary>Keeps what a person has chosen. It holds for what waits to be mailed, too.</summary>
    public Task<Result<Done>> ChooseAsync(string userId, NoticeChoices choices, CancellationToken cancellationToken = default) =>
        ChangeAsync(userId, settings => settings.Choose(choices), cancellationToken);

    /// <summary>Says whether a person is sent mails about one of their drafts.</summary>
    public async Task<Result<Done>> MuteAsync(string userId, Guid draftId, bool isMuted, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var changed = await db.Collaborators
            .Where(c => c.DraftId == draftId && c.UserId == userId && db.Users.Any(user => user.Id == userId && user.DisabledAt == null))
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.MutesNotices, isMuted), cancellationToken);
        return changed == 1 ? default(Done) : Refusal.NotFound;
    }

    /// <summary>What the link of a mail ends; null if it is none of ours.</summary>
    public Unsubscription? ReadLink(string? token) => links.Read(token);

    /// <summary>Ends what the link of a mail is for, whoever follows it and however often. Says whether it is one of ours.</summary>
    public async Task<bool> UnsubscribeAsync(string? token, CancellationToken cancellationToken = default)
    {
        if (links.Read(token) is not { } link)
        {
            return false;
        }

        // Somebody without an account that works is sent nothing anyway.
        await ChangeAsync(
            link.UserId,
            settings =>
            {
                settings.SwitchOff(link.Kind is { } kind ? [kind] : Enum.GetValues<NoticeKind>());
                return null;
            },
            cancellationToken);
        return true;
    }

    private Task<Result<Done>> ChangeAsync(string userId, Func<NoticeSettings, Refusal?> change, CancellationToken cancellationToken) =>
        contexts.InTransactionAsync<Result<Done>>(
            async (db, transaction, token) =>
            {
                // Locked, so that of two who make the first row one finds it.
                if (await db.LockedUser(userId).AsNoTracking().ToListAsync(token) is not [{ DisabledAt: null }])
                {
                    return Refusal.Forbidden;
                }

                var settings = await db.NoticeSettings.SingleOrDefaultAsync(s => s.UserId == userId, token);
                if (settings is null)
                {
                    settings = new NoticeSettings(userId);
                    db.NoticeSettings.Add(settings);
                }
                if (change(settings) is { } refusal)
                {
                    return refusal;
                }

                await db.SaveChangesAsync(token);
                // What waits for an hour that may no longer be theirs is decided anew.
                DateTimeOffset? now = clock.Now();
                await db.Notices.Where(n => n.UserId == userId && n.MailDueAt > now).ExecuteUpdateAsync(set => set.SetProperty(n => n.MailDueAt, now), token);
                await transaction.CommitAsync(token);
                return default(Done);
            },
            cancellationToken);
}
