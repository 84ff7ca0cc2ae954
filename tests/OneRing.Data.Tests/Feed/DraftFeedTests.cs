using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Data.Rings;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Feed;

public sealed class DraftFeedTests_InMemory(InMemory database) : DraftFeedTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class DraftFeedTests_Postgres(Postgres database) : DraftFeedTests(database), IClassFixture<Postgres>;

public abstract class DraftFeedTests(TestDatabase database)
{
    private DraftFeed Feed => database.Get<DraftFeed>();

    [Fact]
    public async Task A_change_is_news_for_the_open_pages_of_the_draft()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using var ben = await Listener.ToDraftAsync(Feed, draft.Ben, draft.Id);
        using var cleo = await Listener.ToDraftAsync(Feed, draft.Cleo, draft.Id);

        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        await ben.HearAsync();
        await cleo.HearAsync();
    }

    [Fact]
    public async Task What_is_read_upon_the_news_is_committed()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var read = new List<DraftView?>();
        Feed.Published += ReadAtOnce;

        await database.Services.AppendAsync(draft.Id, draft.Ana, "Read all about it");

        Feed.Published -= ReadAtOnce;
        Assert.Equal("Read all about it", Assert.Single(Assert.Single(read)!.Segments).Content);

        void ReadAtOnce(DraftChanged change) => read.Add(ReadWithoutDelay(draft));
    }

    [Fact]
    public async Task A_refused_command_and_a_retry_are_no_news()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var request = new AppendSegment(draft.Ana, draft.Id, "Once", Given.NewKey());
        var rings = database.Get<RingService>();
        await rings.AppendAsync(request);
        using var page = await Listener.ToDraftAsync(Feed, draft.Cleo, draft.Id);

        await rings.AppendAsync(request);
        await rings.AppendAsync(request with { UserId = draft.Ben });
        await rings.AppendAsync(request with { Content = "Twice" });

        await SettleAsync();
        Assert.Equal(0, page.Heard);
    }

    [Fact]
    public async Task Lists_hear_only_of_the_drafts_of_their_person()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using var ana = Listener.ToDraftsOf(Feed, draft.Ana);
        using var ben = Listener.ToDraftsOf(Feed, draft.Ben);
        using var cleo = Listener.ToDraftsOf(Feed, draft.Cleo);
        using var dan = Listener.ToDraftsOf(Feed, draft.Dan);

        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        await ana.HearAsync();
        await ben.HearAsync();
        await cleo.HearAsync();
        await SettleAsync();
        Assert.Equal(0, dan.Heard);
    }

    [Fact]
    public async Task The_list_of_somebody_who_joins_or_leaves_hears_of_it()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using var dan = Listener.ToDraftsOf(Feed, draft.Dan);

        await database.Services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        await dan.HearAsync();
        await database.Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Dan));
        await dan.HearAsync();
        await database.Services.AppendAsync(draft.Id, draft.Ana, "Without Dan");

        await SettleAsync();
        Assert.Equal(2, dan.Heard);
    }

    [Fact]
    public async Task A_page_that_throws_does_not_silence_the_rest()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using var throws = await Feed.WatchDraftAsync(draft.Ana, draft.Id, () => throw new InvalidOperationException("A broken page."));
        using var fails = await Feed.WatchDraftAsync(draft.Ben, draft.Id, () => Task.FromException(new InvalidOperationException("Another.")));
        using var page = await Listener.ToDraftAsync(Feed, draft.Cleo, draft.Id);

        await database.Services.AppendAsync(draft.Id, draft.Ana, "Listen");
        await page.HearAsync();
        await database.Services.AppendAsync(draft.Id, draft.Ana, "Listen again");

        await page.HearAsync();
    }

    [Fact]
    public async Task A_page_that_hangs_keeps_neither_the_rest_nor_the_writer_waiting()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using var never = new ManualResetEventSlim();
        using var hangs = await Feed.WatchDraftAsync(draft.Ana, draft.Id, () =>
        {
            never.Wait();
            return Task.CompletedTask;
        });
        using var page = await Listener.ToDraftAsync(Feed, draft.Cleo, draft.Id);

        await Task.Run(() => database.Services.AppendAsync(draft.Id, draft.Ana, "Listen")).WaitAsync(TimeSpan.FromSeconds(30));

        await page.HearAsync();
        never.Set();
    }

    [Fact]
    public async Task A_closed_page_hears_nothing()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using var page = await Listener.ToDraftAsync(Feed, draft.Cleo, draft.Id);
        var closed = await Listener.ToDraftAsync(Feed, draft.Ben, draft.Id);
        var closedList = Listener.ToDraftsOf(Feed, draft.Ben);
        closed.Dispose();
        closedList.Dispose();

        await database.Services.AppendAsync(draft.Id, draft.Ana, "Listen");

        await page.HearAsync();
        await SettleAsync();
        Assert.Equal((1, 0, 0), (page.Heard, closed.Heard, closedList.Heard));
    }

    [Fact]
    public async Task A_draft_is_watched_until_its_last_page_is_closed()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var first = await Listener.ToDraftAsync(Feed, draft.Ben, draft.Id);
        var second = await Listener.ToDraftAsync(Feed, draft.Ben, draft.Id);

        first.Dispose();
        Assert.Contains(draft.Id, Feed.WatchedDrafts());
        second.Dispose();
        second.Dispose();

        Assert.DoesNotContain(draft.Id, Feed.WatchedDrafts());
    }

    [Fact]
    public async Task When_news_may_have_been_missed_everybody_is_told()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using var page = await Listener.ToDraftAsync(Feed, draft.Cleo, draft.Id);
        using var list = Listener.ToDraftsOf(Feed, draft.Dan);

        Feed.RefreshAll();

        await page.HearAsync();
        await list.HearAsync();
    }

    /// <summary>Reads while the writer waits: what is not committed by now is not seen, or cannot be read at all.</summary>
    private DraftView? ReadWithoutDelay(ADraft draft)
    {
        var reading = database.Get<DraftService>().FindAsync(draft.Id, draft.Cleo);
        return reading.Wait(TimeSpan.FromSeconds(10)) ? reading.Result : null;
    }

    /// <summary>Waits until all that was told before has been heard: what is told now is heard after it.</summary>
    private async Task SettleAsync()
    {
        using var last = Listener.ToDraftsOf(Feed, "the last to hear");
        for (var round = 0; round < 5; round++)
        {
            Feed.Publish(new DraftChanged(Guid.NewGuid(), 1, ["the last to hear"]));
            await last.HearAsync();
        }
    }
}
