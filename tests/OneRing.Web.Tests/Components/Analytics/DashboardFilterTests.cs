using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Web.Components.Analytics;

namespace OneRing.Web.Tests.Components.Analytics;

public sealed class DashboardFilterTests
{
    [Theory]
    [MemberData(nameof(Filters))]
    public void What_is_written_into_an_url_is_read_from_it_again(DashboardFilter filter)
    {
        var query = filter.ToQuery();

        string? Value(string name) => (string?)query[name];
        Assert.Equal(filter, DashboardFilter.Read(Value("window"), Value("from"), Value("to"), Value("compare"), Value("platform"), Value("zone"), Value("automatic"),
            Value("unit"), Value("live")));
    }

    [Theory]
    [InlineData("2026-03-01", null)]
    [InlineData("yesterday", "2026-03-01")]
    [InlineData("2026-02-30", "2026-03-01")]
    [InlineData(null, null)]
    public void Half_a_range_of_dates_is_none(string? from, string? to)
    {
        var filter = DashboardFilter.Read("30d", from, to, "nonsense", "nonsense", "UTC", "nonsense");

        Assert.Equal(new DashboardQuery(Window.Month), filter.Query);
        Assert.Equal("in the last 30 days", filter.Phrase);
    }

    [Fact]
    public void Dates_stand_for_the_window()
    {
        var filter = DashboardFilter.Read("24h", "2026-03-01", "2026-03-31", "year", "tiktok", "Europe/Berlin", "true");

        Assert.Equal(
            new DashboardQuery(Window.Day, (new DateOnly(2026, 3, 1), new DateOnly(2026, 3, 31)), Platform.Tiktok, Comparison.YearBefore, "Europe/Berlin", CountsAutomatic: true),
            filter.Query);
        Assert.Equal("from 1 March 2026 to 31 March 2026", filter.Phrase);
    }

    public static TheoryData<DashboardFilter> Filters()
    {
        var data = new TheoryData<DashboardFilter>();
        foreach (var window in WindowChoice.All)
        {
            data.Add(DashboardFilter.Usual with { Window = window });
        }
        foreach (var unit in Enum.GetValues<TimeUnit>())
        {
            data.Add(DashboardFilter.Usual with { Unit = unit, IsPaused = true });
        }
        foreach (var comparison in Enum.GetValues<Comparison>())
        {
            foreach (var platform in Enum.GetValues<Platform>())
            {
                data.Add(DashboardFilter.Usual with
                {
                    From = new DateOnly(2024, 2, 29),
                    To = new DateOnly(2024, 3, 1),
                    Comparison = comparison,
                    Platform = platform,
                    Zone = "America/Argentina/Buenos_Aires",
                    Automatic = true,
                });
            }
        }
        return data;
    }
}
