using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Audit;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Drafts;

public sealed class RingAndPeopleTests_InMemory(InMemory database) : RingAndPeopleTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class RingAndPeopleTests_Postgres(Postgres database) : RingAndPeopleTests(database), IClassFixture<Postgres>;

/// <summary>The ring never hangs in the air, whatever happens to the people of a draft.</summary>
public abstract class RingAndPeopleTests(TestDatabase database)
{
    /// <summary>How somebody may stop being able to hold the ring.</summary>
    public enum Way
    {
        Removed,
        Left,
        MadeReader,
        Disabled,
        Ended,
    }

    public static TheoryData<Way, DraftStatus> WaysInEveryStatus
    {
        get
        {
            var all = new TheoryData<Way, DraftStatus>();
            foreach (var way in Enum.GetValues<Way>())
            {
                foreach (var status in Enum.GetValues<DraftStatus>())
                {
                    all.Add(way, status);
                }
            }
            return all;
        }
    }

    private CollaboratorService Collaborators => database.Get<CollaboratorService>();

    private DraftService Drafts => database.Get<DraftService>();

    private UserAdministration Users => database.Get<UserAdministration>();

    [Theory]
    [MemberData(nameof(WaysInEveryStatus))]
    public async Task A_ring_whose_holder_can_hold_it_no_longer_returns_to_the_owner(Way way, DraftStatus status)
    {
        var draft = await ADraftHeldByBenAsync(status);

        await LoseAsync(draft, draft.Ben, way);

        var view = await database.Services.ReadAsync(draft.Id, draft.Ana);
        var pass = view.Passes[^1];
        Assert.Equal((draft.Ana, 3, status), (view.HolderId, view.Turn, view.Status));
        Assert.Equal((3, draft.Ben, draft.Ana, Chosen.Returned), (pass.Turn, pass.FromId, pass.ToId, pass.Chosen));
        var events = await database.Get<EventStore>().ReadAsync(new EventQuery(Types: [EventType.RingPassed], DraftId: draft.Id));
        Assert.Equal(2, events.Count);
        await AssertSoundAsync(draft.Id);
    }

