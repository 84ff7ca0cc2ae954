using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace OneRing.Web.Tests.Servers;

/// <summary>The socket of a page, opened as a browser opens it, without the page.</summary>
internal sealed class Circuit : IAsyncDisposable
{
    private static readonly byte[] Handshake = "{\"protocol\":\"blazorpack\",\"version\":1}\u001e"u8.ToArray();

    private readonly ClientWebSocket socket;

    private Circuit(ClientWebSocket socket)
    {
        this.socket = socket;
        Ended = ListenAsync();
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

    public async ValueTask DisposeAsync()
    {
        socket.Abort();
        await Ended;
        socket.Dispose();
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
