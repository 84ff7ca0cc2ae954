using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Notices;
using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Drafts.Model;

/// <summary>The rules of a draft, as the product promises them.</summary>
internal sealed partial class ModelDraft
{
    private const long Day = 24 * 3600;

    /// <summary>Whose accounts are disabled or gone. The world of the draft knows.</summary>
    private Func<int, bool> isDisabled = _ => false;

    private bool IsOpen => status == DraftStatus.Active && archivedAt is null;

    private Member? Owner => members.Find(member => member.Role == Role.Owner);

    public static ModelDraft Create(int who, string title, bool isSocial, long now)
    {
        var draft = new ModelDraft
        {
            title = title,
            isSocial = isSocial,
            creator = who,
            Holder = who,
            createdAt = now,
            updatedAt = now,
            activityAt = now,
            heldSince = now,
        };
        draft.members.Add(new Member(who, Role.Owner, now));
        draft.Record(EventType.DraftCreated, who, now, ("platform", isSocial ? "x" : "story"));
        return draft;
    }

    public void LiveAmong(Func<int, bool> disabled) => isDisabled = disabled;

    /// <summary>What somebody may do in it; null for nothing at all.</summary>
    public Role? RoleOf(int who) => isDeleted || isDisabled(who) ? null : Find(who)?.Role;

    public bool IsGone => isDeleted;

    /// <summary>Whether the role of somebody allows a step, whatever the ring and the state say.</summary>
    public bool Allows(Step step) => (step.Op, RoleOf(step.Who)) switch
    {
        (Op.Lock or Op.InvitePerson or Op.InviteByLink, var role) => role == Role.Owner || Holder == step.Who,
        (Op.Append or Op.Pass or Op.PassByRule or Op.Ask or Op.GoAway or Op.ComeBack, var role) => role is Role.Owner or Role.Writer,
        (Op.Nudge or Op.AcceptInvite or Op.DeclineInvite or Op.RevokeInvite, _) => true,
        (Op.Add or Op.ChangeRole, var role) => role == Role.Owner && step.Choose(Step.Roles) != Role.Owner,
        (Op.Remove, var role) => role == Role.Owner || step.Whom == step.Who,
        (Op.AcceptOffer, _) => offeredTo == step.Who,
        (Op.DropOffer, var role) => role == Role.Owner || offeredTo == step.Who,
        (_, var role) => role == Role.Owner,
    };

    /// <summary>What must be done first, so that something can be done; else that itself.</summary>
    public Op Instead(Op op) => op switch
    {
        Op.Append or Op.Pass or Op.PassByRule or Op.Reclaim or Op.Ask or Op.Nudge => archivedAt is not null ? Op.FetchBack : status == DraftStatus.Locked ? Op.Unlock : op,
        Op.AcceptOffer or Op.DropOffer when offeredTo is null => Op.Offer,
        Op.AcceptInvite or Op.RevokeInvite when !invites.Exists(invite => invite.State == InviteState.Pending) => Op.InviteByLink,
        Op.DeclineInvite when !invites.Exists(invite => invite is { State: InviteState.Pending, Recipient: not null }) => Op.InvitePerson,
        _ => op,
    };

    /// <summary>Somebody who may well be able to take a step; null where that may be anybody.</summary>
    public int? SomebodyFor(Step step) => step.Op switch
    {
        Op.Append or Op.Pass or Op.PassByRule => Holder,
        Op.Ask or Op.Nudge => InJoiningOrder.FirstOrDefault(member => CanHold(member) && member.Who != Holder)?.Who,
        Op.GoAway or Op.ComeBack or Op.Look => members.Count == 0 ? null : members[step.Whom % members.Count].Who,
        Op.AcceptOffer => offeredTo,
        Op.AcceptInvite or Op.DeclineInvite => invites.Find(invite => invite.Number == InviteOf(step))?.Recipient,
        _ => Owner?.Who,
    };

    /// <summary>The number of an invite for a step: one that waits for an answer, if there is one; null where there is none at all.</summary>
    public int? SomeInviteFor(Step step)
    {
        var pending = invites.FindAll(invite => invite.State == InviteState.Pending && (step.Op != Op.DeclineInvite || invite.Recipient is not null));
        var some = pending.Count > 0 && step.Who == Steps.Whoever ? pending : invites;
        return some.Count == 0 ? null : some[step.What % some.Count].Number;
    }

