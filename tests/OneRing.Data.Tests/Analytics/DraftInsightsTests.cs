using OneRing.Data.Analytics;

namespace OneRing.Data.Tests.Analytics;

public sealed class DraftInsightsTests
{
    [Theory]
    [InlineData(47.99, InsightType.DominantUser)]
    [InlineData(48, InsightType.Stalled)]
    public void A_draft_stalls_after_48_hours_and_that_hides_everything_else(double idle, InsightType type)
    {
        var insights = DraftInsights.Of(Histories.Of(now: 1 + idle, segments: [("ana", 0), ("ana", 0), ("ben", 0), ("ana", 1)]));

        var insight = Assert.Single(insights.Insights);
        Assert.Equal(type, insight.Type);
        Assert.Equal(type == InsightType.Stalled ? InsightSeverity.Critical : InsightSeverity.Warning, insight.Severity);
    }

    [Theory]
    [InlineData(3, 2, InsightType.DominantUser)] // 60 %
    [InlineData(59, 41, InsightType.Healthy)]
    [InlineData(1, 1, InsightType.Healthy)]
    [InlineData(1, 0, InsightType.LowEngagement)]
    [InlineData(9, 0, InsightType.LowEngagement)]
    [InlineData(0, 0, InsightType.Healthy)]
    public void Who_has_written_how_much_tells_how_a_draft_is_doing(int ofAna, int ofBen, InsightType type)
    {
        var insights = DraftInsights.Of(Histories.Of(now: 3, segments: [.. Histories.Many("ana", ofAna), .. Histories.Many("ben", ofBen)]));

        Assert.Equal(type, Assert.Single(insights.Insights).Type);
    }

    [Fact]
    public void An_insight_says_in_words_what_it_has_seen()
    {
        Assert.Equal(
            (InsightSeverity.Critical, "Nothing has happened here for 2 days. One sentence is enough to get it going again."),
            InsightOf(Histories.Of(now: 48)));
        Assert.Equal(
            (InsightSeverity.Warning, "Ana has written 3 of 4 segments. Another voice would do the text good."),
            InsightOf(Histories.Of(now: 2, segments: [.. Histories.Many("ana", 3), ("ben", 1)])));
        Assert.Equal(
            (InsightSeverity.Warning, "Ana has written everything so far. It is a good moment to let somebody else continue."),
            InsightOf(Histories.Of(now: 2, segments: Histories.Many("ana", 2))));
        Assert.Equal((InsightSeverity.Info, "The page is open. Whoever holds the ring can write the first words."), InsightOf(Histories.Of(now: 2)));
        Assert.Equal(
            (InsightSeverity.Info, "The ring moves and several people write. All is well."),
            InsightOf(Histories.Of(now: 2, segments: [("ana", 0), ("ben", 1)])));
    }

    [Theory]
    [InlineData(72, "Nothing has happened here for 3 days. The text is safe and waits.", "Ana has held the ring for 3 days.")]
    [InlineData(47.9, "Ana has held the ring for 47 hours.")]
    [InlineData(24, "Ana has held the ring for 24 hours.")]
    public void An_alert_says_in_words_how_long_it_has_been_so(double now, params string[] messages) =>
        Assert.Equal(messages, DraftInsights.Of(Histories.Of(now)).Alerts.Select(alert => alert.Message));

    [Theory]
    [InlineData(23.99, new AlertType[0])]
    [InlineData(24, new[] { AlertType.LongRingHold })]
    [InlineData(71.99, new[] { AlertType.LongRingHold })]
    [InlineData(72, new[] { AlertType.NoActivity, AlertType.LongRingHold })]
    public void Alerts_come_with_the_hours(double now, AlertType[] types)
    {
        var alerts = DraftInsights.Of(Histories.Of(now)).Alerts;

        Assert.Equal(types, alerts.Select(alert => alert.Type));
        Assert.All(alerts, alert => Assert.Equal(Histories.Noon, alert.Since));
    }

    [Fact]
    public void A_hold_is_long_from_the_receipt_of_the_ring_though_the_holder_writes()
    {
        var alert = Assert.Single(DraftInsights.Of(Histories.Of(now: 30, segments: [("ana", 1), ("ben", 29)], passes: [("ben", 2)])).Alerts);

        Assert.Equal((AlertType.LongRingHold, Histories.After(2)), (alert.Type, alert.Since));
        Assert.Equal("Ben has held the ring for 28 hours.", alert.Message);
    }

