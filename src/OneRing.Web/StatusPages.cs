using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;
using OneRing.Data.Accounts;
using OneRing.Web.Users;

namespace OneRing.Web;

/// <summary>Pages in place of a bare status code, and in place of what failed.</summary>
internal static class StatusPages
{
    /// <summary>Whose page it is, for the layout: Blazor does not wait until that has asked for itself, and somebody who is signed in would be drawn as somebody who is not.</summary>
    public static AccountView? AccountOf(HttpContext? context) => context?.Items[typeof(AccountView)] as AccountView;

    public static void UseStatusPages(this WebApplication app)
    {
        app.UseExceptionHandler("/error", createScopeForErrors: true);
        app.UseStatusCodePagesWithReExecute("/not-found", "?status={0}", createScopeForStatusCodePages: true);

        // Such a page answers the request that failed, and is a page to read. Had that request been a form, Blazor would look for
        // its handler here, and had it come without a valid token, ASP.NET Core would refuse to look at it once more.
        app.Use(async (context, next) =>
        {
            if (IsStatusPage(context))
            {
                context.Request.Method = HttpMethods.Get;
                context.Features.Set<IAntiforgeryValidationFeature>(null);
            }
            await next(context);

            // Blazor names a type of content and then refuses such a form without any; only without a type is a page shown instead.
            if (context.Response is { StatusCode: StatusCodes.Status400BadRequest, HasStarted: false })
            {
                context.Response.ContentType = null;
            }
        });
    }

    /// <summary>Finds whose status page it is, once that is known; where the database is in trouble, that is answered instead.</summary>
    public static void UseStatusPageAccounts(this WebApplication app) =>
        app.Use(async (context, next) =>
        {
            if (IsStatusPage(context) && CurrentUser.IdOf(context.User) is { } id)
            {
                context.Items[typeof(AccountView)] = await context.RequestServices.GetRequiredService<AccountService>().FindAsync(id, context.RequestAborted);
            }
            await next(context);
        });

    private static bool IsStatusPage(HttpContext context) =>
        context.Features.Get<IStatusCodeReExecuteFeature>() is not null || context.Features.Get<IExceptionHandlerFeature>() is not null;
}
