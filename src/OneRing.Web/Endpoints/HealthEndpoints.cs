using OneRing.Data;

namespace OneRing.Web.Endpoints;

/// <summary>What a load balancer asks: is the process alive, and can it serve.</summary>
internal static class HealthEndpoints
{
    public static void MapHealthEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Text("alive"));
        routes.MapGet("/readyz", async (IServiceProvider services, Draining draining, ServerName server, HttpContext http, CancellationToken cancellationToken) =>
        {
            http.Response.Headers[ServerName.Header] = server.Name;
            return draining.IsStopping ? NotReady("this server is stopping")
                : await services.IsDatabaseReadyAsync(cancellationToken) ? Results.Text("ready")
                : NotReady("the database does not answer, or is not migrated");
        });
    }

    private static IResult NotReady(string why) => Results.Text($"not ready: {why}", statusCode: StatusCodes.Status503ServiceUnavailable);
}
