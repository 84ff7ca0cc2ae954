using System.Net;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Tests.Attacks;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests;

/// <summary>What somebody tries who means harm, past our pages and our scripts.</summary>
public sealed partial class AttackersTests(SiteInMemory site) : IClassFixture<SiteInMemory>
{
    /// <summary>What scripts may call on a page, and why it does no harm when somebody forges the call. Nothing else of ours can be called from outside.</summary>
    private static readonly Dictionary<string, string> Callable = new(StringComparer.Ordinal)
    {
        ["Composer.HasTextChangedAsync"] = "says on one's own page whether there is text",
        ["Composer.ParkedChangedAsync"] = "has one's own page read one's own parked texts again",
    };

    public static TheoryData<string, object?[]> Forged => new()
    {
        { "NoSuchMethod", [] },
        { "StartCircuit", [] },
        { "StartCircuit", ["http://localhost/", "http://localhost/", "[{\"type\":\"server\",\"sequence\":0,\"descriptor\":\"forged\",\"key\":{}}]", ""] },
        { "StartCircuit", ["not an address", "\0", "{", "forged"] },
        { "ResumeCircuit", ["forged", "http://localhost/", "http://localhost/", "[]", "forged"] },
        { "ConnectCircuit", ["somebody else's circuit"] },
        { "BeginInvokeDotNetFromJS", ["1", "OneRing.Data", "AppendAsync", 1, "[]"] },
        { "BeginInvokeDotNetFromJS", ["1", null, "DisposeAsync", 1, "[]"] },
        { "BeginInvokeDotNetFromJS", ["1", "System.Private.CoreLib", "Exit", 0, "[0]"] },
        { "EndInvokeJSFromDotNet", [1, true, "[1,true,\"forged\"]"] },
        { "DispatchBrowserEvent", ["{\"eventHandlerId\":1,\"eventName\":\"click\"}", "{}"] },
        { "OnRenderCompleted", [99, null] },
        { "OnLocationChanged", ["javascript:alert(1)", null, false] },
        { "UpdateRootComponents", ["[{\"type\":\"add\",\"ssrComponentId\":1}]", "forged"] },
        { "ReceiveByteArray", [1, new byte[1000]] },
        { "ReceiveJSDataChunk", [1, 1, new byte[1000], null] },
    };

    [Theory]
    [MemberData(nameof(Forged))]
    public async Task A_forged_call_reaches_nothing_and_harms_nobody_else(string method, object?[] arguments)
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var before = await site.Services.ReadAsync(draft.Id, draft.Ana);
        await using var bystander = await Circuit.OpenAsync(site.Visit().Client, site.Address);
        await using var forger = await Circuit.OpenAsync(site.Visit().Client, site.Address);

        for (var i = 0; i < 3 && !forger.Ended.IsCompleted; i++)
        {
            try
            {
                await forger.CallAsync(method, arguments);
            }
            catch (System.Net.WebSockets.WebSocketException)
            {
                // The server has had enough of it.
            }
        }

