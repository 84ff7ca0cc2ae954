using OneRing.Data.Notices;

namespace OneRing.Web.Endpoints;

/// <summary>
/// Ends mails with one click (RFC 8058). Mail programs send it without a session and without a token against forgery: the link itself is the permission, and all it can do.
/// </summary>
internal static class NoticeEndpoints
{
    /// <summary>The field that the button of the page sends, so that a person sees a page and not the line for programs.</summary>
    private const string FromPage = "from-page";

    public static void MapNoticeEndpoints(this IEndpointRouteBuilder routes) =>
        // Before the page of the same address, which would ask for a token against forgery.
        routes.MapPost("/unsubscribe", UnsubscribeAsync).WithOrder(-1);

    private static async Task<IResult> UnsubscribeAsync(string? token, HttpRequest request, NoticeSettingsService settings)
    {
        if (!await settings.UnsubscribeAsync(token, request.HttpContext.RequestAborted))
        {
            return Results.Text("This link is none of ours, or it was cut in two. Nothing was changed.", statusCode: StatusCodes.Status400BadRequest);
        }
        return request.HasFormContentType && (await request.ReadFormAsync(request.HttpContext.RequestAborted)).ContainsKey(FromPage)
            ? Results.LocalRedirect($"/unsubscribe?done=true&token={Uri.EscapeDataString(token!)}")
            : Results.Text("Done: no more mails like this one.");
    }
}
