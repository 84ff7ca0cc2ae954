using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;

namespace OneRing.Web.Endpoints;

/// <summary>The people of a draft: who joins, and who leaves.</summary>
internal static class CollaboratorEndpoints
{
    private const string Tag = "People";

    public static void MapCollaborators(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/collab/drafts/{id}/collaborators", AddAsync)
            .Describe<DraftAnswer>(
                "AddCollaborator", "Let somebody take part (owner)", Tag,
                ApiError.Validation, ApiError.NotFound, ApiError.Forbidden, ApiError.IdempotencyMismatch, ApiError.DraftNotActive, ApiError.Conflict)
            .Example(new AddBody("@ben", JoiningRole.Writer), new DraftAnswer(ApiExamples.Draft));
        routes.MapDelete("/collab/drafts/{id}/collaborators/{user_id}", RemoveAsync)
            .Describe<RemoveAnswer>(
                "RemoveCollaborator", "Take somebody out (owner), or leave yourself", Tag, ApiError.Validation, ApiError.NotFound, ApiError.Forbidden, ApiError.IdempotencyMismatch)
            .Example(body: null, new RemoveAnswer(ApiExamples.Draft));
    }

    private static async Task<IResult> AddAsync(
        [AsParameters] DraftCall call, Body<AddBody> body, IdempotencyKeyHeader key, CollaboratorService collaborators, AccountService accounts)
    {
        var personId = await accounts.ResolveAsync(body.Value.UserId, call.Aborted);
        var role = body.Value.Role == JoiningRole.Writer ? Role.Writer : Role.Reader;
        var request = new AddCollaborator(call.UserId, call.DraftId, Handle: "", role, key.Value) { CollaboratorId = personId };
        return await call.AnswerAsync(await collaborators.AddAsync(request, call.Aborted));
    }

    private static async Task<IResult> RemoveAsync(
        [AsParameters] DraftCall call, [Microsoft.AspNetCore.Mvc.FromRoute(Name = "user_id")] string person, IdempotencyKeyHeader key, CollaboratorService collaborators, AccountService accounts)
    {
        var personId = await accounts.ResolveAsync(person, call.Aborted);
        var result = await collaborators.RemoveAsync(new RemoveCollaborator(call.UserId, call.DraftId, personId, key.Value), call.Aborted);
        // Who has left may no longer see the draft.
        return result.Succeeded && personId == call.UserId
            ? Results.Ok(new RemoveAnswer(Data: null))
            : await call.AnswerAsync(result, (draft, _) => new RemoveAnswer(draft));
    }

    /// <summary>The roles that somebody can be given. A draft has one owner, who stays.</summary>
    internal enum JoiningRole
    {
        Writer,
        Reader,
    }

    /// <param name="UserId">An id, or @handle.</param>
    internal sealed record AddBody(string UserId, JoiningRole Role);

    /// <param name="Data">Null for whoever has left: they may no longer see the draft.</param>
    internal sealed record RemoveAnswer(ApiDraft? Data);
}
