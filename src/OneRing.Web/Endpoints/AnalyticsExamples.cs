using OneRing.Data.Analytics;

namespace OneRing.Web.Endpoints;

/// <summary>What figures, insights, events and a leaderboard look like, for the description of the API.</summary>
internal static class AnalyticsExamples
{
    private static readonly ApiDraft Draft = ApiExamples.Draft;

    public static readonly ApiFigures Figures = new(
        Draft.DraftId,
        Segments: 2,
        Words: 15,
        RingPasses: 1,
        [
            new ApiContributor("ana", "Ana", Segments: 1, Words: 8, RingsReceived: 0, AvgHoldMinutes: 10, MedianHoldMinutes: 10, P90HoldMinutes: 10),
            new ApiContributor("ben", "Ben", Segments: 1, Words: 7, RingsReceived: 1, AvgHoldMinutes: 60.5, MedianHoldMinutes: 60.5, P90HoldMinutes: 60.5),
        ],
        [new DraftDay(new DateOnly(2026, 2, 28), Segments: 0, Passes: 0), new DraftDay(new DateOnly(2026, 3, 1), Segments: 2, Passes: 1)],
        InactivityRisk.Low,
        Fairness: 1);

    public static readonly DraftInsights Insights = new(
        [new Insight(InsightType.Healthy, InsightSeverity.Info, "The ring moves and several people write. All is well.")],
        [new Alert(AlertType.LongRingHold, "Ben has held the ring for 24 hours.", Draft.RingState.PassedAt)],
        [new Recommendation(RecommendedAction.PassRing, "ana", "The ring could go to Ana. Ana wrote here longest ago, on 1 March 2026 at 09:05 UTC.")]);

    public static readonly ApiEvent Event = ApiEvent.Of(AnalyticsEvent.Of(
        EventType.RingPassed, Draft.RingState.PassedAt, Draft.DraftId, "ana", ("turn", 2), ("from", "ana"), ("to", "ben"), ("chosen", "manual")));

    public static readonly ApiLeaderboard Leaderboard = new(
        LeaderboardMetric.Collaboration,
        [new ApiLeaderboardEntry(1, "ben", "Ben", MetricValue: 6, "collaboration points", "1 segment written, 1 draft of others brought further. Wonderful company.")],
        Draft.UpdatedAt,
        "Thank you for writing, and for handing the ring on.");
}
