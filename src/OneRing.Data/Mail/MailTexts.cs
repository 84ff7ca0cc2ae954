namespace OneRing.Data.Mail;

/// <summary>A mail as it is read.</summary>
internal sealed record Letter(string To, string Subject, string Body)
{
    /// <summary>The link that ends all letters of this kind; null for those that nobody can end.</summary>
    public string? Unsubscribe { get; init; }

    /// <summary>One line, whatever is in the names that it quotes.</summary>
    public string Subject { get; } = InOneLine(Subject);

    /// <summary>A name or a title cannot make lines of its own, which would look like ours.</summary>
    public static string InOneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c));
}

/// <summary>The words of every mail, in one place. Plain text; short; never blaming.</summary>
internal static partial class MailTexts
{
    public static Letter PasswordReset(string to, string name, string handle, string link) => new(
        to,
        "Choose a new password for OneRing",
        $"""
        Hello {name},

        somebody, we hope you, asked for a new password for @{handle}. Choose it here:

        {link}

        The link works once, for a day. If it was not you, leave it: your password stays as it is.

        OneRing
        """);

    public static Letter EmailConfirmation(string to, string name, string handle, string link) => new(
        to,
        "Is this your address?",
        $"""
        Hello {name},

        @{handle} on OneRing wants to be reached at this address. If that is you, confirm it here, signed in:

        {link}

        The link works for a day. If it is not you, leave it: nothing happens.

        OneRing
        """);

    public static Letter EmailChanged(string to, string name, string handle, string link) => new(
        to,
        "Your address on OneRing has changed",
        $"""
        Hello {name},

        @{handle} is now reached at another address, and no longer at this one. If you changed it, all is well.

        If it was not you, choose a new password and sign out everywhere:

        {link}

        OneRing
        """);
}
