using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Data.Writing;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Writing;

public sealed class WorkingTextServiceTests_InMemory(InMemory database) : WorkingTextServiceTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class WorkingTextServiceTests_Postgres(Postgres database) : WorkingTextServiceTests(database), IClassFixture<Postgres>;

public abstract class WorkingTextServiceTests(TestDatabase database)
{
    private WorkingTextService Words => database.Get<WorkingTextService>();

    [Fact]
    public async Task What_the_holder_types_is_there_for_another_page_of_theirs()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var typed = new TypedText(database.Services, draft.Id, draft.Ana, "here/1");

        Given.Succeed(await typed.SaveAsync("The lamp"));
        Given.Succeed(await typed.SaveAsync("The lamp 🪔 stayed\nlit.  "));

        var found = (await Words.FindAsync(draft.Ana, draft.Id, textId: null)).Current!;
        Assert.Equal((typed.Id, 2, "The lamp 🪔 stayed\nlit.  ", 5, "here/1"), (found.TextId, found.Revision, found.Content, found.Words, found.Page));
    }

    [Fact]
    public async Task A_change_replaces_a_stretch_of_the_text()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var id = Guid.NewGuid();
        Given.Succeed(await Words.SaveAsync(Change(draft, id, @base: 0, 0, 0, "The lamp stayed lit.", 20)));

        Given.Succeed(await Words.SaveAsync(Change(draft, id, @base: 1, 4, 4, "lantern", 23)));
        Given.Succeed(await Words.SaveAsync(Change(draft, id, @base: 2, 23, 0, " It did.", 31)));

        Assert.Equal("The lantern stayed lit. It did.", (await CurrentAsync(draft))!.Content);
    }

    [Theory]
    [InlineData(0, 0, 20, "x", 1)]
    [InlineData(3, 0, 0, "x", 21)]
    [InlineData(1, 0, 0, "x", 99)]
    [InlineData(1, 19, 2, "x", 19)]
    public async Task A_change_of_another_text_than_the_one_that_is_there_changes_nothing(int @base, int start, int remove, string insert, int length)
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var id = Guid.NewGuid();
        Given.Succeed(await Words.SaveAsync(Change(draft, id, @base: 0, 0, 0, "The lamp stayed lit.", 20)));

        var result = await Words.SaveAsync(Change(draft, id, @base, start, remove, insert, length));

        Assert.Equal(Refusal.WordsChanged, result.Refusal);
        Assert.Equal("The lamp stayed lit.", (await CurrentAsync(draft))!.Content);
    }

    [Theory]
    [InlineData(-1, 0, 0, "x", 1, Refusal.WordsInvalid)]
    [InlineData(0, -1, 0, "x", 1, Refusal.WordsInvalid)]
    [InlineData(0, 0, -1, "x", 1, Refusal.WordsInvalid)]
    [InlineData(0, 0, 0, "a\0b", 3, Refusal.TextUnreadable)]
    [InlineData(7, 0, 0, "x", 1, Refusal.TextUnknown)]
    public async Task A_change_that_cannot_be_kept_is_refused(int @base, int start, int remove, string insert, int length, Refusal expected)
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        var result = await Words.SaveAsync(Change(draft, Guid.NewGuid(), @base, start, remove, insert, length));

        Assert.Equal(expected, result.Refusal);
        Assert.Null(await CurrentAsync(draft));
    }

    [Fact]
    public async Task Half_a_character_is_refused()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        // Not as data of a theory: an attribute cannot hold it.
        Assert.Equal(Refusal.TextUnreadable, (await Words.SaveAsync(Change(draft, Guid.NewGuid(), @base: 0, 0, 0, "\uD83E", 1))).Refusal);
        Assert.Null(await CurrentAsync(draft));
    }

    [Fact]
    public async Task A_change_that_would_tear_a_character_in_two_is_refused()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var id = Guid.NewGuid();
        Given.Succeed(await Words.SaveAsync(Change(draft, id, @base: 0, 0, 0, "🪔", 2)));

        Assert.Equal(Refusal.TextUnreadable, (await Words.SaveAsync(Change(draft, id, @base: 1, 1, 0, "x", 3))).Refusal);
        Assert.Equal("🪔", (await CurrentAsync(draft))!.Content);
    }

    [Fact]
    public async Task Two_million_characters_are_kept_and_one_more_is_refused()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var typed = new TypedText(database.Services, draft.Id, draft.Ana);
        var longest = new string('a', Data.Texts.LongestWorkingText);

        Given.Succeed(await typed.SaveAsync(longest));

        Assert.Equal(Refusal.TextTooLong, (await typed.SaveAsync(longest + "a")).Refusal);
        Assert.Equal(longest, (await CurrentAsync(draft))!.Content);
    }

    [Fact]
    public async Task A_stale_page_overwrites_nothing()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var id = Guid.NewGuid();
        Given.Succeed(await Words.SaveAsync(Change(draft, id, @base: 0, 0, 0, "One", 3)));
        Given.Succeed(await Words.SaveAsync(Change(draft, id, @base: 1, 3, 0, " two", 7)));

        Assert.Equal(Refusal.WordsChanged, (await Words.SaveAsync(Change(draft, id, @base: 1, 3, 0, " three", 9))).Refusal);
        Assert.Equal(Refusal.WordsChanged, (await new TypedText(database.Services, draft.Id, draft.Ana, "other/2").SaveAsync("From a telephone")).Refusal);

        Assert.Equal("One two", (await CurrentAsync(draft))!.Content);
    }

    [Fact]
    public async Task Of_many_pages_that_begin_at_once_one_has_the_box()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => new TypedText(database.Services, draft.Id, draft.Ana).SaveAsync($"Text {i}"))));

        Assert.Single(results, result => result.Succeeded);
        Assert.All(results.Where(result => !result.Succeeded), result => Assert.Equal(Refusal.WordsChanged, result.Refusal));
    }

    [Fact]
    public async Task An_emptied_box_is_not_in_the_way_of_the_next_text()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var first = new TypedText(database.Services, draft.Id, draft.Ana);
        Given.Succeed(await first.SaveAsync("Never mind"));
        Given.Succeed(await first.SaveAsync(" "));

        Given.Succeed(await new TypedText(database.Services, draft.Id, draft.Ana).SaveAsync("Better"));

        Assert.Equal("Better", (await CurrentAsync(draft))!.Content);
        Assert.Empty(await Words.ListParkedAsync(draft.Ana, draft.Id));
    }

    [Fact]
    public async Task What_is_added_leaves_the_box_with_the_same_commit_and_can_be_asked_about()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var typed = new TypedText(database.Services, draft.Id, draft.Ana);
        Given.Succeed(await typed.SaveAsync("The lamp stayed"));

        Given.Succeed(await AppendAsync(draft, "The lamp stayed lit.", typed.Id));

        var found = await Words.FindAsync(draft.Ana, draft.Id, typed.Id);
        Assert.Null(found.Current);
        Assert.Equal("The lamp stayed lit.", found.Added);
        Assert.Equal(Refusal.TextUnknown, (await typed.SaveAsync("The lamp stayed lit.")).Refusal);
        Assert.Equal(Refusal.TextUnknown, (await new TypedText(database.Services, draft.Id, draft.Ana) { Id = typed.Id }.SaveAsync("The lamp stayed lit.")).Refusal);
        Assert.Empty(await Words.ListParkedAsync(draft.Ana));
        Assert.Null((await Words.FindAsync(draft.Ben, draft.Id, typed.Id)).Added);
    }

    [Fact]
    public async Task A_text_is_added_once_however_often_a_page_tries()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var id = Guid.NewGuid();

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => AppendAsync(draft, "Once.", id))));

        Assert.All(results, result => Assert.True(result.Succeeded));
        Assert.Equal(Refusal.IdempotencyMismatch, (await AppendAsync(draft, "Once and more.", id)).Refusal);
        Assert.Single((await database.Services.ReadAsync(draft.Id, draft.Ana)).Segments);
    }

    [Fact]
    public async Task What_was_parked_while_the_ring_went_and_came_back_is_parked_no_more_once_it_is_added()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var typed = new TypedText(database.Services, draft.Id, draft.Ana);
        Given.Succeed(await typed.SaveAsync("The lamp stayed lit."));
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await database.Services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        Assert.Single(await Words.ListParkedAsync(draft.Ana));

        Given.Succeed(await AppendAsync(draft, "The lamp stayed lit.", typed.Id));

        Assert.Empty(await Words.ListParkedAsync(draft.Ana));
    }

    [Fact]
    public async Task A_segment_that_came_another_way_leaves_the_text_in_the_box()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        Given.Succeed(await new TypedText(database.Services, draft.Id, draft.Ana).SaveAsync("Still typing"));

        await database.Services.AppendAsync(draft.Id, draft.Ana, "By a program.");

        Assert.Equal("Still typing", (await CurrentAsync(draft))!.Content);
    }

    [Fact]
    public async Task A_text_is_its_authors_alone()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var typed = new TypedText(database.Services, draft.Id, draft.Ana);
        Given.Succeed(await typed.SaveAsync("Mine"));
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        foreach (var other in (string[])[draft.Ben, draft.Cleo, draft.Dan])
        {
            Assert.Equal(Refusal.WordsChanged, (await new TypedText(database.Services, draft.Id, other) { Id = typed.Id }.SaveAsync("Theirs")).Refusal);
            Assert.Equal((null, null, null), await Words.FindAsync(other, draft.Id, typed.Id) is var found ? (found.Current, found.Added, found.Parked) : default);
            Assert.Empty(await Words.ListParkedAsync(other));
            Assert.Null(await Words.ReadParkedAsync(other, draft.Id, typed.Id));
            Assert.Equal(Refusal.TextUnknown, (await Words.DeleteParkedAsync(other, draft.Id, typed.Id)).Refusal);
            Assert.Equal(Refusal.TextUnknown, (await Words.ParkAsync(other, draft.Id, typed.Id)).Refusal);
        }
        Assert.Equal("Mine", await Words.ReadParkedAsync(draft.Ana, draft.Id, typed.Id));
    }

    [Fact]
    public async Task A_disabled_person_keeps_nothing_and_sees_nothing_until_they_are_back()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var typed = new TypedText(database.Services, draft.Id, draft.Ana);
        Given.Succeed(await typed.SaveAsync("Before"));
        var admin = await database.Services.APersonAsync("Ada", isAdmin: true);
        var users = database.Get<UserAdministration>();
        Given.Succeed(await users.ActAsync(new UserAct(admin, draft.Ana, Act.Disabled, "here")));

        Assert.Equal(Refusal.Forbidden, (await typed.SaveAsync("After")).Refusal);
        Assert.Empty(await Words.ListParkedAsync(draft.Ana));
        Assert.Equal(Refusal.NotFound, (await AppendAsync(draft, "After", Guid.NewGuid())).Refusal);

        Given.Succeed(await users.ActAsync(new UserAct(admin, draft.Ana, Act.Enabled, "here")));
        Assert.Equal("Before", await Words.ReadParkedAsync(draft.Ana, draft.Id, typed.Id));
        Assert.Equal(ParkedBecause.RingGone, Assert.Single(await Words.ListParkedAsync(draft.Ana)).Because);
    }

    private async Task<WorkingTextView?> CurrentAsync(ADraft draft) => (await Words.FindAsync(draft.Ana, draft.Id, textId: null)).Current;

    private Task<Result<Appended>> AppendAsync(ADraft draft, string text, Guid textId) =>
        database.Get<RingService>().AppendAsync(AppendSegment.FromPage(draft.Ana, draft.Id, text, textId, turn: null));

    private static SaveWords Change(ADraft draft, Guid textId, int @base, int start, int remove, string insert, int length) =>
        new(draft.Ana, draft.Id, textId, @base, start, remove, insert, length, "browser/page");
}
