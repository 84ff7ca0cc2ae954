using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Web.Endpoints;

/// <summary>Drafts as such: starting, listing, reading, renaming, pausing and finishing them.</summary>
internal static class DraftEndpoints
{
    private const string Tag = "Drafts";

    /// <summary>More people write in no draft.</summary>
    private const int MostPeopleInOrder = 1_000;

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
        routes.MapPatch("/collab/drafts/{id}", ChangeAsync)
            .Describe<DraftAnswer>(
                "ChangeDraft", "Give a draft another title, other turn rules, another order of turns: all that is said, or nothing (owner)", Tag,
                ApiError.Validation, ApiError.NotFound, ApiError.Forbidden, ApiError.IdempotencyMismatch, ApiError.DraftNotActive)
            .Example(
                new ChangeBody { Title = "Another title", TurnLimitHours = 24, OnExpiry = OnExpiry.Pass, RestDays = [DayOfWeek.Saturday, DayOfWeek.Sunday] },
                new DraftAnswer(ApiExamples.Draft));
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

    private static async Task<IResult> ChangeAsync([AsParameters] DraftCall call, Body<ChangeBody> body, IdempotencyKeyHeader key, AccountService accounts)
    {
        var change = body.Value;
        if (change is { Title: null, Rules: null, Order: null })
        {
            throw new UnreadableRequestException("Say what to change: title, order, or any of the turn rules.");
        }

        List<string>? order = null;
        if (change.Order is { } people)
        {
            if (people.Count > MostPeopleInOrder)
            {
                throw new UnreadableRequestException($"An order has at most {MostPeopleInOrder} people.");
            }
            // That no element is null, which the type says, is not checked by whoever reads the JSON.
            if (people.Any(person => person is null))
            {
                throw new UnreadableRequestException("An order is made of ids and @handles.");
            }
            order = await accounts.ResolveAsync(people, call.Aborted);
        }
        var request = new ChangeDraft(call.UserId, call.DraftId, change.Title, change.Rules, order, key.Value);
        return await call.AnswerAsync(await call.Drafts.ChangeAsync(request, call.Aborted));
    }

    private static async Task<IResult> LockAsync([AsParameters] DraftCall call, IdempotencyKeyHeader key) =>
        await call.AnswerAsync(await call.Drafts.LockAsync(new LockDraft(call.UserId, call.DraftId, key.Value), call.Aborted));

    private static async Task<IResult> UnlockAsync([AsParameters] DraftCall call, IdempotencyKeyHeader key) =>
        await call.AnswerAsync(await call.Drafts.UnlockAsync(new UnlockDraft(call.UserId, call.DraftId, key.Value), call.Aborted));

    private static async Task<IResult> CompleteAsync([AsParameters] DraftCall call, IdempotencyKeyHeader key) =>
        await call.AnswerAsync(await call.Drafts.CompleteAsync(new CompleteDraft(call.UserId, call.DraftId, key.Value), call.Aborted));

    internal sealed record CreateBody(string Title, Platform Platform = Platform.Story, string? InitialSegment = null, string? IdempotencyKey = null);

    /// <summary>What shall be different. Members that are not there stay as they are.</summary>
    internal sealed record ChangeBody
    {
        private readonly TurnRulesChange rules = new();

        // What is null here was not said, and must not be said so; what may be null says nothing about itself, so its place in the rules does.
        [DisallowNull]
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Title { get; init; }

        /// <summary>How long a turn may last, in hours that count: 1 to 720; null for as long as it takes.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? TurnLimitHours
        {
            get => rules.LimitHours?.Value;
            init => rules = rules with { LimitHours = new(value) };
        }

        /// <summary>How many hours that count come on top before anything happens: 0 to 168.</summary>
        [DisallowNull]
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? GraceHours
        {
            get => rules.GraceHours;
            init => rules = rules with { GraceHours = value };
        }

        /// <summary>What happens then: the ring goes on, the owner may take it back, or its holder is told.</summary>
        [DisallowNull]
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public OnExpiry? OnExpiry
        {
            get => rules.OnExpiry;
            init => rules = rules with { OnExpiry = value };
        }

        /// <summary>Who comes next where nobody chooses by hand.</summary>
        [DisallowNull]
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Strategy? Strategy
        {
            get => rules.Strategy;
            init => rules = rules with { Strategy = value };
        }

        /// <summary>How many turns each person may let pass before their next one is shorter: 0 to 10.</summary>
        [DisallowNull]
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? ExcusedMisses
        {
            get => rules.ExcusedMisses;
            init => rules = rules with { ExcusedMisses = value };
        }

        /// <summary>Days that do not count, in the holder’s time zone. One day at least must.</summary>
        [DisallowNull]
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<DayOfWeek>? RestDays
        {
            get;
            init => (field, rules) = (value, rules with { RestDays = value?.ToRestDays() });
        }

        /// <summary>When the hours of the day begin that do not count; null, like their end, for none.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public TimeOnly? RestFrom
        {
            get => rules.RestFrom?.Value;
            init => rules = rules with { RestFrom = new(value) };
        }

        /// <summary>When they end; earlier than they begin if they go over midnight.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public TimeOnly? RestTo
        {
            get => rules.RestTo?.Value;
            init => rules = rules with { RestTo = new(value) };
        }

        /// <summary>Everybody who can hold the ring, each once: ids, or @handles.</summary>
        [DisallowNull]
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<string>? Order { get; init; }

        [JsonIgnore]
        public TurnRulesChange? Rules => rules == new TurnRulesChange() ? null : rules;
    }

    internal sealed record CreateAnswer(ApiDraft Data, bool Replayed);

    /// <summary>A page of drafts.</summary>
    /// <param name="Count">How many drafts this page has.</param>
    /// <param name="NextCursor">Send it as the cursor to get the next page; null after the last.</param>
    internal sealed record ListAnswer(IReadOnlyList<ApiDraft> Data, int Count, string? NextCursor);
}
