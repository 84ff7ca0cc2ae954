using System.Globalization;
using MailKit.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using MimeKit;

namespace OneRing.Data.Mail;

/// <summary>How mails leave: read from <c>OneRing:Mail</c>. Without a host they become files in a folder.</summary>
internal sealed class MailSettings
{
    /// <summary>The SMTP server; null for files.</summary>
    public string? Host { get; private init; }

    public int Port { get; private init; }

    public string? User { get; private init; }

    public string? Password { get; private init; }

    public MailboxAddress From { get; private init; } = new("OneRing", "onering@localhost");

    public SecureSocketOptions Security { get; private init; }

    /// <summary>Where the site is, for links in mails that no request has caused.</summary>
    public string PublicUrl { get; private init; } = "";

    /// <summary>Where the files go when there is no host.</summary>
    public string Folder { get; private init; } = "";

    /// <summary>Where mails go, for a person to read. Never a password.</summary>
    public string Description => Host is null ? $"as files into {Folder}" : $"to {Host}:{Port}";

    /// <summary>Reads the settings.</summary>
    /// <exception cref="InvalidOperationException">A value is there and cannot be read.</exception>
    public static MailSettings Read(IConfiguration configuration)
    {
        string? Value(string name) => configuration[$"OneRing:Mail:{name}"] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

        var password = Value("Password");
        var port = Value("Port") is not { } portText ? 587
            : int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 65536 ? number
            : throw new InvalidOperationException("OneRing:Mail:Port must be a number from 1 to 65535.");
        var security = Value("Security")?.ToLowerInvariant() switch
        {
            // A password does not travel in the open unless somebody says so.
            null => port == 465 ? SecureSocketOptions.SslOnConnect : password is null ? SecureSocketOptions.StartTlsWhenAvailable : SecureSocketOptions.StartTls,
            "none" => SecureSocketOptions.None,
            "starttls" => SecureSocketOptions.StartTls,
            "tls" => SecureSocketOptions.SslOnConnect,
            _ => throw new InvalidOperationException("OneRing:Mail:Security must be none, starttls or tls."),
        };
        var from = Value("From") is not { } fromText ? new MailboxAddress("OneRing", "onering@localhost")
            : MailboxAddress.TryParse(fromText, out var mailbox) && mailbox.Address.Contains('@', StringComparison.Ordinal) ? mailbox
            : throw new InvalidOperationException("OneRing:Mail:From must be an address such as OneRing <onering@example.org>.");

        if (Value("Host") is not null && string.IsNullOrWhiteSpace(configuration["OneRing:PublicUrl"]))
        {
            // Whoever asks for a mail chooses the host of their request: a link made from it could lead somebody else to a place of theirs.
            throw new InvalidOperationException("OneRing:Mail:Host is set, but OneRing:PublicUrl is not. Mails need to know the address of this server, such as https://onering.example.org.");
        }

        return new MailSettings
        {
            Host = Value("Host"),
            Port = port,
            User = Value("User"),
            Password = password,
            From = from,
            Security = security,
            PublicUrl = configuration["OneRing:PublicUrl"] is { } url && !string.IsNullOrWhiteSpace(url) ? url.Trim() : "http://localhost:5080",
            Folder = Value("Folder") ?? Path.Combine(configuration[HostDefaults.ContentRootKey] ?? AppContext.BaseDirectory, "App_Data", "mail"),
        };
    }
}
