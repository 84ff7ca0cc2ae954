using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Data.Invites;
using OneRing.Data.Notices;
using OneRing.Data.Presences;
using OneRing.Data.Rings;
using OneRing.Data.Sharing;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Authorisation;

public sealed class ServiceMatrixTests_InMemory(SiteInMemory site) : ServiceMatrixTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class ServiceMatrixTests_Postgres(SiteOnPostgres site) : ServiceMatrixTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>Who may do what, decided by the services alone: every command, and every other thing that they do for somebody.</summary>
public abstract class ServiceMatrixTests(Site site)
{
    /// <summary>What somebody gets: "yes", "nothing" where there is nothing for them, or why it is refused.</summary>
    private static readonly Matrix Expected = new(
        """
        -- operation                                   Anonymous     Stranger      Reader        Writer        Holder        Owner          Former        Disabled      Admin
        AppendSegment                               | NotFound      NotFound      Forbidden     RingRequired  yes           RingRequired   NotFound      NotFound      NotFound
        PassRing                                    | NotFound      NotFound      Forbidden     RingRequired  yes           RingRequired   NotFound      NotFound      NotFound
        SmartPass                                   | NotFound      NotFound      Forbidden     RingRequired  yes           RingRequired   NotFound      NotFound      NotFound
        NudgeHolder                                 | NotFound      NotFound      Forbidden     yes           RecipientIsHolder yes            NotFound      NotFound      yes
        SetTurnRules                                | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        SetOrder                                    | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        ReclaimRing                                 | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        AskForRing                                  | NotFound      NotFound      Forbidden     yes           RecipientIsHolder yes            NotFound      NotFound      NotFound
        AskForMore                                  | NotFound      NotFound      Forbidden     RingRequired  NoTurnClock   RingRequired   NotFound      NotFound      NotFound
        RefuseMore                                  | NotFound      NotFound      Forbidden     NothingAsked  NothingAsked  NothingAsked   NotFound      NotFound      NotFound
        SetAway                                     | NotFound      NotFound      Forbidden     yes           yes           yes            NotFound      NotFound      NotFound
        RenameDraft                                 | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        ChangeDraft                                 | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        LockDraft                                   | NotFound      NotFound      Forbidden     Forbidden     yes           yes            NotFound      NotFound      NotFound
        UnlockDraft                                 | NotFound      NotFound      Forbidden     Forbidden     Forbidden     DraftNotLocked NotFound      NotFound      NotFound
        CompleteDraft                               | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        ArchiveDraft                                | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        DeleteDraft                                 | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        AddCollaborator                             | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        ChangeRole                                  | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        RemoveCollaborator                          | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        RemoveCollaborator of oneself               | NotFound      NotFound      yes           yes           yes           OwnerStays     NotFound      NotFound      NotFound
        OfferDraft                                  | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        AcceptDraft                                 | NotFound      NotFound      Forbidden     Forbidden     Forbidden     Forbidden      NotFound      NotFound      NotFound
        DropOffer                                   | NotFound      NotFound      Forbidden     Forbidden     Forbidden     NoOffer        NotFound      NotFound      NotFound
        ShowLive                                    | NotFound      NotFound      Forbidden     yes           yes           yes            NotFound      NotFound      NotFound
        CreateInvite                                | NotFound      NotFound      Forbidden     Forbidden     yes           yes            NotFound      NotFound      NotFound
        ResendInvite                                | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        RevokeInvite                                | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        AcceptInvite                                | InviteUnknown InviteUnknown InviteUnknown InviteUnknown InviteUnknown InviteUnknown  InviteUnknown InviteUnknown InviteUnknown
        DeclineInvite                               | InviteUnknown InviteUnknown InviteUnknown InviteUnknown InviteUnknown InviteUnknown  InviteUnknown InviteUnknown InviteUnknown
        ShareDraft                                  | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        UnshareDraft                                | NotFound      NotFound      Forbidden     Forbidden     Forbidden     yes            NotFound      NotFound      NotFound
        DraftService.CreateAsync                    | Forbidden     yes           yes           yes           yes           yes            yes           Forbidden     yes
        DraftService.FindAsync                      | nothing       nothing       yes           yes           yes           yes            nothing       nothing       nothing
        DraftService.ListEarlierAsync               | nothing       nothing       yes           yes           yes           yes            nothing       nothing       nothing
        DraftService.ListAsync                      | nothing       yes           yes           yes           yes           yes            yes           nothing       yes
        DraftService.ListWholeAsync                 | nothing       yes           yes           yes           yes           yes            yes           nothing       yes
        DraftService.RecordVisitAsync               | NotFound      NotFound      yes           yes           yes           yes            NotFound      NotFound      NotFound
        RingService.PreviewAsync                    | NotFound      NotFound      yes           yes           yes           yes            NotFound      NotFound      NotFound
        InviteService.ListAsync                     | NotFound      NotFound      Forbidden     Forbidden     yes           yes            NotFound      NotFound      NotFound
        InviteService.FindAsync                     | nothing       nothing       nothing       nothing       yes           yes            nothing       nothing       nothing
        InviteService.OpenAsync                     | InviteUnknown InviteUnknown InviteUnknown InviteUnknown InviteUnknown InviteUnknown  InviteUnknown InviteUnknown InviteUnknown
        SharingService.FindAsync                    | nothing       nothing       nothing       nothing       nothing       yes            nothing       nothing       nothing
        DraftAnalyticsService.FindDraftFiguresAsync | NotFound      NotFound      yes           yes           yes           yes            NotFound      NotFound      NotFound
        DraftAnalyticsService.FindInsightsAsync     | NotFound      NotFound      yes           yes           yes           yes            NotFound      NotFound      NotFound
        DraftAnalyticsService.FindOverviewAsync     | NotFound      NotFound      yes           yes           yes           yes            NotFound      NotFound      NotFound
        DraftAnalyticsService.ListTimelineAsync     | NotFound      NotFound      yes           yes           yes           yes            NotFound      NotFound      NotFound
        WorkingTextService.SaveAsync                | Forbidden     parked        parked        parked        yes           parked         parked        Forbidden     parked
        DraftFeed.WatchDraftAsync                   | nothing       nothing       yes           yes           yes           yes            nothing       nothing       nothing
        PresenceService.EnterAsync                  | nothing       nothing       yes           yes           yes           yes            nothing       nothing       nothing
        PresenceService.ReadAsync                   | nothing       nothing       yes           yes           yes           yes            nothing       nothing       nothing
        AnalyticsService.ListDraftsAsync            | Forbidden     Forbidden     Forbidden     Forbidden     Forbidden     Forbidden      Forbidden     Forbidden     yes
        AnalyticsService.ListWritersAsync           | Forbidden     Forbidden     Forbidden     Forbidden     Forbidden     Forbidden      Forbidden     Forbidden     yes
        AnalyticsService.ReadBreakdownAsync         | Forbidden     Forbidden     Forbidden     Forbidden     Forbidden     Forbidden      Forbidden     Forbidden     yes
        AnalyticsService.ReadTurnHealthAsync        | Forbidden     Forbidden     Forbidden     Forbidden     Forbidden     Forbidden      Forbidden     Forbidden     yes
        AnalyticsService.ReadAllStalledAsync        | Forbidden     Forbidden     Forbidden     Forbidden     Forbidden     Forbidden      Forbidden     Forbidden     yes
        AnalyticsService.ReadAllDraftsAsync         | Forbidden     Forbidden     Forbidden     Forbidden     Forbidden     Forbidden      Forbidden     Forbidden     yes
        AnalyticsService.ReadAllWritersAsync        | Forbidden     Forbidden     Forbidden     Forbidden     Forbidden     Forbidden      Forbidden     Forbidden     yes
        AnalyticsService.ReadDashboardAsync         | Forbidden     Forbidden     Forbidden     Forbidden     Forbidden     Forbidden      Forbidden     Forbidden     yes
        AnalyticsService.ListEventsAsync            | Forbidden     Forbidden     Forbidden     Forbidden     Forbidden     Forbidden      Forbidden     Forbidden     yes
        LeaderboardService.ReadAsync                | Forbidden     yes           yes           yes           yes           yes            yes           Forbidden     yes
        LeaderboardService.ReadAllAsync             | Forbidden     yes           yes           yes           yes           yes            yes           Forbidden     yes
        PersonalAnalyticsService.FindAsync          | Forbidden     yes           yes           yes           yes           yes            yes           Forbidden     yes
        UserAdministration.ListAsync                | Forbidden     Forbidden     Forbidden     Forbidden     Forbidden     Forbidden      Forbidden     Forbidden     yes
        UserAdministration.ReadAuditLogAsync        | Forbidden     Forbidden     Forbidden     Forbidden     Forbidden     Forbidden      Forbidden     Forbidden     yes
        UserAdministration.ActAsync                 | Forbidden     Forbidden     Forbidden     Forbidden     Forbidden     Forbidden      Forbidden     Forbidden     yes
        AccountService.FindPersonAsync              | nothing       yes           yes           yes           yes           yes            yes           nothing       yes
        AbsenceService.FindAsync                    | Forbidden     yes           yes           yes           yes           yes            yes           Forbidden     yes
        AbsenceService.SetAwayAsync                 | Forbidden     yes           yes           yes           yes           yes            yes           Forbidden     yes
        AbsenceService.SetTimeZoneAsync             | Forbidden     yes           yes           yes           yes           yes            yes           Forbidden     yes
        NoticeSettingsService.FindAsync             | Forbidden     yes           yes           yes           yes           yes            yes           Forbidden     yes
        NoticeSettingsService.ChooseAsync           | Forbidden     yes           yes           yes           yes           yes            yes           Forbidden     yes
        NoticeSettingsService.MuteAsync             | NotFound      NotFound      yes           yes           yes           yes            NotFound      NotFound      NotFound
        AccessTokenService.CreateAsync              | Forbidden     yes           yes           yes           yes           yes            yes           Forbidden     yes
        """);

