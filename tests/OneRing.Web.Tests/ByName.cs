using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;

namespace OneRing.Web.Tests;

/// <summary>Finds things as a reader of a page does: by what they are and what they are called. What is hidden is not found.</summary>
internal static partial class ByName
{
    public static IElement FindButton(this IRenderedComponent<IComponent> page, string name) => page.FindByRole("button", name);

    public static bool HasButton(this IRenderedComponent<IComponent> page, string name) => page.FindAllByRole("button", name).Count > 0;

    /// <summary>A field to write or choose in, by its label.</summary>
    public static IElement FindField(this IRenderedComponent<IComponent> page, string label) =>
        One(page.Everything().Where(e => RoleOf(e) is "textbox" or "searchbox" or "combobox" && NameOf(e) == label), $"field “{label}”", page.Markup);

    public static IElement FindByRole(this IRenderedComponent<IComponent> page, string role, string? name = null) =>
        One(page.FindAllByRole(role, name), $"{role} “{name}”", page.Markup);

    public static IReadOnlyList<IElement> FindAllByRole(this IRenderedComponent<IComponent> page, string role, string? name = null) =>
        page.Everything().WithRole(role, name);

    public static IReadOnlyList<IElement> FindAllByRole(this IParentNode place, string role, string? name = null) =>
        place.QuerySelectorAll("*").WithRole(role, name);

    /// <summary>The lines of a list, as text.</summary>
    public static IReadOnlyList<string> ItemsOf(this IRenderedComponent<IComponent> page, string list) =>
        [.. page.FindByRole("list", list).FindAllByRole("listitem").Select(TextOf)];

    /// <summary>What the element says to a reader, white space made plain.</summary>
    public static string TextOf(this IElement element) => Plain(string.Concat(VisibleTexts(element)));

    /// <summary>What the whole page says to a reader.</summary>
    public static string Text(this IRenderedComponent<IComponent> page) => Plain(string.Concat(page.Nodes.SelectMany(VisibleTexts)));

    /// <summary>What is said at once to somebody who does not see the page: alerts and live lines.</summary>
    public static IReadOnlyList<string> Announcements(this IRenderedComponent<IComponent> page) =>
        [.. page.Everything().Where(e => RoleOf(e) is "status" or "alert").Select(TextOf).Where(text => text.Length > 0)];

    public static string NameOf(this IElement element)
    {
        if (element.GetAttribute("aria-labelledby") is { Length: > 0 } ids)
        {
            return Plain(string.Join(' ', ids.Split(' ').Select(id => Root(element).QuerySelector($"[id='{id}']")?.TextContent)));
        }
        if (element.GetAttribute("aria-label") is { Length: > 0 } label)
        {
            return label;
        }
        if (element.Id is { Length: > 0 } id2 && Root(element).QuerySelector($"label[for='{id2}']") is { } labelled)
        {
            return TextOf(labelled);
        }
        return TextOf(element);
    }

    private static IReadOnlyList<IElement> WithRole(this IEnumerable<IElement> elements, string role, string? name) =>
        [.. elements.Where(e => RoleOf(e) == role && (name is null || NameOf(e) == name) && IsExposed(e))];

    private static IEnumerable<IElement> Everything(this IRenderedComponent<IComponent> page) => page.FindAll("*").Where(IsExposed);

    private static IElement One(IEnumerable<IElement> found, string what, string markup) => found.ToList() switch
    {
        [var only] => only,
        [] => throw new InvalidOperationException($"There is no {what} in:\n{markup}"),
        var several => throw new InvalidOperationException($"There are {several.Count} of {what} in:\n{markup}"),
    };

    private static string? RoleOf(IElement element) => element.GetAttribute("role") ?? element.LocalName switch
    {
        "a" when element.HasAttribute("href") => "link",
        "aside" => "complementary",
        "blockquote" => "blockquote",
        "button" or "summary" => "button",
        "form" => "form",
        "h1" or "h2" or "h3" or "h4" or "h5" or "h6" => "heading",
        "input" => element.GetAttribute("type") switch
        {
            "hidden" => null,
            "search" => "searchbox",
            "submit" => "button",
            _ => "textbox",
        },
        "li" => "listitem",
        "nav" => "navigation",
        "ol" or "ul" => "list",
        "p" => "paragraph",
        "section" when element.HasAttribute("aria-label") || element.HasAttribute("aria-labelledby") => "region",
        "select" => "combobox",
        "textarea" => "textbox",
        _ => null,
    };

    private static bool IsExposed(IElement element)
    {
        for (var at = element; at is not null; at = at.ParentElement)
        {
            if (at.HasAttribute("hidden") || at.GetAttribute("aria-hidden") == "true")
            {
                return false;
            }
        }
        return true;
    }

    private static IEnumerable<string> VisibleTexts(INode node) => node switch
    {
        IText text => [text.Data],
        IElement element when element.HasAttribute("hidden") || element.GetAttribute("aria-hidden") == "true" => [],
        IHtmlScriptElement or IHtmlStyleElement => [],
        _ => node.ChildNodes.SelectMany(VisibleTexts).Append(node is IElement { LocalName: "p" or "li" or "h1" or "h2" or "div" or "section" or "span" } ? " " : ""),
    };

    private static IParentNode Root(IElement element)
    {
        INode at = element;
        while (at.Parent is { } parent)
        {
            at = parent;
        }
        return (IParentNode)at;
    }

    private static string Plain(string text) => WhiteSpace().Replace(text, " ").Trim();

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WhiteSpace();
}
