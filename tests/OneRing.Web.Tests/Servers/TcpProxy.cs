using System.Net;
using System.Net.Sockets;

namespace OneRing.Web.Tests.Servers;

/// <summary>
/// The network between browsers and a server. It can be cut: then nothing arrives any more, in neither direction, and neither side is told.
/// A browser's own "offline" leaves open sockets alone; this does not.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private readonly HashSet<Socket> open = [];
    private readonly Uri server;
    private readonly Task accepting;
    private bool isCut;
    private (byte[] Bytes, TaskCompletionSource Happened)? fatal;

    private TcpProxy(Uri server)
    {
        this.server = server;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where browsers find the server.</summary>
    public Uri Address => new($"http://{listener.LocalEndpoint}/");

    /// <summary>Stands in front of a server.</summary>
    public static TcpProxy Start(Uri server) => new(server);

    public void Cut()
    {
        lock (gate)
        {
            isCut = true;
        }
    }

    /// <summary>Cuts the network when the server is about to say these bytes, which do not arrive. The task ends then.</summary>
    public Task CutBefore(byte[] bytes)
    {
        var happened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            fatal = (bytes, happened);
        }
        return happened.Task;
    }

    /// <summary>There is a network again. What was connected before is not, and what was under way is lost.</summary>
    public void Mend()
    {
        Socket[] dead;
        lock (gate)
        {
            isCut = false;
            dead = [.. open];
            open.Clear();
        }
        foreach (var socket in dead)
        {
            Reset(socket);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        Mend();
        await accepting;
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            Socket browser;
            try
            {
                browser = await listener.AcceptSocketAsync(stopping.Token);
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            _ = ConnectAsync(browser);
        }
    }

    private async Task ConnectAsync(Socket browser)
    {
        var toServer = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        browser.NoDelay = true;
        Remember(browser, toServer);
        try
        {
            if (!IsCut)
            {
                await toServer.ConnectAsync(server.Host, server.Port, stopping.Token);
                await Task.WhenAny(PumpAsync(browser, toServer, isAnswer: false), PumpAsync(toServer, browser, isAnswer: true));
            }
            else
            {
                // Somebody knocks, and nobody hears it.
                await PumpAsync(browser, toServer, isAnswer: false);
            }
        }
        catch (Exception end) when (IsEnd(end))
        {
            // The server is not there, or the network has been mended.
        }

        Reset(browser);
        Reset(toServer);
        Forget(browser, toServer);
    }

    private async Task PumpAsync(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var read = await from.ReceiveAsync(buffer.AsMemory(), stopping.Token);
                if (read == 0)
                {
                    return;
                }
                if (Arrives(buffer.AsSpan(0, read), isAnswer))
                {
                    await to.SendAsync(buffer.AsMemory(0, read), stopping.Token);
                }
            }
        }
        catch (Exception end) when (IsEnd(end))
        {
            // One side is gone, and so is the connection.
        }
    }

    private bool Arrives(ReadOnlySpan<byte> bytes, bool isAnswer)
    {
        lock (gate)
        {
            if (isAnswer && fatal is { } last && bytes.IndexOf(last.Bytes) >= 0)
            {
                fatal = null;
                isCut = true;
                last.Happened.SetResult();
            }
            return !isCut;
        }
    }

    private bool IsCut
    {
        get
        {
            lock (gate)
            {
                return isCut;
            }
        }
    }

    private void Remember(params Socket[] sockets)
    {
        lock (gate)
        {
            open.UnionWith(sockets);
        }
    }

    private void Forget(params Socket[] sockets)
    {
        lock (gate)
        {
            open.ExceptWith(sockets);
        }
    }

    private static bool IsEnd(Exception end) => end is SocketException or ObjectDisposedException or OperationCanceledException;

    private static void Reset(Socket socket) => socket.Close(timeout: 0);
}
