using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Drafts;
using OneRing.Data.Presences;
using OneRing.Web.Components.Presences;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Components.Presences;

public sealed class WhoIsHereTests() : OneRingContext(new FakeTimeProvider(DateTimeOffset.UtcNow))
{
    private PresenceService Presence => Get<PresenceService>();

    [Fact]
    public async Task Everybody_who_is_here_stands_in_the_list_by_name()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await using var ana = await EnterAsync(draft, draft.Ana);

        var (here, _) = await OpenAsync(draft, draft.Ben);

        here.WaitForAssertion(() => Assert.Equal(["Ana", "Ben (you)"], here.ItemsOf("Here now")));
    }

    [Fact]
    public async Task Who_comes_and_who_goes_is_seen_without_being_read_out()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var (here, _) = await OpenAsync(draft, draft.Ben);
        here.WaitForAssertion(() => Assert.Equal(["Ben (you)"], here.ItemsOf("Here now")));

        var cleo = await EnterAsync(draft, draft.Cleo);
        WaitFor(here, () => Assert.Equal(["Ben (you)", "Cleo"], here.ItemsOf("Here now")));
        await cleo.DisposeAsync();

        WaitFor(here, () => Assert.Equal(["Ben (you)"], here.ItemsOf("Here now")));
        Assert.Empty(here.Announcements());
        Assert.Empty(here.FindAll("[aria-live]"));
    }

    [Fact]
    public async Task Of_many_people_five_are_shown_and_the_rest_counted_and_named()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        foreach (var name in (string[])["Dora", "Emil", "Fay", "Gus", "Hal"])
        {
            var id = await Services.APersonAsync(name);
            await Services.AddAsync(draft.Id, draft.Ana, id, Role.Reader);
            Assert.NotNull(await EnterAsync(draft, id));
        }
        await using var ana = await EnterAsync(draft, draft.Ana);
        await using var cleo = await EnterAsync(draft, draft.Cleo);

        var (here, _) = await OpenAsync(draft, draft.Ben);

        here.WaitForAssertion(() => Assert.Equal(["Ana", "Ben (you)", "Cleo", "Dora", "Emil", "and Fay, Gus, Hal"], here.ItemsOf("Here now")));
        Assert.Contains("+3", here.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_says_who_writes_and_how_much_and_keeps_still_when_they_pause()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var (here, watch) = await OpenAsync(draft, draft.Ben);
        var typed = new TypedText(Services, draft.Id, draft.Ana);

        Given.Succeed(await typed.SaveAsync("Once"));
        WaitFor(here, () => Assert.Contains("Ana is writing, 1 word", here.Text(), StringComparison.Ordinal));
        Given.Succeed(await typed.SaveAsync(string.Join(' ', Enumerable.Repeat("word", 1312))));
        WaitFor(here, () => Assert.Contains("Ana is writing, 1,312 words", here.Text(), StringComparison.Ordinal));
        Assert.DoesNotContain("word word", here.Markup, StringComparison.Ordinal);

        await Services.GetServices<IHostedService>().Single(service => service.GetType().Name == "Heartbeat").StartAsync(CancellationToken.None);

        WaitWhileTimePasses(here, () => Assert.DoesNotContain("is writing", here.Text(), StringComparison.Ordinal));
        Assert.False(watch.View!.Writing!.IsNow);
    }

    [Fact]
    public async Task Nobody_is_told_that_they_write_themselves()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var (here, _) = await OpenAsync(draft, draft.Ana);

        Given.Succeed(await new TypedText(Services, draft.Id, draft.Ana).SaveAsync("Once"));
        await using var ben = await EnterAsync(draft, draft.Ben);

        WaitFor(here, () => Assert.Equal(["Ana (you)", "Ben"], here.ItemsOf("Here now")));
        Assert.DoesNotContain("is writing", here.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_shown_stays_while_the_database_is_away_and_is_right_again_afterwards()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var (here, _) = await OpenAsync(draft, draft.Ben);
        here.WaitForAssertion(() => Assert.Equal(["Ben (you)"], here.ItemsOf("Here now")));
        await using var cleo = await EnterAsync(draft, draft.Cleo);
        WaitFor(here, () => Assert.Equal(["Ben (you)", "Cleo"], here.ItemsOf("Here now")));

        Outage.IsAway = true;
        Get<OneRing.Data.Feed.DraftFeed>().RefreshAll();
        Assert.Equal(["Ben (you)", "Cleo"], here.ItemsOf("Here now"));
        Outage.IsAway = false;
        await cleo.DisposeAsync();

        WaitWhileTimePasses(here, () => Assert.Equal(["Ben (you)"], here.ItemsOf("Here now")));
    }

    [Fact]
    public async Task A_page_that_opens_while_the_database_is_away_enters_later()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Outage.IsAway = true;
        var watch = Watch(draft, draft.Ben);
        var here = Render<WhoIsHere>(p => p.Add(x => x.Watch, watch).Add(x => x.UserId, draft.Ben));
        var entering = here.InvokeAsync(watch.StartAsync);
        Assert.Empty(here.FindAllByRole("list"));

        Outage.IsAway = false;

        WaitWhileTimePasses(here, () => Assert.Equal(["Ben (you)"], here.ItemsOf("Here now")));
        await entering;
    }

    [Fact]
    public async Task A_page_that_closes_takes_its_person_away()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await using var ana = await EnterAsync(draft, draft.Ana);
        var (here, watch) = await OpenAsync(draft, draft.Ben);
        here.WaitForAssertion(() => Assert.Equal(["Ana", "Ben (you)"], here.ItemsOf("Here now")));

        await watch.DisposeAsync();

        Assert.Equal(["Ana"], (await Presence.ReadAsync(draft.Cleo, draft.Id))!.People.Select(p => p.Name));
    }

    private async Task<IAsyncDisposable> EnterAsync(ADraft draft, string userId) =>
        await Presence.EnterAsync(userId, draft.Id, () => Task.CompletedTask) ?? throw new InvalidOperationException("They may not read it.");

    [Fact]
    public async Task A_page_that_outlives_its_server_asks_no_more()
    {
        await using var server = new OneRingServer();
        var draft = await server.Services.ADraftHeldByAnaAsync();
        var presence = server.Services.GetRequiredService<PresenceService>();
        await server.DisposeAsync();

        // The clock stands still: whoever would wait, to try again, would wait for ever.
        await using var watch = new PresenceWatch(presence, draft.Ana, draft.Id, act => act(), Clock, NullLogger.Instance);
        await watch.StartAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Null(watch.View);
    }

    private PresenceWatch Watch(ADraft draft, string userId) => new(Presence, userId, draft.Id, Renderer.Dispatcher.InvokeAsync, Clock, NullLogger.Instance);

    private async Task<(IRenderedComponent<WhoIsHere> Here, PresenceWatch Watch)> OpenAsync(ADraft draft, string userId)
    {
        var watch = Watch(draft, userId);
        var here = Render<WhoIsHere>(p => p.Add(x => x.Watch, watch).Add(x => x.UserId, userId));
        await here.InvokeAsync(watch.StartAsync);
        return (here, watch);
    }

    /// <summary>Waits for news that follows on other news, and so is told a second later.</summary>
    private void WaitFor(IRenderedComponent<WhoIsHere> here, Action assertion)
    {
        Clock.Advance(TimeSpan.FromSeconds(1));
        here.WaitForAssertion(assertion);
    }

    /// <summary>Waits for what is tried again and again.</summary>
    private void WaitWhileTimePasses(IRenderedComponent<WhoIsHere> here, Action assertion)
    {
        using var time = new Timer(_ => Clock.Advance(TimeSpan.FromSeconds(1)), state: null, dueTime: 0, period: 50);
        here.WaitForAssertion(assertion);
    }
}
