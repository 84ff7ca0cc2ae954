using OneRing.Data.Feed;

namespace OneRing.Data.Tests.Feed;

/// <summary>Somebody whom the feed tells that something has changed: a page, for example.</summary>
internal sealed class Listener : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim news = new(0);
    private IDisposable? watch;
    private int heard;

    /// <summary>How often it was told.</summary>
    public int Heard => Volatile.Read(ref heard);

    public static async Task<Listener> ToDraftAsync(DraftFeed feed, string userId, Guid draftId)
    {
        var listener = new Listener();
        listener.watch = await feed.WatchDraftAsync(userId, draftId, listener.Hear);
        Assert.NotNull(listener.watch);
        return listener;
    }

    public static Listener ToDraftsOf(DraftFeed feed, string userId)
    {
        var listener = new Listener();
        listener.watch = feed.WatchDraftsOf(userId, listener.Hear);
        return listener;
    }

    /// <summary>Waits for the next news that nobody has waited for yet.</summary>
    public async Task HearAsync() =>
        Assert.True(await news.WaitAsync(Patience), "No news came.");

    /// <summary>Looks again with each news until it is as it should be.</summary>
    public async Task HearUntilAsync(Func<Task> asserts)
    {
        while (true)
        {
            try
            {
                await asserts();
                return;
            }
            catch (Xunit.Sdk.XunitException)
            {
                await HearAsync();
            }
        }
    }

    public void Dispose() => watch?.Dispose();

    public Task Hear()
    {
        Interlocked.Increment(ref heard);
        news.Release();
        return Task.CompletedTask;
    }
}
