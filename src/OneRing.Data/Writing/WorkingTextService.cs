using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Data.Rings;

namespace OneRing.Data.Writing;

/// <summary>Keeps what people have typed and not yet added, and what could not be added. Every text is its author's alone.</summary>
public sealed class WorkingTextService
{
    private const int BeginningLength = 280;

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly DraftFeed feed;
    private readonly TimeProvider clock;

    internal WorkingTextService(IDbContextFactory<OneRingDbContext> contexts, DraftFeed feed, TimeProvider clock)
    {
        this.contexts = contexts;
        this.feed = feed;
        this.clock = clock;
    }

    /// <summary>
    /// Keeps a change of a text. A new text of somebody who may not write in the draft now is parked at once; one that builds on another revision
    /// than the last, or stands beside another text in the box, is refused with <see cref="Refusal.WordsChanged"/>.
    /// </summary>
    public Task<Result<WordsSaved>> SaveAsync(SaveWords change, CancellationToken cancellationToken = default) =>
        change.Check() is { } refusal
            ? Task.FromResult<Result<WordsSaved>>(refusal)
            : contexts.InTransactionAsync<Result<WordsSaved>>(async (db, transaction, token) =>
            {
                if (!await db.Users.AnyAsync(u => u.Id == change.UserId && u.DisabledAt == null, token))
                {
                    return Refusal.Forbidden;
                }

                var text = await db.LockedWorkingText(change.DraftId, change.TextId).SingleOrDefaultAsync(token);
                if (text is null)
                {
                    var begun = await BeginAsync(db, change, token);
                    if (!begun.Succeeded)
                    {
                        return begun.Refusal.Value;
                    }
                    text = begun.Value;
                }
                if (text.UserId != change.UserId || !text.Splice(change, clock.Now()))
                {
                    return Refusal.WordsChanged;
                }
                if (Texts.CheckWorkingText(text.Content) is { } unfit)
                {
                    return unfit;
                }

                try
                {
                    await db.SaveChangesAsync(token);
                }
                catch (DbUpdateException lost) when (Provider.IsUniqueViolation(lost))
                {
                    // Another page of the same person was quicker.
                    return Refusal.WordsChanged;
                }
                await transaction.CommitAsync(token);
                feed.PublishPresence(change.DraftId);
                return new WordsSaved(text.Revision, text.SavedAt, text.ParkedAt is not null);
            }, cancellationToken);

    /// <summary>What the server has for the box of a person, and what became of the text that a page remembers.</summary>
    /// <param name="textId">The text that the page remembers, if any.</param>
    public async Task<WordsFound> FindAsync(string userId, Guid draftId, Guid? textId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var texts = await db.WorkingTexts.AsNoTracking()
            .Where(t => t.DraftId == draftId && t.UserId == userId && (t.ParkedAt == null || t.Id == textId)
                && db.Users.Any(u => u.Id == userId && u.DisabledAt == null))
            .ToListAsync(cancellationToken);
        var current = texts.Find(t => t.ParkedAt is null);
        var parked = texts.Find(t => t.ParkedAt is not null);
        var added = textId is { } id && texts.TrueForAll(t => t.Id != id) ? await FindAddedAsync(db, userId, draftId, id, cancellationToken) : null;
        return new WordsFound(ViewOf(current), added, ViewOf(parked));
    }

    /// <summary>Parks the text in the box of its author, who goes on with another version. Once is enough.</summary>
    public Task<Result<Done>> ParkAsync(string userId, Guid draftId, Guid textId, CancellationToken cancellationToken = default) =>
        contexts.InTransactionAsync<Result<Done>>(async (db, transaction, token) =>
        {
            var title = await db.ReadableDrafts(userId).Where(d => d.Id == draftId).Select(d => d.Title).SingleOrDefaultAsync(token);
            // Before the text, as commands do, which then find it open or parked and not in between.
            await db.SharedDraft(draftId).LoadAsync(token);
            if (await db.LockedWorkingText(draftId, textId).SingleOrDefaultAsync(token) is not { } text || text.UserId != userId)
            {
                return Refusal.TextUnknown;
            }

            if (text.ParkedAt is null)
            {
                text.Park(ParkedBecause.Replaced, title, clock.Now());
                await db.SaveChangesAsync(token);
                await transaction.CommitAsync(token);
                feed.PublishPresence(draftId);
            }
            return default(Done);
        }, cancellationToken);

