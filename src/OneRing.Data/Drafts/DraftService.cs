using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Invites;
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

    // A draft is read far more often than anything else. Its queries are compiled once, as EF would take longer to understand them
    // anew than the database takes to answer; and for each server by itself, as a compiled query belongs to one database.
    private readonly Func<OneRingDbContext, Guid, IAsyncEnumerable<FoundDraft>> draftOf = EF.CompileAsyncQuery(
        (OneRingDbContext db, Guid draftId) => (
            from draft in db.Drafts
            join creator in db.Users on draft.CreatorId equals creator.Id
            join holder in db.Users on draft.HolderId equals holder.Id
            where draft.Id == draftId
            select new FoundDraft(draft, creator.DisplayName, holder.DisplayName, db.PublicLinks.Any(link => link.DraftId == draft.Id),
                db.Nudges.Where(nudge => nudge.DraftId == draft.Id && nudge.Turn == draft.Turn).Max(nudge => (DateTimeOffset?)nudge.At))).AsNoTracking());

    private readonly Func<OneRingDbContext, Guid, DateTimeOffset, IAsyncEnumerable<FoundPerson>> peopleOf = EF.CompileAsyncQuery(
        (OneRingDbContext db, Guid draftId, DateTimeOffset now) =>
            from collaborator in db.Collaborators
            join user in db.Users on collaborator.UserId equals user.Id
            where collaborator.DraftId == draftId
            orderby collaborator.JoinedAt, collaborator.UserId
            select new FoundPerson(
                new CollaboratorView(
                    collaborator.UserId, user.UserName!, User.DisplayOf(collaborator.UserId, user.DisplayName), collaborator.Role, collaborator.JoinedAt,
                    user.DisabledAt != null, AwayOf(collaborator.AwayUntil, user.AwayUntil, now), collaborator.Place, null),
                collaborator.MissedTurns,
                collaborator.ShowsLive,
                db.Segments.Where(segment => segment.DraftId == draftId && segment.AuthorId == collaborator.UserId && segment.CreatedAt <= now)
                    .Max(segment => (DateTimeOffset?)segment.CreatedAt)));

    private readonly Func<OneRingDbContext, Guid, IAsyncEnumerable<SegmentView>> segmentsOf = EF.CompileAsyncQuery(
        (OneRingDbContext db, Guid draftId) =>
            from segment in db.Segments
            join author in db.Users on segment.AuthorId equals author.Id
            where segment.DraftId == draftId
            orderby segment.Position
            select new SegmentView(
                segment.Id, segment.Position, segment.AuthorId, User.DisplayOf(segment.AuthorId, author.DisplayName), segment.Turn, segment.Content, segment.CreatedAt));

    // The windows of a text begin at fixed places, so that one which is read again after a segment was added still begins where it did.
    private readonly Func<OneRingDbContext, Guid, IAsyncEnumerable<SegmentView>> lastSegmentsOf = EF.CompileAsyncQuery(
        (OneRingDbContext db, Guid draftId) =>
            from segment in db.Segments
            join author in db.Users on segment.AuthorId equals author.Id
            where segment.DraftId == draftId
                && segment.Position >= ((db.Drafts.Where(draft => draft.Id == draftId).Select(draft => draft.SegmentCount).First() / LastSegments) - 1) * LastSegments
            orderby segment.Position
            select new SegmentView(
                segment.Id, segment.Position, segment.AuthorId, User.DisplayOf(segment.AuthorId, author.DisplayName), segment.Turn, segment.Content, segment.CreatedAt));

    private readonly Func<OneRingDbContext, Guid, IAsyncEnumerable<SegmentView>> lastSegmentOf = EF.CompileAsyncQuery(
        (OneRingDbContext db, Guid draftId) => (
            from segment in db.Segments
            join author in db.Users on segment.AuthorId equals author.Id
            where segment.DraftId == draftId
            orderby segment.Position descending
            select new SegmentView(
                segment.Id, segment.Position, segment.AuthorId, User.DisplayOf(segment.AuthorId, author.DisplayName), segment.Turn, segment.Content, segment.CreatedAt))
            .Take(1));

    // Whoever wrote held the ring. Asked by person, each last time is one step into an index, however long the text is.
    private readonly Func<OneRingDbContext, Guid, DateTimeOffset, IAsyncEnumerable<LastWriting>> writingOf = EF.CompileAsyncQuery(
        (OneRingDbContext db, Guid draftId, DateTimeOffset now) =>
            from holderId in db.RingPasses.Where(pass => pass.DraftId == draftId).Select(pass => pass.FromId)
                .Union(db.Drafts.Where(draft => draft.Id == draftId).Select(draft => draft.HolderId))
            let at = db.Segments.Where(segment => segment.DraftId == draftId && segment.AuthorId == holderId && segment.CreatedAt <= now)
                .Max(segment => (DateTimeOffset?)segment.CreatedAt)
            where at != null
            select new LastWriting(holderId, at.Value));

    private readonly Func<OneRingDbContext, Guid, IAsyncEnumerable<RingPassView>> passesOf = EF.CompileAsyncQuery(
        (OneRingDbContext db, Guid draftId) =>
            from pass in db.RingPasses
            join @from in db.Users on pass.FromId equals @from.Id
            join to in db.Users on pass.ToId equals to.Id
            where pass.DraftId == draftId
            orderby pass.Turn
            select new RingPassView(
                pass.Turn, pass.FromId, User.DisplayOf(pass.FromId, @from.DisplayName), pass.ToId, User.DisplayOf(pass.ToId, to.DisplayName),
                pass.PassedAt, pass.Chosen, pass.Reason, pass.Note));

    private readonly Func<OneRingDbContext, Guid, IAsyncEnumerable<RingWishView>> wishesOf = EF.CompileAsyncQuery(
        (OneRingDbContext db, Guid draftId) =>
            from wish in db.RingWishes
            join draft in db.Drafts on new { Id = wish.DraftId, wish.Turn } equals new { draft.Id, draft.Turn }
            join user in db.Users on wish.UserId equals user.Id
            where wish.DraftId == draftId
            orderby wish.At, wish.UserId
            select new RingWishView(wish.UserId, User.DisplayOf(wish.UserId, user.DisplayName), wish.At, wish.Note));

    private readonly Func<OneRingDbContext, Guid, DateTimeOffset, IAsyncEnumerable<PendingInvite>> pendingInvitesOf = EF.CompileAsyncQuery(
        (OneRingDbContext db, Guid draftId, DateTimeOffset now) =>
            from invite in db.Invites
            where invite.DraftId == draftId && invite.State == InviteState.Pending && invite.ExpiresAt > now
                && db.Collaborators.Any(maker => maker.DraftId == draftId && maker.UserId == invite.CreatedBy)
                && db.Users.Any(maker => maker.Id == invite.CreatedBy && maker.DisabledAt == null)
            orderby invite.CreatedAt, invite.Id
            select new PendingInvite(invite.Id));

    // A draft that many have open is read by all of them at the same moment, after each change.
    private readonly SharedReads<Guid, FoundReading?> opened;
    private readonly SameLists<SegmentView> knownSegments = new();
    private readonly SameLists<RingPassView> knownPasses = new();
    private readonly SameLists<CollaboratorView> knownPeople = new();

    internal DraftService(IDbContextFactory<OneRingDbContext> contexts, DraftCommands commands, TimeProvider clock)
    {
        this.contexts = contexts;
        this.commands = commands;
        this.clock = clock;
        opened = new SharedReads<Guid, FoundReading?>(draftId => ReadAsync(draftId, segments: null, clock.Now(), CancellationToken.None));
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
        (await opened.AskAsync(draftId, cancellationToken))?.For(userId);

    /// <summary>The same with as much of the text as is wanted, and its metrics at an instant: now, unless another is asked for.</summary>
    public async Task<DraftReading?> FindAsync(
        Guid draftId, string userId, SegmentChoice segments, DateTimeOffset? now, CancellationToken cancellationToken = default) =>
        await ReadAsync(draftId, segments, now ?? clock.Now(), cancellationToken) is { } found && found.For(userId) is { } draft
            ? new DraftReading(draft, found.Metrics!)
            : null;

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

        var now = clock.Now();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        List<Parts> drafts = [.. page.Value.Items.Select(draft => new Parts(this, db, draft.Id, SegmentChoice.None, now))];
        var readings = new List<DraftReading>();
        await using var trip = await OneTrip.SendAsync(db, cancellationToken, [.. drafts.SelectMany(draft => draft.Queries)]);
        foreach (var draft in drafts)
        {
            if (await draft.ReadAsync(cancellationToken) is { } found && found.For(userId) is { } view)
            {
                readings.Add(new DraftReading(view, found.Metrics!));
            }
        }
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

    /// <summary>A draft for all of its people, in one journey.</summary>
    /// <param name="segments">Null for what a page opens with: the end of the text, and no metrics.</param>
    private async Task<FoundReading?> ReadAsync(Guid draftId, SegmentChoice? segments, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var parts = new Parts(this, db, draftId, segments, now);
        await using var trip = await OneTrip.SendAsync(db, cancellationToken, parts.Queries);
        return await parts.ReadAsync(cancellationToken);
    }

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

    private static DateTimeOffset? AwayOf(DateTimeOffset? here, DateTimeOffset? all, DateTimeOffset now) =>
        new[] { here, all }.Where(until => until > now).Max();

    /// <summary>The people and how each takes their turns. The passes were read after the people: none of their misses is without its pass.</summary>
    private static List<CollaboratorView> WithHabits(List<FoundPerson> people, IReadOnlyList<RingPassView> passes, DateTimeOffset createdAt)
    {
        var had = passes.CountBy(pass => pass.FromId, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var last = passes.Zip(passes.Select(pass => pass.PassedAt).Prepend(createdAt), (pass, begunAt) => (pass.FromId, Length: pass.PassedAt - begunAt))
            .TakeLast(TurnHabit.TurnsLookedAt)
            .ToLookup(turn => turn.FromId, turn => turn.Length, StringComparer.Ordinal);
        return people.ConvertAll(person => person.View with
        {
            Habit = TurnHabit.Of(had.GetValueOrDefault(person.View.UserId), person.MissedTurns, [.. last[person.View.UserId]]),
        });
    }

    /// <summary>The next three holders under the strategy of the draft.</summary>
    private static IReadOnlyList<NextHolder> Foresee(DraftView view, IReadOnlyList<FoundPerson> people)
    {
        const int Count = 3;
        var wrote = people.ToDictionary(person => person.View.UserId, person => person.LastWroteAt, StringComparer.Ordinal);
        var expired = view.Passes.Where(pass => pass.Chosen == Chosen.Expired).GroupBy(pass => pass.FromId, StringComparer.Ordinal)
            .ToDictionary(own => own.Key, own => own.Max(pass => pass.PassedAt), StringComparer.Ordinal);
        return NextHolder.Foresee(
            view.Rules.Strategy,
            view.HolderId,
            view.Collaborators.Where(person => person.CanHold).Select(person => new Candidate(
                person.UserId, person.Name, person.Role, person.JoinedAt,
                wrote[person.UserId],
                expired.TryGetValue(person.UserId, out var over) ? over : null,
                person.Place, person.AwayUntil is not null)),
            view.UpdatedAt + TimeRange.Instant,
            Count);
    }

    private static Refusal? Write(DraftCommands.Scene scene, Segment segment)
    {
        scene.Db.Segments.Add(segment);
        scene.Db.AnalyticsEvents.Add(AnalyticsEvent.SegmentAdded(segment));
        return null;
    }

    private sealed record PendingInvite(Guid Id);

    private sealed record FoundPerson(CollaboratorView View, int MissedTurns, bool ShowsLive, DateTimeOffset? LastWroteAt);

    private sealed record FoundDraft(Draft Draft, string? CreatorName, string? HolderName, bool IsPublic, DateTimeOffset? NudgedAt);

    /// <summary>A draft as all of its people together could see it, and how it is told to each.</summary>
    /// <param name="Metrics">Null for a page, which shows none.</param>
    private sealed record FoundReading(DraftView Draft, DraftMetrics? Metrics, IReadOnlyList<RingPassView> PassesWithNotes, IReadOnlySet<string> WhoShowsLive)
    {
        /// <summary>What somebody may see; null if they are none of its people, or their account is disabled.</summary>
        public DraftView? For(string userId) =>
            Draft.Collaborators.FirstOrDefault(person => person.UserId == userId) is { IsDisabled: false } me
                ? Draft with
                {
                    Role = me.Role,
                    ShowsLive = WhoShowsLive.Contains(userId),
                    Wishes = Draft.HolderId == userId ? Draft.Wishes : [.. Draft.Wishes.Where(wish => wish.UserId == userId)],
                    Passes = PassesWithNotes.Any(pass => pass.ToId == userId && pass.Note is not null)
                        ? [.. PassesWithNotes.Select(pass => pass.ToId == userId ? pass : pass with { Note = null })]
                        : Draft.Passes,
                }
                : null;
    }

    /// <summary>The queries that make up a draft. They travel together and are then read in their order.</summary>
    private sealed class Parts(DraftService service, OneRingDbContext db, Guid draftId, SegmentChoice? choice, DateTimeOffset now)
    {
        private readonly IAsyncEnumerable<FoundDraft> drafts = service.draftOf(db, draftId);
        private readonly IAsyncEnumerable<FoundPerson> people = service.peopleOf(db, draftId, now);
        private readonly IAsyncEnumerable<RingWishView> wishes = service.wishesOf(db, draftId);
        private readonly IAsyncEnumerable<RingPassView> passes = service.passesOf(db, draftId);
        private readonly IAsyncEnumerable<PendingInvite> invites = service.pendingInvitesOf(db, draftId, now);

        private readonly IAsyncEnumerable<SegmentView>? segments = choice switch
        {
            SegmentChoice.All => service.segmentsOf(db, draftId),
            SegmentChoice.Last => service.lastSegmentOf(db, draftId),
            SegmentChoice.None => null,
            _ => service.lastSegmentsOf(db, draftId),
        };

        // Who wrote when, those included who have left, is asked for metrics. It can be seen from the text, if that is read anyway.
        private readonly IAsyncEnumerable<LastWriting>? writing = choice is SegmentChoice.Last or SegmentChoice.None ? service.writingOf(db, draftId, now) : null;

        public IAsyncEnumerable<object>[] Queries
        {
            get
            {
                IAsyncEnumerable<object>?[] all = [drafts, people, segments, writing, passes, invites, wishes];
                return [.. all.OfType<IAsyncEnumerable<object>>()];
            }
        }

        public async Task<FoundReading?> ReadAsync(CancellationToken cancellationToken)
        {
            var found = await drafts.SingleOrDefaultAsync(cancellationToken);
            var itsPeople = await people.ToListAsync(cancellationToken);
            var itsSegments = segments is null ? [] : await segments.ToListAsync(cancellationToken);
            var itsWriting = writing is null ? null : await writing.ToListAsync(cancellationToken);
            var itsPasses = await passes.ToListAsync(cancellationToken);
            var itsInvites = await invites.Select(invite => invite.Id).ToListAsync(cancellationToken);
            var itsWishes = await wishes.ToListAsync(cancellationToken);
            if (found is not { Draft: var the })
            {
                return null;
            }

            // The draft was read first. What was written since then belongs to the next version.
            List<SegmentView> text = itsSegments.FindAll(segment => segment.Position < the.SegmentCount);
            List<RingPassView> withNotes = [.. itsPasses.Where(pass => pass.Turn <= the.Turn)];
            var view = new DraftView(
                the.Id, the.Title, the.Platform, the.Status, Role.Reader, the.CreatorId, User.DisplayOf(the.CreatorId, found.CreatorName),
                the.HolderId, User.DisplayOf(the.HolderId, found.HolderName), the.HeldSince, the.Turn, the.Version, the.CreatedAt, the.UpdatedAt, the.LastActivityAt,
                the.CompletedAt, the.ArchivedAt, the.OfferedToId,
                service.knownPeople.Of(draftId, WithHabits(itsPeople, itsPasses, the.CreatedAt)),
                the.SegmentCount,
                choice is null ? service.knownSegments.Of(draftId, text) : text,
                service.knownPasses.Of(draftId, withNotes.ConvertAll(pass => pass with { Note = null })),
                itsInvites,
                found.IsPublic,
                ShowsLive: false,
                found.NudgedAt,
                the.Rules,
                new TurnView(the.Clock.EndsAt, the.Clock is { IsRunning: true, Step: ClockStep.Over }, the.Clock.More, the.Clock.MoreAt),
                itsWishes,
                NextHolders: []);
            view = view with { NextHolders = view.IsOpen ? Foresee(view, itsPeople) : [] };
            if (choice == SegmentChoice.All)
            {
                itsWriting = [.. text.Where(segment => segment.CreatedAt <= now).Select(segment => new LastWriting(segment.AuthorId, segment.CreatedAt))];
            }
            return new FoundReading(
                view, itsWriting is null ? null : DraftMetrics.Of(view, itsWriting, now), withNotes,
                itsPeople.Where(person => person.ShowsLive).Select(person => person.View.UserId).ToHashSet(StringComparer.Ordinal));
        }
    }
}
