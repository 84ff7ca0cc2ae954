using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;
using OneRing.Web.Users;

namespace OneRing.Web;

/// <summary>
/// One line in the log for each request that was refused to somebody: what is not theirs, forms without their token, and too many requests. It names the route and never the address,
/// in which secrets may stand. What is refused to commands on a draft is written where they are decided, since pages send them through their circuits.
/// </summary>
internal static partial class RefusalLog
{
    public static void UseRefusalLog(this WebApplication app) =>
        app.Use(async (context, next) =>
        {
            await next(context);
            // The page that says so is asked for by the server itself.
            if (context.Features.Get<IStatusCodeReExecuteFeature>() is null && ReasonOf(context) is { } reason)
            {
                LogRefused(app.Logger, context.TraceIdentifier, CurrentUser.IdOf(context.User) ?? $"somebody at {RateLimits.AddressOf(context)}", reason, context.Request.Method, RouteOf(context));
            }
        });

    /// <summary>Somebody opened a page that is for admins.</summary>
    public static void NotForAdmins(HttpContext context, ILogger logger) =>
        LogRefused(logger, context.TraceIdentifier, CurrentUser.IdOf(context.User) ?? "nobody", "not an admin", context.Request.Method, RouteOf(context));

    private static string? ReasonOf(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status429TooManyRequests => "too many requests",
        StatusCodes.Status403Forbidden when !IsCommand(context) => "not allowed",
        // Whoever may not see a thing hears that there is none.
        StatusCodes.Status404NotFound when !IsCommand(context) && CurrentUser.IdOf(context.User) is not null && IsAboutSomething(context) => "not there for them",
        StatusCodes.Status400BadRequest when context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false } => "no token of a form",
        _ => null,
    };

    private static bool IsCommand(HttpContext context) =>
        !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && !context.Request.Path.StartsWithSegments("/admin", StringComparison.OrdinalIgnoreCase);

    private static bool IsAboutSomething(HttpContext context) =>
        (context.GetEndpoint() as RouteEndpoint)?.RoutePattern is { Parameters.Count: > 0 } pattern && !pattern.Parameters.Any(parameter => parameter.IsCatchAll);

    private static string RouteOf(HttpContext context) => $"/{(context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText?.TrimStart('/')}";

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {RequestId} was refused to {Who} ({Reason}): {Method} {Route}")]
    private static partial void LogRefused(ILogger logger, string requestId, string who, string reason, string method, string route);
}
