namespace OneRing.Web.Endpoints;

/// <summary>The errors that a route may answer with, beside those that every route may.</summary>
internal sealed record ApiErrors(IReadOnlyList<ApiError> Own);

/// <summary>What a route says about itself. Its description in OpenAPI is made from this.</summary>
internal static class ApiDescription
{
    /// <summary>
    /// 
    /// </summary>
    /// <param name="id">The name of the operation, from which generated clients name their methods.</param>
    public static RouteHandlerBuilder Describe<TAnswer>(this RouteHandlerBuilder route, string id, string summary, string tag, params ApiError[] errors) =>
        route.WithName(id).WithSummary(summary).WithTags(tag).Produces<TAnswer>().WithMetadata(new ApiErrors(errors));
}
