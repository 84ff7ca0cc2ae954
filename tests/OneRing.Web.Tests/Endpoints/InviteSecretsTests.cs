using System.Collections.Concurrent;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Endpoints;

public sealed class InviteSecretsTests
{
    [Fact]
    public async Task The_token_of_an_invite_is_in_no_line_of_the_log_at_any_level()
    {
        var log = new Lines();
        await using var quiet = new OneRingServer(settings: [("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft.AspNetCore", "Trace"), ("Logging:LogLevel:Microsoft.EntityFrameworkCore", "Trace")]);
        await using var server = quiet.WithWebHostBuilder(builder => builder.ConfigureTestServices(services => services.AddSingleton<ILoggerProvider>(log)));
        var draft = await server.Services.ADraftHeldByAnaAsync();
        var made = Given.Succeed(await server.Services.GetRequiredService<InviteService>().CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer)));
        var access = Given.Succeed(await server.Services.GetRequiredService<AccessTokenService>().CreateAsync(new NewAccessToken(draft.Dan, "A test")));
        using var client = server.CreateClient();
        var page = await new Visitor(client).OpenAsync($"/invites/{draft.Id}/{made.InviteId}");
        var values = page.Document.QuerySelectorAll("form[data-invite] input[type=hidden][name]").ToDictionary(i => i.GetAttribute("name")!, i => i.GetAttribute("value") ?? "");
        values["Input.Token"] = made.Token!;
        using var form = new FormUrlEncodedContent(values);

        using var opened = await client.PostAsync($"/invites/{draft.Id}/{made.InviteId}", form);
        Assert.Contains("Ana invites you", await opened.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var api = new ApiClient(server.CreateClient(), access.Secret);
        (await api.PostAsync($"/v1/collab/invites/{made.InviteId}/accept", new { token = made.Token })).Succeed();

        Assert.Contains(log.All, line => line.Contains($"/v1/collab/invites/{made.InviteId}/accept", StringComparison.Ordinal));
        Assert.DoesNotContain(log.All, line => line.Contains(made.Token!, StringComparison.Ordinal));
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
