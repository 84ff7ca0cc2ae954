using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OneRing.Data.Feed;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Feed;

[Trait("Database", "PostgreSQL")]
public sealed class DraftPollTests(Postgres database) : IClassFixture<Postgres>
{
    [Fact]
    public async Task News_that_was_lost_is_found()
    {
        await using var there = database.BuildServices();
        var poll = PollOf(there);
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using var page = await OpenAsync(there, poll, draft);

        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await poll.PollAsync(CancellationToken.None);

        await page.HearAsync();
    }

    [Fact]
    public async Task A_draft_that_did_not_change_is_no_news()
    {
        await using var there = database.BuildServices();
        var poll = PollOf(there);
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using var page = await OpenAsync(there, poll, draft);

        await poll.PollAsync(CancellationToken.None);
        await poll.PollAsync(CancellationToken.None);

        await database.Services.AppendAsync(draft.Id, draft.Ana, "News at last");
        await poll.PollAsync(CancellationToken.None);
        await page.HearAsync();
        Assert.Equal(2, page.Heard);
    }

    [Fact]
    public async Task What_the_pages_have_been_told_is_no_news()
    {
        await using var there = database.BuildServices();
        var poll = PollOf(there);
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using var page = await OpenAsync(there, poll, draft);

        await there.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await page.HearAsync();
        await poll.PollAsync(CancellationToken.None);

        await database.Services.AppendAsync(draft.Id, draft.Ben, "News at last");
        Assert.Equal(2, page.Heard);
        await poll.PollAsync(CancellationToken.None);
        await page.HearAsync();
    }

    [Fact]
    public async Task A_page_that_opens_between_two_looks_is_told_at_the_next()
    {
        await using var there = database.BuildServices();
        var poll = PollOf(there);
        var feed = there.GetRequiredService<DraftFeed>();
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using (var earlier = await Listener.ToDraftAsync(feed, draft.Ben, draft.Id))
        {
            await poll.PollAsync(CancellationToken.None);
        }
        await poll.PollAsync(CancellationToken.None);

        using var page = await Listener.ToDraftAsync(feed, draft.Ben, draft.Id);
        await poll.PollAsync(CancellationToken.None);

        await page.HearAsync();
    }

    private static DraftPoll PollOf(IServiceProvider services) => services.GetServices<IHostedService>().OfType<DraftPoll>().Single();

    /// <summary>Ben's page, which has heard of the draft once: when the poll first saw it.</summary>
    private static async Task<Listener> OpenAsync(IServiceProvider services, DraftPoll poll, ADraft draft)
    {
        var page = await Listener.ToDraftAsync(services.GetRequiredService<DraftFeed>(), draft.Ben, draft.Id);
        await poll.PollAsync(CancellationToken.None);
        await page.HearAsync();
        return page;
    }
}
