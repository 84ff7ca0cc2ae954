using System.Text.Json.Nodes;
using OneRing.Data.Rings;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Endpoints;

public sealed class TurnApiTests_InMemory(SiteInMemory site) : TurnApiTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class TurnApiTests_Postgres(SiteOnPostgres site) : TurnApiTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>How turns are kept, over HTTP: rules, wishes, more time, and where people are.</summary>
public abstract class TurnApiTests(Site site)
{
    private const string Drafts = "/v1/collab/drafts";

    [Fact]
    public async Task Turn_rules_are_changed_member_by_member()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var api = await site.CallAsync(draft.Ana);

        await ChangeAsync(api, draft, new
        {
            title = "By the clock",
            turn_limit_hours = 24,
            grace_hours = 2,
            on_expiry = "reclaim",
            strategy = "round_robin",
            excused_misses = 3,
            rest_days = new[] { "sunday", "saturday" },
            rest_from = "22:00:00",
            rest_to = "07:30:00",
            order = new[] { $"@{await site.Services.HandleOfAsync(draft.Ben)}", draft.Ana },
        });
        var view = await site.Services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal(
            new TurnRules(24, GraceHours: 2, OnExpiry.Reclaim, Strategy.RoundRobin, ExcusedMisses: 3, RestDays.Weekend, new TimeOnly(22, 0), new TimeOnly(7, 30)), view.Rules);
        Assert.Equal(("By the clock", 1), (view.Title, view.Collaborators.Single(person => person.UserId == draft.Ana).Place));

        var data = await ChangeAsync(api, draft, new { grace_hours = 0, rest_from = (string?)null, rest_to = (string?)null });
        Assert.Equal("""{"turn_limit_hours":24,"grace_hours":0,"on_expiry":"reclaim","strategy":"round_robin","excused_misses":3,"rest_days":["saturday","sunday"],"rest_from":null,"rest_to":null}""",
            data["ring_state"]!["turn_rules"]!.ToJsonString());
        Assert.Equal((await site.Services.ReadAsync(draft.Id, draft.Ana)).Turns.EndsAt, (DateTimeOffset?)data["ring_state"]!["turn_ends_at"]);
        Assert.Equal([draft.Ben, draft.Ana, draft.Ben], data["ring_state"]!["next_holders"]!.AsArray().Select(id => (string)id!));
        Assert.Equal("By the clock", (string?)data["title"]);

