using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Rings;

namespace OneRing.Web.Endpoints;

/// <summary>Whatever needs the ring: writing, and handing it on.</summary>
internal static class RingEndpoints
{
    private const string Tag = "Ring";

    // What may go wrong with anything that needs the ring, in the order in which it is looked at.
    private static readonly ApiError[] Errors =
        [ApiError.Validation, ApiError.NotFound, ApiError.Forbidden, ApiError.IdempotencyMismatch, ApiError.DraftNotActive, ApiError.StaleTurn, ApiError.RingRequired];

    private const string Reasoning = "Ben comes next in the order of joining.";

    private static readonly PassResult Passed = new(Turn: 2, "ana", "ben", Chosen.Manual, "The holder chose.");

    public static void MapRing(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/collab/drafts/{id}/segments", AppendAsync)
            .Describe<AppendAnswer>("AppendSegment", "Add a segment at the end of the text (holder)", Tag, Errors)
            .Example(
                new AppendBody(ApiExamples.Draft.Segments[1].Content, "append-1", Turn: 2),
                new AppendAnswer(ApiExamples.Draft, new AppendResult(ApiExamples.SegmentId, Position: 1), Replayed: false));
        routes.MapPost("/collab/drafts/{id}/pass-ring", PassAsync)
            .Describe<PassAnswer>("PassRing", "Hand the ring to a person (holder)", Tag, Errors)
            .Example(new PassBody("@ben", "pass-1", Turn: 1, Note: "Keep the lamp a mystery for now."), new PassAnswer(ApiExamples.Draft, Passed, Replayed: false));
        routes.MapPost("/collab/drafts/{id}/pass-ring/smart", PassSmartlyAsync)
            .Describe<SmartPassAnswer>("PassRingSmartly", "Hand the ring to whom a strategy chooses (holder)", Tag, [.. Errors, ApiError.NoCollaboratorCandidates])
            .Example(
                new SmartPassBody(Strategy.RoundRobin, "pass-1", Turn: 1),
                new SmartPassAnswer(
                    ApiExamples.Draft, Passed with { Strategy = Chosen.RoundRobin, Reasoning = Reasoning }, Replayed: false, "ben", Strategy.RoundRobin, Reasoning,
                    new SmartPassMetrics(Strategy.RoundRobin, CandidateCount: 1, ComputedFrom(Strategy.RoundRobin))));
    }

    private static async Task<IResult> AppendAsync([AsParameters] DraftCall call, Body<AppendBody> body, IdempotencyKeyHeader key, RingService rings)
    {
        var (content, bodyKey, turn) = body.Value;
        var result = await rings.AppendAsync(new AppendSegment(call.UserId, call.DraftId, content, key.Require(bodyKey), turn), call.Aborted);
        return await call.AnswerAsync(result, (draft, appended) =>
            new AppendAnswer(draft, new AppendResult(appended.SegmentId, appended.Position), result.Replayed));
    }

    private static async Task<IResult> PassAsync(
        [AsParameters] DraftCall call, Body<PassBody> body, IdempotencyKeyHeader key, RingService rings, AccountService accounts)
    {
        var (to, bodyKey, turn, note) = body.Value;
        var toUserId = await accounts.ResolveAsync(to, call.Aborted);
        var result = await rings.PassAsync(new PassRing(call.UserId, call.DraftId, toUserId, key.Require(bodyKey), turn, note), call.Aborted);
        return await call.AnswerAsync(result, (draft, pass) => new PassAnswer(draft, PassResult.Of(pass), result.Replayed));
    }

    private static async Task<IResult> PassSmartlyAsync([AsParameters] DraftCall call, Body<SmartPassBody> body, IdempotencyKeyHeader key, RingService rings)
    {
        var (strategy, bodyKey, turn) = body.Value;
        var request = new SmartPass(call.UserId, call.DraftId, strategy, key.Require(bodyKey), turn);
        var result = await rings.PassAsync(request, call.Aborted);
        return await call.AnswerAsync(result, (draft, passed) =>
        {
            var used = strategy ?? StrategyOf(passed.Pass.Chosen);
            return new SmartPassAnswer(
                draft,
                PassResult.Of(passed.Pass),
                result.Replayed,
                passed.Pass.ToId,
                used,
                passed.Pass.Reason,
                new SmartPassMetrics(used, passed.CandidateCount, ComputedFrom(used)));
        });
    }

    private static Strategy StrategyOf(Chosen chosen) => chosen switch
    {
        Chosen.MostInactive => Strategy.MostInactive,
        Chosen.RoundRobin => Strategy.RoundRobin,
        Chosen.BackToCreator => Strategy.BackToCreator,
        _ => throw new ArgumentOutOfRangeException(nameof(chosen), chosen, "No strategy chooses like this."),
    };

    private static string ComputedFrom(Strategy strategy) => strategy switch
    {
        Strategy.MostInactive => "last_segments",
        Strategy.RoundRobin => "joining_order",
        Strategy.BackToCreator => "roles",
        _ => throw new ArgumentOutOfRangeException(nameof(strategy), strategy, "There is no such strategy."),
    };

    internal sealed record AppendBody(string Content, string? IdempotencyKey = null, int? Turn = null);

    /// <summary>Whom the ring shall go to.</summary>
    /// <param name="ToUserId">An id, or @handle.</param>
    /// <param name="Turn">The turn that you believe to be in; another one is refused as stale.</param>
    /// <param name="Note">A word that only the next holder sees.</param>
    internal sealed record PassBody(string ToUserId, string? IdempotencyKey = null, int? Turn = null, string? Note = null);

    /// <summary>How to choose whom the ring shall go to.</summary>
    /// <param name="Strategy">Absent for that of the draft.</param>
    internal sealed record SmartPassBody(Strategy? Strategy = null, string? IdempotencyKey = null, int? Turn = null);

    internal sealed record AppendAnswer(ApiDraft Data, AppendResult Result, bool Replayed);

    internal sealed record AppendResult(Guid SegmentId, int Position);

    internal sealed record PassAnswer(ApiDraft Data, PassResult Result, bool Replayed);

    /// <summary>A pass that was made.</summary>
    /// <param name="Turn">The turn that the pass opened.</param>
    /// <param name="Strategy">How the recipient was chosen: by hand, or by which strategy.</param>
    internal sealed record PassResult(int Turn, string From, string To, Chosen Strategy, string Reasoning)
    {
        public static PassResult Of(RingPass pass) => new(pass.Turn, pass.FromId, pass.ToId, pass.Chosen, pass.Reason);
    }

    internal sealed record SmartPassAnswer(
        ApiDraft Data, PassResult Result, bool Replayed, string SelectedToUserId, Strategy StrategyUsed, string Reasoning, SmartPassMetrics Metrics);

    /// <summary>What a strategy went by.</summary>
    /// <param name="CandidateCount">Among how many people the strategy chose.</param>
    /// <param name="ComputedFrom">What it looked at.</param>
    internal sealed record SmartPassMetrics(Strategy Strategy, int CandidateCount, string ComputedFrom);
}
