using Microsoft.AspNetCore.Http.Metadata;

namespace OneRing.Web.Endpoints;

/// <summary>The errors that a route may answer with.</summary>
internal sealed record ApiErrors(IReadOnlyList<ApiError> All);

/// <summary>What a request and an answer of a route look like.</summary>
internal sealed record ApiExample(object? Body, object Answer);

/// <summary>What a route says about itself. Its description in OpenAPI is made from this.</summary>
internal static class ApiDescription
{
    private static readonly ApiError[] OfEveryRoute = [ApiError.Unauthorized, ApiError.RateLimited, ApiError.Internal, ApiError.Unavailable];

    private static readonly ApiError[] OfEveryBody = [ApiError.PayloadTooLarge, ApiError.UnsupportedMediaType];

    /// <summary>Names the operation, its answer and its errors.</summary>
    /// <param name="id">The name of the operation, from which generated clients name their methods.</param>
    /// <param name="errors">What may go wrong here, beside what may go wrong everywhere or with every body.</param>
    public static RouteHandlerBuilder Describe<TAnswer>(this RouteHandlerBuilder route, string id, string summary, string tag, params ApiError[] errors)
    {
        route.WithName(id).WithSummary(summary).WithTags(tag).Produces<TAnswer>();
        // As a convention, because only then is it known whether the handler reads a body.
        route.Add(endpoint =>
        {
            var ofBody = endpoint.Metadata.OfType<IAcceptsMetadata>().Any() ? OfEveryBody : [];
            var all = OfEveryRoute.Concat(ofBody).Concat(errors).OrderBy(error => error.Status).ToList();
            endpoint.Metadata.Add(new ApiErrors(all));
            foreach (var status in all.Select(error => error.Status).Distinct())
            {
                endpoint.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(ApiProblem), [ApiProblem.ContentType]));
            }
        });
        return route;
    }

    public static RouteHandlerBuilder Example(this RouteHandlerBuilder route, object? body, object answer) =>
        route.WithMetadata(new ApiExample(body, answer));
}