        data = await ChangeAsync(api, draft, new { turn_limit_hours = (int?)null, rest_days = Array.Empty<string>() });
        Assert.Null(data["ring_state"]!["turn_ends_at"]);
        Assert.Equal(new TurnRules(LimitHours: null, GraceHours: 0, OnExpiry.Reclaim, Strategy.RoundRobin, ExcusedMisses: 3), (await site.Services.ReadAsync(draft.Id, draft.Ana)).Rules);
    }

    [Fact]
    public async Task Said_again_it_starts_no_turn_anew()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var api = await site.CallAsync(draft.Ana);

        var first = await ChangeAsync(api, draft, new { turn_limit_hours = 24 });
        var again = await ChangeAsync(api, draft, new { turn_limit_hours = 24, title = "Other" });

        Assert.NotNull(first["ring_state"]!["turn_ends_at"]);
        Assert.Equal((string?)first["ring_state"]!["turn_ends_at"], (string?)again["ring_state"]!["turn_ends_at"]);
    }

    [Fact]
    public async Task Either_all_of_it_is_changed_or_nothing()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync(title: "As it was");
        var api = await site.CallAsync(draft.Ana);
        var before = await site.Services.ReadAsync(draft.Id, draft.Ana);

        foreach (var wrong in (object[])[
            new { title = "New", order = new[] { draft.Ana } },
            new { order = new[] { "@nobody_at_all", "@nobody_at_all" } },
            new { order = Enumerable.Repeat(draft.Ana, 1_001) },
            new { title = "New", order = new[] { draft.Ana, null, draft.Ben } },
            new { title = "New", rest_from = "22:00:00" },
            new { title = "New", turn_limit_hours = 0 },
            new { title = " ", turn_limit_hours = 24 },
            new { title = "New", grace_hours = (int?)null },
            new { title = "New", strategy = (string?)null },
            new { title = "New", rest_days = new[] { "someday" } },
            new { title = "New", rest_days = Enum.GetNames<DayOfWeek>().Select(day => day.ToLowerInvariant()) },
            new { title = (string?)null, turn_limit_hours = 24 },
            new { order = new[] { draft.Ben, draft.Ana }, on_expiry = "never" },
            new { },
            new { colour = "green" },
        ])
        {
            Assert.Equal("400 validation_error", (await api.SendAsync(HttpMethod.Patch, $"{Drafts}/{draft.Id}", wrong)).Outcome);
        }

        var after = await site.Services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal((before.Version, "As it was", before.Rules), (after.Version, after.Title, after.Rules));
    }

    [Fact]
    public async Task Whoever_waits_asks_and_reminds_and_the_owner_takes_the_ring_back()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var (ana, ben) = (await site.CallAsync(draft.Ana), await site.CallAsync(draft.Ben));
        var url = $"{Drafts}/{draft.Id}";
        await site.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        (await ana.PostAsync($"{url}/ask", new { note = "I have an idea", turn = 2, idempotency_key = "a" })).Succeed();
        (await ana.PostAsync($"{url}/ask", new { note = "I have an idea", idempotency_key = "a" })).Succeed();
        Assert.Equal("422 idempotency_mismatch", (await ana.PostAsync($"{url}/ask", new { note = "Another", idempotency_key = "a" })).Outcome);
        Assert.Equal("409 conflict", (await ana.PostAsync($"{url}/ask")).Outcome);
        Assert.Equal("400 validation_error", (await ben.PostAsync($"{url}/ask")).Outcome);
        var wish = Assert.Single((await site.Services.ReadAsync(draft.Id, draft.Ben)).Wishes);
        Assert.Equal((draft.Ana, "I have an idea"), (wish.UserId, wish.Note));

        (await ana.PostAsync($"{url}/nudge", new { turn = 2 })).Succeed();
        var second = await ana.PostAsync($"{url}/nudge");
        Assert.Equal("429 rate_limited", second.Outcome);
        Assert.InRange(int.Parse(second.Headers["Retry-After"]), 1, 24 * 60 * 60);
        Assert.NotNull((await site.Services.ReadAsync(draft.Id, draft.Ben)).NudgedAt);

        var back = (await ana.PostAsync($"{url}/reclaim", new { reason = "Ben is at sea", turn = 2, idempotency_key = "r" })).Succeed().Json;
        Assert.Equal($$"""{"turn":3,"from":"{{draft.Ben}}","to":"{{draft.Ana}}","strategy":"reclaimed","reasoning":"Ben is at sea"}""", back["result"]!.ToJsonString());
        Assert.Equal((false, draft.Ana), ((bool)back["replayed"]!, (string?)back["data"]!["ring_state"]!["current_holder_id"]));
        Assert.True((bool)(await ana.PostAsync($"{url}/reclaim", new { idempotency_key = "r" })).Succeed().Json["replayed"]!);
        Assert.Equal("400 validation_error", (await ana.PostAsync($"{url}/reclaim")).Outcome);
    }

    [Fact]
    public async Task More_time_is_asked_for_and_objected_to()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var (ana, ben) = (await site.CallAsync(draft.Ana), await site.CallAsync(draft.Ben));
        var url = $"{Drafts}/{draft.Id}";
        Assert.Equal("409 conflict", (await ana.PostAsync($"{url}/extend")).Outcome);
        await ChangeAsync(ana, draft, new { turn_limit_hours = 24 });

        (await ana.PostAsync($"{url}/extend", new { turn = 1, idempotency_key = "a" })).Succeed();
        Assert.Equal(MoreTime.Asked, (await site.Services.ReadAsync(draft.Id, draft.Ben)).Turns.More);
        Assert.Equal("409 conflict", (await ana.PostAsync($"{url}/extend/refuse")).Outcome);

        (await ben.PostAsync($"{url}/extend/refuse", new { turn = 1 })).Succeed();
        Assert.Equal(MoreTime.Refused, (await site.Services.ReadAsync(draft.Id, draft.Ana)).Turns.More);
    }

    [Fact]
    public async Task Without_a_strategy_that_of_the_draft_chooses()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var (ana, ben) = (await site.CallAsync(draft.Ana), await site.CallAsync(draft.Ben));
        await site.Services.AddAsync(draft.Id, draft.Ana, draft.Dan, OneRing.Data.Drafts.Role.Writer);
        await ChangeAsync(ana, draft, new { strategy = "back_to_creator" });
        await site.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        var passed = (await ben.PostAsync($"{Drafts}/{draft.Id}/pass-ring/smart", new { idempotency_key = "a" })).Succeed().Json;

        Assert.Equal(
            (draft.Ana, "back_to_creator", "roles"), ((string?)passed["selected_to_user_id"], (string?)passed["strategy_used"], (string?)passed["metrics"]!["computed_from"]));
    }

    [Fact]
    public async Task People_say_where_they_are()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var ben = await site.CallAsync(draft.Ben);
        var until = DateTimeOffset.UtcNow.AddDays(2);
        until = until.AddTicks(-(until.Ticks % TimeSpan.TicksPerSecond));
        async Task<bool> IsAwayAsync() => (bool)(await ben.GetAsync($"{Drafts}/{draft.Id}")).Data["members"]!.AsArray().Single(m => (string?)m!["user_id"] == draft.Ben)!["away"]!;

        var here = (await ben.SendAsync(HttpMethod.Put, "/v1/me/away", new { until = until.ToString("O"), draft_id = draft.Id })).Succeed();
        Assert.Equal((draft.Id, until), ((Guid)here.Data["draft_id"]!, (DateTimeOffset)here.Data["until"]!));
        Assert.True(await IsAwayAsync());
        Assert.Null((await ben.GetAsync("/v1/me")).Data["away_until"]);
        (await ben.SendAsync(HttpMethod.Put, "/v1/me/away", new { until = (string?)null, draft_id = draft.Id })).Succeed();
        Assert.False(await IsAwayAsync());

        (await ben.SendAsync(HttpMethod.Put, "/v1/me/away", new { until = until.ToString("O") })).Succeed();
        Assert.True(await IsAwayAsync());
        Assert.Equal(until, (DateTimeOffset)(await ben.GetAsync("/v1/me")).Data["away_until"]!);
        (await ben.SendAsync(HttpMethod.Put, "/v1/me/away", new { until = (string?)null })).Succeed();
        Assert.False(await IsAwayAsync());

        foreach (var wrong in (JsonObject[])[
            new() { ["until"] = "2020-01-01T00:00:00Z" }, new() { ["until"] = until.AddYears(2).ToString("O") }, new() { ["until"] = "tomorrow" },
            new() { ["until"] = "2999-01-01T00:00:00" }, [], new() { ["until"] = null, ["draft_id"] = "x" }])
        {
            Assert.Equal("400 validation_error", (await ben.SendAsync(HttpMethod.Put, "/v1/me/away", wrong)).Outcome);
        }
    }

    [Fact]
    public async Task People_say_in_which_time_zone_they_live()
    {
        var api = await site.CallAsync(await site.Services.APersonAsync("Ana"));

        Assert.Equal("Europe/Berlin", (string?)(await api.SendAsync(HttpMethod.Put, "/v1/me/time-zone", new { time_zone = "Europe/Berlin" })).Succeed().Data["time_zone"]);
        Assert.Equal("400 validation_error", (await api.SendAsync(HttpMethod.Put, "/v1/me/time-zone", new { time_zone = "Middle-earth/Shire" })).Outcome);
        Assert.Equal("400 validation_error", (await api.SendAsync(HttpMethod.Put, "/v1/me/time-zone", new { })).Outcome);
        Assert.Equal("Europe/Berlin", (string?)(await api.GetAsync("/v1/me")).Data["time_zone"]);
        Assert.Null((await api.SendAsync(HttpMethod.Put, "/v1/me/time-zone", new { time_zone = (string?)null })).Succeed().Data["time_zone"]);
    }

    private static async Task<JsonNode> ChangeAsync(ApiClient api, ADraft draft, object change) =>
        (await api.SendAsync(HttpMethod.Patch, $"{Drafts}/{draft.Id}", change)).Succeed().Data;
}
