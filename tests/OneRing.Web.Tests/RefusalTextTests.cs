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
    [InlineData(Refusal.StaleTurn, "Your text is parked for your next turn.")]
    [InlineData(Refusal.RingRequired, "Your text is parked for your next turn.")]
    [InlineData(Refusal.DraftNotActive, "is parked for you.")]
    [InlineData(Refusal.TextTooLong, "Your text is still in the box")]
    [InlineData(Refusal.TextUnreadable, "Your text is still in the box")]
    public void A_refused_writer_is_told_where_the_text_is(Refusal refusal, string where) =>
        Assert.Contains(where, RefusalText.For(refusal), StringComparison.Ordinal);
}
