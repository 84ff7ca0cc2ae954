namespace OneRing.Web.Tests;

public sealed class TimeTextTests
{
    private static readonly DateTimeOffset Now = new(2027, 3, 15, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "just now")]
    [InlineData(59, "just now")]
    [InlineData(60, "1 minute ago")]
    [InlineData((60 * 60) - 1, "59 minutes ago")]
    [InlineData(60 * 60, "1 hour ago")]
    [InlineData((24 * 60 * 60) - 1, "23 hours ago")]
    [InlineData(24 * 60 * 60, "1 day ago")]
    [InlineData((14 * 24 * 60 * 60) - 1, "13 days ago")]
    [InlineData(14 * 24 * 60 * 60, "on 1 March 2027")]
    public void An_instant_is_told_by_its_distance_and_then_by_its_date(int seconds, string expected) =>
        Assert.Equal(expected, TimeText.Ago(Now.AddSeconds(-seconds), Now));

    [Fact]
    public void A_clock_that_runs_ahead_makes_no_nonsense()
    {
        Assert.Equal("just now", TimeText.Ago(Now.AddMinutes(5), Now));
        Assert.Equal("less than a minute", TimeText.Span(TimeSpan.FromMinutes(-5)));
    }

    [Fact]
    public void Exact_times_and_dates_are_in_UTC()
    {
        var late = new DateTimeOffset(2027, 3, 1, 1, 30, 0, TimeSpan.FromHours(2));

        Assert.Equal("28 February 2027, 23:30 UTC", TimeText.Exact(late));
        Assert.Equal("on 28 February 2027", TimeText.Ago(late, Now.AddDays(30)));
    }

    [Theory]
    [InlineData(0, "0 drafts")]
    [InlineData(1, "1 draft")]
    [InlineData(2, "2 drafts")]
    public void A_number_goes_with_its_noun(int number, string expected) => Assert.Equal(expected, TimeText.Count(number, "draft"));

    [Theory]
    [InlineData(72 * 60, "3 days")]
    [InlineData((72 * 60) - 0.5, "3 days")]
    [InlineData((72 * 60) - 2, "2 days")]
    [InlineData(0.5, "1 minute")]
    public void What_is_left_is_rounded_up_to_the_minute(double minutes, string words)
    {
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

        Assert.Equal(words, TimeText.Left(now.AddMinutes(minutes), now));
    }
}
