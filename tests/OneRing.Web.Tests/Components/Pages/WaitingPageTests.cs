using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Rings;
using OneRing.Web.Components.Pages;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class WaitingPageTests() : OneRingContext(new FakeTimeProvider(Noon))
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task With_nothing_to_wait_for_it_says_so()
    {
        var page = Open(await Services.APersonAsync("Ana"));

        Assert.Contains("Nothing waits for you, and you wait for nobody.", page.Text(), StringComparison.Ordinal);
        Assert.Empty(page.FindAllByRole("list"));
    }

    [Fact]
    public async Task One_ring_waits_for_its_holder_and_is_awaited_by_the_other()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "The lamp");
        await SetRulesAsync(draft, new TurnRules(LimitHours: 24));
        Clock.Advance(TimeSpan.FromHours(2));

        var anas = Open(draft.Ana);
        Assert.Equal("The lamp with you for 2 hours your turn ends in 22 hours", anas.FindByRole("region", "Waiting for you (1)").QuerySelector("li")!.TextOf());
        Assert.Contains("You wait for nobody.", anas.Text(), StringComparison.Ordinal);

        var bens = Open(draft.Ben);
        Assert.Contains("Nothing just now.", bens.FindByRole("region", "Waiting for you").TextOf(), StringComparison.Ordinal);
        Assert.Equal("The lamp with Ana for 2 hours for another 22 hours at the most", bens.FindByRole("region", "You wait for others (1)").QuerySelector("li")!.TextOf());
    }

    [Fact]
    public async Task The_ring_is_passed_to_whoever_asks_with_one_click()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "The lamp");
        Given.Succeed(await Get<TurnService>().AskAsync(new AskForRing(draft.Ben, draft.Id, "I know how it ends")));
        var page = Open(draft.Ana);
        Assert.Equal("Ben asks for it I know how it ends Pass", page.FindByRole("list", "Who asks for the ring of The lamp").TextOf());

        await ClickAsync(page, "Pass The lamp to Ben");

        Assert.Equal((draft.Ben, 2), ((await ReadAsync(draft)).HolderId, (await ReadAsync(draft)).Turn));
        page.WaitForAssertion(() => Assert.Contains("Ben holds the ring of “The lamp” now.", page.Announcements()));
        Assert.False(page.HasButton("Pass The lamp to Ben"));
        Assert.Contains("with Ben for less than a minute", page.FindByRole("region", "You wait for others (1)").TextOf(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_things_stand_in_order_each_with_what_can_be_done()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "The lamp");
        var more = await Services.ADraftHeldByAnaAsync(title: "More time");
        await Services.AddAsync(more.Id, more.Ana, draft.Ana, Role.Writer);
        await SetRulesAsync(more, new TurnRules(LimitHours: 24));
        Given.Succeed(await Get<TurnService>().AskForMoreAsync(new AskForMore(more.Ana, more.Id)));
        var over = Given.Succeed(await Get<DraftService>().CreateAsync(new CreateDraft(draft.Ana, "Over")));
        await Services.AddAsync(over, draft.Ana, draft.Ben, Role.Writer);
        await Services.PassAsync(over, draft.Ana, draft.Ben);
        Given.Succeed(await Get<TurnService>().SetRulesAsync(new SetTurnRules(draft.Ana, over, new TurnRules(LimitHours: 1, OnExpiry: OnExpiry.Reclaim))));
        var invite = await Services.ADraftHeldByAnaAsync(title: "An invite");
        Given.Succeed(await Get<InviteService>().CreateAsync(new CreateInvite(invite.Ana, invite.Id, Role.Writer, await Services.HandleOfAsync(draft.Ana))));
        Given.Succeed(await Get<RingService>().NudgeAsync(new NudgeHolder(draft.Ben, draft.Id)));
        await Get<RingService>().AppendAsync(new AppendSegment(draft.Ana, more.Id, "Too early", Given.NewKey()));
        Clock.Advance(TimeSpan.FromMinutes(59));
        var page = Open(draft.Ana);
        page.WaitForAssertion(() => Assert.True(page.HasButton("Accept An invite")));

        Assert.Equal(
            ["The lamp", "More time", "An invite"],
            page.FindByRole("region", "Waiting for you (3)").QuerySelectorAll(".draft-title").Select(title => title.TextOf()));
        Assert.Contains("the others would like to read on", page.Text(), StringComparison.Ordinal);
        Assert.Contains("Ana asks for more time, and gets it in 1 minute if nobody objects", page.Text(), StringComparison.Ordinal);
        Assert.Contains("1 parked text of yours for a later turn", page.Text(), StringComparison.Ordinal);

        await ClickAsync(page, "Object to more time for More time");
        Assert.Equal(MoreTime.Refused, (await ReadAsync(more)).Turns.More);
        await using var keeper = await KeepTurnsAsync();
        Clock.Advance(TimeSpan.FromMinutes(5));
        page.WaitForAssertion(() => Assert.True(page.HasButton("Take the ring of Over back")));
        await ClickAsync(page, "Take the ring of Over back");
        Assert.Equal(draft.Ana, (await Services.ReadAsync(over, draft.Ana)).HolderId);

        await ClickAsync(page, "Decline An invite");
        page.WaitForAssertion(() => Assert.False(page.HasButton("Accept An invite")));
        Assert.Contains("You said no to “An invite”.", page.Announcements());
    }

    [Fact]
    public async Task What_happened_lately_leads_to_its_place_and_is_new_once()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "The lamp");
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Given.Succeed(await Get<TurnService>().ReclaimAsync(new ReclaimRing(draft.Ana, draft.Id)));
        Clock.Advance(TimeSpan.FromMinutes(1));

        var page = Open(draft.Ben);
        var lately = page.FindByRole("list", "Lately");
        Assert.Equal(
            ["The lamp Ana has taken the ring back 1 minute ago new", "The lamp The ring came to you from Ana 1 minute ago new"],
            lately.QuerySelectorAll("li").Select(notice => notice.TextOf()));
        Assert.Equal($"/drafts/{draft.Id}", lately.QuerySelector("a")!.GetAttribute("href"));

        Given.Succeed(await Get<DraftService>().CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)));
        // What was new when the page was opened stays so.
        page.WaitForAssertion(() => Assert.Equal(3, page.FindByRole("list", "Lately").QuerySelectorAll("li").Count(notice => notice.TextOf().EndsWith(" new", StringComparison.Ordinal))));
        Assert.Equal(1, Open(draft.Ben).FindByRole("list", "Lately").QuerySelectorAll("li").Count(notice => notice.TextOf().EndsWith(" new", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task It_reads_again_when_something_changes()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "The lamp");
        var page = Open(draft.Ben);
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAllByRole("region", "You wait for others (1)")));

        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAllByRole("region", "Waiting for you (1)")));
    }

    private IRenderedComponent<WaitingPage> Open(string userId)
    {
        SignIn(userId);
        return Render<WaitingPage>();
    }

    /// <summary>Has turns kept as a server does, until disposed.</summary>
    private async Task<IAsyncDisposable> KeepTurnsAsync()
    {
        var keeper = Services.GetServices<IHostedService>().Single(service => service.GetType().Name == "TurnKeeper");
        await keeper.StartAsync(default);
        return new Kept(keeper);
    }

    private async Task SetRulesAsync(ADraft draft, TurnRules rules) =>
        Given.Succeed(await Get<TurnService>().SetRulesAsync(new SetTurnRules(draft.Ana, draft.Id, rules)));

    private sealed class Kept(IHostedService keeper) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await keeper.StopAsync(default);
    }
}
