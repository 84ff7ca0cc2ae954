using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Database;

namespace OneRing.Data.Drafts;

/// <summary>The people of a draft: who joins, in which role, and who leaves. The ring never stays with somebody who may not hold it.</summary>
public sealed class CollaboratorService
{
    private readonly DraftCommands commands;

    internal CollaboratorService(DraftCommands commands) => this.commands = commands;

    /// <summary>Lets somebody take part; answers their user id.</summary>
    public Task<Result<string>> AddAsync(AddCollaborator request, CancellationToken cancellationToken = default) =>
        commands.RunAsync<string>(request, async scene =>
        {
            var people = request.CollaboratorId is { } id
                ? scene.Db.Users.Where(user => user.Id == id)
                : scene.Db.Users.WithHandle(request.Handle);
            var userId = await people
                .Where(user => user.DisabledAt == null)
                .Select(user => user.Id)
                .SingleOrDefaultAsync(scene.CancellationToken);
            if (userId is null)
            {
                return Refusal.HandleUnknown;
            }

            var added = scene.Draft.Add(userId, request.Role, scene.Now);
            if (!added.Succeeded)
            {
                return added.Refusal.Value;
            }

            scene.Db.AnalyticsEvents.Add(AnalyticsEvent.CollaboratorJoined(scene.Draft, added.Value, request.UserId));
            return userId;
        }, cancellationToken);

    public Task<Result<Done>> ChangeRoleAsync(ChangeRole request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene =>
            Finish(scene, scene.Draft.ChangeRole(request.CollaboratorId, request.Role, scene.Now), request.UserId, left: false), cancellationToken);

    public Task<Result<Done>> RemoveAsync(RemoveCollaborator request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene =>
            Finish(scene, scene.Draft.Remove(request.CollaboratorId, scene.Now), request.UserId, left: true), cancellationToken);

    public Task<Result<Done>> OfferAsync(OfferDraft request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene => scene.Draft.OfferTo(request.ToUserId, scene.Now), cancellationToken);

    public Task<Result<Done>> DropOfferAsync(DropOffer request, CancellationToken cancellationToken = default) =>
        commands.RunAsync(request, scene => scene.Draft.DropOffer(scene.Now), cancellationToken);

    /// <summary>Makes the person to whom it was offered the owner of a draft.</summary>
    public Task<Result<Done>> AcceptAsync(AcceptDraft request, CancellationToken cancellationToken = default) =>
        commands.RunAsync<Done>(request, async scene =>
        {
            var given = scene.Draft.GiveUpOwnership(request.UserId, scene.Now);
            if (given.Succeeded)
            {
                // The database allows no second owner, not even between two statements.
                await scene.Db.SaveChangesAsync(scene.CancellationToken);
                scene.Draft.MakeOwner(request.UserId);
            }
            return given;
        }, cancellationToken);

    /// <summary>Lets the others read along while this person writes, or not any more. It is theirs alone to say.</summary>
    public Task<Result<Done>> ShowLiveAsync(ShowLive request, CancellationToken cancellationToken = default) =>
        commands.RunAsync<Done>(request, scene =>
        {
            scene.Draft.FindCollaborator(request.UserId)!.ShowsLive = request.On;
            scene.Draft.NoteChange(scene.Now);
            return default(Done);
        }, cancellationToken);

    private static Result<Done> Finish(DraftCommands.Scene scene, Result<RingReturn> result, string actorId, bool left)
    {
        if (!result.Succeeded)
        {
            return result.Refusal.Value;
        }

        if (left)
        {
            scene.Db.AnalyticsEvents.Add(AnalyticsEvent.CollaboratorLeft(scene.Draft, result.Value.Collaborator, actorId));
        }
        scene.Write(result.Value.Pass, actorId);
        return default(Done);
    }
}
