using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Drafts;

public sealed class DraftVisitTests_InMemory(InMemory database) : DraftVisitTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class DraftVisitTests_Postgres(Postgres database) : DraftVisitTests(database), IClassFixture<Postgres>;

public abstract class DraftVisitTests(TestDatabase database)
{
    [Fact]
    public async Task A_look_counts_once_a_person_a_draft_and_a_day_in_UTC()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 23, 59, 59, TimeSpan.Zero));
        clock.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("East", TimeSpan.FromHours(9), "East", "East"));
        await using var services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        var draft = await services.ADraftHeldByAnaAsync();
        var second = await services.ADraftHeldByAnaAsync();
        var drafts = services.GetRequiredService<DraftService>();

        Assert.True((await drafts.RecordVisitAsync(draft.Ana, draft.Id)).Value);
        Assert.False((await drafts.RecordVisitAsync(draft.Ana, draft.Id)).Value);
        Assert.True((await drafts.RecordVisitAsync(draft.Cleo, draft.Id)).Value);
        Assert.True((await drafts.RecordVisitAsync(second.Ana, second.Id)).Value);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await drafts.RecordVisitAsync(draft.Ana, draft.Id)).Value);
        clock.Advance(TimeSpan.FromHours(23));
        Assert.False((await drafts.RecordVisitAsync(draft.Ana, draft.Id)).Value);

        var views = await services.GetRequiredService<EventStore>().ReadAsync(new EventQuery(Types: [EventType.DraftViewed], DraftId: draft.Id));
        Assert.Equal(3, views.Count);
        Assert.Equal(2, views.Count(view => view.ActorId == draft.Ana));
        Assert.Equal(["2026-03-01", "2026-03-01", "2026-03-02"], views.Select(view => view.Data[(view.Data.IndexOf("\"day\":\"", StringComparison.Ordinal) + 7)..][..10]));
        Assert.Equal(3, await CountRowsAsync(services, draft.Id));
    }

    [Fact]
    public async Task Many_looks_at_once_are_one()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        var looks = await Race.AtOnceAsync(16, _ => database.Get<DraftService>().RecordVisitAsync(draft.Ben, draft.Id));

        Assert.Single(looks, look => look.Value);
        Assert.Equal(1, await CountRowsAsync(database.Services, draft.Id));
        Assert.Equal(1, await database.Get<EventStore>().CountAsync(new EventQuery(Types: [EventType.DraftViewed], DraftId: draft.Id)));
    }

    [Fact]
    public async Task Who_may_not_read_a_draft_leaves_no_trace()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var drafts = database.Get<DraftService>();

        Assert.Equal(Refusal.NotFound, (await drafts.RecordVisitAsync(draft.Dan, draft.Id)).Refusal);
        Assert.Equal(Refusal.NotFound, (await drafts.RecordVisitAsync("nobody", draft.Id)).Refusal);
        Assert.Equal(Refusal.NotFound, (await drafts.RecordVisitAsync(draft.Ana, Guid.Empty)).Refusal);

        Assert.Equal(0, await CountRowsAsync(database.Services, draft.Id));
    }

    private async Task<long> CountRowsAsync(IServiceProvider services, Guid draftId)
    {
        await using var connection = await database.OpenDirectAsync(services);
        return await connection.CountAsync("select count(*) from draft_views where draft_id = @draft", ("@draft", draftId));
    }
}
