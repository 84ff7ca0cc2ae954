using MudBlazor;
using MudBlazor.Services;
using OneRing.Web;
using OneRing.Web.Components;

var builder = WebApplication.CreateBuilder(args);

string[] urlSettings = ["urls", "http_ports", "https_ports", "Kestrel:Endpoints"];
if (!urlSettings.Any(name => builder.Configuration.GetSection(name).Exists()))
{
    builder.WebHost.UseUrls("http://localhost:5080");
}

// Outside Development, too, a build output serves the files of packages from where they lie.
builder.WebHost.UseStaticWebAssets();

builder.Services.AddRazorComponents().AddInteractiveServerComponents();
builder.Services.AddMudServices(services =>
{
    services.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.TopCenter;
    services.SnackbarConfiguration.PreventDuplicates = true;
});

var app = builder.Build();

app.UseSecurityHeaders();
app.UseExceptionHandler("/error", createScopeForErrors: true);
app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
app.UseAntiforgery();

app.MapStaticAssets();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode(server =>
{
    // Our own policy forbids framing, and compression would cost each circuit some 250 KB.
    server.ContentSecurityFrameAncestorsPolicy = null;
    server.DisableWebSocketCompression = true;
});

await app.RunAsync();
