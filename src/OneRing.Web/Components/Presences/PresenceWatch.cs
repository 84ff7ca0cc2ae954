using OneRing.Data.Presences;
using OneRing.Web.Components.Shared;

namespace OneRing.Web.Components.Presences;

/// <summary>
/// Says that somebody has a draft open, and knows who else has and what they write. It reads that again with each news, and tells the parts that
/// show it: the page and its text need not be rendered for it.
/// </summary>
/// <param name="dispatch">How to come back to the page: everything here happens there.</param>
public sealed class PresenceWatch(PresenceService service, string userId, Guid draftId, Func<Func<Task>, Task> dispatch, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource leaving = new();
    private IAsyncDisposable? place;
    private bool isReading;
    private bool hasNews;

    /// <summary>Tells that there is another view.</summary>
    public event Action? Changed;

    /// <summary>Null until it is known, and for somebody who may not know.</summary>
    public PresenceView? View { get; private set; }

    /// <summary>Enters, however often that has to be tried.</summary>
    public async Task StartAsync()
    {
        var left = leaving.Token;
        while (place is null && !left.IsCancellationRequested)
        {
            try
            {
                place = await service.EnterAsync(userId, draftId, () => dispatch(RefreshAsync), left);
                break;
            }
            catch (Exception) when (left.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (StoppedServer.Explains(fault))
            {
                await leaving.CancelAsync();
                return;
            }
            catch (Exception fault)
            {
                await WaitAfterAsync(fault);
            }
        }
        if (left.IsCancellationRequested && place is not null)
        {
            await place.DisposeAsync();
        }
        await RefreshAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await leaving.CancelAsync();
        if (place is not null)
        {
            await place.DisposeAsync();
        }
    }

    /// <summary>Reads again. News that comes meanwhile is read afterwards, once.</summary>
    private async Task RefreshAsync()
    {
        hasNews = true;
        if (isReading)
        {
            return;
        }

        isReading = true;
        try
        {
            while (hasNews && place is not null && !leaving.IsCancellationRequested)
            {
                hasNews = false;
                await ReadAsync();
            }
        }
        finally
        {
            isReading = false;
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            Show(await service.ReadAsync(userId, draftId, leaving.Token));
        }
        catch (Exception) when (leaving.IsCancellationRequested)
        {
            // Nobody is looking any more.
        }
        catch (Exception fault) when (StoppedServer.Explains(fault))
        {
            await leaving.CancelAsync();
        }
        catch (Exception fault)
        {
            hasNews = true;
            await WaitAfterAsync(fault);
        }
    }

    private void Show(PresenceView? now)
    {
        var isSame = View is { } before && now is not null && before.Writing == now.Writing && before.People.SequenceEqual(now.People);
        View = now;
        if (!isSame)
        {
            Changed?.Invoke();
        }
    }

    // Who is here is a courtesy: while it cannot be told, what was told last stays.
    private async Task WaitAfterAsync(Exception fault)
    {
        PageLog.PresenceNotRead(logger, draftId, fault);
        await Task.Delay(RetryDelay, clock, leaving.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }
}
