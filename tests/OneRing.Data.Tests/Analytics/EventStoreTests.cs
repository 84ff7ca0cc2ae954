using System.Security.Cryptography;
using System.Text;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Analytics;

public sealed class EventStoreTests_InMemory(InMemory database) : EventStoreTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class EventStoreTests_Postgres(Postgres database) : EventStoreTests(database), IClassFixture<Postgres>;

public abstract class EventStoreTests(TestDatabase database)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Instant = TimeSpan.FromMicroseconds(1);

    private readonly Guid draftId = Guid.CreateVersion7();

    private EventStore Store => database.Get<EventStore>();

    [Fact]
    public async Task The_same_event_is_appended_once_and_the_store_says_so()
    {
        Assert.True(await Store.AppendAsync(Shared(Noon)));
        Assert.False(await Store.AppendAsync(Shared(Noon)));

        Assert.Equal(1, await Store.CountAsync(new EventQuery(DraftId: draftId)));
    }

    [Fact]
    public async Task An_event_that_differs_in_type_time_or_data_is_another_one()
    {
        Assert.True(await Store.AppendAsync(Shared(Noon)));
        Assert.True(await Store.AppendAsync(Shared(Noon + Instant)));
        Assert.True(await Store.AppendAsync(Shared(Noon, ("link", 2))));
        Assert.True(await Store.AppendAsync(AnalyticsEvent.Of(EventType.InviteCreated, Noon, draftId, "ana")));

        Assert.Equal(4, await Store.CountAsync(new EventQuery(DraftId: draftId)));
    }

    [Fact]
    public async Task Many_who_append_the_same_event_at_once_append_it_once()
    {
        var appended = await Race.AtOnceAsync(16, _ => Store.AppendAsync(Shared(Noon)));

        Assert.Single(appended, isNew => isNew);
        Assert.Equal(1, await Store.CountAsync(new EventQuery(DraftId: draftId)));
    }

    [Fact]
    public async Task A_window_begins_with_its_start_and_ends_before_its_end()
    {
        foreach (var at in (DateTimeOffset[])[Noon - Instant, Noon, Noon.AddHours(1) - Instant, Noon.AddHours(1)])
        {
            await Store.AppendAsync(Shared(at));
        }

        Assert.Equal([Noon, Noon.AddHours(1) - Instant], await TimesAsync(new EventQuery(Noon, Noon.AddHours(1), DraftId: draftId)));
        Assert.Equal(3, await Store.CountAsync(new EventQuery(From: Noon, DraftId: draftId)));
        Assert.Equal(3, await Store.CountAsync(new EventQuery(To: Noon.AddHours(1), DraftId: draftId)));
        Assert.Empty(await TimesAsync(new EventQuery(Noon, Noon, DraftId: draftId)));
    }

    [Fact]
    public async Task A_window_may_be_told_in_any_time_zone()
    {
        await Store.AppendAsync(Shared(Noon));
        var noonInTokyo = Noon.ToOffset(TimeSpan.FromHours(9));

        Assert.Equal([Noon], await TimesAsync(new EventQuery(noonInTokyo, noonInTokyo + Instant, DraftId: draftId)));
    }

    [Fact]
    public async Task Events_are_found_by_type_draft_and_actor_together()
    {
        var other = Guid.CreateVersion7();
        var actor = $"ana {draftId}";
        await Store.AppendAsync(AnalyticsEvent.Of(EventType.DraftShared, Noon, draftId, actor));
        await Store.AppendAsync(AnalyticsEvent.Of(EventType.InviteCreated, Noon, draftId, actor));
        await Store.AppendAsync(AnalyticsEvent.Of(EventType.InviteAccepted, Noon, draftId, actorId: null));
        await Store.AppendAsync(AnalyticsEvent.Of(EventType.InviteAccepted, Noon, other, actor));

        Assert.Equal(3, await Store.CountAsync(new EventQuery(DraftId: draftId)));
        Assert.Equal(3, await Store.CountAsync(new EventQuery(ActorId: actor)));
        Assert.Equal(2, await Store.CountAsync(new EventQuery(DraftId: draftId, ActorId: actor)));
        Assert.Equal(2, await Store.CountAsync(new EventQuery(Types: [EventType.InviteCreated, EventType.InviteAccepted], DraftId: draftId)));
        Assert.Equal(0, await Store.CountAsync(new EventQuery(Types: [], DraftId: draftId)));
        Assert.Null(Assert.Single(await Store.ReadAsync(new EventQuery(Types: [EventType.InviteAccepted], DraftId: draftId))).ActorId);
    }

    [Fact]
    public async Task Events_come_in_the_order_of_their_time_and_then_of_their_ids()
    {
        AnalyticsEvent[] together = [.. Enumerable.Range(0, 8).Select(i => Shared(Noon, ("link", i)))];
        var (before, after) = (Shared(Noon - Instant), Shared(Noon + Instant));
        foreach (var happened in (AnalyticsEvent[])[after, .. together.Reverse(), before])
        {
            await Store.AppendAsync(happened);
        }

        var read = await Store.ReadAsync(new EventQuery(DraftId: draftId));

        Assert.Equal([before.Id, .. together.Select(e => e.Id).OrderBy(id => id.ToString(), StringComparer.Ordinal), after.Id], read.Select(e => e.Id));
    }

    [Fact]
    public async Task An_event_is_read_as_it_was_written_and_its_hash_still_proves_it()
    {
        var written = Shared(
            Noon + Instant,
            ("zz", "a longer name that PostgreSQL would put behind"), ("a", true), ("Ö", "ä\u0301 \u2028 \U0001F48D \"\\/\t\u0001"), ("n", -9_007_199_254_740_992L), ("none", null));
        await Store.AppendAsync(written);

        var read = Assert.Single(await Store.ReadAsync(new EventQuery(DraftId: draftId)));

        Assert.Equal(written.Data, read.Data);
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(read.Data)), read.DataHash);
        Assert.Equal(written with { DataHash = read.DataHash }, read);
        Assert.Equal(TimeSpan.Zero, read.OccurredAt.Offset);
    }

    [Fact]
    public async Task What_commands_record_proves_itself_too()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AppendAsync(draft.Id, draft.Ana, "Two words");
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await database.Get<DraftService>().RecordVisitAsync(draft.Ben, draft.Id);

        var events = await Store.ReadAsync(new EventQuery(DraftId: draft.Id));

        Assert.Equal(
            [
                EventType.DraftCreated, EventType.CollaboratorJoined, EventType.CollaboratorJoined, EventType.SegmentAdded, EventType.RingPassed,
                EventType.DraftViewed,
            ],
            events.Select(e => e.Type));
        Assert.All(events, e => Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(e.Data)), e.DataHash));
        Assert.Contains("\"words\":2", events[3].Data, StringComparison.Ordinal);
    }

    private AnalyticsEvent Shared(DateTimeOffset at, params (string, object?)[] data) => AnalyticsEvent.Of(EventType.DraftShared, at, draftId, "ana", data);

    private async Task<IEnumerable<DateTimeOffset>> TimesAsync(EventQuery query) => (await Store.ReadAsync(query)).Select(e => e.OccurredAt);
}
