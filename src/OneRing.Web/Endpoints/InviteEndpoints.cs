using Microsoft.AspNetCore.Mvc;
using OneRing.Data;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Web.Users;

namespace OneRing.Web.Endpoints;

/// <summary>Invites: making them, and answering them.</summary>
internal static class InviteEndpoints
{
    private const string Tag = "Invites";

    public static void MapInvites(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/collab/drafts/{id}/invites", CreateAsync)
            .Describe<CreateInviteAnswer>(
                "CreateInvite", "Invite somebody, by their handle or with a link (owner, holder)", Tag,
                ApiError.Validation, ApiError.NotFound, ApiError.Forbidden, ApiError.IdempotencyMismatch, ApiError.DraftNotActive, ApiError.Conflict);
        routes.MapGet("/collab/drafts/{id}/invites", ListAsync)
            .Describe<ListInvitesAnswer>("ListInvites", "The invites of a draft, newest first (owner, holder)", Tag, ApiError.NotFound, ApiError.Forbidden);
        routes.MapPost("/collab/invites/{id}/accept", AcceptAsync)
            .Describe<DraftAnswer>(
                "AcceptInvite", "Come into a draft by an invite", Tag,
                ApiError.Validation, ApiError.NotFound, ApiError.IdempotencyMismatch, ApiError.DraftNotActive, ApiError.Conflict);
        routes.MapPost("/collab/invites/{id}/decline", DeclineAsync)
            .Describe<InviteAnswer>(
                "DeclineInvite", "Say no to an invite", Tag, ApiError.Validation, ApiError.NotFound, ApiError.IdempotencyMismatch, ApiError.Conflict);
        routes.MapPost("/collab/invites/{id}/revoke", RevokeAsync)
            .Describe<InviteAnswer>(
                "RevokeInvite", "Take an invite back (owner, or who made it)", Tag,
                ApiError.Validation, ApiError.NotFound, ApiError.Forbidden, ApiError.IdempotencyMismatch, ApiError.Conflict);
    }

    private static async Task<IResult> CreateAsync(
        [FromRoute] RouteId id, Caller caller, Body<CreateInviteBody> body, IdempotencyKeyHeader key, InviteService invites, CancellationToken cancellationToken)
    {
        var (joining, handle, hours, uses, bodyKey) = body.Value;
        var role = joining == CollaboratorEndpoints.JoiningRole.Writer ? Role.Writer : Role.Reader;
        var made = await invites.CreateAsync(new CreateInvite(caller.UserId, id.Value, role, handle, hours, uses, key.With(bodyKey)), cancellationToken);
        if (!made.Succeeded)
        {
            return ApiProblem.For(made.Refusal.Value);
        }

        return await invites.FindAsync(caller.UserId, id.Value, made.Value.InviteId, cancellationToken) is { } invite
            ? Results.Ok(new CreateInviteAnswer(ApiInvite.Of(invite), made.Value.Token))
            : ApiProblem.For(Refusal.InviteUnknown);
    }

    private static async Task<IResult> ListAsync([FromRoute] RouteId id, Caller caller, InviteService invites, CancellationToken cancellationToken)
    {
        var found = await invites.ListAsync(caller.UserId, id.Value, cancellationToken);
        return found.Succeeded ? Results.Ok(new ListInvitesAnswer([.. found.Value.Select(ApiInvite.Of)])) : ApiProblem.For(found.Refusal.Value);
    }

    private static async Task<IResult> AcceptAsync(
        [AsParameters] DraftCall call, Body<AcceptInviteBody> body, IdempotencyKeyHeader key, InviteService invites)
    {
        // The id of the address is the invite's, which belongs to one draft.
        if (await invites.FindDraftAsync(call.Id.Value, call.Aborted) is not { } draftId)
        {
            return ApiProblem.For(Refusal.InviteUnknown);
        }

        var accepted = await invites.AcceptAsync(new AcceptInvite(call.UserId, draftId, call.Id.Value, body.Value.Token, key.Value), call.Aborted);
        return await (call with { Id = new RouteId(draftId) }).AnswerAsync(accepted);
    }

    private static Task<IResult> DeclineAsync(
        [FromRoute] RouteId id, Caller caller, IdempotencyKeyHeader key, InviteService invites, CancellationToken cancellationToken) =>
        AnswerAsync(id, caller, invites, draftId => invites.DeclineAsync(new DeclineInvite(caller.UserId, draftId, id.Value, key.Value), cancellationToken), cancellationToken);

    private static Task<IResult> RevokeAsync(
        [FromRoute] RouteId id, Caller caller, IdempotencyKeyHeader key, InviteService invites, CancellationToken cancellationToken) =>
        AnswerAsync(id, caller, invites, draftId => invites.RevokeAsync(new RevokeInvite(caller.UserId, draftId, id.Value, key.Value), cancellationToken), cancellationToken);

    private static async Task<IResult> AnswerAsync(
        RouteId id, Caller caller, InviteService invites, Func<Guid, Task<Result<Done>>> act, CancellationToken cancellationToken)
    {
        if (await invites.FindDraftAsync(id.Value, cancellationToken) is not { } draftId)
        {
            return ApiProblem.For(Refusal.InviteUnknown);
        }
        var result = await act(draftId);
        if (!result.Succeeded)
        {
            // Whoever has no part in the draft does not learn that there is such an invite.
            return ApiProblem.For(result.Refusal == Refusal.NotFound ? Refusal.InviteUnknown : result.Refusal.Value);
        }

        return await invites.FindAsync(caller.UserId, draftId, id.Value, cancellationToken) is { } invite
            ? Results.Ok(new InviteAnswer(ApiInvite.Of(invite)))
            : ApiProblem.For(Refusal.InviteUnknown);
    }

    /// <summary>Whom to invite, and as what.</summary>
    /// <summary>An invite to be made.</summary>
    /// <param name="Handle">For one person; absent for a link.</param>
    internal sealed record CreateInviteBody(
        CollaboratorEndpoints.JoiningRole Role,
        string? Handle = null,
        int ExpiresInHours = InviteService.UsualLifeInHours,
        int MaxUses = 1,
        string? IdempotencyKey = null);

    /// <summary>The invite that was made.</summary>
    /// <summary>The invite that was made.</summary>
    /// <param name="Token">What makes a link work. Shown this once: a retry gets null, and so does an invite by handle.</param>
    internal sealed record CreateInviteAnswer(ApiInvite Data, string? Token);

    internal sealed record ListInvitesAnswer(IReadOnlyList<ApiInvite> Data);

    /// <summary>What proves that a link was sent to you.</summary>
    /// <summary>How somebody comes in.</summary>
    /// <param name="Token">The token of a link; absent for an invite by handle.</param>
    internal sealed record AcceptInviteBody(string? Token = null);

    internal sealed record InviteAnswer(ApiInvite Data);

    /// <summary>An invite as programs read it.</summary>
    /// <param name="Handle">The handle of the person whom it is for; null for a link.</param>
    internal sealed record ApiInvite(
        Guid InviteId,
        Guid DraftId,
        Role Role,
        string? Handle,
        InviteState State,
        string CreatedBy,
        DateTimeOffset CreatedAt,
        DateTimeOffset ExpiresAt,
        int MaxUses,
        int Uses)
    {
        public static ApiInvite Of(InviteView invite) => new(
            invite.Id, invite.DraftId, invite.Role, invite.Handle, invite.State, invite.CreatedBy, invite.CreatedAt, invite.ExpiresAt, invite.MaxUses, invite.Uses);
    }
}
