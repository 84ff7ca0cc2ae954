using NodaTime;
using OneRing.Data.Drafts;

namespace OneRing.Data.Tests.Drafts;

/// <summary>Where a person is, without a database.</summary>
public sealed class WhereaboutsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("Europe/Vienna", "Europe/Vienna")]
    [InlineData("Atlantis/Centre", "UTC")]
    [InlineData("", "UTC")]
    [InlineData(null, "UTC")]
    public void A_zone_goes_by_its_name_and_without_one_it_is_UTC(string? name, string zone)
    {
        Assert.Equal(zone, new Whereabouts(name, AwaySince: null, AwayUntil: null).Zone.Id);
        Assert.Equal(name == zone, name is not null && Whereabouts.FindZone(name) is not null);
        Assert.NotEqual(DateTimeZone.Utc, Whereabouts.ZoneOf("Europe/Vienna"));
    }

    [Fact]
    public void Whoever_has_said_nothing_is_there()
    {
        Assert.Null(There().Away(since: null, until: null, Noon));
    }

    [Fact]
    public void An_absence_ends_at_its_end()
    {
        foreach (var (everywhere, since, until) in (IEnumerable<(Whereabouts, DateTimeOffset?, DateTimeOffset?)>)[(There(), At(-2), At(3)), (Away(-2, 3), null, null)])
        {
            Assert.Equal((At(-2), At(3)), everywhere.Away(since, until, Noon));
            Assert.Equal((At(-2), At(3)), everywhere.Away(since, until, At(3).AddTicks(-1)));
            Assert.Null(everywhere.Away(since, until, At(3)));
            Assert.Null(everywhere.Away(since, until, At(4)));
        }
    }

    [Theory]
    [InlineData(-2, 3, -1, 4, -2, 4)]
    [InlineData(-1, 4, -2, 3, -2, 4)]
    [InlineData(-2, 4, -1, 3, -2, 4)]
    [InlineData(-1, 3, -2, 4, -2, 4)]
    public void Of_two_that_last_the_earlier_beginning_and_the_later_end_count(int since, int until, int everywhereSince, int everywhereUntil, int first, int last)
    {
        Assert.Equal((At(first), At(last)), Away(everywhereSince, everywhereUntil).Away(At(since), At(until), Noon));
    }

    [Fact]
    public void One_that_is_over_does_not_count_beside_one_that_lasts()
    {
        Assert.Equal((At(-1), At(3)), Away(-5, -4).Away(At(-1), At(3), Noon));
        Assert.Equal((At(-1), At(3)), Away(-1, 3).Away(At(-5), At(-4), Noon));
    }

    private static Whereabouts There() => new(TimeZone: null, AwaySince: null, AwayUntil: null);

    private static Whereabouts Away(int since, int until) => new(TimeZone: null, At(since), At(until));

    private static DateTimeOffset At(int hours) => Noon.AddHours(hours);
}
