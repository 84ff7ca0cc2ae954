using System.Text.Json.Nodes;
using OneRing.Data.Drafts;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Endpoints;

public sealed class DraftApiTests_InMemory(SiteInMemory site) : DraftApiTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class DraftApiTests_Postgres(SiteOnPostgres site) : DraftApiTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>What the draft routes answer when all is well, member by member.</summary>
public abstract class DraftApiTests(Site site)
{
    private const string Drafts = "/v1/collab/drafts";

    [Fact]
    public async Task Whose_token_it_is()
    {
        var ana = await site.Services.APersonAsync("Ana");

        var answer = await (await site.CallAsync(ana)).GetAsync("/v1/me");

        AssertJson(
            new JsonObject { ["data"] = new JsonObject { ["user_id"] = ana, ["handle"] = await site.Services.HandleOfAsync(ana), ["display_name"] = "Ana", ["away_until"] = null, ["time_zone"] = null } },
            answer.Json);
    }

    [Fact]
    public async Task A_draft_is_started_with_words_and_told_in_full()
    {
        var ana = await site.Services.APersonAsync("Ana");
        var api = await site.CallAsync(ana);

        var made = (await api.PostAsync(Drafts, new { title = "  The lamp ", platform = "x", initial_segment = " Héé 💍\n<b> ", idempotency_key = "k", more = new[] { 1 } })).Succeed();
        var again = (await api.PostAsync(Drafts, new { title = "The lamp", platform = "x", initial_segment = " Héé 💍\n<b> " }, ("Idempotency-Key", "k"))).Succeed();

        var view = await site.Services.ReadAsync((Guid)made.Data["draft_id"]!, ana);
        AssertJson(new JsonObject { ["data"] = Draft(view, " Héé 💍\n<b> "), ["replayed"] = false }, made.Json);
        AssertJson(new JsonObject { ["data"] = Draft(view, " Héé 💍\n<b> "), ["replayed"] = true }, again.Json);
    }

    [Fact]
    public async Task A_draft_is_read_whole_or_with_its_last_segment_or_without_text()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        foreach (var text in (string[])["One", "Two", "Three"])
        {
            await site.Services.AppendAsync(draft.Id, draft.Ana, text);
        }
        await site.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await site.Services.AppendAsync(draft.Id, draft.Ben, "Four");
        await site.Services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        var view = await site.Services.ReadAsync(draft.Id, draft.Cleo);
        var api = await site.CallAsync(draft.Cleo);

