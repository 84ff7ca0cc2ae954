using System.Net;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Demo;

namespace OneRing.Web.Demo;

/// <summary>Whether anybody may sign in as one of the demo people, and who these are.</summary>
public sealed class DemoMode
{
    /// <summary>How long a demo token is good for. The next start makes new ones.</summary>
    private const int TokenDays = 7;

    private DemoMode(bool isEnabled, string? relayPath)
    {
        IsEnabled = isEnabled;
        RelayPath = relayPath;
    }

    public bool IsEnabled { get; }

    /// <summary>A relay file to play at start; null for none.</summary>
    public string? RelayPath { get; }

    /// <summary>The voices of the relay that was played.</summary>
    public IReadOnlyList<DemoPerson> Voices { get; private set; } = [];

    /// <summary>On only in memory and only while every listening address is loopback, unless the settings say otherwise.</summary>
    /// <exception cref="InvalidOperationException">It was asked for on PostgreSQL outside Development, where it would let anybody in.</exception>
    public static DemoMode Read(IConfiguration configuration, DatabaseSettings database, bool isDevelopment)
    {
        var wanted = configuration.GetValue<bool?>("OneRing:Demo:Enabled");
        if (wanted == true && !database.IsInMemory && !isDevelopment)
        {
            throw new InvalidOperationException("OneRing:Demo:Enabled lets anybody sign in as a demo person. On PostgreSQL it is for the Development environment only.");
        }

        var isEnabled = wanted ?? (database.IsInMemory && ListensOnLoopbackOnly(configuration));
        return new DemoMode(isEnabled, isEnabled && configuration["OneRing:Demo:Relay"] is { Length: > 0 } path ? path : null);
    }

    public bool Offers(string handle) => IsEnabled && DemoService.People.Concat(Voices).Any(person => person.Handle == handle);

    /// <summary>Makes the demo people and drafts, if the demo is on.</summary>
    public async Task StartAsync(DemoService demo, CancellationToken cancellationToken = default)
    {
        if (!IsEnabled)
        {
            return;
        }

        await demo.SeedAsync(cancellationToken);
        if (RelayPath is not null)
        {
            var relay = await Relay.ReadAsync(RelayPath, cancellationToken);
            await demo.PlayAsync(relay, cancellationToken);
            Voices = [.. relay.Voices.Select(voice => new DemoPerson(Relay.HandleOf(voice), Relay.TitleCase(voice)))];
        }
    }

    /// <summary>Writes a token for each demo person, if the demo is on: on the standard output, which no log keeps.</summary>
    public async Task WriteTokensAsync(AccessTokenService tokens, TextWriter output, CancellationToken cancellationToken = default)
    {
        foreach (var person in IsEnabled ? DemoService.People : [])
        {
            var token = await tokens.CreateAsync(new NewAccessToken(person.Handle, "Demo", TokenDays), cancellationToken);
            await output.WriteLineAsync(token.Succeeded
                ? $"demo token {person.Handle}: {token.Value.Secret}"
                : throw new InvalidOperationException($"The token of the demo person {person.Handle} was refused: {token.Refusal}."));
        }
    }

    private static bool ListensOnLoopbackOnly(IConfiguration configuration)
    {
        // A port without an address means every address.
        if (!string.IsNullOrEmpty(configuration["http_ports"]) || !string.IsNullOrEmpty(configuration["https_ports"]))
        {
            return false;
        }

        var addresses = (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"] ?? ""));
        return addresses.All(address =>
            Uri.TryCreate(address, UriKind.Absolute, out var url)
            && (url.Host == "localhost" || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip))));
    }
}
