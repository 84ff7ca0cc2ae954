using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Rings;

/// <summary>What is refused of a request before anything is looked up, and what a retry must repeat.</summary>
public sealed class RequestChecksTests
{
    private static readonly string LongKey = new('k', Texts.LongestKey + 1);
    private static readonly string LongNote = new('n', Texts.LongestNote + 1);
    private static readonly Guid DraftId = Guid.Parse("11111111-2222-3333-4444-555555555555");
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_key_that_is_too_long_is_refused_first_whatever_else_is_wrong()
    {
        Assert.All(
            Requests(LongKey, content: "", LongNote, new TurnRules(LimitHours: -1)),
            request => Assert.Equal(Refusal.KeyInvalid, request.Check()));
    }

    [Fact]
    public void With_a_good_key_the_rest_is_looked_at()
    {
        Assert.Equal(
            [Refusal.TextBlank, Refusal.NoteInvalid, Refusal.NoteInvalid, Refusal.NoteInvalid, Refusal.NoteInvalid, Refusal.TurnRulesInvalid],
            Requests("key", content: "", LongNote, new TurnRules(LimitHours: -1)).Select(request => request.Check()));
        Assert.All(Requests("key", "Words.", "A note", new TurnRules()), request => Assert.Null(request.Check()));
    }

    [Fact]
    public void A_refused_text_has_one_id_for_each_request_and_a_retry_has_the_same()
    {
        var ids = new[] { Append("ana", DraftId, "one"), Append("ana", DraftId, "two"), Append("ben", DraftId, "one"), Append("ana", Guid.Empty, "one") };

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(ids[0], Append("ana", DraftId, "one"));

        static Guid Append(string userId, Guid draftId, string key) => new AppendSegment(userId, draftId, "Words.", key).IdOfRefused;
    }

    [Fact]
    public void What_a_page_adds_bears_the_id_of_its_text_as_key()
    {
        var append = AppendSegment.FromPage("ana", DraftId, "Words.", DraftId, turn: 3);

        Assert.Equal(("11111111222233334444555555555555", DraftId, 3), (append.Key, append.TextId, append.Turn));
    }

    [Fact]
    public void An_absence_until_another_instant_is_another_request_and_the_same_instant_elsewhere_is_not()
    {
        Assert.Equal(Away(Noon).Fingerprint, Away(Noon.ToOffset(TimeSpan.FromHours(9))).Fingerprint);
        Assert.NotEqual(Away(Noon).Fingerprint, Away(Noon.AddTicks(10)).Fingerprint);

        static SetAway Away(DateTimeOffset until) => new("ana", DraftId, until);
    }

    private static Command[] Requests(string key, string content, string note, TurnRules rules) =>
    [
        new AppendSegment("ana", DraftId, content, key),
        new PassRing("ana", DraftId, "ben", key, Note: note),
        new SmartPass("ana", DraftId, Strategy: null, key, Note: note),
        new ReclaimRing("ana", DraftId, key, Reason: note),
        new AskForRing("ana", DraftId, note, key),
        new SetTurnRules("ana", DraftId, rules, key),
    ];
}
