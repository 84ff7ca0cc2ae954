using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OneRing.Data;
using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Web.Components.Shared;

/// <summary>
/// A part of a page that performs actions: one at a time, saying that it is busy, and what was refused. A fault is told
/// in its place and never takes the page away, because somebody may be writing on it.
/// </summary>
public abstract class ActingPart : ComponentBase
{
    private (string Request, string Key)? attempt;

    [Inject]
    private ILoggerFactory Loggers { get; set; } = default!;

    /// <summary>True while an action is under way.</summary>
    protected bool Busy { get; private set; }

    /// <summary>What a person should know about the last action, if it did not succeed.</summary>
    protected string? Problem { get; set; }

    /// <summary>
    /// A key for a request. After a fault nobody knows whether it was carried out: the same request keeps its key then, so
    /// that trying again does not do it twice. After an answer, the next one is new.
    /// </summary>
    protected string KeyFor(string request)
    {
        attempt = attempt is { } before && before.Request == request ? before : (request, Command.NewKey());
        return attempt.Value.Key;
    }

    /// <summary>Performs an action, unless one is under way. Answers its result; null if there is none.</summary>
    protected async Task<Result<T>?> ActAsync<T>(Func<Task<Result<T>>> act)
    {
        if (Busy)
        {
            return null;
        }

        Busy = true;
        Problem = null;
        try
        {
            var result = await act();
            attempt = null;
            Problem = result.Refusal is { } refusal ? RefusalText.For(refusal) : null;
            return result;
        }
        catch (Exception fault)
        {
            PageLog.ActionFailed(Loggers.CreateLogger(GetType()), fault);
            Problem = DatabaseTroubles.Of(fault) is { } trouble
                ? TroubleText.ForAction(trouble)
                : "The server could not save this. Nothing you wrote is lost: it is still on this page. Try again in a moment.";
            return null;
        }
        finally
        {
            Busy = false;
        }
    }

    /// <summary>Reads again what this part shows. If that fails, what was there stays, and the part says that it may be older.</summary>
    protected Task ReadAnewAsync(Func<Task> read) =>
        ReadAsync(read, "This could not be read again, so it may be older than it could be. Load the page again in a moment.");

    /// <summary>Reads something. If that fails, what was there stays, and the part says so.</summary>
    protected async Task ReadAsync(Func<Task> read, string problem)
    {
        try
        {
            await read();
        }
        catch (Exception fault)
        {
            PageLog.ListNotRefreshed(Loggers.CreateLogger(GetType()), fault);
            Problem ??= problem;
        }
    }

    /// <summary>Takes the keyboard to a place, because the button that it was on goes away with the action.</summary>
    /// <param name="stay">Whether what is seen of the page stays: for a place that is longer than the window.</param>
    protected internal static async Task FocusAsync(ElementReference place, bool stay = false)
    {
        try
        {
            await place.FocusAsync(preventScroll: stay);
        }
        catch (Exception fault) when (fault is JSException or JSDisconnectedException or OperationCanceledException)
        {
            // The place or the connection is gone. The action is done all the same.
        }
    }
}
