using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using OneRing.Data;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;

namespace OneRing.Web.Endpoints;

/// <summary>Figures: of a draft for its people, of everybody for everybody, and the events for admins.</summary>
internal static class AnalyticsEndpoints
{
    private const string Tag = "Analytics";

    public static void MapAnalytics(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/collab/drafts/{id}/analytics", ReadFiguresAsync)
            .Describe<FiguresAnswer>("GetDraftAnalytics", "Who wrote how much in a draft, and held its ring how long", Tag, ApiError.Validation, ApiError.NotFound)
            .Example(body: null, new FiguresAnswer(AnalyticsExamples.Figures));
        routes.MapGet("/collab/drafts/{id}/insights", ReadInsightsAsync)
            .Describe<InsightsAnswer>("GetDraftInsights", "How a draft is doing, and what its people could do", Tag, ApiError.Validation, ApiError.NotFound)
            .Example(body: null, new InsightsAnswer(AnalyticsExamples.Insights));
        routes.MapGet("/collab/drafts/{id}/timeline", ListTimelineAsync)
            .Describe<EventsAnswer>("GetDraftTimeline", "What happened in a draft, the oldest first", Tag, ApiError.Validation, ApiError.NotFound)
            .Example(body: null, new EventsAnswer([AnalyticsExamples.Event], Count: 1, NextCursor: null));
        routes.MapGet("/analytics/events", ListEventsAsync)
            .Describe<EventsAnswer>("ListEvents", "What happened in all drafts, the oldest first (admins)", Tag, ApiError.Validation, ApiError.Forbidden)
            .Example(body: null, new EventsAnswer([AnalyticsExamples.Event], Count: 1, NextCursor: null));
        routes.MapGet("/analytics/leaderboard", ReadLeaderboardAsync)
            .Describe<LeaderboardAnswer>("GetLeaderboard", "Ten people who did much of something", Tag, ApiError.Validation)
            .Example(body: null, new LeaderboardAnswer(AnalyticsExamples.Leaderboard));
    }

    private static async Task<IResult> ReadFiguresAsync(
        RouteId id, [FromQuery] Days? days, [FromQuery] Instant? now, Caller caller, DraftAnalyticsService analytics, CancellationToken cancellationToken) =>
        Answer(
            await analytics.FindDraftFiguresAsync(caller.UserId, id.Value, days?.Value ?? Days.Usual, now?.Value, cancellationToken),
            figures => new FiguresAnswer(ApiFigures.Of(figures)));

    private static async Task<IResult> ReadInsightsAsync(
        RouteId id, [FromQuery] Instant? now, Caller caller, DraftAnalyticsService analytics, CancellationToken cancellationToken) =>
        Answer(await analytics.FindInsightsAsync(caller.UserId, id.Value, now?.Value, cancellationToken), insights => new InsightsAnswer(insights));

    private static async Task<IResult> ListTimelineAsync(
        RouteId id, [FromQuery] Limit? limit, [FromQuery] string? cursor, Caller caller, DraftAnalyticsService analytics, CancellationToken cancellationToken) =>
        Answer(await analytics.ListTimelineAsync(caller.UserId, id.Value, cursor, limit?.Value ?? Limit.Usual, cancellationToken), EventsAnswer.Of);

    private static async Task<IResult> ListEventsAsync(
        [FromQuery] Instant? from,
        [FromQuery] Instant? to,
        [FromQuery] EventTypes? types,
        [FromQuery(Name = "draft_id")] RouteId? draftId,
        [FromQuery(Name = "actor_id")] string? actorId,
        [FromQuery] Limit? limit,
        [FromQuery] string? cursor,
        Caller caller,
        AnalyticsService analytics,
        CancellationToken cancellationToken) =>
        Answer(
            await analytics.ListEventsAsync(
                caller.UserId, new EventQuery(from?.Value, to?.Value, types?.Value, draftId?.Value, actorId), cursor, limit?.Value ?? Limit.Usual, cancellationToken),
            EventsAnswer.Of);

    private static async Task<IResult> ReadLeaderboardAsync(
        [FromQuery] Choice<LeaderboardMetric>? metric, [FromQuery] Instant? now, Caller caller, LeaderboardService leaderboards, CancellationToken cancellationToken) =>
        Answer(
            await leaderboards.ReadAsync(caller.UserId, metric?.Value ?? LeaderboardMetric.Collaboration, now?.Value, cancellationToken),
            board => new LeaderboardAnswer(ApiLeaderboard.Of(board)));

    private static IResult Answer<T, TAnswer>(Result<T> result, Func<T, TAnswer> answer) =>
        result.Succeeded ? Results.Ok(answer(result.Value)) : ApiProblem.For(result.Refusal.Value);

