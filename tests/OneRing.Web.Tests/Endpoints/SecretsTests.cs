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

/// <summary>What only its owner may know stands in no log and in no answer, whatever went wrong.</summary>
public sealed class SecretsTests
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

    [Fact]
    public async Task Passwords_and_access_tokens_are_in_no_line_of_the_log_at_Debug_and_in_no_page_or_error()
    {
        const string Password = "the ice is in, dear Ben";
        const string Wrong = "the ice is out, dear Ben";
        const string Unknown = "or_thisIsNoTokenOfAnybodyAtAllOnThisServer00";
        var log = new Lines();
        await using var quiet = new OneRingServer(settings: [("Logging:LogLevel:Default", "Debug"), ("Logging:LogLevel:Microsoft.AspNetCore", "Debug"), ("Logging:LogLevel:Microsoft.EntityFrameworkCore", "Debug")]);
        await using var server = quiet.WithWebHostBuilder(builder => builder.ConfigureTestServices(services => services.AddSingleton<ILoggerProvider>(log)));
        var answers = new List<string>();
        using var client = server.CreateClient();
        var visitor = new Visitor(client);

        async Task TryAsync(string url, string button, string handle, string password)
        {
            var page = await visitor.OpenAsync(url);
            answers.Add((await visitor.PressAsync(page, button, ("Handle", handle), ("Password", password))).Html);
        }

        await TryAsync("/account/sign-up", "Make my account", "x", Password);
        await TryAsync("/account/sign-up", "Make my account", "marten", Password);
        await TryAsync("/account/sign-in", "Sign in", "marten", Wrong);
        await TryAsync("/account/sign-in", "Sign in", "nobody_at_all", Wrong);
        await TryAsync("/account/sign-in", "Sign in", "marten", Password);
        var marten = (await server.Services.GetRequiredService<AccountService>().FindByHandleAsync("marten"))!;
        var made = Given.Succeed(await server.Services.GetRequiredService<AccessTokenService>().CreateAsync(new NewAccessToken(marten.UserId, "A test")));
        answers.Add((await visitor.OpenAsync("/account/tokens")).Html);
        foreach (var token in (string[])[made.Secret, Unknown, $"{made.Secret}x"])
        {
            var api = new ApiClient(server.CreateClient(), token);
            foreach (var answer in (Answer[])[await api.GetAsync("/v1/me"), await api.GetAsync("/v1/nowhere"), await api.PostAsync("/v1/collab/drafts", "{ broken")])
            {
                answers.Add(answer.Json.ToJsonString());
            }
        }

        Assert.Contains(log.All, line => line.Contains("/v1/me", StringComparison.Ordinal));
        Assert.Contains(answers, answer => answer.Contains("validation_error", StringComparison.Ordinal));
        foreach (var secret in (string[])[Password, Wrong, made.Secret, Unknown])
        {
            Assert.DoesNotContain(log.All, line => line.Contains(secret, StringComparison.Ordinal));
            Assert.DoesNotContain(answers, answer => answer.Contains(secret, StringComparison.Ordinal));
        }
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
