using Microsoft.Extensions.Configuration;
using OneRing.Data.Analytics;

namespace OneRing.Data.Tests.Analytics;

public sealed class RetentionSettingsTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("  ", null)]
    [InlineData("90", 90)]
    [InlineData(" 365 ", 365)]
    [InlineData("36500", 36500)]
    public void Events_are_kept_for_ever_unless_days_are_given(string? text, int? days) => Assert.Equal(days, Read(text).Days);

    [Theory]
    [InlineData("0")]
    [InlineData("-365")]
    [InlineData("89")]
    [InlineData("36501")]
    [InlineData("99999999999999")]
    [InlineData("365.5")]
    [InlineData("1,000")]
    [InlineData("a year")]
    public void A_value_that_cannot_be_used_stops_the_start_and_says_what_can(string text)
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Read(text));

        Assert.Equal("OneRing:Analytics:RetentionDays must be a whole number of days from 90 to 36500. Without it events are kept for ever.", failure.Message);
    }

    private static RetentionSettings Read(string? text) =>
        RetentionSettings.Read(new ConfigurationBuilder().AddInMemoryCollection([new("OneRing:Analytics:RetentionDays", text)]).Build());
}
