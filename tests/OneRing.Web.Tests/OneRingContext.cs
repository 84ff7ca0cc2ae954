using System.Security.Claims;
using AngleSharp.Dom;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor;
using MudBlazor.Services;
using OneRing.Data;
using OneRing.Data.Drafts;
using OneRing.Web.Components.Prerendering;
using OneRing.Web.Users;

namespace OneRing.Web.Tests;

/// <summary>
/// Renders components over the real services, in memory. Simulated is only what needs a browser: MudBlazor's scripts answer nothing,
/// and <see cref="ComposerScript"/> stands for the composer's. Each test has a database of its own.
/// </summary>
public abstract class OneRingContext : BunitContext, IAsyncLifetime
{
    private const string FocusCall = "Blazor._internal.domWrapper.focus";

    private readonly BunitAuthorizationContext authorization;
    private readonly FakeTimeProvider? clock;
    private IRenderedComponent<MudDialogProvider>? dialogs;
    private IRenderedComponent<MudPopoverProvider>? popovers;

    static OneRingContext() => DefaultWaitTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The services over a new database.</summary>
    /// <param name="clock">What the time is; the system's when absent.</param>
    /// <param name="settings">How the services are set, where that is not as usual.</param>
    /// <param name="configure">Puts other services in the place of the usual ones.</param>
    protected OneRingContext(FakeTimeProvider? clock = null, IReadOnlyDictionary<string, string?>? settings = null, Action<IServiceCollection>? configure = null)
    {
        this.clock = clock;
        if (clock is not null)
        {
            Services.AddSingleton<TimeProvider>(clock);
        }
        Services.AddLogging();
        Services.AddSingleton<IInterceptor>(Outage);
        Services.AddOneRingData(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        Services.AddScoped<CurrentUser>();
        Services.AddSingleton<PrerenderedPages>();
        Services.AddScoped<Prerendered>();
        Page = AddBunitPersistentComponentState();
        Services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        Services.AddSingleton<PublicUrl>();
        Services.AddMudServices();
        configure?.Invoke(Services);
        authorization = AddAuthorization();
        Script = new ComposerScript(Renderer.Dispatcher);
        JSInterop.Mode = JSRuntimeMode.Loose;
        JSInterop.AddInvocationHandler(Script);
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    /// <summary>The clock that the test was given.</summary>
    protected FakeTimeProvider Clock => clock ?? throw new InvalidOperationException("This test runs on the system's clock.");

    /// <summary>What a page that was prerendered brings along to its circuit.</summary>
    private protected BunitPersistentComponentState Page { get; }

    /// <summary>The text area of the composer.</summary>
    private protected ComposerScript Script { get; }

    /// <summary>What may go wrong with the database.</summary>
    private protected Outage Outage { get; } = new();

    /// <summary>Where the page has led.</summary>
    private protected string CurrentPath => new Uri(Get<NavigationManager>().Uri).PathAndQuery;

    private protected IRenderedComponent<MudDialogProvider> Dialog => dialogs ?? throw new InvalidOperationException("This context renders no dialogs.");

    public virtual async Task InitializeAsync()
    {
        await Services.PrepareDatabaseAsync();
        if (RendersProviders)
        {
            popovers = Render<MudPopoverProvider>();
            dialogs = Render<MudDialogProvider>();
        }
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    /// <summary>Whether popovers and dialogs stand beside the component, as they do in the layout.</summary>
    protected virtual bool RendersProviders => true;

    protected T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    protected void SignIn(string userId)
    {
        authorization.SetAuthorized(userId);
        authorization.SetClaims(new Claim(ClaimTypes.NameIdentifier, userId));
    }

    protected Task<DraftView> ReadAsync(ADraft draft) => Services.ReadAsync(draft.Id, draft.Ana);

    /// <summary>Takes the address line elsewhere.</summary>
    protected void Navigate(string path) => Get<NavigationManager>().NavigateTo(path);

    protected static Task ClickAsync(IElement button) => button.ClickAsync(new MouseEventArgs());

    /// <summary>A part hears that a browser shows what it drew before: on a slow line it hears so in the middle of whatever it does next.</summary>
    protected static Task ConfirmLateAsync(IRenderedComponent<IComponent> part) => part.InvokeAsync(() => ((IHandleAfterRender)part.Instance).OnAfterRenderAsync());

    /// <summary>It is where the keyboard was last taken to.</summary>
    protected void AssertHasKeyboard(IElement place) =>
        Assert.Equal(place.GetAttribute("blazor:elementReference"), ((ElementReference)JSInterop.Invocations[FocusCall][^1].Arguments[0]!).Id);

    /// <summary>Presses a button of a page that may be drawn anew at any moment, because it watches a draft.</summary>
    protected static Task ClickAsync(IRenderedComponent<IComponent> page, string button) => page.InvokeAsync(() => ClickAsync(page.FindButton(button)));

    /// <summary>Presses a button of the dialog that is open.</summary>
    protected Task AnswerAsync(string button)
    {
        Dialog.WaitForAssertion(() => Assert.True(Dialog.HasButton(button)));
        return ClickAsync(Dialog.FindButton(button));
    }

    /// <summary>Opens a select and takes one of its options.</summary>
    private protected async Task ChooseAsync(IRenderedComponent<IComponent> page, string label, string option)
    {
        await page.FindField(label).MouseDownAsync(new MouseEventArgs());
        popovers!.WaitForAssertion(() => Assert.Single(popovers!.FindAllByRole("option", option)));
        await ClickAsync(popovers!.FindByRole("option", option));
    }
}
