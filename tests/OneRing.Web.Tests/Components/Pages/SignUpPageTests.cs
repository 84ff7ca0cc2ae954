using OneRing.Data;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class SignUpPageTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    private const string Password = "a lamp that would not sleep";

    private readonly string handle = $"marten_{Guid.NewGuid():N}"[..20];

    [Fact]
    public async Task A_new_account_is_signed_in_at_once()
    {
        var visitor = site.Visit();

        var answer = await SignUpAsync(visitor, handle, "Old Marten", Password);

        Assert.Equal("/", answer.RedirectsTo);
        var home = await visitor.OpenAsync("/");
        Assert.Contains("Old Marten", home.Text, StringComparison.Ordinal);
        Assert.True(home.IsSignedIn);
    }

    [Fact]
    public async Task It_can_sign_in_afterwards()
    {
        await SignUpAsync(site.Visit(), handle, "Old Marten", Password);

        Assert.Equal("/", (await site.Visit().SignInAsync(handle, Password)).RedirectsTo);
    }

    [Fact]
    public async Task A_name_may_be_left_empty()
    {
        var visitor = site.Visit();

        await SignUpAsync(visitor, handle, "", Password);

        Assert.Matches("@u_[0-9a-f]{6}", (await visitor.OpenAsync("/")).Text);
    }

    [Fact]
    public async Task A_handle_is_given_once_however_it_is_written()
    {
        await SignUpAsync(site.Visit(), handle, "Old Marten", Password);

        var second = await SignUpAsync(site.Visit(), $" @{handle.ToUpperInvariant()} ", "Young Marten", Password);

        Assert.Equal([RefusalText.For(Refusal.HandleTaken)], second.Alerts);
        Assert.Null(second.RedirectsTo);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("aaaaaaaaaaaa")]
    public async Task A_weak_password_is_refused_and_nothing_is_made(string password)
    {
        var refused = await SignUpAsync(site.Visit(), handle, "Old Marten", password);

        Assert.Equal([RefusalText.For(Refusal.PasswordTooWeak)], refused.Alerts);
        Assert.Equal("/", (await SignUpAsync(site.Visit(), handle, "Old Marten", Password)).RedirectsTo);
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("no spaces")]
    [InlineData("ünïcode")]
    public async Task A_handle_that_cannot_be_one_is_refused(string impossible) =>
        Assert.Equal([RefusalText.For(Refusal.HandleInvalid)], (await SignUpAsync(site.Visit(), impossible, "Marten", Password)).Alerts);

    [Fact]
    public async Task A_name_that_is_too_long_is_refused() =>
        Assert.Equal(
            [RefusalText.For(Refusal.DisplayNameInvalid)],
            (await SignUpAsync(site.Visit(), handle, new string('m', Texts.LongestDisplayName + 1), Password)).Alerts);

    [Theory]
    [InlineData("/drafts/new", "/drafts/new")]
    [InlineData("https://elsewhere.example/", "/")]
    public async Task It_leads_to_a_place_on_this_site_only(string returnUrl, string expected)
    {
        var visitor = site.Visit();
        var page = await visitor.OpenAsync($"/account/sign-up?returnUrl={Uri.EscapeDataString(returnUrl)}");

        var answer = await visitor.PressAsync(page, "Make my account", ("Handle", handle), ("Name", ""), ("Password", Password));

        Assert.Equal(expected, answer.RedirectsTo);
    }

    private static async Task<Page> SignUpAsync(Visitor visitor, string handle, string name, string password) =>
        await visitor.PressAsync(await visitor.OpenAsync("/account/sign-up"), "Make my account", ("Handle", handle), ("Name", name), ("Password", password));
}
