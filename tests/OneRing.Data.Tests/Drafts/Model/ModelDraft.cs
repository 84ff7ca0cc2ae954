using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Notices;
using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Drafts.Model;

/// <summary>
/// A draft, thought once more and with none of the product's code: what stands in it, and how it is described. Times are seconds from the start. What its rules are stands in the
/// other part.
/// </summary>
internal sealed partial class ModelDraft
{
    private readonly List<Member> members = [];
    private readonly List<Piece> segments = [];
    private readonly List<Handing> passes = [];
    private readonly List<string> events = [];
    private readonly List<Telling> notices = [];
    private readonly List<Invitation> invites = [];
    private readonly HashSet<(int Turn, int Who)> wishes = [];
    private readonly HashSet<long> nudgedOn = [];
    private readonly HashSet<(int Who, long Day)> seenOn = [];

    private string title = "";
    private bool isSocial;
    private DraftStatus status;
    private long? archivedAt;
    private long? completedAt;
    private long createdAt;
    private long updatedAt;
    private long activityAt;
    private long heldSince;
    private int creator;
    private int? offeredTo;
    private Strategy strategy = Strategy.MostInactive;
    private bool isDeleted;

    public int Holder { get; private set; }

    public int Turn { get; private set; } = 1;

    public int InvitesMade { get; private set; }

    private IEnumerable<Member> InJoiningOrder => members.OrderBy(member => member.JoinedAt).ThenBy(member => member.Who);

    /// <summary>The same once more, to go on with in another way.</summary>
    public ModelDraft Copy()
    {
        var copy = new ModelDraft(members, segments, passes, events, notices, invites, wishes, nudgedOn, seenOn);
        (copy.title, copy.isSocial, copy.status, copy.archivedAt, copy.completedAt) = (title, isSocial, status, archivedAt, completedAt);
        (copy.createdAt, copy.updatedAt, copy.activityAt, copy.heldSince) = (createdAt, updatedAt, activityAt, heldSince);
        (copy.creator, copy.offeredTo, copy.strategy, copy.isDeleted) = (creator, offeredTo, strategy, isDeleted);
        (copy.Holder, copy.Turn, copy.InvitesMade) = (Holder, Turn, InvitesMade);
        return copy;
    }

    private ModelDraft()
    {
    }

    private ModelDraft(
        List<Member> members, List<Piece> segments, List<Handing> passes, List<string> events, List<Telling> notices, List<Invitation> invites,
        HashSet<(int Turn, int Who)> wishes, HashSet<long> nudgedOn, HashSet<(int Who, long Day)> seenOn)
    {
        this.members.AddRange(members);
        this.segments.AddRange(segments);
        this.passes.AddRange(passes);
        this.events.AddRange(events);
        this.notices.AddRange(notices);
        this.invites.AddRange(invites);
        this.wishes.UnionWith(wishes);
        this.nudgedOn.UnionWith(nudgedOn);
        this.seenOn.UnionWith(seenOn);
    }

    /// <summary>All that should stand in the database, a line each.</summary>
    public IEnumerable<string> Describe()
    {
        foreach (var happened in events)
        {
            yield return happened;
        }
        if (isDeleted)
        {
            yield break;
        }

        yield return StateLines.Draft(title, isSocial, status, creator, createdAt, updatedAt, activityAt, completedAt, archivedAt);
        yield return StateLines.Ring(Holder, heldSince, Turn, strategy, offeredTo);
        foreach (var member in members)
        {
            yield return StateLines.Person(member.Who, member.Role, member.JoinedAt, member.Place, member.AwayUntil);
        }
        foreach (var (position, piece) in segments.Index())
        {
            yield return StateLines.Segment(position, piece.Author, piece.Turn, piece.At, Step.Texts[piece.What]);
        }
        foreach (var pass in passes)
        {
            yield return StateLines.Pass(pass.Turn, pass.From, pass.To, pass.At, pass.Chosen, pass.Note);
        }
        foreach (var notice in notices)
        {
            yield return StateLines.Notice(notice.Kind, notice.To, notice.By);
        }
        foreach (var invite in invites)
        {
            yield return StateLines.Invite(invite.Number, invite.Role, invite.Recipient, invite.By, invite.At, invite.State, invite.Uses);
        }
    }

    /// <summary>What of a draft one of its people reads; the notes are those of their own turns.</summary>
    public string Read(int who) => StateLines.Reading(
        Holder, Turn, members.Single(member => member.Who == who).Role, segments.Count, passes.Where(pass => pass.To == who && pass.Note is not null).Select(pass => pass.Turn));

    private sealed record Member(int Who, Role Role, long JoinedAt, int? Place = null, long? AwayUntil = null)
    {
        public bool IsAway(long now) => AwayUntil > now;
    }

    private sealed record Piece(int Author, int Turn, long At, int What);

    private sealed record Handing(int Turn, int From, int To, long At, Chosen Chosen, string? Note);

    private sealed record Telling(NoticeKind Kind, int To, int? By);

    private sealed record Invitation(int Number, Role Role, int? Recipient, int By, long At, int MaxUses, InviteState State = InviteState.Pending, int Uses = 0)
    {
        public const long Life = 3600;

        public HashSet<int> UsedBy { get; init; } = [];
    }
}
