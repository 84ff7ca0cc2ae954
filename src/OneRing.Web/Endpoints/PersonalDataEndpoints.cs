using Microsoft.AspNetCore.Mvc;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Web.Users;

namespace OneRing.Web.Endpoints;

/// <summary>What a person has written and done, as a file; and deleting an account with a passkey in place of a password.</summary>
internal static class PersonalDataEndpoints
{
    public static void MapPersonalDataEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/account/data/download", (HttpContext http, PersonalData data, CancellationToken cancellationToken) =>
        {
            var userId = CurrentUser.IdOf(http.User)!;
            http.Response.Headers.CacheControl = "no-store";
            return Results.Stream(output => data.WriteAsync(userId, output, cancellationToken), "application/zip", "onering.zip");
        }).RequireAuthorization();

        routes.MapPost("/account/data/delete", async (
            [FromForm] string? handle, [FromForm] string? credential, HttpContext http, HouseSignIn signIn, AccountDeletion deletion, CancellationToken cancellationToken) =>
        {
            var userId = CurrentUser.IdOf(http.User)!;
            var shown = string.IsNullOrEmpty(credential) ? null : await signIn.PerformPasskeyAssertionAsync(credential);
            if (shown is not { Succeeded: true } || shown.User.Id != userId)
            {
                return Results.LocalRedirect("/account/data?problem=passkey");
            }

            var result = await deletion.DeleteAsync(new DeleteAccount(userId, handle ?? "", HasShownPasskey: true), cancellationToken);
            if (!result.Succeeded)
            {
                return Results.LocalRedirect($"/account/data?problem={(result.Refusal == Refusal.LastAdmin ? "admin" : "handle")}");
            }
            await signIn.SignOutAsync();
            return Results.LocalRedirect("/account/deleted");
        }).RequireAuthorization();
    }
}
