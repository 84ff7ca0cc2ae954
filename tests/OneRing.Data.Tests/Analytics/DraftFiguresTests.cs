using OneRing.Data.Analytics;

namespace OneRing.Data.Tests.Analytics;

/// <summary>The figures of one draft and of one person, put together from histories without a database.</summary>
public sealed class DraftFiguresTests
{
    [Fact]
    public void Everybody_who_wrote_and_the_creator_have_their_figures()
    {
        var history = Histories.Of(now: 10, segments: [("ben", 1.5), ("ben", 2), ("cleo", 4)], passes: [("ben", 1), ("cleo", 3), ("ben", 7)]);

        var figures = DraftFigures.Of(history, days: 1);

        Assert.Equal((3, 6, 3), (figures.Segments, figures.Words, figures.RingPasses));
        Assert.Equal(
            [
                new("ben", "Ben", Segments: 2, Words: 4, RingsReceived: 2, AverageHoldMinutes: 150, MedianHoldMinutes: 150, P90HoldMinutes: 174),
                new("cleo", "Cleo", Segments: 1, Words: 2, RingsReceived: 1, AverageHoldMinutes: 240, MedianHoldMinutes: 240, P90HoldMinutes: 240),
                new("ana", "Ana", Segments: 0, Words: 0, RingsReceived: 0, AverageHoldMinutes: 60, MedianHoldMinutes: 60, P90HoldMinutes: 60),
            ],
            (IEnumerable<ContributorFigures>)figures.Contributors);
        Assert.Equal((Figures.InactivityRiskOf(history), Figures.Fairness(history), history.DraftId), (figures.InactivityRisk, figures.Fairness, figures.DraftId));
    }

    [Fact]
    public void The_days_are_of_UTC_and_the_last_is_that_of_the_instant()
    {
        var history = Histories.Of(now: 36, segments: [("ana", 0), ("ana", 11.9), ("ana", 12), ("ana", 36)], passes: [("ben", 12.5)]);

        Assert.Equal(
            [new(new(2026, 2, 28), 0, 0), new(new(2026, 3, 1), 2, 0), new(new(2026, 3, 2), 1, 1), new(new(2026, 3, 3), 1, 0)],
            (IEnumerable<DraftDay>)DraftFigures.Of(history, days: 4).Daily);
        Assert.Equal([new(new(2026, 3, 3), 1, 0)], (IEnumerable<DraftDay>)DraftFigures.Of(history, days: 1).Daily);
    }

    [Fact]
    public void There_are_no_days_before_the_calendar()
    {
        var history = Histories.Of(now: 0) with { Now = new DateTimeOffset(1, 1, 2, 0, 0, 0, TimeSpan.Zero) };

        Assert.Equal([new(1, 1, 1), new(1, 1, 2)], DraftFigures.Of(history, days: 5).Daily.Select(day => day.Date));
    }

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("10", 1, 1)]
    [InlineData("9", 1, 1)]
    [InlineData("8", 0, 1)]
    [InlineData("8 9 10", 3, 3)]
    [InlineData("10 8 9 9", 3, 3)]
    [InlineData("1 2 3 5 9", 1, 3)]
    [InlineData("1 2 3 5 6", 0, 3)]
    public void A_streak_is_of_days_in_a_row_and_today_may_still_be_written_on(string days, int streak, int longest)
    {
        var written = days.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(day => new DateOnly(2026, 3, int.Parse(day, null)));

        Assert.Equal(new WritingStreak(streak, longest), WritingStreak.Of(written, today: new DateOnly(2026, 3, 10)));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(10, 1)]
    [InlineData(11, 2)]
    [InlineData(20, 2)]
    [InlineData(21, 3)]
    public void A_table_has_a_page_for_ten_rows_and_at_least_one(int rows, int pages)
    {
        Assert.Equal(pages, new TablePage<int>([], Page: 1, rows).Pages);
    }

    [Fact]
    public void What_a_person_wrote_is_the_sum_of_their_days()
    {
        var none = new WaitingDrafts([], 0);
        var figures = new PersonalFigures(
            [new(new(2026, 3, 1), 2, 30), new(new(2026, 3, 2), 0, 0), new(new(2026, 3, 3), 1, 7)], new WritingStreak(1, 1), 0, null, null, none, none, PrefersNoName: false);

        Assert.Equal((3, 37L), (figures.Segments, figures.Words));
    }
}
