using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Http.Connections.Client;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace OneRing.Bench;

/// <summary>
/// A page that is open in a browser, as the server sees it: its circuit, which is shown everything and says that it has shown it. Scripts are not run; whatever the server
/// asks of one is answered as if it had nothing to say.
/// </summary>
internal sealed partial class PageCircuit : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HubConnection hub;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<long>> calls = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource<int> composer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<long> shown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] awaited = [];
    private int objects;
    private int callCount;

    private PageCircuit(HubConnection hub) => this.hub = hub;

    /// <summary>Whether something was wrong that ends a circuit.</summary>
    public string? Fault { get; private set; }

    /// <summary>Opens the page of a draft, and waits until its box is ready to be written in.</summary>
    public static async Task<PageCircuit> OpenAsync(BrowserPerson person, string path)
    {
        var html = await person.Http.GetStringAsync(new Uri(path, UriKind.Relative));
        var builder = new HubConnectionBuilder().WithUrl(new Uri(person.Http.BaseAddress!, "/_blazor"), HttpTransportType.WebSockets, options =>
        {
            options.Cookies = person.Cookies;
            // A browser asks first, on the connection that the page came by. Here each would open one more for it, and the server keep that, too.
            options.SkipNegotiation = true;
        });
        builder.Services.AddSingleton(BlazorPack());
        var circuit = new PageCircuit(builder.Build());
        circuit.Listen();
        await circuit.StartAsync(person.Http.BaseAddress!, path, html);
        await circuit.composer.Task.WaitAsync(Patience);
        return circuit;
    }

    /// <summary>Waits until the page is shown these words, and answers when they came.</summary>
    public Task<long> WaitForAsync(string words)
    {
        awaited = Encoding.UTF8.GetBytes(words);
        shown = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        return shown.Task;
    }

    /// <summary>Tells the page that there is something in its box, or nothing, as its script does; waits until the server has dealt with it. Answers how long that took.</summary>
    public async Task<TimeSpan> TellOfTextAsync(bool hasText)
    {
        var target = await composer.Task.WaitAsync(Patience);
        var id = Interlocked.Increment(ref callCount).ToString(CultureInfo.InvariantCulture);
        var call = calls[id] = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = Stopwatch.GetTimestamp();
        await hub.SendAsync("BeginInvokeDotNetFromJS", id, null, "HasTextChangedAsync", (long)target, hasText ? "[true]" : "[false]");
        return Stopwatch.GetElapsedTime(start, await call.Task.WaitAsync(Patience));
    }

    public ValueTask DisposeAsync() => hub.DisposeAsync();

    /// <summary>Where somebody who wants to hear more of what the server says begins to listen.</summary>
    partial void Listening();

    /// <summary>Where somebody who has a page with something on it answers for its scripts.</summary>
    partial void Answering(string what, string arguments, ref string result);

    /// <summary>Where somebody learns the secret of the circuit, which only its own browser knows.</summary>
    partial void Started(string secret);

    private void Listen()
    {
        Listening();
        hub.On<int, string>("JS.AttachComponent", (_, _) => { });
        hub.On<long, byte[]>("JS.RenderBatch", ShowAsync);
        hub.On<long, string, string, int, long, int>("JS.BeginInvokeJS", AnswerScriptAsync);
        hub.On<byte[]>("JS.BeginTransmitStream", _ => { });
        hub.On<string, bool, string>("JS.EndInvokeDotNet", (id, succeeded, answer) =>
        {
            if (calls.TryRemove(id, out var call))
            {
                _ = succeeded ? call.TrySetResult(Stopwatch.GetTimestamp()) : call.TrySetException(new InvalidOperationException(answer));
            }
        });
        hub.On<string>("JS.Error", error =>
        {
            Fault = error;
            shown.TrySetException(new InvalidOperationException(error));
        });
    }

    private async Task ShowAsync(long batch, byte[] changes)
    {
        var now = Stopwatch.GetTimestamp();
        if (changes.AsSpan().IndexOf(awaited) >= 0)
        {
            shown.TrySetResult(now);
        }
        await hub.SendAsync("OnRenderCompleted", batch, null);
    }

    private async Task AnswerScriptAsync(long task, string what, string arguments, int resultType, long target, int callType)
    {
        if (what == "attach" && DotNetObject().Match(arguments) is { Success: true } self)
        {
            composer.TrySetResult(int.Parse(self.Groups["id"].Value, CultureInfo.InvariantCulture));
        }
        if (task == 0)
        {
            return;
        }
        // 1: a reference to an object of the browser, of which this one has as many as are asked for. The script of the frame is asked whether it tells what is new.
        var result = resultType == 1 ? $$"""{"__jsObjectId":{{Interlocked.Increment(ref objects)}}}""" : what == "show" ? "false" : "null";
        Answering(what, arguments, ref result);
        await hub.SendAsync("EndInvokeJSFromDotNet", task, true, $"[{task},true,{result}]");
    }

    /// <summary>What a page's own script does to make it interactive: a circuit, and in it the parts of the page that are marked for it.</summary>
    private async Task StartAsync(Uri address, string path, string html)
    {
        await hub.StartAsync();
        var url = new Uri(address, path).ToString();
        var state = State().Match(html) is { Success: true } kept ? kept.Groups["state"].Value : "";
        var secret = await hub.InvokeAsync<string?>("StartCircuit", address.ToString(), url, "[]", state);
        if (secret is null)
        {
            throw new InvalidOperationException("The server refused a circuit.");
        }
        Started(secret);

        var operations = Marker().Matches(html)
            .Select(match => JsonDocument.Parse(match.Groups["json"].Value).RootElement)
            .Where(marker => marker.TryGetProperty("type", out var type) && type.GetString() == "server")
            .Select((marker, i) => new { type = "add", ssrComponentId = i + 1, marker })
            .ToList();
        await hub.SendAsync("UpdateRootComponents", JsonSerializer.Serialize(new { batchId = 1, operations }), state);
    }

    // The protocol is part of the framework but not of its public face.
    private static IHubProtocol BlazorPack() => (IHubProtocol)Activator.CreateInstance(
        Type.GetType("Microsoft.AspNetCore.Components.Server.BlazorPack.BlazorPackHubProtocol, Microsoft.AspNetCore.Components.Server", throwOnError: true)!, nonPublic: true)!;

    [GeneratedRegex("<!--Blazor-Server-Component-State:(?<state>[^-]*)-->", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex State();

    [GeneratedRegex("<!--Blazor:(?<json>\\{.*?\\})-->", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Marker();

    [GeneratedRegex("\"__dotNetObject\":(?<id>[0-9]+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DotNetObject();
}
