using System.Net;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class SignInPageTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    private const string Password = "a lamp that would not sleep";
    private const string Refused = "That handle and password do not go together, or there were too many tries. Try again, or wait five minutes.";

    [Fact]
    public async Task The_right_password_leads_in_and_is_remembered()
    {
        var visitor = site.Visit();
        var handle = await AHandleAsync("Ana");

        var answer = await visitor.SignInAsync($"@{handle.ToUpperInvariant()}", Password);

        Assert.Equal("/", answer.RedirectsTo);
        Assert.Contains("expires=", answer.Headers["Set-Cookie"], StringComparison.Ordinal);
        Assert.Contains("httponly", answer.Headers["Set-Cookie"], StringComparison.Ordinal);
        var home = await visitor.OpenAsync("/");
        Assert.True(home.IsSignedIn);
        Assert.Contains("Ana", home.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_handle_are_answered_alike()
    {
        var handle = await AHandleAsync("Ana");

        var wrong = await site.Visit().SignInAsync(handle, "not the password");
        var unknown = await site.Visit().SignInAsync("nobody_at_all", Password);
        var impossible = await site.Visit().SignInAsync("no handle!", Password);

        Assert.All([wrong, unknown, impossible], answer =>
        {
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.Equal([Refused], answer.Alerts);
            Assert.False(answer.Headers.ContainsKey("Set-Cookie"));
        });
    }

    [Fact]
    public async Task After_five_wrong_passwords_the_right_one_has_to_wait()
    {
        var visitor = site.Visit();
        var handle = await AHandleAsync("Ana");
        for (var i = 0; i < 5; i++)
        {
            await visitor.SignInAsync(handle, $"wrong password {i}");
        }

        var answer = await visitor.SignInAsync(handle, Password);

        Assert.Equal([Refused], answer.Alerts);
        Assert.Null(answer.RedirectsTo);
    }

    [Fact]
    public async Task Four_wrong_passwords_do_no_harm()
    {
        var visitor = site.Visit();
        var handle = await AHandleAsync("Ana");
        for (var i = 0; i < 4; i++)
        {
            await visitor.SignInAsync(handle, $"wrong password {i}");
        }

        Assert.Equal("/", (await visitor.SignInAsync(handle, Password)).RedirectsTo);
    }

    [Theory]
    [InlineData("/drafts/new", "/drafts/new")]
    [InlineData("/?q=1", "/?q=1")]
    [InlineData("https://elsewhere.example/", "/")]
    [InlineData("//elsewhere.example/", "/")]
    [InlineData("/\\elsewhere.example/", "/")]
    [InlineData("/\t/elsewhere.example/", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("", "/")]
    public async Task Signing_in_leads_to_a_place_on_this_site_only(string returnUrl, string expected)
    {
        var visitor = site.Visit();
        var handle = await AHandleAsync("Ana");
        var page = await visitor.OpenAsync($"/account/sign-in?returnUrl={Uri.EscapeDataString(returnUrl)}");

        var signedIn = await visitor.PressAsync(page, "Sign in", ("Handle", handle), ("Password", Password));
        Assert.Equal(expected, signedIn.RedirectsTo);

        var other = site.Visit();
        var demo = await other.PressAsync(await other.OpenAsync(page.Url.PathAndQuery), "Ben");
        Assert.Equal(expected, demo.RedirectsTo);
    }

    [Fact]
    public async Task In_the_demo_one_click_signs_in()
    {
        var visitor = site.Visit();
        var page = await visitor.OpenAsync("/account/sign-in");
        Assert.Equal(["Ana", "Ben", "Cleo", "Dan", "Ada, the admin", "Sign in", "Sign in with a passkey"], page.Buttons);

        var home = await visitor.FollowAsync(await visitor.PressAsync(page, "Ada, the admin"));

        Assert.True(home.IsSignedIn);
        Assert.Contains("Analytics", home.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_demo_nobody_signs_in_with_a_click()
    {
        var visitor = site.Visit();
        var handle = await AHandleAsync("Ana");
        var open = await visitor.OpenAsync("/account/sign-in");
        await using var closed = new OneRingServer(settings: ("OneRing:Demo:Enabled", "false"));
        var stranger = closed.Visit();

        var page = await stranger.OpenAsync("/account/sign-in");
        Assert.Equal(["Sign in", "Sign in with a passkey"], page.Buttons);

        // With everything that the form of a demo would send.
        var token = page.Document.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        using var content = new FormUrlEncodedContent([new("__RequestVerificationToken", token)]);
        using var answer = await stranger.Client.PostAsync(new Uri("/account/demo/ana", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);

        // In the demo, too, only its own people are for everybody.
        var ownToken = open.Document.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        using var other = new FormUrlEncodedContent([new("__RequestVerificationToken", ownToken)]);
        using var refused = await visitor.Client.PostAsync(new Uri($"/account/demo/{handle}", UriKind.Relative), other);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
    }

    [Theory]
    [InlineData("/account/demo/ana")]
    [InlineData("/account/sign-out")]
    [InlineData("/account/sign-in")]
    [InlineData("/account/sign-up")]
    [InlineData("/account/choose-password")]
    public async Task A_form_from_another_site_is_refused(string action)
    {
        using var content = new FormUrlEncodedContent([new("returnUrl", "/"), new("_handler", "sign-in"), new("Input.Handle", "ana"), new("Input.Password", Password)]);

        using var answer = await site.Visit().Client.PostAsync(new Uri(action, UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("<h1>This was not sent</h1>", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(answer.Headers.TryGetValues("Set-Cookie", out var cookies) && cookies.Any(c => c.StartsWith("onering=", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_form_that_was_left_open_while_somebody_signed_in_is_answered_with_words()
    {
        var visitor = site.Visit();
        var leftOpen = await visitor.OpenAsync("/account/sign-in");
        await visitor.PressAsync(leftOpen, "Ana");

        var demo = await visitor.PressAsync(leftOpen, "Ben");
        var form = await visitor.PressAsync(leftOpen, "Sign in", ("Handle", "ben"), ("Password", Password));

        Assert.All([demo, form], answer =>
        {
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Equal("This was not sent", answer.Heading);
            Assert.True(answer.IsSignedIn);
        });
    }

    [Fact]
    public async Task Signing_out_ends_it()
    {
        var visitor = site.Visit();
        await visitor.SignInAsync(await AHandleAsync("Ana"), Password);

        var answer = await visitor.PressAsync(await visitor.OpenAsync("/"), "Sign out");

        Assert.Equal("/", answer.RedirectsTo);
        Assert.False((await visitor.FollowAsync(answer)).IsSignedIn);
        Assert.StartsWith("/account/sign-in", (await visitor.OpenAsync("/drafts/new")).RedirectsTo, StringComparison.Ordinal);
    }

    private async Task<string> AHandleAsync(string name) =>
        await site.Services.HandleOfAsync(await site.Services.APersonAsync(name, password: Password));
}
