using System.Globalization;
using System.Net.Mime;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using OneRing.Data.Database;
using OneRing.Web.Components.Layout;

namespace OneRing.Web;

/// <summary>
/// What is answered in place of a page, or to a form, while the database is in trouble: 503, when to ask again, and a page in plain words that needs no database to be drawn.
/// </summary>
internal static partial class TroublePages
{
    /// <summary>The longest form, in bytes, that is handed back to be sent again.</summary>
    private const long LongestForm = 64 * 1024;

    // What they hold is not written into a page: passwords and codes are typed anew.
    private static readonly string[] Secrets = ["password", "code", "credential", "token"];

    public static void UseTroublePages(this WebApplication app) =>
        app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
            }
            catch (Exception failure) when (!context.Response.HasStarted && DatabaseTroubles.Of(failure) is not null)
            {
                var trouble = DatabaseTroubles.Of(failure)!.Value;
                LogTrouble(app.Logger, context.TraceIdentifier, trouble, failure);
                await AnswerAsync(context, trouble);
            }
        });

    private static async Task AnswerAsync(HttpContext context, DatabaseTrouble trouble)
    {
        context.Response.Clear();
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = TroubleText.RetryAfter(trouble).ToString(CultureInfo.InvariantCulture);
        if (!TakesPages(context.Request))
        {
            context.Response.ContentType = MediaTypeNames.Text.Plain;
            await context.Response.WriteAsync(TroubleText.For(trouble), context.RequestAborted);
            return;
        }

        var isForm = !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method);
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [nameof(TroubleDocument.Trouble)] = trouble,
            [nameof(TroubleDocument.Address)] = context.Request.PathBase + context.Request.Path + context.Request.QueryString,
            [nameof(TroubleDocument.IsForm)] = isForm,
            [nameof(TroubleDocument.Fields)] = isForm ? await FieldsAsync(context.Request) : null,
        });
        // A renderer of its own: that of the request is where the failed page stands.
        await using var renderer = new HtmlRenderer(context.RequestServices, context.RequestServices.GetRequiredService<ILoggerFactory>());
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<TroubleDocument>(parameters)).ToHtmlString());
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(html, Encoding.UTF8, context.RequestAborted);
    }

    /// <summary>A browser that opens a page says so. Scripts take anything, and read only the status.</summary>
    private static bool TakesPages(HttpRequest request) =>
        request.Headers.Accept.Count == 0 || request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals(MediaTypeNames.Text.Html, StringComparison.OrdinalIgnoreCase));

    /// <summary>The fields of a form, to be sent again; null for one that is long, or has files or secrets in it.</summary>
    private static async Task<IReadOnlyList<KeyValuePair<string, string>>?> FieldsAsync(HttpRequest request)
    {
        if (!request.HasFormContentType || request.ContentLength is not <= LongestForm)
        {
            return null;
        }
        try
        {
            var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
            return form.Files.Count > 0 || form.Keys.Any(IsSecret)
                ? null
                : [.. form.SelectMany(field => field.Value, (field, value) => KeyValuePair.Create(field.Key, value ?? ""))];
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or BadHttpRequestException or IOException)
        {
            // It was cut short on its way, or is no form after all.
            return null;
        }
    }

    // The token against forged requests is no secret of the person's, and a form is not taken without it.
    private static bool IsSecret(string field) =>
        field != "__RequestVerificationToken" && Secrets.Any(secret => field.Contains(secret, StringComparison.OrdinalIgnoreCase));

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {RequestId} for a page could not be answered, because of the database: {Trouble}")]
    private static partial void LogTrouble(ILogger logger, string requestId, DatabaseTrouble trouble, Exception failure);
}
