using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Rings;

public sealed class NextHolderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Most_inactive_is_first_who_has_never_written()
    {
        var next = Choose(Strategy.MostInactive, "ana", Person("ana", Role.Owner), Person("ben", wrote: -90), Person("cleo"), Person("dan", wrote: -5));

        Assert.Equal("cleo", next!.UserId);
        Assert.Equal(Chosen.MostInactive, next.Chosen);
        Assert.Equal(3, next.CandidateCount);
        Assert.Equal("Cleo has not written here yet.", next.Reason);
    }

    [Fact]
    public void Most_inactive_is_then_who_wrote_longest_ago()
    {
        var next = Choose(Strategy.MostInactive, "dan", Person("ana", Role.Owner, wrote: -30), Person("ben", wrote: -90), Person("dan", wrote: -500));

        Assert.Equal("ben", next!.UserId);
        Assert.Equal("Ben wrote here longest ago, on 1 March 2026 at 10:30 UTC.", next.Reason);
    }

    [Fact]
    public void Most_inactive_breaks_ties_by_user_id_byte_by_byte()
    {
        Assert.Equal("Zoe", Choose(Strategy.MostInactive, "x", Person("b"), Person("ä"), Person("a"), Person("Zoe"))!.UserId);
        Assert.Equal("Zoe", Choose(Strategy.MostInactive, "x", Person("b", wrote: -1), Person("Zoe", wrote: -1), Person("a", wrote: -1))!.UserId);
    }

    [Theory]
    [InlineData("ana", "ben", "Ben comes next in the order of joining.")]
    [InlineData("ben", "cleo", "Cleo comes next in the order of joining.")]
    [InlineData("cleo", "ana", "Ana joined first, and the round begins again.")]
    public void Round_robin_goes_on_in_joining_order_and_begins_again(string holderId, string expected, string reason)
    {
        var next = Choose(Strategy.RoundRobin, holderId, Person("cleo", joined: 2), Person("ana", Role.Owner), Person("ben", joined: 1));

        Assert.Equal(expected, next!.UserId);
        Assert.Equal(Chosen.RoundRobin, next.Chosen);
        Assert.Equal(reason, next.Reason);
    }

    [Fact]
    public void Round_robin_orders_those_who_joined_at_once_by_user_id()
    {
        Assert.Equal("Zoe", Choose(Strategy.RoundRobin, "Owen", Person("a"), Person("Zoe"), Person("Owen", Role.Owner))!.UserId);
        Assert.Equal("a", Choose(Strategy.RoundRobin, "Zoe", Person("a"), Person("Zoe"), Person("Owen", Role.Owner))!.UserId);
        Assert.Equal("Owen", Choose(Strategy.RoundRobin, "a", Person("a"), Person("Zoe"), Person("Owen", Role.Owner))!.UserId);
    }

    [Fact]
    public void Round_robin_visits_everybody_once_before_anybody_twice()
    {
        Candidate[] people = [Person("ana", Role.Owner), Person("ben", joined: 1), Person("cleo", joined: 1), Person("dan", joined: 2)];
        var visited = new List<string>();

        for (var holderId = "ana"; visited.Count < people.Length;)
        {
            holderId = NextHolder.Choose(Strategy.RoundRobin, holderId, people)!.UserId;
            visited.Add(holderId);
        }

        Assert.Equal(["ben", "cleo", "dan", "ana"], visited);
    }

    [Fact]
    public void Back_to_creator_is_the_owner()
    {
        var next = Choose(Strategy.BackToCreator, "ben", Person("ben"), Person("ana", Role.Owner, joined: 3), Person("cleo"));

        Assert.Equal("ana", next!.UserId);
        Assert.Equal(Chosen.BackToCreator, next.Chosen);
        Assert.Equal("Ana owns this draft.", next.Reason);
    }

    [Fact]
    public void Back_to_creator_is_the_first_writer_to_join_when_the_owner_holds_the_ring()
    {
        var next = Choose(Strategy.BackToCreator, "ana", Person("ana", Role.Owner), Person("ben", joined: 2), Person("dan", joined: 1), Person("cleo", joined: 1));

        Assert.Equal("cleo", next!.UserId);
        Assert.Equal("The owner holds the ring, and Cleo was the first writer to join.", next.Reason);
    }

    [Theory]
    [InlineData(Strategy.MostInactive)]
    [InlineData(Strategy.RoundRobin)]
    [InlineData(Strategy.BackToCreator)]
    public void Nobody_is_chosen_when_there_is_nobody_but_the_holder(Strategy strategy)
    {
        Assert.Null(Choose(strategy, "ana", Person("ana", Role.Owner)));
        Assert.Null(Choose(strategy, "ana"));
    }

    [Theory]
    [InlineData(Strategy.MostInactive)]
    [InlineData(Strategy.RoundRobin)]
    [InlineData(Strategy.BackToCreator)]
    public void The_order_in_which_people_are_named_changes_nothing(Strategy strategy)
    {
        Candidate[] people =
        [
            Person("ana", Role.Owner, wrote: -9), Person("Ben", joined: 1, wrote: -8), Person("cleo", joined: 1, wrote: -8), Person("dan", joined: 2, wrote: -8),
        ];

        foreach (var holder in people)
        {
            var answers = Permutations(people).Select(order => NextHolder.Choose(strategy, holder.UserId, order)).Distinct();

            var answer = Assert.Single(answers)!;
            Assert.NotEqual(holder.UserId, answer.UserId);
            Assert.Contains(answer.Name, answer.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Whose_turn_the_clock_ended_has_had_their_say()
    {
        var silent = Person("ben") with { LastExpiredAt = Noon.AddMinutes(-60) };
        var wroteBefore = Person("cleo", wrote: -90) with { LastExpiredAt = Noon.AddMinutes(-10) };
        var wroteAfter = Person("dan", wrote: -20) with { LastExpiredAt = Noon.AddMinutes(-90) };

        Assert.Equal(("ben", "Ben has not had the ring for longest."), Whom(Choose(Strategy.MostInactive, "ana", wroteAfter, wroteBefore, silent)));
        Assert.Equal("dan", Choose(Strategy.MostInactive, "ben", wroteBefore, silent, wroteAfter)!.UserId);
        Assert.Equal(
            ("cleo", "Cleo wrote here longest ago, on 1 March 2026 at 10:30 UTC."), Whom(Choose(Strategy.MostInactive, "ana", wroteBefore, Person("eve", wrote: -5))));
    }

    [Theory]
    [InlineData(Strategy.MostInactive, "cleo")]
    [InlineData(Strategy.RoundRobin, "cleo")]
    [InlineData(Strategy.BackToCreator, "cleo")]
    public void Who_is_away_is_passed_over(Strategy strategy, string expected)
    {
        var next = Choose(strategy, "dan", Person("ana", Role.Owner) with { IsAway = true }, Person("ben", joined: 1) with { IsAway = true }, Person("cleo", joined: 2), Person("dan", joined: 3));

        Assert.Equal((expected, 1), (next!.UserId, next.CandidateCount));
        Assert.Null(Choose(strategy, "dan", Person("ana", Role.Owner) with { IsAway = true }, Person("dan")));
    }

    [Theory]
    [InlineData("ana", "cleo", "Cleo is the first, and the round begins again.")]
    [InlineData("cleo", "ben", "Ben comes next in the order of turns.")]
    [InlineData("ben", "dan", "Dan comes next in the order of turns.")]
    [InlineData("dan", "ana", "Ana comes next in the order of turns.")]
    [InlineData("gone", "cleo", "Cleo is the first, and the round begins again.")]
    public void Round_robin_goes_by_the_order_of_the_owner_and_then_by_joining(string holderId, string expected, string reason)
    {
        // Ana joined last, and nobody has put her or Dan anywhere.
        var next = Choose(
            Strategy.RoundRobin, holderId, Person("ana", Role.Owner, joined: 9), Person("ben") with { Place = 2 }, Person("cleo", joined: 5) with { Place = 1 }, Person("dan", joined: 4));

        Assert.Equal((expected, reason), Whom(next));
    }

    [Fact]
    public void The_order_of_turns_is_no_matter_of_the_other_strategies()
    {
        Candidate[] people = [Person("ana", Role.Owner), Person("ben", joined: 1) with { Place = 2 }, Person("cleo", joined: 2) with { Place = 1 }];

        Assert.Equal("ben", Choose(Strategy.BackToCreator, "ana", people)!.UserId);
        Assert.Equal("ben", Choose(Strategy.MostInactive, "ana", people)!.UserId);
    }

    [Fact]
    public void The_next_rounds_are_foreseen_as_they_would_be_chosen()
    {
        Candidate[] people = [Person("ana", Role.Owner, wrote: -500), Person("ben", wrote: -30), Person("cleo", wrote: -20)];

        var next = NextHolder.Foresee(Strategy.MostInactive, "ana", people, Noon, count: 4);

        Assert.Equal(["ben", "cleo", "ana", "ben"], next.Select(one => one.UserId));
        Assert.Equal(
            [
                "Ben wrote here longest ago, on 1 March 2026 at 11:30 UTC.", "Cleo wrote here longest ago, on 1 March 2026 at 11:40 UTC.", "Ana has then been silent longest.",
                "Ben has then been silent longest.",
            ],
            next.Select(one => one.Reason));
    }

    [Fact]
    public void Foreseen_rounds_keep_the_words_of_the_other_strategies()
    {
        Candidate[] people = [Person("ana", Role.Owner), Person("ben", joined: 1)];

        Assert.Equal(
            ["Ben comes next in the order of joining.", "Ana joined first, and the round begins again."],
            NextHolder.Foresee(Strategy.RoundRobin, "ana", people, Noon, count: 2).Select(one => one.Reason));
        Assert.Equal("ben", Assert.Single(NextHolder.Foresee(Strategy.RoundRobin, "gone", [Person("ben")], Noon, count: 3)).UserId);
        Assert.Empty(NextHolder.Foresee(Strategy.RoundRobin, "ana", people, Noon, count: 0));
    }

    [Fact]
    public void There_are_three_strategies()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Choose((Strategy)3, "ana", Person("ben")));
        Assert.Throws<ArgumentOutOfRangeException>(() => NextHolder.ChosenBy((Strategy)3));
    }

    private static (string UserId, string Reason) Whom(NextHolder? next) => (next!.UserId, next.Reason);

    private static NextHolder? Choose(Strategy strategy, string holderId, params Candidate[] people) => NextHolder.Choose(strategy, holderId, people);

    /// <summary>Somebody who joined and last wrote so many minutes from noon.</summary>
    private static Candidate Person(string id, Role role = Role.Writer, int joined = 0, int? wrote = null) =>
        new(id, $"{char.ToUpperInvariant(id[0])}{id[1..]}", role, Noon.AddMinutes(joined), wrote is { } minutes ? Noon.AddMinutes(minutes) : null);

    private static IEnumerable<Candidate[]> Permutations(Candidate[] people) =>
        people.Length < 2 ? [people] : people.SelectMany(first => Permutations([.. people.Except([first])]).Select(rest => (Candidate[])[first, .. rest]));
}
