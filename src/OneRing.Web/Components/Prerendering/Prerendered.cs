using Microsoft.AspNetCore.Components;
using static Microsoft.AspNetCore.Components.Web.RenderMode;

namespace OneRing.Web.Components.Prerendering;

/// <summary>
/// What a page is made of is read while it is prerendered, and its circuit goes on with it: it need not be read again, and the page does not go blank until it has been.
/// </summary>
public sealed class Prerendered(PrerenderedPages pages, PersistentComponentState state) : IDisposable
{
    private const string Ticket = "prerendered";

    private Dictionary<string, object?>? values;
    private PersistingComponentStateSubscription persisting;

    /// <summary>
    /// Reads something, unless this page was prerendered with it. What was prerendered is good once, and for the first picture of the circuit only; whoever shows what
    /// changes looks again once they watch it.
    /// </summary>
    /// <param name="renderer">Who renders the component that asks.</param>
    /// <param name="userId">For whom it is read: the one person of this page.</param>
    /// <param name="what">What is read. The same for nothing else on the page.</param>
    /// <param name="read">How it is read. Nobody changes what it answers.</param>
    public async Task<T> ReadAsync<T>(RendererInfo renderer, string userId, string what, Func<Task<T>> read)
    {
        if (renderer.IsInteractive)
        {
            values ??= state.TryTakeFromJson<string>(Ticket, out var ticket) && ticket is not null ? pages.Take(userId, ticket) : [];
            return values.Remove(what, out var value) ? (T)value! : await read();
        }

        if (values is null)
        {
            values = [];
            persisting = state.RegisterOnPersisting(() => LeaveAsync(userId), InteractiveServer);
        }
        var found = await read();
        values[what] = found;
        return found;
    }

    /// <summary>The circuit has drawn its first picture: what is asked for from now on is read, whether it was taken or not.</summary>
    public void Forget() => values = [];

    private Task LeaveAsync(string userId)
    {
        state.PersistAsJson(Ticket, pages.Leave(userId, values!));
        return Task.CompletedTask;
    }

    public void Dispose() => persisting.Dispose();
}
