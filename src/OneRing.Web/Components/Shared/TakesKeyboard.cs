using Microsoft.AspNetCore.Components;

namespace OneRing.Web.Components.Shared;

/// <summary>
/// Takes the keyboard to a place that has just appeared; it stands behind the place and appears with it. A part that did so after "its" rendering would look for a place that is not there:
/// on a slow line the browser confirms an earlier picture only then.
/// </summary>
public sealed class TakesKeyboard : ComponentBase
{
    /// <summary>Where the place is, once it is there.</summary>
    [Parameter, EditorRequired]
    public Func<ElementReference> Place { get; set; } = default!;

    protected override Task OnAfterRenderAsync(bool firstRender) => firstRender ? ActingPart.FocusAsync(Place()) : Task.CompletedTask;
}