    [Fact]
    public void One_author_with_five_segments_is_alone_since_the_fifth()
    {
        Assert.Empty(DraftInsights.Of(Histories.Of(now: 3, segments: Histories.Many("ana", 4))).Alerts);
        Assert.Empty(DraftInsights.Of(Histories.Of(now: 3, segments: [.. Histories.Many("ana", 6), ("ben", 1)])).Alerts);

        var alert = Assert.Single(DraftInsights.Of(Histories.Of(now: 3, segments: Histories.Many("ana", 7))).Alerts);

        Assert.Equal((AlertType.SingleContributor, Histories.After(4 / 60d)), (alert.Type, alert.Since));
        Assert.Equal("All 7 segments so far are by Ana.", alert.Message);
    }

    [Fact]
    public void Only_a_draft_that_is_being_written_has_any()
    {
        foreach (var history in (DraftHistory[])[Histories.Of(now: 100, isActive: false), Histories.Of(now: 100, completed: 1)])
        {
            var insights = DraftInsights.Of(history);

            Assert.Empty(insights.Insights);
            Assert.Empty(insights.Alerts);
            Assert.Empty(insights.Recommendations);
        }
    }

    [Fact]
    public void When_the_ring_rests_it_could_go_to_whoever_was_heard_least()
    {
        var (ana, ben) = (Histories.Many("ana", 1), Histories.Many("ben", 1, from: 1));

        Assert.Equal("cleo", PassedTo(Histories.Of(now: 60, segments: [.. ana, .. ben])));
        Assert.Equal("ben", PassedTo(Histories.Of(now: 60, segments: [.. ana, .. ben], passes: [("cleo", 2)], writers: ["ben", "cleo"], disabled: "ana")));
        Assert.Equal("ana", PassedTo(Histories.Of(now: 60, segments: [.. ana, .. ben], passes: [("cleo", 2)])));
        Assert.Equal("ben", PassedTo(Histories.Of(now: 60, segments: [.. ana, .. ben], disabled: "cleo")));
        Assert.Equal("ben", PassedTo(Histories.Of(now: 30, segments: [("ana", 1), ("ben", 2), ("cleo", 29)])));
    }

    [Fact]
    public void Who_wrote_most_is_asked_to_hand_on_the_ring_if_they_hold_it_and_is_not_named_as_the_next()
    {
        Assert.Equal("cleo", PassedTo(Histories.Of(now: 2, segments: [.. Histories.Many("ana", 3), ("ben", 1)])));
        Assert.Equal("ben", PassedTo(Histories.Of(now: 2, segments: Histories.Many("ana", 1))));
        Assert.Null(Recommend(Histories.Of(now: 2, segments: [.. Histories.Many("ana", 3), ("ben", 1)], passes: [("ben", 1)])));
        Assert.Null(Recommend(Histories.Of(now: 2, segments: Histories.Many("ana", 1), passes: [("ben", 1)])));
        Assert.Null(Recommend(Histories.Of(now: 2)));
        // Ben has had it for a day. Cleo is heard before Ana, who wrote most; without Cleo, Ana will do.
        Assert.Equal("cleo", PassedTo(Histories.Of(now: 26, segments: [.. Histories.Many("ana", 3), ("cleo", 25)], passes: [("ben", 1)])));
        Assert.Equal("ana", PassedTo(Histories.Of(now: 26, segments: Histories.Many("ana", 3), passes: [("ben", 1)], writers: ["ben"])));
    }

    [Fact]
    public void Where_nobody_else_can_take_the_ring_somebody_could_be_invited()
    {
        var recommendation = Recommend(Histories.Of(now: 2, segments: Histories.Many("ana", 1), writers: []));

        Assert.Equal((RecommendedAction.Invite, null), (recommendation?.Action, recommendation?.UserId));
        Assert.Equal("Nobody else can take the ring yet. Somebody could be invited to write along.", recommendation?.Message);
    }

    [Fact]
    public void A_recommendation_says_why() => Assert.Equal(
        "The ring could go to Ben. Ben has not written here yet.", Recommend(Histories.Of(now: 2, segments: Histories.Many("ana", 1)))?.Message);

    private static (InsightSeverity Severity, string Message) InsightOf(DraftHistory history)
    {
        var insight = Assert.Single(DraftInsights.Of(history).Insights);
        return (insight.Severity, insight.Message);
    }

    private static string? PassedTo(DraftHistory history)
    {
        var recommendation = Recommend(history);
        Assert.Equal(RecommendedAction.PassRing, recommendation?.Action);
        Assert.NotEqual(history.HolderId, recommendation?.UserId);
        return recommendation?.UserId;
    }

    private static Recommendation? Recommend(DraftHistory history) => DraftInsights.Of(history).Recommendations.SingleOrDefault();
}
