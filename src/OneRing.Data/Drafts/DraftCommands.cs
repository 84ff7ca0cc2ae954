using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Feed;
using OneRing.Data.Idempotency;
using OneRing.Data.Notices;
using OneRing.Data.Rings;
using OneRing.Data.Writing;

namespace OneRing.Data.Drafts;

/// <summary>
/// The one place that knows how a command runs: it locks the draft's row, so that commands on one draft queue; gives back
/// the earlier result of its key if there is one; lets the operation decide; writes the effect, its events and the key
/// in one transaction, or nothing; and tells the feed. What this server remembers of a draft saves the look: the operation
/// decides from it, and what it writes is kept only where the draft is still so.
/// </summary>
internal sealed partial class DraftCommands
{
    /// <summary>A key can be raced for only where there is no draft to queue at; the loser then finds the winner's result.</summary>
    private const int MostAttempts = 3;

    private static readonly TimeSpan TimeAfterFault = TimeSpan.FromMinutes(1);

    // What every command looks for first is compiled once: EF would take a good part of a command's time to understand it anew.
    private readonly Func<OneRingDbContext, Guid, IAsyncEnumerable<Person>> people = EF.CompileAsyncQuery(
        (OneRingDbContext db, Guid draftId) =>
            from collaborator in db.Collaborators
            join user in db.Users on collaborator.UserId equals user.Id
            where collaborator.DraftId == draftId
            select new Person(
                collaborator, user.DisabledAt != null, new Whereabouts(user.TimeZone, user.AwaySince, user.AwayUntil), Provider.RowOf(collaborator.UserId), Provider.RowOf(user.Id)));

    private readonly Func<OneRingDbContext, Guid, IAsyncEnumerable<Draft>> drafts = EF.CompileAsyncQuery(
        (OneRingDbContext db, Guid draftId) => db.Drafts.Where(draft => draft.Id == draftId));

    private readonly Func<OneRingDbContext, string, string, IAsyncEnumerable<IdempotencyKey>> keys = EF.CompileAsyncQuery(
        (OneRingDbContext db, string scope, string key) => db.IdempotencyKeys.AsNoTracking().Where(k => k.Scope == scope && k.Key == key));

    private readonly Func<OneRingDbContext, Guid, IAsyncEnumerable<OpenText>> openTexts = EF.CompileAsyncQuery(
        (OneRingDbContext db, Guid draftId) => db.WorkingTexts
            .Where(t => t.DraftId == draftId && t.ParkedAt == null)
            .Select(t => new OpenText(t.DraftId, t.Id, t.UserId, t.Words)));

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly DraftFeed feed;
    private readonly TimeProvider clock;
    private readonly DraftMemory memory;
    private readonly ILogger<DraftCommands> logger;
    private readonly DraftQueue queue = new();

    public DraftCommands(IDbContextFactory<OneRingDbContext> contexts, DraftFeed feed, DraftMemory memory, TimeProvider clock, ILogger<DraftCommands> logger)
    {
        (this.contexts, this.feed, this.memory, this.clock, this.logger) = (contexts, feed, memory, clock, logger);
        feed.Delivered += change => memory.Forget(change.DraftId, change.Version);
    }

    /// <summary>What an operation decides with. What it adds to the context is saved if it succeeds.</summary>
    public sealed record Scene(OneRingDbContext Db, Draft Draft, DateTimeOffset Now, CancellationToken CancellationToken)
    {
        /// <summary>The texts that stand in the boxes of the people of the draft.</summary>
        public IReadOnlyList<OpenText> OpenTexts { get; init; } = [];

        /// <summary>Who should hear of the change besides the people of the draft.</summary>
        public List<string> AlsoConcerned { get; } = [];

        /// <summary>Whether the draft will be gone.</summary>
        public bool IsDeleted { get; private set; }

        /// <summary>Deletes the draft.</summary>
        public void Delete()
        {
            Db.Drafts.Remove(Draft);
            IsDeleted = true;
        }

        /// <summary>Writes down a pass with its event, if the ring has moved.</summary>
        public void Write(RingPass? pass, string? actorId)
        {
            if (pass is not null)
            {
                Db.RingPasses.Add(pass);
                Db.AnalyticsEvents.Add(AnalyticsEvent.RingPassed(pass, actorId));
                if (pass.ToId != actorId)
                {
                    Notify(NoticeKind.YourTurn, pass.ToId, Notice.CauseOf(pass.Turn), pass.FromId);
                }
            }
        }

