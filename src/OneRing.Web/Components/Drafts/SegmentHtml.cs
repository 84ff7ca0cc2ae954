using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Components;
using OneRing.Data.Drafts;

namespace OneRing.Web.Components.Drafts;

/// <summary>
/// A segment as a page shows it: its words, its author and its time. It is made once for all pages of this server that show it; made of elements and texts, each page would keep
/// twenty times as much.
/// </summary>
internal static class SegmentHtml
{
    private static readonly ConditionalWeakTable<SegmentView, Made> Known = [];

    /// <summary>The name of its place on the page, for links.</summary>
    /// <param name="position">Its position in the text, from 0 on.</param>
    public static string IdOf(int position) => string.Create(CultureInfo.InvariantCulture, $"segment-{position + 1}");

    public static string Of(SegmentView segment, DateTimeOffset now)
    {
        var ago = TimeText.Ago(segment.CreatedAt, now);
        if (Known.TryGetValue(segment, out var known) && known.Ago == ago)
        {
            return known.Html;
        }

        var made = new Made(ago, Make(segment, ago));
        Known.AddOrUpdate(segment, made);
        return made.Html;
    }

    private static string Make(SegmentView segment, string ago) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        <li id="{IdOf(segment.Position)}"><p class="segment-text" dir="auto">{WebUtility.HtmlEncode(segment.Content)}</p><p class="segment-byline"><span>{WebUtility.HtmlEncode(segment.AuthorName)}</span><time datetime="{segment.CreatedAt.UtcDateTime:O}" title="{WebUtility.HtmlEncode(TimeText.Exact(segment.CreatedAt))}">{WebUtility.HtmlEncode(ago)}</time></p></li>
        """);

    private sealed record Made(string Ago, string Html);
}
