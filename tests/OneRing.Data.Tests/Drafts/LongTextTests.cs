using OneRing.Data.Drafts;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Drafts;

public sealed class LongTextTests_InMemory(InMemory database) : LongTextTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class LongTextTests_Postgres(Postgres database) : LongTextTests(database), IClassFixture<Postgres>;

/// <summary>A text that is too long to be read at once opens with its end; what stands before it is there for whoever asks.</summary>
public abstract class LongTextTests(TestDatabase database)
{
    private DraftService Drafts => database.Get<DraftService>();

    [Fact]
    public async Task A_text_opens_whole_until_it_has_twice_as_many_segments_as_its_end()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        for (var count = 1; count <= (3 * DraftService.LastSegments) + 1; count++)
        {
            await database.Services.AppendAsync(draft.Id, draft.Ana, $"{count - 1}");
            if (count is 1 or 199 or 200 or 201 or 299 or 300 or 301)
            {
                var view = (await Drafts.FindAsync(draft.Id, draft.Cleo))!;

                var first = count < 200 ? 0 : count < 300 ? 100 : 200;
                Assert.Equal(count, view.SegmentCount);
                Assert.Equal(count, view.Head.SegmentCount);
                Assert.Equal(Enumerable.Range(first, count - first), view.Segments.Select(segment => segment.Position));
                Assert.All(view.Segments, segment => Assert.Equal($"{segment.Position}", segment.Content));
                Assert.Equal(count, (await Drafts.FindAsync(draft.Id, draft.Cleo, SegmentChoice.All, now: null))!.Draft.Segments.Count);
            }
        }
    }

    [Fact]
    public async Task What_stands_before_a_segment_is_read_from_the_nearest_on_to_the_beginning()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        for (var i = 0; i < 5; i++)
        {
            await database.Services.AppendAsync(draft.Id, draft.Ana, $"{i}");
        }

        Assert.Equal(["2", "3"], await EarlierAsync(before: 4, limit: 2));
        Assert.Equal(["0", "1"], await EarlierAsync(before: 2, limit: 2));
        Assert.Equal(["0"], await EarlierAsync(before: 1, limit: DraftService.MostEarlier));
        Assert.Empty(await EarlierAsync(before: 0, limit: 1));
        Assert.Empty(await EarlierAsync(before: int.MaxValue, limit: 1));
        Assert.Empty(await Drafts.ListEarlierAsync(await database.Services.APersonAsync("Eve"), draft.Id, before: 5, limit: 5));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Drafts.ListEarlierAsync(draft.Ana, draft.Id, before: -1, limit: 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Drafts.ListEarlierAsync(draft.Ana, draft.Id, before: 5, limit: 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Drafts.ListEarlierAsync(draft.Ana, draft.Id, before: 5, limit: DraftService.MostEarlier + 1));

        async Task<string[]> EarlierAsync(int before, int limit) =>
            [.. (await Drafts.ListEarlierAsync(draft.Cleo, draft.Id, before, limit)).Select(segment => segment.Content)];
    }

    [Fact]
    public async Task Who_has_written_is_known_without_the_text()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AppendAsync(draft.Id, draft.Ana, "Mine");
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await database.Services.AppendAsync(draft.Id, draft.Ben, "Theirs");
        await database.Services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        Given.Succeed(await database.Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));

        var later = (await Drafts.FindAsync(draft.Id, draft.Cleo))!.UpdatedAt + TimeSpan.FromHours(1);
        var whole = await ReadAsync(SegmentChoice.All);

        Assert.Equal(2, whole.Metrics.Contributors);
        foreach (var less in (SegmentChoice[])[SegmentChoice.Last, SegmentChoice.None])
        {
            var reading = await ReadAsync(less);
            Assert.Equal(whole.Metrics, reading.Metrics);
            Assert.Equal(2, reading.Draft.SegmentCount);
            Assert.Equal(whole.Draft.NextHolders, reading.Draft.NextHolders);
        }

        async Task<DraftReading> ReadAsync(SegmentChoice segments) => (await Drafts.FindAsync(draft.Id, draft.Cleo, segments, later))!;
    }
}
