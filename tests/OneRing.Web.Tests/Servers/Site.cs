using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Tests.Databases;

namespace OneRing.Web.Tests.Servers;

/// <summary>
/// A server of a test class's own, at a real address, with the demo on. A browser test is written once, as an abstract class that takes a
/// <see cref="Site"/>, and runs twice: with <see cref="SiteInMemory"/> and with <see cref="SiteOnPostgres"/>.
/// </summary>
public abstract class Site : IAsyncLifetime
{
    private OneRingServer? server;

    public Uri Address { get; private set; } = null!;

    public IServiceProvider Services => server?.Services ?? throw new InvalidOperationException("The server has not started yet.");

    /// <summary>A person's browser without scripts: it keeps cookies, and follows no redirect unasked.</summary>
    internal Visitor Visit() => Visitor.At(Address);

    /// <summary>Somebody who has signed in, in a browser without scripts.</summary>
    internal async Task<Visitor> VisitAsync(string userId)
    {
        var handle = await Services.HandleOfAsync(userId);
        var visitor = Visit();
        var page = await visitor.OpenAsync(await LinkForAsync(handle));
        Assert.Equal("/", (await visitor.PressAsync(page, "Keep it and sign in", ($"Password for @{handle}", "a lamp that would not sleep"))).RedirectsTo);
        return visitor;
    }

    /// <summary>The link with which somebody may once choose a password.</summary>
    internal async Task<string> LinkForAsync(string handle)
    {
        var token = await Services.GetRequiredService<AccountService>().MakePasswordTokenAsync(handle)
            ?? throw new InvalidOperationException($"Nobody is called {handle}.");
        return $"/account/choose-password?handle={handle}&token={WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(token))}";
    }

    public async Task InitializeAsync()
    {
        server = await MakeAsync();
        server.UseKestrel(0);
        server.StartServer();
        Address = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public virtual async Task DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }

    private protected abstract Task<OneRingServer> MakeAsync();
}

/// <summary>A server that keeps everything in memory.</summary>
public sealed class SiteInMemory : Site
{
    private protected override Task<OneRingServer> MakeAsync() => Task.FromResult(new OneRingServer());
}

/// <summary>A server with a PostgreSQL database of its own. The demo there is for Development only.</summary>
public sealed class SiteOnPostgres : Site
{
    private string? database;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        if (database is not null)
        {
            await (await PostgresServer.GetAsync()).DropAsync(database);
        }
    }

    private protected override async Task<OneRingServer> MakeAsync()
    {
        database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        return new OneRingServer(database, "Development", ("OneRing:Demo:Enabled", "true"));
    }
}
