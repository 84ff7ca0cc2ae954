using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace OneRing.Web.Tests.Servers;

/// <summary>The socket of a page, opened as a browser opens it, without the page.</summary>
internal sealed class Circuit : IAsyncDisposable
{
    private static readonly byte[] Handshake = "{\"protocol\":\"blazorpack\",\"version\":1}\u001e"u8.ToArray();

    /// <summary>What a page says when it has nothing to say. From whom it hears nothing for 30 seconds, the server takes leave.</summary>
    private static readonly byte[] Ping = Framed([0x91, 6]);

    private static readonly TimeSpan BetweenPings = TimeSpan.FromSeconds(5);

    private readonly ClientWebSocket socket;

    // A socket sends one thing after the other.
    private readonly SemaphoreSlim sending = new(1, 1);

    private Circuit(ClientWebSocket socket)
    {
        this.socket = socket;
        Ended = ListenAsync();
        _ = PingAsync();
    }

    /// <summary>Done when the server has ended it.</summary>
    public Task Ended { get; }

    /// <summary>Opens it, with the cookies that the server or a proxy in front of it has set.</summary>
    public static async Task<Circuit> OpenAsync(HttpClient client, Uri address, System.Net.CookieContainer? cookies = null)
    {
        using var negotiated = await client.PostAsync(new Uri(address, "/_blazor/negotiate?negotiateVersion=1"), content: null);
        var token = (string?)(await negotiated.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>())!["connectionToken"];
        var opening = new ClientWebSocket { Options = { Cookies = cookies } };
        await opening.ConnectAsync(new UriBuilder(new Uri(address, $"/_blazor?id={token}")) { Scheme = "ws" }.Uri, CancellationToken.None);
        await opening.SendAsync(Handshake, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

        var answer = new byte[1024];
        var heard = await opening.ReceiveAsync(answer, CancellationToken.None);
        Assert.Equal("{}\u001e", Encoding.UTF8.GetString(answer, 0, heard.Count));
        return new Circuit(opening);
    }

    /// <summary>Calls a method of the server's hub as Blazor's script would, with whatever arguments.</summary>
    /// <param name="arguments">Texts, whole numbers below 128, truths, and bytes.</param>
    public async Task CallAsync(string method, params object?[] arguments)
    {
        using var message = new MemoryStream();
        message.Write([0x95, 1, 0x80, 0xC0]);
        Write(message, method);
        message.WriteByte((byte)(0x90 + arguments.Length));
        foreach (var argument in arguments)
        {
            Write(message, argument);
        }
        await SendRawAsync(Framed(message.ToArray()));
    }

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendRawAsync(byte[] bytes)
    {
        await sending.WaitAsync();
        try
        {
            await socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            sending.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        socket.Abort();
        await Ended;
        socket.Dispose();
        sending.Dispose();
    }

    // MessagePack, as far as calls need it.
    private static void Write(Stream message, object? value)
    {
        switch (value)
        {
            case null:
                message.WriteByte(0xC0);
                break;
            case bool truth:
                message.WriteByte((byte)(truth ? 0xC3 : 0xC2));
                break;
            case int number:
                message.WriteByte((byte)number);
                break;
            case byte[] bytes:
                message.Write([0xC5, (byte)(bytes.Length >> 8), (byte)bytes.Length]);
                message.Write(bytes);
                break;
            case string text:
                var utf8 = Encoding.UTF8.GetBytes(text);
                message.Write([0xDB, (byte)(utf8.Length >> 24), (byte)(utf8.Length >> 16), (byte)(utf8.Length >> 8), (byte)utf8.Length]);
                message.Write(utf8);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(value), value, "This test cannot send such a thing.");
        }
    }

    /// <summary>Each message follows its length, seven bits a byte.</summary>
    private static byte[] Framed(byte[] message)
    {
        var framed = new List<byte>();
        var rest = message.Length;
        do
        {
            framed.Add((byte)((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0)));
            rest >>= 7;
        }
        while (rest > 0);
        return [.. framed, .. message];
    }

    private async Task PingAsync()
    {
        while (await Task.WhenAny(Ended, Task.Delay(BetweenPings)) != Ended)
        {
            try
            {
                await SendRawAsync(Ping);
            }
            catch (Exception ended) when (ended is WebSocketException or OperationCanceledException or ObjectDisposedException)
            {
                return; // Whoever listens hears of it.
            }
        }
    }

    private async Task ListenAsync()
    {
        var buffer = new byte[1024];
        try
        {
            // The server says now and then that it is there.
            while ((await socket.ReceiveAsync(buffer, CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception ended) when (ended is WebSocketException or OperationCanceledException)
        {
            // Cut off rather than closed.
        }
    }
}
