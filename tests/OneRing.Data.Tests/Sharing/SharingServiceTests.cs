using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Sharing;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Sharing;

public sealed class SharingServiceTests_InMemory(InMemory database) : SharingServiceTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class SharingServiceTests_Postgres(Postgres database) : SharingServiceTests(database), IClassFixture<Postgres>;

public abstract class SharingServiceTests(TestDatabase database)
{
    private SharingService Sharing => database.Get<SharingService>();

    private IServiceProvider Services => database.Services;

    [Fact]
    public async Task Whoever_has_the_link_reads_the_text_as_it_is_now()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "The lighthouse");
        await Services.AppendAsync(draft.Id, draft.Ana, " One\n");
        var token = await ShareAsync(draft);
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await Services.AppendAsync(draft.Id, draft.Ben, "<b>Two</b>");
        await Services.AppendAsync(draft.Id, draft.Ben, "Three");

        var read = await Sharing.ReadAsync(token);

        Assert.NotNull(read);
        Assert.Equal(("The lighthouse", DraftStatus.Active), (read.Title, read.Status));
        Assert.Equal([" One\n", "<b>Two</b>", "Three"], read.Segments);
        Assert.Equal(["Ana", "Ben"], read.Authors);
        Assert.True((await Services.ReadAsync(draft.Id, draft.Cleo)).IsPublic);
    }

    [Fact]
    public async Task The_owner_sees_the_link_again_and_nobody_else_does()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var token = await ShareAsync(draft);

        Assert.Equal(token, (await Sharing.FindAsync(draft.Ana, draft.Id))!.Token);
        foreach (var other in (string[])[draft.Ben, draft.Cleo, draft.Dan])
        {
            Assert.Null(await Sharing.FindAsync(other, draft.Id));
        }
    }

    [Fact]
    public async Task A_link_that_was_taken_away_or_never_was_leads_nowhere()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var token = await ShareAsync(draft);

        Given.Succeed(await Sharing.UnshareAsync(new UnshareDraft(draft.Ana, draft.Id)));
        Given.Succeed(await Sharing.UnshareAsync(new UnshareDraft(draft.Ana, draft.Id)));

        Assert.Null(await Sharing.ReadAsync(token));
        Assert.False(await Sharing.RecordVisitAsync(token));
        Assert.Null(await Sharing.ReadAsync("a guess"));
        Assert.Null(await Sharing.ReadAsync(""));
        Assert.Null(await Sharing.FindAsync(draft.Ana, draft.Id));
        Assert.False((await Services.ReadAsync(draft.Id, draft.Ana)).IsPublic);
        var next = await ShareAsync(draft);
        Assert.NotEqual(token, next);
        Assert.Null(await Sharing.ReadAsync(token));
        Assert.NotNull(await Sharing.ReadAsync(next));
    }

    [Fact]
    public async Task Making_a_link_is_an_event_and_making_it_again_is_nothing()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        var results = await Race.AtOnceAsync(8, _ => Sharing.ShareAsync(new ShareDraft(draft.Ana, draft.Id)));

        Assert.All(results, result => Assert.Null(result.Refusal));
        var shared = Assert.Single(await database.Get<EventStore>().ReadAsync(new EventQuery(Types: [EventType.DraftShared], DraftId: draft.Id)));
        Assert.Equal(draft.Ana, shared.ActorId);
    }

    [Fact]
    public async Task Reading_by_the_link_counts_once_a_day_and_names_nobody()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 23, 59, 59, TimeSpan.Zero));
        await using var services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        var sharing = services.GetRequiredService<SharingService>();
        var draft = await services.ADraftHeldByAnaAsync();
        Given.Succeed(await sharing.ShareAsync(new ShareDraft(draft.Ana, draft.Id)));
        var token = (await sharing.FindAsync(draft.Ana, draft.Id))!.Token!;

        var looks = await Race.AtOnceAsync(16, _ => sharing.RecordVisitAsync(token));
        Assert.Single(looks, isFirst => isFirst);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await sharing.RecordVisitAsync(token));
        Assert.False(await sharing.RecordVisitAsync(token));

        var views = await services.GetRequiredService<EventStore>().ReadAsync(new EventQuery(Types: [EventType.DraftViewed], DraftId: draft.Id));
        Assert.Equal(2, views.Count);
        Assert.All(views, view => Assert.Null(view.ActorId));
        Assert.Contains("\"day\":\"2026-03-02\"", views[1].Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_link_itself_is_not_in_the_database()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var token = await ShareAsync(draft);
        await Sharing.RecordVisitAsync(token);

        var dump = await Dump.OfAsync(database);

        Assert.Contains(draft.Id.ToString(), dump, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(token, dump, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_link_rests_while_the_account_of_its_draft_s_owner_is_disabled()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var token = await ShareAsync(draft);
        await using var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        (await db.Users.SingleAsync(u => u.Id == draft.Ana)).Disable(DateTimeOffset.UnixEpoch);
        await db.SaveChangesAsync();

        Assert.Null(await Sharing.ReadAsync(token));
    }

    private async Task<string> ShareAsync(ADraft draft)
    {
        Given.Succeed(await Sharing.ShareAsync(new ShareDraft(draft.Ana, draft.Id)));
        return (await Sharing.FindAsync(draft.Ana, draft.Id))!.Token!;
    }
}
