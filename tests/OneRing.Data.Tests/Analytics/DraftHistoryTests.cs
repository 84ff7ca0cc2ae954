using OneRing.Data.Analytics;
using OneRing.Data.Drafts;

namespace OneRing.Data.Tests.Analytics;

/// <summary>What had happened in a draft by an instant, and who belonged to it, without a database.</summary>
public sealed class DraftHistoryTests
{
    [Fact]
    public void The_ring_is_held_by_the_creator_until_the_first_pass_and_then_by_its_recipient()
    {
        var before = Histories.Of(now: 5);
        var after = Histories.Of(now: 5, passes: [("ben", 1), ("cleo", 2)]);

        Assert.Equal(("ana", Histories.Noon), (before.HolderId, before.HeldSince));
        Assert.Equal(("cleo", Histories.After(2)), (after.HolderId, after.HeldSince));
    }

    [Fact]
    public void It_has_been_idle_since_the_latest_of_all_that_happened()
    {
        Assert.Equal(TimeSpan.FromHours(9), Histories.Of(now: 9).Idle);
        Assert.Equal(Histories.After(3), Histories.Of(now: 9, segments: [("ana", 3)], passes: [("ben", 2)]).LastActivityAt);
        Assert.Equal(Histories.After(4), Histories.Of(now: 9, segments: [("ana", 3)], passes: [("ben", 4)]).LastActivityAt);
        Assert.Equal(TimeSpan.FromHours(2), Histories.Of(now: 9, segments: [("ana", 3)], passes: [("ben", 4)], completed: 7).Idle);
    }

    [Fact]
    public void Who_has_written_most_comes_first_then_the_lower_id()
    {
        var history = Histories.Of(now: 9, segments: [("cleo", 1), ("ben", 2), ("ana", 3), ("cleo", 4)]);

        Assert.Equal([("cleo", 2), ("ana", 1), ("ben", 1)], history.Authors.Select(author => (author.Key, author.Value)));
    }

    [Fact]
    public void Who_belongs_is_who_came_and_has_not_left_in_the_order_of_coming()
    {
        var members = DraftHistory.MembersAt(
            Histories.After(9), "ana", Histories.Noon,
            [Came("ben", 3), Came("cleo", 2, Role.Reader), Came("dan", 2), Left("dan", 4), Came("eve", 5), Left("eve", 6), Came("eve", 7)],
            present: []);

        Assert.Equal(
            [("ana", true, 0d), ("cleo", false, 2), ("ben", true, 3), ("eve", true, 7)],
            members.Select(member => (member.UserId, member.CanHold, (member.JoinedAt - Histories.Noon).TotalHours)));
    }

    [Fact]
    public void Of_what_happened_at_one_instant_the_later_version_counts()
    {
        Assert.Equal(["ana", "ben"], Ids([Left("ben", 1) with { Version = 4 }, Came("ben", 1) with { Version = 5 }]));
        Assert.Equal(["ana"], Ids([Left("ben", 1) with { Version = 6 }, Came("ben", 1) with { Version = 5 }]));
        Assert.Equal(["ben"], Ids([Left("ana", 1), Came("ben", 1)]));

        static IEnumerable<string> Ids(Coming[] changes) => DraftHistory.MembersAt(Histories.After(9), "ana", Histories.Noon, changes, present: []).Select(member => member.UserId);
    }

    [Fact]
    public void What_somebody_may_do_is_known_of_the_present_and_who_comes_later_does_not_belong_yet()
    {
        var members = DraftHistory.MembersAt(
            Histories.After(3), "ana", Histories.Noon, [Came("ben", 1)],
            present: [new("ben", CanHold: false, Histories.After(1)), new("cleo", CanHold: true, Histories.After(3)), new("dan", CanHold: true, Histories.After(3.1))]);

        Assert.Equal([("ana", true), ("ben", false), ("cleo", true)], members.Select(member => (member.UserId, member.CanHold)));
    }

    [Fact]
    public void Before_a_draft_was_made_nobody_belonged_to_it()
    {
        Assert.Empty(DraftHistory.MembersAt(Histories.After(-1), "ana", Histories.Noon, [], present: []));
        Assert.Single(DraftHistory.MembersAt(Histories.Noon, "ana", Histories.Noon, [], present: []));
    }

    [Fact]
    public void Of_two_who_came_at_once_the_lower_id_comes_first()
    {
        Assert.Equal(
            ["Zoe", "ana", "ben"],
            DraftHistory.MembersAt(Histories.After(1), "ana", Histories.Noon, [Came("ben", 0), Came("Zoe", 0)], present: []).Select(member => member.UserId));
    }

    private static Coming Came(string userId, double at, Role role = Role.Writer) => new(userId, role, Joined: true, Histories.After(at));

    private static Coming Left(string userId, double at) => new(userId, Role.Writer, Joined: false, Histories.After(at));
}
