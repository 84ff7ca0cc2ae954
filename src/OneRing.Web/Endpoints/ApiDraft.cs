using System.Text.Json.Serialization;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Web.Endpoints;

/// <summary>A draft as programs read it.</summary>
/// <param name="Segments">The text in order, or as much of it as was asked for.</param>
/// <param name="Collaborators">The ids of its people without the owner, in joining order.</param>
/// <param name="Members">Its people with their roles, in joining order.</param>
/// <param name="PendingInvites">The ids of invites that nobody has answered yet.</param>
internal sealed record ApiDraft(
    Guid DraftId,
    string CreatorId,
    string Title,
    Platform Platform,
    DraftStatus Status,
    IReadOnlyList<ApiSegment> Segments,
    ApiRing RingState,
    IReadOnlyList<string> Collaborators,
    IReadOnlyList<ApiMember> Members,
    IReadOnlyList<Guid> PendingInvites,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    ApiMetrics Metrics)
{
    public static ApiDraft Of(DraftReading reading)
    {
        var (draft, metrics) = reading;
        return new ApiDraft(
            draft.Id,
            draft.CreatorId,
            draft.Title,
            draft.Platform,
            draft.Status,
            [.. draft.Segments.Select(segment => ApiSegment.Of(draft.Id, segment))],
            ApiRing.Of(draft),
            [.. draft.Collaborators.Where(person => person.Role != Role.Owner).Select(person => person.UserId)],
            [.. draft.Collaborators.Select(person => new ApiMember(person.UserId, person.Name, person.Role, person.JoinedAt, person.AwayUntil is not null))],
            draft.PendingInvites,
            draft.CreatedAt,
            draft.UpdatedAt,
            new ApiMetrics(metrics.Contributors, metrics.PassesInLastDay, metrics.AverageMinutesBetweenPasses, metrics.LastActivityAt));
    }
}

/// <summary>A piece of the text. Whoever wrote it held the ring, so the author stands here twice.</summary>
internal sealed record ApiSegment(
    Guid SegmentId,
    Guid DraftId,
    string UserId,
    string Content,
    DateTimeOffset CreatedAt,
    int SegmentOrder,
    int Turn,
    string AuthorUserId,
    string AuthorDisplay,
    string RingHolderUserIdAtWrite,
    string RingHolderDisplayAtWrite)
{
    public static ApiSegment Of(Guid draftId, SegmentView segment) => new(
        segment.Id, draftId, segment.AuthorId, segment.Content, segment.CreatedAt, segment.Position, segment.Turn,
        segment.AuthorId, segment.AuthorName, segment.AuthorId, segment.AuthorName);
}

/// <summary>Where the ring is, and where it was.</summary>
/// <param name="HoldersHistory">The creator, then the recipient of each pass in turn order.</param>
/// <param name="PassedAt">When the present holder got it.</param>
/// <param name="LastPassedAt">The last pass; without any, the making of the draft.</param>
/// <param name="TurnEndsAt">When the present turn ends, before any grace; null without a clock, or while it stands still.</param>
/// <param name="NextHolders">The ids of those who would hold the ring next under the strategy of the draft: three at the most.</param>
internal sealed record ApiRing(
    Guid DraftId,
    string CurrentHolderId,
    IReadOnlyList<string> HoldersHistory,
    DateTimeOffset PassedAt,
    DateTimeOffset LastPassedAt,
    int Turn,
    DateTimeOffset? TurnEndsAt,
    IReadOnlyList<string> NextHolders,
    ApiTurnRules TurnRules)
{
    public static ApiRing Of(DraftView draft) => new(
        draft.Id,
        draft.HolderId,
        [draft.CreatorId, .. draft.Passes.Select(pass => pass.ToId)],
        draft.HeldSince,
        draft.Passes is [.., var last] ? last.PassedAt : draft.CreatedAt,
        draft.Turn,
        draft.Turns.EndsAt,
        [.. draft.NextHolders.Select(next => next.UserId)],
        ApiTurnRules.Of(draft.Rules));
}

/// <summary>How a draft keeps its turns.</summary>
/// <param name="TurnLimitHours">How long a turn may last, in hours that count; null for as long as it takes.</param>
/// <param name="GraceHours">How many hours that count come on top before anything happens.</param>
/// <param name="OnExpiry">What happens then: the ring goes on, the owner may take it back, or its holder is told.</param>
/// <param name="Strategy">Who comes next where nobody chooses by hand.</param>
/// <param name="ExcusedMisses">How many turns each person may let pass before their next one is shorter.</param>
/// <param name="RestDays">Days that do not count, in the holder’s time zone.</param>
/// <param name="RestFrom">When the hours of the day begin that do not count; null without any.</param>
/// <param name="RestTo">When they end.</param>
internal sealed record ApiTurnRules(
    int? TurnLimitHours,
    int GraceHours,
    OnExpiry OnExpiry,
    Strategy Strategy,
    int ExcusedMisses,
    IReadOnlyList<DayOfWeek> RestDays,
    TimeOnly? RestFrom,
    TimeOnly? RestTo)
{
    public static ApiTurnRules Of(TurnRules rules) => new(
        rules.LimitHours, rules.GraceHours, rules.OnExpiry, rules.Strategy, rules.ExcusedMisses,
        [.. rules.RestDays.ToDaysOfWeek()], rules.RestFrom, rules.RestTo);
}

internal sealed record ApiMember(string UserId, string Display, Role Role, DateTimeOffset JoinedAt, bool Away);

/// <summary>How lively a draft is. (These names are older than the rest of the API.)</summary>
internal sealed record ApiMetrics(
    [property: JsonPropertyName("contributorsCount")] int ContributorsCount,
    [property: JsonPropertyName("ringPassesLast24h")] int RingPassesLast24h,
    [property: JsonPropertyName("avgMinutesBetweenPasses")] double? AvgMinutesBetweenPasses,
    [property: JsonPropertyName("lastActivityAt")] DateTimeOffset LastActivityAt);
