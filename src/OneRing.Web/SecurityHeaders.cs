using System.Security.Cryptography;

namespace OneRing.Web;

/// <summary>What every answer tells the browser: run our scripts only, fetch from nowhere else, be framed by nobody.</summary>
internal static class SecurityHeaders
{
    private const string OwnScripts = "script-src 'self'";

    private static readonly object NonceKey = new();

    // Styles may stand inline because MudBlazor writes its theme and its popovers' places that way. Scripts may not.
    private const string ContentSecurityPolicy =
        "default-src 'self'; " + OwnScripts + "; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

    public static void UseSecurityHeaders(this WebApplication app) =>
        app.Use((context, next) =>
        {
            // At the last moment, because the exception handler clears what was set before.
            context.Response.OnStarting(() =>
            {
                var headers = context.Response.Headers;
                headers.ContentSecurityPolicy = context.Items[NonceKey] is string nonce
                    ? ContentSecurityPolicy.Replace(OwnScripts, $"{OwnScripts} 'nonce-{nonce}'", StringComparison.Ordinal)
                    : ContentSecurityPolicy;
                headers.XFrameOptions = "DENY";
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "same-origin";
                return Task.CompletedTask;
            });
            return next(context);
        });

    /// <summary>Lets a page of somebody else's making run the one script that stands in it: the one that knows this word, which nobody can guess.</summary>
    public static string AllowOneScript(HttpContext context)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        context.Items[NonceKey] = nonce;
        return nonce;
    }
}