        /// <summary>Tells somebody of what happens here, in the transaction in which it happens.</summary>
        /// <param name="cause">What it is told of, so that it is told once.</param>
        /// <param name="actorId">Who has done it, if somebody has.</param>
        public void Notify(NoticeKind kind, string userId, string cause, string? actorId = null) =>
            Db.Notices.Add(new Notice(userId, kind, Draft.Id, cause, actorId, Now));
    }

    public Task<Result<T>> RunAsync<T>(DraftCommand command, Func<Scene, Result<T>> decide, CancellationToken cancellationToken) =>
        RunAsync(command, scene => ValueTask.FromResult(decide(scene)), cancellationToken);

    public Task<Result<T>> RunAsync<T>(DraftCommand command, Func<Scene, ValueTask<Result<T>>> decide, CancellationToken cancellationToken) =>
        AttemptAsync<T>(
            command,
            async token =>
            {
                // For each attempt anew: nobody stands in the way of others while they wait for the database to come back.
                using var turn = await queue.EnterAsync(command.DraftId, token);
                return await RunFromMemoryAsync(command, decide, token) ?? await AttemptOnceAsync(command, (db, inner) => RunOnceAsync(db, command, decide, inner), token);
            },
            cancellationToken);

    public Task<Result<Guid>> CreateAsync(CreateDraft command, Func<Scene, Refusal?> start, CancellationToken cancellationToken) =>
        AttemptAsync<Guid>(command, attempt => AttemptOnceAsync<Guid>(command, async (db, token) =>
        {
            if (!await HasAccountAsync(db, command.UserId, token))
            {
                return new Outcome<Guid>(Refusal.Forbidden);
            }
            if (await keys(db, command.Scope, command.Key).SingleOrDefaultAsync(token) is { } key)
            {
                return new Outcome<Guid>(Earlier<Guid>(key, command));
            }

            var now = clock.Now();
            var draft = Draft.Create(command, now);
            db.Drafts.Add(draft);
            return start(new Scene(db, draft, now, token)) is { } refusal
                ? new Outcome<Guid>(refusal)
                : new Outcome<Guid>(draft.Id, draft, []);
        }, attempt), cancellationToken);

    /// <summary>
    /// Goes once through all that an addition and a pass go through, with a draft and people who are taken back before anybody sees them. Whoever
    /// does something first on a server that has just started would otherwise wait for it to learn how.
    /// </summary>
    public Task RehearseAsync(CancellationToken cancellationToken) => contexts.InTransactionAsync(
        async (db, _, token) =>
        {
            var now = clock.Now();
            var (one, other) = (AnActor(now), AnActor(now));
            var draft = Draft.Create(new CreateDraft(one.Id, "A rehearsal"), now);
            draft.Add(other.Id, Role.Writer, now);
            db.AddRange(one, other, draft);
            await db.SaveChangesAsync(token);

            var looked = await RehearseAsync(db, new AppendSegment(one.Id, draft.Id, "Words.", Key: null), AppendAsUsual, token);
            looked = await RehearseAsync(db, new PassRing(one.Id, draft.Id, other.Id, Key: null), PassAsUsual, token) ?? looked;
            if (looked is not null)
            {
                looked = await RehearseAsync(db, looked, new AppendSegment(other.Id, draft.Id, "Words.", Key: null), AppendAsUsual, token);
                await RehearseAsync(db, looked, new PassRing(other.Id, draft.Id, one.Id, Key: null), PassAsUsual, token);
            }
            // Without a commit, nothing of it stays.
            return true;
        },
        cancellationToken);

    private async Task<RememberedDraft?> RehearseAsync<TCommand, T>(
        OneRingDbContext db, TCommand command, Func<Scene, TCommand, Result<T>> decide, CancellationToken cancellationToken)
        where TCommand : DraftCommand
    {
        db.ChangeTracker.Clear();
        var outcome = await RunOnceAsync(db, command, scene => ValueTask.FromResult(decide(scene, command)), cancellationToken);
        AddKey(db, command, outcome);
        await db.WriteAsync(cancellationToken);
        return outcome.Rows is { } people ? new RememberedDraft(outcome.Draft!, people) : null;
    }

