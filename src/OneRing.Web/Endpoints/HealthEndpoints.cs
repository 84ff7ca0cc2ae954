using OneRing.Data;

namespace OneRing.Web.Endpoints;

/// <summary>What a load balancer asks: is the process alive, and can it serve.</summary>
internal static class HealthEndpoints
{
    public static void MapHealthEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Text("alive"));
        routes.MapGet("/readyz", async (IServiceProvider services, ServerName server, HttpContext http, CancellationToken cancellationToken) =>
        {
            http.Response.Headers[ServerName.Header] = server.Name;
            return await services.IsDatabaseReadyAsync(cancellationToken)
                ? Results.Text("ready")
                : Results.Text("not ready: the database does not answer, or is not migrated", statusCode: StatusCodes.Status503ServiceUnavailable);
        });
    }
}
