using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Rings;

namespace OneRing.Web.Endpoints;

/// <summary>Who the token's owner is, and where they are.</summary>
internal static class MeEndpoints
{
    private const string Tag = "Accounts";

    private static readonly DateTimeOffset Until = new(2026, 3, 9, 7, 0, 0, TimeSpan.Zero);

    public static void MapMe(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/me", ReadAsync)
            .Describe<MeAnswer>("GetMe", "Who you are", Tag)
            .Example(body: null, new MeAnswer(new ApiAccount("ana", "ana", "Ana", AwayUntil: null, "Europe/Berlin")));
        routes.MapGet("/me/waiting", async (Caller caller, WaitingService waits, CancellationToken cancellationToken) =>
                Results.Ok(new WaitingAnswer(ApiWaiting.Of(await waits.FindAsync(caller.UserId, cancellationToken)))))
            .Describe<WaitingAnswer>("GetWaiting", "What waits for you, and for whom you wait", Tag)
            .Example(body: null, new WaitingAnswer(ApiExamples.Waiting));
        routes.MapPut("/me/away", SetAwayAsync)
            .Describe<AwayAnswer>("SetAway", "Say until when you are away, from all your drafts or from one; or that you are back", Tag, ApiError.Validation, ApiError.NotFound, ApiError.Forbidden, ApiError.IdempotencyMismatch)
            .Example(new AwayBody("2026-03-09T08:00:00+01:00"), new AwayAnswer(new ApiAway(DraftId: null, Until)));
        routes.MapPut("/me/time-zone", SetTimeZoneAsync)
            .Describe<MeAnswer>("SetTimeZone", "Say in which time zone you live: your turns’ hours and days of rest go by it", Tag, ApiError.Validation)
            .Example(new TimeZoneBody("Europe/Berlin"), new MeAnswer(new ApiAccount("ana", "ana", "Ana", AwayUntil: null, "Europe/Berlin")));
    }

    private static async Task<IResult> ReadAsync(Caller caller, AccountService accounts, AbsenceService absences, CancellationToken cancellationToken)
    {
        var where = await absences.FindAsync(caller.UserId, cancellationToken);
        return where.Succeeded && await accounts.FindAsync(caller.UserId, cancellationToken) is { } me
            ? Results.Ok(new MeAnswer(new ApiAccount(me.UserId, me.Handle, me.Name, where.Value.AwayUntil, where.Value.TimeZone)))
            : ApiProblem.For(Refusal.NotFound);
    }

    private static async Task<IResult> SetAwayAsync(
        Caller caller, Body<AwayBody> body, IdempotencyKeyHeader key, AbsenceService absences, TurnService turns, CancellationToken cancellationToken)
    {
        var (text, draftId) = body.Value;
        if (text is not null && !Instant.TryParse(text, out _))
        {
            throw new UnreadableRequestException("until is null, or an instant: ISO 8601 with an offset.");
        }

        var until = Instant.TryParse(text, out var instant) ? instant.Value : (DateTimeOffset?)null;
        var result = draftId is { } id
            ? await turns.SetAwayAsync(new SetAway(caller.UserId, id, until, key.Value), cancellationToken)
            : await absences.SetAwayAsync(caller.UserId, until, cancellationToken);
        return result.Succeeded ? Results.Ok(new AwayAnswer(new ApiAway(draftId, until))) : ApiProblem.For(result.Refusal.Value);
    }

    private static async Task<IResult> SetTimeZoneAsync(
        Caller caller, Body<TimeZoneBody> body, AccountService accounts, AbsenceService absences, CancellationToken cancellationToken)
    {
        var result = await absences.SetTimeZoneAsync(caller.UserId, body.Value.TimeZone, cancellationToken);
        return result.Succeeded ? await ReadAsync(caller, accounts, absences, cancellationToken) : ApiProblem.For(result.Refusal.Value);
    }

    internal sealed record MeAnswer(ApiAccount Data);

    internal sealed record WaitingAnswer(ApiWaiting Data);

    /// <summary>An account as its owner’s programs read it.</summary>
    /// <param name="AwayUntil">Until when they are away from all their drafts; null when they are there.</param>
    /// <param name="TimeZone">An IANA name; null for UTC.</param>
    internal sealed record ApiAccount(string UserId, string Handle, string DisplayName, DateTimeOffset? AwayUntil, string? TimeZone);

    /// <summary>Until when you are away.</summary>
    /// <param name="Until">ISO 8601 with an offset, a year from now at the most; null when you are back.</param>
    /// <param name="DraftId">From one draft; absent for all of them.</param>
    internal sealed record AwayBody(string? Until, Guid? DraftId = null);

    internal sealed record AwayAnswer(ApiAway Data);

    internal sealed record ApiAway(Guid? DraftId, DateTimeOffset? Until);

    /// <summary>Where you live.</summary>
    /// <param name="TimeZone">An IANA name; null for UTC.</param>
    internal sealed record TimeZoneBody(string? TimeZone);
}
