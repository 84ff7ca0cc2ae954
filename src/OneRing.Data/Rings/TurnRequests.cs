using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Rings;

/// <summary>Say how a draft keeps its turns.</summary>
public sealed record SetTurnRules(string UserId, Guid DraftId, TurnRules Rules, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override string?[] Substance =>
    [
        Rules.LimitHours?.ToString(CultureInfo.InvariantCulture), $"{Rules.GraceHours}", EnumNames.NameOf(Rules.OnExpiry), EnumNames.NameOf(Rules.Strategy), $"{Rules.ExcusedMisses}",
        $"{(int)Rules.RestDays}", Rules.RestFrom?.ToString("O", CultureInfo.InvariantCulture), Rules.RestTo?.ToString("O", CultureInfo.InvariantCulture),
    ];

    internal override Refusal? Check() => base.Check() ?? Rules.Check();

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner;
}

/// <summary>Put those who can hold the ring into an order of turns.</summary>
/// <param name="Order">Their user ids: everybody who is no reader, each once.</param>
public sealed record SetOrder(string UserId, Guid DraftId, IReadOnlyList<string> Order, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override string?[] Substance => [.. Order];

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner;
}

/// <summary>Take the ring back, as the owner.</summary>
/// <param name="Reason">Why, for everybody to read in the history; null for no more than that it was done.</param>
public sealed record ReclaimRing(string UserId, Guid DraftId, string? Key = null, int? Turn = null, string? Reason = null) : DraftCommand(UserId, DraftId, Key)
{
    public string? Reason { get; } = string.IsNullOrWhiteSpace(Reason) ? null : Reason.Trim();

    internal override Refusal? Check() => base.Check() ?? Texts.CheckNote(Reason);

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role == Role.Owner;
}

/// <summary>Ask the holder for the ring: once a turn.</summary>
/// <param name="Note">A word for the holder.</param>
public sealed record AskForRing(string UserId, Guid DraftId, string? Note = null, string? Key = null, int? Turn = null) : DraftCommand(UserId, DraftId, Key)
{
    public string? Note { get; } = string.IsNullOrWhiteSpace(Note) ? null : Note.Trim();

    internal override string?[] Substance => [Note];

    internal override Refusal? Check() => base.Check() ?? Texts.CheckNote(Note);

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.CanHold;
}

/// <summary>Ask for more time, as the holder: once a turn. It is granted after an hour if nobody objects.</summary>
public sealed record AskForMore(string UserId, Guid DraftId, string? Key = null, int? Turn = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.CanHold;
}

/// <summary>Object to more time, as somebody who waits for the ring.</summary>
public sealed record RefuseMore(string UserId, Guid DraftId, string? Key = null, int? Turn = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.CanHold;
}

/// <summary>Say until when one is away from a draft, or that one is back.</summary>
/// <param name="Until">Null when one is back.</param>
public sealed record SetAway(string UserId, Guid DraftId, DateTimeOffset? Until, string? Key = null) : DraftCommand(UserId, DraftId, Key)
{
    internal override string?[] Substance => [Until?.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture)];

    internal override bool IsAllowed(Draft draft, Collaborator actor) => actor.Role != Role.Reader;
}

/// <summary>That somebody asks the holder of a turn for the ring.</summary>
/// <param name="Note">A word for the holder.</param>
internal sealed record RingWish(Guid DraftId, int Turn, string UserId, DateTimeOffset At, string? Note);

internal sealed class RingWishConfiguration : IEntityTypeConfiguration<RingWish>
{
    public void Configure(EntityTypeBuilder<RingWish> wish)
    {
        wish.ToTable("ring_wishes", table => table.HasLength("note", 1, Texts.LongestNote));
        wish.HasKey(w => new { w.DraftId, w.Turn, w.UserId });
        wish.HasOne<Draft>().WithMany().HasForeignKey(w => w.DraftId).OnDelete(DeleteBehavior.Cascade);
        wish.HasOne<User>().WithMany().HasForeignKey(w => w.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
