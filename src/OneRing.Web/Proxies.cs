using Microsoft.AspNetCore.HttpOverrides;
using IPAddress = System.Net.IPAddress;
using IPNetwork = System.Net.IPNetwork;

namespace OneRing.Web;

/// <summary>Whose word the server takes for where a request came from, and over which scheme: nobody's, unless the settings name a proxy.</summary>
internal static class Proxies
{
    /// <summary>Reads from the settings which proxies are believed, if any.</summary>
    /// <exception cref="InvalidOperationException">An address or a network cannot be read, or there is none.</exception>
    public static void AddForwardedHeaders(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection("OneRing:ForwardedHeaders");
        if (!section.GetValue("Enabled", defaultValue: false))
        {
            return;
        }

        List<IPAddress> proxies = [.. ListOf(section, "KnownProxies").Select(text => IPAddress.TryParse(text, out var address)
            ? address
            : throw new InvalidOperationException($"OneRing:ForwardedHeaders:KnownProxies: {text} is not an address."))];
        List<IPNetwork> networks = [.. ListOf(section, "KnownNetworks").Select(text => IPNetwork.TryParse(text, out var network)
            ? network
            : throw new InvalidOperationException($"OneRing:ForwardedHeaders:KnownNetworks: {text} is not a network, such as 10.0.0.0/8."))];
        if (proxies.Count + networks.Count == 0)
        {
            throw new InvalidOperationException("OneRing:ForwardedHeaders is on, but names no proxy. Set KnownProxies or KnownNetworks: anybody else could say anything.");
        }

        services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            proxies.ForEach(options.KnownProxies.Add);
            networks.ForEach(options.KnownIPNetworks.Add);
        });
    }

    public static void UseProxies(this WebApplication app)
    {
        if (app.Configuration.GetValue("OneRing:ForwardedHeaders:Enabled", defaultValue: false))
        {
            app.UseForwardedHeaders();
        }
    }

    // One setting with commas, or one for each: both ways are usual.
    private static IEnumerable<string> ListOf(IConfigurationSection section, string name) =>
        section.GetSection(name).GetChildren().Select(child => child.Value ?? "").Prepend(section[name] ?? "")
            .SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
