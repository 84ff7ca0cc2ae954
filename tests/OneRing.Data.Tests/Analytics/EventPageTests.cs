using OneRing.Data.Analytics;
using OneRing.Data.Drafts;

namespace OneRing.Data.Tests.Analytics;

/// <summary>A page of events, taken from a list in the place of a database.</summary>
public sealed class EventPageTests
{
    private static readonly Guid Draft = new("00000000-0000-0000-0000-00000000000d");

    // The second and the third at one instant.
    private readonly AnalyticsEvent[] events = [At(1, 9), At(2, 3), At(2, 5), At(3, 1), At(4, 7)];

    [Fact]
    public void Pages_follow_each_other_until_all_is_read()
    {
        var seen = new List<AnalyticsEvent>();
        string? cursor = null;
        var pages = 0;
        do
        {
            var page = EventPage.Read(cursor, limit: 2)!;
            var listing = page.ToListing([.. page.Of(events.Reverse().AsQueryable())]);
            seen.AddRange(listing.Items);
            cursor = listing.NextCursor;
            pages++;
        }
        while (cursor is not null);

        Assert.Equal(events.Select(happened => happened.Id), seen.Select(happened => happened.Id));
        Assert.Equal(3, pages);
    }

    [Fact]
    public void A_page_that_holds_the_rest_is_the_last()
    {
        var page = EventPage.Read(cursor: null, limit: 5)!;

        Assert.Null(page.ToListing([.. page.Of(events.AsQueryable())]).NextCursor);
    }

    [Fact]
    public void One_event_more_is_read_than_shown()
    {
        Assert.Equal(3, EventPage.Read(cursor: null, limit: 2)!.Of(events.AsQueryable()).Count());
    }

    [Fact]
    public void What_happened_at_the_instant_of_the_cursor_follows_by_its_id()
    {
        var page = EventPage.Read(new Cursor(events[1].OccurredAt, events[1].Id).ToString(), limit: 10)!;

        Assert.Equal(events[2..].Select(happened => happened.Id), page.Of(events.AsQueryable()).Select(happened => happened.Id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nothing of ours")]
    public void There_is_no_page_behind_a_cursor_of_somebody_else(string cursor) => Assert.Null(EventPage.Read(cursor, limit: 1));

    [Theory]
    [InlineData(0)]
    [InlineData(DraftService.LongestListing + 1)]
    public void A_page_has_one_event_at_least_and_not_too_many(int limit) => Assert.Throws<ArgumentOutOfRangeException>(() => EventPage.Read(cursor: null, limit));

    [Fact]
    public void The_longest_page_and_the_shortest_are_read()
    {
        Assert.NotNull(EventPage.Read(cursor: null, 1));
        Assert.NotNull(EventPage.Read(cursor: null, DraftService.LongestListing));
    }

    [Fact]
    public void Data_is_told_as_it_was_written_however_the_database_keeps_it()
    {
        var kept = events[0] with { Data = """{ "words": 5,  "actor_id": "ana", "draft_id": "x" }""" };

        var told = Assert.Single(EventPage.Read(cursor: null, limit: 1)!.ToListing([kept]).Items).Data;

        Assert.Equal(CanonicalJson.Rewrite(kept.Data), told);
        Assert.NotEqual(kept.Data, told);
    }

    private static AnalyticsEvent At(int minute, byte id) =>
        AnalyticsEvent.Of(EventType.SegmentAdded, Histories.Noon.AddMinutes(minute), Draft, "ana", ("words", 1)) with { Id = new Guid(0, 0, 0, [0, 0, 0, 0, 0, 0, 0, id]) };
}
