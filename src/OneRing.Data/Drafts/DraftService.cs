using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Notices;
using OneRing.Data.Rings;

namespace OneRing.Data.Drafts;

/// <summary>Drafts as such: starting, reading, listing, renaming, pausing and finishing them.</summary>
public sealed class DraftService
{
    public const int LongestListing = 100;

    /// <summary>At least so many segments of a longer text are there when its page opens.</summary>
    public const int LastSegments = 100;

    /// <summary>So many earlier ones are read at once at the most.</summary>
    public const int MostEarlier = 1_000;

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly DraftCommands commands;
    private readonly TimeProvider clock;
    private readonly DraftReader reader;

    internal DraftService(IDbContextFactory<OneRingDbContext> contexts, DraftCommands commands, TimeProvider clock)
    {
        this.contexts = contexts;
        this.commands = commands;
        this.clock = clock;
        reader = new DraftReader(contexts, clock);
    }

    /// <summary>Starts a draft; answers its id.</summary>
    public Task<Result<Guid>> CreateAsync(CreateDraft request, CancellationToken cancellationToken = default) =>
        commands.CreateAsync(request, scene =>
        {
            scene.Db.AnalyticsEvents.Add(AnalyticsEvent.DraftCreated(scene.Draft));
            if (request.FirstSegment is { } content)
            {
                var segment = scene.Draft.Append(new AppendSegment(request.UserId, scene.Draft.Id, content, request.Key), scene.Now);
                return segment.Succeeded ? Write(scene, segment.Value) : segment.Refusal;
            }
            return null;
        }, cancellationToken);

    /// <summary>The draft as this person may see it, with the end of its text: at least the last <see cref="LastSegments"/>, if it has so many, and less than twice as many. Null if there is none, or none for them.</summary>
    public async Task<DraftView?> FindAsync(Guid draftId, string userId, CancellationToken cancellationToken = default) =>
        (await reader.OpenAsync(draftId, cancellationToken))?.For(userId);

    /// <summary>The same with as much of the text as is wanted, and its metrics at an instant: now, unless another is asked for.</summary>
    public async Task<DraftReading?> FindAsync(
        Guid draftId, string userId, SegmentChoice segments, DateTimeOffset? now, CancellationToken cancellationToken = default) =>
        (await reader.ReadAsync([draftId], segments, now ?? clock.Now(), cancellationToken)).SingleOrDefault()?.WithMetricsFor(userId);

