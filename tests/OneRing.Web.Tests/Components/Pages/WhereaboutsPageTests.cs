using Microsoft.Extensions.DependencyInjection;
using OneRing.Data;
using OneRing.Data.Rings;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class WhereaboutsPageTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    private const string Url = "/account/whereabouts";

    private AbsenceService Absences => site.Services.GetRequiredService<AbsenceService>();

    [Fact]
    public async Task A_person_says_where_they_live_and_takes_it_back()
    {
        var (ana, visitor) = await AVisitorAsync();
        var page = await visitor.OpenAsync("/account");
        Assert.Equal(Url, "/" + page.Document.QuerySelectorAll("nav a").Single(link => link.TextContent == "Time zone and absence").GetAttribute("href"));
        page = await visitor.OpenAsync(Url);
        Assert.Equal("", Chosen(page));

        var kept = await visitor.PressAsync(page, "Keep it", ("Where you live", "Pacific/Auckland"));

        Assert.Equal($"{Url}?done=true", kept.RedirectsTo);
        Assert.Equal("Pacific/Auckland", (await FindAsync(ana)).TimeZone);
        page = await visitor.FollowAsync(kept);
        Assert.Contains("Kept. It holds from now on.", page.Document.FindAllByRole("status").Select(status => status.TextOf()));
        Assert.Equal("Pacific/Auckland", Chosen(page));

        await visitor.PressAsync(page, "Keep it", ("Where you live", ""));
        Assert.Null((await FindAsync(ana)).TimeZone);
    }

    [Theory]
    [InlineData("US/Eastern", "US/Eastern")]
    [InlineData("UTC", "")]
    public async Task What_a_program_has_said_is_there_to_be_kept(string zone, string chosen)
    {
        var (ana, visitor) = await AVisitorAsync();
        Given.Succeed(await Absences.SetTimeZoneAsync(ana, zone));

        var page = await visitor.OpenAsync(Url);

        Assert.Equal(chosen, Chosen(page));
        Assert.Single(page.Document.QuerySelectorAll("#zone option"), option => option.TextContent == zone);
    }

    [Fact]
    public async Task A_person_goes_away_until_the_end_of_a_day_where_they_live_and_comes_back()
    {
        var (ana, visitor) = await AVisitorAsync();
        Given.Succeed(await Absences.SetTimeZoneAsync(ana, "Asia/Tokyo"));
        var day = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(9);
        var page = await visitor.OpenAsync(Url);

        var gone = await visitor.PressAsync(page, "Say so", ("Away until the end of", $"{day:yyyy-MM-dd}"));

        Assert.Equal($"{Url}?done=true", gone.RedirectsTo);
        var until = new DateTimeOffset(day.AddDays(1), default, TimeSpan.FromHours(9));
        Assert.Equal(until, (await FindAsync(ana)).AwayUntil);
        page = await visitor.FollowAsync(gone);
        Assert.Contains($"You are away until {TimeText.Exact(until)}.", page.Text, StringComparison.Ordinal);
        Assert.Equal(["Keep it", "I am back"], page.Buttons);

        Assert.Equal($"{Url}?done=true", (await visitor.PressAsync(page, "I am back")).RedirectsTo);
        Assert.Null((await FindAsync(ana)).AwayUntil);
        Assert.Equal(["Keep it", "Say so"], (await visitor.OpenAsync(Url)).Buttons);
        // Said a second time, from a page that was open all the while, it is no less true.
        Assert.Equal($"{Url}?done=true", (await visitor.PressAsync(page, "I am back")).RedirectsTo);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tomorrow")]
    [InlineData("2001-01-01")]
    [InlineData("9999-12-31")]
    public async Task A_day_on_which_nobody_can_be_away_is_refused_in_words(string day)
    {
        var (ana, visitor) = await AVisitorAsync();

        var refused = await visitor.PressAsync(await visitor.OpenAsync(Url), "Say so", ("Away until the end of", day));

        Assert.Equal([RefusalText.For(Refusal.AwayInvalid)], refused.Alerts);
        Assert.Null((await FindAsync(ana)).AwayUntil);
    }

    [Fact]
    public async Task A_zone_that_is_none_is_refused_in_words()
    {
        var (ana, visitor) = await AVisitorAsync();

        var refused = await visitor.PressAsync(await visitor.OpenAsync(Url), "Keep it", ("Where you live", "Europe/Atlantis"));

        Assert.Equal([RefusalText.For(Refusal.TimeZoneInvalid)], refused.Alerts);
        Assert.Null((await FindAsync(ana)).TimeZone);
    }

    private static string? Chosen(Page page) => page.Document.QuerySelector("#zone option[selected]")!.GetAttribute("value");

    private async Task<Whereabout> FindAsync(string userId) => Given.Succeed(await Absences.FindAsync(userId));

    private async Task<(string UserId, Visitor Visitor)> AVisitorAsync()
    {
        var ana = await site.Services.APersonAsync("Ana");
        return (ana, await site.VisitAsync(ana));
    }
}
