using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Web.Components.Rings;

namespace OneRing.Web.Tests.Components.Rings;

/// <summary>What a draft says of its turns, and what its people do about them.</summary>
public sealed class TurnPanelsTests() : OneRingContext(new FakeTimeProvider(new DateTimeOffset(2026, 5, 4, 8, 0, 0, TimeSpan.Zero)))
{
    [Fact]
    public async Task Everybody_sees_when_a_turn_ends_and_the_holder_how_much_is_left()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Assert.DoesNotContain("ends", (await RingAsync(draft, draft.Ben)).Text(), StringComparison.Ordinal);
        await SetRulesAsync(draft, new TurnRules(LimitHours: 10, GraceHours: 1, OnExpiry: OnExpiry.Remind));

        Assert.Contains("You have 10 hours left, until 4 May 2026, 18:00 UTC.", (await RingAsync(draft, draft.Ana)).Text(), StringComparison.Ordinal);
        Assert.Contains("This turn ends in 10 hours, until 4 May 2026, 18:00 UTC.", (await RingAsync(draft, draft.Cleo)).Text(), StringComparison.Ordinal);

        await GoOnAsync(TimeSpan.FromHours(10));
        Assert.Contains("a little grace is left", (await RingAsync(draft, draft.Ana)).Text(), StringComparison.Ordinal);
        await GoOnAsync(TimeSpan.FromHours(1));
        Assert.Contains("You still hold the ring", (await RingAsync(draft, draft.Ana)).Text(), StringComparison.Ordinal);
        Assert.Contains("The time of this turn is up.", (await RingAsync(draft, draft.Ben)).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_holder_asks_for_more_time_and_somebody_who_waits_may_object()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await SetRulesAsync(draft, new TurnRules(LimitHours: 10));

        await ClickAsync((await RingAsync(draft, draft.Ana)).FindButton("Ask for more time"));
        Assert.Contains("You have asked for half as much time again. If nobody objects within 1 hour, it is granted.", (await RingAsync(draft, draft.Ana)).Text(), StringComparison.Ordinal);
        Assert.False((await RingAsync(draft, draft.Cleo)).HasButton("I would rather go on"));
        await ClickAsync((await RingAsync(draft, draft.Ben)).FindButton("I would rather go on"));

        Assert.Equal(MoreTime.Refused, (await Services.ReadAsync(draft.Id, draft.Ana)).Turns.More);
        Assert.Contains("there is no more time in this turn", (await RingAsync(draft, draft.Ana)).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_asks_for_the_ring_is_seen_by_its_holder_who_passes_with_one_click()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var waiting = await WaitAsync(draft, draft.Ben);

        await ClickAsync(waiting.FindButton("Ask for the ring"));
        await waiting.FindField("A word to Ana").InputAsync("I know how it goes on.");
        await waiting.FindByRole("form", "Ask for the ring").SubmitAsync();

        Assert.Contains("You asked Ana for the ring just now.", (await WaitAsync(draft, draft.Ben)).Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("I know how", (await RingAsync(draft, draft.Cleo)).Markup, StringComparison.Ordinal);
        var panel = await RingAsync(draft, draft.Ana);
        Assert.Contains("I know how it goes on.", Assert.Single(panel.ItemsOf("They ask for the ring")), StringComparison.Ordinal);
        await ClickAsync(panel.FindButton("Pass to Ben, who asks for it"));

        var after = await Services.ReadAsync(draft.Id, draft.Ben);
        Assert.Equal(draft.Ben, after.HolderId);
        Assert.Empty(after.Wishes);
    }

    [Fact]
    public async Task The_owner_takes_the_ring_back_and_everybody_reads_why()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var waiting = await WaitAsync(draft, draft.Ana);

        await ClickAsync(waiting.FindButton("Take the ring back"));
        await waiting.FindField("Why").InputAsync("The reading is on Sunday.");
        await waiting.FindByRole("form", "Take the ring back").SubmitAsync();

        var after = await Services.ReadAsync(draft.Id, draft.Cleo);
        Assert.Equal(draft.Ana, after.HolderId);
        var history = Render<RingHistory>(parameters => parameters.Add(h => h.Draft, after));
        await history.Find("details").TriggerEventAsync("ontoggle", EventArgs.Empty);
        Assert.Contains("“The reading is on Sunday.”", history.Text(), StringComparison.Ordinal);
        Assert.Contains("taken back from Ben", history.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_holder_is_reminded_once_a_day()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        await ClickAsync((await WaitAsync(draft, draft.Ben)).FindButton("Remind Ana"));

        var waiting = await WaitAsync(draft, draft.Ben);
        Assert.False(waiting.HasButton("Remind Ana"));
        Assert.Contains("Ana was reminded just now.", waiting.Text(), StringComparison.Ordinal);
        await GoOnAsync(TimeSpan.FromDays(1));
        Assert.True((await WaitAsync(draft, draft.Ben)).HasButton("Remind Ana"));
    }

    [Fact]
    public async Task What_is_said_to_one_holder_is_not_sent_to_the_next()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        var waiting = await WaitAsync(draft, draft.Ben);
        await ClickAsync(waiting.FindButton("Ask for the ring"));
        await waiting.FindField("A word to Ana").InputAsync("Only for you, Ana.");

        await Services.PassAsync(draft.Id, draft.Ana, draft.Dan);
        var after = await Services.ReadAsync(draft.Id, draft.Ben);
        waiting.Render(parameters => parameters.Add(p => p.Draft, after));

        Assert.Empty(waiting.FindAllByRole("form"));
        Assert.Contains("The ring has moved on while you were here. Nothing was sent", waiting.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_waits_who_reads_or_holds_the_ring_and_nobody_but_the_owner_takes_it_back()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Assert.Equal("", (await WaitAsync(draft, draft.Ana)).Text());
        Assert.Equal("", (await WaitAsync(draft, draft.Cleo)).Text());
        Assert.False((await WaitAsync(draft, draft.Ben)).HasButton("Take the ring back"));
    }

    [Fact]
    public async Task What_is_refused_is_told_and_the_words_stay()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var waiting = await WaitAsync(draft, draft.Ben);
        await ClickAsync(waiting.FindButton("Ask for the ring"));
        await waiting.FindField("A word to Ana").InputAsync("Please.");
        Given.Succeed(await Get<DraftService>().LockAsync(new LockDraft(draft.Ana, draft.Id)));

        await waiting.FindByRole("form", "Ask for the ring").SubmitAsync();

        Assert.Equal([RefusalText.For(Refusal.DraftNotActive)], waiting.Announcements());
        Assert.Equal("Please.", waiting.FindField("A word to Ana").GetAttribute("value"));
    }

    [Fact]
    public async Task The_next_three_holders_are_named_with_the_reason()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);

