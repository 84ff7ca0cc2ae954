using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Web.Users;

namespace OneRing.Web.Endpoints;

/// <summary>What <c>passkeys.js</c> and the forms around it post to. Every one of these forms carries an antiforgery token.</summary>
internal static partial class PasskeyEndpoints
{
    private const int MostPasskeys = 20;

    public static void MapPasskeyEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/account/passkeys/creation-options", OfferAsync).RequireAuthorization();
        routes.MapPost("/account/passkeys", KeepAsync).RequireAuthorization();
        routes.MapPost("/account/passkeys/rename", RenameAsync).RequireAuthorization();
        routes.MapPost("/account/passkeys/remove", RemoveAsync).RequireAuthorization();
        routes.MapPost("/account/passkeys/request-options", AskAsync);
        routes.MapPost("/account/sign-in/passkey", SignInAsync);
    }

    private static async Task<IResult> OfferAsync([FromForm] string? name, [FromForm] string? password, HttpContext http, SecurityService security, HouseSignIn signIn)
    {
        if (await signIn.UserManager.GetUserAsync(http.User) is not { } user)
        {
            return No(RefusalText.For(Refusal.Forbidden));
        }
        if ((await signIn.UserManager.GetPasskeysAsync(user)).Count >= MostPasskeys)
        {
            return No($"There are {MostPasskeys} passkeys, as many as an account can have. Remove one that you no longer use first.");
        }
        if (SecurityService.PasskeyName(name ?? "") is null)
        {
            return No(RefusalText.For(Refusal.PasskeyNameInvalid));
        }
        if (await security.MayAddPasskeyAsync(user.Id, password) is { Refusal: { } refusal })
        {
            return No(RefusalText.For(refusal));
        }

        var options = await signIn.MakePasskeyCreationOptionsAsync(new PasskeyUserEntity { Id = user.Id, Name = user.Handle, DisplayName = user.Display });
        return Results.Content(options, "application/json");
    }

    // The form says it where it stands.
    private static IResult No(string words) => Results.Text(words, statusCode: StatusCodes.Status409Conflict);

    // Only what was offered to this browser a moment ago is kept.
    private static async Task<IResult> KeepAsync([FromForm] string? name, [FromForm] string? credential, HttpContext http, HouseSignIn signIn)
    {
        if (SecurityService.PasskeyName(name ?? "") is not { } chosen)
        {
            return Results.LocalRedirect(ProblemOf("name"));
        }

        // A form without scripts has no credential.
        var result = string.IsNullOrEmpty(credential) ? null : await signIn.PerformPasskeyAttestationAsync(credential);
        if (result is not { Succeeded: true } || result.UserEntity.Id != CurrentUser.IdOf(http.User) || await signIn.UserManager.FindByIdAsync(result.UserEntity.Id) is not { } user)
        {
            return Results.LocalRedirect(ProblemOf("passkey"));
        }

        result.Passkey.Name = chosen;
        if (!(await signIn.UserManager.AddOrUpdatePasskeyAsync(user, result.Passkey)).Succeeded)
        {
            return Results.LocalRedirect(ProblemOf("passkey"));
        }
        return Results.LocalRedirect("/account/security?done=passkey");
    }

    private static async Task<IResult> RenameAsync([FromForm] string id, [FromForm] string? name, HttpContext http, SecurityService security)
    {
        var result = await security.RenamePasskeyAsync(CurrentUser.IdOf(http.User)!, id, name ?? "");
        return Results.LocalRedirect(After(result, id, "passkey-renamed"));
    }

    private static async Task<IResult> RemoveAsync([FromForm] string id, [FromForm] string? password, HttpContext http, SecurityService security, HouseSignIn signIn, SignInService people)
    {
        var userId = CurrentUser.IdOf(http.User)!;
        var result = await security.RemovePasskeyAsync(userId, id, password);
        if (result.Succeeded)
        {
            await signIn.StaySignedInAsync(people, userId);
        }
        return Results.LocalRedirect(After(result, id, "passkey-removed"));
    }

    private static async Task<IResult> AskAsync([FromForm] string? returnUrl, HouseSignIn signIn)
    {
        // For whoever it may be: their device knows.
        _ = returnUrl;
        return Results.Content(await signIn.MakePasskeyRequestOptionsAsync(user: null), "application/json");
    }

    private static async Task<IResult> SignInAsync([FromForm] string? credential, [FromForm] string? returnUrl, HttpContext http, HouseSignIn signIn)
    {
        var result = string.IsNullOrEmpty(credential) ? null : await signIn.PerformPasskeyAssertionAsync(credential);
        if (result is not { Succeeded: true } || !await signIn.CanSignInAsync(result.User))
        {
            LogRefused(signIn.Logger, http.TraceIdentifier, RateLimits.AddressOf(http));
            return Results.LocalRedirect($"/account/sign-in{QueryString.Create("problem", "passkey").Add("returnUrl", LocalUrl.OrHome(returnUrl))}");
        }

        // With the counter that tells a copied passkey from the one.
        await signIn.UserManager.AddOrUpdatePasskeyAsync(result.User, result.Passkey);
        await signIn.SignInWholeAsync(result.User);
        return Results.LocalRedirect(LocalUrl.OrHome(returnUrl));
    }

    // What is refused is said beside the passkey that it is about.
    private static string After(Result<Done> result, string id, string done) => result.Refusal switch
    {
        null => $"/account/security?done={done}",
        Refusal.PasskeyNameInvalid => ProblemOf("name", id),
        Refusal.PasswordWrong => ProblemOf("password", id),
        _ => ProblemOf("unknown"),
    };

    private static string ProblemOf(string problem, string? id = null)
    {
        var query = QueryString.Create("problem", problem);
        return $"/account/security{(id is null ? query : query.Add("passkey", id))}#passkeys-heading";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {RequestId} from {Address} brought a passkey that opens no account")]
    private static partial void LogRefused(ILogger logger, string requestId, string address);
}
