using Bunit;
using Microsoft.Extensions.Time.Testing;
using OneRing.Web.Components.Shared;

namespace OneRing.Web.Tests.Components.Shared;

public sealed class MomentTests() : OneRingContext(new FakeTimeProvider(At.AddHours(3)))
{
    private static readonly DateTimeOffset At = new(2027, 3, 1, 9, 5, 0, TimeSpan.Zero);

    [Fact]
    public void It_says_how_long_ago_and_keeps_the_exact_time_in_its_title()
    {
        var moment = Render<Moment>(p => p.Add(x => x.At, At)).Find("time");

        Assert.Equal("3 hours ago", moment.TextContent);
        Assert.Equal("1 March 2027, 09:05 UTC", moment.GetAttribute("title"));
        Assert.Equal("2027-03-01T09:05:00.0000000Z", moment.GetAttribute("datetime"));
    }

    [Fact]
    public void It_can_say_how_long_since()
    {
        Assert.Equal("3 hours", Render<Moment>(p => p.Add(x => x.At, At).Add(x => x.AsSpan, true)).Text());
    }
}
