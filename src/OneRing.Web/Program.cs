using OneRing.Web;

var builder = WebApplication.CreateBuilder(args);

string[] urlSettings = ["urls", "http_ports", "https_ports", "Kestrel:Endpoints"];
if (!urlSettings.Any(name => builder.Configuration.GetSection(name).Exists()))
{
    builder.WebHost.UseUrls("http://localhost:5080");
}

var app = builder.Build();

app.UseSecurityHeaders();

await app.RunAsync();