        var next = Render<NextHolders>(await ParametersAsync<NextHolders>(draft, draft.Ben));

        Assert.Equal(
            ["1. Ben (you) Ben has not written here yet.", "2. Dan Dan has not written here yet.", "3. Ana Ana has then been silent longest."],
            next.ItemsOf("Who is next"));
        Given.Succeed(await Get<DraftService>().LockAsync(new LockDraft(draft.Ana, draft.Id)));
        Assert.Equal("", Render<NextHolders>(await ParametersAsync<NextHolders>(draft, draft.Ben)).Text());
    }

    [Fact]
    public async Task The_owner_sets_how_turns_are_kept_and_the_others_read_it()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await TurnsAsync(draft, draft.Ana);
        Assert.Contains("A turn lasts as long as it takes.", panel.Text(), StringComparison.Ordinal);

        await ClickAsync(panel.FindButton("Change"));
        await panel.FindByRole("form", "How turns are kept").QuerySelector("input[type=checkbox]")!.ChangeAsync(new ChangeEventArgs { Value = true });
        foreach (var day in (string[])["Saturday", "Sunday"])
        {
            await panel.FindAll(".rest-days label").Single(label => label.TextOf() == day).QuerySelector("input")!.ChangeAsync(new ChangeEventArgs { Value = true });
        }
        await panel.FindByRole("form", "How turns are kept").SubmitAsync();

        Assert.Equal(new TurnRules(LimitHours: 72, RestDays: RestDays.Weekend), (await Services.ReadAsync(draft.Id, draft.Ana)).Rules);
        var read = await TurnsAsync(draft, draft.Ben);
        Assert.Contains("A turn lasts 3 days. Weekends do not count. Then the ring goes on by the rule “Longest silent”.", read.Text(), StringComparison.Ordinal);
        Assert.Empty(read.FindAllByRole("button"));
    }

    [Fact]
    public async Task The_order_of_turns_is_changed_by_buttons_and_by_dragging()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        await SetRulesAsync(draft, new TurnRules(Strategy: Strategy.RoundRobin));
        Assert.Equal(["Ben", "Dan", "Ana"], await NextAsync(draft));

        await ClickAsync((await TurnsAsync(draft, draft.Ana)).FindButton("Move Dan up"));
        Assert.Equal(["Dan", "Ben", "Ana"], await NextAsync(draft));

        var panel = await TurnsAsync(draft, draft.Ana);
        await panel.FindAll(".turn-order > li")[0].DragStartAsync(new());
        await panel.FindAll(".turn-order > li")[2].DropAsync(new());

        Assert.Equal(["1. Dan", "2. Ben", "3. Ana"], (await TurnsAsync(draft, draft.Ana)).FindAll(".turn-order .person-name").Select(name => name.TextOf()));
    }

    [Fact]
    public async Task Who_is_away_says_so_and_is_back_where_they_were()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var panel = await AwayAsync(draft, draft.Ben);

        await ClickAsync(panel.FindButton("I will be away"));
        await panel.FindByRole("form", "Say that you are away").QuerySelector("input[type=date]")!.InputAsync("2026-05-09");
        await panel.FindByRole("form", "Say that you are away").SubmitAsync();

        Assert.Equal(new DateTimeOffset(2026, 5, 10, 0, 0, 0, TimeSpan.Zero), Ben(await Services.ReadAsync(draft.Id, draft.Ana)).AwayUntil);
        Assert.Contains("All others are away at the moment.", (await RingAsync(draft, draft.Ana)).Text(), StringComparison.Ordinal);
        await ClickAsync((await AwayAsync(draft, draft.Ben)).FindButton("I am back"));
        Assert.Null(Ben(await Services.ReadAsync(draft.Id, draft.Ana)).AwayUntil);
        Assert.Equal("", (await AwayAsync(draft, draft.Cleo)).Text());

        CollaboratorView Ben(DraftView view) => view.Collaborators.Single(person => person.UserId == draft.Ben);
    }

    private async Task<string[]> NextAsync(ADraft draft) => [.. (await Services.ReadAsync(draft.Id, draft.Ana)).NextHolders.Select(next => next.Name)];

    private async Task SetRulesAsync(ADraft draft, TurnRules rules) => Given.Succeed(await Get<TurnService>().SetRulesAsync(new SetTurnRules(draft.Ana, draft.Id, rules)));

    private async Task GoOnAsync(TimeSpan time)
    {
        Clock.Advance(time);
        await Services.KeepTurnsAsync();
    }

    private async Task<IRenderedComponent<RingPanel>> RingAsync(ADraft draft, string userId) => Render<RingPanel>(await ParametersAsync<RingPanel>(draft, userId));

    private async Task<IRenderedComponent<AskPanel>> WaitAsync(ADraft draft, string userId) => Render<AskPanel>(await ParametersAsync<AskPanel>(draft, userId));

    private async Task<IRenderedComponent<TurnRulesPanel>> TurnsAsync(ADraft draft, string userId) => Render<TurnRulesPanel>(await ParametersAsync<TurnRulesPanel>(draft, userId));

    private async Task<IRenderedComponent<AwayPanel>> AwayAsync(ADraft draft, string userId) => Render<AwayPanel>(await ParametersAsync<AwayPanel>(draft, userId));

    private async Task<Action<ComponentParameterCollectionBuilder<T>>> ParametersAsync<T>(ADraft draft, string userId)
        where T : IComponent
    {
        var view = await Services.ReadAsync(draft.Id, userId);
        return parameters =>
        {
            parameters.TryAdd("Draft", view);
            parameters.TryAdd("UserId", userId);
        };
    }
}
