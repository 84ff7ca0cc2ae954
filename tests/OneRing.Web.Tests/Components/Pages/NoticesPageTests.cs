using System.Net;
using AngleSharp.Dom;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data;
using OneRing.Data.Notices;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class NoticesPageTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    private NoticeSettingsService Settings => site.Services.GetRequiredService<NoticeSettingsService>();

    [Fact]
    public async Task A_person_chooses_what_and_when_they_are_told_by_mail()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync(title: "The lamp");
        var visitor = await site.VisitAsync(draft.Ana);
        var page = await visitor.OpenAsync("/account/notices");
        Assert.Equal(Enum.GetValues<NoticeKind>().Length + 1, Checked(page).Count());
        Assert.Contains("The lamp", page.Text, StringComparison.Ordinal);

        var kept = await SendAsync(visitor, page, ("Input.Kinds", "YourTurn"), ("Input.DigestHour", "8"), ("Input.QuietFrom", "22:00"), ("Input.QuietTo", "07:00"));

        Assert.Equal(HttpStatusCode.Redirect, kept);
        var view = Given.Succeed(await Settings.FindAsync(draft.Ana));
        Assert.Equal(Enum.GetValues<NoticeKind>().Skip(1), view.Choices.KindsOff);
        Assert.Equal((8, new TimeOnly(22, 0), new TimeOnly(7, 0)), (view.Choices.DigestHour, view.Choices.QuietFrom, view.Choices.QuietTo));
        Assert.True(Assert.Single(view.Drafts).IsMuted);
        page = await visitor.OpenAsync("/account/notices");
        Assert.Equal(["YourTurn"], Checked(page));
        Assert.Equal("8", page.Document.QuerySelector("option[selected]")!.GetAttribute("value"));

        await SendAsync(visitor, page, ("Input.Drafts", $"{draft.Id}"));
        Assert.False(Assert.Single(Given.Succeed(await Settings.FindAsync(draft.Ana)).Drafts).IsMuted);
    }

    [Fact]
    public async Task Quiet_hours_without_an_end_are_refused_in_words()
    {
        var ana = await site.Services.APersonAsync("Ana");
        var visitor = await site.VisitAsync(ana);

        using var answer = await PostAsync(visitor, await visitor.OpenAsync("/account/notices"), ("Input.QuietFrom", "22:00"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(RefusalText.For(Refusal.NoticeHoursInvalid), await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(Given.Succeed(await Settings.FindAsync(ana)).Choices.KindsOff);
    }

    private static IEnumerable<string?> Checked(Page page) => page.Document.QuerySelectorAll("main input[checked]").Select(box => box.GetAttribute("value"));

    private static async Task<HttpStatusCode> SendAsync(Visitor visitor, Page page, params (string Name, string Value)[] fields)
    {
        using var answer = await PostAsync(visitor, page, fields);
        return answer.StatusCode;
    }

    /// <summary>Sends the form with what is hidden in it, and of all boxes only these.</summary>
    private static async Task<HttpResponseMessage> PostAsync(Visitor visitor, Page page, params (string Name, string Value)[] fields)
    {
        var hidden = page.Document.QuerySelectorAll("main form input[type=hidden]").Select(i => KeyValuePair.Create(i.GetAttribute("name")!, i.GetAttribute("value") ?? ""));
        using var content = new FormUrlEncodedContent(hidden.Concat(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));
        return await visitor.Client.PostAsync(page.Url, content);
    }
}
