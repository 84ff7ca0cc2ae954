using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Rings;
using OneRing.Data.Sharing;

namespace OneRing.Data.Analytics;

/// <summary>The kinds of things that happen to drafts.</summary>
public enum EventType
{
    DraftCreated,
    DraftViewed,
    DraftShared,
    DraftPublished,
    SegmentAdded,
    RingPassed,
    CollaboratorJoined,
    CollaboratorLeft,
    InviteCreated,
    InviteAccepted,
}

/// <summary>Something that happened to a draft. It is written in the transaction of what it records, and never changes.</summary>
/// <param name="OccurredAt">When it happened, in UTC, to the microsecond.</param>
/// <param name="ActorId">Who did it; null when nobody is known.</param>
/// <param name="Data">What makes this event itself, as canonical JSON (RFC 8785).</param>
/// <param name="DataHash">The SHA-256 of <paramref name="Data"/>. Unique together with type and time.</param>
public sealed record AnalyticsEvent(
    Guid Id, EventType Type, DateTimeOffset OccurredAt, Guid DraftId, string? ActorId, string Data, byte[] DataHash, int SchemaVersion)
{
    /// <summary>The version of the shape of <see cref="Data"/> that is written now.</summary>
    public const int CurrentSchema = 1;

    /// <summary>An event with its data, to which the draft and the actor are added.</summary>
    public static AnalyticsEvent Of(EventType type, DateTimeOffset at, Guid draftId, string? actorId, params (string Name, object? Value)[] data)
    {
        var json = CanonicalJson.Write([("draft_id", draftId), ("actor_id", actorId), .. data]);
        return new(NewId.Next(), type, at, draftId, actorId, json, SHA256.HashData(Encoding.UTF8.GetBytes(json)), CurrentSchema);
    }

    internal static AnalyticsEvent DraftCreated(Draft draft) =>
        Of(EventType.DraftCreated, draft.CreatedAt, draft.Id, draft.CreatorId, ("platform", EnumNames.NameOf(draft.Platform)));

    internal static AnalyticsEvent DraftViewed(DraftVisit visit, DateTimeOffset at) =>
        Of(EventType.DraftViewed, at, visit.DraftId, visit.UserId, ("day", visit.Day.ToString("O", CultureInfo.InvariantCulture)));

    // Whoever reads by the public link is nobody we know.
    internal static AnalyticsEvent DraftViewed(PublicVisit visit, DateTimeOffset at) =>
        Of(EventType.DraftViewed, at, visit.DraftId, actorId: null, ("day", visit.Day.ToString("O", CultureInfo.InvariantCulture)));

    internal static AnalyticsEvent DraftShared(Draft draft, string actorId) =>
        Of(EventType.DraftShared, draft.UpdatedAt, draft.Id, actorId, ("version", draft.Version));

    internal static AnalyticsEvent DraftPublished(Draft draft, string actorId) =>
        Of(EventType.DraftPublished, draft.UpdatedAt, draft.Id, actorId, ("version", draft.Version));

    internal static AnalyticsEvent SegmentAdded(Segment segment) =>
        Of(EventType.SegmentAdded, segment.CreatedAt, segment.DraftId, segment.AuthorId,
            ("segment_id", segment.Id), ("position", segment.Position), ("turn", segment.Turn), ("words", Texts.Words(segment.Content)));

    internal static AnalyticsEvent RingPassed(RingPass pass, string? actorId) =>
        Of(EventType.RingPassed, pass.PassedAt, pass.DraftId, actorId,
            ("turn", pass.Turn), ("from", pass.FromId), ("to", pass.ToId), ("chosen", EnumNames.NameOf(pass.Chosen)));

    // The version tells apart what may happen to one person twice at the same instant.
    internal static AnalyticsEvent CollaboratorJoined(Draft draft, Collaborator who, string actorId) =>
        Of(EventType.CollaboratorJoined, draft.UpdatedAt, draft.Id, actorId,
            ("user_id", who.UserId), ("role", EnumNames.NameOf(who.Role)), ("version", draft.Version));

    internal static AnalyticsEvent CollaboratorLeft(Draft draft, Collaborator who, string? actorId) =>
        Of(EventType.CollaboratorLeft, draft.UpdatedAt, draft.Id, actorId,
            ("user_id", who.UserId), ("role", EnumNames.NameOf(who.Role)), ("version", draft.Version));

    internal static AnalyticsEvent InviteCreated(Invite invite) =>
        Of(EventType.InviteCreated, invite.CreatedAt, invite.DraftId, invite.CreatedBy, ("invite_id", invite.Id), ("role", EnumNames.NameOf(invite.Role)));

    internal static AnalyticsEvent InviteAccepted(InviteUse use) =>
        Of(EventType.InviteAccepted, use.AcceptedAt, use.DraftId, use.UserId, ("invite_id", use.InviteId));
}

internal sealed class AnalyticsEventConfiguration : IEntityTypeConfiguration<AnalyticsEvent>
{
    public void Configure(EntityTypeBuilder<AnalyticsEvent> happened)
    {
        happened.ToTable("analytics_events", table =>
        {
            table.HasRule("type", $"type in ({string.Join(", ", Enum.GetNames<EventType>().Select(name => $"'{name}'"))})");
            table.HasRule("data_hash_length", "length(data_hash) = 32");
            table.HasRule("schema_version", "schema_version >= 1");
        });
        happened.HasKey(e => new { e.OccurredAt, e.Id });
        happened.Property(e => e.Data).IsJson();
        happened.HasIndex(e => new { e.Type, e.OccurredAt, e.DataHash }).IsUnique();
        happened.HasIndex(e => new { e.DraftId, e.OccurredAt });
        happened.HasIndex(e => new { e.ActorId, e.OccurredAt });
    }
}
