using System.Diagnostics;
using System.Globalization;
using MimeKit;
using OneRing.Tests;

namespace OneRing.Web.Tests.Servers;

/// <summary>
/// A mail server that nobody here wrote (Debian's aiosmtpd), which keeps what it is sent in a maildir. Without it the test is visibly skipped; where everything has to run
/// (<c>ONERING_REQUIRE_ALL=true</c>) it fails.
/// </summary>
internal sealed class MailServer : IAsyncDisposable
{
    private const string Program = "/usr/bin/aiosmtpd";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo home;
    private readonly Process process;
    private readonly int port;

    private MailServer(DirectoryInfo home, int port)
    {
        this.home = home;
        this.port = port;
        process = Process.Start(new ProcessStartInfo(
            Program, ["-n", "-c", "aiosmtpd.handlers.Mailbox", "-l", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), Path.Combine(home.FullName, "mails")]))!;
    }

    /// <summary>The settings of a server that sends its mails here.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("OneRing:Mail:Host", "127.0.0.1"),
        ("OneRing:Mail:Port", port.ToString(CultureInfo.InvariantCulture)),
        ("OneRing:Mail:From", "OneRing <ring@onering.test>"),
        ("OneRing:PublicUrl", "http://localhost:5080"),
    ];

    /// <summary>What has arrived so far.</summary>
    public IReadOnlyList<MimeMessage> Letters => Directory.Exists(Inbox) ? [.. Directory.GetFiles(Inbox).Select(file => MimeMessage.Load(file))] : [];

    private string Inbox => Path.Combine(home.FullName, "mails", "new");

    public static async Task<MailServer> StartAsync()
    {
        Assert.False(!File.Exists(Program) && Environment.GetEnvironmentVariable("ONERING_REQUIRE_ALL") == "true", "aiosmtpd is absent, and everything has to run.");
        Skip.IfNot(File.Exists(Program), "aiosmtpd is absent (Debian, Ubuntu: apt-get install python3-aiosmtpd)");

        var server = new MailServer(Directory.CreateTempSubdirectory("onering-mail-"), FreePort.Find());
        await server.process.ListensAsync(server.port, Patience);
        return server;
    }

    /// <summary>Waits for the first letter about this to this address.</summary>
    public async Task<MimeMessage> FindAsync(string to, string subject)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (Letters.FirstOrDefault(letter => letter.Subject == subject && letter.To.Mailboxes.Any(box => box.Address == to)) is { } letter)
            {
                return letter;
            }
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"No mail about “{subject}” came to {to}.");
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync().WaitAsync(Patience);
        process.Dispose();
        home.Delete(recursive: true);
    }
}
