using System.Collections.Concurrent;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OneRing.Data.Drafts;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser.Survival;

[Trait("Category", "Survival")]
public sealed class UnsentWordsTests_InMemory(InMemory database) : UnsentWordsTests(database), IClassFixture<InMemory>;

[Trait("Category", "Survival")]
[Trait("Database", "PostgreSQL")]
public sealed class UnsentWordsTests_Postgres(Postgres database) : UnsentWordsTests(database), IClassFixture<Postgres>;

/// <summary>What somebody has not added yet is theirs alone, until they let the others read along.</summary>
public abstract class UnsentWordsTests(TestDatabase database)
{
    [SkippableFact]
    public async Task Unsent_words_reach_no_other_page_and_no_line_of_the_log_until_their_writer_shows_them()
    {
        var log = new Lines();
        await using var quiet = new OneRingServer(
            database.ConnectionString,
            settings: [("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft.AspNetCore", "Trace"), ("Logging:LogLevel:Microsoft.EntityFrameworkCore", "Trace"), ("Logging:LogLevel:Npgsql", "Trace"), ("urls", "http://127.0.0.1:0")]);
        await using var server = quiet.WithWebHostBuilder(builder => builder.ConfigureTestServices(services => services.RemoveAll<ILoggerProvider>().AddSingleton<ILoggerProvider>(log)));
        server.UseKestrel(0);
        server.StartServer();
        var address = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        await using var ben = await Person.SignedInAsync(address, server.Services, "Ben");
        var draft = await server.Services.ADraftHeldByAnaAsync();
        await server.Services.AddAsync(draft.Id, draft.Ana, ben.Id, Role.Writer);
        var received = ben.Record();
        var page = await ben.OpenAsync($"/drafts/{draft.Id}");
        var typed = new TypedText(server.Services, draft.Id, draft.Ana);

        Given.Succeed(await typed.SaveAsync("Quillweather is a word"));
        await Expect(page.Saying("Ana is writing, 4 words")).ToBeVisibleAsync();
        Given.Succeed(await typed.SaveAsync("Quillweather is a word that nobody else uses"));
        await Expect(page.Saying("Ana is writing, 8 words")).ToBeVisibleAsync();
        // A page may take longer to open than a writer pauses.
        var other = await ben.OpenAsync($"/drafts/{draft.Id}");
        Given.Succeed(await typed.SaveAsync("Quillweather is a word that nobody else uses today"));
        await Expect(other.Saying("Ana is writing, 9 words")).ToBeVisibleAsync();

        Assert.Equal((0, 0), await received.CountAsync("Quillweather"));
        Assert.True(received.Frames > 10, $"Only {received.Frames} frames were seen.");
        Assert.DoesNotContain(log.All, line => line.Contains("Quillweather", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(log.All, line => line.Contains("working_texts", StringComparison.Ordinal));

        Given.Succeed(await server.Services.GetRequiredService<CollaboratorService>().ShowLiveAsync(new ShowLive(draft.Ana, draft.Id, On: true)));
        await Expect(page.Saying("Quillweather is a word that nobody else uses today")).ToBeVisibleAsync();
        Assert.NotEqual(0, (await received.CountAsync("Quillweather")).Frames);
        Assert.DoesNotContain(log.All, line => line.Contains("Quillweather", StringComparison.OrdinalIgnoreCase));

        Given.Succeed(await server.Services.GetRequiredService<CollaboratorService>().ShowLiveAsync(new ShowLive(draft.Ana, draft.Id, On: false)));
        await Expect(page.Saying("Quillweather is a word that nobody else uses today")).ToBeHiddenAsync();
        Given.Succeed(await typed.SaveAsync("Quillweather is a word that nobody else uses today, not even Umberfold"));
        await Expect(page.Saying("Ana is writing, 12 words")).ToBeVisibleAsync();
        Assert.Equal((0, 0), await received.CountAsync("Umberfold"));
        ben.AssertCalm();
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
