using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Web.Endpoints;

/// <summary>A draft with two segments and a pass, for the description of the API.</summary>
internal static class ApiExamples
{
    public static readonly Guid SegmentId = new("0193a1b2-3c4d-7000-8000-00000000000b");

    private static readonly Guid DraftId = new("0193a1b2-3c4d-7000-8000-00000000000a");

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    public static readonly ApiDraft Draft = new(
        DraftId,
        "ana",
        "The lamp that would not sleep",
        Platform.Story,
        DraftStatus.Active,
        [
            Segment(new Guid("0193a1b2-3c4d-7000-8000-000000000001"), 0, 1, "ana", "Ana", "The lamp on the old pier stayed lit.", 5),
            Segment(SegmentId, 1, 2, "ben", "Ben", "Nobody had fed it oil for a week.", 65),
        ],
        new ApiRing(DraftId, "ben", ["ana", "ben"], Start.AddMinutes(10), Start.AddMinutes(10), Turn: 2, Start.AddMinutes(10).AddHours(24), ["ana", "ben"], ApiTurnRules.Of(new TurnRules(LimitHours: 24))),
        ["ben", "dan"],
        [
            new ApiMember("ana", "Ana", Role.Owner, Start, Away: false),
            new ApiMember("ben", "Ben", Role.Writer, Start.AddMinutes(1), Away: false),
            new ApiMember("dan", "Dan", Role.Reader, Start.AddMinutes(2), Away: false),
        ],
        PendingInvites: [],
        Start,
        Start.AddMinutes(65),
        new ApiMetrics(ContributorsCount: 2, RingPassesLast24h: 1, AvgMinutesBetweenPasses: null, Start.AddMinutes(65)));

    public static readonly ApiWaiting Waiting = new(
        Count: 1,
        [new ApiHeldRing(DraftId, Draft.Title, Turn: 2, Start.AddMinutes(10), Draft.RingState.TurnEndsAt, TurnIsOver: false, NudgedAt: null,
            [new ApiRingWish("ana", "Ana", Start.AddMinutes(70), "I know how the lamp goes out.")])],
        Invites: [],
        Awaited: [],
        ParkedTexts: 0);

    private static ApiSegment Segment(Guid id, int position, int turn, string authorId, string author, string content, int minutes) => new(
        id, DraftId, authorId, content, Start.AddMinutes(minutes), position, turn, authorId, author, authorId, author);
}
