using System.Text.Json;
using OneRing.Data.Drafts;

namespace OneRing.Data.Analytics;

/// <summary>A segment as figures need it.</summary>
internal sealed record Written(string AuthorId, DateTimeOffset At, int Words);

/// <summary>A pass as figures need it.</summary>
internal sealed record Handed(string ToId, DateTimeOffset At);

/// <summary>Somebody who belonged to the draft.</summary>
internal sealed record Member(string UserId, bool CanHold, DateTimeOffset JoinedAt);

/// <summary>Who somebody is to the others.</summary>
internal sealed record Known(string Name, bool IsDisabled);

/// <summary>What had happened in a draft by an instant: everything that its figures are made of, and nothing later.</summary>
/// <param name="CompletedAt">Null unless it was completed by then.</param>
/// <param name="IsActive">Whether it was being written at that instant.</param>
/// <param name="Segments">By position.</param>
/// <param name="Passes">By turn.</param>
/// <param name="Members">Who belonged to it at that instant.</param>
/// <param name="People">Everybody whom the rest speaks of, by id.</param>
internal sealed record DraftHistory(
    Guid DraftId,
    DateTimeOffset Now,
    string CreatorId,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CompletedAt,
    bool IsActive,
    IReadOnlyList<Written> Segments,
    IReadOnlyList<Handed> Passes,
    IReadOnlyList<Member> Members,
    IReadOnlyDictionary<string, Known> People)
{
    /// <summary>Who held the ring: the recipient of the last pass, or the creator.</summary>
    public string HolderId => Passes.Count > 0 ? Passes[^1].ToId : CreatorId;

    public DateTimeOffset HeldSince => Passes.Count > 0 ? Passes[^1].At : CreatedAt;

    /// <summary>The latest of creation, segments, passes and completion.</summary>
    public DateTimeOffset LastActivityAt { get; } =
        Segments.Select(segment => segment.At).Concat(Passes.Select(pass => pass.At)).Append(CreatedAt).Append(CompletedAt ?? CreatedAt).Max();

    public TimeSpan Idle => Now - LastActivityAt;

    /// <summary>Everybody who had written, with the number of their segments: most first, then by user id.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> Authors { get; } =
        [.. Segments.CountBy(segment => segment.AuthorId).OrderByDescending(author => author.Value).ThenBy(author => author.Key, StringComparer.Ordinal)];

    public string NameOf(string userId) => People.TryGetValue(userId, out var known) ? known.Name : Accounts.User.DisplayOf(userId, displayName: null);

    /// <summary>Who belonged to the draft after some joined and some left.</summary>
    /// <param name="changes">Joining and leaving up to the instant.</param>
    /// <param name="present">Who belongs to it at present. What a person may do is known of the present alone.</param>
    public static IReadOnlyList<Member> MembersAt(
        DateTimeOffset now, string creatorId, DateTimeOffset createdAt, IEnumerable<Coming> changes, IEnumerable<Member> present)
    {
        var members = new Dictionary<string, Member>(StringComparer.Ordinal);
        if (createdAt <= now)
        {
            members[creatorId] = new Member(creatorId, CanHold: true, createdAt);
        }
        foreach (var change in changes.OrderBy(change => change.At).ThenBy(change => change.Version))
        {
            if (change.Joined)
            {
                members[change.UserId] = new Member(change.UserId, change.Role != Role.Reader, change.At);
            }
            else
            {
                members.Remove(change.UserId);
            }
        }
        foreach (var member in present.Where(member => member.JoinedAt <= now))
        {
            members[member.UserId] = member;
        }
        return [.. members.Values.OrderBy(member => member.JoinedAt).ThenBy(member => member.UserId, StringComparer.Ordinal)];
    }
}

/// <summary>That somebody joined or left a draft, as its event tells it.</summary>
/// <param name="Version">Which change of the draft it was: of several at one instant, the order.</param>
internal sealed record Coming(string UserId, Role Role, bool Joined, DateTimeOffset At, int Version = 0)
{
    public static Coming Read(AnalyticsEvent happened)
    {
        using var json = JsonDocument.Parse(happened.Data);
        var data = json.RootElement;
        return new Coming(
            data.GetProperty("user_id").GetString()!,
            EnumNames.ValueOf<Role>(data.GetProperty("role").GetString()!),
            happened.Type == EventType.CollaboratorJoined,
            happened.OccurredAt,
            data.GetProperty("version").GetInt32());
    }
}
