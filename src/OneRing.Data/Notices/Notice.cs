using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Rings;

namespace OneRing.Data.Notices;

/// <summary>What a person is told of.</summary>
public enum NoticeKind
{
    /// <summary>The ring has come to them.</summary>
    YourTurn,

    /// <summary>Half of their turn is over, or nine tenths.</summary>
    Reminder,

    /// <summary>The time of a turn is up: to whoever held the ring, and to the owner who may take it back.</summary>
    TurnOver,

    /// <summary>Somebody asks them for the ring.</summary>
    Asked,

    /// <summary>The others would like to read on.</summary>
    Nudged,

    /// <summary>A holder asks for more time, or got it, or did not.</summary>
    MoreTime,

    /// <summary>Somebody wants them in a draft.</summary>
    Invited,

    /// <summary>A draft is finished.</summary>
    Completed,
}

/// <summary>
/// That a person is told of something: written in the transaction of its cause, and once for the same cause. Its words are made when it is shown or sent.
/// </summary>
internal sealed class Notice(string userId, NoticeKind kind, Guid draftId, string cause, string? actorId, DateTimeOffset at)
{
    public const int LongestCause = 100;

    /// <summary>How long a notice is kept.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(60);

    public Guid Id { get; private set; } = NewId.Next();

    public string UserId { get; private set; } = userId;

    public NoticeKind Kind { get; private set; } = kind;

    public Guid DraftId { get; private set; } = draftId;

    /// <summary>What of the draft it is about, such as <c>turn 5</c>, or <c>turn 5.2 half</c> of a turn that has been given its time twice.</summary>
    public string Cause { get; private set; } = cause;

    /// <summary>The turn that it is about, if it is about one.</summary>
    public int? Turn => Cause.Split(' ', '.') is ["turn", var number, ..] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var turn) ? turn : null;

    /// <summary>What of the turn it is about; empty for all of it.</summary>
    public string Detail => Cause.Split(' ', 3) is ["turn", _, var detail] ? detail : "";

    /// <summary>The invite that it is about, if it is about one.</summary>
    public Guid? InviteId => Cause.Split(' ') is ["invite", var id, ..] && Guid.TryParse(id, out var inviteId) ? inviteId : null;

    /// <summary>Where its person sees what it is about.</summary>
    public string Path => InviteId is { } inviteId ? $"/invites/{DraftId}/{inviteId}" : $"/drafts/{DraftId}";

    /// <summary>Who has caused it, if somebody has.</summary>
    public string? ActorId { get; private set; } = actorId;

    public DateTimeOffset At { get; private set; } = at;

    public static string CauseOf(int turn, int round = TurnClock.FirstRound, string detail = "") =>
        string.Create(CultureInfo.InvariantCulture, $"turn {turn}{(round > TurnClock.FirstRound ? $".{round}" : "")} {detail}").TrimEnd();

    public static string CauseOf(Invite invite) => string.Create(CultureInfo.InvariantCulture, $"invite {invite.Id} {invite.SentAt:O}");

    /// <summary>When the person has seen it.</summary>
    public DateTimeOffset? SeenAt { get; private set; }

    /// <summary>From when on it is to be sent by mail; null once that is decided.</summary>
    public DateTimeOffset? MailDueAt { get; internal set; } = at;
}

/// <summary>What of a turn a notice can be about.</summary>
public static class NoticeDetail
{
    public const string Half = "half";
    public const string NearlyOver = "nine tenths";
    public const string Grace = "grace";
    public const string Asked = "asked";
    public const string Granted = "granted";
    public const string Refused = "refused";
    public const string Reclaimed = "reclaimed";
    public const string PassedOn = "passed on";
}

internal sealed class NoticeConfiguration : IEntityTypeConfiguration<Notice>
{
    public void Configure(EntityTypeBuilder<Notice> notice)
    {
        notice.ToTable("notices", table =>
        {
            table.HasNameOf<NoticeKind, Notice>("kind");
            table.HasLength("cause", 1, Notice.LongestCause);
        });
        notice.Property(n => n.Id).ValueGeneratedNever();
        notice.HasOne<User>().WithMany().HasForeignKey(n => n.UserId).OnDelete(DeleteBehavior.Cascade);
        notice.HasOne<Draft>().WithMany().HasForeignKey(n => n.DraftId).OnDelete(DeleteBehavior.Cascade);
        // Whatever happens twice, it is told once.
        notice.HasIndex(n => new { n.DraftId, n.UserId, n.Kind, n.Cause }).IsUnique();
        notice.HasIndex(n => new { n.UserId, n.At });
        notice.HasIndex(n => n.MailDueAt).HasFilter("mail_due_at IS NOT NULL");
    }
}
