using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OneRing.Bench;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests;

public sealed class LiveCircuitTests_InMemory(SiteInMemory site) : LiveCircuitTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class LiveCircuitTests_Postgres(SiteOnPostgres site) : LiveCircuitTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>
/// What somebody does in an open page past its buttons: with numbers of handlers that are not theirs or not any more, with events again and again, in disorder and malformed, and
/// with calls that no script of ours makes. Nothing changes that they might not change anyway, no fault of ours is logged, and the pages of others live on.
/// </summary>
public abstract class LiveCircuitTests(Site site) : IAsyncLifetime
{
    private const string Password = "a lamp that would not sleep";

    private readonly Faults faults = new();
    private readonly List<IDisposable> people = [];
    private ADraft draft = default!;
    private PageCircuit bystander = default!;

    public async Task InitializeAsync()
    {
        site.Services.GetRequiredService<ILoggerFactory>().AddProvider(faults);
        draft = await ADraftAsync();
        bystander = await OpenAsync(draft.Ben);
    }

    public async Task DisposeAsync()
    {
        await bystander.DisposeAsync();
        people.ForEach(person => person.Dispose());
    }

    [Fact]
    public async Task A_click_that_comes_again_and_again_adds_one_segment()
    {
        await using var page = await OpenAsync(draft.Ana);

        // The page may be drawn anew, with other handlers, before any of the clicks arrives.
        const int Most = 10;
        for (var tried = 1; ; tried++)
        {
            var add = await page.HandlerOfAsync("Add to the text");
            var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => page.FireAsync(add)));
            if (answers.Contains(null))
            {
                break;
            }
            Assert.True(tried < Most, string.Join('\n', answers));
        }
        for (var i = 0; i < 3; i++)
        {
            await PressAsync(page, "Add to the text");
        }

        Assert.Equal("My words", Assert.Single((await ReadAsync()).Segments).Content);
        page.TextId = Guid.NewGuid();
        await PressAsync(page, "Add to the text");
        Assert.Equal(2, (await ReadAsync()).Segments.Count);
        await AssertOthersLiveAsync();
    }

    [Fact]
    public async Task The_events_of_a_page_as_it_was_change_nothing_any_more()
    {
        await using var page = await OpenAsync(draft.Ana);
        var old = new List<ulong>();
        foreach (var button in (string[])["Pass to Ben", "Add to the text", "Longest silent", "Lock", "Make a public link", "Make Cleo a writer"])
        {
            old.Add(await page.HandlerOfAsync(button));
        }
        Given.Succeed(await site.Services.GetRequiredService<CollaboratorService>().OfferAsync(new OfferDraft(draft.Ana, draft.Id, draft.Ben)));
        Given.Succeed(await site.Services.GetRequiredService<CollaboratorService>().AcceptAsync(new AcceptDraft(draft.Ben, draft.Id)));
        await site.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Given.Succeed(await site.Services.GetRequiredService<CollaboratorService>().ChangeRoleAsync(new ChangeRole(draft.Ben, draft.Id, draft.Ana, Role.Reader)));
        var before = await ReadAsync(draft.Ben);

        foreach (var handler in old)
        {
            await page.FireAsync(handler);
        }

        AssertSame(before, await ReadAsync(draft.Ben));
        await AssertOthersLiveAsync();
    }

    [Fact]
    public async Task The_numbers_of_somebody_elses_handlers_reach_nothing()
    {
        await using var anas = await OpenAsync(draft.Ana);
        await using var page = await OpenAsync(draft.Cleo);
        await anas.HandlerOfAsync("Pass to Ben");
        await page.HandlerOfAsync("Leave this draft");
        var before = await ReadAsync();
        var own = page.Drawn.Handlers.ToHashSet();
        var foreign = anas.Drawn.Handlers.Concat([0UL, 1UL, 999_999UL, ulong.MaxValue]).Where(id => !own.Contains(id)).Distinct().ToList();
        Assert.True(foreign.Count > 10, $"{foreign.Count}");

        // First those that are not there, then all that a reader has: what those ask is not confirmed.
        foreach (var handler in foreign.Concat(own.Order()))
        {
            foreach (var name in (string[])["click", "submit", "change"])
            {
                await page.FireAsync(handler, name, name == "change" ? """{"value":"x"}""" : "{}", patience: TimeSpan.FromSeconds(2));
            }
        }

        AssertSame(before, await ReadAsync());
        await AssertOthersLiveAsync();
    }

    public static TheoryData<string, string> Malformed => new()
    {
        { "click", "\"text\"" },
        { "click", "[1,2,3]" },
        { "click", "{\"detail\":\"not a number\",\"screenX\":{}}" },
        { "click", "{\"detail\":1e999}" },
        { "click", "{" },
        { "click", "" },
        { "click", $"{new string('[', 5000)}{new string(']', 5000)}" },
        { "change", "{\"value\":{\"an\":\"object\"}}" },
        { "click\0", "{}\0" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Events_that_are_malformed_change_nothing(string name, string arguments)
    {
        await using var page = await OpenAsync(draft.Ana);
        var pass = await page.HandlerOfAsync("Pass to Ben");
        var before = await ReadAsync();

        var refused = await page.FireAsync(pass, name, arguments);

        Assert.NotNull(refused);
        AssertSame(before, await ReadAsync());
        await AssertOthersLiveAsync();
        // The same, well-formed, is taken: so it was the form that was refused.
        if (!page.Ended.IsCompleted)
        {
            await PressAsync(page, "Pass to Ben");
            Assert.Equal(draft.Ben, (await ReadAsync()).HolderId);
        }
    }

    [Fact]
    public async Task An_event_with_a_mebibyte_of_text_ends_the_circuit_it_came_by()
    {
        await using var page = await OpenAsync(draft.Ana);
        var pass = await page.HandlerOfAsync("Pass to Ben");
        var before = await ReadAsync();

        await page.FireAsync(pass, "click", $"{{\"type\":\"{new string('x', 1 << 20)}\"}}");

        await page.Ended.WaitAsync(TimeSpan.FromSeconds(60));
        AssertSame(before, await ReadAsync());
        await AssertOthersLiveAsync();
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("file:///etc/passwd")]
    [InlineData("")]
    [InlineData("\0")]
    public async Task A_page_is_not_led_elsewhere(string address)
    {
        await using var page = await OpenAsync(draft.Ana);
        var before = await ReadAsync();

        await page.CallAsync("OnLocationChanged", address, null, false);
        await page.CallAsync("OnLocationChanging", 1, address, null, false);
        await page.CallAsync("OnLocationChanged", address, new string('x', 5000), true);

        AssertSame(before, await ReadAsync());
        await AssertOthersLiveAsync();
    }

    [Fact]
    public async Task Answers_to_questions_that_nobody_asked_are_not_heard()
    {
        await using var page = await OpenAsync(draft.Ana);
        var before = await ReadAsync();

        foreach (var id in (long[])[0, 1, 2, 3, 7, 1000, -1, long.MaxValue])
        {
            await page.CallAsync("EndInvokeJSFromDotNet", id, true, $"[{id},true,{{\"__jsObjectId\":1}}]");
            await page.CallAsync("EndInvokeJSFromDotNet", id, false, $"[{id},false,\"forged\"]");
            await page.CallAsync("ReceiveJSDataChunk", id, id, new byte[100], null);
            await page.CallAsync("ReceiveJSDataChunk", id, 0L, Array.Empty<byte>(), "forged");
        }
        await page.CallAsync("EndInvokeJSFromDotNet", 1L, true, "not JSON");
        await page.CallAsync("ReceiveByteArray", int.MaxValue, new byte[100]);
        await page.CallAsync("OnRenderCompleted", long.MaxValue, "forged");
        await page.CallAsync("BeginInvokeDotNetFromJS", "1", "OneRing.Web", "AppendAsync", 0L, "[]");
        await page.CallAsync("BeginInvokeDotNetFromJS", "2", null, "AppendAsync", 1L, "[]");
        await page.CallAsync("BeginInvokeDotNetFromJS", "3", null, "HasTextChangedAsync", 99_999L, "[true]");

        AssertSame(before, await ReadAsync());
        await AssertOthersLiveAsync();
    }

    [Fact]
    public async Task Nobody_comes_to_a_circuit_whose_secret_they_do_not_know()
    {
        await using var anas = await OpenAsync(draft.Ana);
        await using var page = await OpenAsync(draft.Dan);

        foreach (var guess in (string[])["", "1", anas.Secret[..^1], anas.Secret[..^4] + "AAAA", 'x' + anas.Secret[1..], page.Secret[..^10] + anas.Secret[^10..]])
        {
            Assert.False(await page.AskAsync<bool>("ConnectCircuit", guess));
        }

        // It is still theirs alone.
        await PressAsync(anas, "Lock");
        Assert.Equal(DraftStatus.Locked, (await ReadAsync()).Status);
        await AssertOthersLiveAsync();
    }

    [Theory]
    [InlineData(Act.SignedOut)]
    [InlineData(Act.Disabled)]
    public async Task A_page_that_does_not_leave_when_its_session_ends_is_ended_and_does_nothing_any_more(Act act)
    {
        await using var page = await OpenAsync(draft.Ana);
        var pass = await page.HandlerOfAsync("Pass to Ben");
        Given.Succeed(await site.Services.GetRequiredService<UserAdministration>().ActAsync(new UserAct(ActorId: null, draft.Ana, act, "a test")));

        // The script of a browser would leave for the page to sign in. This one stays.
        await page.Ended.WaitAsync(TimeSpan.FromSeconds(60));
        var before = await ReadAsync(draft.Ben);
        await page.FireAsync(pass);

        AssertSame(before, await ReadAsync(draft.Ben));
        faults.Forgive("The session of this page has ended.");
        await AssertOthersLiveAsync();
    }

    /// <summary>Presses a button as it is now: a page that is just being drawn anew gives it another number.</summary>
    private static async Task PressAsync(PageCircuit page, string button)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await page.FireAsync(await page.HandlerOfAsync(button)) is not null)
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    private static void AssertSame(DraftView before, DraftView after) => Assert.Equal(
        (before.Version, before.HolderId, before.Turn, before.Status, before.Segments.Count, before.Title),
        (after.Version, after.HolderId, after.Turn, after.Status, after.Segments.Count, after.Title));

    /// <summary>As <see cref="Given.ADraftHeldByAnaAsync"/>, with people who can sign in by a password.</summary>
    private async Task<ADraft> ADraftAsync()
    {
        var services = site.Services;
        var (ana, ben) = (await services.APersonAsync("Ana", password: Password), await services.APersonAsync("Ben", password: Password));
        var (cleo, dan) = (await services.APersonAsync("Cleo", password: Password), await services.APersonAsync("Dan", password: Password));
        var id = Given.Succeed(await services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(ana, "A draft")));
        await services.AddAsync(id, ana, ben, Role.Writer);
        await services.AddAsync(id, ana, cleo, Role.Reader);
        return new ADraft(id, ana, ben, cleo, dan);
    }

    private Task<DraftView> ReadAsync(string? userId = null) => site.Services.ReadAsync(draft.Id, userId ?? draft.Ana);

    /// <summary>Opens the draft; for somebody who has no part in it, a draft of their own.</summary>
    private async Task<PageCircuit> OpenAsync(string userId)
    {
        var person = await BrowserPerson.SignInAsync(site.Address, await site.Services.HandleOfAsync(userId), Password);
        people.Add(person);
        var id = userId == draft.Dan ? Given.Succeed(await site.Services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(userId, "Elsewhere"))) : draft.Id;
        return await PageCircuit.OpenAsync(person, $"/drafts/{id}");
    }

    /// <summary>The server answers, the other page still takes events, and nothing of ours has failed.</summary>
    private async Task AssertOthersLiveAsync()
    {
        Assert.Equal(HttpStatusCode.OK, (await site.Visit().OpenAsync("/readyz")).Status);
        Assert.False(bystander.Ended.IsCompleted, bystander.Fault);
        await bystander.TellOfTextAsync(hasText: true);
        Assert.True(faults.All.IsEmpty, string.Join('\n', faults.All));
    }

    /// <summary>Faults in the log that come out of our own code.</summary>
    private sealed class Faults : ILoggerProvider, ILogger
    {
        private readonly List<string> forgiven = [];

        private readonly ConcurrentQueue<string> logged = [];

        public ConcurrentQueue<string> All => new(logged.Where(line => !forgiven.Exists(words => line.Contains(words, StringComparison.Ordinal))));

        public void Forgive(string words) => forgiven.Add(words);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error && exception?.ToString() is { } fault && fault.Contains("   at OneRing.", StringComparison.Ordinal))
            {
                logged.Enqueue($"{formatter(state, exception)} {fault}");
            }
        }

        public void Dispose()
        {
        }
    }
}
