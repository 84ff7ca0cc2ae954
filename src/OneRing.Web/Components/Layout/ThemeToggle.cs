using Microsoft.AspNetCore.Components;

namespace OneRing.Web.Components.Layout;

/// <summary>The button that changes between light and dark. theme.js acts on the click and styles/frame.css shows the one label that is true.</summary>
internal static class ThemeToggle
{
    public static MarkupString Html { get; } = new(
        """
        <button type="button" class="icon-button" data-theme-toggle>
            <span class="when-light">
                <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" aria-hidden="true" focusable="false">
                    <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z" stroke-linejoin="round" />
                </svg>
                <span class="sr-only">Use the dark theme</span>
            </span>
            <span class="when-dark">
                <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" aria-hidden="true" focusable="false">
                    <circle cx="12" cy="12" r="4" />
                    <path d="M12 2.5v2.5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.3 7 7M17 17l1.7 1.7M18.7 5.3 17 7M7 17l-1.7 1.7" stroke-linecap="round" />
                </svg>
                <span class="sr-only">Use the light theme</span>
            </span>
        </button>
        """);
}
