using Microsoft.AspNetCore.Mvc;
using OneRing.Data.Drafts;

namespace OneRing.Web.Endpoints;

/// <summary>Drafts as such: starting, listing, reading, renaming, pausing and finishing them.</summary>
internal static class DraftEndpoints
{
    private const string Tag = "Drafts";

    public static void MapDrafts(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/collab/drafts", CreateAsync)
            .Describe<CreateAnswer>("CreateDraft", "Start a draft. You own it and hold its ring", Tag, ApiError.Validation, ApiError.IdempotencyMismatch)
            .Example(new CreateBody(ApiExamples.Draft.Title, InitialSegment: ApiExamples.Draft.Segments[0].Content, IdempotencyKey: "draft-1"), new CreateAnswer(ApiExamples.Draft, Replayed: false));
        routes.MapGet("/collab/drafts", ListAsync)
            .Describe<ListAnswer>("ListDrafts", "Your drafts, own and shared, the newest activity first, without their text", Tag, ApiError.Validation)
            .Example(body: null, new ListAnswer([ApiExamples.Draft with { Segments = [] }], Count: 1, NextCursor: null));
        routes.MapGet("/collab/drafts/{id}", ReadAsync)
            .Produces(StatusCodes.Status304NotModified)
            .Describe<DraftAnswer>("GetDraft", "A draft with its text, its people and its ring", Tag, ApiError.Validation, ApiError.NotFound)
            .Example(body: null, new DraftAnswer(ApiExamples.Draft));
        routes.MapPatch("/collab/drafts/{id}", RenameAsync)
            .Describe<DraftAnswer>("RenameDraft", "Give a draft another title (owner)", Tag, ApiError.Validation, ApiError.NotFound, ApiError.Forbidden, ApiError.IdempotencyMismatch)
            .Example(new RenameBody("Another title"), new DraftAnswer(ApiExamples.Draft));
        // These three say nothing that could differ: a key of theirs never stands for another request.
        routes.MapPost("/collab/drafts/{id}/lock", LockAsync)
            .Describe<DraftAnswer>("LockDraft", "Pause the writing (owner or holder)", Tag, ApiError.Validation, ApiError.NotFound, ApiError.Forbidden, ApiError.DraftNotActive)
            .Example(body: null, new DraftAnswer(ApiExamples.Draft));
        routes.MapPost("/collab/drafts/{id}/unlock", UnlockAsync)
            .Describe<DraftAnswer>("UnlockDraft", "Let the writing go on (owner)", Tag, ApiError.Validation, ApiError.NotFound, ApiError.Forbidden, ApiError.Conflict)
            .Example(body: null, new DraftAnswer(ApiExamples.Draft));
        routes.MapPost("/collab/drafts/{id}/complete", CompleteAsync)
            .Describe<DraftAnswer>("CompleteDraft", "Finish the draft for good (owner)", Tag, ApiError.Validation, ApiError.NotFound, ApiError.Forbidden, ApiError.DraftNotActive)
            .Example(body: null, new DraftAnswer(ApiExamples.Draft));
    }

    private static async Task<IResult> CreateAsync(
        Body<CreateBody> body,
        Caller caller,
        IdempotencyKeyHeader key,
        [FromQuery] Choice<SegmentChoice>? segments,
        DraftService drafts,
        HttpContext context)
    {
        var (title, platform, firstSegment, bodyKey) = body.Value;
        var result = await drafts.CreateAsync(new CreateDraft(caller.UserId, title, platform, firstSegment, key.With(bodyKey)), context.RequestAborted);
        return await new DraftCall(new RouteId(result.Value), segments, caller, drafts, context)
            .AnswerAsync(result, (draft, _) => new CreateAnswer(draft, result.Replayed));
    }

    private static async Task<IResult> ListAsync(
        Caller caller,
        [FromQuery] Limit? limit,
        [FromQuery] string? cursor,
        [FromQuery] Choice<DraftFilter>? filter,
        [FromQuery] string? q,
        DraftService drafts,
        CancellationToken cancellationToken)
    {
        var page = await drafts.ListWholeAsync(caller.UserId, filter?.Value ?? DraftFilter.All, q, cursor, limit?.Value ?? Limit.Usual, cancellationToken);
        return page.Succeeded
            ? Results.Ok(new ListAnswer([.. page.Value.Items.Select(ApiDraft.Of)], page.Value.Items.Count, page.Value.NextCursor))
            : ApiProblem.For(page.Refusal.Value);
    }

    private static async Task<IResult> ReadAsync([AsParameters] DraftCall call, [FromQuery] Instant? now)
    {
        if (await call.FindAsync(now?.Value) is not { } found)
        {
            return ApiProblem.For(OneRing.Data.Refusal.NotFound);
        }

        return now is null && call.Knows(found.Draft)
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Ok(new DraftAnswer(ApiDraft.Of(found)));
    }

    private static async Task<IResult> RenameAsync([AsParameters] DraftCall call, Body<RenameBody> body, IdempotencyKeyHeader key) =>
        await call.AnswerAsync(await call.Drafts.RenameAsync(new RenameDraft(call.UserId, call.DraftId, body.Value.Title, key.Value), call.Aborted));

    private static async Task<IResult> LockAsync([AsParameters] DraftCall call, IdempotencyKeyHeader key) =>
        await call.AnswerAsync(await call.Drafts.LockAsync(new LockDraft(call.UserId, call.DraftId, key.Value), call.Aborted));

    private static async Task<IResult> UnlockAsync([AsParameters] DraftCall call, IdempotencyKeyHeader key) =>
        await call.AnswerAsync(await call.Drafts.UnlockAsync(new UnlockDraft(call.UserId, call.DraftId, key.Value), call.Aborted));

    private static async Task<IResult> CompleteAsync([AsParameters] DraftCall call, IdempotencyKeyHeader key) =>
        await call.AnswerAsync(await call.Drafts.CompleteAsync(new CompleteDraft(call.UserId, call.DraftId, key.Value), call.Aborted));

    internal sealed record CreateBody(string Title, Platform Platform = Platform.Story, string? InitialSegment = null, string? IdempotencyKey = null);

    internal sealed record RenameBody(string Title);

    internal sealed record CreateAnswer(ApiDraft Data, bool Replayed);

    /// <summary>A page of drafts.</summary>
    /// <param name="Count">How many drafts this page has.</param>
    /// <param name="NextCursor">Send it as the cursor to get the next page; null after the last.</param>
    internal sealed record ListAnswer(IReadOnlyList<ApiDraft> Data, int Count, string? NextCursor);
}
