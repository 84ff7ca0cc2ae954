using MimeKit;

namespace OneRing.Data.Mail;

/// <summary>Which texts are addresses that a mail can go to.</summary>
internal static class EmailAddress
{
    public const int Longest = 254;

    /// <summary>The address as it is kept, from what a person typed; null when it cannot be one.</summary>
    public static string? Normalise(string typed)
    {
        var address = typed.Trim();
        return address.Length is > 2 and <= Longest
            && address.All(c => c is > ' ' and < '\x7f')
            && MailboxAddress.TryParse(address, out var mailbox)
            && mailbox.Address == address
            && address.Contains('@', StringComparison.Ordinal)
            ? address
            : null;
    }
}
