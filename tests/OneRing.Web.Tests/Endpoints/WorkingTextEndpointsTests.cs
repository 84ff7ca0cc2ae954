using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Writing;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Endpoints;

public sealed class WorkingTextEndpointsTests_InMemory(SiteInMemory site) : WorkingTextEndpointsTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class WorkingTextEndpointsTests_Postgres(SiteOnPostgres site) : WorkingTextEndpointsTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>Where the browser keeps what somebody types.</summary>
public abstract class WorkingTextEndpointsTests(Site site)
{
    [Fact]
    public async Task Words_are_kept_and_given_back_with_all_their_characters()
    {
        var (draft, ana, token) = await AnaAsync();
        const string Text = "  <script>alert(1)</script>\n\tשלום 👩‍👩‍👧‍👦 e\u0301\u2028\u00A0 ";
        var id = Guid.NewGuid();

        var first = await SaveAsync(ana, draft.Id, token, new { textId = id, @base = 0, start = 0, remove = 0, insert = Text, length = Text.Length, page = "b/p" });
        var second = await SaveAsync(ana, draft.Id, token, new { textId = id, @base = 1, start = Text.Length, remove = 0, insert = "!", length = Text.Length + 1, page = "b/p" });

        Assert.Equal((HttpStatusCode.OK, 1), (first.Status, first.Body.GetProperty("revision").GetInt32()));
        Assert.Equal((HttpStatusCode.OK, 2, false), (second.Status, second.Body.GetProperty("revision").GetInt32(), second.Body.GetProperty("isParked").GetBoolean()));
        var found = await ana.Client.GetFromJsonAsync<JsonElement>(new Uri($"/drafts/{draft.Id}/words", UriKind.Relative));
        Assert.Equal(Text + "!", found.GetProperty("current").GetProperty("content").GetString());
        Assert.Equal("b/p", found.GetProperty("current").GetProperty("page").GetString());
    }

    [Fact]
    public async Task A_page_of_another_site_keeps_nothing()
    {
        var (draft, ana, _) = await AnaAsync();

        foreach (var token in (string[])["", "not a token"])
        {
            var answer = await SaveAsync(ana, draft.Id, token, Change("Not from here"));
            Assert.Equal((HttpStatusCode.BadRequest, "not_from_here"), (answer.Status, answer.Body.GetProperty("code").GetString()));
        }

        Assert.Null((await Texts.FindAsync(draft.Ana, draft.Id, textId: null)).Current);
    }

    [Fact]
    public async Task Whoever_is_signed_out_is_told_so_and_nothing_is_kept()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();

        var answer = await SaveAsync(site.Visit(), draft.Id, "", Change("Whose words?"));

        Assert.Equal((HttpStatusCode.Unauthorized, "signed_out"), (answer.Status, answer.Body.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("""{"textId": "00000000-0000-4000-8000-000000000001", "base": 0, "start": 0, "remove": 0, "insert": "\ud83e", "length": 1, "page": "b/p"}""")]
    [InlineData("""{"textId": "00000000-0000-4000-8000-000000000001", "base": 0, "start": 0, "remove": 0, "insert": "a\u0000b", "length": 3, "page": "b/p"}""")]
    [InlineData("""{"textId": "no id", "base": 0, "start": 0, "remove": 0, "insert": "x", "length": 1, "page": "b/p"}""")]
    [InlineData("""{"textId": "00000000-0000-4000-8000-000000000001"}""")]
    [InlineData("""{"insert": null}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("")]
    public async Task What_cannot_be_kept_is_refused_with_a_reason(string body)
    {
        var (draft, ana, token) = await AnaAsync();

        var answer = await SendAsync(ana, draft.Id, token, new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.NotEqual("", answer.Body.GetProperty("message").GetString());
        Assert.Null((await Texts.FindAsync(draft.Ana, draft.Id, textId: null)).Current);
    }

    [Fact]
    public async Task A_stretch_that_is_far_too_long_is_refused_before_it_is_read()
    {
        var (draft, ana, token) = await AnaAsync();

        var answer = await SaveAsync(ana, draft.Id, token, Change(new string('a', 1_100_000)));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
    }

    [Fact]
    public async Task Another_version_is_a_conflict_and_the_one_not_chosen_is_parked()
    {
        var (draft, ana, token) = await AnaAsync();
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        await SaveAsync(ana, draft.Id, token, Change("First", first));

        Assert.Equal(HttpStatusCode.Conflict, (await SaveAsync(ana, draft.Id, token, Change("Second", second))).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(ana, draft.Id, token, JsonContent.Create(new { }), $"/{first}/park")).Status);
        Assert.Equal(HttpStatusCode.OK, (await SaveAsync(ana, draft.Id, token, Change("Second", second))).Status);

        using var parked = await ana.Client.GetAsync(new Uri($"/drafts/{draft.Id}/parked/{first}", UriKind.Relative));
        Assert.Equal("First", await parked.Content.ReadAsStringAsync());
        Assert.Equal("text/plain", parked.Content.Headers.ContentType!.MediaType);
        Assert.True(parked.Headers.CacheControl!.NoStore);
    }

    private WorkingTextService Texts => site.Services.GetRequiredService<WorkingTextService>();

    private static object Change(string text, Guid? id = null) =>
        new { textId = id ?? Guid.NewGuid(), @base = 0, start = 0, remove = 0, insert = text, length = text.Length, page = "b/p", park = false };

    private async Task<(ADraft Draft, Visitor Ana, string Token)> AnaAsync()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var ana = await site.VisitAsync(draft.Ana);
        var page = await ana.OpenAsync($"/drafts/{draft.Id}");
        return (draft, ana, page.Document.QuerySelector("form[data-user] input[name=__RequestVerificationToken]")!.GetAttribute("value")!);
    }

    private static Task<(HttpStatusCode Status, JsonElement Body)> SaveAsync(Visitor visitor, Guid draftId, string token, object change) =>
        SendAsync(visitor, draftId, token, JsonContent.Create(change));

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(Visitor visitor, Guid draftId, string token, HttpContent content, string suffix = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/drafts/{draftId}/words{suffix}") { Content = content };
        if (token.Length > 0)
        {
            request.Headers.Add("RequestVerificationToken", token);
        }
        using var answer = await visitor.Client.SendAsync(request);
        var isJson = answer.Content.Headers.ContentType?.MediaType == "application/json";
        return (answer.StatusCode, isJson ? await answer.Content.ReadFromJsonAsync<JsonElement>() : default);
    }
}
