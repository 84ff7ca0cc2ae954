using Microsoft.EntityFrameworkCore;
using OneRing.Data.Drafts;
using OneRing.Data.Notices;

namespace OneRing.Data.Rings;

/// <summary>How turns are kept: the rules of a draft, and what people ask of whoever holds the ring. What the clock does by itself is done by <see cref="TurnKeeper"/>.</summary>
public sealed class TurnService
{
    private readonly DraftCommands commands;

    internal TurnService(DraftCommands commands) => this.commands = commands;

    /// <summary>Keeps the turns of a draft in another way. The present one begins anew.</summary>
    public Task<Result<Done>> SetRulesAsync(SetTurnRules request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene => scene.Draft.SetRules(request.Rules, scene.Now), cancellationToken);

    /// <summary>Sets the order of turns.</summary>
    public Task<Result<Done>> SetOrderAsync(SetOrder request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene => scene.Draft.SetOrder(request.Order, scene.Now), cancellationToken);

    /// <summary>Takes the ring back to the owner.</summary>
    public Task<Result<RingPass>> ReclaimAsync(ReclaimRing request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene =>
        {
            var (holder, cause) = (scene.Draft.HolderId, scene.Draft.CauseOf(NoticeDetail.Reclaimed));
            var result = scene.Draft.Reclaim(request, scene.Now);
            if (result.Succeeded)
            {
                scene.Write(result.Value, request.UserId);
                scene.Notify(NoticeKind.TurnOver, holder, cause, request.UserId);
            }
            return result;
        }, cancellationToken);

    /// <summary>Asks the holder for the ring.</summary>
    public Task<Result<Done>> AskAsync(AskForRing request, CancellationToken cancellationToken = default) =>
        commands.RunAsync<Done>(request, async scene =>
        {
            var (db, draft) = (scene.Db, scene.Draft);
            if (draft.CheckTurn(draft.HolderId, request.Turn) is { } refusal)
            {
                return refusal;
            }
            if (draft.HolderId == request.UserId)
            {
                return Refusal.RecipientIsHolder;
            }
            if (await db.RingWishes.AnyAsync(w => w.DraftId == draft.Id && w.Turn == draft.Turn && w.UserId == request.UserId, scene.CancellationToken))
            {
                return Refusal.AlreadyAsked;
            }

            db.RingWishes.Add(new RingWish(draft.Id, draft.Turn, request.UserId, draft.NoteChange(scene.Now), request.Note));
            scene.Notify(NoticeKind.Asked, draft.HolderId, draft.CauseOf(request.UserId), request.UserId);
            return default(Done);
        }, cancellationToken);

    /// <summary>Asks for more time, and tells those who may object.</summary>
    public Task<Result<Done>> AskForMoreAsync(AskForMore request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene =>
        {
            var result = scene.Draft.AskForMore(request, scene.Now);
            if (result.Succeeded)
            {
                foreach (var other in scene.Draft.Collaborators.Where(c => c.CanHold && c.UserId != request.UserId))
                {
                    scene.Notify(NoticeKind.MoreTime, other.UserId, scene.Draft.CauseOf(NoticeDetail.Asked), request.UserId);
                }
            }
            return result;
        }, cancellationToken);

    /// <summary>Objects to more time.</summary>
    public Task<Result<Done>> RefuseMoreAsync(RefuseMore request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene =>
        {
            var result = scene.Draft.RefuseMore(request, scene.Now);
            if (result.Succeeded)
            {
                scene.Notify(NoticeKind.MoreTime, scene.Draft.HolderId, scene.Draft.CauseOf(NoticeDetail.Refused), request.UserId);
            }
            return result;
        }, cancellationToken);

    /// <summary>Says until when somebody is away from one draft, or that they are back.</summary>
    public Task<Result<Done>> SetAwayAsync(SetAway request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene =>
        {
            if (request.Until is { } until && !Absence.IsAllowed(until, scene.Draft.TimeAt(scene.Now)))
            {
                return Refusal.AwayInvalid;
            }

            scene.Draft.SetAway(request.UserId, request.Until, scene.Now);
            return (Result<Done>)default(Done);
        }, cancellationToken);
}
