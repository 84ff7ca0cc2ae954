using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Data.Writing;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Writing;

public sealed class ParkingTests_InMemory(InMemory database) : ParkingTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class ParkingTests_Postgres(Postgres database) : ParkingTests(database), IClassFixture<Postgres>;

/// <summary>Whatever takes the pen from somebody in the middle of a sentence, the sentence is parked for them.</summary>
public abstract class ParkingTests(TestDatabase database)
{
    public enum Way
    {
        Passed,
        Locked,
        Completed,
        Archived,
        Deleted,
        MadeReader,
        Removed,
        Left,
        Disabled,
    }

    private WorkingTextService Texts => database.Get<WorkingTextService>();

    private RingService Rings => database.Get<RingService>();

    private DraftService Drafts => database.Get<DraftService>();

    private CollaboratorService Collaborators => database.Get<CollaboratorService>();

    [Theory]
    [InlineData(Way.Passed, ParkedBecause.RingGone)]
    [InlineData(Way.Locked, ParkedBecause.Locked)]
    [InlineData(Way.Completed, ParkedBecause.Completed)]
    [InlineData(Way.Archived, ParkedBecause.Archived)]
    [InlineData(Way.Deleted, ParkedBecause.Deleted)]
    [InlineData(Way.MadeReader, ParkedBecause.RoleChanged)]
    [InlineData(Way.Removed, ParkedBecause.Removed)]
    [InlineData(Way.Left, ParkedBecause.Removed)]
    [InlineData(Way.Disabled, ParkedBecause.RingGone)]
    public async Task The_sentence_is_parked_with_the_change_and_what_was_typed_last_follows_it(Way way, ParkedBecause because)
    {
        var draft = await ADraftHeldByBenAsync();
        var typed = new TypedText(database.Services, draft.Id, draft.Ben);
        Given.Succeed(await typed.SaveAsync("The lamp st"));

        await LoseAsync(draft, way);
        await EnableAsync(draft.Ben);

        var parked = Assert.Single(await Texts.ListParkedAsync(draft.Ben));
        Assert.Equal((typed.Id, draft.Id, "A draft", "The lamp st", 3, because), (parked.TextId, parked.DraftId, parked.DraftTitle, parked.Beginning, parked.Words, parked.Because));
        Assert.Null((await Texts.FindAsync(draft.Ben, draft.Id, typed.Id)).Current);

        // What the page had not sent yet when it happened.
        Assert.True(Given.Succeed(await typed.SaveAsync("The lamp stayed lit.")).IsParked);
        Assert.Equal("The lamp stayed lit.", await Texts.ReadParkedAsync(draft.Ben, draft.Id, typed.Id));
        Assert.Single(await Texts.ListParkedAsync(draft.Ben));
    }

    [Theory]
    [InlineData(Way.Passed, ParkedBecause.StaleTurn)]
    [InlineData(Way.Locked, ParkedBecause.Locked)]
    [InlineData(Way.Completed, ParkedBecause.Completed)]
    [InlineData(Way.Archived, ParkedBecause.Archived)]
    [InlineData(Way.Deleted, ParkedBecause.Removed)]
    [InlineData(Way.MadeReader, ParkedBecause.RoleChanged)]
    [InlineData(Way.Removed, ParkedBecause.Removed)]
    [InlineData(Way.Left, ParkedBecause.Removed)]
    public async Task A_refused_append_is_parked_though_nothing_of_it_was_kept_before(Way way, ParkedBecause because)
    {
        var draft = await ADraftHeldByBenAsync();
        await LoseAsync(draft, way);
        var id = Guid.NewGuid();

        var first = await Rings.AppendAsync(AppendSegment.FromPage(draft.Ben, draft.Id, "The lamp stayed lit.", id, turn: 2));
        var again = await Rings.AppendAsync(AppendSegment.FromPage(draft.Ben, draft.Id, "The lamp stayed lit.", id, turn: 2));

        Assert.NotNull(first.Refusal);
        Assert.Equal(first.Refusal, again.Refusal);
        var parked = Assert.Single(await Texts.ListParkedAsync(draft.Ben));
        Assert.Equal((id, "The lamp stayed lit.", because), (parked.TextId, parked.Beginning, parked.Because));
        Assert.Equal(way is Way.Deleted or Way.Removed or Way.Left ? null : "A draft", parked.DraftTitle);
    }