    /// <summary>How each is tried. A command bears its name, anything else that of its service and method.</summary>
    private static readonly Dictionary<string, Func<World, Kind, string, Guid, Task<string>>> Tries = new(StringComparer.Ordinal)
    {
        ["AppendSegment"] = (world, kind, me, draft) =>
            Answer(world.Get<RingService>().AppendAsync(new AppendSegment(me, draft, "My words", Given.NewKey()))),
        ["PassRing"] = (world, kind, me, draft) =>
            Answer(world.Get<RingService>().PassAsync(new PassRing(me, draft, world.IdOf(Kind.Writer), Given.NewKey()))),
        ["SmartPass"] = (world, kind, me, draft) =>
            Answer(world.Get<RingService>().PassAsync(new SmartPass(me, draft, Strategy.RoundRobin, Given.NewKey()))),
        ["NudgeHolder"] = (world, kind, me, draft) =>
            Answer(world.Get<RingService>().NudgeAsync(new NudgeHolder(me, draft))),
        ["SetTurnRules"] = (world, kind, me, draft) =>
            Answer(world.Get<TurnService>().SetRulesAsync(new SetTurnRules(me, draft, new TurnRules(LimitHours: 24)))),
        ["SetOrder"] = async (world, kind, me, draft) =>
        {
            var people = (await world.Get<DraftService>().FindAsync(draft, world.IdOf(Kind.Owner)))!.Collaborators;
            return await Answer(world.Get<TurnService>().SetOrderAsync(new SetOrder(me, draft, [.. people.Where(c => c.Role != Role.Reader).Select(c => c.UserId)])));
        },
        ["ReclaimRing"] = (world, kind, me, draft) =>
            Answer(world.Get<TurnService>().ReclaimAsync(new ReclaimRing(me, draft))),
        ["AskForRing"] = (world, kind, me, draft) =>
            Answer(world.Get<TurnService>().AskAsync(new AskForRing(me, draft))),
        ["AskForMore"] = (world, kind, me, draft) =>
            Answer(world.Get<TurnService>().AskForMoreAsync(new AskForMore(me, draft))),
        ["RefuseMore"] = (world, kind, me, draft) =>
            Answer(world.Get<TurnService>().RefuseMoreAsync(new RefuseMore(me, draft))),
        ["SetAway"] = (world, kind, me, draft) =>
            Answer(world.Get<TurnService>().SetAwayAsync(new SetAway(me, draft, Until: null))),
        ["AbsenceService.FindAsync"] = (world, kind, me, draft) => Answer(world.Get<AbsenceService>().FindAsync(me)),
        ["AbsenceService.SetAwayAsync"] = (world, kind, me, draft) => Answer(world.Get<AbsenceService>().SetAwayAsync(me, until: null)),
        ["AbsenceService.SetTimeZoneAsync"] = (world, kind, me, draft) => Answer(world.Get<AbsenceService>().SetTimeZoneAsync(me, "Europe/Berlin")),
        ["NoticeSettingsService.FindAsync"] = (world, kind, me, draft) => Answer(world.Get<NoticeSettingsService>().FindAsync(me)),
        ["NoticeSettingsService.ChooseAsync"] = (world, kind, me, draft) => Answer(world.Get<NoticeSettingsService>().ChooseAsync(me, new NoticeChoices([]))),
        ["NoticeSettingsService.MuteAsync"] = (world, kind, me, draft) => Answer(world.Get<NoticeSettingsService>().MuteAsync(me, draft, isMuted: true)),
        ["RenameDraft"] = (world, kind, me, draft) =>
            Answer(world.Get<DraftService>().RenameAsync(new RenameDraft(me, draft, "My title"))),
        ["ChangeDraft"] = (world, kind, me, draft) =>
            Answer(world.Get<DraftService>().ChangeAsync(new ChangeDraft(me, draft, "My title", new TurnRulesChange { GraceHours = 2 }))),
        ["LockDraft"] = (world, kind, me, draft) =>
            Answer(world.Get<DraftService>().LockAsync(new LockDraft(me, draft))),
        ["UnlockDraft"] = (world, kind, me, draft) =>
            Answer(world.Get<DraftService>().UnlockAsync(new UnlockDraft(me, draft))),
        ["CompleteDraft"] = (world, kind, me, draft) =>
            Answer(world.Get<DraftService>().CompleteAsync(new CompleteDraft(me, draft))),
        ["ArchiveDraft"] = (world, kind, me, draft) =>
            Answer(world.Get<DraftService>().ArchiveAsync(new ArchiveDraft(me, draft))),
        ["DeleteDraft"] = (world, kind, me, draft) =>
            Answer(world.Get<DraftService>().DeleteAsync(new DeleteDraft(me, draft, "A draft"))),
        ["AddCollaborator"] = (world, kind, me, draft) =>
            Answer(world.Get<CollaboratorService>().AddAsync(new AddCollaborator(me, draft, world.HandleOf(Kind.Stranger), Role.Reader))),
        ["ChangeRole"] = (world, kind, me, draft) =>
            Answer(world.Get<CollaboratorService>().ChangeRoleAsync(new ChangeRole(me, draft, world.IdOf(Kind.Reader), Role.Writer))),
        ["RemoveCollaborator"] = (world, kind, me, draft) =>
            Answer(world.Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(me, draft, world.IdOf(kind == Kind.Reader ? Kind.Writer : Kind.Reader)))),
        ["RemoveCollaborator of oneself"] = (world, kind, me, draft) =>
            Answer(world.Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(me, draft, me))),
        ["OfferDraft"] = (world, kind, me, draft) =>
            Answer(world.Get<CollaboratorService>().OfferAsync(new OfferDraft(me, draft, world.IdOf(Kind.Writer)))),
        ["AcceptDraft"] = (world, kind, me, draft) =>
            Answer(world.Get<CollaboratorService>().AcceptAsync(new AcceptDraft(me, draft))),
        ["DropOffer"] = (world, kind, me, draft) =>
            Answer(world.Get<CollaboratorService>().DropOfferAsync(new DropOffer(me, draft))),
        ["ShowLive"] = (world, kind, me, draft) =>
            Answer(world.Get<CollaboratorService>().ShowLiveAsync(new ShowLive(me, draft, On: true))),
        ["CreateInvite"] = (world, kind, me, draft) =>
            Answer(world.Get<InviteService>().CreateAsync(new CreateInvite(me, draft, Role.Reader))),
        ["ResendInvite"] = async (world, kind, me, draft) =>
            await Answer(world.Get<InviteService>().ResendAsync(new ResendInvite(me, draft, (await world.InviteAsync(draft)).InviteId))),
        ["RevokeInvite"] = async (world, kind, me, draft) =>
            await Answer(world.Get<InviteService>().RevokeAsync(new RevokeInvite(me, draft, (await world.InviteAsync(draft)).InviteId))),
        ["AcceptInvite"] = async (world, kind, me, draft) =>
            await Answer(world.Get<InviteService>().AcceptAsync(new AcceptInvite(me, draft, (await world.InviteAsync(draft)).InviteId, "not the token of this link, which is longer"))),
        ["DeclineInvite"] = async (world, kind, me, draft) =>
            await Answer(world.Get<InviteService>().DeclineAsync(new DeclineInvite(me, draft, (await world.InviteAsync(draft)).InviteId))),
        ["ShareDraft"] = (world, kind, me, draft) =>
            Answer(world.Get<SharingService>().ShareAsync(new ShareDraft(me, draft))),
        ["UnshareDraft"] = (world, kind, me, draft) =>
            Answer(world.Get<SharingService>().UnshareAsync(new UnshareDraft(me, draft))),
        ["DraftService.CreateAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<DraftService>().CreateAsync(new CreateDraft(me, "One more"))),
        ["DraftService.FindAsync"] = (world, kind, me, draft) =>
            Found(world.Get<DraftService>().FindAsync(draft, me)),
        ["DraftService.ListEarlierAsync"] = async (world, kind, me, draft) =>
            await world.Get<DraftService>().ListEarlierAsync(me, draft, before: 1_000, limit: 1_000) is [] ? "nothing" : "yes",
        ["DraftService.ListAsync"] = (world, kind, me, draft) =>
            Listed(world.Get<DraftService>().ListAsync(me)),
        ["DraftService.ListWholeAsync"] = (world, kind, me, draft) =>
            Listed(world.Get<DraftService>().ListWholeAsync(me)),
        ["DraftService.RecordVisitAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<DraftService>().RecordVisitAsync(me, draft)),
        ["RingService.PreviewAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<RingService>().PreviewAsync(me, draft, Strategy.RoundRobin)),
        ["InviteService.ListAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<InviteService>().ListAsync(me, draft)),
        ["InviteService.FindAsync"] = async (world, kind, me, draft) =>
            await Found(world.Get<InviteService>().FindAsync(me, draft, (await world.InviteAsync(draft)).InviteId)),
        ["InviteService.OpenAsync"] = async (world, kind, me, draft) =>
            await Answer(world.Get<InviteService>().OpenAsync(me, draft, (await world.InviteAsync(draft)).InviteId, "not the token of this link, which is longer")),
        ["SharingService.FindAsync"] = async (world, kind, me, draft) =>
            await Found(world.Get<SharingService>().FindAsync(me, await SharedAsync(world, draft))),
        ["DraftAnalyticsService.FindDraftFiguresAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<DraftAnalyticsService>().FindDraftFiguresAsync(me, draft)),
        ["DraftAnalyticsService.FindInsightsAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<DraftAnalyticsService>().FindInsightsAsync(me, draft)),
        ["DraftAnalyticsService.FindOverviewAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<DraftAnalyticsService>().FindOverviewAsync(me, draft)),
        ["DraftAnalyticsService.ListTimelineAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<DraftAnalyticsService>().ListTimelineAsync(me, draft)),
        ["WorkingTextService.SaveAsync"] = async (world, kind, me, draft) =>
            await new TypedText(world.Services, draft, me).SaveAsync("My words") is var result && result.Succeeded && result.Value.IsParked ? "parked" : result.Refusal?.ToString() ?? "yes",
        ["DraftFeed.WatchDraftAsync"] = (world, kind, me, draft) =>
            Found(world.Get<DraftFeed>().WatchDraftAsync(me, draft, () => Task.CompletedTask)),
        ["PresenceService.EnterAsync"] = (world, kind, me, draft) =>
            Found(world.Get<PresenceService>().EnterAsync(me, draft, () => Task.CompletedTask)),
        ["PresenceService.ReadAsync"] = async (world, kind, me, draft) =>
        {
            // Without anybody there, there is nothing for anybody.
            await using var page = await world.Get<PresenceService>().EnterAsync(world.IdOf(Kind.Owner), draft, () => Task.CompletedTask);
            return await Found(world.Get<PresenceService>().ReadAsync(me, draft));
        },
        ["AnalyticsService.ListDraftsAsync"] = (world, kind, me, draft) => Answer(world.Get<AnalyticsService>().ListDraftsAsync(me, new DashboardQuery())),
        ["AnalyticsService.ReadBreakdownAsync"] = (world, kind, me, draft) => Answer(world.Get<AnalyticsService>().ReadBreakdownAsync(me, new DashboardQuery())),
        ["AnalyticsService.ReadTurnHealthAsync"] = (world, kind, me, draft) => Answer(world.Get<AnalyticsService>().ReadTurnHealthAsync(me)),
        ["AnalyticsService.ListWritersAsync"] = (world, kind, me, draft) => Answer(world.Get<AnalyticsService>().ListWritersAsync(me, new DashboardQuery())),
        ["AnalyticsService.ReadAllStalledAsync"] = (world, kind, me, draft) => Answer(world.Get<AnalyticsService>().ReadAllStalledAsync(me, platform: null, DateTimeOffset.UtcNow)),
        ["AnalyticsService.ReadAllDraftsAsync"] = (world, kind, me, draft) => Answer(world.Get<AnalyticsService>().ReadAllDraftsAsync(me, new DashboardQuery())),
        ["AnalyticsService.ReadAllWritersAsync"] = (world, kind, me, draft) => Answer(world.Get<AnalyticsService>().ReadAllWritersAsync(me, new DashboardQuery())),
        ["AnalyticsService.ReadDashboardAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<AnalyticsService>().ReadDashboardAsync(me, new DashboardQuery(Window.Day))),
        ["AnalyticsService.ListEventsAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<AnalyticsService>().ListEventsAsync(me, new EventQuery(DraftId: draft))),
        ["LeaderboardService.ReadAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<LeaderboardService>().ReadAsync(me, LeaderboardMetric.Collaboration)),
        ["LeaderboardService.ReadAllAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<LeaderboardService>().ReadAllAsync(me)),
        ["PersonalAnalyticsService.FindAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<PersonalAnalyticsService>().FindAsync(me)),
        ["UserAdministration.ListAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<UserAdministration>().ListAsync(me, search: null, page: 0)),
        ["UserAdministration.ReadAuditLogAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<UserAdministration>().ReadAuditLogAsync(me, page: 0)),
        ["UserAdministration.ActAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<UserAdministration>().ActAsync(new UserAct(me, world.IdOf(Kind.Stranger), Act.SignedOut, "a test"))),
        ["AccountService.FindPersonAsync"] = (world, kind, me, draft) =>
            Found(world.Get<AccountService>().FindPersonAsync(me, world.HandleOf(Kind.Owner))),
        ["AccessTokenService.CreateAsync"] = (world, kind, me, draft) =>
            Answer(world.Get<AccessTokenService>().CreateAsync(new NewAccessToken(me, "One more"))),
    };

    /// <summary>What a person does with their own account only, and what nobody asks for but the program: there is no draft and no role in it.</summary>
    private static readonly string[] OfOneself =
    [
        "AccessTokenService.ListAsync", "AccessTokenService.RevokeAsync", "AccessTokenService.FindUserIdAsync",
        "AccountDeletion.DeleteAsync", "PersonalData.WriteAsync",
        "AccountService.SignUpAsync", "AccountService.FindAsync", "AccountService.ResolveAsync", "AccountService.ChangeProfileAsync",
        "AccountService.ChangeNamingAsync",
        "AccountService.FindProfileAsync", "AccountService.FindByHandleAsync", "AccountService.MakePasswordTokenAsync",
        "SecurityService.*", "SignInService.*", "SessionWatch.*", "IdempotencyService.*", "EventStore.*", "DatabaseAudit.*", "DemoService.*",
        // Whose text it is decides: Writing/WorkingTextServiceTests.
        "WorkingTextService.FindAsync", "WorkingTextService.ParkAsync", "WorkingTextService.ListParkedAsync", "WorkingTextService.CountParkedAsync",
        "WorkingTextService.ReadParkedAsync", "WorkingTextService.DeleteParkedAsync",
        // Each looks only at what is the person's own: Rings/WaitingServiceTests.
        "WaitingService.FindAsync", "WaitingService.FindNewsAsync", "NoticeService.ListNewAsync", "NoticeService.ListAsync", "NoticeService.MarkSeenAsync",
        "InviteService.ListForAsync", "InviteService.CountForAsync", "InviteService.FindDraftAsync",
        // The link is the permission: Sharing/SharingServiceTests.
        "SharingService.ReadAsync", "SharingService.RecordVisitAsync",
        // So it is in a mail: Notices/NoticeMailerTests, Endpoints/UnsubscribeTests.
        "NoticeSettingsService.UnsubscribeAsync",
    ];

    [Fact]
    public async Task Everybody_gets_from_every_service_what_the_table_says()
    {
        var world = await World.MakeAsync(site);
        var actual = new List<string>();
        var expected = new List<string>();

        foreach (var (operation, tryAsync) in Tries)
        {
            var cells = new List<string>();
            foreach (var kind in Enum.GetValues<Kind>())
            {
                cells.Add(await tryAsync(world, kind, world.IdOf(kind), await world.DraftForAsync(kind)));
            }
            actual.Add(Matrix.Line(operation, cells));
            expected.Add(Matrix.Line(operation, Enum.GetValues<Kind>().Select(kind => Expected.Cell(operation, kind))));
        }

        Assert.Equal(string.Join('\n', expected), string.Join('\n', actual));
    }

    [Fact]
    public void Every_operation_that_there_is_has_its_line_in_the_table()
    {
        var commands = typeof(DraftCommand).Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(DraftCommand))).Select(type => type.Name);
        var others = typeof(DraftCommand).Assembly.GetExportedTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && site.Services.GetService(type) is not null)
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(method => typeof(Task).IsAssignableFrom(method.ReturnType) && !method.GetParameters()[0].ParameterType.IsSubclassOf(typeof(DraftCommand)))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}");
        var there = commands.Concat(others).Distinct(StringComparer.Ordinal)
            .Where(name => !OfOneself.Contains(name, StringComparer.Ordinal) && !OfOneself.Contains($"{name.Split('.')[0]}.*", StringComparer.Ordinal));

        Assert.Equal(there.Append("RemoveCollaborator of oneself").Order(StringComparer.Ordinal), Expected.Operations.Order(StringComparer.Ordinal));
        Assert.Equal(Expected.Operations.Order(StringComparer.Ordinal), Tries.Keys.Order(StringComparer.Ordinal));
    }

    private static async Task<string> Answer<T>(Task<Result<T>> running) => (await running).Refusal?.ToString() ?? "yes";

    private static async Task<string> Found<T>(Task<T?> running)
        where T : class => await running is null ? "nothing" : "yes";

    private static async Task<string> Listed<T>(Task<Result<Listing<T>>> running) => await running switch
    {
        { Refusal: { } refusal } => refusal.ToString(),
        { Value.Items.Count: 0 } => "nothing",
        _ => "yes",
    };

    private static async Task<Guid> SharedAsync(World world, Guid draft)
    {
        Given.Succeed(await world.Get<SharingService>().ShareAsync(new ShareDraft(world.IdOf(Kind.Owner), draft)));
        return draft;
    }
}
