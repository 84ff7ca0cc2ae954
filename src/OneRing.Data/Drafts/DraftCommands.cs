using System.Text.Json;
using Microsoft.EntityFrameworkCore;
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
/// in one transaction, or nothing; and tells the feed.
/// </summary>
internal sealed class DraftCommands(IDbContextFactory<OneRingDbContext> contexts, DraftFeed feed, TimeProvider clock)
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
            select new Person(collaborator, user.DisabledAt != null, new Whereabouts(user.TimeZone, user.AwaySince, user.AwayUntil)));

    private readonly Func<OneRingDbContext, Guid, IAsyncEnumerable<Draft>> drafts = EF.CompileAsyncQuery(
        (OneRingDbContext db, Guid draftId) => db.Drafts.Where(draft => draft.Id == draftId));

    private readonly Func<OneRingDbContext, string, string, IAsyncEnumerable<IdempotencyKey>> keys = EF.CompileAsyncQuery(
        (OneRingDbContext db, string scope, string key) => db.IdempotencyKeys.AsNoTracking().Where(k => k.Scope == scope && k.Key == key));

    private readonly Func<OneRingDbContext, Guid, IAsyncEnumerable<OpenText>> openTexts = EF.CompileAsyncQuery(
        (OneRingDbContext db, Guid draftId) => db.WorkingTexts
            .Where(t => t.DraftId == draftId && t.ParkedAt == null)
            .Select(t => new OpenText(t.DraftId, t.Id, t.UserId, t.Words)));

    /// <summary>What an operation decides with. What it adds to the context is saved if it succeeds.</summary>
    public sealed record Scene(OneRingDbContext Db, Draft Draft, DateTimeOffset Now, CancellationToken CancellationToken)
    {
        /// <summary>The texts that stand in the boxes of the people of the draft.</summary>
        public IReadOnlyList<OpenText> OpenTexts { get; init; } = [];

        /// <summary>Who should hear of the change besides the people of the draft.</summary>
        public List<string> AlsoConcerned { get; } = [];

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
        AttemptAsync<T>(command, (db, token) => RunOnceAsync(db, command, decide, token), cancellationToken);

    public Task<Result<Guid>> CreateAsync(CreateDraft command, Func<Scene, Refusal?> start, CancellationToken cancellationToken) =>
        AttemptAsync<Guid>(command, async (db, token) =>
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
        }, cancellationToken);

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

            await RehearseAsync(db, new AppendSegment(one.Id, draft.Id, "Words.", Key: null), (scene, request) =>
            {
                var segment = scene.Draft.Append(request, scene.Now).Value!;
                scene.Db.Segments.Add(segment);
                scene.Db.AnalyticsEvents.Add(AnalyticsEvent.SegmentAdded(segment));
                return new Appended(segment.Id, segment.Position);
            }, token);
            await RehearseAsync(db, new PassRing(one.Id, draft.Id, other.Id, Key: null), (scene, request) =>
            {
                var pass = scene.Draft.PassRing(request, scene.Now).Value!;
                scene.Write(pass, request.UserId);
                return pass;
            }, token);
            // Without a commit, nothing of it stays.
            return true;
        },
        cancellationToken);

    private async Task RehearseAsync<TCommand, T>(OneRingDbContext db, TCommand command, Func<Scene, TCommand, T> decide, CancellationToken cancellationToken)
        where TCommand : DraftCommand
    {
        db.ChangeTracker.Clear();
        var outcome = await RunOnceAsync<T>(db, command, scene => ValueTask.FromResult<Result<T>>(decide(scene, command)), cancellationToken);
        AddKey(db, command, outcome);
        await db.WriteAsync(cancellationToken);
    }

    private static User AnActor(DateTimeOffset now)
    {
        var handle = $"rehearsal_{Guid.NewGuid():N}"[..User.LongestHandle];
        return new User(NewId.Next().ToString(), handle, displayName: null, now) { NormalizedUserName = handle };
    }

    private async Task<Result<T>> AttemptAsync<T>(
        Command command, Func<OneRingDbContext, CancellationToken, Task<Outcome<T>>> run, CancellationToken cancellationToken)
    {
        if (command.Check() is { } refusal)
        {
            return refusal;
        }

        await using var any = await contexts.CreateDbContextAsync(cancellationToken);
        var outcome = await any.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                for (var attempt = 1; ; attempt++)
                {
                    try
                    {
                        return await AttemptOnceAsync(command, run, token);
                    }
                    catch (DbUpdateException lost) when (attempt < MostAttempts && Provider.IsUniqueViolation(lost))
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
        return outcome.Result;
    }

    private async Task<Outcome<T>> AttemptOnceAsync<T>(
        Command command, Func<OneRingDbContext, CancellationToken, Task<Outcome<T>>> run, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var outcome = await run(db, cancellationToken);
        if (outcome is { Draft: not null, Result.Succeeded: true })
        {
            AddKey(db, command, outcome);
            await db.WriteAndCommitAsync(transaction, cancellationToken);
        }
        return outcome;
    }

    private async Task<Outcome<T>> RunOnceAsync<T>(
        OneRingDbContext db, DraftCommand command, Func<Scene, ValueTask<Result<T>>> decide, CancellationToken cancellationToken)
    {
        var (draft, key, open) = await LookAsync(db, command, cancellationToken);
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

        var before = draft.Collaborators.Select(c => c.UserId).ToList();
        var scene = new Scene(db, draft, clock.Now(), cancellationToken) { OpenTexts = open };
        var result = await decide(scene);
        if (result.Succeeded)
        {
            Settle(scene);
        }
        return new Outcome<T>(result, draft, [.. before, .. scene.AlsoConcerned]);
    }

    /// <summary>What follows from a change of the draft, whatever it was: texts are parked, and the clock of the turn goes on, stops or begins.</summary>
    private static void Settle(Scene scene)
    {
        Parking.Settle(scene.Db, scene.Draft, scene.OpenTexts, scene.Now);
        if (scene.Db.Entry(scene.Draft).State != EntityState.Deleted)
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
    private async Task<(Draft? Draft, IdempotencyKey? Key, List<OpenText> Open)> LookAsync(OneRingDbContext db, DraftCommand command, CancellationToken cancellationToken)
    {
        var itsDraft = drafts(db, command.DraftId);
        var itsPeople = people(db, command.DraftId);
        var itsKey = keys(db, command.Scope, command.Key);

        var itsOpenTexts = openTexts(db, command.DraftId);

        await using var trip = await OneTrip.LockAndSendAsync(db, itsDraft, cancellationToken, itsPeople, itsKey, itsOpenTexts);
        var draft = await itsDraft.SingleOrDefaultAsync(cancellationToken);
        await foreach (var person in itsPeople.WithCancellation(cancellationToken))
        {
            person.Settle();
        }
        return (draft, await itsKey.SingleOrDefaultAsync(cancellationToken), await itsOpenTexts.ToListAsync(cancellationToken));
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
    private sealed record Person(Collaborator Collaborator, bool IsDisabled, Whereabouts Whereabouts)
    {
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
    }
}
