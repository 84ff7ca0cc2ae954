using System.Net;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Notices;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Endpoints;

public sealed class UnsubscribeTests_InMemory(SiteInMemory site) : UnsubscribeTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class UnsubscribeTests_Postgres(SiteOnPostgres site) : UnsubscribeTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>The link of a mail, followed by mail programs, by scanners and by people, none of whom is signed in.</summary>
public abstract class UnsubscribeTests(Site site)
{
    [Fact]
    public async Task One_click_of_a_mail_program_ends_that_kind_and_no_other_however_often_it_is_sent()
    {
        var ana = await site.Services.APersonAsync("Ana");
        var nobody = site.Visit();

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await PostAsync(nobody, AddressFor(ana, "reminder"), "List-Unsubscribe", "One-Click"));
            Assert.Equal([NoticeKind.Reminder], await KindsOffAsync(ana));
        }
        Assert.Equal(HttpStatusCode.OK, await PostAsync(nobody, AddressFor(ana, "your_turn"), "List-Unsubscribe", "One-Click"));
        Assert.Equal([NoticeKind.YourTurn, NoticeKind.Reminder], await KindsOffAsync(ana));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(nobody, AddressFor(ana, "all"), "List-Unsubscribe", "One-Click"));
        Assert.Equal(Enum.GetValues<NoticeKind>(), await KindsOffAsync(ana));
    }

    [Fact]
    public async Task To_look_at_the_link_changes_nothing_and_to_press_its_button_does()
    {
        var ana = await site.Services.APersonAsync("Ana");
        var nobody = site.Visit();

        var page = await nobody.OpenAsync(AddressFor(ana, "reminder"));
        Assert.Equal("No more mails like this one?", page.Heading);
        Assert.Empty(await KindsOffAsync(ana));

        var address = page.Document.QuerySelector("main form")!.GetAttribute("action")!;
        Assert.Equal(HttpStatusCode.Redirect, await PostAsync(nobody, address, "from-page", "true"));
        Assert.Equal([NoticeKind.Reminder], await KindsOffAsync(ana));
    }

    [Fact]
    public async Task A_link_that_is_none_of_ours_is_refused()
    {
        var ana = await site.Services.APersonAsync("Ana");
        var nobody = site.Visit();
        var foreign = site.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("something else").Protect($"{ana} reminder");

        foreach (var token in new[] { "", "abc", foreign, AddressFor(ana, "reminder").Split('=')[1][..^2] })
        {
            Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(nobody, $"/unsubscribe?token={token}", "List-Unsubscribe", "One-Click"));
            Assert.Equal("This link does not work", (await nobody.OpenAsync($"/unsubscribe?token={token}")).Heading);
        }
        Assert.Empty(await KindsOffAsync(ana));
    }

    private static async Task<HttpStatusCode> PostAsync(Visitor visitor, string address, string field, string value)
    {
        using var content = new FormUrlEncodedContent([KeyValuePair.Create(field, value)]);
        using var answer = await visitor.Client.PostAsync(address, content);
        return answer.StatusCode;
    }

    private string AddressFor(string userId, string kind) =>
        $"/unsubscribe?token={site.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("OneRing.Unsubscribe").Protect($"{userId} {kind}")}";

    private async Task<IReadOnlyList<NoticeKind>> KindsOffAsync(string userId) =>
        Given.Succeed(await site.Services.GetRequiredService<NoticeSettingsService>().FindAsync(userId)).Choices.KindsOff;
}
