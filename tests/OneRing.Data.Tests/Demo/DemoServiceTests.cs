using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Analytics;
using OneRing.Data.Demo;
using OneRing.Data.Drafts;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Demo;

public sealed class DemoServiceTests_InMemory(InMemory database) : DemoServiceTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class DemoServiceTests_Postgres(Postgres database) : DemoServiceTests(database), IClassFixture<Postgres>
{
    private readonly Postgres database = database;

    [SkippableFact]
    public async Task Hamlet_is_still_there_when_the_next_server_starts()
    {
        var path = RelayFiles.Hamlet;
        Guid draftId;
        await using (var first = database.BuildServices())
        {
            draftId = await PlayAsync(first, path);
        }

        await using var second = database.BuildServices();

        await AssertIsHamletAsync(second, draftId, path);
    }
}

public abstract class DemoServiceTests(TestDatabase database)
{
    [SkippableFact]
    public async Task Hamlet_is_kept_to_the_letter()
    {
        var path = RelayFiles.Hamlet;

        var draftId = await PlayAsync(database.Services, path);

        await AssertIsHamletAsync(database.Services, draftId, path);
    }

    [Fact]
    public async Task A_play_with_everything_that_software_likes_to_lose_is_kept_to_the_letter()
    {
        var path = RelayFiles.Lighthouse;

        var draftId = await PlayAsync(database.Services, path);

        var draft = await database.Services.ReadAsync(draftId, "orla");
        AssertIsKept(draft, await ReadSpeechesAsync(path));
        Assert.Equal((82, 76, 77), (draft.Segments.Count, draft.Passes.Count, draft.Turn));
        Assert.Equal(1266, draft.Segments.Sum(segment => Texts.Words(segment.Content)));
        Assert.Equal(897, draft.Segments.Max(segment => Texts.Length(segment.Content)));
        Assert.Equal(
            [("dunstan", 8), ("mrs_quill", 12), ("orla", 20), ("pip", 13), ("sailor", 9), ("teodor", 14), ("the_inspector", 6)],
            SegmentsByAuthor(draft));
        await AssertHasEventsAsync(database.Services, draftId, segments: 82, passes: 76);
    }

    [Fact]
    public async Task A_play_that_is_played_again_stays_as_it_is()
    {
        var first = await PlayAsync(database.Services, RelayFiles.Lighthouse);
        var before = await Rows.CountAsync(database.Services, first);

        var second = await PlayAsync(database.Services, RelayFiles.Lighthouse);

        Assert.Equal(first, second);
        Assert.Equal(before, await Rows.CountAsync(database.Services, second));
    }

    [Fact]
    public async Task The_demo_is_made_once_however_often_a_server_starts()
    {
        var demo = database.Get<DemoService>();
        await demo.SeedAsync();
        var draft = (await database.Get<DraftService>().ListAsync("dan")).Value!.Items.Single();
        var before = await Rows.CountAsync(database.Services, draft.Id);

        await demo.SeedAsync();

        Assert.Equal(draft, Assert.Single((await database.Get<DraftService>().ListAsync("dan")).Value!.Items));
        Assert.Equal(before, await Rows.CountAsync(database.Services, draft.Id));
    }

    private protected static async Task<Guid> PlayAsync(IServiceProvider services, string path) =>
        await services.GetRequiredService<DemoService>().PlayAsync(await Relay.ReadAsync(path));

    private protected static async Task AssertIsHamletAsync(IServiceProvider services, Guid draftId, string path)
    {
        var draft = await services.ReadAsync(draftId, "bernardo");
        AssertIsKept(draft, await ReadSpeechesAsync(path));
        Assert.Equal((1138, 1137, 1138), (draft.Segments.Count, draft.Passes.Count, draft.Turn));
        var byAuthor = SegmentsByAuthor(draft);
        Assert.Equal(39, byAuthor.Count);
        Assert.Contains(("hamlet", 359), byAuthor);
        Assert.Contains(("horatio", 109), byAuthor);
        Assert.Contains(("king_claudius", 102), byAuthor);
        await AssertHasEventsAsync(services, draftId, segments: 1138, passes: 1137);
    }

    /// <summary>Every speech stands at its place, by its speaker, in the turn that the changes of voice make.</summary>
    private static void AssertIsKept(DraftView draft, IReadOnlyList<(string Speaker, string Text)> speeches)
    {
        Assert.Equal(Enumerable.Range(0, speeches.Count), draft.Segments.Select(segment => segment.Position));
        Assert.Equal(speeches.Select(speech => speech.Text), draft.Segments.Select(segment => segment.Content), StringComparer.Ordinal);
        Assert.Equal(speeches.Select(speech => Relay.TitleCase(speech.Speaker)), draft.Segments.Select(segment => segment.AuthorName));

        var turns = new List<int> { 1 };
        foreach (var (before, after) in speeches.Zip(speeches.Skip(1)))
        {
            turns.Add(turns[^1] + (before.Speaker == after.Speaker ? 0 : 1));
        }
        Assert.Equal(turns, draft.Segments.Select(segment => segment.Turn));
        Assert.Equal(Enumerable.Range(2, draft.Passes.Count), draft.Passes.Select(pass => pass.Turn));
    }

    private static List<(string Author, int Segments)> SegmentsByAuthor(DraftView draft) =>
        [.. draft.Segments.CountBy(segment => segment.AuthorId).Select(count => (count.Key, count.Value)).OrderBy(count => count.Key, StringComparer.Ordinal)];

    private static async Task AssertHasEventsAsync(IServiceProvider services, Guid draftId, int segments, int passes)
    {
        var events = services.GetRequiredService<EventStore>();
        Assert.Equal(segments, await events.CountAsync(new EventQuery(Types: [EventType.SegmentAdded], DraftId: draftId)));
        Assert.Equal(passes, await events.CountAsync(new EventQuery(Types: [EventType.RingPassed], DraftId: draftId)));
    }

    /// <summary>What the file says, read without the product's help.</summary>
    private static async Task<IReadOnlyList<(string Speaker, string Text)>> ReadSpeechesAsync(string path)
    {
        var speeches = new List<(string, string)>();
        foreach (var line in await File.ReadAllLinesAsync(path))
        {
            using var speech = JsonDocument.Parse(line);
            speeches.Add((speech.RootElement.GetProperty("speaker").GetString()!, speech.RootElement.GetProperty("text").GetString()!));
        }
        return speeches;
    }
}
