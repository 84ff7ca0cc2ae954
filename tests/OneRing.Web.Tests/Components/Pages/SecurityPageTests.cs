using Microsoft.Extensions.DependencyInjection;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Tests.Accounts;
using OneRing.Tests.Mail;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class SecurityPageTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    private const string Password = "a lamp that would not sleep";
    private const string Next = "an old coat in the rain";

    [Fact]
    public async Task A_new_password_ends_every_other_session_and_not_this_one()
    {
        var (handle, here) = await SignInAsync();
        var elsewhere = site.Visit();
        await elsewhere.SignInAsync(handle, Password);
        Assert.True((await elsewhere.OpenAsync("/")).IsSignedIn);

        var answer = await here.PressAsync(
            await here.OpenAsync("/account/security"), "Change the password", ("Present password", Password), ("New password", Next));
        await LetASecondPassAsync();

        Assert.Equal("/account/security?done=password", answer.RedirectsTo);
        Assert.Contains("Your password is changed.", (await here.FollowAsync(answer)).Text, StringComparison.Ordinal);
        Assert.False((await elsewhere.OpenAsync("/")).IsSignedIn);
        Assert.Equal("/", (await site.Visit().SignInAsync(handle, Next)).RedirectsTo);
    }

    [Fact]
    public async Task A_wrong_present_password_and_a_weak_new_one_change_nothing()
    {
        var (handle, here) = await SignInAsync();
        var page = await here.OpenAsync("/account/security");

        Assert.Equal(
            [RefusalText.For(Refusal.PasswordWrong)],
            (await here.PressAsync(page, "Change the password", ("Present password", "not it"), ("New password", Next))).Alerts);
        Assert.Equal(
            [RefusalText.For(Refusal.PasswordTooCommon)],
            (await here.PressAsync(page, "Change the password", ("Present password", Password), ("New password", "qwertyuiop"))).Alerts);
        Assert.Equal("/", (await site.Visit().SignInAsync(handle, Password)).RedirectsTo);
    }

    [Fact]
    public async Task Signing_out_everywhere_else_does_so()
    {
        var (handle, here) = await SignInAsync();
        var elsewhere = site.Visit();
        await elsewhere.SignInAsync(handle, Password);

        var answer = await here.PressAsync(await here.OpenAsync("/account/security"), "Sign out everywhere else");
        await LetASecondPassAsync();

        Assert.True((await here.FollowAsync(answer)).IsSignedIn);
        Assert.False((await elsewhere.OpenAsync("/")).IsSignedIn);
    }

    [Fact]
    public async Task Somebody_who_is_disabled_is_signed_out_with_the_next_request_and_stays_out()
    {
        var (handle, here) = await SignInAsync();
        var userId = (await site.Services.GetRequiredService<AccountService>().FindByHandleAsync(handle))!.UserId;

        await site.Services.GetRequiredService<UserAdministration>().ActAsync(new UserAct(ActorId: null, userId, Act.Disabled, "a test"));
        await LetASecondPassAsync();

        Assert.StartsWith("/account/sign-in", (await here.OpenAsync("/drafts/new")).RedirectsTo, StringComparison.Ordinal);
        Assert.Null((await site.Visit().SignInAsync(handle, Password)).RedirectsTo);
    }

    [Fact]
    public async Task A_new_address_is_confirmed_by_the_link_in_a_mail()
    {
        await using var post = SmtpListener.Start();
        await using var server = new OneRingServer(settings: post.Settings);
        var visitor = server.Visit();
        var handle = await server.Services.HandleOfAsync(await server.Services.APersonAsync("Ana", password: Password));
        await visitor.SignInAsync(handle, Password);

        var sent = await visitor.PressAsync(await visitor.OpenAsync("/account/security"), "Send the link", ("Your address", "ana@example.test"), ("Your password, to change the address", Password));
        Assert.Contains("A link is on its way", (await visitor.FollowAsync(sent)).Text, StringComparison.Ordinal);
        var link = LinkIn(await post.NextAsync("ana@example.test"));
        var confirmed = await visitor.PressAsync(await visitor.OpenAsync(link), "This is my address");

        Assert.Equal("/account/security?done=email", confirmed.RedirectsTo);
        Assert.Contains("Mails go to ana@example.test.", (await visitor.FollowAsync(confirmed)).Text, StringComparison.Ordinal);
        Assert.Equal(
            [RefusalText.For(Refusal.LinkSpent)],
            (await visitor.PressAsync(await visitor.OpenAsync(link), "This is my address")).Alerts);
    }

    [Fact]
    public async Task A_forgotten_password_is_answered_alike_for_everybody_and_replaced_by_the_link_of_a_mail()
    {
        await using var post = SmtpListener.Start();
        await using var server = new OneRingServer(settings: post.Settings);
        var visitor = server.Visit();
        var handle = await server.Services.HandleOfAsync(await server.Services.APersonAsync("Ana", password: Password));
        await visitor.SignInAsync(handle, Password);
        await visitor.PressAsync(await visitor.OpenAsync("/account/security"), "Send the link", ("Your address", "ana@example.test"), ("Your password, to change the address", Password));
        await visitor.PressAsync(await visitor.OpenAsync(LinkIn(await post.NextAsync("ana@example.test"))), "This is my address");

        var answers = new List<string>();
        foreach (var who in (string[])[handle, "ana@example.test", "nobody_at_all", "no handle!"])
        {
            var stranger = server.Visit();
            var answer = await stranger.PressAsync(await stranger.OpenAsync("/account/forgot-password"), "Send me a link", ("Handle or e-mail address", who));
            answers.Add((await stranger.FollowAsync(answer)).Text);
        }
        Assert.Single(answers.Distinct(StringComparer.Ordinal));

        var elsewhere = server.Visit();
        var page = await elsewhere.OpenAsync(LinkIn(await post.NextAsync("ana@example.test")));
        var chosen = await elsewhere.PressAsync(page, "Keep it and sign in", ($"Password for @{handle}", Next));
        await LetASecondPassAsync();
        Assert.Equal("/", chosen.RedirectsTo);
        Assert.True((await elsewhere.OpenAsync("/")).IsSignedIn);
        Assert.False((await visitor.OpenAsync("/")).IsSignedIn);
    }

    [Fact]
    public async Task Two_factor_asks_for_a_code_after_the_password_and_after_a_link_too()
    {
        var (handle, here) = await SignInAsync();
        var page = await here.PressAsync(await here.OpenAsync("/account/two-factor"), "I have an app, go on");
        var key = page.Document.QuerySelector("[aria-label=Key]")!.TextContent;
        Assert.Equal([RefusalText.For(Refusal.CodeWrong)], (await here.PressAsync(page, "Turn it on", ("Code", "12"), ("Your password, to turn it on", Password))).Alerts);
        var spent = Authenticator.CodeFor(key);
        Assert.Equal([RefusalText.For(Refusal.PasswordWrong)], (await here.PressAsync(page, "Turn it on", ("Code", spent), ("Your password, to turn it on", "not the password"))).Alerts);
        var on = await here.PressAsync(page, "Turn it on", ("Code", spent), ("Your password, to turn it on", Password));
        var codes = on.Document.FindAllByRole("list", "Recovery codes").Single().FindAllByRole("listitem").Select(item => item.TextOf()).ToList();
        Assert.Equal(10, codes.Count);
        Assert.DoesNotContain(codes[0], (await here.OpenAsync("/account/two-factor")).Html, StringComparison.Ordinal);

        var visitor = site.Visit();
        var asked = await visitor.SignInAsync(handle, Password);
        Assert.Equal("/account/sign-in/code?returnUrl=%2F", asked.RedirectsTo);
        Assert.False((await visitor.OpenAsync("/")).IsSignedIn);
        var codePage = await visitor.FollowAsync(asked);
        Assert.Single((await visitor.PressAsync(codePage, "Go on", ("Code", "12"))).Alerts);
        // The code that turned it on is spent.
        Assert.Single((await visitor.PressAsync(codePage, "Go on", ("Code", spent))).Alerts);
        Assert.Equal("/", (await visitor.PressAsync(codePage, "Go on", ("Code", Authenticator.CodeFor(key, DateTimeOffset.UtcNow.AddSeconds(30))))).RedirectsTo);
        Assert.True((await visitor.OpenAsync("/")).IsSignedIn);

        var other = site.Visit();
        await other.SignInAsync(handle, Password);
        var recovery = await other.OpenAsync("/account/sign-in/code?recovery=true");
        Assert.Equal("/", (await other.PressAsync(recovery, "Go on", ("Recovery code", codes[0]))).RedirectsTo);

        var byLink = site.Visit();
        var choose = await byLink.OpenAsync(await site.LinkForAsync(handle));
        Assert.Equal("/account/sign-in/code?returnUrl=%2F", (await byLink.PressAsync(choose, "Keep it and sign in", ($"Password for @{handle}", Next))).RedirectsTo);
    }

    [Fact]
    public async Task The_code_page_is_for_those_who_have_given_a_password()
    {
        Assert.Equal("/account/sign-in", (await site.Visit().OpenAsync("/account/sign-in/code")).RedirectsTo);
    }

    [Fact]
    public async Task A_passkey_that_nobody_showed_opens_nothing()
    {
        var visitor = site.Visit();

        var answer = await visitor.PressAsync(await visitor.OpenAsync("/account/sign-in"), "Sign in with a passkey");

        Assert.StartsWith("/account/sign-in?problem=passkey", answer.RedirectsTo, StringComparison.Ordinal);
        Assert.Contains("This passkey is not known here.", string.Join(' ', (await visitor.FollowAsync(answer)).Alerts), StringComparison.Ordinal);
        Assert.False((await visitor.OpenAsync("/")).IsSignedIn);
    }

    private static string LinkIn(MimeKit.MimeMessage letter) =>
        new Uri(letter.TextBody!.Split('\n').Single(line => line.StartsWith("http", StringComparison.Ordinal)).Trim()).PathAndQuery;

    // A cookie is looked at anew each second.
    private static Task LetASecondPassAsync() => Task.Delay(1_100);

    private async Task<(string Handle, Visitor Visitor)> SignInAsync()
    {
        var handle = await site.Services.HandleOfAsync(await site.Services.APersonAsync("Ana", password: Password));
        var visitor = site.Visit();
        Assert.Equal("/", (await visitor.SignInAsync(handle, Password)).RedirectsTo);
        return (handle, visitor);
    }
}
