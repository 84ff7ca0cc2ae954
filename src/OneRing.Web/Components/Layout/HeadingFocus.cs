using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OneRing.Web.Components.Layout;

/// <summary>
/// Takes the keyboard and the screen reader to the heading of a page that somebody has gone on to. The framework's own part looks once, when many pages have not read yet what they show,
/// and have no heading.
/// </summary>
public sealed class HeadingFocus : ComponentBase
{
    private Microsoft.AspNetCore.Components.RouteData? reached;

    [Parameter, EditorRequired]
    public Microsoft.AspNetCore.Components.RouteData RouteData { get; set; } = default!;

    [Inject]
    private IJSRuntime JS { get; set; } = default!;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (reached == RouteData)
        {
            return;
        }

        reached = RouteData;
        try
        {
            await JS.InvokeVoidAsync("focusHeading");
        }
        catch (Exception fault) when (fault is JSException or JSDisconnectedException or OperationCanceledException)
        {
            // The page is gone again.
        }
    }
}