    private async Task<RememberedDraft> RehearseAsync<TCommand, T>(
        OneRingDbContext db, RememberedDraft remembered, TCommand command, Func<Scene, TCommand, Result<T>> decide, CancellationToken cancellationToken)
        where TCommand : DraftCommand
    {
        db.ChangeTracker.Clear();
        var outcome = await RunOnceAsync(db, remembered, command, scene => ValueTask.FromResult(decide(scene, command)), cancellationToken);
        return remembered with { Draft = outcome!.Value.Outcome.Draft! };
    }

    private static Result<Appended> AppendAsUsual(Scene scene, AppendSegment request)
    {
        var segment = scene.Draft.Append(request, scene.Now).Value!;
        scene.Db.Segments.Add(segment);
        scene.Db.AnalyticsEvents.Add(AnalyticsEvent.SegmentAdded(segment));
        return new Appended(segment.Id, segment.Position);
    }

    private static Result<RingPass> PassAsUsual(Scene scene, PassRing request)
    {
        var pass = scene.Draft.PassRing(request, scene.Now).Value!;
        scene.Write(pass, request.UserId);
        return pass;
    }

    private static User AnActor(DateTimeOffset now)
    {
        var handle = $"rehearsal_{Guid.NewGuid():N}"[..User.LongestHandle];
        return new User(NewId.Next().ToString(), handle, displayName: null, now) { NormalizedUserName = handle };
    }

