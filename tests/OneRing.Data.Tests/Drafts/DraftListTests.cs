using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Drafts;

public sealed class DraftListTests_InMemory(InMemory database) : DraftListTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class DraftListTests_Postgres(Postgres database) : DraftListTests(database), IClassFixture<Postgres>;

[Trait("Database", "PostgreSQL")]
public sealed class DraftListTests_German(GermanPostgres database) : DraftListTests(database), IClassFixture<GermanPostgres>
{
    [Fact]
    public async Task The_database_would_order_texts_otherwise()
    {
        await using var connection = await database.OpenDirectAsync();

        Assert.Equal(["a", "ä", "z", "Z"], await connection.ReadAsync("select * from (values ('Z'), ('ä'), ('z'), ('a')) as v (x) order by x"));
    }
}

public abstract class DraftListTests(TestDatabase database)
{
    private DraftService Drafts => database.Get<DraftService>();

    [Fact]
    public async Task A_list_has_own_and_shared_drafts_and_no_others()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync(Platform.X, "Shared");
        var own = await CreateAsync(draft.Ben, "Own");
        await database.Services.AppendAsync(draft.Id, draft.Ana, "Text");

        var list = await ListAsync(draft.Ben);

        Assert.Equal([draft.Id, own], list.Select(d => d.Id));
        Assert.Equal(("Shared", Platform.X, DraftStatus.Active, Role.Writer), (list[0].Title, list[0].Platform, list[0].Status, list[0].Role));
        Assert.Equal((draft.Ana, "Ana", 1, 1), (list[0].HolderId, list[0].HolderName, list[0].Turn, list[0].SegmentCount));
        Assert.Equal((await database.Services.ReadAsync(draft.Id, draft.Ben)).Version, list[0].Version);
        Assert.Equal(Role.Owner, list[1].Role);
        Assert.Equal(Role.Reader, Assert.Single(await ListAsync(draft.Cleo)).Role);
        Assert.Empty(await ListAsync(draft.Dan));
        Assert.Empty(await ListAsync("nobody"));
    }

    [Fact]
    public async Task Filters_tell_whose_turn_it_is()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var (ana, ben) = (draft.Ana, draft.Ben);
        var locked = await CreateAsync(ana, "Locked");
        var completed = await CreateAsync(ana, "Completed");
        await Drafts.LockAsync(new LockDraft(ana, locked));
        await Drafts.CompleteAsync(new CompleteDraft(ana, completed));

        Assert.Equal([.. new[] { completed, locked, draft.Id }.Order()], Ids(await ListAsync(ana, DraftFilter.All)).Order());
        Assert.Equal([draft.Id], Ids(await ListAsync(ana, DraftFilter.YourTurn)));
        Assert.Equal([locked], Ids(await ListAsync(ana, DraftFilter.Waiting)));
        Assert.Equal([completed], Ids(await ListAsync(ana, DraftFilter.Finished)));
        Assert.Empty(await ListAsync(ben, DraftFilter.YourTurn));
        Assert.Equal([draft.Id], Ids(await ListAsync(ben, DraftFilter.Waiting)));

        await database.Services.PassAsync(draft.Id, ana, ben);

        Assert.Equal([draft.Id], Ids(await ListAsync(ben, DraftFilter.YourTurn)));
        Assert.Equal([draft.Id, locked], Ids(await ListAsync(ana, DraftFilter.Waiting)));
    }

    [Fact]
    public async Task Activity_brings_a_draft_to_the_top_and_a_new_name_does_not()
    {
        var ana = await database.Services.APersonAsync("Ana");
        Guid[] ids = [await CreateAsync(ana, "1"), await CreateAsync(ana, "2"), await CreateAsync(ana, "3")];

        await database.Services.AppendAsync(ids[0], ana, "Text");
        await Drafts.RenameAsync(new RenameDraft(ana, ids[1], "Renamed"));

        Assert.Equal([ids[0], ids[2], ids[1]], Ids(await ListAsync(ana)));
    }

    [Fact]
    public async Task A_search_finds_part_of_a_title_in_any_case_and_takes_every_character_for_itself()
    {
        var ana = await database.Services.APersonAsync("Ana");
        foreach (var title in (string[])["100% wool", "100 wool", "a_b", "aXb", @"back\slash", "backslash", "Äpfel und Birnen", "it's [a] test", "ΣΊΣΥΦΟΣ"])
        {
            await CreateAsync(ana, title);
        }

        Assert.Equal(["100% wool"], await SearchAsync("%"));
        Assert.Equal(["a_b"], await SearchAsync("_"));
        Assert.Equal([@"back\slash"], await SearchAsync(@"\"));
        Assert.Equal(["a_b"], await SearchAsync("A_B"));
        Assert.Equal(["100 wool", "100% wool"], await SearchAsync("WOOL"));
        Assert.Equal(["Äpfel und Birnen"], await SearchAsync("  ÄPFEL "));
        Assert.Equal(["Äpfel und Birnen"], await SearchAsync("äpfel"));
        Assert.Equal(["it's [a] test"], await SearchAsync("'S [A]"));
        Assert.Equal(["ΣΊΣΥΦΟΣ"], await SearchAsync("σίσυ"));
        Assert.Empty(await SearchAsync("nothing like it"));
        Assert.Empty(await SearchAsync("100\0"));
        Assert.Empty(await SearchAsync($"{'\uD83D'}"));
        Assert.Equal(9, (await SearchAsync(" ")).Count);

        async Task<List<string>> SearchAsync(string search) =>
            [.. (await ListAsync(ana, search: search)).Select(d => d.Title).Order(StringComparer.Ordinal)];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(100)]
    public async Task Page_by_page_every_draft_comes_exactly_once_also_when_many_are_equally_new(int limit)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        var drafts = services.GetRequiredService<DraftService>();
        var ana = await services.APersonAsync("Ana");
        for (var i = 0; i < 8; i++)
        {
            clock.Advance(i % 4 == 0 ? TimeSpan.FromMicroseconds(1) : TimeSpan.Zero);
            Given.Succeed(await drafts.CreateAsync(new CreateDraft(ana, $"Number {i}")));
        }

        var seen = new List<DraftSummary>();
        for (string? cursor = null; ;)
        {
            var page = Given.Succeed(await drafts.ListAsync(ana, cursor: cursor, limit: limit));
            Assert.InRange(page.Items.Count, 1, limit);
            seen.AddRange(page.Items);
            cursor = page.NextCursor;
            if (cursor is null)
            {
                break;
            }
        }

        Assert.Equal(8, seen.Count);
        Assert.Equal(
            seen.OrderByDescending(d => d.LastActivityAt).ThenByDescending(d => d.Id.ToString(), StringComparer.Ordinal).Select(d => d.Id),
            seen.Select(d => d.Id));
        Assert.Equal(8, seen.Select(d => d.Id).Distinct().Count());
        Assert.Equal(2, seen.Select(d => d.LastActivityAt).Distinct().Count());
    }

    [Fact]
    public async Task A_page_has_between_one_and_a_hundred_drafts()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Drafts.ListAsync("ana", limit: 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Drafts.ListAsync("ana", limit: 101));
    }

    [Fact]
    public async Task People_who_joined_at_once_stand_in_the_order_of_their_ids_byte_by_byte()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        var run = Guid.NewGuid().ToString("N")[..8];
        foreach (var (id, handle) in (Dictionary<string, string>)new() { ["z"] = "zoe", ["ä"] = "umlaut", ["Z"] = "zed", ["a"] = "ana" })
        {
            await services.GetRequiredService<AccountService>().SignUpAsync(new SignUp($"{handle}_{run}", handle, Password: null, Id: $"{id}{run}"));
        }
        var ana = $"a{run}";
        var draftId = Given.Succeed(await services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(ana, "Order")));
        foreach (var id in (string[])["ä", "z", "Z"])
        {
            await services.AddAsync(draftId, ana, $"{id}{run}", Role.Writer);
        }

        var people = (await services.ReadAsync(draftId, ana)).Collaborators.Select(c => c.UserId);
        var next = Given.Succeed(await services.GetRequiredService<RingService>().PreviewAsync(ana, draftId, Strategy.MostInactive));

        Assert.Equal([$"Z{run}", ana, $"z{run}", $"ä{run}"], people);
        Assert.Equal($"Z{run}", next.UserId);
    }

    private static IEnumerable<Guid> Ids(IEnumerable<DraftSummary> list) => list.Select(d => d.Id);

    private async Task<Guid> CreateAsync(string userId, string title) => Given.Succeed(await Drafts.CreateAsync(new CreateDraft(userId, title)));

    private async Task<IReadOnlyList<DraftSummary>> ListAsync(string userId, DraftFilter filter = DraftFilter.All, string? search = null) =>
        Given.Succeed(await Drafts.ListAsync(userId, filter, search)).Items;
}