    [Theory]
    [InlineData(Way.Disabled)]
    [InlineData(Way.Ended)]
    public async Task The_ring_of_an_owner_whose_account_ends_or_is_disabled_goes_to_the_first_writer(Way way)
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);

        await LoseAsync(draft, draft.Ana, way);

        var view = await database.Services.ReadAsync(draft.Id, draft.Ben);
        Assert.Equal((draft.Ben, "Ben", 2), (view.HolderId, view.HolderName, view.Turn));
        Assert.Equal(way == Way.Ended ? draft.Ben : draft.Ana, Assert.Single(view.Collaborators, c => c.Role == Role.Owner).UserId);
        await database.Services.AppendAsync(draft.Id, draft.Ben, "It goes on.");
        await AssertSoundAsync(draft.Id);
    }

    [Fact]
    public async Task When_the_account_of_an_owner_without_the_ring_ends_the_first_writer_owns_the_draft_and_the_ring_stays()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Dan);

        await LoseAsync(draft, draft.Ana, Way.Ended);

        var view = await database.Services.ReadAsync(draft.Id, draft.Dan);
        Assert.Equal((draft.Dan, 2), (view.HolderId, view.Turn));
        Assert.Equal(draft.Ben, Assert.Single(view.Collaborators, c => c.Role == Role.Owner).UserId);
        await AssertSoundAsync(draft.Id);
    }

    [Theory]
    [InlineData(Way.Disabled)]
    [InlineData(Way.Ended)]
    public async Task With_nobody_left_to_write_the_draft_is_locked_and_reads_on(Way way)
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AppendAsync(draft.Id, draft.Ana, "The only words");
        Given.Succeed(await Collaborators.RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));

        await LoseAsync(draft, draft.Ana, way);

        var view = await database.Services.ReadAsync(draft.Id, draft.Cleo);
        Assert.Equal((DraftStatus.Locked, 1), (view.Status, view.Turn));
        Assert.Equal("The only words", Assert.Single(view.Segments).Content);
        await AssertSoundAsync(draft.Id);
    }

    [Fact]
    public async Task A_draft_that_was_locked_for_want_of_writers_goes_on_when_its_owner_is_back()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var admin = await database.Services.APersonAsync("Ada", isAdmin: true);
        await ActAsync(admin, draft.Ana, Act.Disabled);
        await ActAsync(admin, draft.Ben, Act.Disabled);
        Assert.Equal(DraftStatus.Locked, (await database.Services.ReadAsync(draft.Id, draft.Cleo)).Status);

        await ActAsync(admin, draft.Ana, Act.Enabled);
        Given.Succeed(await Drafts.UnlockAsync(new UnlockDraft(draft.Ana, draft.Id)));

        var view = await database.Services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal((DraftStatus.Active, draft.Ana, Chosen.Returned), (view.Status, view.HolderId, view.Passes[^1].Chosen));
        await database.Services.AppendAsync(draft.Id, draft.Ana, "And on.");
        await AssertSoundAsync(draft.Id);
    }

    [Fact]
    public async Task An_owner_whose_last_writer_is_disabled_leaves_the_draft_to_them()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var admin = await database.Services.APersonAsync("Ada", isAdmin: true);
        await ActAsync(admin, draft.Ben, Act.Disabled);
        await LoseAsync(draft, draft.Ana, Way.Ended);

        await ActAsync(admin, draft.Ben, Act.Enabled);
        Given.Succeed(await Drafts.UnlockAsync(new UnlockDraft(draft.Ben, draft.Id)));

        Assert.Equal(draft.Ben, (await database.Services.ReadAsync(draft.Id, draft.Ben)).HolderId);
        await AssertSoundAsync(draft.Id);
    }

    [Fact]
    public async Task A_ring_passed_to_somebody_while_they_are_disabled_never_stays_with_them()
    {
        var admin = await database.Services.APersonAsync("Ada", isAdmin: true);
        for (var round = 0; round < 8; round++)
        {
            var draft = await database.Services.ADraftHeldByAnaAsync();

            await Race.AtOnceAsync(4, async i => i switch
            {
                0 => (object?)(await Users.ActAsync(new UserAct(admin, draft.Ben, Act.Disabled, "here"))).Refusal,
                1 => (await database.Get<RingService>().PassAsync(new PassRing(draft.Ana, draft.Id, draft.Ben, Given.NewKey()))).Refusal,
                2 => (await database.Get<RingService>().AppendAsync(new AppendSegment(draft.Ben, draft.Id, "Quick", Given.NewKey()))).Refusal,
                _ => (await database.Get<RingService>().AppendAsync(new AppendSegment(draft.Ana, draft.Id, "Quick", Given.NewKey()))).Refusal,
            });

            Assert.Equal(draft.Ana, (await database.Services.ReadAsync(draft.Id, draft.Ana)).HolderId);
            await AssertSoundAsync(draft.Id);
        }
    }

    [Fact]
    public async Task Somebody_let_in_and_given_the_ring_while_they_are_disabled_does_not_keep_it()
    {
        var admin = await database.Services.APersonAsync("Ada", isAdmin: true);
        for (var round = 0; round < 8; round++)
        {
            var draft = await database.Services.ADraftHeldByAnaAsync();
            var handle = await database.Services.HandleOfAsync(draft.Dan);

            await Race.AtOnceAsync(2, async i =>
            {
                if (i == 0)
                {
                    return (await Users.ActAsync(new UserAct(admin, draft.Dan, Act.Disabled, "here"))).Refusal;
                }
                await Collaborators.AddAsync(new AddCollaborator(draft.Ana, draft.Id, handle, Role.Writer));
                await database.Get<RingService>().PassAsync(new PassRing(draft.Ana, draft.Id, draft.Dan, Given.NewKey()));
                return default;
            });

            Assert.Equal(draft.Ana, (await database.Services.ReadAsync(draft.Id, draft.Ana)).HolderId);
            await AssertSoundAsync(draft.Id);
        }
    }

    [Fact]
    public async Task An_owner_hands_the_draft_on_to_somebody_who_agrees_and_the_ring_stays_where_it_is()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Dan);

        Assert.Equal(Refusal.OwnerStays, (await Collaborators.RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ana))).Refusal);
        Assert.Equal(Refusal.Forbidden, (await Collaborators.AcceptAsync(new AcceptDraft(draft.Ben, draft.Id))).Refusal);
        Given.Succeed(await Collaborators.OfferAsync(new OfferDraft(draft.Ana, draft.Id, draft.Ben)));
        Assert.Equal(draft.Ben, (await database.Services.ReadAsync(draft.Id, draft.Cleo)).OfferedToId);
        Assert.Equal(Refusal.Forbidden, (await Collaborators.AcceptAsync(new AcceptDraft(draft.Dan, draft.Id))).Refusal);
        Given.Succeed(await Collaborators.AcceptAsync(new AcceptDraft(draft.Ben, draft.Id)));

        var view = await database.Services.ReadAsync(draft.Id, draft.Ben);
        Assert.Equal((draft.Dan, 2, Role.Owner, null), (view.HolderId, view.Turn, view.Role, view.OfferedToId));
        Assert.Equal(Role.Writer, view.Collaborators.Single(c => c.UserId == draft.Ana).Role);
        Given.Succeed(await Collaborators.RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ana)));
        await database.Services.AppendAsync(draft.Id, draft.Dan, "Mine to write.");
        await AssertSoundAsync(draft.Id);
    }

    [Fact]
    public async Task An_offer_can_be_taken_back_and_turned_down_and_falls_with_whom_it_was_made_to()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        foreach (var who in (string[])[draft.Ana, draft.Ben])
        {
            Given.Succeed(await Collaborators.OfferAsync(new OfferDraft(draft.Ana, draft.Id, draft.Ben)));
            Given.Succeed(await Collaborators.DropOfferAsync(new DropOffer(who, draft.Id)));
            Assert.Equal(Refusal.Forbidden, (await Collaborators.AcceptAsync(new AcceptDraft(draft.Ben, draft.Id))).Refusal);
        }
        Given.Succeed(await Collaborators.OfferAsync(new OfferDraft(draft.Ana, draft.Id, draft.Ben)));
        Given.Succeed(await Collaborators.RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));

        Assert.Null((await database.Services.ReadAsync(draft.Id, draft.Ana)).OfferedToId);
        Assert.Equal(Refusal.AlreadyOwner, (await Collaborators.OfferAsync(new OfferDraft(draft.Ana, draft.Id, draft.Ana))).Refusal);
        Assert.Equal(Refusal.NotACollaborator, (await Collaborators.OfferAsync(new OfferDraft(draft.Ana, draft.Id, draft.Dan))).Refusal);
    }

    [Fact]
    public async Task Of_an_owner_who_takes_the_offer_back_while_it_is_accepted_one_wins_and_there_is_one_owner()
    {
        for (var round = 0; round < 8; round++)
        {
            var draft = await database.Services.ADraftHeldByAnaAsync();
            Given.Succeed(await Collaborators.OfferAsync(new OfferDraft(draft.Ana, draft.Id, draft.Ben)));

            var results = await Race.AtOnceAsync(2, i => i == 0
                ? Collaborators.AcceptAsync(new AcceptDraft(draft.Ben, draft.Id))
                : Collaborators.DropOfferAsync(new DropOffer(draft.Ana, draft.Id)));

            Assert.Single(results, result => result.Succeeded);
            await AssertSoundAsync(draft.Id);
        }
    }

    [Fact]
    public async Task A_disabled_person_can_be_removed()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var admin = await database.Services.APersonAsync("Ada", isAdmin: true);
        await ActAsync(admin, draft.Ben, Act.Disabled);
        Assert.True((await database.Services.ReadAsync(draft.Id, draft.Ana)).Collaborators.Single(c => c.UserId == draft.Ben).IsDisabled);

        Given.Succeed(await Collaborators.RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));

        Assert.DoesNotContain((await database.Services.ReadAsync(draft.Id, draft.Ana)).Collaborators, c => c.UserId == draft.Ben);
    }

    private async Task<ADraft> ADraftHeldByBenAsync(DraftStatus status)
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        _ = status switch
        {
            DraftStatus.Locked => Given.Succeed(await Drafts.LockAsync(new LockDraft(draft.Ana, draft.Id))),
            DraftStatus.Completed => Given.Succeed(await Drafts.CompleteAsync(new CompleteDraft(draft.Ana, draft.Id))),
            _ => default,
        };
        return draft;
    }

    private async Task LoseAsync(ADraft draft, string userId, Way way)
    {
        switch (way)
        {
            case Way.Removed:
                Given.Succeed(await Collaborators.RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, userId)));
                break;
            case Way.Left:
                Given.Succeed(await Collaborators.RemoveAsync(new RemoveCollaborator(userId, draft.Id, userId)));
                break;
            case Way.MadeReader:
                Given.Succeed(await Collaborators.ChangeRoleAsync(new ChangeRole(draft.Ana, draft.Id, userId, Role.Reader)));
                break;
            case Way.Disabled:
                await ActAsync(await database.Services.APersonAsync("Ada", isAdmin: true), userId, Act.Disabled);
                break;
            default:
                await database.Get<IDbContextFactory<OneRingDbContext>>().InTransactionAsync(
                    async (db, transaction, token) =>
                    {
                        await Departures.LeaveAllAsync(db, userId, DateTimeOffset.UtcNow, token);
                        await transaction.CommitAsync(token);
                        return true;
                    },
                    CancellationToken.None);
                break;
        }
    }

    private async Task ActAsync(string adminId, string userId, Act act) =>
        Given.Succeed(await Users.ActAsync(new UserAct(adminId, userId, act, "here")));

    private async Task AssertSoundAsync(Guid draftId) =>
        Assert.DoesNotContain((await database.Get<DatabaseAudit>().RunAsync()).Findings, finding => finding.DraftId == draftId);
}
