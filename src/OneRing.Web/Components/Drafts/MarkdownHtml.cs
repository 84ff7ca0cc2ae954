using System.Text.Encodings.Web;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Ganss.Xss;
using Markdig;
using Markdig.Extensions.EmphasisExtras;
using Markdig.Parsers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace OneRing.Web.Components.Drafts;

/// <summary>Reads a text as Markdown and writes it as HTML that is safe on a page, whoever wrote it.</summary>
public static class MarkdownHtml
{
    /// <summary>More quotations, lists and emphasis within each other than this are no text but an attack on the parser.</summary>
    private const int DeepestNesting = 50;

    /// <summary>The headings of a page end at the second level; those of a text begin below.</summary>
    private const int HeadingsBelow = 2;

    private static readonly string[] Schemes = ["http", "https", "mailto"];

    private static readonly MarkdownPipeline Pipeline = MakePipeline();

    private static readonly HtmlSanitizer Sanitizer = MakeSanitizer();

    public static string From(string text) => Sanitizer.Sanitize(Write(text));

    private static string Write(string text)
    {
        try
        {
            var document = Markdown.Parse(text, Pipeline);
            foreach (var heading in document.Descendants<HeadingBlock>())
            {
                heading.Level = Math.Min(heading.Level + HeadingsBelow, 6);
            }
            foreach (var link in document.Descendants<LinkInline>())
            {
                // A picture on another host would tell that host who reads here: it becomes a link to the picture.
                link.IsImage = false;
            }
            return document.ToHtml(Pipeline);
        }
        catch (ArgumentException)
        {
            // Nested too deeply, which Markdig says in this way. The words are shown as they were typed.
            var lines = text.ReplaceLineEndings("\n").Split('\n').Select(HtmlEncoder.Default.Encode);
            return $"<p>{string.Join("<br>\n", lines)}</p>";
        }
    }

    private static MarkdownPipeline MakePipeline()
    {
        var builder = new MarkdownPipelineBuilder { MaximumNestingDepth = DeepestNesting }
            .DisableHtml()
            .UseSoftlineBreakAsHardlineBreak()
            .UseEmphasisExtras(EmphasisExtraOptions.Strikethrough);
        // Who begins a paragraph with spaces writes a paragraph, not a program. Fences are there for code.
        builder.BlockParsers.TryRemove<IndentedCodeBlockParser>();
        builder.BlockParsers.Replace<ParagraphBlockParser>(new WholeParagraphParser { ParseSetextHeadings = false });
        return builder.Build();
    }

    // The second lock: whatever Markdig may be talked into, only this gets out.
    private static HtmlSanitizer MakeSanitizer()
    {
        var sanitizer = new HtmlSanitizer(new HtmlSanitizerOptions
        {
            AllowedTags = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
            {
                "p", "br", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "h3", "h4", "h5", "h6", "a",
            },
            AllowedAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href", "start" },
            AllowedSchemes = new HashSet<string>(Schemes, StringComparer.OrdinalIgnoreCase),
            UriAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href" },
        });
        sanitizer.PostProcessDom += (_, processed) =>
        {
            foreach (var link in processed.Document.QuerySelectorAll<IHtmlAnchorElement>("a").ToList())
            {
                Settle(link);
            }
        };
        return sanitizer;
    }

    /// <summary>Where a link leads elsewhere it opens beside the page, on which somebody may be writing; otherwise its words remain.</summary>
    private static void Settle(IHtmlAnchorElement link)
    {
        var address = link.GetAttribute("href") ?? "";
        // Also no address within this site: words by somebody else should not press its buttons.
        if (!Schemes.Any(scheme => address.StartsWith($"{scheme}:", StringComparison.OrdinalIgnoreCase)))
        {
            link.Replace([.. link.ChildNodes]);
            return;
        }

        if (string.IsNullOrWhiteSpace(link.TextContent))
        {
            link.TextContent = address;
        }
        link.SetAttribute("rel", "noopener noreferrer nofollow");
        link.SetAttribute("target", "_blank");
    }

    /// <summary>
    /// Keeps every line of a paragraph. CommonMark would take “[Ana]: hello” out of the text, as the definition of a link, and
    /// make a heading of what stands above a line of dashes.
    /// </summary>
    private sealed class WholeParagraphParser : ParagraphBlockParser
    {
        public override bool Close(BlockProcessor processor, Block block) => true;
    }
}
