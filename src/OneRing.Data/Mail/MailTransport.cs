using MailKit.Net.Smtp;
using MimeKit;

namespace OneRing.Data.Mail;

/// <summary>The way by which letters leave.</summary>
internal interface IMailTransport
{
    Task SendAsync(Guid id, Letter letter, CancellationToken cancellationToken);
}

/// <summary>To an SMTP server.</summary>
internal sealed class SmtpTransport(string host, MailSettings settings) : IMailTransport
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    public async Task SendAsync(Guid id, Letter letter, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var message = letter.ToMessage(id, settings);
        using var client = new SmtpClient();
        await client.ConnectAsync(host, settings.Port, settings.Security, patience.Token);
        if (settings.User is { } user)
        {
            await client.AuthenticateAsync(user, settings.Password ?? "", patience.Token);
        }
        await client.SendAsync(message, patience.Token);
        await client.DisconnectAsync(quit: true, patience.Token);
    }
}

/// <summary>As files, one a letter, for whoever has no mail server. Only the user of the server can read them: they hold links.</summary>
internal sealed class FolderTransport(MailSettings settings) : IMailTransport
{
    public async Task SendAsync(Guid id, Letter letter, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(settings.Folder);
        }
        else
        {
            Directory.CreateDirectory(settings.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        // Under another name until it is whole.
        var path = Path.Combine(settings.Folder, $"{id}.eml");
        using (var message = letter.ToMessage(id, settings))
        {
            await message.WriteToAsync($"{path}.part", cancellationToken);
        }
        File.Move($"{path}.part", path, overwrite: true);
    }
}

internal static class Messages
{
    /// <summary>The letter as it travels. The same mail has the same id when it is sent again, so that readers show it once.</summary>
    public static MimeMessage ToMessage(this Letter letter, Guid id, MailSettings settings)
    {
        var message = new MimeMessage([settings.From], [MailboxAddress.Parse(letter.To)], letter.Subject, new TextPart("plain") { Text = letter.Body })
        {
            MessageId = $"{id}@{settings.From.Domain}",
        };
        if (letter.Unsubscribe is { } link)
        {
            // With one click in the mail program: RFC 8058.
            message.Headers.Add(HeaderId.ListUnsubscribe, $"<{link}>");
            message.Headers.Add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        }
        return message;
    }
}
