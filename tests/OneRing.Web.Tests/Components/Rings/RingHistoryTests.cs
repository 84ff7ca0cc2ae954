using Bunit;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Web.Components.Rings;

namespace OneRing.Web.Tests.Components.Rings;

public sealed class RingHistoryTests() : OneRingContext(new FakeTimeProvider(new DateTimeOffset(2027, 3, 1, 9, 0, 0, TimeSpan.Zero)))
{
    [Fact]
    public async Task It_says_who_held_the_ring_and_for_how_long_newest_first()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Clock.Advance(TimeSpan.FromHours(2));
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Clock.Advance(TimeSpan.FromDays(3));
        Given.Succeed(await Get<RingService>().PassAsync(new SmartPass(draft.Ben, draft.Id, Strategy.BackToCreator, Given.NewKey())));
        Clock.Advance(TimeSpan.FromMinutes(30));

        Assert.Equal(
            [
                "3. Ana from Ben, by rule, for 30 minutes so far",
                "2. Ben from Ana, held for 3 days",
                "1. Ana began the draft, held for 2 hours",
            ],
            await HistoryAsync(draft));
    }

    [Fact]
    public async Task A_ring_that_came_home_says_so()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Clock.Advance(TimeSpan.FromMinutes(1));
        Given.Succeed(await Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));

        var history = await HistoryAsync(draft);

        Assert.Equal("3. Ana came home from Ben, for less than a minute so far", history[0]);
        Assert.Equal("2. Ben from Ana, held for 1 minute", history[1]);
    }

    [Fact]
    public async Task The_last_hold_ends_when_the_draft_is_finished()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Clock.Advance(TimeSpan.FromHours(1));
        Given.Succeed(await Get<DraftService>().CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)));
        Clock.Advance(TimeSpan.FromDays(100));

        Assert.Equal(["1. Ana began the draft, held for 1 hour"], await HistoryAsync(draft));
    }

    [Fact]
    public async Task Nothing_of_it_is_kept_for_a_page_while_it_is_closed()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var view = await ReadAsync(draft);
        var history = Render<RingHistory>(p => p.Add(x => x.Draft, view));

        Assert.Empty(history.FindAllByRole("listitem"));
        await ToggleAsync(history);
        Assert.NotEmpty(history.FindAllByRole("listitem"));
        await ToggleAsync(history);
        Assert.Empty(history.FindAllByRole("listitem"));
    }

    private static Task ToggleAsync(IRenderedComponent<RingHistory> history) => history.Find("details").TriggerEventAsync("ontoggle", EventArgs.Empty);

    private async Task<IReadOnlyList<string>> HistoryAsync(ADraft draft)
    {
        var view = await ReadAsync(draft);
        var history = Render<RingHistory>(p => p.Add(x => x.Draft, view));
        await ToggleAsync(history);
        return history.ItemsOf("History of the ring");
    }
}
