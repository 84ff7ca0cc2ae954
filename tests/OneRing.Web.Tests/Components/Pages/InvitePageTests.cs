using AngleSharp.Html.Parser;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Components.Pages;

/// <summary>The page of an invite, without the script that brings it the secret: the test brings it.</summary>
public sealed class InvitePageTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    private InviteService Invites => site.Services.GetRequiredService<InviteService>();

    [Fact]
    public async Task A_link_shows_what_it_is_and_lets_in_whoever_accepts()
    {
        var (draft, made) = await ALinkAsync();
        var dan = await site.VisitAsync(draft.Dan);

        var opened = await SendAsync(dan, Url(draft, made), made.Token, "open");
        Assert.Contains("Ana invites you to write", opened, StringComparison.Ordinal);
        Assert.Null(await FindAsync(draft, draft.Dan));
        await SendAsync(dan, Url(draft, made), made.Token, "accept");

        Assert.Equal(Role.Writer, (await FindAsync(draft, draft.Dan))!.Role);
    }

    [Fact]
    public async Task Somebody_without_an_account_sees_it_and_is_let_in_by_nothing_they_send()
    {
        var (draft, made) = await ALinkAsync();
        var visitor = site.Visit();

        var opened = await SendAsync(visitor, Url(draft, made), made.Token, "accept");

        Assert.Contains("Make an account and join", opened, StringComparison.Ordinal);
        Assert.Contains($"returnUrl=/invites/{draft.Id}/{made.InviteId}\"", opened, StringComparison.Ordinal);
        Assert.Equal(3, (await site.Services.ReadAsync(draft.Id, draft.Ana)).Collaborators.Count);
    }

    [Fact]
    public async Task A_wrong_secret_looks_like_no_invite_at_all()
    {
        var (draft, made) = await ALinkAsync();
        var visitor = site.Visit();

        var wrong = MainOf(await SendAsync(visitor, Url(draft, made), "a-guess", "open"));
        var unknown = MainOf(await SendAsync(visitor, $"/invites/{Guid.CreateVersion7()}/{made.InviteId}", "a-guess", "open"));

        Assert.Contains("This link leads to no invite", wrong, StringComparison.Ordinal);
        Assert.Equal(wrong, unknown);
        Assert.DoesNotContain("A draft", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invite_by_handle_that_somebody_else_opens_looks_like_no_invite_at_all()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var made = Given.Succeed(await Invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer, await site.Services.HandleOfAsync(draft.Dan))));
        var eve = await site.VisitAsync(await site.Services.APersonAsync("Eve"));

        var page = MainOf(await SendAsync(eve, Url(draft, made), token: null, "accept"));

        Assert.Contains("This link leads to no invite", page, StringComparison.Ordinal);
        Assert.DoesNotContain(await site.Services.HandleOfAsync(draft.Dan), page, StringComparison.Ordinal);
        Assert.DoesNotContain("A draft", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_person_whom_it_is_for_accepts_or_declines_with_one_button()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var made = Given.Succeed(await Invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Reader, await site.Services.HandleOfAsync(draft.Dan))));
        var dan = await site.VisitAsync(draft.Dan);

        var page = await dan.OpenAsync(Url(draft, made));

        Assert.Equal(["Accept", "Decline"], page.Buttons);
        Assert.Contains("Ana invites you to read", page.Text, StringComparison.Ordinal);
        await SendAsync(dan, Url(draft, made), token: null, "decline");
        Assert.Empty(await Invites.ListForAsync(draft.Dan));
        Assert.Contains("This invite was declined", await SendAsync(dan, Url(draft, made), token: null, "accept"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invite_that_was_taken_back_says_so()
    {
        var (draft, made) = await ALinkAsync();
        Given.Succeed(await Invites.RevokeAsync(new RevokeInvite(draft.Ana, draft.Id, made.InviteId)));

        var page = await SendAsync(await site.VisitAsync(draft.Dan), Url(draft, made), made.Token, "accept");

        Assert.Contains("This invite was taken back", page, StringComparison.Ordinal);
        Assert.Null(await FindAsync(draft, draft.Dan));
    }

    private async Task<(ADraft Draft, InviteMade Made)> ALinkAsync()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        return (draft, Given.Succeed(await Invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer))));
    }

    private Task<DraftView?> FindAsync(ADraft draft, string userId) => site.Services.GetRequiredService<DraftService>().FindAsync(draft.Id, userId);

    private static string Url(ADraft draft, InviteMade made) => $"/invites/{draft.Id}/{made.InviteId}";

    private static string MainOf(string html) => new HtmlParser().ParseDocument(html).QuerySelector("main")!.TextOf();

    /// <summary>Sends the form of the page as the script or a button does; answers the page that this leads to, empty when it leads elsewhere.</summary>
    private static async Task<string> SendAsync(Visitor visitor, string url, string? token, string act)
    {
        var page = await visitor.OpenAsync(url);
        var values = page.Document.QuerySelectorAll("form[data-invite] input[type=hidden][name]")
            .ToDictionary(input => input.GetAttribute("name")!, input => input.GetAttribute("value") ?? "");
        values["Input.Token"] = token ?? "";
        values["Input.Act"] = act;
        using var content = new FormUrlEncodedContent(values);
        using var answer = await visitor.Client.PostAsync(url, content);
        return await answer.Content.ReadAsStringAsync();
    }
}
