using Microsoft.AspNetCore.Components;

namespace OneRing.Web.Components.Layout;

/// <summary>The ring, drawn. It always stands beside words, so it says nothing itself.</summary>
internal static class RingMark
{
    public static MarkupString Svg { get; } = new(
        """<svg class="ring-mark" viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden="true" focusable="false"><circle cx="12" cy="12" r="8.5" stroke-width="3.5" /></svg>""");
}
