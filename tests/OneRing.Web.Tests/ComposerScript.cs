using System.Text;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OneRing.Web.Components.Drafts;

namespace OneRing.Web.Tests;

/// <summary>
/// Stands in for <c>wwwroot/composer.js</c>, which needs a browser. It keeps what somebody typed, tells the composer when there
/// begins or ceases to be text, hands over the UTF-16 code units, and takes away as many of them as it is told to. What it leaves out
/// is shown in a real browser: the text area itself, the counting of characters, and the chunks in which a long text travels.
/// </summary>
internal sealed class ComposerScript(Dispatcher dispatcher)
    : JSRuntimeInvocationHandlerBase<IJSObjectReference>(call => call is { Identifier: "import", Arguments: ["./composer.js"] }, isCatchAllHandler: false)
{
    private DotNetObjectReference<Composer>? composer;
    private bool hadText;

    /// <summary>What stands in the text area.</summary>
    public string Text { get; private set; } = "";

    public bool IsAttached => composer is not null;

    /// <summary>Puts a text into the area, in place of what was there.</summary>
    public Task TypeAsync(string text)
    {
        Text = text;
        return dispatcher.InvokeAsync(LookAsync);
    }

    protected override Task<IJSObjectReference> HandleAsync(JSRuntimeInvocation invocation) => Task.FromResult<IJSObjectReference>(new Module(this));

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
            script.composer = (DotNetObjectReference<Composer>)arguments[3]!;
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
                case "read":
                    return new Units(Encoding.Unicode.GetBytes(script.Text));
                case "clear":
                    script.Text = script.Text[(int)arguments[0]!..];
                    await script.LookAsync();
                    return null;
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
        public async ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args) => (TValue)(await CallAsync(identifier, args ?? []))!;

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
