using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Accounts;
using OneRing.Data.Database;

namespace OneRing.Data.Mail;

/// <summary>What a mail is about. <see cref="MailTexts"/> has the words.</summary>
internal enum MailKind
{
    /// <summary>Somebody forgot their password and asked for a link to choose another.</summary>
    PasswordReset,

    /// <summary>To a new address: is it yours?</summary>
    EmailConfirmation,

    /// <summary>To the old address: another one has taken its place.</summary>
    EmailChanged,

    /// <summary>Somebody wants the person in a draft. Added by servers of the version before; now it is a <see cref="Notice"/>.</summary>
    Invite,

    /// <summary>To the holder of a ring: others wait for it. Added by servers of the version before; now it is a <see cref="Notice"/>.</summary>
    Nudge,

    /// <summary>What a person is told of, in a mail of its own.</summary>
    Notice,

    /// <summary>All that they are told of, once a day.</summary>
    Digest,
}

/// <summary>
/// A mail that is to be sent, added in the transaction of its cause. It holds no secret: words and links are made when it is
/// sent, and with them the token of a link.
/// </summary>
internal sealed class OutboxMail
{
    /// <summary>After so many tries, about a day, a mail is given up.</summary>
    public const int MostAttempts = 30;

    /// <summary>How long a sent mail is kept, to be found when somebody asks.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>How long a server has to send what it took before another one may try.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private OutboxMail()
    {
    }

    public Guid Id { get; private set; } = NewId.Next();

    public MailKind Kind { get; private set; }

    /// <summary>Whom it is about.</summary>
    public string UserId { get; private set; } = "";

    /// <summary>Where it goes; null for the confirmed address that the person has when it is sent.</summary>
    public string? Address { get; private set; }

    /// <summary>What the words need besides, as JSON. Never a secret.</summary>
    public string Parameters { get; private set; } = "{}";

    /// <summary>Where the site is, for links.</summary>
    public string BaseUrl { get; private set; } = "";

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset? SentAt { get; private set; }

    public int Attempts { get; private set; }

    /// <summary>When a server may take it; null when it was sent or given up.</summary>
    public DateTimeOffset? NextAttemptAt { get; private set; }

    /// <summary>What kept the last try from succeeding: the kind of failure, never a text of it.</summary>
    public string? LastError { get; private set; }

    /// <summary>A mail to a person with an account, at the address they have confirmed.</summary>
    public static OutboxMail ToPerson(
        MailKind kind, string userId, string baseUrl, DateTimeOffset now, IReadOnlyDictionary<string, string>? parameters = null) =>
        new()
        {
            Kind = kind,
            UserId = userId,
            BaseUrl = baseUrl.TrimEnd('/'),
            CreatedAt = now,
            NextAttemptAt = now,
            Parameters = parameters is null ? "{}" : JsonSerializer.Serialize(parameters),
        };

    /// <summary>A mail to an address that is not, or no longer, that of the account.</summary>
    public static OutboxMail ToAddress(MailKind kind, string userId, string address, string baseUrl, DateTimeOffset now)
    {
        var mail = ToPerson(kind, userId, baseUrl, now);
        mail.Address = address;
        return mail;
    }

    public IReadOnlyDictionary<string, string> ReadParameters() => JsonSerializer.Deserialize<Dictionary<string, string>>(Parameters)!;

    /// <summary>A server takes it. If nothing is heard of it, another one tries after a while.</summary>
    public void Take(DateTimeOffset now)
    {
        Attempts++;
        NextAttemptAt = now + Lease;
    }

    /// <summary>When to try again after a failure; null to give up.</summary>
    public DateTimeOffset? AfterFailure(DateTimeOffset now) =>
        Attempts >= MostAttempts ? null : now + Min(FirstWait * Math.Pow(2, Math.Min(Attempts - 1, 10)), LongestWait);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

internal sealed class OutboxMailConfiguration : IEntityTypeConfiguration<OutboxMail>
{
    public void Configure(EntityTypeBuilder<OutboxMail> mail)
    {
        mail.ToTable("outbox_mails", table =>
        {
            table.HasNameOf<MailKind, OutboxMail>("kind");
            table.HasLength("address", 3, EmailAddress.Longest);
            table.HasRule("attempts", "attempts >= 0");
            table.HasRule("sent", "sent_at is null or next_attempt_at is null");
        });
        mail.Property(m => m.Id).ValueGeneratedNever();
        mail.Property(m => m.Parameters).IsJson();
        mail.HasOne<User>().WithMany().HasForeignKey(m => m.UserId).OnDelete(DeleteBehavior.Cascade);
        // What is due; and what a person was sent lately.
        mail.HasIndex(m => m.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
        mail.HasIndex(m => new { m.UserId, m.CreatedAt });
    }
}
