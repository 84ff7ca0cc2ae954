using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using OneRing.Data.Database;

namespace OneRing.Web.Endpoints;

/// <summary>What happens to every request below /v1 before an endpoint sees it, in the order in which the API answers.</summary>
internal static partial class ApiPipeline
{
    /// <summary>The most bytes in the body of a request.</summary>
    public const int LargestBody = 1024 * 1024;

    private const string Root = "/v1";

    public static bool IsApi(this HttpRequest request) => request.Path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase);

    /// <summary>Answers every error in the one shape: refused by a middleware, not found, or thrown.</summary>
    public static void UseApiProblems(this WebApplication app) =>
        app.UseForApi(async (context, next) =>
        {
            try
            {
                await next(context);
            }
            catch (Exception failure) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
            {
                context.Response.Clear();
                await AnswerAsync(context, failure, app.Logger);
                return;
            }

            if (context.Response is { StatusCode: >= StatusCodes.Status400BadRequest, HasStarted: false, ContentType: null })
            {
                var (error, message) = ApiError.OfStatus(context.Response.StatusCode);
                await ApiProblem.WriteAsync(context, error, message);
            }
        });

    /// <summary>Nobody without a token learns anything below /v1, not even which addresses there are.</summary>
    public static void UseApiAccess(this WebApplication app) =>
        app.UseForApi((context, next) => context.User.Identity is { IsAuthenticated: true, AuthenticationType: AccessTokenHandler.SchemeName }
            ? next(context)
            : context.ChallengeAsync(AccessTokenHandler.SchemeName));

    /// <summary>Reads the body, whether or not it says its length, as far as it may go; then looks at its type.</summary>
    public static void UseApiBodies(this WebApplication app) =>
        app.UseForApi(async (context, next) =>
        {
            var request = context.Request;
            if (request.ContentLength > LargestBody)
            {
                context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
                return;
            }
            if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true)
            {
                await next(context);
                return;
            }

            using var body = new MemoryStream((int)(request.ContentLength ?? 0));
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = await request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                if (body.Length + read > LargestBody)
                {
                    context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
                    return;
                }
                await body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
            }
            if (body.Length > 0 && context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is not null && !request.HasJsonContentType())
            {
                context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
                return;
            }

            body.Position = 0;
            request.Body = body;
            await next(context);
        });

    private static void UseForApi(this WebApplication app, Func<HttpContext, RequestDelegate, Task> middleware) =>
        app.Use((context, next) => context.Request.IsApi() ? middleware(context, next) : next(context));

    private static Task AnswerAsync(HttpContext context, Exception failure, ILogger logger)
    {
        switch (failure)
        {
            case UnreadableRequestException unreadable:
                return ApiProblem.WriteAsync(context, ApiError.Validation, unreadable.Message);
            case BadHttpRequestException bad:
                var (error, message) = ApiError.OfStatus(bad.StatusCode);
                return ApiProblem.WriteAsync(context, error, message);
            case var _ when DatabaseTroubles.Of(failure) is { } trouble:
                LogTrouble(logger, context.TraceIdentifier, trouble, failure);
                return ApiProblem.WriteAsync(context, trouble);
            default:
                LogFailure(logger, context.TraceIdentifier, failure);
                var (fault, words) = ApiError.OfStatus(StatusCodes.Status500InternalServerError);
                return ApiProblem.WriteAsync(context, fault, words);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The API could not answer request {RequestId}")]
    private static partial void LogFailure(ILogger logger, string requestId, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "The API could not answer request {RequestId}, because of the database: {Trouble}")]
    private static partial void LogTrouble(ILogger logger, string requestId, DatabaseTrouble trouble, Exception failure);
}
