using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Invites;
using OneRing.Data.Rings;

namespace OneRing.Data.Drafts;

/// <summary>Reads drafts for all of their people: everything that is told of one in one journey, and what many ask for at the same moment once.</summary>
internal sealed class DraftReader
{
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

    // The last so many segments at least, and less than twice as many. They begin at a multiple of it, so that what is read again after one was added still begins where it did.
    private readonly Func<OneRingDbContext, Guid, int, IAsyncEnumerable<SegmentView>> segmentsOf = EF.CompileAsyncQuery(
        (OneRingDbContext db, Guid draftId, int atLeast) =>
            from segment in db.Segments
            join author in db.Users on segment.AuthorId equals author.Id
            where segment.DraftId == draftId
                && segment.Position >= ((db.Drafts.Where(draft => draft.Id == draftId).Select(draft => draft.SegmentCount).First() / atLeast) - 1) * atLeast
            orderby segment.Position
            select new SegmentView(
                segment.Id, segment.Position, segment.AuthorId, User.DisplayOf(segment.AuthorId, author.DisplayName), segment.Turn, segment.Content, segment.CreatedAt));

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
    private readonly IDbContextFactory<OneRingDbContext> contexts;

    public DraftReader(IDbContextFactory<OneRingDbContext> contexts, TimeProvider clock)
    {
        this.contexts = contexts;
        opened = new SharedReads<Guid, FoundReading?>(async draftId => (await ReadAsync([draftId], choice: null, clock.Now(), CancellationToken.None)).SingleOrDefault());
    }

    /// <summary>What the page of a draft opens with: the end of the text, and no metrics.</summary>
    public Task<FoundReading?> OpenAsync(Guid draftId, CancellationToken cancellationToken) => opened.AskAsync(draftId, cancellationToken);

    /// <summary>Those of the drafts that are there, in one journey, with as much of the text as is wanted, and their metrics at an instant.</summary>
    /// <param name="choice">Null for what a page opens with.</param>
    public async Task<IReadOnlyList<FoundReading>> ReadAsync(IReadOnlyList<Guid> draftIds, SegmentChoice? choice, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        List<Parts> drafts = [.. draftIds.Select(id => new Parts(this, db, id, choice, now))];
        await using var trip = await OneTrip.SendAsync(db, cancellationToken, [.. drafts.SelectMany(draft => draft.Queries)]);
        var readings = new List<FoundReading>(drafts.Count);
        foreach (var draft in drafts)
        {
            if (await draft.ReadAsync(cancellationToken) is { } reading)
            {
                readings.Add(reading);
            }
        }
        return readings;
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

    private sealed record PendingInvite(Guid Id);

    private sealed record FoundPerson(CollaboratorView View, int MissedTurns, bool ShowsLive, DateTimeOffset? LastWroteAt);

    private sealed record FoundDraft(Draft Draft, string? CreatorName, string? HolderName, bool IsPublic, DateTimeOffset? NudgedAt);

    /// <summary>The queries that make up a draft. They travel together and are then read in their order.</summary>
    private sealed class Parts(DraftReader reader, OneRingDbContext db, Guid draftId, SegmentChoice? choice, DateTimeOffset now)
    {
        private readonly IAsyncEnumerable<FoundDraft> drafts = reader.draftOf(db, draftId);
        private readonly IAsyncEnumerable<FoundPerson> people = reader.peopleOf(db, draftId, now);
        private readonly IAsyncEnumerable<RingWishView> wishes = reader.wishesOf(db, draftId);
        private readonly IAsyncEnumerable<RingPassView> passes = reader.passesOf(db, draftId);
        private readonly IAsyncEnumerable<PendingInvite> invites = reader.pendingInvitesOf(db, draftId, now);

        private readonly IAsyncEnumerable<SegmentView>? segments = choice switch
        {
            SegmentChoice.All => reader.segmentsOf(db, draftId, int.MaxValue),
            SegmentChoice.Last => reader.segmentsOf(db, draftId, 1),
            SegmentChoice.None => null,
            _ => reader.segmentsOf(db, draftId, DraftService.LastSegments),
        };

        // Who wrote when, those included who have left, is asked for metrics. It can be seen from the text, if that is read anyway.
        private readonly IAsyncEnumerable<LastWriting>? writing = choice is SegmentChoice.Last or SegmentChoice.None ? reader.writingOf(db, draftId, now) : null;

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
                reader.knownPeople.Of(draftId, WithHabits(itsPeople, itsPasses, the.CreatedAt)),
                the.SegmentCount,
                choice is null ? reader.knownSegments.Of(draftId, text) : text,
                reader.knownPasses.Of(draftId, withNotes.ConvertAll(pass => pass with { Note = null })),
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

/// <summary>A draft as all of its people together could see it, and how it is told to each.</summary>
/// <param name="Metrics">Null for a page, which shows none.</param>
internal sealed record FoundReading(DraftView Draft, DraftMetrics? Metrics, IReadOnlyList<RingPassView> PassesWithNotes, IReadOnlySet<string> WhoShowsLive)
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

    /// <summary>The same with the metrics, for whoever asked for them.</summary>
    public DraftReading? WithMetricsFor(string userId) => For(userId) is { } draft ? new DraftReading(draft, Metrics!) : null;
}
