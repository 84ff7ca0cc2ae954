using System.Diagnostics;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.SignalR;
using OneRing.Web.Users;

namespace OneRing.Web;

/// <summary>
/// How much the open pages of one person may send. Whoever is not signed in is counted by address, more generously. Nothing is thrown away: what is too much waits for its turn, and
/// what the same page sends meanwhile waits behind it, in the network and in the browser. A page that has done nothing but wait for a while loses its connection. Its browser says so, keeps
/// what was typed, and connects again, without the heap that it had not got rid of.
/// </summary>
internal sealed partial class EventLimits(RateLimits limits, ILogger<EventLimits> logger) : IHubFilter, IDisposable
{
    /// <summary>What others do on a draft is shown to all who have it open, and each page answers that it has shown it.</summary>
    private const int AnswersToAnEvent = 10;

    private const int BurstsInAMinute = 3;

    /// <summary>A page that has sent nothing for so long has got rid of all that it had.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly PartitionedRateLimiter<HubInvocationContext> limiter = PartitionedRateLimiter.Create<HubInvocationContext, string>(sent => BucketOf(sent, limits.EventsPerMinute));

    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        if (!limits.Enabled)
        {
            return await next(invocationContext);
        }

        using var lease = limiter.AttemptAcquire(invocationContext);
        if (!lease.IsAcquired && !await WaitAsync(invocationContext))
        {
            return null;
        }
        try
        {
            return await next(invocationContext);
        }
        finally
        {
            if (Waiting.Of(invocationContext.Context) is { } waiting)
            {
                waiting.Last = Stopwatch.GetTimestamp();
            }
        }
    }

    public void Dispose() => limiter.Dispose();

    /// <summary>Answers whether the page is still there when its turn has come. A connection is served one call at a time, so that no more than one of each waits here.</summary>
    private async Task<bool> WaitAsync(HubInvocationContext sent)
    {
        var waiting = Waiting.Begin(sent.Context);
        try
        {
            using var lease = await limiter.AcquireAsync(sent, permitCount: 1, sent.Context.ConnectionAborted);
        }
        catch (OperationCanceledException) when (sent.Context.ConnectionAborted.IsCancellationRequested)
        {
            return false; // It left while it waited.
        }
        if (Stopwatch.GetElapsedTime(waiting.Since) < Patience)
        {
            return true;
        }
        LogClosed(WhoOf(sent.Context));
        sent.Context.Abort();
        return false;
    }

    private static RateLimitPartition<string> BucketOf(HubInvocationContext sent, int perMinute)
    {
        var isAnswer = sent.HubMethodName is "OnRenderCompleted" or "EndInvokeJSFromDotNet" or "ReceiveByteArray" or "ReceiveJSDataChunk";
        var times = (isAnswer ? AnswersToAnEvent : 1) * (UserIdOf(sent.Context) is null ? ConnectionLimits.StrangersAtOneAddress : 1);
        return RateLimits.Bucket($"{(isAnswer ? "answer" : "event")} {WhoOf(sent.Context)}", Math.Max(1, perMinute * times / BurstsInAMinute), perMinute * times, queue: int.MaxValue);
    }

    private static string? UserIdOf(HubCallerContext page) => page.User is { } user ? CurrentUser.IdOf(user) : null;

    private static string WhoOf(HubCallerContext page) =>
        UserIdOf(page) is { } userId ? $"user {userId}"
        : page.GetHttpContext() is { } context ? $"address {RateLimits.AddressOf(context)}"
        : "unknown";

    [LoggerMessage(Level = LogLevel.Warning, Message = "A page of {Who} sent more than is taken for too long, and has lost its connection")]
    private partial void LogClosed(string who);

    /// <summary>Since when a page has sent more than is taken, without a pause.</summary>
    private sealed class Waiting
    {
        public long Since { get; private set; }

        public long Last { get; set; }

        public static Waiting? Of(HubCallerContext page) => page.Items.TryGetValue(typeof(Waiting), out var known) ? (Waiting?)known : null;

        public static Waiting Begin(HubCallerContext page)
        {
            if (Of(page) is not { } waiting)
            {
                page.Items[typeof(Waiting)] = waiting = new Waiting();
            }
            if (Stopwatch.GetElapsedTime(waiting.Last) > Pause)
            {
                waiting.Since = Stopwatch.GetTimestamp();
            }
            return waiting;
        }
    }
}
