using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Components;
using OneRing.Data.Drafts;

namespace OneRing.Web.Components.Drafts;

/// <summary>
/// A segment as a page shows it: its words, its author and its time. It is made once for all pages of this server that show it, and never changes; made of elements and texts, each page
/// would keep twenty times as much. How long ago it was is said by ago.js.
/// </summary>
internal static class SegmentHtml
{
    private static readonly ConditionalWeakTable<SegmentView, string> Known = [];

    /// <summary>The name of its place on the page, for links.</summary>
    /// <param name="position">Its position in the text, from 0 on.</param>
    public static string IdOf(int position) => string.Create(CultureInfo.InvariantCulture, $"segment-{position + 1}");

    public static string Of(SegmentView segment) => Known.GetValue(segment, Make);

    private static string Make(SegmentView segment)
    {
        var (words, author) = (WebUtility.HtmlEncode(segment.Content), WebUtility.HtmlEncode(segment.AuthorName));
        var (exact, date) = (TimeText.Exact(segment.CreatedAt), $"on {TimeText.Date(segment.CreatedAt)}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <li id="{IdOf(segment.Position)}"><p class="segment-text" dir="auto">{words}</p><p class="segment-byline"><span>{author}</span><time data-ago="{date}" datetime="{segment.CreatedAt.UtcDateTime:O}" title="{exact}">{date}</time></p></li>
            """);
    }
}
