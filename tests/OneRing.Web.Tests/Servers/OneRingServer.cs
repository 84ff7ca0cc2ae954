using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace OneRing.Web.Tests.Servers;

/// <summary>The whole server, in this process: in memory unless a connection string is given.</summary>
internal sealed class OneRingServer(string? connectionString = null, string environment = "Production", params (string Name, string Value)[] settings)
    : WebApplicationFactory<Program>
{
    public Visitor Visit() => new(CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false }));

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(environment);
        // Whatever the machine has configured is not for tests. Empty counts as unset.
        builder.UseSetting("ConnectionStrings:OneRing", connectionString ?? "");
        builder.UseSetting("DATABASE_URL", "");
        builder.UseSetting("Logging:LogLevel:Default", "Warning");
        builder.UseSetting("OneRing:Mail:Folder", Path.Combine(Path.GetTempPath(), $"onering-mail-{Guid.NewGuid():N}"));
        // Many tests come from one address. Those of the limits turn them on.
        builder.UseSetting("OneRing:RateLimit:Enabled", "false");
        foreach (var (name, value) in settings)
        {
            builder.UseSetting(name, value);
        }
    }
}
