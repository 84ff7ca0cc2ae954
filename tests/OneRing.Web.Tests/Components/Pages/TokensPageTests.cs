using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Bunit;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Web.Components.Pages;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class TokensPageTests : OneRingContext
{
    private AccessTokenService Tokens => Get<AccessTokenService>();

    [Fact]
    public async Task A_new_token_is_shown_once_and_works()
    {
        var (ana, page) = await OpenAsync();

        await page.FindField("What it is for").InputAsync("my script");
        await ChooseAsync(page, "Good for", "30 days");
        await page.FindByRole("form", "New token").SubmitAsync();

        var secret = ((IHtmlInputElement)page.Find("#new-token")).Value;
        Assert.Equal(ana, await Tokens.FindUserIdAsync(secret));
        var token = Assert.Single(await Tokens.ListAsync(ana));
        Assert.Equal(("my script", token.CreatedAt.AddDays(30)), (token.Name, token.ExpiresAt));

        await ClickAsync(page.FindButton("I have it"));
        Assert.DoesNotContain(secret, page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, Render<TokensPage>().Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoking_is_asked_twice_and_ends_the_token()
    {
        var ana = await Services.APersonAsync("Ana");
        var secret = Given.Succeed(await Tokens.CreateAsync(new NewAccessToken(ana, "my script"))).Secret;
        var (_, page) = await OpenAsync(ana);

        var revoking = ClickAsync(page.FindButton("Revoke my script"));
        await AnswerAsync("Cancel");
        await revoking;
        Assert.Equal(ana, await Tokens.FindUserIdAsync(secret));

        revoking = ClickAsync(page.FindButton("Revoke my script"));
        await AnswerAsync("Revoke");
        await revoking;
        Assert.Null(await Tokens.FindUserIdAsync(secret));
        page.WaitForAssertion(() => Assert.DoesNotContain("my script", page.Text(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_that_is_too_long_is_refused_with_words()
    {
        var (ana, page) = await OpenAsync();

        await page.FindField("What it is for").InputAsync(new string('x', Texts.LongestTokenName + 1));
        await page.FindByRole("form", "New token").SubmitAsync();

        Assert.Equal([RefusalText.For(Refusal.TokenNameInvalid)], page.Announcements());
        Assert.Empty(await Tokens.ListAsync(ana));
    }

    [Fact]
    public async Task More_tokens_than_can_be_looked_after_are_refused_with_words()
    {
        var ana = await Services.APersonAsync("Ana");
        for (var i = 0; i < AccessTokenService.MostActive; i++)
        {
            Given.Succeed(await Tokens.CreateAsync(new NewAccessToken(ana, $"script {i}")));
        }
        var (_, page) = await OpenAsync(ana);

        await page.FindField("What it is for").InputAsync("one more");
        await page.FindByRole("form", "New token").SubmitAsync();

        Assert.Equal([RefusalText.For(Refusal.TooManyTokens)], page.Announcements());
        Assert.Contains("50 tokens", RefusalText.For(Refusal.TooManyTokens), StringComparison.Ordinal);
        Assert.Equal(AccessTokenService.MostActive, (await Tokens.ListAsync(ana)).Count);
    }

    private async Task<(string Ana, IRenderedComponent<TokensPage> Page)> OpenAsync(string? person = null)
    {
        var ana = person ?? await Services.APersonAsync("Ana");
        SignIn(ana);
        return (ana, Render<TokensPage>());
    }
}
