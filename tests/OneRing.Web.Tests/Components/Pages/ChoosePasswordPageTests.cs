using OneRing.Data;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class ChoosePasswordPageTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    private const string Password = "a lamp that would not sleep";
    private const string Used = "This link has been used, or is older than a day. Ask for a new one.";

    [Fact]
    public async Task A_link_works_once()
    {
        var (handle, link) = await ALinkAsync();
        var visitor = site.Visit();

        var answer = await ChooseAsync(visitor, link, Password);
        Assert.Equal("/", answer.RedirectsTo);
        Assert.True((await visitor.OpenAsync("/")).IsSignedIn);

        Assert.Equal([Used], (await ChooseAsync(site.Visit(), link, "another password")).Alerts);
        Assert.Equal("/", (await site.Visit().SignInAsync(handle, Password)).RedirectsTo);
    }

    [Fact]
    public async Task A_weak_password_leaves_the_link_as_it_is()
    {
        var (_, link) = await ALinkAsync();

        Assert.Equal([RefusalText.For(Refusal.PasswordTooWeak)], (await ChooseAsync(site.Visit(), link, "short")).Alerts);
        Assert.Equal("/", (await ChooseAsync(site.Visit(), link, Password)).RedirectsTo);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base 64 !")]
    [InlineData("bm90IGEgdG9rZW4")]
    public async Task A_wrong_link_is_refused(string token)
    {
        var (handle, _) = await ALinkAsync();

        var answer = await ChooseAsync(site.Visit(), $"/account/choose-password?handle={handle}&token={Uri.EscapeDataString(token)}", Password);

        Assert.Equal([Used], answer.Alerts);
    }

    [Fact]
    public async Task The_link_of_one_person_is_none_for_another()
    {
        var (handle, link) = await ALinkAsync();
        var other = await site.Services.HandleOfAsync(await site.Services.APersonAsync("Ben"));

        var answer = await ChooseAsync(site.Visit(), link.Replace(handle, other, StringComparison.Ordinal), Password);

        Assert.Equal([Used], answer.Alerts);
    }

    private static async Task<Page> ChooseAsync(Visitor visitor, string link, string password)
    {
        var page = await visitor.OpenAsync(link);
        var label = page.Document.QuerySelector("label")!.TextOf();
        return await visitor.PressAsync(page, "Keep it and sign in", (label, password));
    }

    private async Task<(string Handle, string Link)> ALinkAsync()
    {
        var handle = await site.Services.HandleOfAsync(await site.Services.APersonAsync("Ana"));
        return (handle, await site.LinkForAsync(handle));
    }
}
