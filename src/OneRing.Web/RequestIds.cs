namespace OneRing.Web;

/// <summary>Names every request, for the log and for whoever sent it. A caller may name it, with a name that is sane.</summary>
internal static class RequestIds
{
    public const string Header = "x-request-id";

    private const int Longest = 128;

    public static void UseRequestIds(this WebApplication app) =>
        app.Use((context, next) =>
        {
            context.TraceIdentifier = context.Request.Headers[Header] is [{ } given] && IsSane(given) ? given : Guid.CreateVersion7().ToString("N");
            // At the last moment, because the exception handler clears what was set before.
            context.Response.OnStarting(() =>
            {
                context.Response.Headers[Header] = context.TraceIdentifier;
                return Task.CompletedTask;
            });
            return next(context);
        });

    private static bool IsSane(string id) =>
        id.Length is > 0 and <= Longest && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
