using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using OneRing.Web.Tests.Servers;

namespace OneRing.Bench;

/// <summary>What somebody does with an open page who means harm: fires its event handlers by their numbers, past its buttons, and makes calls that no script of ours makes.</summary>
internal sealed partial class PageCircuit
{
    private readonly TaskCompletionSource<long> events = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when the server has ended it.</summary>
    public Task Ended => ended.Task;

    /// <summary>The number of the object that takes the events of this page.</summary>
    public Task<long> Events => events.Task;

    /// <summary>What only the browser of this page knows, to come back to its circuit.</summary>
    public string Secret { get; private set; } = "";

    /// <summary>What stands in the box of the page.</summary>
    public string Text { get; set; } = "My words";

    /// <summary>Which text that is. A script of ours takes another one after each addition.</summary>
    public Guid TextId { get; set; } = Guid.NewGuid();

    /// <summary>What the page shows.</summary>
    public DrawnPage Drawn { get; } = new();

    /// <summary>The number of the handler of a button, once that is there.</summary>
    public async Task<ulong> HandlerOfAsync(string label)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            if (Drawn.ClickOn(label) is { } id)
            {
                return id;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(10), patience.Token);
        }
    }

    /// <summary>Fires a handler. Answers what the server says to it: null when it took the event, else why not.</summary>
    /// <param name="patience">How long to wait for it; null for as long as everywhere, and then it is a failure. What asks the person something has nothing to answer.</param>
    public async Task<string?> FireAsync(ulong handler, string name = "click", string arguments = "{}", TimeSpan? patience = null)
    {
        var id = Interlocked.Increment(ref callCount).ToString(CultureInfo.InvariantCulture);
        var call = calls[id] = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        await CallAsync("BeginInvokeDotNetFromJS", id, null, "DispatchEventAsync", await events.Task.WaitAsync(Patience),
            $$"""[{"eventHandlerId":{{handler}},"eventName":{{JsonSerializer.Serialize(name)}},"eventFieldInfo":null},{{arguments}}]""");
        try
        {
            await Task.WhenAny(call.Task, ended.Task).WaitAsync(patience ?? Patience);
        }
        catch (TimeoutException late)
        {
            if (patience is not null)
            {
                return "The person was asked something.";
            }
            throw new TimeoutException($"Nothing was answered to {name} {arguments} for {handler}, {Drawn.Describe(handler)}.", late);
        }
        return call.Task switch
        {
            { IsCompletedSuccessfully: true } => null,
            { IsFaulted: true } faulted => faulted.Exception!.InnerException!.Message,
            _ => "The circuit has ended.",
        };
    }

    /// <summary>Calls a method of the server's hub, whatever it is.</summary>
    public async Task CallAsync(string method, params object?[] arguments)
    {
        try
        {
            await hub.SendCoreAsync(method, arguments);
        }
        catch (Exception gone) when (ended.Task.IsCompleted || gone is InvalidOperationException)
        {
            // The server has had enough of it.
        }
    }

    /// <summary>Asks a method of the server's hub, and answers what it says; null when it says nothing.</summary>
    public async Task<T?> AskAsync<T>(string method, params object?[] arguments)
    {
        try
        {
            return await hub.InvokeCoreAsync<T?>(method, arguments);
        }
        catch (Exception refused) when (refused is Microsoft.AspNetCore.SignalR.HubException or InvalidOperationException or OperationCanceledException)
        {
            return default;
        }
    }

    partial void Started(string secret) => Secret = secret;

    partial void Listening()
    {
        hub.Closed += _ =>
        {
            ended.TrySetResult();
            return Task.CompletedTask;
        };
        hub.On<string>("JS.Error", _ => ended.TrySetResult());
        hub.On<long, byte[]>("JS.RenderBatch", (_, changes) => Drawn.Draw(changes));
        hub.On<long, string, string, int, long, int>("JS.BeginInvokeJS", (_, what, arguments, _, _, _) =>
        {
            if (what == "Blazor._internal.attachWebRendererInterop" && DotNetObject().Match(arguments) is { Success: true } self)
            {
                events.TrySetResult(long.Parse(self.Groups["id"].Value, CultureInfo.InvariantCulture));
            }
            else if (what == "Blazor._internal.sendJSDataStream")
            {
                // [what to send, the number of the stream, how much at once]
                var stream = JsonDocument.Parse(arguments).RootElement[1].GetInt64();
                _ = CallAsync("ReceiveJSDataChunk", stream, 0L, Encoding.Unicode.GetBytes(Text), null);
            }
        });
    }

    partial void Answering(string what, string arguments, ref string result) => result = what switch
    {
        "begin" => JsonSerializer.Serialize(new { Id = TextId, Text.Length }),
        "read" => $$"""{"__jsObjectId":1,"__jsStreamReferenceLength":{{Encoding.Unicode.GetByteCount(Text)}}}""",
        "show" => "false",
        _ => result,
    };
}