    /// <summary>For how many days to tell what happened on each: 1 to 90.</summary>
    internal readonly record struct Days(int Value)
    {
        public const int Usual = 14;

        public static bool TryParse(string? text, out Days days)
        {
            var isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
            days = new Days(value);
            return isNumber && value is >= 1 and <= DraftAnalyticsService.MostDays;
        }
    }

    /// <summary>Kinds of events by their names, with commas between.</summary>
    internal readonly record struct EventTypes(IReadOnlyCollection<EventType> Value)
    {
        public static bool TryParse(string? text, out EventTypes types)
        {
            var names = (text ?? "").Split(',');
            types = new EventTypes([.. Enum.GetValues<EventType>().Where(type => names.Contains(type.ToString(), StringComparer.Ordinal))]);
            return names.All(name => Enum.GetNames<EventType>().Contains(name, StringComparer.Ordinal));
        }
    }

    internal sealed record FiguresAnswer(ApiFigures Data);

    internal sealed record InsightsAnswer(DraftInsights Data);

    internal sealed record LeaderboardAnswer(ApiLeaderboard Data);

    /// <summary>A page of events.</summary>
    /// <param name="Count">How many events this page has.</param>
    /// <param name="NextCursor">Send it as the cursor to get the next page; null after the last.</param>
    internal sealed record EventsAnswer(IReadOnlyList<ApiEvent> Data, int Count, string? NextCursor)
    {
        public static EventsAnswer Of(Listing<AnalyticsEvent> page) => new([.. page.Items.Select(ApiEvent.Of)], page.Items.Count, page.NextCursor);
    }
}

/// <summary>The figures of a draft as programs read them.</summary>
/// <param name="Contributors">Everybody who has written, and the creator; most segments first.</param>
/// <param name="Daily">The last days, one by one, in UTC.</param>
/// <param name="Fairness">1 when all have written alike, towards 0 the less so; null without segments.</param>
internal sealed record ApiFigures(
    Guid DraftId,
    int Segments,
    int Words,
    int RingPasses,
    IReadOnlyList<ApiContributor> Contributors,
    IReadOnlyList<DraftDay> Daily,
    InactivityRisk InactivityRisk,
    double? Fairness)
{
    public static ApiFigures Of(DraftFigures figures) => new(
        figures.DraftId, figures.Segments, figures.Words, figures.RingPasses,
        [.. figures.Contributors.Select(c => new ApiContributor(
            c.UserId, c.Name, c.Segments, c.Words, c.RingsReceived, c.AverageHoldMinutes, c.MedianHoldMinutes, c.P90HoldMinutes))],
        figures.Daily, figures.InactivityRisk, figures.Fairness);
}

/// <summary>What somebody did in a draft. The times are null if they never held its ring.</summary>
internal sealed record ApiContributor(
    string UserId,
    string Display,
    int Segments,
    int Words,
    int RingsReceived,
    double? AvgHoldMinutes,
    double? MedianHoldMinutes,
    double? P90HoldMinutes);

/// <summary>Something that happened.</summary>
/// <param name="Type">DraftCreated, DraftViewed, DraftShared, DraftPublished, SegmentAdded, RingPassed, CollaboratorJoined, CollaboratorLeft, InviteCreated or InviteAccepted.</param>
/// <param name="ActorId">Who did it; null when nobody is known.</param>
/// <param name="Data">What makes this event itself.</param>
internal sealed record ApiEvent(
    Guid Id, string Type, DateTimeOffset OccurredAt, Guid DraftId, string? ActorId, IReadOnlyDictionary<string, JsonElement> Data)
{
    public static ApiEvent Of(AnalyticsEvent happened) => new(
        happened.Id, happened.Type.ToString(), happened.OccurredAt, happened.DraftId, happened.ActorId,
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(happened.Data)!);
}

/// <summary>Ten people who did much of something, at an instant.</summary>
internal sealed record ApiLeaderboard(
    LeaderboardMetric MetricType, IReadOnlyList<ApiLeaderboardEntry> Entries, DateTimeOffset ComputedAt, string Message)
{
    public static ApiLeaderboard Of(Leaderboard board) => new(
        board.Metric,
        [.. board.Entries.Select(entry => new ApiLeaderboardEntry(entry.Position, entry.UserId, entry.Name, entry.Value, entry.Label, entry.Insight))],
        board.ComputedAt,
        board.Message);
}

internal sealed record ApiLeaderboardEntry(int Position, string UserId, string DisplayName, double MetricValue, string MetricLabel, string Insight);
