using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Data.Rings;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Rings;

public sealed class NudgeTests_InMemory(InMemory database) : NudgeTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class NudgeTests_Postgres(Postgres database) : NudgeTests(database), IClassFixture<Postgres>;

/// <summary>An admin reminds the holder of a ring that others wait.</summary>
public abstract class NudgeTests(TestDatabase database) : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 5, 4, 23, 30, 0, TimeSpan.Zero));
    private ServiceProvider services = null!;

    public async Task InitializeAsync()
    {
        services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
    }

    public async Task DisposeAsync() => await services.DisposeAsync();

    [Fact]
    public async Task The_holder_and_the_admin_see_when_it_was()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var ada = await services.APersonAsync("Ada", isAdmin: true);
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = await services.GetRequiredService<DraftFeed>().WatchDraftAsync(draft.Ana, draft.Id, () =>
        {
            seen.TrySetResult();
            return Task.CompletedTask;
        });
        clock.Advance(TimeSpan.FromDays(3));

        Given.Succeed(await NudgeAsync(ada, draft.Id));

        await seen.Task.WaitAsync(TimeSpan.FromSeconds(60));
        var at = clock.GetUtcNow();
        Assert.Equal(at, (await services.ReadAsync(draft.Id, draft.Ana)).NudgedAt);
        Assert.Equal(at, (await StalledAsync(ada, draft.Id)).NudgedAt);
        // A reminder is not activity: the draft is as stalled as it was.
        Assert.Equal(at.AddDays(-3), (await services.ReadAsync(draft.Id, draft.Ana)).LastActivityAt);

        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        Assert.Null((await services.ReadAsync(draft.Id, draft.Ben)).NudgedAt);
    }

    [Fact]
    public async Task Of_many_at_once_one_reminds_and_the_next_may_on_the_next_day()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var admins = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            admins.Add(await services.APersonAsync($"Ada {i}", isAdmin: true));
        }

        var results = await Race.AtOnceAsync(16, number => NudgeAsync(admins[number % admins.Count], draft.Id));

        Assert.Single(results, result => result.Succeeded);
        Assert.All(results.Where(result => !result.Succeeded), result => Assert.Equal(Refusal.NudgedToday, result.Refusal));
        clock.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(Refusal.NudgedToday, (await NudgeAsync(admins[0], draft.Id)).Refusal);
        clock.Advance(TimeSpan.FromMinutes(1));
        Given.Succeed(await NudgeAsync(admins[0], draft.Id));
    }

    [Fact]
    public async Task Nobody_is_reminded_whose_turn_is_over_or_who_cannot_write()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var ada = await services.APersonAsync("Ada", isAdmin: true);
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        Assert.Equal(Refusal.StaleTurn, (await NudgeAsync(ada, draft.Id, turn: 1)).Refusal);
        Given.Succeed(await services.GetRequiredService<DraftService>().LockAsync(new LockDraft(draft.Ana, draft.Id)));
        Assert.Equal(Refusal.DraftNotActive, (await NudgeAsync(ada, draft.Id, turn: 2)).Refusal);
        Assert.Equal(Refusal.NotFound, (await NudgeAsync(ada, Guid.CreateVersion7())).Refusal);
        Assert.Null((await services.ReadAsync(draft.Id, draft.Ben)).NudgedAt);
    }

    private Task<Result<Done>> NudgeAsync(string userId, Guid draftId, int? turn = null) =>
        services.GetRequiredService<RingService>().NudgeAsync(new NudgeHolder(userId, draftId, Turn: turn));

    private async Task<StalledRing> StalledAsync(string userId, Guid draftId)
    {
        var analytics = services.GetRequiredService<AnalyticsService>();
        for (var page = 1; ; page++)
        {
            var health = Given.Succeed(await analytics.ReadTurnHealthAsync(userId, page: page));
            if (health.Stalled.Rows.SingleOrDefault(row => row.DraftId == draftId) is { } found)
            {
                return found;
            }
            Assert.True(page < health.Stalled.Pages, "The draft is not among the stalled ones.");
        }
    }
}
