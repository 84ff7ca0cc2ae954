using System.IO.Compression;
using System.Net;
using OneRing.Data;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class DataPageTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    private const string Password = "a lamp that would not sleep";

    [Fact]
    public async Task The_download_is_a_file_for_its_person_alone()
    {
        var ana = await site.Services.APersonAsync("Ana", password: Password);
        var visitor = site.Visit();
        await visitor.SignInAsync(await site.Services.HandleOfAsync(ana), Password);

        using var answer = await visitor.Client.GetAsync(new Uri("/account/data/download", UriKind.Relative));

        Assert.Equal("application/zip", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.True(answer.Headers.CacheControl!.NoStore);
        using var zip = new ZipArchive(await answer.Content.ReadAsStreamAsync());
        Assert.Equal(11, zip.Entries.Count);
        Assert.StartsWith("/account/sign-in", (await site.Visit().OpenAsync("/account/data/download")).RedirectsTo, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleting_the_account_asks_for_handle_and_password_and_then_says_goodbye()
    {
        var handle = await site.Services.HandleOfAsync(await site.Services.APersonAsync("Ana", password: Password));
        var visitor = site.Visit();
        await visitor.SignInAsync(handle, Password);
        var page = await visitor.OpenAsync("/account/data");

        Assert.Equal(
            [RefusalText.For(Refusal.HandleDiffers)],
            (await visitor.PressAsync(page, "Delete my account", ("Your handle, to be sure", "ana"), ("Your password", Password))).Alerts);
        Assert.Equal(
            [RefusalText.For(Refusal.PasswordWrong)],
            (await visitor.PressAsync(page, "Delete my account", ("Your handle, to be sure", handle), ("Your password", "not it"))).Alerts);
        var gone = await visitor.PressAsync(page, "Delete my account", ("Your handle, to be sure", handle), ("Your password", Password));

        var goodbye = await visitor.FollowAsync(gone);
        Assert.Equal((HttpStatusCode.OK, "Your account is deleted", false), (goodbye.Status, goodbye.Heading, goodbye.IsSignedIn));
        Assert.Null((await site.Visit().SignInAsync(handle, Password)).RedirectsTo);
    }
}
