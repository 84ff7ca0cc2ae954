using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Endpoints;

public sealed class ApiErrorsTests_InMemory(SiteInMemory site) : ApiErrorsTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class ApiErrorsTests_Postgres(SiteOnPostgres site) : ApiErrorsTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>What the API answers when it says no: always in one shape, and in one order.</summary>
public abstract class ApiErrorsTests(Site site)
{
    private const string Drafts = "/v1/collab/drafts";

    private const int Mebibyte = 1024 * 1024;

    private static readonly Guid Unknown = new("0193a1b2-3c4d-7000-8000-00000000000a");

    [Theory]
    [InlineData("GET", "/v1/me", null, null, "401 unauthorized")]
    [InlineData("GET", "/v1/nowhere", null, null, "401 unauthorized")]
    [InlineData("GET", "/v1", "ana", null, "404 not_found")]
    [InlineData("GET", "/v1/nowhere", "ana", null, "404 not_found")]
    [InlineData("PUT", "/v1/me", "ana", null, "405 method_not_allowed")]
    [InlineData("POST", Drafts, "ana", "", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", "{", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", "null", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", "[]", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", "\"title\"", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", "{}", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", """{"title":null}""", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", """{"title":5}""", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", """{"Title":"A"}""", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", """{"title":"   "}""", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", """{"title":"a\u0000b"}""", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", """{"title":"a\ud83d"}""", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", """{"title":"A","title":"B"}""", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", """{"title":"A","platform":"paper"}""", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", """{"title":"A","platform":1}""", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", """{"title":"A","platform":"x"} more""", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", """{"title":"A","initial_segment":" "}""", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", """{"title":"A","initial_segment":"a\u0000"}""", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", """{"title":"A","idempotency_key":""}""", "400 validation_error")]
    [InlineData("POST", Drafts, "ana", """{"title":"A","idempotency_key":"a\u0000"}""", "400 validation_error")]
    [InlineData("POST", Drafts + "?segments=some", "ana", """{"title":"A"}""", "400 validation_error")]
    [InlineData("GET", Drafts + "?limit=0", "ana", null, "400 validation_error")]
    [InlineData("GET", Drafts + "?limit=101", "ana", null, "400 validation_error")]
    [InlineData("GET", Drafts + "?limit=-1", "ana", null, "400 validation_error")]
    [InlineData("GET", Drafts + "?limit=x", "ana", null, "400 validation_error")]
    [InlineData("GET", Drafts + "?cursor=x", "ana", null, "400 validation_error")]
    [InlineData("GET", Drafts + "?cursor=%00", "ana", null, "400 validation_error")]
    [InlineData("GET", Drafts + "?cursor=%F0%9F%92%8D", "ana", null, "400 validation_error")]
    [InlineData("GET", Drafts + "?filter=YourTurn", "ana", null, "400 validation_error")]
    [InlineData("GET", Drafts + "?filter=2", "ana", null, "400 validation_error")]
    [InlineData("GET", Drafts + "/x?segments=ALL", "ana", null, "400 validation_error")]
    [InlineData("GET", Drafts + "/x?now=yesterday", "ana", null, "400 validation_error")]
    [InlineData("GET", Drafts + "/x?now=2026-01-01", "ana", null, "400 validation_error")]
    [InlineData("GET", Drafts + "/x?now=2026-01-01T10:00:00", "ana", null, "400 validation_error")]
    [InlineData("GET", Drafts + "/x?now=2026-01-01T10:00:00+02:00", "ana", null, "404 not_found")]
    [InlineData("GET", Drafts + "/x?now=9999-12-31T23:59:59-10:00", "ana", null, "400 validation_error")]
    [InlineData("GET", Drafts + "/x", "ana", null, "404 not_found")]
    [InlineData("GET", Drafts + "/00000000-0000-0000-0000-000000000000", "ana", null, "404 not_found")]
    [InlineData("GET", Drafts + "/0193a1b23c4d7000800000000000000a", "ana", null, "404 not_found")]
    [InlineData("PATCH", Drafts + "/x", "ana", """{"title":"A"}""", "404 not_found")]
    [InlineData("PATCH", Drafts + "/x", "ana", """{"title":""}""", "400 validation_error")]
    [InlineData("POST", Drafts + "/x/lock", "ana", null, "404 not_found")]
    [InlineData("POST", Drafts + "/x/segments", "ana", """{"content":"A"}""", "400 validation_error")]
    [InlineData("POST", Drafts + "/x/segments", "ana", """{"content":"A","idempotency_key":"k","turn":"1"}""", "400 validation_error")]
    [InlineData("POST", Drafts + "/x/segments", "ana", """{"content":"A","idempotency_key":"k","turn":1.5}""", "400 validation_error")]
    [InlineData("POST", Drafts + "/x/segments", "ana", """{"content":"A","idempotency_key":"k","turn":99999999999}""", "400 validation_error")]
    [InlineData("POST", Drafts + "/x/segments", "ana", """{"content":"A","idempotency_key":"k"}""", "404 not_found")]
    [InlineData("POST", Drafts + "/x/pass-ring", "ana", """{"idempotency_key":"k"}""", "400 validation_error")]
    [InlineData("POST", Drafts + "/x/pass-ring", "ana", """{"to_user_id":"@no handle\u0000","idempotency_key":"k"}""", "404 not_found")]
    [InlineData("POST", Drafts + "/x/pass-ring/smart", "ana", """{"strategy":"dice","idempotency_key":"k"}""", "400 validation_error")]
    [InlineData("POST", Drafts + "/x/pass-ring/smart", "ana", "{}", "400 validation_error")]
    [InlineData("POST", Drafts + "/x/collaborators", "ana", """{"user_id":"ben","role":"owner"}""", "400 validation_error")]
    [InlineData("POST", Drafts + "/x/collaborators", "ana", """{"user_id":"a\u0000","role":"writer"}""", "400 validation_error")]
    [InlineData("DELETE", Drafts + "/x/collaborators/ben", "ana", null, "404 not_found")]
    public async Task Every_error_has_the_one_shape(string method, string path, string? who, string? body, string outcome)
    {
        var api = who is null ? site.CallWith(token: null) : await site.CallAsync(who);

        var answer = await api.SendAsync(new HttpMethod(method), path, body, ("x-request-id", "My.request_1-"));

        Assert.True(outcome == answer.Outcome, $"{answer.Outcome}: {answer.Text}");
        AssertShape(answer, "My.request_1-");
    }

    [Fact]
    public async Task Only_a_token_that_is_good_opens_anything()
    {
        var ana = await site.Services.APersonAsync("Ana");
        var tokens = site.Services.GetRequiredService<AccessTokenService>();
        var token = Given.Succeed(await tokens.CreateAsync(new NewAccessToken(ana, "Mine")));
        var cookies = await site.VisitAsync(ana);
        Assert.Equal("200", (await site.CallWith(token.Secret).GetAsync("/v1/me")).Outcome);

        foreach (var answer in (Answer[])
        [
            await site.CallWith(token: null).GetAsync("/v1/me"),
            await site.CallWith("x").GetAsync("/v1/me"),
            await site.CallWith(token.Secret[..^1]).GetAsync("/v1/me"),
            await site.CallWith(token: null).GetAsync("/v1/me", ("Authorization", $"Basic {token.Secret}")),
            await site.CallWith(token: null).GetAsync("/v1/me", ("Authorization", token.Secret)),
            await site.CallWith(token: null).GetAsync($"/v1/me?access_token={token.Secret}"),
            await new ApiClient(cookies.Client, token: null).GetAsync("/v1/me"),
        ])
        {
            Assert.Equal("401 unauthorized", answer.Outcome);
            Assert.StartsWith("Bearer", answer.Headers["WWW-Authenticate"], StringComparison.Ordinal);
            Assert.DoesNotContain(token.Secret, answer.Text, StringComparison.Ordinal);
            AssertShape(answer);
        }

        Given.Succeed(await tokens.RevokeAsync(ana, token.Id));
        Assert.Equal("401 unauthorized", (await site.CallWith(token.Secret).GetAsync("/v1/me")).Outcome);
    }

    [Fact]
    public async Task The_body_has_at_most_a_mebibyte_whether_or_not_it_says_so()
    {
        var api = await site.CallAsync("ana");
        static string Body(int bytes) => $$"""{"title":"{{new string('x', bytes - 12)}}"}""";
        static ByteArrayContent Bytes(int count) => new(Encoding.ASCII.GetBytes(Body(count))) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

        // As large as may be: it is read, and its title is too long.
        Assert.Equal("400 validation_error", (await api.PostAsync(Drafts, Bytes(Mebibyte))).Outcome);

        foreach (var content in (HttpContent[])
        [
            Bytes(Mebibyte + 1),
            Bytes(2 * Mebibyte),
            new Unmeasured(Body(Mebibyte + 1)),
            new Unmeasured(Body(2 * Mebibyte)),
            // The refusal waits for whoever is still sending.
            new Unmeasured(Body(2 * Mebibyte), pause: TimeSpan.FromMilliseconds(200)),
        ])
        {
            var answer = await api.PostAsync(Drafts, content);
            Assert.Equal("413 payload_too_large", answer.Outcome);
            AssertShape(answer);
        }
        Assert.Equal("200", (await api.PostAsync(Drafts, new Unmeasured("""{"title":"A"}"""))).Outcome);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/xml")]
    [InlineData(null)]
    public async Task The_body_is_JSON_and_says_so(string? type)
    {
        var api = await site.CallAsync("ana");
        var content = new StringContent("""{"title":"A"}""");
        content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);

        var answer = await api.PostAsync(Drafts, content);

        Assert.Equal("415 unsupported_media_type", answer.Outcome);
        AssertShape(answer);
    }

    [Fact]
    public async Task Errors_are_answered_in_their_order()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var (ana, ben, cleo, dan) = (await site.CallAsync(draft.Ana), await site.CallAsync(draft.Ben), await site.CallAsync(draft.Cleo), await site.CallAsync(draft.Dan));
        var url = $"{Drafts}/{draft.Id}/pass-ring";
        static object Pass(string to, string key, int? turn = null) => new { to_user_id = to, idempotency_key = key, turn };

        // Everything is wrong at first; each line puts one thing right.
        var large = new string('x', Mebibyte + 1);
        async Task<string> SendTextAsync(ApiClient api, string text, string query = "") => (await api.PostAsync(url + query, new StringContent(text))).Outcome;
        Assert.Equal("401 unauthorized", await SendTextAsync(site.CallWith("x"), large));
        Assert.Equal("413 payload_too_large", await SendTextAsync(dan, large, "?segments=x"));
        Assert.Equal("415 unsupported_media_type", await SendTextAsync(dan, "{", "?segments=x"));
        Assert.Equal("400 validation_error", (await dan.PostAsync(url, "{")).Outcome);
        Assert.Equal("404 not_found", (await dan.PostAsync(url, Pass(draft.Ana, "k", 7))).Outcome);
        Assert.Equal("403 forbidden", (await cleo.PostAsync(url, Pass(draft.Ana, "k", 7))).Outcome);

        // The ring comes back to Ana, so that her key has been used and turn 3 is current; then the draft is paused.
        (await ana.PostAsync(url, Pass(draft.Ben, "k"))).Succeed();
        (await ben.PostAsync(url, Pass(draft.Ana, "k"))).Succeed();
        (await ana.PostAsync($"{Drafts}/{draft.Id}/lock")).Succeed();
        Assert.Equal("200", (await ana.PostAsync(url, Pass(draft.Ben, "k", 1))).Outcome);
        Assert.Equal("422 idempotency_mismatch", (await ana.PostAsync(url, Pass(draft.Cleo, "k", 1))).Outcome);
        Assert.Equal("409 draft_not_active", (await ben.PostAsync(url, Pass(draft.Cleo, "new", 1))).Outcome);
        (await ana.PostAsync($"{Drafts}/{draft.Id}/unlock")).Succeed();
        Assert.Equal("409 stale_turn", (await ben.PostAsync(url, Pass(draft.Cleo, "new", 1))).Outcome);
        Assert.Equal("403 ring_required", (await ben.PostAsync(url, Pass(draft.Cleo, "new", 3))).Outcome);
        Assert.Equal("403 ring_required", (await ben.PostAsync(url, Pass(draft.Cleo, "new"))).Outcome);
        Assert.Equal("400 validation_error", (await ana.PostAsync(url, Pass(draft.Ana, "new", 3))).Outcome);
        Assert.Equal("403 forbidden", (await ana.PostAsync(url, Pass(draft.Cleo, "new", 3))).Outcome);
        Assert.Equal("403 forbidden", (await ana.PostAsync(url, Pass(draft.Dan, "new", 3))).Outcome);
        Assert.Equal("403 forbidden", (await ana.PostAsync(url, Pass("@nobody_at_all", "new", 3))).Outcome);
        Assert.Equal("200", (await ana.PostAsync(url, Pass(draft.Ben, "new", 3))).Outcome);
    }

    [Fact]
    public async Task A_refused_command_changes_nothing_and_keeps_no_key()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var ben = await site.CallAsync(draft.Ben);
        var before = await site.Services.ReadAsync(draft.Id, draft.Ana);

        Assert.Equal("403 ring_required", (await ben.PostAsync($"{Drafts}/{draft.Id}/segments", new { content = "Not yet", idempotency_key = "k" })).Outcome);
        Assert.Equal(before.Version, (await site.Services.ReadAsync(draft.Id, draft.Ana)).Version);

        await site.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var now = (await ben.PostAsync($"{Drafts}/{draft.Id}/segments", new { content = "Now", idempotency_key = "k" })).Succeed();
        Assert.False((bool)now.Json["replayed"]!);
    }

    [Fact]
    public async Task The_key_stands_in_the_header_or_the_body_or_the_same_in_both()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var api = await site.CallAsync(draft.Ana);
        var url = $"{Drafts}/{draft.Id}/segments";
        const string Header = "Idempotency-Key";

        Assert.Equal("400 validation_error", (await api.PostAsync(url, new { content = "A" })).Outcome);
        Assert.Equal("400 validation_error", (await api.PostAsync(url, new { content = "A", idempotency_key = "a" }, (Header, "b"))).Outcome);
        Assert.Equal("400 validation_error", (await api.PostAsync(url, new { content = "A" }, (Header, new string('x', 201)))).Outcome);
        Assert.Equal("200", (await api.PostAsync(url, new { content = "A", idempotency_key = "a" }, (Header, "a"))).Outcome);
        Assert.True((bool)(await api.PostAsync(url, new { content = "A" }, (Header, "a"))).Json["replayed"]!);
        Assert.Equal("422 idempotency_mismatch", (await api.PostAsync(url, new { content = "B" }, (Header, "a"))).Outcome);
        Assert.Single((await site.Services.ReadAsync(draft.Id, draft.Ana)).Segments);

        // A command that needs no key takes one too.
        Assert.Equal("200", (await api.PostAsync($"{Drafts}/{draft.Id}/lock", body: null, (Header, "a"))).Outcome);
        Assert.Equal("200", (await api.PostAsync($"{Drafts}/{draft.Id}/lock", body: null, (Header, "a"))).Outcome);
        Assert.Equal("409 draft_not_active", (await api.PostAsync($"{Drafts}/{draft.Id}/lock")).Outcome);
        Assert.Equal("400 validation_error", (await api.PostAsync($"{Drafts}/{draft.Id}/lock", body: null, (Header, new string('x', 201)))).Outcome);
    }

    [Fact]
    public async Task Roles_and_states_have_their_codes()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var (ana, ben) = (await site.CallAsync(draft.Ana), await site.CallAsync(draft.Ben));
        var url = $"{Drafts}/{draft.Id}";
        var people = $"{url}/collaborators";

        Assert.Equal("403 forbidden", (await ben.SendAsync(HttpMethod.Patch, url, new { title = "Mine" })).Outcome);
        Assert.Equal("403 forbidden", (await ben.PostAsync($"{url}/lock")).Outcome);
        Assert.Equal("403 forbidden", (await ben.PostAsync($"{url}/complete")).Outcome);
        Assert.Equal("403 forbidden", (await ben.PostAsync(people, new { user_id = draft.Dan, role = "reader" })).Outcome);
        Assert.Equal("403 forbidden", (await ben.SendAsync(HttpMethod.Delete, $"{people}/{draft.Cleo}", body: null)).Outcome);
        Assert.Equal("403 forbidden", (await ana.SendAsync(HttpMethod.Delete, $"{people}/{draft.Ana}", body: null)).Outcome);
        Assert.Equal("404 not_found", (await ana.SendAsync(HttpMethod.Delete, $"{people}/{draft.Dan}", body: null)).Outcome);
        Assert.Equal("404 not_found", (await ana.PostAsync(people, new { user_id = Unknown, role = "reader" })).Outcome);
        Assert.Equal("404 not_found", (await ana.PostAsync(people, new { user_id = "@nobody_at_all", role = "reader" })).Outcome);
        Assert.Equal("409 conflict", (await ana.PostAsync(people, new { user_id = draft.Ben, role = "reader" })).Outcome);
        Assert.Equal("409 conflict", (await ana.PostAsync($"{url}/unlock")).Outcome);

        (await ana.SendAsync(HttpMethod.Delete, $"{people}/{draft.Ben}", body: null)).Succeed();
        Assert.Equal("409 no_collaborator_candidates", (await ana.PostAsync($"{url}/pass-ring/smart", new { idempotency_key = "k" })).Outcome);

        (await ana.PostAsync($"{url}/complete")).Succeed();
        Assert.Equal("409 draft_not_active", (await ana.PostAsync($"{url}/segments", new { content = "Late", idempotency_key = "k" })).Outcome);
        Assert.Equal("409 draft_not_active", (await ana.PostAsync(people, new { user_id = draft.Dan, role = "reader" })).Outcome);
    }

    [Fact]
    public async Task A_segment_may_be_as_long_as_its_platform_takes()
    {
        var story = await site.Services.ADraftHeldByAnaAsync();
        var tweet = await site.Services.ADraftHeldByAnaAsync(Platform.X);
        async Task<string> AppendAsync(ADraft draft, int length) => (await (await site.CallAsync(draft.Ana)).PostAsync(
            $"{Drafts}/{draft.Id}/segments", new { content = string.Concat(Enumerable.Repeat("💍", length)), idempotency_key = $"{length}" })).Outcome;

        Assert.Equal("200", await AppendAsync(story, Texts.LongestSegment));
        Assert.Equal("400 validation_error", await AppendAsync(story, Texts.LongestSegment + 1));
        Assert.Equal("200", await AppendAsync(tweet, Texts.LongestSocialSegment));
        Assert.Equal("400 validation_error", await AppendAsync(tweet, Texts.LongestSocialSegment + 1));
    }

    [Theory]
    [InlineData("abc", true)]
    [InlineData("A.b_c-9", true)]
    [InlineData("has space", false)]
    [InlineData("<script>", false)]
    [InlineData("", false)]
    public async Task A_request_keeps_a_sane_name_and_gets_one_otherwise(string id, bool isSane)
    {
        var api = site.CallWith(token: null);
        foreach (var path in (string[])["/v1/me", "/healthz", "/account/sign-in", "/nowhere", "/styles/house.css"])
        {
            var given = (await api.GetAsync(path, ("x-request-id", id))).Headers["x-request-id"];
            Assert.Equal(isSane, given == id);
            Assert.Matches("^[A-Za-z0-9._-]{1,128}$", given);
        }
        Assert.Equal(new string('x', 128), (await api.GetAsync("/v1/me", ("x-request-id", new string('x', 128)))).Headers["x-request-id"]);
        Assert.NotEqual(new string('x', 129), (await api.GetAsync("/v1/me", ("x-request-id", new string('x', 129)))).Headers["x-request-id"]);
        Assert.NotEqual((await api.GetAsync("/v1/me")).Headers["x-request-id"], (await api.GetAsync("/v1/me")).Headers["x-request-id"]);
    }

    private static void AssertShape(Answer answer, string? requestId = null)
    {
        Assert.Equal("application/problem+json", answer.Headers["Content-Type"]);
        var problem = answer.Json.AsObject();
        Assert.Equal(["type", "title", "status", "detail", "instance", "error"], problem.Select(member => member.Key));
        Assert.Equal((int)answer.Status, (int)problem["status"]!);
        var error = problem["error"]!.AsObject();
        Assert.Equal(["code", "message", "request_id"], error.Select(member => member.Key));
        Assert.Matches(@"^[A-Z].+[.…]$", (string)error["message"]!);
        Assert.Equal(answer.Headers["x-request-id"], (string?)error["request_id"]);
        Assert.Equal(requestId ?? answer.Headers["x-request-id"], (string?)error["request_id"]);
        Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", answer.Text, StringComparison.Ordinal);
    }

    /// <summary>A body that does not say how long it is.</summary>
    /// <summary>A body that does not say how long it is, and may pause before its last quarter.</summary>
    private sealed class Unmeasured : HttpContent
    {
        private readonly byte[] bytes;
        private readonly TimeSpan pause;

        public Unmeasured(string text, TimeSpan pause = default)
        {
            (bytes, this.pause) = (Encoding.UTF8.GetBytes(text), pause);
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var first = bytes.Length / 4 * 3;
            await stream.WriteAsync(bytes.AsMemory(0, first));
            await stream.FlushAsync();
            await Task.Delay(pause);
            foreach (var piece in bytes.AsMemory(first).ToArray().Chunk(4 * 1024))
            {
                await stream.WriteAsync(piece);
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
