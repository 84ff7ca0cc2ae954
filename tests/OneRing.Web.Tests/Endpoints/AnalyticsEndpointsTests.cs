using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Rings;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Endpoints;

public sealed class AnalyticsEndpointsTests_InMemory(SiteInMemory site) : AnalyticsEndpointsTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class AnalyticsEndpointsTests_Postgres(SiteOnPostgres site) : AnalyticsEndpointsTests(site), IClassFixture<SiteOnPostgres>;

public abstract class AnalyticsEndpointsTests(Site site)
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    [Fact]
    public async Task The_figures_of_a_draft()
    {
        var draft = await ADraftWithTwoVoicesAsync();
        var now = (await site.Services.ReadAsync(draft.Id, draft.Ana)).LastActivityAt.AddHours(48);
        var figures = Given.Succeed(await site.Services.GetRequiredService<DraftAnalyticsService>().FindDraftFiguresAsync(draft.Ana, draft.Id, 3, now));
        Assert.Equal(2880, figures.Contributors[1].MedianHoldMinutes!.Value, 0.5);

        var answer = await GetAsync(draft.Cleo, $"/v1/collab/drafts/{draft.Id}/analytics?days=3&now={now:yyyy-MM-ddTHH:mm:ss.ffffffZ}");

        AssertJson(
            new
            {
                Data = new
                {
                    DraftId = draft.Id,
                    Segments = 3,
                    Words = 6,
                    RingPasses = 1,
                    Contributors = figures.Contributors.Select((c, i) => new
                    {
                        c.UserId,
                        Display = i == 0 ? "Ana" : "Ben",
                        Segments = i == 0 ? 2 : 1,
                        Words = i == 0 ? 5 : 1,
                        RingsReceived = i,
                        AvgHoldMinutes = c.AverageHoldMinutes,
                        c.MedianHoldMinutes,
                        c.P90HoldMinutes,
                    }),
                    Daily = Enumerable.Range(-2, 3).Select(day => DateOnly.FromDateTime(now.UtcDateTime).AddDays(day)).Select(date => new
                    {
                        date,
                        Segments = date == DateOnly.FromDateTime(now.UtcDateTime).AddDays(-2) ? 3 : 0,
                        Passes = date == DateOnly.FromDateTime(now.UtcDateTime).AddDays(-2) ? 1 : 0,
                    }),
                    InactivityRisk = "high",
                    Fairness = 0.833,
                },
            },
            answer);
    }

    [Fact]
    public async Task Without_days_there_are_fourteen_and_what_is_not_known_is_null()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();

        var data = (await GetAsync(draft.Ana, $"/v1/collab/drafts/{draft.Id}/analytics"))["data"]!;
        var before = (await GetAsync(draft.Ana, $"/v1/collab/drafts/{draft.Id}/analytics?now=2001-01-01T00:00:00%2B02:00"))["data"]!;

        Assert.Equal(14, data["daily"]!.AsArray().Count);
        Assert.Equal("low", (string?)data["inactivity_risk"]);
        Assert.True(data.AsObject().ContainsKey("fairness"));
        Assert.Null(data["fairness"]);
        Assert.NotNull(data["contributors"]![0]!["avg_hold_minutes"]);
        Assert.Null(before["contributors"]![0]!["avg_hold_minutes"]);
        Assert.Equal("2000-12-31", (string?)before["daily"]![13]!["date"]);
    }

    [Fact]
    public async Task The_insights_of_a_draft()
    {
        var draft = await ADraftWithTwoVoicesAsync();
        var view = await site.Services.ReadAsync(draft.Id, draft.Ana);
        var now = view.LastActivityAt.AddHours(80);

        var answer = await GetAsync(draft.Ben, $"/v1/collab/drafts/{draft.Id}/insights?now={now:yyyy-MM-ddTHH:mm:ss.ffffffZ}");

        AssertJson(
            new
            {
                Data = new
                {
                    Insights = new[] { new { Type = "stalled", Severity = "critical", Message = "Nothing has happened here for 3 days. One sentence is enough to get it going again." } },
                    Alerts = new object[]
                    {
                        new { Type = "no_activity", Message = "Nothing has happened here for 3 days. The text is safe and waits.", Since = view.LastActivityAt },
                        new { Type = "long_ring_hold", Message = "Ben has held the ring for 3 days.", Since = view.HeldSince },
                    },
                    Recommendations = new[]
                    {
                        new { Action = "pass_ring", UserId = draft.Ana, Message = (string?)answer["data"]!["recommendations"]![0]!["message"] },
                    },
                },
            },
            answer);
        Assert.StartsWith("The ring could go to Ana. Ana wrote here longest ago", (string?)answer["data"]!["recommendations"]![0]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_timeline_of_a_draft_page_by_page()
    {
        var draft = await ADraftWithTwoVoicesAsync();
        var pass = (await site.Services.ReadAsync(draft.Id, draft.Ana)).Passes.Single();

        var events = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var page = await GetAsync(draft.Cleo, $"/v1/collab/drafts/{draft.Id}/timeline?limit=3&cursor={cursor}".Replace("&cursor=", cursor is null ? "" : "&cursor=", StringComparison.Ordinal));
            Assert.Equal(page["data"]!.AsArray().Count, (int)page["count"]!);
            events.AddRange(page["data"]!.AsArray().Select(e => e!));
            cursor = (string?)page["next_cursor"];
        }
        while (cursor is not null);

        Assert.Equal(
            ["DraftCreated", "CollaboratorJoined", "CollaboratorJoined", "SegmentAdded", "SegmentAdded", "RingPassed", "SegmentAdded"], events.Select(e => (string?)e["type"]));
        AssertJson(
            new
            {
                Id = (string?)events[5]["id"],
                Type = "RingPassed",
                OccurredAt = pass.PassedAt,
                DraftId = draft.Id,
                ActorId = draft.Ana,
                Data = new { ActorId = draft.Ana, Chosen = "manual", DraftId = draft.Id, From = draft.Ana, To = draft.Ben, Turn = 2 },
            },
            events[5]);
        Assert.DoesNotContain(events, e => e.ToJsonString().Contains("For Ben alone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Admins_list_events()
    {
        var draft = await ADraftWithTwoVoicesAsync();
        var ada = await site.Services.APersonAsync("Ada", isAdmin: true);
        var created = (await site.Services.ReadAsync(draft.Id, draft.Ana)).CreatedAt;

        Assert.Equal(7, await CountAsync(""));
        Assert.Equal(3, await CountAsync("&types=SegmentAdded"));
        Assert.Equal(4, await CountAsync("&types=SegmentAdded,RingPassed"));
        Assert.Equal(1, await CountAsync($"&types=SegmentAdded&actor_id={draft.Ben}"));
        Assert.Equal(0, await CountAsync($"&actor_id={draft.Dan}"));
        Assert.Equal(7, await CountAsync($"&from={created:yyyy-MM-ddTHH:mm:ss.ffffffZ}"));
        Assert.Equal(0, await CountAsync($"&to={created:yyyy-MM-ddTHH:mm:ss.ffffffZ}"));
        Assert.Equal(0, (int)(await GetAsync(ada, "/v1/analytics/events?draft_id=nothing"))["count"]!);
        Assert.Equal(5, (int)(await GetAsync(ada, "/v1/analytics/events?limit=5"))["count"]!);

        async Task<int> CountAsync(string filter) => (int)(await GetAsync(ada, $"/v1/analytics/events?draft_id={draft.Id}{filter}"))["count"]!;
    }

    [Fact]
    public async Task A_leaderboard()
    {
        var draft = await ADraftWithTwoVoicesAsync();
        var now = new DateTimeOffset(DateTime.UtcNow.Date.AddDays(2), TimeSpan.Zero);
        var (board, answer) = (await BoardAsync(), await AnswerAsync());
        // The site counts in the background: what it counted between the two is asked for again.
        for (var after = await BoardAsync(); !after.Entries.SequenceEqual(board.Entries); after = await BoardAsync())
        {
            (board, answer) = (after, await AnswerAsync());
        }

        Assert.NotEmpty(board.Entries);
        AssertJson(
            new
            {
                Data = new
                {
                    MetricType = "momentum",
                    Entries = board.Entries.Select(entry => new
                    {
                        entry.Position,
                        entry.UserId,
                        DisplayName = entry.Name,
                        MetricValue = entry.Value,
                        MetricLabel = "momentum points",
                        Insight = "The words are flowing. Keep enjoying it.",
                    }),
                    ComputedAt = now,
                    Message = "Thank you for the fresh words of these days.",
                },
            },
            answer);
        foreach (var metric in (string[])["collaboration", "consistency"])
        {
            Assert.Equal(metric, (string?)(await GetAsync(draft.Dan, $"/v1/analytics/leaderboard?metric={metric}"))["data"]!["metric_type"]);
        }

        async Task<Leaderboard> BoardAsync() =>
            Given.Succeed(await site.Services.GetRequiredService<LeaderboardService>().ReadAsync(draft.Ana, LeaderboardMetric.Momentum, now));

        Task<JsonNode> AnswerAsync() => GetAsync(draft.Dan, $"/v1/analytics/leaderboard?metric=momentum&now={now:yyyy-MM-ddTHH:mm:ssZ}");
    }

    [Theory]
    [InlineData("analytics?days=0", HttpStatusCode.BadRequest, "validation_error")]
    [InlineData("analytics?days=91", HttpStatusCode.BadRequest, "validation_error")]
    [InlineData("analytics?days=many", HttpStatusCode.BadRequest, "validation_error")]
    [InlineData("analytics?now=today", HttpStatusCode.BadRequest, "validation_error")]
    [InlineData("insights?now=2026-03-01T12:00:00", HttpStatusCode.BadRequest, "validation_error")]
    [InlineData("timeline?limit=101", HttpStatusCode.BadRequest, "validation_error")]
    [InlineData("timeline?cursor=nonsense", HttpStatusCode.BadRequest, "validation_error")]
    [InlineData("/v1/analytics/events?types=SegmentAdded,Nothing", HttpStatusCode.BadRequest, "validation_error")]
    [InlineData("/v1/analytics/events?from=x", HttpStatusCode.BadRequest, "validation_error")]
    [InlineData("/v1/analytics/events?cursor=x", HttpStatusCode.BadRequest, "validation_error")]
    [InlineData("/v1/analytics/events", HttpStatusCode.Forbidden, "forbidden")]
    [InlineData("/v1/analytics/leaderboard?metric=wealth", HttpStatusCode.BadRequest, "validation_error")]
    [InlineData("/v1/collab/drafts/nothing/analytics", HttpStatusCode.NotFound, "not_found")]
    [InlineData("/v1/collab/drafts/0199e3c0-0000-7000-8000-000000000000/insights", HttpStatusCode.NotFound, "not_found")]
    [InlineData("/v1/collab/drafts/nothing/timeline", HttpStatusCode.NotFound, "not_found")]
    public async Task What_cannot_be_answered(string address, HttpStatusCode status, string code)
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();

        await AssertRefusedAsync(draft.Ana, address.StartsWith('/') ? address : $"/v1/collab/drafts/{draft.Id}/{address}", status, code);
    }

    [Theory]
    [InlineData("analytics")]
    [InlineData("insights")]
    [InlineData("timeline")]
    public async Task Who_may_not_read_a_draft_learns_nothing_of_it(string address)
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();

        await AssertRefusedAsync(draft.Dan, $"/v1/collab/drafts/{draft.Id}/{address}", HttpStatusCode.NotFound, "not_found");
        await AssertRefusedAsync(userId: null, $"/v1/collab/drafts/{draft.Id}/{address}", HttpStatusCode.Unauthorized, "unauthorized");
    }

    private static void AssertJson(object expected, JsonNode actual)
    {
        var node = JsonSerializer.SerializeToNode(expected, SnakeCase);
        Assert.True(JsonNode.DeepEquals(node, actual), $"Expected {node!.ToJsonString()}\nbut was  {actual.ToJsonString()}");
    }

    /// <summary>Ana writes two segments and hands the ring to Ben with a note; Ben writes one.</summary>
    private async Task<ADraft> ADraftWithTwoVoicesAsync()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        await site.Services.AppendAsync(draft.Id, draft.Ana, "One two three");
        await site.Services.AppendAsync(draft.Id, draft.Ana, "Four five");
        Given.Succeed(await site.Services.GetRequiredService<RingService>()
            .PassAsync(new PassRing(draft.Ana, draft.Id, draft.Ben, Given.NewKey(), Note: "For Ben alone")));
        await site.Services.AppendAsync(draft.Id, draft.Ben, "Six");
        return draft;
    }

    private async Task<JsonNode> GetAsync(string userId, string address)
    {
        using var answer = await SendAsync(userId, address);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body);
        return JsonNode.Parse(body)!;
    }

    private async Task AssertRefusedAsync(string? userId, string address, HttpStatusCode status, string code)
    {
        using var answer = await SendAsync(userId, address);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{answer.StatusCode} {body}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(code, (string?)JsonNode.Parse(body)!["error"]!["code"]);
    }

    private async Task<HttpResponseMessage> SendAsync(string? userId, string address)
    {
        using var client = new HttpClient { BaseAddress = site.Address };
        if (userId is not null)
        {
            var token = Given.Succeed(await site.Services.GetRequiredService<AccessTokenService>().CreateAsync(new NewAccessToken(userId, "A test")));
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Secret);
        }
        return await client.GetAsync(new Uri(address, UriKind.Relative));
    }
}
