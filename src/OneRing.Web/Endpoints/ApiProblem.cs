using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using OneRing.Data;
using OneRing.Data.Database;
using OneRing.Data.Invites;

namespace OneRing.Web.Endpoints;

/// <summary>What every error of the API looks like: the members of a problem (RFC 9457), and a code that programs go by.</summary>
public sealed record ApiProblem(string Type, string Title, int Status, string Detail, string Instance, ApiProblemError Error)
{
    public const string ContentType = "application/problem+json";

    /// <summary>An endpoint's answer when the product says no.</summary>
    public static IResult For(Refusal refusal) => new Answer(refusal);

    /// <summary>Writes an error as the whole answer to a request.</summary>
    internal static Task WriteAsync(HttpContext context, ApiError error, string message)
    {
        var problem = new ApiProblem(
            "about:blank",
            ReasonPhrases.GetReasonPhrase(error.Status),
            error.Status,
            message,
            context.Request.PathBase + context.Request.Path,
            new ApiProblemError(error.Code, message, context.TraceIdentifier));
        context.Response.StatusCode = error.Status;
        return context.Response.WriteAsJsonAsync(problem, options: null, ContentType, context.RequestAborted);
    }

    /// <summary>Writes that the database cannot do this at present, and in how many seconds to ask again.</summary>
    internal static Task WriteAsync(HttpContext context, DatabaseTrouble trouble)
    {
        var message = trouble switch
        {
            DatabaseTrouble.Busy => "The database has too much to do at present. Wait as long as Retry-After says; with the same idempotency key you may safely try again.",
            DatabaseTrouble.ReadOnly => "The database can only be read at present, so this was not done. With the same idempotency key you may safely try again.",
            DatabaseTrouble.Full => "The database has no room left, so this was not done. With the same idempotency key you may safely try again.",
            _ => ApiError.OfStatus(StatusCodes.Status503ServiceUnavailable).Message,
        };
        context.Response.Headers.RetryAfter = TroubleText.RetryAfter(trouble).ToString(CultureInfo.InvariantCulture);
        return WriteAsync(context, ApiError.Unavailable, message);
    }

    private sealed class Answer(Refusal refusal) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var error = RefusalProblems.For(refusal);
            if (error == ApiError.RateLimited)
            {
                // What the product counts by itself, it counts over this time, after which there is room in any case. Reminders it counts by the UTC day.
                var now = httpContext.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
                var wait = refusal == Refusal.NudgedToday ? TimeSpan.FromDays(1) - now.TimeOfDay : InviteService.LimitWindow;
                httpContext.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            }
            return WriteAsync(httpContext, error, RefusalText.For(refusal));
        }
    }
}

/// <summary>What programs, people and whoever reads the log go by.</summary>
/// <param name="Code">Stays the same for ever, unlike the words.</param>
/// <param name="RequestId">Stands in the server's log beside whatever it says about this request.</param>
public sealed record ApiProblemError(string Code, string Message, string RequestId);

/// <summary>A request that cannot be read, with words for whoever sent it. (Other exceptions' words are never sent.)</summary>
internal sealed class UnreadableRequestException(string message) : Exception(message);
