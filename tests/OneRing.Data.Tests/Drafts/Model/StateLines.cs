using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Notices;
using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Drafts.Model;

/// <summary>How model and product put into words what stands in a draft, so that the words can be compared. Times are seconds from the start.</summary>
internal static class StateLines
{
    public static string Join(IEnumerable<string> lines) => string.Join('\n', lines.Order(StringComparer.Ordinal));

    /// <summary>A line of a draft, or of none.</summary>
    /// <param name="draft">Below 0 for what belongs to none.</param>
    public static string Of(int draft, string line) => $"{(draft < 0 ? "-" : draft)} {line}";

    public static string Draft(
        string title, bool isSocial, DraftStatus status, int creator, long createdAt, long updatedAt, long activityAt, long? completedAt, long? archivedAt) =>
        $"draft '{title}'{(isSocial ? " for X" : "")}, {status}, by {creator}, created {createdAt}, changed {updatedAt}, active {activityAt}, completed {completedAt}, archived {archivedAt}";

    public static string Ring(int holder, long since, int turn, Strategy strategy, int? offeredTo) =>
        $"ring with {holder} since {since}, turn {turn}, by {strategy}, offered to {offeredTo}";

    public static string Person(int who, Role role, long joinedAt, int? place, long? awayUntil) =>
        $"person {who}, {role} since {joinedAt}, place {place}, away until {awayUntil}";

    public static string Segment(int position, int author, int turn, long at, string content) => $"segment {position} by {author} in turn {turn} at {at}: {content}";

    public static string Pass(int turn, int from, int to, long at, Chosen chosen, string? note) => $"pass {turn} from {from} to {to} at {at}, {chosen}, note {note}";

    public static string Notice(NoticeKind kind, int to, int? by) => $"notice {kind} to {to} by {by}";

    public static string Invite(int number, Role role, int? recipient, int by, long at, InviteState state, int uses) =>
        $"invite {number} as {role} to {recipient} by {by} at {at}, {state}, used {uses} times";

    public static string Event(EventType type, int? actor, long at, params IEnumerable<(string Name, object Value)> data) =>
        $"event {type} by {actor} at {at}: {string.Join(", ", data.OrderBy(one => one.Name, StringComparer.Ordinal).Select(one => $"{one.Name} {one.Value}"))}";

    public static string Key(int who, string operation) => $"key of {who} for {operation}";

    public static string Reading(int holder, int turn, Role role, int segments, IEnumerable<int> notes) =>
        $"{holder} holds it in turn {turn}; one is {role}, {segments} segments, notes of turns [{string.Join(' ', notes)}]";

    public static string Passed(int turn, int from, int to, Chosen chosen) => $"turn {turn}, from {from} to {to}, {chosen}";
}
