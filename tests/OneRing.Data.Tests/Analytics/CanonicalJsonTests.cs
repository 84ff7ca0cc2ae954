using OneRing.Data.Analytics;

namespace OneRing.Data.Tests.Analytics;

/// <summary>Held against the examples of RFC 8785; the hashes come from other implementations.</summary>
public sealed class CanonicalJsonTests
{
    [Fact]
    public void Members_stand_in_the_order_of_their_UTF_16_code_units()
    {
        var json = CanonicalJson.Write(
        [
            ("\u20AC", "Euro Sign"),
            ("\r", "Carriage Return"),
            ("\uFB33", "Hebrew Letter Dalet With Dagesh"),
            ("1", "One"),
            ("\U0001F600", "Emoji: Grinning Face"),
            ("\u0080", "Control\u007F"),
            ("\u00F6", "Latin Small Letter O With Diaeresis"),
        ]);

        Assert.Equal(
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\u007F\",\"\u00F6\":\"Latin Small Letter O With Diaeresis\","
            + "\"\u20AC\":\"Euro Sign\",\"\U0001F600\":\"Emoji: Grinning Face\",\"\uFB33\":\"Hebrew Letter Dalet With Dagesh\"}",
            json);
    }

    [Fact]
    public void Texts_are_escaped_as_little_as_possible()
    {
        var json = CanonicalJson.Write([("string", "\u20AC$\u000F\u000AA'\u0042\u0022\u005C\\\"/\b\t\f\r\u001F<\u2028&")]);

        Assert.Equal("""{"string":"€$\u000f\nA'B\"\\\\\"/\b\t\f\r\u001f<""" + "\u2028" + "&\"}", json);
    }

    [Fact]
    public void Values_are_texts_whole_numbers_truth_ids_and_nothing()
    {
        var json = CanonicalJson.Write(
        [
            ("id", Guid.Parse("01890A5D-AC96-774B-BCCE-B302099A8057")),
            ("int", -7),
            ("largest", 9_007_199_254_740_992L),
            ("least", -9_007_199_254_740_992L),
            ("no", false),
            ("nothing", null),
            ("yes", true),
        ]);

        Assert.Equal(
            """{"id":"01890a5d-ac96-774b-bcce-b302099a8057","int":-7,"largest":9007199254740992,"least":-9007199254740992,"no":false,"nothing":null,"yes":true}""",
            json);
    }

    [Fact]
    public void What_has_no_exact_form_is_not_written()
    {
        foreach (var value in (object[])[1.5, 9_007_199_254_740_993L, -9_007_199_254_740_993L, long.MinValue, DateTimeOffset.UnixEpoch, "\0", $"{'\uD83D'}"])
        {
            Assert.Throws<ArgumentException>(() => CanonicalJson.Write([("value", value)]));
        }
    }

    [Fact]
    public void However_a_database_spells_an_object_its_canonical_form_is_the_same()
    {
        const string Canonical = """{"a":null,"actor_id":"bén","b":"€\n\"","no":false,"turn":2,"z":true}""";

        Assert.Equal(Canonical, CanonicalJson.Rewrite("""{ "z": true, "turn": 2, "no" : false,  "b": "\u20ac\u000a\u0022", "a": null, "actor_id": "b\u00e9n" }"""));
        Assert.Equal(Canonical, CanonicalJson.Rewrite(Canonical));
        Assert.Equal("{}", CanonicalJson.Rewrite(" { } "));
        Assert.Throws<FormatException>(() => CanonicalJson.Rewrite("""{"a":[]}"""));
    }

    [Fact]
    public void The_hash_of_an_event_is_the_SHA_256_of_its_canonical_data()
    {
        var draftId = Guid.Parse("01890a5d-ac96-774b-bcce-b302099a8057");

        var happened = AnalyticsEvent.Of(
            EventType.RingPassed, DateTimeOffset.UnixEpoch, draftId, "ana", ("turn", 2), ("from", "ana"), ("to", "bén"), ("chosen", "manual"));

        Assert.Equal(
            """{"actor_id":"ana","chosen":"manual","draft_id":"01890a5d-ac96-774b-bcce-b302099a8057","from":"ana","to":"bén","turn":2}""",
            happened.Data);
        Assert.Equal("2013b0966421708d3a3bc6c14aa50983466ab3998b50fc15669678c66904b698", Convert.ToHexStringLower(happened.DataHash));
    }
}
