using System.Net;
using System.Text;
using System.Text.Json;
using AngleSharp.Html.Parser;
using Markdig;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Drafts;
using OneRing.Web.Export;
using OneRing.Web.Tests.Servers;
using Markdown = OneRing.Web.Export.Markdown;

namespace OneRing.Web.Tests.Export;

public sealed class DraftExportTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    private static readonly MarkdownPipeline Everything = new MarkdownPipelineBuilder().UseAdvancedExtensions().UseEmojiAndSmiley(enableSmileys: false).Build();

    public static TheoryData<string> Texts =>
    [
        "Plain words.",
        "# no heading\n## nor this\n#tag",
        "- no list\n+ nor this\n* nor this\n1. nor this\n2) nor this\na. nor this\niv) nor this",
        "> no quotation\n>> none",
        "*no* _emphasis_ **none** __none__ ~~none~~ ==none== ++none++ ^none^ ~none~ ''none'' \"\"none\"\"",
        "`no code` ``none``\n```\nnone\n```\n~~~\nnone\n~~~",
        "    no code block\n\tnor this",
        "no rule\n---\nno heading\n===\n***\n___\n* * *",
        "[no](link) ![no](image) [no]: http://example.org <http://example.org> [^no]",
        "<script>alert(1)</script> &amp; &lt; &copy; &#65;",
        "| no | table |\n|----|-------|\n| a  | b |",
        "a backslash \\ at the end\\\nand \\* here",
        "$no$ $$math$$ :smile: :no: {#id .class} *[no]: abbreviation",
        "::: no container\ntext\n:::",
        "Term\n:   no definition",
        "One line\nanother line\n\nan empty line before\n\n\ntwo before",
        "  two spaces before\n   three before",
        "שלום 👩‍👩‍👧‍👦 e\u0301 مرحبا",
        "- [ ] no task\n- [x] none",
        "12:30 http://example.org/a_b_c?d=e&f=g www.example.org me@example.org",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_reads_in_Markdown_as_it_was_typed(string text)
    {
        foreach (var html in (string[])[Markdig.Markdown.ToHtml(Markdown.Escape(text)), Markdig.Markdown.ToHtml(Markdown.Escape(text), Everything)])
        {
            var body = new HtmlParser().ParseDocument(html.Replace("<br />\n", "<br />", StringComparison.Ordinal)).Body!;
            Assert.All(body.QuerySelectorAll("*"), element => Assert.Contains(element.LocalName, (string[])["p", "br", "a"]));
            foreach (var lineBreak in body.QuerySelectorAll("br"))
            {
                lineBreak.OuterHtml = "\n";
            }
            Assert.Equal(Plain(text), Plain(body.TextContent));
        }
    }

    [Fact]
    public async Task A_file_has_the_text_and_its_authors_or_not()
    {
        var draft = await ADraftAsync("The *lamp*");
        var view = await site.Services.ReadAsync(draft.Id, draft.Cleo);

        Assert.Equal("# The \\*lamp\\*\n\n**Ana**\n\nIt \\_burned\\_.\n\n**Ben**\n\n  \tAll night.\n".Replace("  \t", "&nbsp;&nbsp;&emsp;", StringComparison.Ordinal), Text(view, ExportFormat.Md, true));
        Assert.Equal("The *lamp*\n\n[Ana]\nIt _burned_.\n\n[Ben]\n  \tAll night.\n", Text(view, ExportFormat.Txt, true));
        Assert.Equal("The *lamp*\n\nIt _burned_.\n\n  \tAll night.\n", Text(view, ExportFormat.Txt, false));
        Assert.DoesNotContain("Ana", Text(view, ExportFormat.Md, false), StringComparison.Ordinal);
        Assert.DoesNotContain("Ana", Text(view, ExportFormat.Json, false), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(DraftExport.Write(view, ExportFormat.Json, withAuthors: true));
        Assert.Equal(
            [("Ana", "It _burned_."), ("Ben", "  \tAll night.")],
            json.RootElement.GetProperty("segments").EnumerateArray().Select(s => (s.GetProperty("author").GetString()!, s.GetProperty("content").GetString()!)));
    }

    [Theory]
    [InlineData("The lamp", "The-lamp.md")]
    [InlineData("../../etc/passwd", "etc-passwd.md")]
    [InlineData("a\"b\r\nc;d", "a-b-c-d.md")]
    [InlineData("Лампа", "Лампа.md")]
    [InlineData("…", "draft.md")]
    [InlineData("\u202Egnp.exe", "gnp-exe.md")]
    public void A_file_name_is_safe_everywhere(string title, string name) => Assert.Equal(name, DraftExport.FileName(title, ExportFormat.Md));

    [Fact]
    public async Task Each_of_the_people_downloads_it_and_nobody_else_does()
    {
        var draft = await ADraftAsync("Лампа");
        var url = $"/drafts/{draft.Id}/export?format=txt&authors=false";

        using var answer = await (await site.VisitAsync(draft.Cleo)).Client.GetAsync(url);
        var stranger = await (await site.VisitAsync(draft.Dan)).OpenAsync(url);
        var nobody = await site.Visit().OpenAsync(url);
        var wrong = await (await site.VisitAsync(draft.Cleo)).OpenAsync($"/drafts/{draft.Id}/export?format=pdf");

        Assert.Equal("text/plain; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(("attachment", "Лампа.txt"), (answer.Content.Headers.ContentDisposition!.DispositionType, answer.Content.Headers.ContentDisposition.FileNameStar));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.StartsWith("Лампа\n\nIt _burned_.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, stranger.Status);
        Assert.StartsWith("/account/sign-in", nobody.RedirectsTo, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
    }

    private static string Text(DraftView draft, ExportFormat format, bool withAuthors) => Encoding.UTF8.GetString(DraftExport.Write(draft, format, withAuthors));

    // Space that cannot break, and lines that hold nothing else, look like any other.
    private static string Plain(string text) => text
        .Replace('\u00A0', ' ').Replace('\u2003', '\t').Split('\n').Select(line => line.TrimEnd()).Aggregate((one, other) => $"{one}\n{other}").TrimEnd();

    private async Task<ADraft> ADraftAsync(string title)
    {
        var draft = await site.Services.ADraftHeldByAnaAsync(title: title);
        await site.Services.AppendAsync(draft.Id, draft.Ana, "It _burned_.");
        await site.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await site.Services.AppendAsync(draft.Id, draft.Ben, "  \tAll night.");
        return draft;
    }
}
