using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests;

/// <summary>Whoever reads the log can believe its lines: each is the server's own, whatever somebody sent.</summary>
public sealed partial class LogTests
{
    /// <summary>Line ends of all kinds, what moves the cursor of a terminal, and what turns the direction of a text.</summary>
    private const string Hostile = "forged\r\nfail: OneRing[0] forged\n\u001b[2J\u001b[31mforged\u0007\u0085\u2028\u2029\u202e\u200b\u009b1m\tforged";

    [Theory]
    [InlineData(null)]
    [InlineData("json")]
    public async Task Nothing_that_somebody_sends_makes_a_line_of_the_log(string? form)
    {
        await using var server = await ServerProcess.StartAsync(
            "", settings: [("OneRing__Demo__Enabled", "false"), ("Logging__LogLevel__Default", "Trace"), ("Logging__LogLevel__Microsoft.AspNetCore", "Trace"),
                ("Logging__LogLevel__Microsoft.EntityFrameworkCore", "Trace"), ("Logging__Console__FormatterName", form)]);
        var visitor = Visitor.At(server.Address);
        var sent = Uri.EscapeDataString(Hostile);

        foreach (var path in (string[])[$"/{sent}", $"/drafts/{sent}", $"/v1/{sent}?q={sent}", $"/account/sign-in?returnUrl={sent}", $"/read/{sent}"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
            foreach (var name in (string[])["x-request-id", "User-Agent", "X-Forwarded-For", "traceparent", "Authorization"])
            {
                request.Headers.TryAddWithoutValidation(name, "Bearer forged\u001b[31m\tforged");
            }
            using var answer = await visitor.Client.SendAsync(request);
        }
        await visitor.PressAsync(await visitor.OpenAsync("/account/sign-in"), "Sign in", ("Handle", Hostile), ("Password", Hostile));
        foreach (var name in (string[])[Hostile, "Forger"])
        {
            await visitor.PressAsync(await visitor.OpenAsync("/account/sign-up"), "Make my account", ("Handle", "forger"), ("Name", name), ("Password", "a lamp that would not sleep"));
        }
        await visitor.OpenAsync("/v1/the-last-one");

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!server.Output.Contains("the-last-one", StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
        var lines = server.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, line => line.Contains("forged", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("For nobody, a password was refused", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("has signed in", StringComparison.Ordinal));
        Assert.All(lines[..^1], line => Assert.True(form is null ? OwnLine().IsMatch(line) : JsonDocument.Parse(line).RootElement.TryGetProperty("Category", out _), line));
        Assert.All(lines, line => Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\u202e' or '\u200b'));
    }

    [Fact]
    public void A_fault_is_set_in_below_its_line_and_its_words_make_none()
    {
        var console = new LineConsole();
        var scopes = new LoggerExternalScopeProvider();
        using var scope = scopes.Push(new Dictionary<string, object?>(StringComparer.Ordinal) { ["RequestId"] = "the-id", ["RequestPath"] = Hostile });
        using var output = new StringWriter();

        console.Write(new LogEntry<string>(LogLevel.Warning, "OneRing", new EventId(7), Hostile, new InvalidOperationException(Hostile), (state, _) => state), scopes, output);

        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warn: OneRing\[7\] forged\\u\{D\}\\u\{A\}fail: .* \(request the-id\)$", lines[0]);
        Assert.True(lines.Length > 1);
        Assert.All(lines[1..], line => Assert.StartsWith("      ", line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.DoesNotContain(line, char.IsControl));
    }

    [GeneratedRegex(@"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (trce|dbug|info|warn|fail|crit): [A-Za-z0-9_.`+\[\],]+\[-?\d+\] |      )", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OwnLine();
}