    /// <summary>What stands before a segment, in order; nothing, if there is none of it, or no such draft for this person.</summary>
    /// <param name="before">The position of that segment, from 0.</param>
    /// <param name="limit">How many at the most, the nearest of them: 1 to <see cref="MostEarlier"/>.</param>
    public async Task<IReadOnlyList<SegmentView>> ListEarlierAsync(string userId, Guid draftId, int before, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(before);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MostEarlier);

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await (
            from draft in db.ReadableDrafts(userId)
            join segment in db.Segments on draft.Id equals segment.DraftId
            join author in db.Users on segment.AuthorId equals author.Id
            where draft.Id == draftId && segment.Position < before && segment.Position >= before - limit
            orderby segment.Position
            select new SegmentView(
                segment.Id, segment.Position, segment.AuthorId, User.DisplayOf(segment.AuthorId, author.DisplayName), segment.Turn, segment.Content, segment.CreatedAt))
            .ToListAsync(cancellationToken);
    }

    /// <summary>The drafts of a person, own and shared, newest activity first.</summary>
    /// <param name="search">Part of a title, in any case.</param>
    /// <param name="cursor">What the page before gave as its <see cref="Listing{T}.NextCursor"/>.</param>
    /// <param name="limit">How many at the most: 1 to <see cref="LongestListing"/>.</param>
    public async Task<Result<Listing<DraftSummary>>> ListAsync(
        string userId, DraftFilter filter = DraftFilter.All, string? search = null, string? cursor = null, int limit = 20, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, LongestListing);

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var drafts = db.ReadableDrafts(userId).Where(d => (d.ArchivedAt != null) == (filter == DraftFilter.Archived));
        drafts = filter switch
        {
            DraftFilter.YourTurn => drafts.Where(d => d.HolderId == userId && d.Status == DraftStatus.Active),
            DraftFilter.Waiting => drafts.Where(d =>
                d.Status == DraftStatus.Locked || (d.Status == DraftStatus.Active && d.HolderId != userId)),
            DraftFilter.Finished => drafts.Where(d => d.Status == DraftStatus.Completed),
            _ => drafts,
        };
        if (search?.Trim().ToLowerInvariant() is { Length: > 0 } sought)
        {
            if (!Texts.IsReadable(sought))
            {
                return new Listing<DraftSummary>([], NextCursor: null);
            }
            drafts = drafts.Where(d => d.FoldedTitle.Contains(sought));
        }
        if (cursor is not null)
        {
            if (Cursor.Read(cursor) is not { } after)
            {
                return Refusal.CursorInvalid;
            }
            drafts = drafts.Where(d => d.LastActivityAt < after.At || (d.LastActivityAt == after.At && d.Id < after.Id));
        }

        var rows = await (
            from draft in drafts.OrderByDescending(d => d.LastActivityAt).ThenByDescending(d => d.Id).Take(limit + 1)
            join me in db.Collaborators on new { DraftId = draft.Id, UserId = userId } equals new { me.DraftId, me.UserId }
            join holder in db.Users on draft.HolderId equals holder.Id
            orderby draft.LastActivityAt descending, draft.Id descending
            select new DraftSummary(
                draft.Id, draft.Title, draft.Platform, draft.Status, me.Role,
                draft.HolderId, User.DisplayOf(draft.HolderId, holder.DisplayName), draft.HeldSince,
                draft.Turn, draft.SegmentCount, draft.LastActivityAt, draft.Version)).ToListAsync(cancellationToken);

        return rows.Count <= limit
            ? new Listing<DraftSummary>(rows, NextCursor: null)
            : new Listing<DraftSummary>(rows[..limit], new Cursor(rows[limit - 1].LastActivityAt, rows[limit - 1].Id).ToString());
    }

    /// <summary>The same list, each draft whole but for its text.</summary>
    public async Task<Result<Listing<DraftReading>>> ListWholeAsync(
        string userId, DraftFilter filter = DraftFilter.All, string? search = null, string? cursor = null, int limit = 20, CancellationToken cancellationToken = default)
    {
        var page = await ListAsync(userId, filter, search, cursor, limit, cancellationToken);
        if (!page.Succeeded)
        {
            return page.Refusal.Value;
        }

        var found = await reader.ReadAsync([.. page.Value.Items.Select(draft => draft.Id)], SegmentChoice.None, clock.Now(), cancellationToken);
        List<DraftReading> readings = [.. found.Select(reading => reading.WithMetricsFor(userId)).OfType<DraftReading>()];
        return new Listing<DraftReading>(readings, page.Value.NextCursor);
    }

    public Task<Result<Done>> RenameAsync(RenameDraft request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene => scene.Draft.Rename(request, scene.Now), cancellationToken);

    /// <summary>Changes several things of a draft at once, or none of them.</summary>
    public Task<Result<Done>> ChangeAsync(ChangeDraft request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene => scene.Draft.Change(request, scene.Now), cancellationToken);

    public Task<Result<Done>> LockAsync(LockDraft request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene => scene.Draft.Lock(scene.Now), cancellationToken);

    public Task<Result<Done>> UnlockAsync(UnlockDraft request, CancellationToken cancellationToken = default) =>
        commands.RunAsync<Done>(request, scene =>
        {
            var result = scene.Draft.Unlock(scene.Now);
            if (!result.Succeeded)
            {
                return result.Refusal.Value;
            }

            scene.Write(result.Value.Pass, request.UserId);
            return default(Done);
        }, cancellationToken);

    public Task<Result<Done>> ArchiveAsync(ArchiveDraft request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene => scene.Draft.Archive(request.Away, scene.Now), cancellationToken);

    /// <summary>Deletes a draft with its text, its ring and its people. Of its events remains that they happened.</summary>
    public Task<Result<Done>> DeleteAsync(DeleteDraft request, CancellationToken cancellationToken = default) =>
        commands.RunAsync<Done>(request, async scene =>
        {
            if (request.Title != scene.Draft.Title)
            {
                return Refusal.TitleDiffers;
            }

            await ForgetPassesAsync(scene);
            scene.Delete();
            return default(Done);
        }, cancellationToken);

    public Task<Result<Done>> CompleteAsync(CompleteDraft request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene =>
        {
            var result = scene.Draft.Complete(scene.Now);
            if (result.Succeeded)
            {
                scene.Db.AnalyticsEvents.Add(AnalyticsEvent.DraftPublished(scene.Draft, request.UserId));
                foreach (var other in scene.Draft.Collaborators.Where(c => c.UserId != request.UserId))
                {
                    scene.Notify(NoticeKind.Completed, other.UserId, "completed", request.UserId);
                }
            }
            return result;
        }, cancellationToken);

    /// <summary>Notes that somebody looked at a draft: once a person, draft and UTC day. Says whether this was the first look of the day.</summary>
    public Task<Result<bool>> RecordVisitAsync(string userId, Guid draftId, CancellationToken cancellationToken = default) =>
        contexts.InTransactionAsync<Result<bool>>(async (db, transaction, token) =>
        {
            if (!await db.ReadableDrafts(userId).AnyAsync(d => d.Id == draftId, token))
            {
                return Refusal.NotFound;
            }

            var now = clock.Now();
            var visit = new DraftVisit(draftId, userId, DateOnly.FromDateTime(now.UtcDateTime));
            if (!await db.InsertOnceAsync(visit, token))
            {
                return false;
            }

            await db.InsertOnceAsync(AnalyticsEvent.DraftViewed(visit, now), token);
            await transaction.CommitAsync(token);
            return true;
        }, cancellationToken);

    /// <summary>The answers that are kept for retries of a pass repeat its note and its reason: words, and names, that go with the draft.</summary>
    private static async Task ForgetPassesAsync(DraftCommands.Scene scene)
    {
        var (db, draftId) = (scene.Db, scene.Draft.Id);
        var passes = await db.RingPasses.Where(p => p.DraftId == draftId).Select(p => new { p.FromId, p.ToId }).Distinct().ToListAsync(scene.CancellationToken);
        var scopes = passes
            .SelectMany(p => new DraftCommand[]
            {
                new PassRing(p.FromId, draftId, p.ToId, Key: null), new SmartPass(p.FromId, draftId, Strategy: null, Key: null), new ReclaimRing(p.ToId, draftId),
            })
            .Select(command => command.Scope)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        await db.IdempotencyKeys.Where(k => scopes.Contains(k.Scope)).ExecuteDeleteAsync(scene.CancellationToken);
    }

    private static Refusal? Write(DraftCommands.Scene scene, Segment segment)
    {
        scene.Db.Segments.Add(segment);
        scene.Db.AnalyticsEvents.Add(AnalyticsEvent.SegmentAdded(segment));
        return null;
    }
}
