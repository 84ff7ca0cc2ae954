using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using OneRing.Data;
using OneRing.Data.Analytics;
using OneRing.Web.Components.Analytics;
using OneRing.Web.Export;
using OneRing.Web.Users;

namespace OneRing.Web.Endpoints;

/// <summary>The tables of <c>/admin/analytics</c> as files, asked for by the very same query. Whether somebody is an admin is decided where they are read.</summary>
internal static class DashboardFileEndpoints
{
    public static void MapDashboardFiles(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/admin/analytics/{table}.csv", async (
            string table, [FromQuery] Instant? now, ClaimsPrincipal me, HttpContext context, AnalyticsService analytics, TimeProvider clock, CancellationToken cancellationToken) =>
        {
            if (CurrentUser.IdOf(me) is not { } userId || DashboardFile.All.FirstOrDefault(file => file.Name == table) is not { } wanted)
            {
                return Results.NotFound();
            }

            var filter = DashboardFilter.Read(name => context.Request.Query[name]);
            var at = now?.Value ?? clock.GetUtcNow();
            var result = await wanted.AskAsync(analytics, new DashboardQuestion(userId, filter.Query, at), cancellationToken);
            if (!result.Succeeded)
            {
                return result.Refusal == Refusal.Forbidden ? Results.NotFound() : Results.Text(RefusalText.For(result.Refusal.Value), statusCode: StatusCodes.Status400BadRequest);
            }

            context.Response.Headers.CacheControl = "no-store";
            return Results.Stream(output => result.Value.WriteAsync(output, cancellationToken), CsvTable<object>.ContentType, wanted.FileName(filter, at));
        }).RequireAuthorization();
}
