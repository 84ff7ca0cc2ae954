using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests;

/// <summary>What is refused to somebody stands in the log, in one line each, which says to whom and what, and gives nothing away.</summary>
public sealed class RefusalLogTests : IAsyncLifetime
{
    private const string Password = "a lamp that would not sleep";

    private readonly Lines log = new();
    private OneRingServer quiet = null!;
    private WebApplicationFactory<Program> server = null!;

    public Task InitializeAsync()
    {
        quiet = new OneRingServer(settings: ("OneRing:RateLimit:Enabled", "true"));
        server = quiet.WithWebHostBuilder(builder => builder.ConfigureTestServices(services => services.AddSingleton<ILoggerProvider>(log)));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        await quiet.DisposeAsync();
        log.Dispose();
    }

    [Fact]
    public async Task What_is_not_theirs_is_refused_in_one_line()
    {
        var (benId, ben) = await SignedInAsync("Ben");
        var draftId = await ADraftAsync(await server.Services.APersonAsync("Ana"));

        await AssertOneLineAsync($"was refused to {benId} (not there for them): GET /drafts/{{id:guid}}/export", () => ben.OpenAsync($"/drafts/{draftId}/export"));
        await AssertOneLineAsync($"was refused to {benId} (not an admin): GET /admin/users", () => ben.OpenAsync("/admin/users"));
        await AssertOneLineAsync($"was refused to {benId} (not there for them): GET /admin/analytics/{{table}}.csv", () => ben.OpenAsync("/admin/analytics/drafts.csv"));
        await AssertOneLineAsync(
            $"To {benId}, pass_ring was refused in draft {draftId}: NotFound",
            () => server.Services.GetRequiredService<RingService>().PassAsync(new PassRing(benId, draftId, benId, Given.NewKey())));
        await AssertOneLineAsync($"was refused to {benId} (not there for them): GET /read/{{Token}}", () => ben.OpenAsync("/read/a-link-that-is-none"));
    }

    [Fact]
    public async Task A_writer_who_does_not_hold_the_ring_is_refused_in_one_line()
    {
        var anaId = await server.Services.APersonAsync("Ana");
        var benId = await server.Services.APersonAsync("Ben");
        var draftId = await ADraftAsync(anaId);
        await server.Services.AddAsync(draftId, anaId, benId, Role.Writer);

        await AssertOneLineAsync(
            $"To {benId}, append_segment was refused in draft {draftId}: RingRequired",
            () => server.Services.GetRequiredService<RingService>().AppendAsync(new AppendSegment(benId, draftId, "My secret words", Given.NewKey())));
        Assert.DoesNotContain(log.Refusals, line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tokens_passkeys_and_forms_that_are_refused_are_in_one_line_each_without_what_was_sent()
    {
        using var api = server.CreateClient();
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "or_not_a_token_of_ours");
        await AssertOneLineAsync("brought an access token that is none of ours, or good no longer", () => api.GetAsync(new Uri("/v1/me", UriKind.Relative)));

        var visitor = Visit();
        var page = await visitor.OpenAsync("/account/sign-in");
        await AssertOneLineAsync("brought a passkey that opens no account", () => visitor.PressAsync(page, "Sign in with a passkey"));

        var (anaId, ana) = await SignedInAsync("Ana");
        using var empty = new FormUrlEncodedContent([new("returnUrl", "/")]);
        await AssertOneLineAsync($"was refused to {anaId} (no token of a form): POST /account/sign-out", () => ana.Client.PostAsync(new Uri("/account/sign-out", UriKind.Relative), empty));
        Assert.DoesNotContain(log.Refusals, line => line.Contains("or_not_a_token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Too_many_requests_are_refused_in_one_line_each()
    {
        var visitor = Visit();
        var page = await visitor.OpenAsync("/account/sign-in");
        var tries = 0;
        while ((await visitor.PressAsync(page, "Sign in with a passkey")).Status != System.Net.HttpStatusCode.TooManyRequests)
        {
            Assert.True(++tries < 200, "Nobody is ever refused.");
        }
        log.Clear();

        var answers = new List<Page>();
        for (var i = 0; i < 5; i++)
        {
            answers.Add(await visitor.PressAsync(page, "Sign in with a passkey"));
        }

        var refused = answers.Count(answer => answer.Status == System.Net.HttpStatusCode.TooManyRequests);
        Assert.True(refused > 0);
        Assert.Equal(refused, log.Refusals.Count(line => line.EndsWith("(too many requests): POST /account/sign-in/passkey", StringComparison.Ordinal)));
    }

    private async Task AssertOneLineAsync(string words, Func<Task> act)
    {
        log.Clear();

        await act();

        Assert.EndsWith(words, Assert.Single(log.Refusals), StringComparison.Ordinal);
    }

    private Visitor Visit() => new(server.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false }));

    private async Task<(string Id, Visitor Visitor)> SignedInAsync(string name)
    {
        var id = await server.Services.APersonAsync(name, password: Password);
        var visitor = Visit();
        Assert.Equal("/", (await visitor.SignInAsync(await server.Services.HandleOfAsync(id), Password)).RedirectsTo);
        return (id, visitor);
    }

    private async Task<Guid> ADraftAsync(string ownerId) =>
        Given.Succeed(await server.Services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(ownerId, "The lamp", FirstSegment: "Once upon a time")));

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> all = [];

        public IReadOnlyList<string> Refusals => [.. all];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Clear() => all.Clear();

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = formatter(state, exception);
            if (line.Contains("refused", StringComparison.Ordinal) || line.Contains(" brought ", StringComparison.Ordinal))
            {
                all.Enqueue(line);
            }
        }

        public void Dispose()
        {
        }
    }
}
