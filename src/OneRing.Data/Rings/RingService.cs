using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Mail;
using OneRing.Data.Notices;
using OneRing.Data.Writing;

namespace OneRing.Data.Rings;

/// <summary>Whatever needs the ring: writing, and handing it on.</summary>
public sealed class RingService
{
    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly DraftCommands commands;
    private readonly TimeProvider clock;

    internal RingService(IDbContextFactory<OneRingDbContext> contexts, DraftCommands commands, TimeProvider clock)
    {
        this.contexts = contexts;
        this.commands = commands;
        this.clock = clock;
    }

    /// <summary>
    /// Adds a segment at the end of the text, if its author holds the ring. If they do not, or no longer, what they wanted to add is parked for them.
    /// </summary>
    public async Task<Result<Appended>> AppendAsync(AppendSegment request, CancellationToken cancellationToken = default)
    {
        Draft? seen = null;
        var result = await commands.RunAsync<Appended>(request, async scene =>
        {
            var result = scene.Draft.Append(request, scene.Now);
            if (!result.Succeeded)
            {
                seen = scene.Draft;
                return result.Refusal.Value;
            }

            scene.Db.Segments.Add(result.Value);
            scene.Db.AnalyticsEvents.Add(AnalyticsEvent.SegmentAdded(result.Value));
            await Parking.FinishAsync(scene.Db, scene.OpenTexts, request, scene.CancellationToken);
            return new Appended(result.Value.Id, result.Value.Position);
        }, cancellationToken);

        if (result.Refusal is { } refusal && Parking.Because(refusal, seen, request.UserId) is { } because)
        {
            await Parking.ParkAsync(contexts, request, because, clock.Now(), cancellationToken);
        }
        return result;
    }

    /// <summary>Hands the ring of a draft from its holder to somebody else who may write.</summary>
    public Task<Result<RingPass>> PassAsync(PassRing request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene =>
        {
            var result = scene.Draft.PassRing(request, scene.Now);
            if (result.Succeeded)
            {
                scene.Write(result.Value, request.UserId);
            }
            return result;
        }, cancellationToken);

    /// <summary>Hands the ring to whom a strategy chooses.</summary>
    public Task<Result<SmartlyPassed>> PassAsync(SmartPass request, CancellationToken cancellationToken = default) =>
        commands.RunAsync<SmartlyPassed>(request, async scene =>
        {
            if (scene.Draft.CheckTurn(request.UserId, request.Turn) is { } refusal)
            {
                return refusal;
            }

            var candidates = await CandidateRow.Of(scene.Db, request.DraftId).ToListAsync(scene.CancellationToken);
            var strategy = request.Strategy ?? scene.Draft.Rules.Strategy;
            if (NextHolder.Choose(strategy, scene.Draft.HolderId, candidates.Select(row => row.ToCandidate(scene.Now))) is not { } next)
            {
                return Refusal.NoCollaboratorCandidates;
            }
            if (request.Expected is { } expected && expected != next.UserId)
            {
                return Refusal.ChoiceChanged;
            }

            var pass = scene.Draft.PassRing(next, request.Note, scene.Now);
            scene.Write(pass, request.UserId);
            return new SmartlyPassed(pass, next.CandidateCount);
        }, cancellationToken);

    /// <summary>Reminds the holder of a ring.</summary>
    public Task<Result<Done>> NudgeAsync(NudgeHolder request, CancellationToken cancellationToken = default) =>
        commands.RunAsync<Done>(request, async scene =>
        {
            var (db, draft) = (scene.Db, scene.Draft);
            var actor = draft.FindCollaborator(request.UserId);
            if (actor is not { CanHold: true } && !await db.Users.AnyAsync(user => user.Id == request.UserId && user.IsAdmin && user.DisabledAt == null, scene.CancellationToken))
            {
                return actor is null ? Refusal.NotFound : Refusal.Forbidden;
            }
            if (draft.CheckTurn(draft.HolderId, request.Turn) is { } refusal)
            {
                return refusal;
            }
            if (draft.HolderId == request.UserId)
            {
                return Refusal.RecipientIsHolder;
            }
            var today = DateOnly.FromDateTime(scene.Now.UtcDateTime);
            if (await db.Nudges.AnyAsync(nudge => nudge.DraftId == draft.Id && nudge.Day == today, scene.CancellationToken))
            {
                return Refusal.NudgedToday;
            }

            db.Nudges.Add(new Nudge(draft.Id, today, draft.Turn, draft.NoteChange(scene.Now), request.UserId));
            scene.Notify(NoticeKind.Nudged, draft.HolderId, draft.CauseOf($"{today:yyyy-MM-dd}"), request.UserId);
            return default(Done);
        }, cancellationToken);

    /// <summary>Whom a strategy would choose if the holder passed now. For the people of the draft.</summary>
    public async Task<Result<NextHolder>> PreviewAsync(string userId, Guid draftId, Strategy strategy, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var holders = db.ReadableDrafts(userId).Where(draft => draft.Id == draftId).Select(draft => draft.HolderId);
        var candidates = CandidateRow.Of(db, draftId);

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, holders, candidates);
        if ((await holders.ToListAsync(cancellationToken)).SingleOrDefault() is not { } holderId)
        {
            return Refusal.NotFound;
        }

        var now = clock.Now();
        return NextHolder.Choose(strategy, holderId, (await candidates.ToListAsync(cancellationToken)).Select(row => row.ToCandidate(now))) is { } next
            ? next
            : Refusal.NoCollaboratorCandidates;
    }
}