    [Fact]
    public async Task What_a_program_wanted_to_add_is_parked_once_however_often_it_tries()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var request = new AppendSegment(draft.Ben, draft.Id, "Me first!", Given.NewKey());

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Rings.AppendAsync(request))));

        Assert.Equal("Me first!", Assert.Single(await Texts.ListParkedAsync(draft.Ben, draft.Id)).Beginning);
    }

    [Theory]
    [InlineData("", Refusal.TextBlank)]
    [InlineData(" \n", Refusal.TextBlank)]
    [InlineData("a\0", Refusal.TextUnreadable)]
    public async Task What_its_author_can_mend_stays_where_it_is(string text, Refusal expected)
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        Assert.Equal(expected, (await Rings.AppendAsync(AppendSegment.FromPage(draft.Ana, draft.Id, text, Guid.NewGuid(), turn: null))).Refusal);

        Assert.Empty(await Texts.ListParkedAsync(draft.Ana));
    }

    [Fact]
    public async Task A_stranger_keeps_their_words_and_learns_nothing_of_the_draft()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync(title: "A secret title");

        Given.Succeed(await new TypedText(database.Services, draft.Id, draft.Dan).SaveAsync("To whom it may concern"));
        Given.Succeed(await new TypedText(database.Services, Guid.NewGuid(), draft.Dan).SaveAsync("To nobody"));

        var parked = await Texts.ListParkedAsync(draft.Dan);
        Assert.Equal(2, parked.Count);
        Assert.All(parked, text => Assert.Equal((null, false, ParkedBecause.Removed), (text.DraftTitle, text.IsOpen, text.Because)));
    }

    [Fact]
    public async Task Of_two_versions_the_one_not_chosen_is_parked()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var first = new TypedText(database.Services, draft.Id, draft.Ana, "one/1");
        var second = new TypedText(database.Services, draft.Id, draft.Ana, "two/2");
        Given.Succeed(await first.SaveAsync("First"));
        Assert.Equal(Refusal.WordsChanged, (await second.SaveAsync("Second")).Refusal);

        Given.Succeed(await Texts.ParkAsync(draft.Ana, draft.Id, first.Id));
        Given.Succeed(await Texts.ParkAsync(draft.Ana, draft.Id, first.Id));
        Given.Succeed(await second.SaveAsync("Second"));
        Given.Succeed(await new TypedText(database.Services, draft.Id, draft.Ana, "three/3").SaveAsync("Third", park: true));

        Assert.Equal("Second", (await Texts.FindAsync(draft.Ana, draft.Id, textId: null)).Current!.Content);
        Assert.Equal(["Third", "First"], (await Texts.ListParkedAsync(draft.Ana, draft.Id)).Select(text => text.Beginning));
    }

    [Fact]
    public async Task A_parked_text_can_be_deleted_and_one_in_the_box_cannot()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var typed = new TypedText(database.Services, draft.Id, draft.Ana);
        Given.Succeed(await typed.SaveAsync("Mine"));
        Assert.Equal(Refusal.TextUnknown, (await Texts.DeleteParkedAsync(draft.Ana, draft.Id, typed.Id)).Refusal);
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        Given.Succeed(await Texts.DeleteParkedAsync(draft.Ana, draft.Id, typed.Id));

        Assert.Empty(await Texts.ListParkedAsync(draft.Ana));
        Assert.Equal(0, await Texts.CountParkedAsync(draft.Ana));
        Assert.Equal(Refusal.TextUnknown, (await Texts.DeleteParkedAsync(draft.Ana, draft.Id, typed.Id)).Refusal);
    }

    [Fact]
    public async Task An_empty_box_is_not_parked()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var typed = new TypedText(database.Services, draft.Id, draft.Ana);
        Given.Succeed(await typed.SaveAsync("Never mind"));
        Given.Succeed(await typed.SaveAsync("\n "));

        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        Assert.Empty(await Texts.ListParkedAsync(draft.Ana));
    }

    [Fact]
    public async Task However_words_and_a_pass_race_no_text_stays_open_and_no_word_is_lost()
    {
        for (var round = 0; round < 12; round++)
        {
            var draft = await database.Services.ADraftHeldByAnaAsync();
            var typed = new TypedText(database.Services, draft.Id, draft.Ana);
            if (round % 2 == 0)
            {
                Given.Succeed(await typed.SaveAsync("The lamp"));
            }

            var saving = Task.Run(() => typed.SaveAsync("The lamp stayed lit."));
            var passing = Task.Run(() => database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben));
            await Task.WhenAll(saving, passing);

            Given.Succeed(await saving);
            Assert.Null((await Texts.FindAsync(draft.Ana, draft.Id, typed.Id)).Current);
            Assert.Equal("The lamp stayed lit.", await Texts.ReadParkedAsync(draft.Ana, draft.Id, typed.Id));
        }
    }

    [Fact]
    public async Task Nobody_parks_more_than_there_is_room_for_and_says_so()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        for (var i = 0; i < Parking.Most; i++)
        {
            Given.Succeed(await new TypedText(database.Services, Guid.NewGuid(), draft.Dan).SaveAsync("x"));
        }

        Assert.Equal(Refusal.TooManyParked, (await new TypedText(database.Services, draft.Id, draft.Dan).SaveAsync("one more")).Refusal);
        Assert.Equal(Parking.Most, await Texts.CountParkedAsync(draft.Dan));
    }

    private async Task<ADraft> ADraftHeldByBenAsync()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        return draft;
    }

    private async Task LoseAsync(ADraft draft, Way way)
    {
        switch (way)
        {
            case Way.Passed:
                await database.Services.PassAsync(draft.Id, draft.Ben, draft.Ana);
                break;
            case Way.Locked:
                Given.Succeed(await Drafts.LockAsync(new LockDraft(draft.Ana, draft.Id)));
                break;
            case Way.Completed:
                Given.Succeed(await Drafts.CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)));
                break;
            case Way.Archived:
                Given.Succeed(await Drafts.ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id, Away: true)));
                break;
            case Way.Deleted:
                Given.Succeed(await Drafts.DeleteAsync(new DeleteDraft(draft.Ana, draft.Id, "A draft")));
                break;
            case Way.MadeReader:
                Given.Succeed(await Collaborators.ChangeRoleAsync(new ChangeRole(draft.Ana, draft.Id, draft.Ben, Role.Reader)));
                break;
            case Way.Removed:
                Given.Succeed(await Collaborators.RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));
                break;
            case Way.Left:
                Given.Succeed(await Collaborators.RemoveAsync(new RemoveCollaborator(draft.Ben, draft.Id, draft.Ben)));
                break;
            case Way.Disabled:
                Given.Succeed(await database.Get<UserAdministration>().ActAsync(new UserAct(ActorId: null, draft.Ben, Act.Disabled, "here")));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(way), way, "There is no such way.");
        }
    }

    private async Task EnableAsync(string userId)
    {
        if (await database.Get<AccountService>().FindAsync(userId) is null)
        {
            Given.Succeed(await database.Get<UserAdministration>().ActAsync(new UserAct(ActorId: null, userId, Act.Enabled, "here")));
        }
    }
}
