using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Web.Users;

namespace OneRing.Web.Endpoints;

/// <summary>What the forms of <c>/admin/users</c> post to. Whether somebody is an admin is decided where the act is carried out.</summary>
internal static class AdminEndpoints
{
    public static void MapAdminEndpoints(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/admin/users/{userId}/{act}", async (
            string userId, string act, [FromForm] string? q, [FromForm] int? page,
            ClaimsPrincipal me, HttpContext context, UserAdministration users, CancellationToken cancellationToken) =>
        {
            if (Enum.GetValues<Act>().Select(known => (Act?)known).FirstOrDefault(known => EnumNames.NameOf(known!.Value) == act) is not { } wanted)
            {
                return Results.NotFound();
            }

            var from = context.Connection.RemoteIpAddress?.ToString() ?? "an unknown address";
            var result = await users.ActAsync(new UserAct(CurrentUser.IdOf(me), userId, wanted, from), cancellationToken);
            return result.Refusal is Refusal.Forbidden or Refusal.UserUnknown
                ? Results.NotFound()
                : Results.LocalRedirect(QueryHelpers.AddQueryString("/admin/users", new Dictionary<string, string?>
                {
                    ["q"] = q,
                    ["page"] = page is > 0 ? $"{page}" : null,
                    ["done"] = result.Succeeded ? act : null,
                    ["who"] = result.Value,
                    ["refused"] = result.Refusal?.ToString(),
                }));
        }).RequireAuthorization();
}
