using System.Collections.Concurrent;
using OneRing.Web.Users;

namespace OneRing.Web;

/// <summary>
/// How many pages one person may have open on one server at a time. Each holds a connection and a circuit, which costs the server memory for as long as it lasts.
/// Whoever is not signed in is counted by address, more generously: a classroom may stand behind one.
/// </summary>
internal sealed class ConnectionLimits(RateLimits limits)
{
    /// <summary>How many people who are not signed in one address is taken for.</summary>
    public const int StrangersAtOneAddress = 10;

    private readonly ConcurrentDictionary<string, int> open = new(StringComparer.Ordinal);

    /// <summary>Lets a connection run as long as it lasts, or refuses it.</summary>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        var userId = CurrentUser.IdOf(context.User);
        var who = userId is null ? $"address {RateLimits.AddressOf(context)}" : $"user {userId}";
        var most = userId is null ? limits.Connections * StrangersAtOneAddress : limits.Connections;
        var count = open.AddOrUpdate(who, 1, (_, before) => before + 1);
        try
        {
            if (count > most)
            {
                context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                context.Response.ContentType = "text/plain; charset=utf-8";
                await context.Response.WriteAsync("Too many pages are open at once. Close some.", context.RequestAborted);
                return;
            }
            await next(context);
        }
        finally
        {
            // Forgotten with the last one, unless another came between.
            if (open.AddOrUpdate(who, 0, (_, before) => before - 1) == 0)
            {
                open.TryRemove(new KeyValuePair<string, int>(who, 0));
            }
        }
    }
}

internal static class ConnectionLimiting
{
    /// <summary>Counts the requests that carry circuits. A socket is one request, which lasts as long as the page is open.</summary>
    public static void UseConnectionLimits(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<RateLimits>();
        if (limits.Enabled)
        {
            var connections = new ConnectionLimits(limits);
            app.UseWhen(
                context => context.Request.Path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase),
                blazor => blazor.Use(next => context => connections.RunAsync(context, next)));
        }
    }
}
