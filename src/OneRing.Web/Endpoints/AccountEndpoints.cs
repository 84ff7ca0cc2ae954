using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using OneRing.Data.Accounts;
using OneRing.Web.Demo;
using OneRing.Web.Users;

namespace OneRing.Web.Endpoints;

/// <summary>What a form on a page posts to when there is nothing to show but where to go next. The form carries an antiforgery token.</summary>
internal static class AccountEndpoints
{
    public static void MapAccountEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/account/sign-out", async ([FromForm] string? returnUrl, SignInManager<User> signIn) =>
        {
            await signIn.SignOutAsync();
            return Results.LocalRedirect(LocalUrl.OrHome(returnUrl));
        });

        routes.MapPost("/account/demo/{handle}", async (string handle, [FromForm] string? returnUrl, DemoMode demo, UserManager<User> users, SignInManager<User> signIn) =>
        {
            if (!demo.Offers(handle) || await users.FindByNameAsync(handle) is not { DisabledAt: null } person)
            {
                return Results.NotFound();
            }

            await signIn.SignInAsync(person, isPersistent: false);
            return Results.LocalRedirect(LocalUrl.OrHome(returnUrl));
        });
    }
}
