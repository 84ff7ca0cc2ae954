using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;
using OneRing.Data.Accounts;
using OneRing.Data.Database;

namespace OneRing.Data.Drafts;

/// <summary>What a person may do in a draft: the owner decides, writers take turns, readers read.</summary>
public enum Role
{
    Owner,
    Writer,
    Reader,
}

/// <summary>A person of a draft, with a role and the moment at which they joined.</summary>
internal sealed class Collaborator(Guid draftId, string userId, Role role, DateTimeOffset joinedAt)
{
    public Guid DraftId { get; private set; } = draftId;

    public string UserId { get; private set; } = userId;

    public Role Role { get; private set; } = role;

    public DateTimeOffset JoinedAt { get; private set; } = joinedAt;

    /// <summary>Whether the others may read along while this person writes here: off, until they say so.</summary>
    public bool ShowsLive { get; internal set; }

    /// <summary>Since when they are away from this draft, if they have said so.</summary>
    public DateTimeOffset? AwaySince { get; private set; }

    /// <summary>Until when.</summary>
    public DateTimeOffset? AwayUntil { get; private set; }

    /// <summary>Where the owner has put them in the order of turns; null for where they joined.</summary>
    public int? Place { get; internal set; }

    /// <summary>How many of their turns ended by the clock and were excused.</summary>
    public int ExcusedMisses { get; private set; }

    /// <summary>How many ended by the clock and were not.</summary>
    public int MissedTurns { get; private set; }

    /// <summary>Whether their next turn is half as long, because one ended by the clock. Until they write again.</summary>
    public bool HasShortTurn { get; private set; }

    /// <summary>Whether they are told nothing of this draft, by mail or by the browser.</summary>
    public bool MutesNotices { get; internal set; }

    /// <summary>What their account says of where they are. Known while a command runs, and kept with the account.</summary>
    public Whereabouts Whereabouts { get; internal set; } = new(TimeZone: null, AwaySince: null, AwayUntil: null);

    /// <summary>Whether their account is disabled. Known while a command runs, and kept with the account.</summary>
    public bool IsDisabled { get; internal set; }

    /// <summary>Only the owner and writers can hold the ring, and only while their account is not disabled.</summary>
    public bool CanHold => Role != Role.Reader && !IsDisabled;

    /// <summary>Until when they are away, from this draft or from all; null if they are not.</summary>
    public DateTimeOffset? AwayAt(DateTimeOffset now) => Whereabouts.Away(AwaySince, AwayUntil, now)?.Until;

    /// <summary>Since when, likewise.</summary>
    public DateTimeOffset? AwaySinceAt(DateTimeOffset now) => Whereabouts.Away(AwaySince, AwayUntil, now)?.Since;

    internal DateTimeZone Zone => Whereabouts.Zone;

    internal Collaborator Copy() => (Collaborator)MemberwiseClone();

    internal void ChangeRole(Role role) => Role = role;

    internal void GoAway(DateTimeOffset since, DateTimeOffset until) => (AwaySince, AwayUntil) = (since, until);

    internal void ComeBack() => (AwaySince, AwayUntil) = (null, null);

    /// <summary>A turn of theirs ended by the clock.</summary>
    internal void Miss(int excused)
    {
        if (ExcusedMisses < excused)
        {
            ExcusedMisses++;
        }
        else
        {
            MissedTurns++;
            HasShortTurn = true;
        }
    }

    internal void Write() => HasShortTurn = false;
}

/// <summary>Where a person is: in which time zone, and whether away from everything.</summary>
/// <param name="TimeZone">An IANA name; null for UTC.</param>
internal sealed record Whereabouts(string? TimeZone, DateTimeOffset? AwaySince, DateTimeOffset? AwayUntil)
{
    public DateTimeZone Zone => ZoneOf(TimeZone);

    /// <summary>The zone of this name; UTC without one.</summary>
    public static DateTimeZone ZoneOf(string? name) => (name is null ? null : FindZone(name)) ?? DateTimeZone.Utc;

    /// <summary>The zone of this name; null where there is none.</summary>
    public static DateTimeZone? FindZone(string name) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(name);

    /// <summary>The absence that lasts longest, of the one from everything and the one from a draft; null when the person is there.</summary>
    public (DateTimeOffset Since, DateTimeOffset Until)? Away(DateTimeOffset? since, DateTimeOffset? until, DateTimeOffset now)
    {
        var (here, all) = (until > now, AwayUntil > now);
        return here && all ? (Min(since!.Value, AwaySince!.Value), until > AwayUntil ? until!.Value : AwayUntil!.Value)
            : here ? (since!.Value, until!.Value)
            : all ? (AwaySince!.Value, AwayUntil!.Value)
            : null;
    }

    private static DateTimeOffset Min(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}

internal sealed class CollaboratorConfiguration : IEntityTypeConfiguration<Collaborator>
{
    public void Configure(EntityTypeBuilder<Collaborator> collaborator)
    {
        collaborator.ToTable("draft_collaborators", table =>
        {
            table.HasNameOf<Role, Collaborator>("role");
            table.HasRule("away", "(away_since is null) = (away_until is null) and (away_until is null or away_until > away_since)");
            table.HasRule("excused_misses", "excused_misses >= 0");
            table.HasRule("missed_turns", "missed_turns >= 0");
        });
        collaborator.HasKey(c => new { c.DraftId, c.UserId });
        // In the database, too: a server of the version before adds people without it.
        collaborator.Property(c => c.ShowsLive).HasDefaultValue(false);
        collaborator.Property(c => c.ExcusedMisses).HasDefaultValue(0);
        collaborator.Property(c => c.MissedTurns).HasDefaultValue(0);
        collaborator.Property(c => c.HasShortTurn).HasDefaultValue(false);
        collaborator.Property(c => c.MutesNotices).HasDefaultValue(false);
        collaborator.Ignore(c => c.IsDisabled);
        collaborator.Ignore(c => c.Whereabouts);
        collaborator.Ignore(c => c.CanHold);
        collaborator.HasOne<User>().WithMany().HasForeignKey(c => c.UserId).OnDelete(DeleteBehavior.Restrict);
        collaborator.HasIndex(c => c.UserId);
        collaborator.HasIndex(c => c.DraftId, "ux_draft_collaborators_owner").IsUnique().HasFilter("role = 'owner'");
    }
}
