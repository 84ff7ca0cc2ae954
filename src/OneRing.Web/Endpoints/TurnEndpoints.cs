using OneRing.Data.Rings;
using OneRing.Web.Users;

namespace OneRing.Web.Endpoints;

/// <summary>What people ask of whoever holds the ring, and the owner’s way to take it back.</summary>
internal static class TurnEndpoints
{
    private const string Tag = "Ring";

    // What may go wrong with anything that concerns a turn, in the order in which it is looked at.
    private static readonly ApiError[] Errors = [ApiError.Validation, ApiError.NotFound, ApiError.Forbidden, ApiError.DraftNotActive, ApiError.StaleTurn];

    private static readonly RingEndpoints.PassResult Reclaimed = new(Turn: 3, "ben", "ana", Chosen.Reclaimed, "Ben is on a boat this week.");

    public static void MapTurns(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/collab/drafts/{id}/reclaim", ReclaimAsync)
            .Describe<RingEndpoints.PassAnswer>("ReclaimRing", "Take the ring back (owner)", Tag, [.. Errors, ApiError.Conflict])
            .Example(new ReclaimBody("Ben is on a boat this week.", Turn: 2), new RingEndpoints.PassAnswer(ApiExamples.Draft, Reclaimed, Replayed: false));
        routes.MapPost("/collab/drafts/{id}/ask", AskAsync)
            .Describe<DraftAnswer>("AskForRing", "Ask the holder for the ring, once a turn (owner, writers)", Tag, [.. Errors, ApiError.IdempotencyMismatch, ApiError.Conflict])
            .Example(new AskBody("I know how the lamp goes out.", Turn: 2), new DraftAnswer(ApiExamples.Draft));
        routes.MapPost("/collab/drafts/{id}/nudge", NudgeAsync)
            .Describe<NudgeAnswer>("NudgeHolder", "Remind the holder that others would like to read on, once a day (owner, writers, admins)", Tag, Errors)
            .Example(new TurnBody(Turn: 2), new NudgeAnswer(ApiExamples.Draft));
        routes.MapPost("/collab/drafts/{id}/extend", ExtendAsync)
            .Describe<DraftAnswer>("AskForMoreTime", "Ask for more time, once a turn: you get it after an hour if nobody objects (holder)", Tag, [.. Errors, ApiError.RingRequired, ApiError.Conflict])
            .Example(new TurnBody(Turn: 2), new DraftAnswer(ApiExamples.Draft));
        routes.MapPost("/collab/drafts/{id}/extend/refuse", RefuseAsync)
            .Describe<DraftAnswer>("RefuseMoreTime", "Object to more time for the holder (owner, writers)", Tag, [.. Errors, ApiError.Conflict])
            .Example(new TurnBody(Turn: 2), new DraftAnswer(ApiExamples.Draft));
    }

    private static async Task<IResult> ReclaimAsync([AsParameters] DraftCall call, Body<ReclaimBody> body, IdempotencyKeyHeader key, TurnService turns)
    {
        var (reason, turn, bodyKey) = body.Value;
        var result = await turns.ReclaimAsync(new ReclaimRing(call.UserId, call.DraftId, key.With(bodyKey), turn, reason), call.Aborted);
        return await call.AnswerAsync(result, (draft, pass) => new RingEndpoints.PassAnswer(draft, RingEndpoints.PassResult.Of(pass), result.Replayed));
    }

    private static async Task<IResult> AskAsync([AsParameters] DraftCall call, Body<AskBody> body, IdempotencyKeyHeader key, TurnService turns)
    {
        var (note, turn, bodyKey) = body.Value;
        return await call.AnswerAsync(await turns.AskAsync(new AskForRing(call.UserId, call.DraftId, note, key.With(bodyKey), turn), call.Aborted));
    }

    private static async Task<IResult> NudgeAsync([AsParameters] DraftCall call, Body<TurnBody> body, IdempotencyKeyHeader key, RingService rings)
    {
        var (turn, bodyKey) = body.Value;
        var result = await rings.NudgeAsync(new NudgeHolder(call.UserId, call.DraftId, key.With(bodyKey), turn), call.Aborted);
        return !result.Succeeded ? ApiProblem.For(result.Refusal.Value)
            : Results.Ok(new NudgeAnswer(await call.FindAsync() is { } found ? ApiDraft.Of(found) : null));
    }

    private static async Task<IResult> ExtendAsync([AsParameters] DraftCall call, Body<TurnBody> body, IdempotencyKeyHeader key, TurnService turns)
    {
        var (turn, bodyKey) = body.Value;
        return await call.AnswerAsync(await turns.AskForMoreAsync(new AskForMore(call.UserId, call.DraftId, key.With(bodyKey), turn), call.Aborted));
    }

    private static async Task<IResult> RefuseAsync([AsParameters] DraftCall call, Body<TurnBody> body, IdempotencyKeyHeader key, TurnService turns)
    {
        var (turn, bodyKey) = body.Value;
        return await call.AnswerAsync(await turns.RefuseMoreAsync(new RefuseMore(call.UserId, call.DraftId, key.With(bodyKey), turn), call.Aborted));
    }

    /// <summary>Why the ring goes back.</summary>
    /// <param name="Reason">For everybody to read in the history.</param>
    /// <param name="Turn">The turn that you believe to be in; another one is refused as stale.</param>
    internal sealed record ReclaimBody(string? Reason = null, int? Turn = null, string? IdempotencyKey = null);

    /// <summary>A wish for the ring.</summary>
    /// <param name="Note">A word for the holder.</param>
    /// <param name="Turn">The turn that you believe to be in; another one is refused as stale.</param>
    internal sealed record AskBody(string? Note = null, int? Turn = null, string? IdempotencyKey = null);

    /// <summary>Which turn it is about.</summary>
    /// <param name="Turn">The turn that you believe to be in; another one is refused as stale.</param>
    internal sealed record TurnBody(int? Turn = null, string? IdempotencyKey = null);

    /// <summary>The draft afterwards.</summary>
    /// <param name="Data">Null for an admin who has no part in it.</param>
    internal sealed record NudgeAnswer(ApiDraft? Data);
}
