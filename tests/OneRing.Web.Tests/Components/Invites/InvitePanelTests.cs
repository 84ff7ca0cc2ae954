using Bunit;
using OneRing.Data;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Web.Components.Invites;
using OneRing.Web.Components.Pages;

namespace OneRing.Web.Tests.Components.Invites;

public sealed class InvitePanelTests : OneRingContext
{
    [Fact]
    public async Task The_owner_invites_a_person_by_handle()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        await panel.FindField("Invite by handle").InputAsync($"@{await Services.HandleOfAsync(draft.Dan)}");
        await ChooseAsync(panel, "To take part as", "reader");
        await panel.FindByRole("form", "Invite by handle").SubmitAsync();

        Assert.Equal(Role.Reader, Assert.Single(await Get<InviteService>().ListForAsync(draft.Dan)).Role);
        Assert.Contains("finds the invite", Assert.Single(panel.Announcements()), StringComparison.Ordinal);
        Assert.Contains("open for another", Assert.Single(panel.ItemsOf("Invites so far")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_is_shown_once_and_works()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        await ClickAsync(panel.FindButton("With a link"));
        await panel.FindByRole("form", "Make an invite link").SubmitAsync();

        var link = new Uri(panel.Find("#invite-link").GetAttribute("value")!);
        var inviteId = Guid.Parse(link.Segments[^1]);
        Given.Succeed(await Get<InviteService>().AcceptAsync(new AcceptInvite(draft.Dan, draft.Id, inviteId, link.Fragment[1..])));
        await ClickAsync(panel.FindButton("Done"));
        Assert.Empty(panel.FindAll("#invite-link"));
    }

    [Fact]
    public async Task A_link_takes_the_keyboard_once_it_is_there_also_where_the_browser_answers_late()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);
        await ClickAsync(panel.FindButton("With a link"));
        Outage.Meanwhile = () => ConfirmLateAsync(panel);

        await panel.FindByRole("form", "Make an invite link").SubmitAsync();

        AssertHasKeyboard(panel.Find("#invite-link"));
    }

    [Fact]
    public async Task What_is_refused_is_said_and_stays_to_be_corrected()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await RenderAsync(draft, draft.Ana);

        await panel.FindField("Invite by handle").InputAsync("nobody_at_all");
        await panel.FindByRole("form", "Invite by handle").SubmitAsync();

        Assert.Equal([RefusalText.For(Refusal.HandleUnknown)], panel.Announcements());
        Assert.Equal("nobody_at_all", panel.FindField("Invite by handle").GetAttribute("value"));
    }

    [Fact]
    public async Task An_invite_is_taken_back_and_says_so()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Get<InviteService>().CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer));
        var panel = await RenderAsync(draft, draft.Ana);

        await ClickAsync(panel.FindButton("Take back the invite: A link for one"));

        Assert.Equal(InviteState.Revoked, Assert.Single(Given.Succeed(await Get<InviteService>().ListAsync(draft.Ana, draft.Id))).State);
        Assert.Contains("taken back", Assert.Single(panel.ItemsOf("Invites so far")), StringComparison.Ordinal);
        Assert.False(panel.HasButton("Take back the invite: A link for one"));
    }

    [Fact]
    public async Task The_holder_sees_the_owner_s_invites_and_leaves_them_alone()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Get<InviteService>().CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer));
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        var panel = await RenderAsync(draft, draft.Ben);

        Assert.Single(panel.ItemsOf("Invites so far"));
        Assert.False(panel.HasButton("Take back the invite: A link for one"));
    }

    [Fact]
    public async Task The_invited_person_accepts_on_their_page_and_is_led_into_the_draft()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Get<InviteService>().CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer, await Services.HandleOfAsync(draft.Dan)));
        SignIn(draft.Dan);
        var page = Render<WaitingPage>();

        await ClickAsync(page.FindButton("Accept A draft"));

        Assert.Equal($"/drafts/{draft.Id}?welcome=true", CurrentPath);
        Assert.Equal(Role.Writer, (await Services.ReadAsync(draft.Id, draft.Dan)).Role);
    }

    [Fact]
    public async Task The_invited_person_declines_on_their_page_and_it_is_gone()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Get<InviteService>().CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer, await Services.HandleOfAsync(draft.Dan)));
        SignIn(draft.Dan);
        var page = Render<WaitingPage>();

        await ClickAsync(page.FindButton("Decline A draft"));

        page.WaitForAssertion(() => Assert.Contains("Nothing waits for you", page.Text(), StringComparison.Ordinal));
        Assert.Null(await Get<DraftService>().FindAsync(draft.Id, draft.Dan));
    }

    private async Task<IRenderedComponent<InvitePanel>> RenderAsync(ADraft draft, string userId)
    {
        var view = await Services.ReadAsync(draft.Id, userId);
        return Render<InvitePanel>(p => p.Add(x => x.Draft, view.Head).Add(x => x.UserId, userId));
    }
}