        AssertJson(new JsonObject { ["data"] = Draft(view, "One", "Two", "Three", "Four") }, (await api.GetAsync($"{Drafts}/{draft.Id}")).Json);
        AssertJson(new JsonObject { ["data"] = Draft(view, "One", "Two", "Three", "Four") }, (await api.GetAsync($"{Drafts}/{draft.Id}?segments=all")).Json);
        AssertJson(new JsonObject { ["data"] = Draft(view, null, null, null, "Four") }, (await api.GetAsync($"{Drafts}/{draft.Id}?segments=last")).Json);
        AssertJson(new JsonObject { ["data"] = Draft(view) }, (await api.GetAsync($"{Drafts}/{draft.Id}?segments=none")).Json);
    }

    [Theory]
    [InlineData("all")]
    [InlineData("none")]
    public async Task Metrics_count_nothing_after_the_instant_that_is_asked_for(string segments)
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        await site.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await site.Services.AppendAsync(draft.Id, draft.Ben, "Two");
        await site.Services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        var view = await site.Services.ReadAsync(draft.Id, draft.Ana);
        var api = await site.CallAsync(draft.Ana);
        async Task<JsonNode> AtAsync(DateTimeOffset now) =>
            (await api.GetAsync($"{Drafts}/{draft.Id}?segments={segments}&now={now:yyyy-MM-ddTHH:mm:ss.ffffffzzz}")).Succeed().Data["metrics"]!;

        AssertJson(Metrics(1, 0, null, view.CreatedAt), await AtAsync(view.CreatedAt.AddDays(-1)));
        AssertJson(Metrics(1, 1, null, view.Passes[0].PassedAt), await AtAsync(view.Passes[0].PassedAt));
        AssertJson(Metrics(2, 1, null, view.Segments[0].CreatedAt), await AtAsync(view.Segments[0].CreatedAt));
        var minutes = (view.Passes[1].PassedAt - view.Passes[0].PassedAt).TotalMinutes;
        AssertJson(Metrics(2, 2, minutes, view.Passes[1].PassedAt), await AtAsync(view.Passes[1].PassedAt));
        AssertJson(Metrics(2, 1, minutes, view.Passes[1].PassedAt), await AtAsync(view.Passes[0].PassedAt.AddDays(1)));
        AssertJson(Metrics(2, 0, minutes, view.Passes[1].PassedAt), await AtAsync(view.Passes[1].PassedAt.AddDays(1)));
    }

    [Fact]
    public async Task The_list_has_each_draft_whole_but_for_its_text_page_by_page()
    {
        var first = await site.Services.ADraftHeldByAnaAsync(title: "The First Lamp");
        var second = Given.Succeed(await Service.CreateAsync(new CreateDraft(first.Ana, "The second lamp", FirstSegment: "Words")));
        Given.Succeed(await Service.CreateAsync(new CreateDraft(first.Ana, "Else")));
        await site.Services.PassAsync(first.Id, first.Ana, first.Ben);
        var api = await site.CallAsync(first.Ana);

        var page = (await api.GetAsync($"{Drafts}?q=lamp&limit=1")).Succeed().Json;
        AssertJson(
            new JsonObject { ["data"] = new JsonArray(Draft(await site.Services.ReadAsync(first.Id, first.Ana))), ["count"] = 1, ["next_cursor"] = (string)page["next_cursor"]! }, page);
        var next = (await api.GetAsync($"{Drafts}?q=lamp&limit=1&cursor={page["next_cursor"]}")).Succeed().Json;
        AssertJson(new JsonObject { ["data"] = new JsonArray(Draft(await site.Services.ReadAsync(second, first.Ana))), ["count"] = 1, ["next_cursor"] = null }, next);

        Assert.Equal(3, (int)(await api.GetAsync(Drafts)).Json["count"]!);
        Assert.Equal(1, (int)(await api.GetAsync($"{Drafts}?filter=waiting")).Json["count"]!);
        Assert.Equal(2, (int)(await api.GetAsync($"{Drafts}?filter=your_turn")).Json["count"]!);
        Assert.Equal(0, (int)(await api.GetAsync($"{Drafts}?filter=finished")).Json["count"]!);
        Assert.Equal(0, (int)(await (await site.CallAsync(first.Dan)).GetAsync(Drafts)).Json["count"]!);
    }

    [Fact]
    public async Task An_append_answers_where_it_stands_and_a_retry_the_same_also_after_the_ring_has_moved_on()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var api = await site.CallAsync(draft.Ana);
        var url = $"{Drafts}/{draft.Id}/segments";

        var first = (await api.PostAsync(url, new { content = "One", idempotency_key = "a", turn = 1 })).Succeed().Json;
        var view = await site.Services.ReadAsync(draft.Id, draft.Ana);
        var result = new JsonObject { ["segment_id"] = view.Segments[0].Id, ["position"] = 0 };
        AssertJson(new JsonObject { ["data"] = Draft(view, "One"), ["result"] = result.DeepClone(), ["replayed"] = false }, first);

        await site.Services.AppendAsync(draft.Id, draft.Ana, "Two");
        await site.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var retry = (await api.PostAsync($"{url}?segments=none", new { content = "One", turn = 1 }, ("Idempotency-Key", "a"))).Succeed().Json;
        view = await site.Services.ReadAsync(draft.Id, draft.Ana);
        AssertJson(new JsonObject { ["data"] = Draft(view), ["result"] = result, ["replayed"] = true }, retry);
        Assert.Equal(2, view.Segments.Count);
    }

    [Fact]
    public async Task The_ring_goes_to_an_id_or_a_handle()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var (ana, ben) = (await site.CallAsync(draft.Ana), await site.CallAsync(draft.Ben));
        var url = $"{Drafts}/{draft.Id}/pass-ring";

        var there = (await ana.PostAsync(url, new { to_user_id = draft.Ben, idempotency_key = "a", turn = 1, note = "For Ben alone" })).Succeed();
        var view = await site.Services.ReadAsync(draft.Id, draft.Ana);
        AssertJson(new JsonObject { ["data"] = Draft(view), ["result"] = Pass(2, draft.Ana, draft.Ben, "manual", "The holder chose."), ["replayed"] = false }, there.Json);
        Assert.DoesNotContain("For Ben alone", there.Text, StringComparison.Ordinal);

        var back = (await ben.PostAsync(url, new { to_user_id = $"@{await site.Services.HandleOfAsync(draft.Ana)}", idempotency_key = "a" })).Succeed().Json;
        AssertJson(Pass(3, draft.Ben, draft.Ana, "manual", "The holder chose."), back["result"]!);
    }

    [Fact]
    public async Task A_strategy_says_whom_it_chose_and_why()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var api = await site.CallAsync(draft.Ana);
        var url = $"{Drafts}/{draft.Id}/pass-ring/smart";

        var first = (await api.PostAsync(url, new { idempotency_key = "a" })).Succeed().Json;
        var retry = (await api.PostAsync(url, new { idempotency_key = "a", turn = 1 })).Succeed().Json;

        const string Why = "Ben has not written here yet.";
        JsonObject Expected(bool replayed, DraftView view) => new()
        {
            ["data"] = Draft(view),
            ["result"] = Pass(2, draft.Ana, draft.Ben, "most_inactive", Why),
            ["replayed"] = replayed,
            ["selected_to_user_id"] = draft.Ben,
            ["strategy_used"] = "most_inactive",
            ["reasoning"] = Why,
            ["metrics"] = new JsonObject { ["strategy"] = "most_inactive", ["candidate_count"] = 1, ["computed_from"] = "last_segments" },
        };
        var view = await site.Services.ReadAsync(draft.Id, draft.Ana);
        AssertJson(Expected(replayed: false, view), first);
        AssertJson(Expected(replayed: true, view), retry);

        var ben = await site.CallAsync(draft.Ben);
        Assert.Equal("back_to_creator", (string?)(await ben.PostAsync(url, new { idempotency_key = "b", strategy = "back_to_creator" })).Succeed().Json["strategy_used"]);
        Assert.Equal("round_robin", (string?)(await api.PostAsync(url, new { idempotency_key = "c", strategy = "round_robin" })).Succeed().Json["metrics"]!["strategy"]);
    }

    [Fact]
    public async Task People_join_by_id_or_handle_and_leave()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var eve = await site.Services.APersonAsync("Eve");
        var api = await site.CallAsync(draft.Ana);
        var url = $"{Drafts}/{draft.Id}/collaborators";

        var dan = (await api.PostAsync(url, new { user_id = draft.Dan, role = "writer" })).Succeed().Json;
        AssertJson(new JsonObject { ["data"] = Draft(await site.Services.ReadAsync(draft.Id, draft.Ana)) }, dan);
        (await api.PostAsync(url, new { user_id = $"@{await site.Services.HandleOfAsync(eve)}", role = "reader" })).Succeed();
        Assert.Equal([draft.Ben, draft.Cleo, draft.Dan, eve], await CollaboratorsAsync(api, draft));

        var removed = (await api.SendAsync(HttpMethod.Delete, $"{url}/@{await site.Services.HandleOfAsync(eve)}", body: null)).Succeed().Json;
        AssertJson(new JsonObject { ["data"] = Draft(await site.Services.ReadAsync(draft.Id, draft.Ana)) }, removed);
        Assert.Equal([draft.Ben, draft.Cleo, draft.Dan], await CollaboratorsAsync(api, draft));

        var ben = await site.CallAsync(draft.Ben);
        AssertJson(new JsonObject { ["data"] = null }, (await ben.SendAsync(HttpMethod.Delete, $"{url}/{draft.Ben}", body: null)).Succeed().Json);
        Assert.Equal("404 not_found", (await ben.GetAsync($"{Drafts}/{draft.Id}")).Outcome);
    }

    [Fact]
    public async Task A_draft_is_renamed_paused_resumed_and_finished()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var api = await site.CallAsync(draft.Ana);
        var url = $"{Drafts}/{draft.Id}";
        async Task<JsonNode> SendAsync(HttpMethod method, string path, object? body)
        {
            var answer = (await api.SendAsync(method, path, body)).Succeed();
            var view = await site.Services.ReadAsync(draft.Id, draft.Ana);
            AssertJson(new JsonObject { ["data"] = Draft(view) }, answer.Json);
            Assert.Equal($"W/\"{view.Version}\"", answer.Headers["ETag"]);
            return answer.Data;
        }

        Assert.Equal("Another", (string?)(await SendAsync(HttpMethod.Patch, url, new { title = " Another " }))["title"]);
        Assert.Equal("locked", (string?)(await SendAsync(HttpMethod.Post, $"{url}/lock", body: null))["status"]);
        Assert.Equal("active", (string?)(await SendAsync(HttpMethod.Post, $"{url}/unlock", new { }))["status"]);
        Assert.Equal("completed", (string?)(await SendAsync(HttpMethod.Post, $"{url}/complete", body: null))["status"]);
    }

    [Fact]
    public async Task What_has_not_changed_is_not_sent_again()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var api = await site.CallAsync(draft.Ben);
        var url = $"{Drafts}/{draft.Id}";
        var tag = (await api.GetAsync(url)).Succeed().Headers["ETag"];
        Assert.StartsWith("W/\"", tag, StringComparison.Ordinal);

        var same = await api.GetAsync(url, ("If-None-Match", $"\"x\", {tag}"));
        Assert.Equal(("304", "", tag), (same.Outcome, same.Text, same.Headers["ETag"]));
        Assert.Equal("304", (await api.GetAsync(url, ("If-None-Match", "*"))).Outcome);
        Assert.Equal("200", (await api.GetAsync(url, ("If-None-Match", "W/\"0\""))).Outcome);
        var then = await api.GetAsync($"{url}?now=2026-01-01T00:00:00Z", ("If-None-Match", tag));
        Assert.Equal(("200", false), (then.Outcome, then.Headers.ContainsKey("ETag")));
        Assert.Equal("404 not_found", (await (await site.CallAsync(draft.Dan)).GetAsync(url, ("If-None-Match", tag))).Outcome);

        await site.Services.AppendAsync(draft.Id, draft.Ana, "More");
        Assert.Equal("200", (await api.GetAsync(url, ("If-None-Match", tag))).Outcome);
    }

    private DraftService Service => (DraftService)site.Services.GetService(typeof(DraftService))!;

    private static async Task<IEnumerable<string>> CollaboratorsAsync(ApiClient api, ADraft draft) =>
        (await api.GetAsync($"{Drafts}/{draft.Id}")).Data["collaborators"]!.AsArray().Select(id => (string)id!);

    private static JsonObject Pass(int turn, string from, string to, string strategy, string reasoning) =>
        new() { ["turn"] = turn, ["from"] = from, ["to"] = to, ["strategy"] = strategy, ["reasoning"] = reasoning };

    private static JsonObject Metrics(int contributors, int passes, double? minutes, DateTimeOffset at) =>
        new() { ["contributorsCount"] = contributors, ["ringPassesLast24h"] = passes, ["avgMinutesBetweenPasses"] = minutes, ["lastActivityAt"] = at };

    /// <summary>A draft as DESIGN §5 tells it, made by hand from what the pages show. Of the texts, those that are null are not in the answer.</summary>
    private static JsonObject Draft(DraftView view, params string?[] texts)
    {
        var passes = view.Passes;
        return new JsonObject
        {
            ["draft_id"] = view.Id,
            ["creator_id"] = view.CreatorId,
            ["title"] = view.Title,
            ["platform"] = view.Platform == Platform.X ? "x" : "story",
            ["status"] = view.Status.ToString().ToLowerInvariant(),
            ["segments"] = new JsonArray([.. texts.Index().Where(text => text.Item is not null).Select(text => Segment(view, view.Segments[text.Index], text.Item!))]),
            ["ring_state"] = new JsonObject
            {
                ["draft_id"] = view.Id,
                ["current_holder_id"] = view.HolderId,
                ["holders_history"] = new JsonArray([view.CreatorId, .. passes.Select(pass => (JsonNode)pass.ToId)]),
                ["passed_at"] = passes.Count == 0 ? view.CreatedAt : passes[^1].PassedAt,
                ["last_passed_at"] = passes.Count == 0 ? view.CreatedAt : passes[^1].PassedAt,
                ["turn"] = passes.Count + 1,
                ["turn_ends_at"] = null,
                ["next_holders"] = new JsonArray([.. view.NextHolders.Select(next => (JsonNode)next.UserId)]),
                ["turn_rules"] = new JsonObject
                {
                    ["turn_limit_hours"] = null,
                    ["grace_hours"] = 0,
                    ["on_expiry"] = "pass",
                    ["strategy"] = "most_inactive",
                    ["excused_misses"] = 1,
                    ["rest_days"] = new JsonArray(),
                    ["rest_from"] = null,
                    ["rest_to"] = null,
                },
            },
            ["collaborators"] = new JsonArray([.. view.Collaborators.Skip(1).Select(person => (JsonNode)person.UserId)]),
            ["members"] = new JsonArray([.. view.Collaborators.Select(person => new JsonObject
            {
                ["user_id"] = person.UserId,
                ["display"] = person.Name,
                ["role"] = person.Role.ToString().ToLowerInvariant(),
                ["joined_at"] = person.JoinedAt,
                ["away"] = false,
            })]),
            ["pending_invites"] = new JsonArray(),
            ["created_at"] = view.CreatedAt,
            ["updated_at"] = view.UpdatedAt,
            ["metrics"] = Metrics(
                view.Segments.Select(segment => segment.AuthorId).Append(view.CreatorId).Distinct().Count(),
                passes.Count,
                passes.Count < 2 ? null : (passes[^1].PassedAt - passes[0].PassedAt).TotalMinutes / (passes.Count - 1),
                view.LastActivityAt),
        };
    }

    private static JsonObject Segment(DraftView view, SegmentView segment, string text) => new()
    {
        ["segment_id"] = segment.Id,
        ["draft_id"] = view.Id,
        ["user_id"] = segment.AuthorId,
        ["content"] = text,
        ["created_at"] = segment.CreatedAt,
        ["segment_order"] = segment.Position,
        ["turn"] = segment.Turn,
        ["author_user_id"] = segment.AuthorId,
        ["author_display"] = segment.AuthorName,
        ["ring_holder_user_id_at_write"] = segment.AuthorId,
        ["ring_holder_display_at_write"] = segment.AuthorName,
    };

    private static void AssertJson(JsonNode expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected.ToJsonString()), actual), $"Expected {expected.ToJsonString()}\nbut was  {actual.ToJsonString()}");
}
