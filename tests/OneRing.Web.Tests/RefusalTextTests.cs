using OneRing.Data;

namespace OneRing.Web.Tests;

public sealed class RefusalTextTests
{
    public static TheoryData<Refusal> Refusals => [.. Enum.GetValues<Refusal>()];

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Every_refusal_has_words(Refusal refusal) => Assert.Matches(@"^[A-Z].+\.$", RefusalText.For(refusal));

    [Fact]
    public void No_two_refusals_say_the_same() =>
        Assert.Distinct(Enum.GetValues<Refusal>().Select(RefusalText.For));

    [Theory]
    [InlineData(Refusal.StaleTurn)]
    [InlineData(Refusal.RingRequired)]
    [InlineData(Refusal.TextTooLong)]
    [InlineData(Refusal.TextUnreadable)]
    public void A_refused_writer_is_told_that_the_text_is_still_there(Refusal refusal) =>
        Assert.Contains("Your text is still ", RefusalText.For(refusal), StringComparison.Ordinal);
}
