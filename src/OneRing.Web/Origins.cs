using Microsoft.Net.Http.Headers;

namespace OneRing.Web;

/// <summary>
/// Refuses sockets that a page of another site opens. Browsers send cookies along with them, and ask nobody whether they may.
/// </summary>
internal static class Origins
{
    public static void UseOwnOriginsOnly(this WebApplication app)
    {
        var publicOrigin = Uri.TryCreate(app.Configuration["OneRing:PublicUrl"], UriKind.Absolute, out var url) ? url.GetLeftPart(UriPartial.Authority) : null;
        app.Use((context, next) =>
        {
            if (!context.Request.Path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase)
                || IsOwn(context.Request, context.Request.Headers[HeaderNames.Origin], publicOrigin))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.ContentType = "text/plain; charset=utf-8";
            return context.Response.WriteAsync("This is not for pages of other sites.", context.RequestAborted);
        });
    }

    // Programs that are no browser send no origin, and carry nobody's cookies. A proxy may speak https where the server speaks http.
    private static bool IsOwn(HttpRequest request, string? origin, string? publicOrigin) =>
        string.IsNullOrEmpty(origin)
        || string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
        || string.Equals(origin, $"{Uri.UriSchemeHttps}://{request.Host}", StringComparison.OrdinalIgnoreCase)
        || string.Equals(origin, publicOrigin, StringComparison.OrdinalIgnoreCase);
}
