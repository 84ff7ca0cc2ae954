using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Data.Rings;
using OneRing.Tests;
using OneRing.Tests.Databases;
using Xunit.Abstractions;

namespace OneRing.Data.Tests.Database;

/// <summary>How often a server travels to PostgreSQL for what people do most, counted on the wire.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class RoundTripTests(Postgres database, ITestOutputHelper output) : IClassFixture<Postgres>, IAsyncLifetime
{
    private PostgresProxy proxy = null!;
    private ServiceProvider services = null!;

    private RingService Rings => services.GetRequiredService<RingService>();

    private DraftService Drafts => services.GetRequiredService<DraftService>();

    public Task InitializeAsync()
    {
        proxy = PostgresProxy.Start(database.ConnectionString!);
        services = database.BuildServices(connectionString: proxy.ConnectionString);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await services.DisposeAsync();
        await proxy.DisposeAsync();
    }

    [Fact]
    public async Task An_append_and_a_pass_look_and_write()
    {
        // Each in a draft that only another server has seen until now.
        var appends = await CountAsync(async () =>
        {
            var draft = await database.Services.ADraftHeldByAnaAsync();
            await services.AppendAsync(draft.Id, draft.Ana, "A few words");
        });
        var passes = await CountAsync(async () =>
        {
            var draft = await database.Services.ADraftHeldByAnaAsync();
            await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        });

        Assert.Equal((2, 2), (appends, passes));
    }

    [Fact]
    public async Task An_append_to_a_draft_that_the_server_remembers_only_writes()
    {
        var draft = await services.ADraftHeldByAnaAsync();

        var few = await CountAsync(() => services.AppendAsync(draft.Id, draft.Ana, "A few words"));
        await FillAsync(draft, segments: 100, passes: 0);
        var many = await CountAsync(() => services.AppendAsync(draft.Id, draft.Ana, "A few words"));
        // Typed on a page whose words another server keeps.
        var texts = new Queue<TypedText>();
        for (var i = 0; i < 3; i++)
        {
            texts.Enqueue(new TypedText(database.Services, draft.Id, draft.Ana));
        }
        var trips = 0;
        while (texts.TryDequeue(out var text))
        {
            Given.Succeed(await text.SaveAsync("A few words"));
            proxy.Clear();
            Given.Succeed(await Rings.AppendAsync(AppendSegment.FromPage(draft.Ana, draft.Id, "A few words", text.Id, turn: 1)));
            trips = proxy.Count;
        }

        Assert.Equal(1, few);
        Assert.Equal(few, many);
        Assert.Equal(few, trips);
    }

    [Fact]
    public async Task A_pass_in_a_draft_that_the_server_remembers_only_writes()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var (holder, next) = (draft.Ana, draft.Ben);
        Func<Task> pass = async () =>
        {
            await services.PassAsync(draft.Id, holder, next);
            (holder, next) = (next, holder);
        };

        var few = await CountAsync(pass);
        await FillAsync(draft, segments: 0, passes: 50);
        var many = await CountAsync(pass);

        Assert.Equal(1, few);
        Assert.Equal(few, many);
    }

    [Fact]
    public async Task After_news_of_another_server_nobody_writes_in_vain()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        async Task<int> CountAfterAsync(bool isTold)
        {
            await database.Services.AppendAsync(draft.Id, draft.Ana, "Elsewhere");
            if (isTold)
            {
                services.GetRequiredService<DraftFeed>().Deliver(new DraftChanged(draft.Id, (await database.Services.ReadAsync(draft.Id, draft.Ana)).Version, []));
            }
            proxy.Clear();
            await services.AppendAsync(draft.Id, draft.Ana, "A few words");
            return proxy.Count;
        }
        await CountAfterAsync(isTold: true);
        await CountAfterAsync(isTold: false);

        Assert.Equal(2, await CountAfterAsync(isTold: true));
        Assert.Equal(3, await CountAfterAsync(isTold: false));
    }

    [Fact]
    public async Task A_smart_pass_looks_asks_for_candidates_and_writes()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var holder = draft.Ana;

        var trips = await CountAsync(async () =>
            holder = Given.Succeed(await Rings.PassAsync(new SmartPass(holder, draft.Id, Strategy.RoundRobin, Given.NewKey()))).Pass.ToId);

        Assert.Equal(3, trips);
    }

    [Fact]
    public async Task A_retry_only_looks()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var request = new AppendSegment(draft.Ana, draft.Id, "Once", Given.NewKey());
        await Rings.AppendAsync(request);

        var trips = await CountAsync(() => Rings.AppendAsync(request));

        Assert.True(trips <= 2);
    }

    [Fact]
    public async Task A_draft_is_read_in_one_journey_however_long_it_is()
    {
        var (short_, long_) = (await services.ADraftHeldByAnaAsync(), await services.ADraftHeldByAnaAsync());
        await FillAsync(short_, segments: 10, passes: 4);
        await FillAsync(long_, segments: 100, passes: 50);
        await services.AddAsync(long_.Id, long_.Ana, long_.Dan, Role.Reader);
        await services.AddAsync(long_.Id, long_.Ana, await services.APersonAsync("Eve"), Role.Writer);
        var view = await services.ReadAsync(long_.Id, long_.Cleo);
        Assert.Equal((100, 50, 5), (view.Segments.Count, view.Passes.Count, view.Collaborators.Count));

        var few = await CountAsync(() => Drafts.FindAsync(short_.Id, short_.Cleo));
        var many = await CountAsync(() => Drafts.FindAsync(long_.Id, long_.Cleo));

        Assert.Equal(1, few);
        Assert.Equal(few, many);
    }

    [Fact]
    public async Task A_list_is_read_in_one_journey_however_long_it_is()
    {
        var (ana, ben) = (await services.APersonAsync("Ana"), await services.APersonAsync("Ben"));
        await StartAsync(ana, 5);
        await StartAsync(ben, 50);
        Assert.Equal(50, (await Drafts.ListAsync(ben, limit: 100)).Value!.Items.Count);

        var few = await CountAsync(() => Drafts.ListAsync(ana, limit: 100));
        var many = await CountAsync(() => Drafts.ListAsync(ben, limit: 100));
        var searched = await CountAsync(() => Drafts.ListAsync(ben, DraftFilter.YourTurn, "one of", limit: 10));

        Assert.Equal(1, few);
        Assert.Equal(few, many);
        Assert.Equal(few, searched);
    }

    [Fact]
    public async Task What_waits_is_read_in_one_journey_however_much_it_is()
    {
        var waits = services.GetRequiredService<WaitingService>();
        var draft = await services.ADraftHeldByAnaAsync();
        await FillAsync(draft, segments: 0, passes: 20);
        await StartAsync(draft.Ana, 20);

        Assert.Equal(1, await CountAsync(() => waits.FindAsync(draft.Ana)));
        Assert.Equal(1, await CountAsync(() => waits.FindAsync(draft.Dan)));
        Assert.Equal(1, await CountAsync(() => waits.FindNewsAsync(draft.Ana)));
        Assert.Equal(1, await CountAsync(() => services.GetRequiredService<OneRing.Data.Notices.NoticeService>().ListNewAsync(draft.Ana, DateTimeOffset.UtcNow)));
    }

    [Fact]
    public async Task A_person_is_read_in_one_journey_however_many_turns_they_had()
    {
        var accounts = services.GetRequiredService<AccountService>();
        var draft = await services.ADraftHeldByAnaAsync();
        await FillAsync(draft, segments: 0, passes: 20);
        var (ana, dan) = (await services.HandleOfAsync(draft.Ana), await services.HandleOfAsync(draft.Dan));

        Assert.Equal(10, (await accounts.FindPersonAsync(draft.Cleo, ana))?.Habit?.Had);
        Assert.Equal(1, await CountAsync(() => accounts.FindPersonAsync(draft.Cleo, ana)));
        Assert.Equal(1, await CountAsync(() => accounts.FindPersonAsync(draft.Cleo, dan)));
    }

    [Fact]
    public async Task Figures_are_read_in_one_journey_however_much_has_happened()
    {
        var (short_, long_) = (await services.ADraftHeldByAnaAsync(), await services.ADraftHeldByAnaAsync());
        await FillAsync(long_, segments: 40, passes: 20);
        var ada = await services.APersonAsync("Ada", isAdmin: true);
        var analytics = services.GetRequiredService<DraftAnalyticsService>();
        var boards = services.GetRequiredService<LeaderboardService>();

        Assert.Equal(1, await CountAsync(() => analytics.FindDraftFiguresAsync(short_.Cleo, short_.Id)));
        Assert.Equal(1, await CountAsync(() => analytics.FindDraftFiguresAsync(long_.Cleo, long_.Id)));
        Assert.Equal(1, await CountAsync(() => analytics.FindInsightsAsync(long_.Cleo, long_.Id)));
        Assert.Equal(1, await CountAsync(() => analytics.FindOverviewAsync(long_.Cleo, long_.Id)));
        Assert.Equal(1, await CountAsync(() => analytics.ListTimelineAsync(long_.Cleo, long_.Id)));
        Assert.Equal(1, await CountAsync(() => services.GetRequiredService<AnalyticsService>().ListEventsAsync(ada, new EventQuery())));
        foreach (var metric in Enum.GetValues<LeaderboardMetric>())
        {
            // The first asks whether anything waits to be counted.
            Assert.Equal(2, await CountAsync(() => boards.ReadAsync(long_.Cleo, metric)));
        }
    }

    /// <summary>Counts the flights of the third time: by then types are known and statements prepared.</summary>
    private async Task<int> CountAsync(Func<Task> act)
    {
        await act();
        await act();
        proxy.Clear();
        await act();
        output.WriteLine($"{proxy.Count}:\n{proxy}\n");
        return proxy.Count;
    }

    private async Task FillAsync(ADraft draft, int segments, int passes)
    {
        var (holder, next) = await services.ReadAsync(draft.Id, draft.Ana) is { HolderId: var id } && id == draft.Ana
            ? (draft.Ana, draft.Ben)
            : (draft.Ben, draft.Ana);
        for (var i = 0; i < Math.Max(segments, passes); i++)
        {
            if (i < segments)
            {
                await services.AppendAsync(draft.Id, holder, $"Segment {i}");
            }
            if (i < passes)
            {
                await services.PassAsync(draft.Id, holder, next);
                (holder, next) = (next, holder);
            }
        }
    }

    private async Task StartAsync(string userId, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Given.Succeed(await Drafts.CreateAsync(new CreateDraft(userId, $"One of {count}")));
        }
    }
}
