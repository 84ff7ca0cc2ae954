using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace OneRing.Web;

/// <summary>
/// What every answer tells the browser: run our scripts only, fetch from nowhere else, be framed by nobody, use no camera, keep nothing that is somebody's own.
/// </summary>
internal static class SecurityHeaders
{
    private const string OwnScripts = "script-src 'self'";

    private static readonly object NonceKey = new();

    // What is not named is forbidden. Styles may stand inline because MudBlazor writes its theme and its popovers' places that way. Scripts may not.
    private static readonly string ContentSecurityPolicy = string.Join("; ",
        "default-src 'none'", OwnScripts, "script-src-attr 'none'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'",
        "object-src 'none'", "frame-src 'none'", "worker-src 'none'", "frame-ancestors 'none'", "base-uri 'self'", "form-action 'self'");

    // Pages copy links and offer passkeys, and need nothing else of a device.
    private const string PermissionsPolicy =
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), " +
        "midi=(), payment=(), picture-in-picture=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=(), " +
        "clipboard-write=(self), publickey-credentials-create=(self), publickey-credentials-get=(self)";

    // A year. Other names below this one are other people's business.
    private const string OnlyOverTls = "max-age=31536000";

    public static void UseSecurityHeaders(this WebApplication app)
    {
        var insistsOnTls = !app.Environment.IsDevelopment();
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
                headers["Permissions-Policy"] = PermissionsPolicy;
                // No Cross-Origin-Opener-Policy: a page that comes back from the proxy's "Back in a moment", which has none, then never gets its circuit in Chromium.
                headers["Cross-Origin-Resource-Policy"] = "same-origin";
                // Over TLS, except on the developer's own machine: browsers would insist on it there for every other program, too.
                if (insistsOnTls && context.Request.IsHttps && !IsThisMachine(context.Request.Host.Host))
                {
                    headers.StrictTransportSecurity = OnlyOverTls;
                }
                // Files that are the same for everybody say themselves how long they last. Nothing else is to be found in a cache by the next one at this browser.
                // What bears a tag is asked for again each time, and kept by whoever asked alone.
                if (headers.CacheControl.Count == 0)
                {
                    headers.CacheControl = headers.ContainsKey(HeaderNames.ETag) ? "private, no-cache" : "private, no-store";
                }
                return Task.CompletedTask;
            });
            return next(context);
        });
    }

    /// <summary>Lets a page of somebody else's making run the one script that stands in it: the one that knows this word, which nobody can guess.</summary>
    public static string AllowOneScript(HttpContext context)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        context.Items[NonceKey] = nonce;
        return nonce;
    }

    private static bool IsThisMachine(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address));
}
