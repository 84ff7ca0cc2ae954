using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.SignalR;
using MudBlazor;
using MudBlazor.Services;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Demo;
using OneRing.Web;
using OneRing.Web.Administration;
using OneRing.Web.Components;
using OneRing.Web.Components.Prerendering;
using OneRing.Web.Demo;
using OneRing.Web.Endpoints;
using OneRing.Web.Users;

var builder = WebApplication.CreateBuilder(args);

string[] urlSettings = ["urls", "http_ports", "https_ports", "Kestrel:Endpoints"];
if (!urlSettings.Any(name => builder.Configuration.GetSection(name).Exists()))
{
    builder.WebHost.UseUrls("http://localhost:5080");
}

LineConsole.AddTo(builder.Logging);

// Outside Development, too, a build output serves the files of packages from where they lie.
builder.WebHost.UseStaticWebAssets();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    // No form and no script of ours sends more at once; long texts travel in pieces. Well above what is taken, so that whoever still sends hears why it is refused: at this
    // limit, which counts the frames of a body in pieces as well, the connection is cut.
    kestrel.Limits.MaxRequestBodySize = 4 * ApiPipeline.LargestBody;
});

try
{
    builder.Services.AddOneRingData(builder.Configuration);
    builder.Services.AddSingleton(provider => DemoMode.Read(
        builder.Configuration, provider.GetRequiredService<DatabaseSettings>(), builder.Environment.IsDevelopment()));
    builder.Services.AddForwardedHeaders(builder.Configuration);
    RateLimits.Read(builder.Configuration).Add(builder.Services);
    builder.Services.AddDraining(builder.Configuration, builder.Environment.IsDevelopment());
}
catch (InvalidOperationException unreadable)
{
    await Console.Error.WriteLineAsync(unreadable.Message);
    return 1;
}

builder.Services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies();
builder.Services.ConfigureApplicationCookie(cookie =>
{
    cookie.LoginPath = "/account/sign-in";
    cookie.AccessDeniedPath = "/not-found";
    cookie.ReturnUrlParameter = "returnUrl";
    cookie.Cookie.Name = "onering";
    cookie.ExpireTimeSpan = SessionCookie.Unused;
    cookie.Events.OnSigningIn = SessionCookie.BeginAsync;
    cookie.Events.OnValidatePrincipal = SessionCookie.ValidateAsync;
    // The API looks at tokens only.
    cookie.ForwardDefaultSelector = context => context.Request.IsApi() ? AccessTokenHandler.SchemeName : null;
});
new IdentityBuilder(typeof(User), builder.Services).AddSignInManager<HouseSignIn>();
builder.Services.AddScoped(provider => (HouseSignIn)provider.GetRequiredService<SignInManager<User>>());
// A session that has ended ends with its next request. It is asked again for each second only, so that the parts of one page ask once.
builder.Services.Configure<SecurityStampValidatorOptions>(stamp => stamp.ValidationInterval = TimeSpan.FromSeconds(1));
builder.Services.Configure<IdentityPasskeyOptions>(passkeys =>
{
    // A passkey stands for both factors: the device, and the person before it. It is found without a handle.
    passkeys.UserVerificationRequirement = "required";
    passkeys.ResidentKeyRequirement = "required";
});
// By itself it would also travel without TLS.
builder.Services.AddAntiforgery(forms => forms.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest);
builder.Services.AddSingleton<PublicUrl>();
builder.Services.AddSingleton<ServerName>();
// A form that lacks a field is answered alike in every environment.
builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = false);
builder.Services.AddAuthorization();
builder.Services.AddApi();
builder.Services.AddCascadingAuthenticationState();
builder.Services.AddScoped<CurrentUser>();
builder.Services.AddSingleton<PrerenderedPages>();
builder.Services.AddScoped<Prerendered>();
builder.Services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(hub => hub.AddFilter<EventLimits>());
builder.Services.AddMudServices();

var app = builder.Build();

if (CommandLine.IsCommand(args))
{
    return await CommandLine.RunAsync(args, app, Console.Out, Console.Error);
}

try
{
    var demo = app.Services.GetRequiredService<DemoMode>();
    await app.Services.PrepareDatabaseAsync();
    await demo.StartAsync(app.Services.GetRequiredService<DemoService>());
    await demo.WriteTokensAsync(app.Services.GetRequiredService<AccessTokenService>(), Console.Out);
}
catch (Exception unusable) when (unusable is DatabaseUnusableException or InvalidOperationException or FormatException or IOException)
{
    await Console.Error.WriteLineAsync(unusable.Message);
    return 1;
}

app.UseDraining();
app.UseProxies();
app.UseRequestIds();
app.UseSecurityHeaders();
app.UseStatusPages();
app.UseTroublePages();
app.UseApiProblems();
app.UseAuthentication();
app.UseStatusPageAccounts();
app.UseRefusalLog();
app.UseApiAccess();
app.UseRateLimiter();
app.UseApiBodies();
app.UseAuthorization();
app.UseAntiforgery();
app.UseOwnOriginsOnly();
app.UseConnectionLimits();

app.MapStaticAssets();
app.MapHealthEndpoints();
app.MapAccountEndpoints();
app.MapApi();
app.MapExportForPages();
app.MapWorkingTextEndpoints();
app.MapPasskeyEndpoints();
app.MapPersonalDataEndpoints();
app.MapNoticeEndpoints();
app.MapAdminEndpoints();
app.MapDashboardFiles();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode(server =>
{
    // Our own policy forbids framing, and compression would cost each circuit some 250 KB.
    server.ContentSecurityFrameAncestorsPolicy = null;
    server.DisableWebSocketCompression = true;
});

app.Lifetime.ApplicationStarted.Register(() => Welcome.Log(app));
await app.RunAsync();
return 0;
