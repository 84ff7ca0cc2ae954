using System.Net.Mime;
using System.Text.Json;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;
using OneRing.Data;
using OneRing.Data.Writing;
using OneRing.Web.Users;

namespace OneRing.Web.Endpoints;

/// <summary>
/// Where <c>keeper.js</c> keeps what somebody types. Over HTTP and not over the circuit, so that neither a lost circuit nor the size of its messages
/// stands in the way of a word. For whoever is signed in with a cookie; what changes something carries the page's antiforgery token in a header.
/// </summary>
internal static class WorkingTextEndpoints
{
    /// <summary>A stretch of a text, in the longest form that JSON may give it.</summary>
    private const long LongestBodyBytes = 1_000_000;

    private static readonly JsonSerializerOptions Json = JsonSerializerOptions.Web;

    public static void MapWorkingTextEndpoints(this IEndpointRouteBuilder routes)
    {
        var texts = routes.MapGroup("/drafts/{id:guid}");
        texts.MapGet("/words", FindAsync);
        texts.MapGet("/parked/{textId:guid}", ReadParkedAsync);
        texts.MapPost("/words", SaveAsync).AddEndpointFilter(FromOwnPageAsync).WithMetadata(new RequestSizeLimitAttribute(LongestBodyBytes));
        texts.MapPost("/words/{textId:guid}/park", ParkAsync).AddEndpointFilter(FromOwnPageAsync);
    }

    /// <summary>A change as the browser sends it: see <see cref="SaveWords"/>.</summary>
    private sealed record Change(Guid TextId, int Base, int Start, int Remove, string Insert, int Length, string Page, bool Park = false);

    private static async Task<IResult> FindAsync(Guid id, [FromQuery] Guid? text, HttpContext http, WorkingTextService texts)
    {
        if (CurrentUser.IdOf(http.User) is not { } userId)
        {
            return SignedOut();
        }

        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(await texts.FindAsync(userId, id, text, http.RequestAborted), Json);
    }

    private static async Task<IResult> ReadParkedAsync(Guid id, Guid textId, HttpContext http, WorkingTextService texts)
    {
        if (CurrentUser.IdOf(http.User) is not { } userId)
        {
            return SignedOut();
        }

        http.Response.Headers.CacheControl = "no-store";
        return await texts.ReadParkedAsync(userId, id, textId, http.RequestAborted) is { } content
            ? Results.Text(content, MediaTypeNames.Text.Plain, System.Text.Encoding.UTF8)
            : Refused(Refusal.TextUnknown);
    }

    private static async Task<IResult> SaveAsync(Guid id, HttpContext http, WorkingTextService texts)
    {
        // Read here: what the API reads is in snake case, and what scripts send is not.
        Change? change = null;
        try
        {
            change = !http.Request.HasJsonContentType() ? null : await http.Request.ReadFromJsonAsync<Change>(Json, http.RequestAborted);
        }
        catch (JsonException)
        {
            // Answered below, as what is missing is.
        }
        catch (BadHttpRequestException unreadable)
        {
            return Results.StatusCode(unreadable.StatusCode);
        }
        if (change is null or { Insert: null } or { Page: null })
        {
            return Refused(Refusal.WordsInvalid);
        }

        // What has arrived is kept, even if the page that sent it is gone by now.
        var result = await texts.SaveAsync(new SaveWords(
            CurrentUser.IdOf(http.User)!, id, change.TextId, change.Base, change.Start, change.Remove, change.Insert, change.Length, change.Page, change.Park));
        return result.Succeeded ? Results.Json(result.Value, Json) : Refused(result.Refusal.Value);
    }

    private static async Task<IResult> ParkAsync(Guid id, Guid textId, HttpContext http, WorkingTextService texts)
    {
        var result = await texts.ParkAsync(CurrentUser.IdOf(http.User)!, id, textId);
        return result.Succeeded ? Results.Json(new { }, Json) : Refused(result.Refusal.Value);
    }

    private static async ValueTask<object?> FromOwnPageAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (CurrentUser.IdOf(http.User) is null)
        {
            return SignedOut();
        }

        return await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http)
            ? await next(context)
            : Results.Json(new { code = "not_from_here", message = "Load the page again." }, Json, statusCode: StatusCodes.Status400BadRequest);
    }

    private static IResult SignedOut() =>
        Results.Json(new { code = "signed_out", message = "You are signed out." }, Json, statusCode: StatusCodes.Status401Unauthorized);

    private static IResult Refused(Refusal refusal) =>
        Results.Json(new { code = EnumNames.NameOf(refusal), message = RefusalText.For(refusal) }, Json, statusCode: refusal switch
        {
            Refusal.WordsChanged => StatusCodes.Status409Conflict,
            Refusal.TextUnknown => StatusCodes.Status404NotFound,
            Refusal.Forbidden => StatusCodes.Status403Forbidden,
            Refusal.TextTooLong => StatusCodes.Status413PayloadTooLarge,
            _ => StatusCodes.Status422UnprocessableEntity,
        });
}
