using OneRing.Data.Notices;

namespace OneRing.Web.Tests;

public sealed class NoticeTextTests
{
    public static TheoryData<NoticeKind> Kinds => [.. Enum.GetValues<NoticeKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_has_words_to_tell_and_to_choose_it(NoticeKind kind)
    {
        Assert.Matches("^[A-Z].+[^.]$", NoticeText.For(kind));
        Assert.Matches("^[A-Z].+[^.]$", NoticeText.For(Of(kind)));
    }

    [Fact]
    public void No_two_kinds_are_chosen_by_the_same_words() => Assert.Distinct(Enum.GetValues<NoticeKind>().Select(NoticeText.For));

    [Theory]
    [InlineData(NoticeKind.Reminder, NoticeDetail.Half, "Half of your turn is over")]
    [InlineData(NoticeKind.Reminder, NoticeDetail.NearlyOver, "Your turn is nearly over")]
    [InlineData(NoticeKind.Reminder, NoticeDetail.Grace, "a little more for a last sentence")]
    [InlineData(NoticeKind.TurnOver, "", "The time of Ana’s turn is up")]
    [InlineData(NoticeKind.TurnOver, NoticeDetail.PassedOn, "the ring has gone on")]
    [InlineData(NoticeKind.TurnOver, NoticeDetail.Reclaimed, "Ana has taken the ring back")]
    [InlineData(NoticeKind.MoreTime, NoticeDetail.Asked, "Ana asks for more time")]
    [InlineData(NoticeKind.MoreTime, NoticeDetail.Granted, "You have more time")]
    [InlineData(NoticeKind.MoreTime, NoticeDetail.Refused, "ends as planned")]
    public void It_says_what_of_a_turn_it_is(NoticeKind kind, string detail, string words) =>
        Assert.Contains(words, NoticeText.For(Of(kind, detail)), StringComparison.Ordinal);

    private static NoticeView Of(NoticeKind kind, string detail = "") =>
        new(Guid.CreateVersion7(), kind, "The lamp", detail, "Ana", "/drafts/1", DateTimeOffset.UnixEpoch, IsNew: true);
}
