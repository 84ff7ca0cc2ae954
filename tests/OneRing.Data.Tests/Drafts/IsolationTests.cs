using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Data.Invites;
using OneRing.Data.Presences;
using OneRing.Data.Rings;
using OneRing.Data.Sharing;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Drafts;

public sealed class IsolationTests_InMemory(InMemory database) : IsolationTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class IsolationTests_Postgres(Postgres database) : IsolationTests(database), IClassFixture<Postgres>;

/// <summary>Nobody sees or changes a draft who is not one of its people, and its people do no more than their role allows.</summary>
public abstract class IsolationTests(TestDatabase database)
{
    private static readonly Dictionary<string, Case> Cases = new(StringComparer.Ordinal)
    {
        [nameof(AppendSegment)] = new(
            ByAWriter: Refusal.RingRequired,
            (all, draft, who) => RefusalOf(all.Rings.AppendAsync(new AppendSegment(who, draft.Id, "My words", Given.NewKey())))),
        [nameof(PassRing)] = new(
            ByAWriter: Refusal.RingRequired,
            (all, draft, who) => RefusalOf(all.Rings.PassAsync(new PassRing(who, draft.Id, draft.Ben, Given.NewKey())))),
        [nameof(SmartPass)] = new(
            ByAWriter: Refusal.RingRequired,
            (all, draft, who) => RefusalOf(all.Rings.PassAsync(new SmartPass(who, draft.Id, Strategy.MostInactive, Given.NewKey())))),
        // What it is, is told to admins as figures; the text is not.
        [nameof(NudgeHolder)] = new(
            ByAWriter: null,
            (all, draft, who) => RefusalOf(all.Rings.NudgeAsync(new NudgeHolder(who, draft.Id))),
            ByTheOwner: Refusal.RecipientIsHolder,
            IsForAdmins: true),
        [nameof(SetTurnRules)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Turns.SetRulesAsync(new SetTurnRules(who, draft.Id, new TurnRules(LimitHours: 24))))),
        [nameof(SetOrder)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Turns.SetOrderAsync(new SetOrder(who, draft.Id, [draft.Ben, draft.Ana])))),
        [nameof(ReclaimRing)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Turns.ReclaimAsync(new ReclaimRing(who, draft.Id))),
            ByTheOwner: Refusal.RecipientIsHolder),
        // Everybody who waits may ask.
        [nameof(AskForRing)] = new(
            ByAWriter: null,
            (all, draft, who) => RefusalOf(all.Turns.AskAsync(new AskForRing(who, draft.Id))),
            ByTheOwner: Refusal.RecipientIsHolder),
        [nameof(AskForMore)] = new(
            ByAWriter: Refusal.RingRequired,
            (all, draft, who) => RefusalOf(all.Turns.AskForMoreAsync(new AskForMore(who, draft.Id))),
            ByTheOwner: Refusal.NoTurnClock),
        [nameof(RefuseMore)] = new(
            ByAWriter: Refusal.NothingAsked,
            (all, draft, who) => RefusalOf(all.Turns.RefuseMoreAsync(new RefuseMore(who, draft.Id))),
            ByTheOwner: Refusal.NothingAsked),
        [nameof(SetAway)] = new(
            ByAWriter: null,
            (all, draft, who) => RefusalOf(all.Turns.SetAwayAsync(new SetAway(who, draft.Id, DateTimeOffset.UtcNow.AddDays(3))))),
        [nameof(RenameDraft)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Drafts.RenameAsync(new RenameDraft(who, draft.Id, "My title")))),
        [nameof(ChangeDraft)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Drafts.ChangeAsync(new ChangeDraft(who, draft.Id, "My title", new TurnRulesChange { GraceHours = 2 })))),
        [nameof(LockDraft)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Drafts.LockAsync(new LockDraft(who, draft.Id)))),
        [nameof(UnlockDraft)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Drafts.UnlockAsync(new UnlockDraft(who, draft.Id))),
            ByTheOwner: Refusal.DraftNotLocked),
        [nameof(CompleteDraft)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Drafts.CompleteAsync(new CompleteDraft(who, draft.Id)))),
        [nameof(AddCollaborator)] = new(
            ByAWriter: Refusal.Forbidden,
            async (all, draft, who) => await RefusalOf(all.Collaborators.AddAsync(
                new AddCollaborator(who, draft.Id, await all.Services.HandleOfAsync(draft.Dan), Role.Writer)))),
        [nameof(ChangeRole)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Collaborators.ChangeRoleAsync(new ChangeRole(who, draft.Id, draft.Cleo, Role.Writer)))),
        [nameof(RemoveCollaborator)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Collaborators.RemoveAsync(
                new RemoveCollaborator(who, draft.Id, who == draft.Cleo ? draft.Ben : draft.Cleo)))),
        [nameof(CreateInvite)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Invites.CreateAsync(new CreateInvite(who, draft.Id, Role.Reader)))),
        [nameof(ResendInvite)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Invites.ResendAsync(new ResendInvite(who, draft.Id, AnInvite))),
            ByTheOwner: Refusal.InviteUnknown),
        [nameof(ShareDraft)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Sharing.ShareAsync(new ShareDraft(who, draft.Id)))),
        [nameof(UnshareDraft)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Sharing.UnshareAsync(new UnshareDraft(who, draft.Id)))),
        // Whose invite it is, and whether it is for them, is all that counts: see InviteServiceTests.
        [nameof(RevokeInvite)] = new(
            ByAWriter: Refusal.InviteUnknown,
            (all, draft, who) => RefusalOf(all.Invites.RevokeAsync(new RevokeInvite(who, draft.Id, AnInvite))),
            ByTheOwner: Refusal.InviteUnknown,
            ByAReader: Refusal.InviteUnknown),
        [nameof(AcceptInvite)] = new(
            ByAWriter: Refusal.InviteUnknown,
            (all, draft, who) => RefusalOf(all.Invites.AcceptAsync(new AcceptInvite(who, draft.Id, AnInvite, "a guess"))),
            ByTheOwner: Refusal.InviteUnknown,
            ByAReader: Refusal.InviteUnknown,
            ByAnOutsider: Refusal.InviteUnknown),
        [nameof(DeclineInvite)] = new(
            ByAWriter: Refusal.InviteUnknown,
            (all, draft, who) => RefusalOf(all.Invites.DeclineAsync(new DeclineInvite(who, draft.Id, AnInvite))),
            ByTheOwner: Refusal.InviteUnknown,
            ByAReader: Refusal.InviteUnknown,
            ByAnOutsider: Refusal.InviteUnknown),
        [nameof(ArchiveDraft)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Drafts.ArchiveAsync(new ArchiveDraft(who, draft.Id)))),
        [nameof(DeleteDraft)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Drafts.DeleteAsync(new DeleteDraft(who, draft.Id, "A draft")))),
        [nameof(OfferDraft)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Collaborators.OfferAsync(new OfferDraft(who, draft.Id, draft.Ben)))),
        [nameof(AcceptDraft)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Collaborators.AcceptAsync(new AcceptDraft(who, draft.Id))),
            ByTheOwner: Refusal.Forbidden),
        [nameof(DropOffer)] = new(
            ByAWriter: Refusal.Forbidden,
            (all, draft, who) => RefusalOf(all.Collaborators.DropOfferAsync(new DropOffer(who, draft.Id))),
            ByTheOwner: Refusal.NoOffer),
        // Everybody who writes says it for themselves.
        [nameof(ShowLive)] = new(
            ByAWriter: null,
            (all, draft, who) => RefusalOf(all.Collaborators.ShowLiveAsync(new ShowLive(who, draft.Id, On: true)))),
    };

    private static readonly Guid AnInvite = Guid.CreateVersion7();

    /// <summary>Somebody for whom there must be no draft.</summary>
    public enum Outsider
    {
        Stranger,
        Admin,
        Removed,
        Disabled,
        Unknown,
    }

    public static TheoryData<Outsider> Outsiders => [.. Enum.GetValues<Outsider>()];

    public static TheoryData<string> Commands =>
        [.. typeof(DraftCommand).Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(DraftCommand))).Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Outsiders))]
    public async Task For_an_outsider_there_is_no_draft(Outsider kind)
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var outsider = await AnOutsiderAsync(draft, kind);
        var before = await Rows.CountAsync(database.Services, draft.Id);

        var found = await database.Get<DraftService>().FindAsync(draft.Id, outsider);
        var listed = await database.Get<DraftService>().ListAsync(outsider);
        var watched = await database.Get<DraftFeed>().WatchDraftAsync(outsider, draft.Id, () => Task.CompletedTask);
        await using var entered = await database.Get<PresenceService>().EnterAsync(outsider, draft.Id, () => Task.CompletedTask);
        await using var anas = await database.Get<PresenceService>().EnterAsync(draft.Ana, draft.Id, () => Task.CompletedTask);
        var present = await database.Get<PresenceService>().ReadAsync(outsider, draft.Id);
        var visited = await database.Get<DraftService>().RecordVisitAsync(outsider, draft.Id);
        var previewed = await database.Get<RingService>().PreviewAsync(outsider, draft.Id, Strategy.MostInactive);

        Assert.Null(found);
        Assert.Empty(Given.Succeed(listed).Items);
        Assert.Null(watched);
        Assert.Null(entered);
        Assert.Null(present);
        Assert.Equal(Refusal.NotFound, visited.Refusal);
        Assert.Equal(Refusal.NotFound, previewed.Refusal);
        Assert.Equal(before, await Rows.CountAsync(database.Services, draft.Id));
    }

    [Fact]
    public async Task For_its_people_there_is_a_draft()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        foreach (var who in (string[])[draft.Ana, draft.Ben, draft.Cleo])
        {
            Assert.NotNull(await database.Get<DraftService>().FindAsync(draft.Id, who));
            Assert.Equal(draft.Id, Assert.Single(Given.Succeed(await database.Get<DraftService>().ListAsync(who)).Items).Id);
            using var watch = await database.Get<DraftFeed>().WatchDraftAsync(who, draft.Id, () => Task.CompletedTask);
            Assert.NotNull(watch);
            Assert.True(Given.Succeed(await database.Get<DraftService>().RecordVisitAsync(who, draft.Id)));
            Assert.Equal(draft.Ben, Given.Succeed(await database.Get<RingService>().PreviewAsync(who, draft.Id, Strategy.MostInactive)).UserId);
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task An_outsider_is_told_that_there_is_no_such_draft(string command)
    {
        var the = The(command);

        foreach (var kind in Enum.GetValues<Outsider>())
        {
            var draft = await database.Services.ADraftHeldByAnaAsync();
            var outsider = await AnOutsiderAsync(draft, kind);
            var before = await Rows.CountAsync(database.Services, draft.Id);

            var refusal = await the.RunAsync(new All(database), draft, outsider);

            if (kind == Outsider.Admin && the.IsForAdmins)
            {
                Assert.Null(refusal);
                continue;
            }
            Assert.Equal((kind, the.ByAnOutsider), (kind, refusal));
            Assert.Equal(before, await Rows.CountAsync(database.Services, draft.Id));
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_reader_may_change_nothing(string command)
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var before = await Rows.CountAsync(database.Services, draft.Id);

        var refusal = await The(command).RunAsync(new All(database), draft, draft.Cleo);

        Assert.Equal(The(command).ByAReader, refusal);
        Assert.Equal(before, await Rows.CountAsync(database.Services, draft.Id));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_writer_without_the_ring_may_change_nothing_but_what_is_theirs(string command)
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var before = await Rows.CountAsync(database.Services, draft.Id);

        var refusal = await The(command).RunAsync(new All(database), draft, draft.Ben);

        Assert.Equal(The(command).ByAWriter, refusal);
        if (refusal is not null)
        {
            Assert.Equal(before, await Rows.CountAsync(database.Services, draft.Id));
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task The_owner_with_the_ring_may_do_everything(string command)
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        var refusal = await The(command).RunAsync(new All(database), draft, draft.Ana);

        Assert.Equal(The(command).ByTheOwner, refusal);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_draft_that_does_not_exist_looks_like_one_of_others(string command)
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        var refusal = await The(command).RunAsync(new All(database), draft with { Id = Guid.CreateVersion7() }, draft.Ana);

        Assert.Equal(The(command).ByAnOutsider, refusal);
    }

    [Fact]
    public async Task An_owner_whose_account_is_disabled_is_an_outsider_too()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await DisableAsync(draft.Ana);

        foreach (var the in Cases.Values)
        {
            Assert.Equal(the.ByAnOutsider, await the.RunAsync(new All(database), draft, draft.Ana));
        }
        Assert.Null(await database.Get<DraftService>().FindAsync(draft.Id, draft.Ana));
    }

    [Fact]
    public async Task A_person_whose_account_is_disabled_starts_no_draft()
    {
        var ana = await database.Services.APersonAsync("Ana");
        await DisableAsync(ana);

        var created = await database.Get<DraftService>().CreateAsync(new CreateDraft(ana, "One more"));

        Assert.Equal(Refusal.Forbidden, created.Refusal);
        await using var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        Assert.False(await db.Drafts.AnyAsync(d => d.CreatorId == ana));
    }

    [Fact]
    public async Task A_person_whose_account_is_disabled_cannot_be_given_the_ring()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await DisableAsync(draft.Ben);

        var passed = await database.Get<RingService>().PassAsync(new PassRing(draft.Ana, draft.Id, draft.Ben, Given.NewKey()));
        var smartlyPassed = await database.Get<RingService>().PassAsync(new SmartPass(draft.Ana, draft.Id, Strategy.MostInactive, Given.NewKey()));

        Assert.Equal(Refusal.RecipientCannotHold, passed.Refusal);
        Assert.Equal(Refusal.NoCollaboratorCandidates, smartlyPassed.Refusal);
    }

    [Theory]
    [InlineData(Outsider.Removed)]
    [InlineData(Outsider.Disabled)]
    public async Task A_page_that_was_open_reads_nothing_once_its_reader_is_out(Outsider kind)
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var open = await database.Get<DraftFeed>().WatchDraftAsync(draft.Ben, draft.Id, () =>
        {
            news.TrySetResult();
            return Task.CompletedTask;
        });
        await database.Services.ReadAsync(draft.Id, draft.Ben);
        await MakeOutsiderAsync(draft, kind);

        await database.Services.AppendAsync(draft.Id, draft.Ana, "Not for Ben's eyes");

        await news.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Null(await database.Get<DraftService>().FindAsync(draft.Id, draft.Ben));
    }

    [Fact]
    public async Task A_note_is_for_the_next_holder_alone()
    {
        const string Note = "Ask nobody about the lamp.";
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        Given.Succeed(await database.Get<RingService>().PassAsync(new PassRing(draft.Ana, draft.Id, draft.Ben, Given.NewKey(), Note: Note)));
        await database.Services.PassAsync(draft.Id, draft.Ben, draft.Dan);

        var notes = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var who in (string[])[draft.Ana, draft.Ben, draft.Cleo, draft.Dan])
        {
            notes[who] = (await database.Services.ReadAsync(draft.Id, who)).Passes[0].Note;
        }

        Assert.Equal(
            new Dictionary<string, string?>(StringComparer.Ordinal) { [draft.Ana] = null, [draft.Ben] = Note, [draft.Cleo] = null, [draft.Dan] = null },
            notes);
        Assert.All(await database.Get<EventStore>().ReadAsync(new EventQuery(DraftId: draft.Id)), happened => Assert.DoesNotContain("lamp", happened.Data));
    }

    private static Case The(string command) =>
        Cases.TryGetValue(command, out var found) ? found : throw new InvalidOperationException($"{command} is new: say here who may not do it.");

    private static async Task<Refusal?> RefusalOf<T>(Task<Result<T>> running) => (await running).Refusal;

    private async Task<string> AnOutsiderAsync(ADraft draft, Outsider kind)
    {
        switch (kind)
        {
            case Outsider.Stranger:
                return draft.Dan;
            case Outsider.Admin:
                return await database.Services.APersonAsync("Ada", isAdmin: true);
            case Outsider.Unknown:
                return Guid.NewGuid().ToString();
            default:
                await MakeOutsiderAsync(draft, kind);
                return draft.Ben;
        }
    }

    /// <summary>Puts Ben out.</summary>
    private Task MakeOutsiderAsync(ADraft draft, Outsider kind) => kind == Outsider.Disabled
        ? DisableAsync(draft.Ben)
        : database.Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben));

    private async Task DisableAsync(string userId)
    {
        await using var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        var user = await db.Users.SingleAsync(u => u.Id == userId);
        user.Disable(DateTimeOffset.UnixEpoch);
        await db.SaveChangesAsync();
    }

    /// <summary>How to carry out a command, and what somebody hears who may not, or may.</summary>
    private sealed record Case(
        Refusal? ByAWriter,
        Func<All, ADraft, string, Task<Refusal?>> RunAsync,
        Refusal? ByTheOwner = null,
        Refusal ByAReader = Refusal.Forbidden,
        Refusal ByAnOutsider = Refusal.NotFound,
        bool IsForAdmins = false);

    private sealed class All(TestDatabase database)
    {
        public IServiceProvider Services => database.Services;

        public DraftService Drafts => database.Get<DraftService>();

        public CollaboratorService Collaborators => database.Get<CollaboratorService>();

        public RingService Rings => database.Get<RingService>();

        public TurnService Turns => database.Get<TurnService>();

        public InviteService Invites => database.Get<InviteService>();

        public SharingService Sharing => database.Get<SharingService>();
    }
}
