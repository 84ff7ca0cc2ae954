using OneRing.Data.Analytics;
using OneRing.Data.Drafts;

namespace OneRing.Data.Tests.Analytics;

/// <summary>How a draft goes, put together from a history without a database.</summary>
public sealed class DraftOverviewTests
{
    private static readonly DraftHead Head = new(
        Guid.CreateVersion7(), "The lamp", Platform.Story, DraftStatus.Active, Role.Owner, "ana", Turn: 1, Version: 1, SegmentCount: 0, Histories.Noon, ArchivedAt: null, IsPublic: false);

    [Fact]
    public void It_is_made_of_the_figures_of_one_instant()
    {
        var history = Histories.Of(now: 10, segments: [("ben", 2)], passes: [("ben", 1)]);

        var overview = DraftOverview.Of(Head, history, days: 7, page: 1);

        Assert.Same(Head, overview.Head);
        Assert.Equal(history.Now, overview.Now);
        Assert.Equal(["Ana", "Ben", "Cleo", "Dan"], overview.Names.Values.Order(StringComparer.Ordinal));
        Assert.Equal("Cleo", overview.Names["cleo"]);
        Assert.Equal((7, 1, history.DraftId), (overview.Figures.Daily.Count, overview.Figures.Segments, overview.Figures.DraftId));
        Assert.Equal(Figures.VelocityOf(history), overview.Velocity);
        Assert.Equal(DraftInsights.Of(history).Insights, overview.Insights.Insights);
        Assert.NotEmpty(overview.Insights.Insights);
    }

    [Fact]
    public void The_newest_turn_comes_first_and_goes_on()
    {
        var holds = HoldsOf(Histories.Of(now: 10, passes: [("ben", 1), ("cleo", 4)]));

        Assert.Equal(
            [
                new(3, "cleo", "Cleo", Histories.After(4), To: null, TimeSpan.FromHours(6)),
                new(2, "ben", "Ben", Histories.After(1), Histories.After(4), TimeSpan.FromHours(3)),
                new(1, "ana", "Ana", Histories.Noon, Histories.After(1), TimeSpan.FromHours(1)),
            ],
            (IEnumerable<HeldTurn>)holds.Rows);
        Assert.Equal((1, 3), (holds.Page, holds.Count));
    }

    [Fact]
    public void Of_a_finished_draft_the_last_turn_has_ended()
    {
        var holds = HoldsOf(Histories.Of(now: 10, passes: [("ben", 1)], completed: 6));

        Assert.Equal((Histories.After(6), TimeSpan.FromHours(5)), (holds.Rows[0].To, holds.Rows[0].Length));
    }

    [Theory]
    [InlineData(1, 1, 25, 16)]
    [InlineData(2, 2, 15, 6)]
    [InlineData(3, 3, 5, 1)]
    [InlineData(4, 3, 5, 1)]
    public void A_page_has_ten_turns_and_what_is_behind_the_last_is_the_last(int page, int shown, int first, int last)
    {
        var passes = Enumerable.Range(1, 24).Select(hour => (hour % 2 == 1 ? "ben" : "ana", (double)hour));

        var holds = HoldsOf(Histories.Of(now: 30, passes: passes), page);

        Assert.Equal((shown, 25, first, last), (holds.Page, holds.Count, holds.Rows[0].Turn, holds.Rows[^1].Turn));
    }

    private static TablePage<HeldTurn> HoldsOf(DraftHistory history, int page = 1) => DraftOverview.Of(Head, history, days: 7, page).Holds;
}
