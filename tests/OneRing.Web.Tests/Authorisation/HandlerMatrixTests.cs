using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Data.Writing;

namespace OneRing.Web.Tests.Authorisation;

/// <summary>
/// Who changes something by which event of which component, and who does it by the event of an old page: each handler is called as an attacker calls it, past whatever
/// the page shows, on a component that was drawn for somebody who may.
/// </summary>
public sealed class HandlerMatrixTests : OneRingContext
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;

    /// <summary>Who changes something by it, whoever it was drawn for.</summary>
    private static readonly Matrix Who = new(
        """
        -- who                            Anonymous Stranger Reader Writer Holder Owner Former Disabled Admin
        AskPanel.AskAsync               | -         -        -      yes    -      yes   -      -        -
        AskPanel.RemindAsync            | -         -        -      yes    -      yes   -      -        yes
        AskPanel.TakeBackAsync          | -         -        -      -      -      yes   -      -        -
        AwayPanel.ComeBackAsync         | -         -        -      yes    yes    yes   -      -        -
        AwayPanel.GoAsync               | -         -        -      yes    yes    yes   -      -        -
        Composer.AppendAsync            | -         -        -      -      yes    -     -      -        -
        DraftAdvice.PassToAsync         | -         -        -      -      yes    -     -      -        -
        DraftHeader.CompleteAsync       | -         -        -      -      -      yes   -      -        -
        DraftHeader.LockAsync           | -         -        -      -      yes    yes   -      -        -
        DraftHeader.RenameAsync         | -         -        -      -      -      yes   -      -        -
        DraftHeader.UnlockAsync         | -         -        -      -      -      yes   -      -        -
        DraftRoom.Composer.PutBackAsync | -         -        -      -      yes    -     -      -        -
        InvitePanel.CreateAsync         | -         -        -      -      yes    yes   -      -        -
        InvitePanel.ResendAsync         | -         -        -      -      -      yes   -      -        -
        InvitePanel.RevokeAsync         | -         -        -      -      -      yes   -      -        -
        LiveSwitch.SetAsync             | -         -        -      yes    yes    yes   -      -        -
        NamingChoice.SetAsync           | -         yes      yes    yes    yes    yes   yes    -        yes
        NewDraftPage.CreateAsync        | -         yes      yes    yes    yes    yes   yes    -        yes
        OwnerPanel.ArchiveAsync         | -         -        -      -      -      yes   -      -        -
        OwnerPanel.DeleteAsync          | -         -        -      -      -      yes   -      -        -
        ParkedTexts.DeleteAsync         | -         -        -      -      yes    -     -      -        -
        PeoplePanel.AcceptAsync         | -         -        -      yes    -      -     -      -        -
        PeoplePanel.AddAsync            | -         -        -      -      -      yes   -      -        -
        PeoplePanel.ChangeRoleAsync     | -         -        -      -      -      yes   -      -        -
        PeoplePanel.DropOfferAsync      | -         -        -      yes    -      yes   -      -        -
        PeoplePanel.LeaveAsync          | -         -        yes    yes    yes    -     -      -        -
        PeoplePanel.OfferAsync          | -         -        -      -      -      yes   -      -        -
        PeoplePanel.RemoveAsync         | -         -        -      -      -      yes   -      -        -
        RingPanel.PassByStrategyAsync   | -         -        -      -      yes    -     -      -        -
        RingPanel.PassToAsync           | -         -        -      -      yes    -     -      -        -
        SharePanel.ShareAsync           | -         -        -      -      -      yes   -      -        -
        SharePanel.UnshareAsync         | -         -        -      -      -      yes   -      -        -
        TokensPage.CreateAsync          | -         yes      yes    yes    yes    yes   yes    -        yes
        TokensPage.RevokeAsync          | -         yes      -      -      -      -     -      -        -
        TurnHealthPanel.NudgeAsync      | -         -        -      yes    -      yes   -      -        yes
        TurnOrder.DropAsync             | -         -        -      -      -      yes   -      -        -
        TurnOrder.MoveAsync             | -         -        -      -      -      yes   -      -        -
        TurnRulesPanel.KeepAsync        | -         -        -      -      -      yes   -      -        -
        TurnTime.AskAsync               | -         -        -      -      yes    -     -      -        -
        TurnTime.RefuseAsync            | -         -        -      yes    -      yes   -      -        -
        WaitingPage.AcceptAsync         | -         yes      -      -      -      -     -      -        -
        WaitingPage.DeclineAsync        | -         yes      -      -      -      -     -      -        -
        WaitingPage.PassAsync           | -         -        -      -      yes    -     -      -        -
        WaitingPage.ReclaimAsync        | -         -        -      -      -      yes   -      -        -
        WaitingPage.RefuseAsync         | -         -        -      yes    -      yes   -      -        -
        """);

    /// <summary>
    /// Whether the one who was rightly shown it still changes something by it after that has happened: what stays "yes" is their own, or the role that they still have.
    /// A dot is where it cannot happen.
    /// </summary>
    private static readonly Matrix<Meanwhile> After = new(
        """
        -- after                            RingPassed MadeReader Removed Disabled HandedOver Locked Completed Archived Deleted
        AskPanel.AskAsync               | -          -          -       -        yes        -      -         -        -
        AskPanel.RemindAsync            | -          -          -       -        yes        -      -         -        -
        AskPanel.TakeBackAsync          | -          -          -       -        -          -      -         -        -
        AwayPanel.ComeBackAsync         | yes        yes        yes     -        yes        yes    yes       yes      yes
        AwayPanel.GoAsync               | yes        -          -       -        yes        yes    yes       yes      -
        Composer.AppendAsync            | -          -          -       -        yes        -      -         -        -
        DraftAdvice.PassToAsync         | -          -          -       -        yes        -      -         -        -
        DraftHeader.CompleteAsync       | yes        -          -       -        -          -      -         yes      -
        DraftHeader.LockAsync           | -          -          -       -        yes        -      -         yes      -
        DraftHeader.RenameAsync         | yes        -          -       -        -          yes    yes       yes      -
        DraftHeader.UnlockAsync         | .          -          -       -        -          .      .         yes      -
        DraftRoom.Composer.PutBackAsync | yes        yes        yes     -        yes        yes    yes       yes      yes
        InvitePanel.CreateAsync         | yes        -          -       -        -          yes    -         yes      -
        InvitePanel.ResendAsync         | yes        -          -       -        -          yes    -         yes      -
        InvitePanel.RevokeAsync         | yes        yes        -       -        yes        yes    yes       yes      -
        LiveSwitch.SetAsync             | yes        -          -       -        yes        yes    yes       yes      -
        NamingChoice.SetAsync           | yes        .          .       -        yes        yes    yes       yes      yes
        NewDraftPage.CreateAsync        | yes        .          .       -        yes        yes    yes       yes      yes
        OwnerPanel.ArchiveAsync         | yes        -          -       -        -          yes    yes       -        -
        OwnerPanel.DeleteAsync          | yes        -          -       -        -          yes    yes       yes      -
        ParkedTexts.DeleteAsync         | yes        yes        yes     -        yes        yes    yes       yes      yes
        PeoplePanel.AcceptAsync         | yes        yes        -       -        -          yes    yes       yes      -
        PeoplePanel.AddAsync            | yes        -          -       -        -          yes    -         yes      -
        PeoplePanel.ChangeRoleAsync     | yes        -          -       -        -          yes    yes       yes      -
        PeoplePanel.DropOfferAsync      | yes        -          -       -        -          yes    yes       yes      -
        PeoplePanel.LeaveAsync          | yes        yes        -       -        yes        yes    yes       yes      -
        PeoplePanel.OfferAsync          | yes        -          -       -        -          yes    yes       yes      -
        PeoplePanel.RemoveAsync         | yes        -          -       -        -          yes    yes       yes      -
        RingPanel.PassByStrategyAsync   | -          -          -       -        yes        -      -         -        -
        RingPanel.PassToAsync           | -          -          -       -        yes        -      -         -        -
        SharePanel.ShareAsync           | yes        -          -       -        -          yes    yes       yes      -
        SharePanel.UnshareAsync         | yes        -          -       -        -          yes    yes       yes      -
        TokensPage.CreateAsync          | yes        .          .       -        yes        yes    yes       yes      yes
        TokensPage.RevokeAsync          | yes        .          .       yes      yes        yes    yes       yes      yes
        TurnHealthPanel.NudgeAsync      | -          .          .       -        yes        -      -         -        -
        TurnOrder.DropAsync             | yes        -          -       -        -          yes    yes       yes      -
        TurnOrder.MoveAsync             | yes        -          -       -        -          yes    yes       yes      -
        TurnRulesPanel.KeepAsync        | yes        -          -       -        -          yes    -         yes      -
        TurnTime.AskAsync               | -          -          -       -        yes        -      -         -        -
        TurnTime.RefuseAsync            | -          -          -       -        yes        -      -         -        -
        WaitingPage.AcceptAsync         | yes        .          .       -        yes        yes    -         yes      -
        WaitingPage.DeclineAsync        | yes        .          .       -        yes        yes    yes       yes      -
        WaitingPage.PassAsync           | -          -          -       -        yes        -      -         -        -
        WaitingPage.ReclaimAsync        | -          -          -       -        -          -      -         -        -
        WaitingPage.RefuseAsync         | -          -          -       -        yes        -      -         -        -
        """);

    /// <summary>What each handler comes to.</summary>
    private static readonly Dictionary<string, string> Operations = new(StringComparer.Ordinal)
    {
        ["AskPanel.AskAsync"] = "AskForRing",
        ["AskPanel.RemindAsync"] = "NudgeHolder",
        ["AskPanel.TakeBackAsync"] = "ReclaimRing",
        ["AwayPanel.ComeBackAsync"] = "AbsenceService.SetAwayAsync, SetAway",
        ["AwayPanel.GoAsync"] = "AbsenceService.SetAwayAsync, SetAway",
        ["Composer.AppendAsync"] = "AppendSegment",
        ["DraftAdvice.PassToAsync"] = "PassRing",
        ["DraftHeader.CompleteAsync"] = "CompleteDraft",
        ["DraftHeader.LockAsync"] = "LockDraft",
        ["DraftHeader.RenameAsync"] = "RenameDraft",
        ["DraftHeader.UnlockAsync"] = "UnlockDraft",
        ["DraftRoom.Composer.PutBackAsync"] = "WorkingTextService.DeleteParkedAsync",
        ["InvitePanel.CreateAsync"] = "CreateInvite",
        ["InvitePanel.ResendAsync"] = "ResendInvite",
        ["InvitePanel.RevokeAsync"] = "RevokeInvite",
        ["LiveSwitch.SetAsync"] = "ShowLive",
        ["NamingChoice.SetAsync"] = "AccountService.ChangeNamingAsync",
        ["NewDraftPage.CreateAsync"] = "DraftService.CreateAsync",
        ["OwnerPanel.ArchiveAsync"] = "ArchiveDraft",
        ["OwnerPanel.DeleteAsync"] = "DeleteDraft",
        ["ParkedTexts.DeleteAsync"] = "WorkingTextService.DeleteParkedAsync",
        ["PeoplePanel.AcceptAsync"] = "AcceptDraft",
        ["PeoplePanel.AddAsync"] = "AddCollaborator",
        ["PeoplePanel.ChangeRoleAsync"] = "ChangeRole",
        ["PeoplePanel.DropOfferAsync"] = "DropOffer",
        ["PeoplePanel.LeaveAsync"] = "RemoveCollaborator",
        ["PeoplePanel.OfferAsync"] = "OfferDraft",
        ["PeoplePanel.RemoveAsync"] = "RemoveCollaborator",
        ["RingPanel.PassByStrategyAsync"] = "SmartPass",
        ["RingPanel.PassToAsync"] = "PassRing",
        ["SharePanel.ShareAsync"] = "ShareDraft",
        ["SharePanel.UnshareAsync"] = "UnshareDraft",
        ["TokensPage.CreateAsync"] = "AccessTokenService.CreateAsync",
        ["TokensPage.RevokeAsync"] = "AccessTokenService.RevokeAsync",
        ["TurnHealthPanel.NudgeAsync"] = "NudgeHolder",
        ["TurnOrder.DropAsync"] = "SetOrder",
        ["TurnOrder.MoveAsync"] = "SetOrder",
        ["TurnRulesPanel.KeepAsync"] = "SetTurnRules",
        ["TurnTime.AskAsync"] = "AskForMore",
        ["TurnTime.RefuseAsync"] = "RefuseMore",
        ["WaitingPage.AcceptAsync"] = "AcceptInvite",
        ["WaitingPage.DeclineAsync"] = "DeclineInvite",
        ["WaitingPage.PassAsync"] = "PassRing",
        ["WaitingPage.ReclaimAsync"] = "ReclaimRing",
        ["WaitingPage.RefuseAsync"] = "RefuseMore",
    };

    /// <summary>
    /// Handlers of pages without a circuit. Each of those is the answer to a form, for whoever sends it as they are now: see <see cref="FormMatrixTests"/>, and HeadersTests for
    /// where a form comes from.
    /// </summary>
    internal static readonly Dictionary<string, string> OfForms = new(StringComparer.Ordinal)
    {
        ["ChoosePasswordPage.ChooseAsync"] = "SecurityService.ChoosePasswordAsync",
        ["ConfirmEmailPage.ConfirmAsync"] = "SecurityService.ConfirmEmailAsync",
        ["DataPage.DeleteAsync"] = "AccountDeletion.DeleteAsync",
        ["ForgotPasswordPage.SendAsync"] = "SecurityService.RequestPasswordAsync",
        ["InvitePage.AnswerAsync"] = "AcceptInvite, DeclineInvite",
        ["NoticesPage.KeepAsync"] = "NoticeSettingsService.ChooseAsync, NoticeSettingsService.MuteAsync",
        ["ProfilePage.KeepAsync"] = "AccountService.ChangeProfileAsync",
        ["SecurityPage.ChangeEmailAsync"] = "SecurityService.RequestEmailAsync",
        ["SecurityPage.ChangePasswordAsync"] = "SecurityService.ChangePasswordAsync",
        ["SecurityPage.SignOutEverywhereAsync"] = "SecurityService.SignOutEverywhereAsync",
        ["SignInCodePage.CheckAsync"] = "SignInService.UseRecoveryCodeAsync",
        ["SignUpPage.SignUpAsync"] = "AccountService.SignUpAsync",
        ["TwoFactorPage.ConfirmAsync"] = "SecurityService.ConfirmTwoFactorAsync",
        ["TwoFactorPage.MakeCodesAsync"] = "SecurityService.MakeRecoveryCodesAsync",
        ["TwoFactorPage.StartAsync"] = "SecurityService.StartTwoFactorAsync",
        ["TwoFactorPage.TurnOffAsync"] = "SecurityService.TurnTwoFactorOffAsync",
        ["WhereaboutsPage.KeepAwayAsync"] = "AbsenceService.SetAwayAsync",
        ["WhereaboutsPage.KeepZoneAsync"] = "AbsenceService.SetTimeZoneAsync",
    };

    public HandlerMatrixTests()
        : base(new FakeTimeProvider(new DateTimeOffset(2026, 11, 2, 9, 0, 0, TimeSpan.Zero)), configure: services => services.AddSingleton(DispatchProxy.Create<IDialogService, SaysYes>()))
    {
    }

    public static TheoryData<string> HandlersTried => [.. HandlerTry.All.Keys];

    protected override bool RendersProviders => false;

    [Theory]
    [MemberData(nameof(HandlersTried))]
    public async Task Everybody_changes_by_every_handler_what_the_table_says(string handler)
    {
        var cells = new List<string>();
        foreach (var kind in Enum.GetValues<Kind>())
        {
            cells.Add(await FireAsync(handler, kind, meanwhile: null));
        }

        Assert.Equal(Matrix.Line(handler, Enum.GetValues<Kind>().Select(kind => Who.Cell(handler, kind))), Matrix.Line(handler, cells));
    }

    [Theory]
    [MemberData(nameof(HandlersTried))]
    public async Task An_event_of_a_page_as_it_was_changes_only_what_its_person_may_change_now(string handler)
    {
        var cells = new List<string>();
        foreach (var what in Enum.GetValues<Meanwhile>())
        {
            cells.Add(await FireAsync(handler, HandlerTry.All[handler].By, what));
        }

        Assert.Equal(Matrix.Line(handler, Enum.GetValues<Meanwhile>().Select(what => After.Cell(handler, what))), Matrix.Line(handler, cells));
    }

    [Fact]
    public void Every_handler_that_there_is_has_its_line_in_the_table()
    {
        Assert.Equal(Operations.Concat(OfForms).OrderBy(line => line.Key, StringComparer.Ordinal), Handlers.Find());
        foreach (var lines in (IEnumerable<string>[])[Who.Operations, After.Operations, HandlerTry.All.Keys])
        {
            Assert.Equal(Operations.Keys.Order(StringComparer.Ordinal), lines.Order(StringComparer.Ordinal));
        }
        Assert.All(OfForms.Keys, handler => Assert.True(ComponentOf($"{handler.Split('.')[0]}.").IsDefined(typeof(ExcludeFromInteractiveRoutingAttribute), inherit: true), handler));
    }

    /// <summary>Draws the component for the one who may, and calls its handler for somebody: "yes" when that changed anything, "-" when not, "." when this cannot happen here.</summary>
    private async Task<string> FireAsync(string handler, Kind kind, Meanwhile? meanwhile)
    {
        Clock.Advance(TimeSpan.FromHours(2));
        var (trial, stage) = (HandlerTry.All[handler], await Stage.MakeAsync(Services));
        await trial.Before(stage);
        var component = await DrawAsync(handler, stage, trial.By, kind);
        var arguments = await trial.Arguments(stage, kind);
        await component.InvokeAsync(() => trial.Opens is { } opens ? CallAsync(component.Instance.Instance!, opens, []) : Task.CompletedTask);
        foreach (var (field, value) in await trial.Typed(stage))
        {
            Type(component.Instance.Instance!, field, value);
        }
        // Only the composer looks at these.
        await Script.TypeAsync("My words");
        Script.Parked[$"/drafts/{stage.DraftId}/parked/{stage.ThingId}"] = "Words for later";
        if (meanwhile is { } what && !await stage.LetAsync(what, kind))
        {
            return ".";
        }
        var before = await stage.SeenByAllAsync();

        await component.InvokeAsync(() => CallAsync(component.Instance.Instance!, handler.Split('.')[^1], arguments));

        return await stage.SeenByAllAsync() == before ? "-" : "yes";
    }

    private async Task<IRenderedComponent<DynamicComponent>> DrawAsync(string handler, Stage stage, Kind by, Kind kind)
    {
        SignIn(stage.IdOf(kind));
        var type = ComponentOf(handler);
        var given = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var parameter in type.GetProperties(All).Where(property => property.IsDefined(typeof(EditorRequiredAttribute))))
        {
            given[parameter.Name] = parameter.PropertyType switch
            {
                var view when view == typeof(DraftView) => await stage.ReadAsync(by),
                var head when head == typeof(DraftHead) => (await stage.ReadAsync(by)).Head,
                var overview when overview == typeof(DraftOverview) => Given.Succeed(await stage.Get<DraftAnalyticsService>().FindOverviewAsync(stage.IdOf(by), stage.DraftId)),
                var health when health == typeof(TurnHealth) => new TurnHealth(1, 1, 0, new TablePage<StalledRing>([], 0, 0)),
                var parked when parked == typeof(IReadOnlyList<ParkedTextView>) => Array.Empty<ParkedTextView>(),
                var person when person == typeof(string) && parameter.Name == "UserId" => stage.IdOf(kind),
                var truth when truth == typeof(bool) => false,
                var other => throw new InvalidOperationException($"{type.Name} wants {other.Name} {parameter.Name}, of which there is none here."),
            };
        }
        return Render<DynamicComponent>(p => p.Add(x => x.Type, type).Add(x => x.Parameters, given!));
    }

    private static Type ComponentOf(string handler) =>
        typeof(RefusalText).Assembly.GetTypes().Single(type => type.Name == handler.Split('.')[^2] && type.IsSubclassOf(typeof(ComponentBase)));

    private static async Task CallAsync(object component, string method, object?[] arguments)
    {
        try
        {
            await (Task)component.GetType().GetMethod(method, All)!.Invoke(component, arguments)!;
        }
        catch (InvalidOperationException nowhere) when (nowhere.Message.StartsWith("ElementReference", StringComparison.Ordinal))
        {
            // Nothing was drawn for this person to take the keyboard to.
        }
    }

    private static void Type(object component, string path, object? value)
    {
        var parts = path.Split('.');
        foreach (var part in parts[..^1])
        {
            component = component.GetType().GetField(part, All)!.GetValue(component)!;
        }
        if (component.GetType().GetField(parts[^1], All) is { } field)
        {
            field.SetValue(component, value);
        }
        else
        {
            component.GetType().GetProperty(parts[^1], All)!.SetValue(component, value);
        }
    }

    /// <summary>Somebody who says yes to whatever they are asked.</summary>
    [SuppressMessage("Performance", "CA1852:Seal internal types", Justification = "The proxy is made as a subclass of it.")]
    private class SaysYes : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.ReturnType == typeof(Task<bool?>) ? Task.FromResult<bool?>(true) : throw new InvalidOperationException($"Nobody expects to be asked by {targetMethod.Name}.");
    }
}
