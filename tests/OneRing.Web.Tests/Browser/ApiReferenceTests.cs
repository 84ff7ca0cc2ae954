using Microsoft.Playwright;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Browser;

/// <summary>The reference page of the API, in a real browser.</summary>
public sealed class ApiReferenceTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    [Fact]
    public async Task It_shows_the_routes_and_asks_no_other_host()
    {
        await using var somebody = await Person.ArriveAsync(site.Address);
        var page = await somebody.OpenStaticAsync("/docs");

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Who you are" }).First).ToBeVisibleAsync();
        somebody.AssertCalm();
    }
}