    /// <summary>The parked texts of a person, the newest first: of one draft, or of all.</summary>
    public async Task<IReadOnlyList<ParkedTextView>> ListParkedAsync(string userId, Guid? draftId = null, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var readable = db.ReadableDrafts(userId);
        return await db.WorkingTexts.AsNoTracking()
            .Where(t => t.UserId == userId && t.ParkedAt != null && (draftId == null || t.DraftId == draftId)
                && db.Users.Any(u => u.Id == userId && u.DisabledAt == null))
            .OrderByDescending(t => t.ParkedAt).ThenByDescending(t => t.Id)
            .Take(Parking.Most)
            .Select(t => new ParkedTextView(
                t.Id, t.DraftId,
                readable.Where(d => d.Id == t.DraftId).Select(d => d.Title).SingleOrDefault() ?? t.DraftTitle,
                readable.Any(d => d.Id == t.DraftId),
                t.Content.Substring(0, BeginningLength), t.Words, t.Content.Length, t.ParkedAt!.Value, t.ParkedBecause!.Value))
            .ToListAsync(cancellationToken);
    }

    /// <summary>How many parked texts a person has.</summary>
    public async Task<int> CountParkedAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await Parked(db, userId).CountAsync(cancellationToken);
    }

    /// <summary>The whole of a parked text; null if this person has none like it.</summary>
    public async Task<string?> ReadParkedAsync(string userId, Guid draftId, Guid textId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await Parked(db, userId).Where(t => t.DraftId == draftId && t.Id == textId).Select(t => t.Content).SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>Throws a parked text away, because its author says so.</summary>
    public async Task<Result<Done>> DeleteParkedAsync(string userId, Guid draftId, Guid textId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await Parked(db, userId).Where(t => t.DraftId == draftId && t.Id == textId).ExecuteDeleteAsync(cancellationToken) == 1
            ? default(Done)
            : Refusal.TextUnknown;
    }

    private async Task<Result<WorkingText>> BeginAsync(OneRingDbContext db, SaveWords change, CancellationToken cancellationToken)
    {
        // What was added is not begun again by a page that has not heard of it.
        if (change.Base != 0 || await FindAddedAsync(db, change.UserId, change.DraftId, change.TextId, cancellationToken) is not null)
        {
            return Refusal.TextUnknown;
        }

        // Whoever begins waits for a command on the draft, and a command for them: so no text stays open whose author may not write.
        var draft = await db.SharedDraft(change.DraftId).SingleOrDefaultAsync(cancellationToken);
        var me = draft is null ? null : await db.Collaborators.SingleOrDefaultAsync(c => c.DraftId == change.DraftId && c.UserId == change.UserId, cancellationToken);
        var because = change.Park ? ParkedBecause.Replaced : draft is null ? ParkedBecause.Removed : draft.WhyNotWriting(me, change.UserId);
        var now = clock.Now();
        var text = new WorkingText(change.DraftId, change.TextId, change.UserId, now);
        if (because is { } reason)
        {
            if (!await Parking.HasRoomAsync(db, change.UserId, cancellationToken))
            {
                return Refusal.TooManyParked;
            }
            text.Park(reason, me is null ? null : draft!.Title, now);
        }
        else
        {
            // An emptied box is no text that another one could be in the way of.
            await db.WorkingTexts
                .Where(t => t.DraftId == change.DraftId && t.UserId == change.UserId && t.ParkedAt == null && t.Words == 0)
                .ExecuteDeleteAsync(cancellationToken);
        }
        db.WorkingTexts.Add(text);
        return text;
    }

    private static WorkingTextView? ViewOf(WorkingText? text) =>
        text is null ? null : new WorkingTextView(text.Id, text.Revision, text.Content, text.Words, text.Page, text.SavedAt);

    internal static IQueryable<WorkingText> Parked(OneRingDbContext db, string userId) => db.WorkingTexts
        .Where(t => t.UserId == userId && t.ParkedAt != null && db.Users.Any(u => u.Id == userId && u.DisabledAt == null));

    /// <summary>A page adds its text under the id of that text as the key, so the key tells whether it was added, and its result which segment that is.</summary>
    private static async Task<string?> FindAddedAsync(OneRingDbContext db, string userId, Guid draftId, Guid textId, CancellationToken cancellationToken)
    {
        var command = AppendSegment.FromPage(userId, draftId, content: "", textId, turn: null);
        var result = await db.IdempotencyKeys
            .Where(k => k.Scope == command.Scope && k.Key == command.Key)
            .Select(k => k.Result)
            .SingleOrDefaultAsync(cancellationToken);
        if (result is null)
        {
            return null;
        }

        var segmentId = JsonSerializer.Deserialize<Appended>(result)!.SegmentId;
        return await db.Segments.Where(s => s.DraftId == draftId && s.Id == segmentId).Select(s => s.Content).SingleOrDefaultAsync(cancellationToken);
    }
}
