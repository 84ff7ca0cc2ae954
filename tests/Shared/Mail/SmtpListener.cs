using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace OneRing.Tests.Mail;

/// <summary>A mail server that keeps what it is sent, on a free port of this machine. It can be told to refuse for a while.</summary>
public sealed class SmtpListener : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<MimeMessage> letters = [];
    private readonly SemaphoreSlim arrived = new(0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Task accepting;

    private SmtpListener()
    {
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Answers every letter with "try later".</summary>
    public bool Refuses { get; set; }

    public IReadOnlyList<MimeMessage> Letters => [.. letters];

    /// <summary>The settings of a server that sends its mails here.</summary>
    public (string Name, string Value)[] Settings =>
        [("OneRing:Mail:Host", "127.0.0.1"), ("OneRing:Mail:Port", $"{Port}"), ("OneRing:Mail:From", "OneRing <ring@onering.test>"), ("OneRing:PublicUrl", "http://localhost:5080")];

    public static SmtpListener Start() => new();

    /// <summary>Waits for a letter to this address that has not been waited for, and answers its text.</summary>
    public async Task<MimeMessage> NextAsync(string to)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (letters.FirstOrDefault(l => l.To.Mailboxes.Any(m => m.Address == to) && l.Headers["X-Seen"] is null) is { } letter)
            {
                letter.Headers.Add("X-Seen", "yes");
                return letter;
            }
            await arrived.WaitAsync(patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        listener.Dispose();
        stopping.Dispose();
        arrived.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            var client = await listener.AcceptTcpClientAsync(stopping.Token);
            _ = TalkAsync(client);
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            await using var writer = new StreamWriter(stream, Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
            try
            {
                await writer.WriteLineAsync("220 onering.test");
                while (await reader.ReadLineAsync(stopping.Token) is { } line)
                {
                    switch (line.Split(' ')[0].ToUpperInvariant())
                    {
                        case "EHLO":
                            await writer.WriteLineAsync("250-onering.test\r\n250 8BITMIME");
                            break;
                        case "DATA":
                            await writer.WriteLineAsync("354 go on");
                            Keep(await ReadLetterAsync(reader));
                            await writer.WriteLineAsync(Refuses ? "451 try later, somebody@example.test" : "250 kept");
                            break;
                        case "QUIT":
                            await writer.WriteLineAsync("221 bye");
                            return;
                        default:
                            await writer.WriteLineAsync("250 fine");
                            break;
                    }
                }
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException)
            {
                // The other side has left, or the test is over.
            }
        }
    }

    private async Task<MimeMessage> ReadLetterAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(stopping.Token) is { } line && line != ".")
        {
            text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }
        using var bytes = new MemoryStream(Encoding.Latin1.GetBytes(text.ToString()));
        return await MimeMessage.LoadAsync(bytes, stopping.Token);
    }

    private void Keep(MimeMessage letter)
    {
        if (!Refuses)
        {
            letters.Enqueue(letter);
            arrived.Release();
        }
    }
}