    private async Task<Result<T>> AttemptAsync<T>(Command command, Func<CancellationToken, Task<Outcome<T>>> attempt, CancellationToken cancellationToken)
    {
        if (command.Check() is { } refusal)
        {
            return refusal;
        }

        await using var any = await contexts.CreateDbContextAsync(cancellationToken);
        var outcome = await any.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                for (var tried = 1; ; tried++)
                {
                    try
                    {
                        return await attempt(token);
                    }
                    catch (DbUpdateException lost) when (tried < MostAttempts && Provider.IsUniqueViolation(lost))
                    {
                        // Somebody else wrote first what may be written once; look again.
                    }
                }
            },
            cancellationToken);

        if (outcome is { Draft: { } draft, Result.Succeeded: true })
        {
            feed.Publish(new DraftChanged(draft.Id, draft.Version, [.. outcome.People.Union(draft.Collaborators.Select(c => c.UserId))]));
        }
        // Whoever may not do something may be trying to. That a text is too long is no such thing.
        if (outcome.Result.Refusal is Refusal.NotFound or Refusal.Forbidden or Refusal.RingRequired)
        {
            LogRefused(command.UserId, command.Operation, (command as DraftCommand)?.DraftId, outcome.Result.Refusal.Value);
        }
        return outcome.Result;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "To {UserId}, {Operation} was refused in draft {DraftId}: {Refusal}")]
    private partial void LogRefused(string userId, string operation, Guid? draftId, Refusal refusal);

    private async Task<Outcome<T>> AttemptOnceAsync<T>(
        Command command, Func<OneRingDbContext, CancellationToken, Task<Outcome<T>>> run, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var outcome = await run(db, cancellationToken);
        if (outcome is { Draft: not null, Result.Succeeded: true })
        {
            AddKey(db, command, outcome);
            Remember(outcome, await db.WriteAndCommitAsync(transaction, cancellationToken));
        }
        return outcome;
    }

    /// <summary>
    /// Carries a command out without looking first, where what this server remembers of the draft is enough to decide from, and is still so. Null where it has to look: also for
    /// whatever is refused, since a key may say that it was done before.
    /// </summary>
    private async Task<Outcome<T>?> RunFromMemoryAsync<T>(DraftCommand command, Func<Scene, ValueTask<Result<T>>> decide, CancellationToken cancellationToken)
    {
        if (!command.IsDecidedByItsDraft || memory.Take(command.DraftId) is not { } remembered)
        {
            return null;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        try
        {
            if (await RunOnceAsync(db, remembered, command, decide, cancellationToken) is { } done)
            {
                Remember(done.Outcome, done.Saved);
                return done.Outcome;
            }
        }
        catch (DbUpdateException lost) when (lost is DbUpdateConcurrencyException || Provider.IsUniqueViolation(lost))
        {
            // Somebody else was here, or the same command.
        }
        return null;
    }

    private async Task<(Outcome<T> Outcome, IReadOnlyList<SavedRow> Saved)?> RunOnceAsync<T>(
        OneRingDbContext db, RememberedDraft remembered, DraftCommand command, Func<Scene, ValueTask<Result<T>>> decide, CancellationToken cancellationToken)
    {
        var draft = remembered.Draft.Copy();
        if (draft.FindCollaborator(command.UserId) is not { IsDisabled: false } actor || !command.IsAllowed(draft, actor))
        {
            return null;
        }

        List<OpenText> open = command.KnownText is { } text ? [text] : [];
        var outcome = await DecideAsync(new Scene(db, draft, clock.Now(), cancellationToken) { OpenTexts = open }, remembered.People, decide);
        if (!outcome.Result.Succeeded)
        {
            return null;
        }

        AddKey(db, command, outcome);
        var condition = Provider.StillHas(draft.Id, remembered.People, string.Join(' ', open.Select(t => $"{t.Id}:{t.UserId}")));
        return (outcome, await db.WriteIfAsync(remembered.Compare(draft), condition, cancellationToken));
    }

    /// <summary>Keeps in mind how a draft was written, unless its people were written with it: of their rows this server knows no more.</summary>
    private void Remember<T>(Outcome<T> outcome, IReadOnlyList<SavedRow> saved)
    {
        if (outcome is { Draft: { } draft, Rows: { } people } && saved.Contains(new SavedRow(draft, EntityState.Modified)) && !saved.Any(row => row.Entity is Collaborator))
        {
            memory.Keep(new RememberedDraft(draft, people));
        }
    }

    private async Task<Outcome<T>> RunOnceAsync<T>(
        OneRingDbContext db, DraftCommand command, Func<Scene, ValueTask<Result<T>>> decide, CancellationToken cancellationToken)
    {
        var (draft, people, key, open) = await LookAsync(db, command, cancellationToken);
        var actor = draft?.FindCollaborator(command.UserId);
        if (draft is null || actor is { IsDisabled: true } || (actor is null && !(command.IsOpenToGuests && await IsGuestAsync(db, command.UserId, cancellationToken))))
        {
            return new Outcome<T>(Refusal.NotFound);
        }
        if (actor is not null && !command.IsAllowed(draft, actor))
        {
            return new Outcome<T>(Refusal.Forbidden);
        }
        if (key is not null)
        {
            return new Outcome<T>(Earlier<T>(key, command));
        }

        return await DecideAsync(new Scene(db, draft, clock.Now(), cancellationToken) { OpenTexts = open }, people, decide);
    }

    private static async Task<Outcome<T>> DecideAsync<T>(Scene scene, string? rows, Func<Scene, ValueTask<Result<T>>> decide)
    {
        var before = scene.Draft.Collaborators.Select(c => c.UserId).ToList();
        var result = await decide(scene);
        if (result.Succeeded)
        {
            Settle(scene);
        }
        return new Outcome<T>(result, scene.Draft, [.. before, .. scene.AlsoConcerned]) { Rows = rows };
    }

    /// <summary>What follows from a change of the draft, whatever it was: texts are parked, and the clock of the turn goes on, stops or begins.</summary>
    private static void Settle(Scene scene)
    {
        Parking.Settle(scene.Db, scene.Draft, scene.OpenTexts, scene.Now, scene.IsDeleted);
        if (!scene.IsDeleted)
        {
            scene.Draft.SettleClock(scene.Now);
        }
    }

    /// <summary>
    /// Takes the draft of which a clock has been due longest and lets its turn be kept, in one transaction. Of several servers each takes another one, and one that dies
    /// leaves its draft to the others as it was. Says whether there was one.
    /// </summary>
    public async Task<bool> KeepNextAsync(Func<Scene, ValueTask> keep, CancellationToken cancellationToken)
    {
        Guid? taken = null;
        try
        {
            var changed = await contexts.InTransactionAsync(
                async (db, transaction, token) =>
                {
                    var now = clock.Now();
                    if (await db.DueDraft(now).SingleOrDefaultAsync(token) is not { } draft)
                    {
                        return null;
                    }

                    taken = draft.Id;
                    await KeepAsync(db, draft, now, keep, token);
                    await db.SaveChangesAsync(token);
                    await transaction.CommitAsync(token);
                    return new DraftChanged(draft.Id, draft.Version, [.. draft.Collaborators.Select(c => c.UserId)]);
                },
                cancellationToken);
            if (changed is not null)
            {
                feed.Publish(changed);
            }
            return changed is not null;
        }
        catch (Exception) when (taken is not null && !cancellationToken.IsCancellationRequested)
        {
            // One draft that cannot be kept must not keep the others waiting behind it.
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await db.Drafts.Where(d => d.Id == taken).ExecuteUpdateAsync(set => set.SetProperty(d => d.ClockDueAt, clock.Now() + TimeAfterFault), cancellationToken);
            throw;
        }
    }

    private async Task KeepAsync(OneRingDbContext db, Draft draft, DateTimeOffset now, Func<Scene, ValueTask> keep, CancellationToken cancellationToken)
    {
        await foreach (var person in people(db, draft.Id).WithCancellation(cancellationToken))
        {
            person.Settle();
        }
        var scene = new Scene(db, draft, now, cancellationToken) { OpenTexts = await openTexts(db, draft.Id).ToListAsync(cancellationToken) };
        var (version, ends) = (draft.Version, draft.TurnEndsAt);
        await keep(scene);
        Settle(scene);
        if (draft.Version == version && draft.TurnEndsAt != ends)
        {
            // The holder lives elsewhere now. Pages look at what has another version.
            draft.NoteChange(now);
        }
    }

    private void AddKey<T>(OneRingDbContext db, Command command, Outcome<T> outcome) => db.IdempotencyKeys.Add(
        new IdempotencyKey(command.Scope, command.Key, command.Fingerprint, JsonSerializer.Serialize(outcome.Result.Value), clock.Now()));

    /// <summary>The draft with its people, and the key, in one journey. Once the lock is there, the rest is read as it is then.</summary>
    private async Task<(Draft? Draft, string? People, IdempotencyKey? Key, List<OpenText> Open)> LookAsync(OneRingDbContext db, DraftCommand command, CancellationToken cancellationToken)
    {
        var itsDraft = drafts(db, command.DraftId);
        var itsPeople = people(db, command.DraftId);
        var itsKey = keys(db, command.Scope, command.Key);

        var itsOpenTexts = openTexts(db, command.DraftId);

        await using var trip = await OneTrip.LockAndSendAsync(db, itsDraft, cancellationToken, itsPeople, itsKey, itsOpenTexts);
        var draft = await itsDraft.SingleOrDefaultAsync(cancellationToken);
        var found = await itsPeople.ToListAsync(cancellationToken);
        found.ForEach(person => person.Settle());
        var rows = found.Exists(person => person.Row == Provider.NoRow) ? null : string.Join(' ', found.OrderBy(p => p.Collaborator.UserId, StringComparer.Ordinal).Select(p => p.Rows));
        return (draft, rows, await itsKey.SingleOrDefaultAsync(cancellationToken), await itsOpenTexts.ToListAsync(cancellationToken));
    }

    private static Task<bool> HasAccountAsync(OneRingDbContext db, string userId, CancellationToken cancellationToken) =>
        db.Users.AnyAsync(user => user.Id == userId && user.DisabledAt == null, cancellationToken);

    // Locked, so that nobody becomes one of a draft's people while their account ends.
    private static async Task<bool> IsGuestAsync(OneRingDbContext db, string userId, CancellationToken cancellationToken) =>
        await db.LockedUser(userId).AsNoTracking().ToListAsync(cancellationToken) is [{ DisabledAt: null }];

    private static Result<T> Earlier<T>(IdempotencyKey key, Command command) =>
        key.Fingerprint.AsSpan().SequenceEqual(command.Fingerprint)
            ? Result<T>.Replay(JsonSerializer.Deserialize<T>(key.Result!)!)
            : Refusal.IdempotencyMismatch;

    /// <summary>One of a draft's people, with what their account says.</summary>
    /// <param name="Row">Which version of a row it is kept in; none in memory, where there is nothing to be saved by remembering it.</param>
    private sealed record Person(Collaborator Collaborator, bool IsDisabled, Whereabouts Whereabouts, uint Row, uint AccountRow)
    {
        public string Rows => $"{Collaborator.UserId}:{Row}:{AccountRow}";

        public void Settle()
        {
            Collaborator.IsDisabled = IsDisabled;
            Collaborator.Whereabouts = Whereabouts;
        }
    }

    /// <summary>What an attempt came to. With a draft, there is something new to be saved.</summary>
    private sealed record Outcome<T>(Result<T> Result, Draft? Draft, IReadOnlyList<string> People)
    {
        public Outcome(Result<T> result)
            : this(result, Draft: null, [])
        {
        }

        /// <summary>Which rows the people are kept in, as they were when they were looked at.</summary>
        public string? Rows { get; init; }
    }
}