    /// <summary>Takes a step that is allowed; answers what comes of it.</summary>
    public Answer Take(Step step, long now) => step.Op switch
    {
        Op.Rename => Rename(step, now),
        Op.Lock => status != DraftStatus.Active ? Refusal.DraftNotActive : Become(DraftStatus.Locked, now),
        Op.Unlock => Unlock(step, now),
        Op.Complete => Complete(step, now),
        Op.PutAway => archivedAt is not null ? Refusal.DraftArchived : PutAway(now),
        Op.FetchBack => archivedAt is null ? Refusal.DraftNotArchived : FetchBack(now),
        Op.Delete => Delete(step),
        Op.Add => Add(step, now),
        Op.ChangeRole => ChangeRole(step, now),
        Op.Remove => Remove(step, now),
        Op.Offer => Offer(step, now),
        Op.AcceptOffer => AcceptOffer(step, now),
        Op.DropOffer => offeredTo is null ? Refusal.NoOffer : DropOffer(now),
        Op.Append => Append(step, now),
        Op.Pass => Pass(step, now),
        Op.PassByRule => PassByRule(step, now),
        Op.Reclaim => Reclaim(step, now),
        Op.Ask => Ask(step, now),
        Op.Nudge => Nudge(step, now),
        Op.GoAway => GoAway(step, now),
        Op.ComeBack => ComeBack(step, now),
        Op.SetStrategy => status == DraftStatus.Completed ? Refusal.DraftCompleted : SetStrategy(step, now),
        Op.SetOrder => SetOrder(step, now),
        Op.InvitePerson or Op.InviteByLink => Invite(step, now),
        Op.AcceptInvite => AcceptInvite(step, now),
        Op.DeclineInvite => DeclineInvite(step, now),
        Op.RevokeInvite => RevokeInvite(step, now),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "There is no such step in a draft."),
    };

    /// <summary>Says that somebody looked; whether they had not on this day.</summary>
    public bool Look(int who, long now)
    {
        var day = ModelWorld.DayOf(now);
        if (!seenOn.Add((who, day)))
        {
            return false;
        }
        Record(EventType.DraftViewed, who, now, ("day", $"{ModelWorld.DateOf(day):yyyy-MM-dd}"));
        return true;
    }

    public Answer Append(Step step, long now)
    {
        if (isSocial && step.Choose(Step.Texts).Length > 500)
        {
            return Refusal.TextTooLong;
        }
        if (WhyNot(step, step.Who) is { } refusal)
        {
            return refusal;
        }
        var at = Change(now, isActivity: true);
        Record(EventType.SegmentAdded, step.Who, at,
            ("position", segments.Count), ("turn", Turn), ("words", step.Choose(Step.Texts).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length));
        segments.Add(new Piece(step.Who, Turn, at, step.What % Step.Texts.Length));
        return $"position {segments.Count - 1}";
    }

    /// <summary>The order of turns that a step sets: everybody who can hold the ring, or not quite.</summary>
    public int[] OrderOf(Step step)
    {
        int[] able = [.. members.Where(member => member.Role != Role.Reader).Select(member => member.Who).Order()];
        return (step.What % 4) switch
        {
            0 => able,
            1 => [.. able.Reverse()],
            2 => [.. able.Skip(1)],
            _ => [.. able, .. able.Take(1)],
        };
    }

    /// <summary>The number of an invite that a step is about.</summary>
    public static int InviteOf(Step step) => step.What;

    private Member? Find(int who) => members.Find(member => member.Who == who);

    private bool CanHold(Member? member) => member is { Role: not Role.Reader } && !isDisabled(member.Who);

    private Refusal? WhyNot(Step step, int holder) =>
        !IsOpen ? Refusal.DraftNotActive
        : step.Turn is { } turn && turn != Turn ? Refusal.StaleTurn
        : Holder != holder ? Refusal.RingRequired
        : null;

    private Answer Rename(Step step, long now)
    {
        title = step.Choose(Step.Titles).Trim();
        Change(now);
        return "done";
    }

    private Answer Become(DraftStatus next, long now)
    {
        status = next;
        Change(now);
        return "done";
    }

    private Answer Unlock(Step step, long now)
    {
        if (status != DraftStatus.Locked)
        {
            return Refusal.DraftNotLocked;
        }
        Become(DraftStatus.Active, now);
        Settle(step.Who, now);
        return "done";
    }

    private Answer Complete(Step step, long now)
    {
        if (status != DraftStatus.Active)
        {
            return Refusal.DraftNotActive;
        }
        status = DraftStatus.Completed;
        completedAt = Change(now, isActivity: true);
        Record(EventType.DraftPublished, step.Who, completedAt.Value);
        notices.AddRange(members.Where(member => member.Who != step.Who).Select(member => new Telling(NoticeKind.Completed, member.Who, step.Who)));
        return "done";
    }

    private Answer PutAway(long now)
    {
        archivedAt = Change(now);
        return "done";
    }

    private Answer FetchBack(long now)
    {
        Change(now);
        archivedAt = null;
        return "done";
    }

    private Answer Delete(Step step)
    {
        if (step.Choose(Step.Titles).Trim() != title)
        {
            return Refusal.TitleDiffers;
        }
        isDeleted = true;
        return "done";
    }

    private Answer Add(Step step, long now)
    {
        if (step.Whom == Step.People || isDisabled(step.Whom))
        {
            return Refusal.HandleUnknown;
        }
        if (status == DraftStatus.Completed)
        {
            return Refusal.DraftCompleted;
        }
        if (Find(step.Whom) is not null)
        {
            return Refusal.AlreadyCollaborator;
        }
        Join(step.Whom, step.Choose(Step.Roles), step.Who, now);
        return $"person {step.Whom}";
    }

    private long Join(int who, Role role, int actor, long now)
    {
        var at = Change(now);
        members.Add(new Member(who, role, at));
        Record(EventType.CollaboratorJoined, actor, at, ("user_id", who), ("role", EnumNames.NameOf(role)));
        return at;
    }

    private Answer ChangeRole(Step step, long now)
    {
        if (Find(step.Whom) is not { } member)
        {
            return Refusal.NotACollaborator;
        }
        if (member.Role == Role.Owner)
        {
            return Refusal.OwnerStays;
        }
        Change(now);
        Replace(member, member with { Role = step.Choose(Step.Roles) });
        Settle(step.Who, now);
        return "done";
    }

    private Answer Remove(Step step, long now)
    {
        if (Find(step.Whom) is not { } member)
        {
            return Refusal.NotACollaborator;
        }
        if (member.Role == Role.Owner)
        {
            return Refusal.OwnerStays;
        }
        Leave(member, step.Who, now);
        return "done";
    }

    private void Leave(Member member, int actor, long now, bool byItself = false)
    {
        Record(EventType.CollaboratorLeft, actor, Change(now), ("user_id", member.Who), ("role", EnumNames.NameOf(member.Role)));
        members.Remove(member);
        offeredTo = offeredTo == member.Who ? null : offeredTo;
        Settle(actor, now, byItself);
    }

    /// <summary>An account ends. What is kept of its person here is that they wrote and held the ring.</summary>
    public void Lose(int who, long now)
    {
        if (!isDeleted && Find(who) is { } member)
        {
            Leave(member, who, now, byItself: true);
            if (Owner is null && (InJoiningOrder.FirstOrDefault(CanHold) ?? InJoiningOrder.FirstOrDefault(other => other.Role == Role.Writer)) is { } heir)
            {
                Replace(heir, heir with { Role = Role.Owner });
                offeredTo = offeredTo == heir.Who ? null : offeredTo;
            }
        }
        notices.RemoveAll(notice => notice.To == who);
        invites.RemoveAll(invite => invite.Recipient == who);
        invites.ForEach(invite => invite.UsedBy.Remove(who));
        for (var i = 0; i < passes.Count; i++)
        {
            passes[i] = passes[i].From == who ? passes[i] with { Note = null } : passes[i];
        }
    }

    /// <summary>Who passed the ring to somebody by a strategy: their answers, which name that person, go with the account.</summary>
    public IEnumerable<int> WhoChose(int who) =>
        passes.Where(pass => pass.To == who && pass.Chosen is Chosen.MostInactive or Chosen.RoundRobin or Chosen.BackToCreator).Select(pass => pass.From);

    /// <summary>The account of somebody is disabled, which the world knows already.</summary>
    public void Suspend(int who, long now)
    {
        if (!isDeleted && Holder == who && Find(who) is not null)
        {
            Change(now);
            Settle(actor: null, now, byItself: true);
        }
    }

    private Answer Offer(Step step, long now)
    {
        if (Find(step.Whom) is not { } member || isDisabled(step.Whom))
        {
            return Refusal.NotACollaborator;
        }
        if (member.Role == Role.Owner)
        {
            return Refusal.AlreadyOwner;
        }
        offeredTo = step.Whom;
        Change(now);
        return "done";
    }

    private Answer AcceptOffer(Step step, long now)
    {
        var (before, next) = (Owner, Find(step.Who)!);
        if (before is not null)
        {
            Replace(before, before with { Role = Role.Writer });
        }
        Replace(next, next with { Role = Role.Owner });
        return DropOffer(now);
    }

    private Answer DropOffer(long now)
    {
        offeredTo = null;
        Change(now);
        return "done";
    }

    private Answer SetStrategy(Step step, long now)
    {
        strategy = step.Choose(Step.Strategies) ?? Strategy.MostInactive;
        Change(now);
        return "done";
    }

    private Answer SetOrder(Step step, long now)
    {
        var order = OrderOf(step);
        if (!order.Order().SequenceEqual(members.Where(member => member.Role != Role.Reader).Select(member => member.Who).Order()))
        {
            return Refusal.OrderInvalid;
        }
        foreach (var (place, who) in order.Index())
        {
            Replace(Find(who)!, Find(who)! with { Place = place });
        }
        Change(now);
        return "done";
    }

    private void Replace(Member before, Member after) => members[members.IndexOf(before)] = after;

    private long Change(long now, bool isActivity = false)
    {
        updatedAt = Math.Max(updatedAt, now);
        activityAt = isActivity ? updatedAt : activityAt;
        return updatedAt;
    }

    private void Record(EventType type, int? actor, long at, params IEnumerable<(string Name, object Value)> data) => events.Add(StateLines.Event(type, actor, at, data));
}
