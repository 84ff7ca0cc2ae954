using System.Text;
using System.Text.Json;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Microsoft.JSInterop.Infrastructure;
using OneRing.Web.Components.Drafts;

namespace OneRing.Web.Tests;

/// <summary>
/// Stands in for <c>wwwroot/composer.js</c>, which needs a browser. It keeps what somebody typed, tells the composer when there
/// begins or ceases to be text, hands over the UTF-16 code units, and takes away as many of them as it is told to. What it leaves out
/// is shown in a real browser: the text area itself, the counting of characters, and how words are kept there and on the server.
/// </summary>
internal sealed class ComposerScript(Dispatcher dispatcher)
    : JSRuntimeInvocationHandlerBase<IJSObjectReference>(call => call is { Identifier: "import", Arguments: ["./composer.js"] }, isCatchAllHandler: false)
{
    private DotNetObjectReference<Composer>? composer;
    private bool hadText;
    private bool isAdding;
    private Guid textId = Guid.NewGuid();

    /// <summary>What stands in the text area.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Whether words do not reach the server, so that they stay in the box whatever happens.</summary>
    public bool IsOffline { get; set; }

    /// <summary>What can be read at the addresses of parked texts.</summary>
    public Dictionary<string, string> Parked { get; } = new(StringComparer.Ordinal);

    public bool IsAttached => composer is not null;

    /// <summary>Puts a text into the area, in place of what was there.</summary>
    public Task TypeAsync(string text)
    {
        Text = text;
        return dispatcher.InvokeAsync(LookAsync);
    }

    protected override Task<IJSObjectReference> HandleAsync(JSRuntimeInvocation invocation) => Task.FromResult<IJSObjectReference>(new Module(this));

    private async Task<bool> LeaveAsync()
    {
        if (!IsOffline)
        {
            Text = "";
            textId = Guid.NewGuid();
            await LookAsync();
        }
        return !IsOffline;
    }

    private async Task LookAsync()
    {
        var hasText = !string.IsNullOrWhiteSpace(Text);
        if (hasText != hadText && composer is not null)
        {
            hadText = hasText;
            await composer.Value.HasTextChangedAsync(hasText);
        }
    }

    private sealed class Module(ComposerScript script) : Script
    {
        protected override async Task<object?> CallAsync(string function, object?[] arguments)
        {
            script.composer = (DotNetObjectReference<Composer>)arguments[1]!;
            await script.LookAsync();
            return function == "attach" ? new Area(script) : throw new InvalidOperationException($"composer.js has no {function}.");
        }
    }

    private sealed class Area(ComposerScript script) : Script
    {
        protected override async Task<object?> CallAsync(string function, object?[] arguments)
        {
            switch (function)
            {
                case "begin":
                    script.isAdding = true;
                    return new { Id = script.textId, Length = Data.Texts.Length(script.Text) };
                case "read":
                    return new Units(Encoding.Unicode.GetBytes(script.Text));
                case "added" when script.isAdding:
                    script.isAdding = false;
                    script.Text = script.Text[(int)arguments[0]!..];
                    script.textId = Guid.NewGuid();
                    await script.LookAsync();
                    return null;
                case "kept" when script.isAdding:
                    script.isAdding = false;
                    return null;
                case "setCanWrite":
                    return (bool)arguments[0]! || await script.LeaveAsync();
                case "leave":
                    return await script.LeaveAsync();
                case "putBack":
                    script.Text += script.Parked[(string)arguments[0]!];
                    await script.LookAsync();
                    return !script.IsOffline;
                case "detach":
                    script.composer = null;
                    return null;
                default:
                    throw new InvalidOperationException($"The area of composer.js has no {function}.");
            }
        }
    }

    private abstract class Script : IJSObjectReference
    {
        public async ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args) =>
            await CallAsync(identifier, args ?? []) switch
            {
                TValue value => value,
                null => default!,
                // Nobody waits for what it answers.
                _ when typeof(TValue) == typeof(IJSVoidResult) => default!,
                // As it would travel.
                var other => JsonSerializer.Deserialize<TValue>(JsonSerializer.Serialize(other, JsonSerializerOptions.Web), JsonSerializerOptions.Web)!,
            };

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, CancellationToken cancellationToken, object?[]? args) =>
            InvokeAsync<TValue>(identifier, args);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        protected abstract Task<object?> CallAsync(string function, object?[] arguments);
    }

    private sealed class Units(byte[] bytes) : IJSStreamReference
    {
        public long Length => bytes.Length;

        public ValueTask<Stream> OpenReadStreamAsync(long maxAllowedSize = 512_000, CancellationToken cancellationToken = default) =>
            bytes.Length <= maxAllowedSize
                ? ValueTask.FromResult<Stream>(new MemoryStream(bytes, writable: false))
                : throw new ArgumentOutOfRangeException(nameof(maxAllowedSize), maxAllowedSize, "The text is longer.");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
