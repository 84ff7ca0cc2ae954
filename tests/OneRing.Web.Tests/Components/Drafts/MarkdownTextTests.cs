using System.Diagnostics;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Bunit;
using OneRing.Data;
using OneRing.Web.Components.Drafts;
using Xunit.Abstractions;

namespace OneRing.Web.Tests.Components.Drafts;

public sealed class MarkdownTextTests(ITestOutputHelper output) : BunitContext
{
    private static readonly TimeSpan Goal = TimeSpan.FromSeconds(2);

    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["p"] = [],
        ["br"] = [],
        ["em"] = [],
        ["strong"] = [],
        ["del"] = [],
        ["code"] = [],
        ["pre"] = [],
        ["blockquote"] = [],
        ["ul"] = [],
        ["ol"] = ["start"],
        ["li"] = [],
        ["hr"] = [],
        ["h3"] = [],
        ["h4"] = [],
        ["h5"] = [],
        ["h6"] = [],
        ["a"] = ["href", "rel", "target"],
    };

    public static TheoryData<string> Hostile =>
    [
        // Addresses that run
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](  javascript:alert(1))",
        "[a](<javascript:alert(1)>)",
        "[a](<java\tscript:alert(1)>)",
        "[a](java&Tab;script:alert(1))",
        "[a](java&NewLine;script:alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a](&#x6A;&#x61;vascript&colon;alert(1))",
        "[a](&#0000106avascript:alert(1))",
        "[a](java\\script:alert(1))",
        "[a](\u0001javascript:alert(1))",
        "[a](\u00A0javascript:alert(1))",
        "[a](java\u200Bscript:alert(1))",
        "[a](javascript&#58;alert(1))",
        "[a](javascript:alert(1)//http://example.org)",
        "[a](vbscript:msgbox(1))",
        "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
        "[a](DATA:text/html,<script>alert(1)</script>)",
        "[a](blob:http://example.org/1)",
        "[a](file:///etc/passwd)",
        "[a](view-source:javascript:alert(1))",
        "[a](feed:javascript:alert(1))",
        "[a](jar:javascript:alert(1)!/)",
        // Addresses within this site, or of a host that is not named plainly
        "[a](/account/sign-out)",
        "[a](//evil.example)",
        "[a](\\\\evil.example)",
        "[a](#composer)",
        "[a]()",
        "[a](?welcome=true)",
        // Links of other kinds
        "<javascript:alert(1)>",
        "<data:text/html,x>",
        "[a][b]\n\n[b]: javascript:alert(1)",
        "[b]\n\n[b]: <data:text/html,x> \"title\"",
        "[a](http://example.org \"x\" onmouseover=alert(1) y=\")",
        "[a](http://example.org\"onmouseover=\"alert(1))",
        "[a](http://example.org 'x\" onmouseover=\"alert(1)')",
        "[a](http://example.org/'onclick='alert(1))",
        "[<img src=x onerror=alert(1)>](http://example.org)",
        "[a](mailto:a@b.c?subject=\"onclick=\"alert(1))",
        // Pictures
        "![a](javascript:alert(1))",
        "![a](http://example.org/who-reads.png)",
        "![\" onerror=\"alert(1)](x)",
        "![a](x\"onerror=\"alert(1))",
        "[![a](http://example.org/a.png)](javascript:alert(1))",
        "![a](data:image/svg+xml,<svg/onload=alert(1)>)",
        // HTML
        "<script>alert(1)</script>",
        "<SCRIPT SRC=//evil.example></SCRIPT>",
        "<script\n>alert(1)\n</script\n>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<object data=javascript:alert(1)><embed src=javascript:alert(1)>",
        "<style>@import 'http://evil.example';</style>",
        "<p style=\"background:url(javascript:alert(1))\" class=ring-panel id=composer>x</p>",
        "<base href=//evil.example>",
        "<meta http-equiv=refresh content=0;url=javascript:alert(1)>",
        "<link rel=stylesheet href=//evil.example>",
        "<form action=//evil.example><input name=q><button>ok</button></form>",
        "<a href=javascript:alert(1)>a</a>",
        "<a name=composer id=newest>a</a>",
        "<body onload=alert(1)>",
        "<details open ontoggle=alert(1)><summary>x</summary></details>",
        "<template><img src=x onerror=alert(1)></template>",
        "<!--><img src=x onerror=alert(1)>-->",
        "<![CDATA[<img src=x onerror=alert(1)>]]>",
        "<?xml-stylesheet href=\"javascript:alert(1)\"?>",
        "<!DOCTYPE html [<!ENTITY x \"<script>alert(1)</script>\">]>&x;",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "\\<script>alert(1)\\</script>",
        // HTML where it is code
        "```\n</code></pre><script>alert(1)</script>\n```",
        "```\"onclick=\"alert(1)\n<b>x</b>\n```",
        "```html onload=alert(1)\n<img src=x onerror=alert(1)>\n```",
        "``</code><svg/onload=alert(1)>``",
        "    <script>alert(1)</script>",
        // Broken on purpose, and what changes its meaning when it is read twice
        "<<script>alert(1)//<</script>",
        "<img src=\"x` `<script>alert(1)</script>\"` `>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">",
        "<listing>&lt;img src=x onerror=alert(1)&gt;</listing>",
        "<select><template><style><!--</style><a rel=\"--><img src=x onerror=alert(1)>\"></template></select>",
        "**<b>** <i>_</i>_ > <u\n- </ul></li><script>alert(1)</script>",
        "# <script>alert(1)</script> {#composer onclick=alert(1)}",
        "> <blockquote onmouseover=alert(1)>\n> x",
        "| <script> | b |\n|---|---|\n| <img src=x onerror=alert(1)> | 2 |",
        "[^1]\n\n[^1]: <script>alert(1)</script>",
        "$$\n\\href{javascript:alert(1)}{x}\n$$",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Nothing_gets_out_of_a_text_but_what_is_allowed(string text)
    {
        AssertHarmless(Read(text));
        // What was written to be read once more by a browser means the same the second time.
        AssertHarmless(new HtmlParser().ParseDocument(MarkdownHtml.From(text)).Body!);
    }

    [Theory]
    [InlineData("<b>bold?</b> <!-- a remark -->")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<div>\n\nnot *one*\n\n</div>")]
    [InlineData("a < b > c & d")]
    public void HTML_in_a_text_is_part_of_the_text(string text) =>
        Assert.Equal(Words(text.Replace("*", "", StringComparison.Ordinal)), Words(Read(text).TextContent));

    [Theory]
    [InlineData("*soft* and **loud** and ***both*** and ~~gone~~", "<p><em>soft</em> and <strong>loud</strong> and <em><strong>both</strong></em> and <del>gone</del></p>")]
    [InlineData("One line\nanother\n\nand a paragraph", "<p>One line<br>another</p><p>and a paragraph</p>")]
    [InlineData("    Indented, as a story is.\n\tThis too.", "<p>Indented, as a story is.<br>This too.</p>")]
    [InlineData("- one\n- two\n    - deeper", "<ul><li>one</li><li>two\n<ul><li>deeper</li></ul></li></ul>")]
    [InlineData("3. three\n4. four", "<ol start=\"3\"><li>three</li><li>four</li></ol>")]
    [InlineData("> said\n> > before", "<blockquote><p>said</p><blockquote><p>before</p></blockquote></blockquote>")]
    [InlineData("`a < b` and\n```\nlet x;\n  y\n```", "<p><code>a &lt; b</code> and</p><pre><code>let x;\n  y\n</code></pre>")]
    [InlineData("# One\n## Two\n### Three\n#### Four\n##### Five\n#hash", "<h3>One</h3><h4>Two</h4><h5>Three</h5><h6>Four</h6><h6>Five</h6><p>#hash</p>")]
    [InlineData("before\n\n***\n\nafter", "<p>before</p><hr><p>after</p>")]
    [InlineData("before\n---\nafter", "<p>before<br>---<br>after</p>")]
    [InlineData("[Ana]: hello", "<p>[Ana]: hello</p>")]
    [InlineData("1984. It was.", "<ol start=\"1984\"><li>It was.</li></ol>")]
    [InlineData("\\*as it is\\* 👩‍👩‍👧‍👦 שלום e\u0301", "<p>*as it is* 👩‍👩‍👧‍👦 שלום e\u0301</p>")]
    public void Markdown_is_read_as_its_writer_means_it(string text, string html) =>
        Assert.Equal(html, Read(text).InnerHtml.Replace(">\n", ">", StringComparison.Ordinal).Trim());

    [Theory]
    [InlineData("[a *lamp*](https://example.org/a_b?c=d&e=f#g)", "a lamp", "https://example.org/a_b?c=d&e=f#g")]
    [InlineData("<HTTP://example.org>", "HTTP://example.org", "HTTP://example.org")]
    [InlineData("<me@example.org>", "me@example.org", "mailto:me@example.org")]
    [InlineData("![a lamp](http://example.org/lamp.png \"title\")", "a lamp", "http://example.org/lamp.png")]
    [InlineData("![](http://example.org/lamp.png)", "http://example.org/lamp.png", "http://example.org/lamp.png")]
    public void A_link_leads_out_of_the_page_and_says_nothing_of_it(string text, string words, string address)
    {
        var link = Assert.Single(Read(text).QuerySelectorAll("a"));

        Assert.Equal((words, address), (link.TextContent, link.GetAttribute("href")));
        Assert.Equal(("noopener noreferrer nofollow", "_blank"), (link.GetAttribute("rel"), link.GetAttribute("target")));
    }

    [Fact]
    public void A_link_that_leads_nowhere_leaves_its_words() =>
        Assert.Equal("<p>Press <em>this</em> or that.</p>", Read("Press [*this*](javascript:alert(1)) or [that](/account/sign-out).").InnerHtml.Trim());

    [Fact]
    public void Another_text_is_read_anew()
    {
        var shown = Render<MarkdownText>(p => p.Add(x => x.Text, "*one*"));

        shown.Render(p => p.Add(x => x.Text, "*other*"));

        Assert.Equal("other", shown.Find("em").TextContent);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("![")]
    [InlineData("[a](")]
    [InlineData("[a][")]
    [InlineData("[]()")]
    [InlineData("*")]
    [InlineData("**a ")]
    [InlineData("*a ")]
    [InlineData("*a_")]
    [InlineData("a**b")]
    [InlineData("_")]
    [InlineData("~~a")]
    [InlineData(">")]
    [InlineData("> ")]
    [InlineData("- ")]
    [InlineData("1. ")]
    [InlineData("1) - > ")]
    [InlineData("`")]
    [InlineData("`a``")]
    [InlineData("<")]
    [InlineData("<!--")]
    [InlineData("<a@")]
    [InlineData("&")]
    [InlineData("\\")]
    [InlineData("#")]
    [InlineData("- a\n")]
    [InlineData("\n")]
    [InlineData("[a]: b\n[a]\n")]
    [InlineData("*a ", "a* ")]
    [InlineData("[", "](http://a)")]
    [InlineData("![", "](http://a)")]
    public void A_text_that_is_made_to_hurt_is_read_soon_and_never_deep(string opening, string closing = "")
    {
        var times = Texts.LongestSegment / (opening.Length + closing.Length);
        var text = string.Concat(Enumerable.Repeat(opening, times)) + string.Concat(Enumerable.Repeat(closing, times));
        var started = Stopwatch.GetTimestamp();

        var html = OnALittleStack(() => MarkdownHtml.From(text));

        var took = Stopwatch.GetElapsedTime(started);
        output.WriteLine($"{text.Length:N0} characters of “{opening.ReplaceLineEndings("⏎")}…{closing}” are read in {took.TotalMilliseconds:0} ms, as {html.Length:N0} of HTML.");
        Assert.True(took < 10 * Goal, $"Only after {took}.");
        var body = new HtmlParser().ParseDocument(html).Body!;
        AssertHarmless(body);
        Assert.InRange(Everything(body).Select(each => each.Depth).DefaultIfEmpty().Max(), 0, 150);
    }

    [Fact]
    public void What_is_nested_too_deeply_is_shown_as_it_was_typed()
    {
        var text = new string('>', 200) + " <b>deep</b>\nand *on*";

        Assert.Equal(Words(text), Words(Read(text).TextContent));
        Assert.Single(Read(text).QuerySelectorAll("br"));
    }

    private IElement Read(string text) => Render<MarkdownText>(p => p.Add(x => x.Text, text)).Find(".markdown");

    private static void AssertHarmless(IElement place)
    {
        var html = place.InnerHtml;
        foreach (var (node, _) in Everything(place))
        {
            if (node is not IElement element)
            {
                Assert.True(node.NodeType == NodeType.Text, $"There is a {node.NodeType} in {html}");
                continue;
            }

            Assert.True(Allowed.TryGetValue(element.LocalName, out var attributes), $"There is a {element.LocalName} in {html}");
            Assert.Equal("http://www.w3.org/1999/xhtml", element.NamespaceUri);
            Assert.All(element.Attributes, attribute => Assert.Contains(attribute.LocalName, attributes));
            if (element.LocalName == "a")
            {
                Assert.Matches("^(?i:https?|mailto):", element.GetAttribute("href"));
            }
        }
    }

    private static IEnumerable<(INode Node, int Depth)> Everything(INode place)
    {
        var waiting = new Stack<(INode, int)>(place.ChildNodes.Select(child => (child, 1)));
        while (waiting.TryPop(out var next))
        {
            yield return next;
            foreach (var child in next.Item1.ChildNodes)
            {
                waiting.Push((child, next.Item2 + 1));
            }
        }
    }

    private static string OnALittleStack(Func<string> work)
    {
        var result = "";
        var thread = new Thread(() => result = work(), maxStackSize: 256 * 1024);
        thread.Start();
        thread.Join();
        return result;
    }

    private static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
