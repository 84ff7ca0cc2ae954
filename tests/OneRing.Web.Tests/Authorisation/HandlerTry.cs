using System.Globalization;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Rings;
using OneRing.Data.Sharing;
using OneRing.Data.Writing;

namespace OneRing.Web.Tests.Authorisation;

/// <summary>How a handler comes to be called: by whom rightly, after what, and with what.</summary>
/// <param name="By">Who is shown the button.</param>
internal sealed record HandlerTry(Kind By)
{
    private static readonly DateTimeOffset LongAgo = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What has to have happened for the button to be there.</summary>
    public Func<Stage, Task> Before { get; init; } = _ => Task.CompletedTask;

    /// <summary>What the person has opened on the page first.</summary>
    public string? Opens { get; init; }

    /// <summary>What the person has typed or chosen: fields of the component.</summary>
    public Func<Stage, Task<(string Field, object? Value)[]>> Typed { get; init; } = _ => Task.FromResult<(string, object?)[]>([]);

    /// <summary>What the event hands to the handler.</summary>
    public Func<Stage, Kind, Task<object?[]>> Arguments { get; init; } = (_, _) => Task.FromResult<object?[]>([]);

    /// <summary>All of them, for each handler that there is.</summary>
    public static readonly Dictionary<string, HandlerTry> All = new(StringComparer.Ordinal)
    {
        ["AskPanel.AskAsync"] = new(Kind.Writer),
        ["AskPanel.RemindAsync"] = new(Kind.Writer),
        ["AskPanel.TakeBackAsync"] = new(Kind.Owner),
        ["AwayPanel.ComeBackAsync"] = new(Kind.Writer) { Before = stage => DoAsync(stage.Get<AbsenceService>().SetAwayAsync(stage.IdOf(Kind.Writer), Later(stage))) },
        ["AwayPanel.GoAsync"] = new(Kind.Writer) { Typed = stage => Typing(("lastDay", Later(stage).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))) },
        ["Composer.AppendAsync"] = new(Kind.Holder),
        ["DraftAdvice.PassToAsync"] = new(Kind.Holder) { Arguments = (stage, _) => With(stage.IdOf(Kind.Writer)) },
        ["DraftHeader.CompleteAsync"] = new(Kind.Owner),
        ["DraftHeader.LockAsync"] = new(Kind.Holder),
        ["DraftHeader.RenameAsync"] = new(Kind.Owner) { Typed = _ => Typing(("newTitle", "My title")) },
        ["DraftHeader.UnlockAsync"] = new(Kind.Owner) { Before = stage => DoAsync(stage.Get<DraftService>().LockAsync(new LockDraft(stage.IdOf(Kind.Owner), stage.DraftId))) },
        ["DraftRoom.Composer.PutBackAsync"] = new(Kind.Holder) { Before = ParkAsync, Arguments = (stage, _) => With(Parked(stage)) },
        ["InvitePanel.CreateAsync"] = new(Kind.Owner) { Typed = _ => Typing(("isLink", true)) },
        ["InvitePanel.ResendAsync"] = new(Kind.Owner) { Before = stage => InviteAsync(stage, handle: null), Arguments = async (stage, _) => [await InviteOfAsync(stage)] },
        ["InvitePanel.RevokeAsync"] = new(Kind.Owner) { Before = stage => InviteAsync(stage, handle: null), Arguments = async (stage, _) => [await InviteOfAsync(stage)] },
        ["LiveSwitch.SetAsync"] = new(Kind.Holder) { Arguments = (_, _) => With(true) },
        ["NamingChoice.SetAsync"] = new(Kind.Stranger) { Arguments = (_, _) => With(true) },
        ["NewDraftPage.CreateAsync"] = new(Kind.Stranger) { Typed = _ => Typing(("title", "One more")) },
        ["OwnerPanel.ArchiveAsync"] = new(Kind.Owner),
        ["OwnerPanel.DeleteAsync"] = new(Kind.Owner) { Typed = _ => Typing(("typed", Stage.Title)) },
        ["ParkedTexts.DeleteAsync"] = new(Kind.Holder) { Before = ParkAsync, Arguments = (stage, _) => With(Parked(stage)) },
        ["PeoplePanel.AcceptAsync"] = new(Kind.Writer) { Before = OfferAsync },
        ["PeoplePanel.AddAsync"] = new(Kind.Owner) { Typed = async stage => [("handle", await stage.HandleOfAsync(Kind.Stranger))] },
        ["PeoplePanel.ChangeRoleAsync"] = new(Kind.Owner) { Arguments = async (stage, _) => [await stage.PersonAsync(Kind.Reader)] },
        ["PeoplePanel.DropOfferAsync"] = new(Kind.Owner) { Before = OfferAsync },
        ["PeoplePanel.LeaveAsync"] = new(Kind.Writer),
        ["PeoplePanel.OfferAsync"] = new(Kind.Owner) { Arguments = async (stage, _) => [await stage.PersonAsync(Kind.Holder)] },
        ["PeoplePanel.RemoveAsync"] = new(Kind.Owner) { Arguments = async (stage, kind) => [await stage.PersonAsync(kind == Kind.Reader ? Kind.Writer : Kind.Reader)] },
        ["RingPanel.PassByStrategyAsync"] = new(Kind.Holder)
        {
            Typed = async stage =>
                [("chosen", (Strategy.RoundRobin, Given.Succeed(await stage.Get<RingService>().PreviewAsync(stage.IdOf(Kind.Holder), stage.DraftId, Strategy.RoundRobin))))],
        },
        ["RingPanel.PassToAsync"] = new(Kind.Holder) { Arguments = async (stage, _) => [await stage.PersonAsync(Kind.Writer)] },
        ["SharePanel.ShareAsync"] = new(Kind.Owner),
        ["SharePanel.UnshareAsync"] = new(Kind.Owner) { Before = stage => DoAsync(stage.Get<SharingService>().ShareAsync(new ShareDraft(stage.IdOf(Kind.Owner), stage.DraftId))) },
        ["TokensPage.CreateAsync"] = new(Kind.Stranger) { Typed = _ => Typing(("name", "One more")) },
        ["TokensPage.RevokeAsync"] = new(Kind.Stranger)
        {
            Before = async stage => stage.ThingId = Given.Succeed(await stage.Get<AccessTokenService>().CreateAsync(new NewAccessToken(stage.IdOf(Kind.Stranger), "A script"))).Id,
            Arguments = (stage, _) => With(new AccessTokenView(stage.ThingId, "A script", LongAgo, ExpiresAt: null, LastUsedAt: null)),
        },
        ["TurnHealthPanel.NudgeAsync"] = new(Kind.Admin)
        {
            Arguments = (stage, _) => With(new StalledRing(stage.DraftId, Stage.Title, Platform.Story, HolderName: null, Turn: 2, LongAgo, LongAgo, Fairness: null, NudgedAt: null)),
        },
        ["TurnOrder.DropAsync"] = new(Kind.Owner) { Typed = stage => Typing(("dragged", stage.IdOf(Kind.Writer))), Arguments = (_, _) => With(1) },
        ["TurnOrder.MoveAsync"] = new(Kind.Owner) { Arguments = (stage, _) => With(stage.IdOf(Kind.Writer), 1) },
        ["TurnRulesPanel.KeepAsync"] = new(Kind.Owner) { Opens = "BeginAsync", Typed = _ => Typing(("form.ExcusedMisses", 5)) },
        ["TurnTime.AskAsync"] = new(Kind.Holder) { Before = LimitAsync },
        ["TurnTime.RefuseAsync"] = new(Kind.Writer) { Before = AskForMoreAsync },
        ["WaitingPage.AcceptAsync"] = new(Kind.Stranger) { Before = InviteStrangerAsync, Arguments = (stage, _) => With(Invitation(stage)) },
        ["WaitingPage.DeclineAsync"] = new(Kind.Stranger) { Before = InviteStrangerAsync, Arguments = (stage, _) => With(Invitation(stage)) },
        ["WaitingPage.PassAsync"] = new(Kind.Holder)
        {
            Arguments = (stage, _) => With(
                new HeldRing(stage.DraftId, Stage.Title, Turn: 2, LongAgo, EndsAt: null, IsOver: false, NudgedAt: null, []), new RingWishView(stage.IdOf(Kind.Writer), "Writer", LongAgo, Note: null)),
        },
        ["WaitingPage.ReclaimAsync"] = new(Kind.Owner) { Arguments = (stage, _) => With(Awaited(stage)) },
        ["WaitingPage.RefuseAsync"] = new(Kind.Writer) { Before = AskForMoreAsync, Arguments = (stage, _) => With(Awaited(stage)) },
    };

    private static DateTimeOffset Later(Stage stage) => stage.Get<TimeProvider>().GetUtcNow().AddDays(5);

    private static Task<(string, object?)[]> Typing(params (string, object?)[] fields) => Task.FromResult(fields);

    private static Task<object?[]> With(params object?[] arguments) => Task.FromResult(arguments);

    private static async Task DoAsync<T>(Task<OneRing.Data.Result<T>> running) => Given.Succeed(await running);

    private static async Task ParkAsync(Stage stage)
    {
        var text = new TypedText(stage.Get<IServiceProvider>(), stage.DraftId, stage.IdOf(Kind.Holder));
        await DoAsync(text.SaveAsync("Words for later", park: true));
        stage.ThingId = text.Id;
    }

    private static ParkedTextView Parked(Stage stage) =>
        new(stage.ThingId, stage.DraftId, Stage.Title, IsOpen: true, "Words for later", Words: 3, Length: 15, LongAgo, ParkedBecause.Replaced);

    private static async Task InviteAsync(Stage stage, string? handle) =>
        stage.ThingId = Given.Succeed(await stage.Get<InviteService>().CreateAsync(new CreateInvite(stage.IdOf(Kind.Owner), stage.DraftId, Role.Writer, handle))).InviteId;

    private static async Task InviteStrangerAsync(Stage stage) => await InviteAsync(stage, await stage.HandleOfAsync(Kind.Stranger));

    private static async Task<InviteView> InviteOfAsync(Stage stage) =>
        (await stage.Get<InviteService>().FindAsync(stage.IdOf(Kind.Owner), stage.DraftId, stage.ThingId))!;

    private static InvitationView Invitation(Stage stage) =>
        new(stage.DraftId, stage.ThingId, Stage.Title, "Owner", Role.Writer, LongAgo, IsByHandle: true, Refusal: null, IsMember: false);

    private static AwaitedRing Awaited(Stage stage) =>
        new(stage.DraftId, Stage.Title, Turn: 2, stage.IdOf(Kind.Holder), "Holder", LongAgo, EndsAt: null, IsOver: false, MoreAt: null, MayReclaim: true, UsuallyHeld: null);

    private static Task OfferAsync(Stage stage) =>
        DoAsync(stage.Get<CollaboratorService>().OfferAsync(new OfferDraft(stage.IdOf(Kind.Owner), stage.DraftId, stage.IdOf(Kind.Writer))));

    private static Task LimitAsync(Stage stage) =>
        DoAsync(stage.Get<TurnService>().SetRulesAsync(new SetTurnRules(stage.IdOf(Kind.Owner), stage.DraftId, new TurnRules(LimitHours: 24))));

    private static async Task AskForMoreAsync(Stage stage)
    {
        await LimitAsync(stage);
        await DoAsync(stage.Get<TurnService>().AskForMoreAsync(new AskForMore(stage.IdOf(Kind.Holder), stage.DraftId)));
    }
}
