using System.Net;
using AngleSharp.Dom;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class ProfilePageTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    [Fact]
    public async Task What_a_person_says_of_themselves_is_seen_by_people_with_an_account()
    {
        var ana = await site.Services.APersonAsync("Ana");
        var handle = await site.Services.HandleOfAsync(ana);
        var visitor = await site.VisitAsync(ana);

        var page = await visitor.OpenAsync("/account");
        var bio = page.Document.QuerySelector("textarea")!.GetAttribute("name")!;
        var kept = await SendAsync(visitor, page, (page.Document.QuerySelector("input[id=name]")!.GetAttribute("name")!, " Ana Óʻ "), (bio, "Collects <b>lamps</b>.\r\nMostly broken ones. "));
        Assert.Equal(HttpStatusCode.Redirect, kept);

        var seen = await (await site.VisitAsync(await site.Services.APersonAsync("Ben"))).OpenAsync($"/people/{handle}");
        Assert.Equal("Ana Óʻ", seen.Heading);
        Assert.Contains("Collects <b>lamps</b>. Mostly broken ones.", seen.Text.Replace("\n", " ", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("Nobody has this handle", (await visitor.OpenAsync("/people/nobody_at_all")).Heading);
    }

    [Theory]
    [InlineData("name", 61)]
    [InlineData("bio", 301)]
    public async Task What_is_too_long_is_refused_in_words(string field, int length)
    {
        var visitor = await site.VisitAsync(await site.Services.APersonAsync("Ana"));
        var page = await visitor.OpenAsync("/account");
        var name = page.Document.QuerySelector($"[id={field}]")!.GetAttribute("name")!;

        Assert.Equal(HttpStatusCode.OK, await SendAsync(visitor, page, (name, new string('x', length))));
        Assert.Equal("", (await visitor.OpenAsync("/account")).Document.QuerySelector("textarea")!.TextContent.Trim());
    }

    private static async Task<HttpStatusCode> SendAsync(Visitor visitor, Page page, params (string Name, string Value)[] fields)
    {
        var form = page.Document.QuerySelector("main form")!;
        var values = form.QuerySelectorAll("input[name]").ToDictionary(i => i.GetAttribute("name")!, i => i.GetAttribute("value") ?? "");
        foreach (var (name, value) in fields)
        {
            values[name] = value;
        }
        using var content = new FormUrlEncodedContent(values);
        using var answer = await visitor.Client.PostAsync(page.Url, content);
        return answer.StatusCode;
    }
}