        await AssertUnharmedAsync(bystander, draft, before);
    }

    [Fact]
    public async Task A_message_that_is_too_large_or_none_ends_the_circuit_it_came_by_and_no_other()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var before = await site.Services.ReadAsync(draft.Id, draft.Ana);
        await using var bystander = await Circuit.OpenAsync(site.Visit().Client, site.Address);

        foreach (var attack in (Func<Circuit, Task>[])[
            circuit => circuit.CallAsync("StartCircuit", "http://localhost/", "http://localhost/", new string('x', 100_000), ""),
            circuit => circuit.SendRawAsync([0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1, 2, 3]),
            circuit => circuit.SendRawAsync([4, 0xC1, 0xC1, 0xC1, 0xC1]),
            circuit => circuit.SendRawAsync([.. Enumerable.Repeat((byte)0x91, 4000)])])
        {
            await using var forger = await Circuit.OpenAsync(site.Visit().Client, site.Address);
            await attack(forger);
            await forger.Ended.WaitAsync(TimeSpan.FromSeconds(60));
        }

        await AssertUnharmedAsync(bystander, draft, before);
    }

    [Fact]
    public void Nothing_can_be_called_from_outside_but_what_has_its_reason_here()
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var there = new[] { typeof(Program).Assembly, typeof(DraftService).Assembly }.SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(All)).Where(method => method.GetCustomAttribute<JSInvokableAttribute>() is not null).ToList();

        Assert.Equal(Callable.Keys.Order(StringComparer.Ordinal), there.Select(method => $"{method.DeclaringType!.Name}.{method.Name}").Order(StringComparer.Ordinal));
        // Those of a page are reached through that page alone, in its own circuit.
        Assert.All(there, method => Assert.True(!method.IsStatic && method.DeclaringType!.IsSubclassOf(typeof(ComponentBase)), method.Name));
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\\\evil.example")]
    [InlineData("https:evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("HTTPS://evil.example/")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\n/evil.example")]
    [InlineData("\t//evil.example")]
    [InlineData(" //evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("evil.example")]
    [InlineData("@evil.example")]
    [InlineData("///evil.example")]
    [InlineData("/\\/evil.example")]
    [InlineData("/%2F/evil.example")]
    [InlineData("/%5Cevil.example")]
    [InlineData("/\r\nLocation: https://evil.example")]
    public async Task Nobody_is_led_to_another_site_after_signing_in_or_out(string returnUrl)
    {
        var visitor = site.Visit();
        foreach (var button in (string[])["Ana", "Sign out"])
        {
            var page = await visitor.OpenAsync("/account/sign-in");
            using var form = new FormUrlEncodedContent([
                new("__RequestVerificationToken", page.Document.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!), new("returnUrl", returnUrl)]);
            using var answer = await visitor.Client.PostAsync(new Uri(button == "Ana" ? "/account/demo/ana" : "/account/sign-out", UriKind.Relative), form);

            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.Equal(site.Address.Authority, new Uri(site.Address, answer.Headers.Location!).Authority);
            Assert.DoesNotMatch(@"^(/[/\\]|\\|[A-Za-z]+:)", answer.Headers.Location!.OriginalString);
        }
    }

    [Fact]
    public async Task Whatever_stands_behind_the_question_mark_pages_answer_as_without_it()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var admin = await site.Services.GetRequiredService<AccountService>().SignUpAsync(new SignUp("asker", "Asker", Password: null, IsAdmin: true));
        var queries = QueriesOfPages().ToList();
        Assert.True(queries.Count > 40, $"There are only {queries.Count} of them.");
        var wrong = new List<string>();

        foreach (var visitor in (Visitor[])[await site.VisitAsync(draft.Ana), await site.VisitAsync(admin.Value!)])
        {
            foreach (var (route, parameter) in queries)
            {
                var path = RouteParameter().Replace(route, $"{draft.Id}");
                var without = await visitor.OpenAsync(path);
                if (HeadingOf(without) == "This page is for admins")
                {
                    // The admin comes to it as well. Whoever is none may be told first that the question cannot be understood.
                    continue;
                }
                foreach (var text in (string[])["neither number nor truth", "99999999999", "\r\nforged: line"])
                {
                    var with = await visitor.OpenAsync($"{path}?{parameter}={Uri.EscapeDataString(text)}");
                    if (with.Status != without.Status || HeadingOf(with) != HeadingOf(without))
                    {
                        wrong.Add($"{with.Url.PathAndQuery} is answered with {with.Status}, “{HeadingOf(with)}”, and not {without.Status}, “{HeadingOf(without)}”");
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private static string? HeadingOf(Page page) => page.Document.QuerySelector("h1")?.TextContent;

    private static IEnumerable<(string Route, string Parameter)> QueriesOfPages() =>
        from page in typeof(RefusalText).Assembly.GetTypes()
        from route in page.GetCustomAttributes<RouteAttribute>()
        from parameter in page.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        let query = parameter.GetCustomAttribute<SupplyParameterFromQueryAttribute>()
        where query is not null
        select (route.Template, query.Name ?? parameter.Name);

    [Fact]
    public async Task Members_that_nobody_asked_for_change_nothing()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var ben = await site.CallAsync(draft.Ben);
        var extra = new
        {
            title = "Mine",
            id = draft.Id,
            draft_id = draft.Id,
            creator_id = draft.Ana,
            owner_id = draft.Ana,
            holder_id = draft.Dan,
            user_id = draft.Ana,
            author_user_id = draft.Ana,
            role = "owner",
            is_admin = true,
            status = "completed",
            turn = 7,
            version = 99,
            created_at = "2000-01-01T00:00:00Z",
            content = "Words",
            idempotency_key = Given.NewKey(),
            ring_state = new { current_holder_id = draft.Dan },
            collaborators = new[] { draft.Dan },
        };

        var made = (await ben.PostAsync("/v1/collab/drafts?segments=all", extra)).Succeed().Data;
        Assert.NotEqual($"{draft.Id}", (string?)made["draft_id"]);
        Assert.Equal((draft.Ben, draft.Ben, "active", 1), ((string?)made["creator_id"], (string?)made["ring_state"]!["current_holder_id"], (string?)made["status"], (int)made["ring_state"]!["turn"]!));
        Assert.Empty(made["segments"]!.AsArray());
        Assert.NotEqual(2000, ((DateTimeOffset)made["created_at"]!).Year);

        // As somebody else, or past the ring, one does not get by naming them.
        var refused = await ben.PostAsync($"/v1/collab/drafts/{draft.Id}/segments", new { content = "Words", idempotency_key = Given.NewKey(), user_id = draft.Ana, holder_id = draft.Ben }, ("X-User-Id", draft.Ana));
        Assert.Equal("403 ring_required", refused.Outcome);
        Assert.False((await site.Services.GetRequiredService<OneRing.Data.Accounts.AccountService>().FindAsync(draft.Ben))!.IsAdmin);
    }

    [Fact]
    public async Task Hostile_words_are_kept_and_found_as_they_are_and_never_fail()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var ana = await site.CallAsync(draft.Ana);
        string[] injections = [.. AttackTexts.UpTo(200).Where((_, i) => i % 10 == 0), "'; DROP TABLE drafts; --", "' OR '1'='1", "%' ESCAPE '", "_%[a]", "\\", "a' UNION SELECT password_hash FROM users --", "$1", "{0}", "a\r\nfail: forged[0]"];

        foreach (var text in injections)
        {
            var title = text.Replace("\r\n", " ", StringComparison.Ordinal);
            (await ana.PostAsync("/v1/collab/drafts", new { title })).Succeed();
            var found = (await ana.GetAsync($"/v1/collab/drafts?q={Uri.EscapeDataString(title)}&limit=100")).Succeed().Data.AsArray();
            Assert.Contains(found, one => (string?)one!["title"] == title);
            Assert.DoesNotContain(found, one => !((string?)one!["title"])!.Contains(title, StringComparison.OrdinalIgnoreCase));
            (await ana.PostAsync($"/v1/collab/drafts/{draft.Id}/segments?segments=none", new { content = text, idempotency_key = text[..Math.Min(text.Length, 100)] })).Succeed();
        }
    }

    private async Task AssertUnharmedAsync(Circuit bystander, ADraft draft, DraftView before)
    {
        Assert.Equal(HttpStatusCode.OK, (await site.Visit().OpenAsync("/readyz")).Status);
        var after = await site.Services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal((before.Version, before.HolderId, before.Segments.Count), (after.Version, after.HolderId, after.Segments.Count));
        Assert.False(bystander.Ended.IsCompleted);
    }

    [GeneratedRegex(@"\{[^}]+\}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RouteParameter();
}
