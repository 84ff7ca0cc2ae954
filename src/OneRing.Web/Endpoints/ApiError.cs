namespace OneRing.Web.Endpoints;

/// <summary>A kind of error of the API: its status, and the code that programs go by.</summary>
internal sealed record ApiError(int Status, string Code)
{
    public static readonly ApiError Validation = new(StatusCodes.Status400BadRequest, "validation_error");
    public static readonly ApiError Unauthorized = new(StatusCodes.Status401Unauthorized, "unauthorized");
    public static readonly ApiError Forbidden = new(StatusCodes.Status403Forbidden, "forbidden");
    public static readonly ApiError RingRequired = new(StatusCodes.Status403Forbidden, "ring_required");
    public static readonly ApiError NotFound = new(StatusCodes.Status404NotFound, "not_found");
    public static readonly ApiError MethodNotAllowed = new(StatusCodes.Status405MethodNotAllowed, "method_not_allowed");
    public static readonly ApiError Conflict = new(StatusCodes.Status409Conflict, "conflict");
    public static readonly ApiError DraftNotActive = new(StatusCodes.Status409Conflict, "draft_not_active");
    public static readonly ApiError StaleTurn = new(StatusCodes.Status409Conflict, "stale_turn");
    public static readonly ApiError NoCollaboratorCandidates = new(StatusCodes.Status409Conflict, "no_collaborator_candidates");
    public static readonly ApiError PayloadTooLarge = new(StatusCodes.Status413PayloadTooLarge, "payload_too_large");
    public static readonly ApiError UnsupportedMediaType = new(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type");
    public static readonly ApiError IdempotencyMismatch = new(StatusCodes.Status422UnprocessableEntity, "idempotency_mismatch");
    public static readonly ApiError RateLimited = new(StatusCodes.Status429TooManyRequests, "rate_limited");
    public static readonly ApiError Internal = new(StatusCodes.Status500InternalServerError, "internal_error");
    public static readonly ApiError Unavailable = new(StatusCodes.Status503ServiceUnavailable, "unavailable");

    /// <summary>The error that a bare status stands for, when ASP.NET Core answered before any of our code did, with words for it.</summary>
    public static (ApiError Error, string Message) OfStatus(int status) => status switch
    {
        StatusCodes.Status400BadRequest => (Validation, "A parameter of this request cannot be read. The description of the API says which values each takes."),
        StatusCodes.Status401Unauthorized => (Unauthorized, "Send a valid access token: Authorization: Bearer or_… You make one on your account page."),
        StatusCodes.Status403Forbidden => (Forbidden, "This is not for your account."),
        StatusCodes.Status404NotFound => (NotFound, "There is nothing at this address."),
        StatusCodes.Status405MethodNotAllowed => (MethodNotAllowed, "This address does not answer this method. The Allow header names those that it does."),
        StatusCodes.Status413PayloadTooLarge => (PayloadTooLarge, "The body of a request has at most 1 MiB. Nothing was changed."),
        StatusCodes.Status415UnsupportedMediaType => (UnsupportedMediaType, "Send the body as application/json."),
        StatusCodes.Status429TooManyRequests => (RateLimited, "That was more than the server takes at once. Wait as long as Retry-After says, then go on."),
        StatusCodes.Status503ServiceUnavailable => (Unavailable, "The database does not answer at present. Wait as long as Retry-After says; with the same idempotency key you may safely try again."),
        >= StatusCodes.Status400BadRequest and < StatusCodes.Status500InternalServerError => (Validation with { Status = status }, "This request cannot be read."),
        _ => (Internal, "The server could not do this. It is not your fault: with the same idempotency key you may safely try again."),
    };
}
