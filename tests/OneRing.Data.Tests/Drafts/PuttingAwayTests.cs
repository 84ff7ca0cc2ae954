using Microsoft.EntityFrameworkCore;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Data.Rings;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Drafts;

public sealed class PuttingAwayTests_InMemory(InMemory database) : PuttingAwayTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class PuttingAwayTests_Postgres(Postgres database) : PuttingAwayTests(database), IClassFixture<Postgres>;

/// <summary>Archiving a draft, fetching it back, and deleting it.</summary>
public abstract class PuttingAwayTests(TestDatabase database)
{
    private DraftService Drafts => database.Get<DraftService>();

    [Fact]
    public async Task An_archived_draft_is_in_no_list_but_its_own_until_it_is_fetched_back()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AppendAsync(draft.Id, draft.Ana, "Kept");

        Given.Succeed(await Drafts.ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id)));

        foreach (var who in (string[])[draft.Ana, draft.Ben, draft.Cleo])
        {
            Assert.Equal([DraftFilter.Archived], await ListsAsync(who));
        }
        Assert.Equal("Kept", Assert.Single((await database.Services.ReadAsync(draft.Id, draft.Cleo)).Segments).Content);
        Assert.Equal(Refusal.DraftArchived, (await Drafts.ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id))).Refusal);

        Given.Succeed(await Drafts.ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id, Away: false)));

        Assert.Equal([DraftFilter.All, DraftFilter.YourTurn], await ListsAsync(draft.Ana));
        Assert.Equal(Refusal.DraftNotArchived, (await Drafts.ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id, Away: false))).Refusal);
        await database.Services.AppendAsync(draft.Id, draft.Ana, "And on");

        async Task<List<DraftFilter>> ListsAsync(string userId)
        {
            var lists = new List<DraftFilter>();
            foreach (var filter in Enum.GetValues<DraftFilter>())
            {
                if (Given.Succeed(await Drafts.ListAsync(userId, filter)).Items.Any(item => item.Id == draft.Id))
                {
                    lists.Add(filter);
                }
            }
            return lists;
        }
    }

    [Fact]
    public async Task In_an_archived_draft_nobody_writes_and_no_ring_is_passed()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        Given.Succeed(await Drafts.ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id)));
        var rings = database.Get<RingService>();

        Assert.Equal(Refusal.DraftNotActive, (await rings.AppendAsync(new AppendSegment(draft.Ana, draft.Id, "No", Given.NewKey()))).Refusal);
        Assert.Equal(Refusal.DraftNotActive, (await rings.PassAsync(new PassRing(draft.Ana, draft.Id, draft.Ben, Given.NewKey()))).Refusal);
        Assert.Equal(Refusal.DraftNotActive, (await rings.PassAsync(new SmartPass(draft.Ana, draft.Id, Strategy.RoundRobin, Given.NewKey()))).Refusal);
    }

    [Fact]
    public async Task A_draft_is_deleted_with_everything_in_it_once_its_title_is_typed()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync(title: "Mine to end");
        await database.Services.AppendAsync(draft.Id, draft.Ana, "Soon gone");
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await Drafts.RecordVisitAsync(draft.Cleo, draft.Id);
        var other = await database.Services.ADraftHeldByAnaAsync();
        var kept = await Rows.CountAsync(database.Services, other.Id);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var open = await database.Get<DraftFeed>().WatchDraftAsync(draft.Cleo, draft.Id, () =>
        {
            told.TrySetResult();
            return Task.CompletedTask;
        });

        Assert.Equal(Refusal.TitleDiffers, (await Drafts.DeleteAsync(new DeleteDraft(draft.Ana, draft.Id, "mine to end"))).Refusal);
        Assert.NotNull(await Drafts.FindAsync(draft.Id, draft.Cleo));
        Given.Succeed(await Drafts.DeleteAsync(new DeleteDraft(draft.Ana, draft.Id, " Mine to end ")));

        await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
        foreach (var who in (string[])[draft.Ana, draft.Ben, draft.Cleo])
        {
            Assert.Null(await Drafts.FindAsync(draft.Id, who));
            Assert.Empty(Given.Succeed(await Drafts.ListAsync(who)).Items);
        }
        await using var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        Assert.False(await db.Segments.AnyAsync(s => s.DraftId == draft.Id));
        Assert.False(await db.RingPasses.AnyAsync(p => p.DraftId == draft.Id));
        Assert.False(await db.Collaborators.AnyAsync(c => c.DraftId == draft.Id));
        Assert.False(await db.DraftVisits.AnyAsync(v => v.DraftId == draft.Id));
        Assert.True(await db.AnalyticsEvents.AnyAsync(e => e.DraftId == draft.Id && e.Type == EventType.DraftCreated));
        Assert.Equal(kept, await Rows.CountAsync(database.Services, other.Id));
        Assert.Equal(Refusal.NotFound, (await Drafts.DeleteAsync(new DeleteDraft(draft.Ana, draft.Id, "Mine to end"))).Refusal);
    }

    [Fact]
    public async Task With_a_draft_go_the_notes_that_are_kept_for_retries_of_its_passes()
    {
        var rings = database.Get<RingService>();
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var other = await database.Services.ADraftHeldByAnaAsync();
        foreach (var one in (ADraft[])[draft, other])
        {
            Given.Succeed(await rings.PassAsync(new PassRing(one.Ana, one.Id, one.Ben, Given.NewKey(), Note: "A word for Ben")));
            Given.Succeed(await database.Get<TurnService>().ReclaimAsync(new ReclaimRing(one.Ana, one.Id, Reason: "A word for all")));
            Given.Succeed(await rings.PassAsync(new SmartPass(one.Ana, one.Id, Strategy: null, Given.NewKey(), Note: "Another word for Ben")));
        }

        Given.Succeed(await Drafts.DeleteAsync(new DeleteDraft(draft.Ana, draft.Id, "A draft")));

        await using var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        var keys = await db.IdempotencyKeys.Where(k => k.Scope.StartsWith(draft.Ana) || k.Scope.StartsWith(other.Ana)).ToListAsync();
        Assert.DoesNotContain(keys, key => key.Scope.EndsWith($"{draft.Id}", StringComparison.Ordinal) && key.Result!.Contains("word for", StringComparison.Ordinal));
        Assert.Equal(3, keys.Count(key => key.Scope.EndsWith($"{other.Id}", StringComparison.Ordinal) && key.Result!.Contains("word for", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Of_segments_that_race_with_the_deletion_none_is_left_behind()
    {
        for (var round = 0; round < 6; round++)
        {
            var draft = await database.Services.ADraftHeldByAnaAsync();

            var refusals = await Race.AtOnceAsync(6, async i => i == 0
                ? (await Drafts.DeleteAsync(new DeleteDraft(draft.Ana, draft.Id, "A draft"))).Refusal
                : (await database.Get<RingService>().AppendAsync(new AppendSegment(draft.Ana, draft.Id, "Words", Given.NewKey()))).Refusal);

            Assert.Null(refusals[0]);
            Assert.All(refusals.Skip(1), refusal => Assert.True(refusal is null or Refusal.NotFound));
            await using var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
            Assert.False(await db.Segments.AnyAsync(s => s.DraftId == draft.Id));
        }
    }
}
