using Microsoft.AspNetCore.Components;
using OneRing.Data.Presences;

namespace OneRing.Web.Components.Presences;

/// <summary>A part of a page that shows who is at a draft, or what they write there, and renders when that changes.</summary>
public abstract class PresencePart : ComponentBase, IDisposable
{
    private PresenceWatch? heard;

    /// <summary>Null while the page is not watching.</summary>
    [Parameter, EditorRequired]
    public PresenceWatch? Watch { get; set; }

    /// <summary>Who is there, as far as is known.</summary>
    protected PresenceView? View => Watch?.View;

    public void Dispose()
    {
        Hear(null);
        GC.SuppressFinalize(this);
    }

    protected override void OnParametersSet() => Hear(Watch);

    private void Hear(PresenceWatch? watch)
    {
        if (heard == watch)
        {
            return;
        }
        if (heard is not null)
        {
            heard.Changed -= StateHasChanged;
        }
        heard = watch;
        if (heard is not null)
        {
            heard.Changed += StateHasChanged;
        }
    }
}
