using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Notices;
using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Drafts.Model;

/// <summary>The rules of its ring, and of the ways into it.</summary>
internal sealed partial class ModelDraft
{
    private Answer Pass(Step step, long now)
    {
        if (WhyNot(step, step.Who) is { } refusal)
        {
            return refusal;
        }
        if (step.Whom == Holder)
        {
            return Refusal.RecipientIsHolder;
        }
        if (Find(step.Whom) is not { } recipient || !CanHold(recipient))
        {
            return Refusal.RecipientCannotHold;
        }
        if (recipient.IsAway(now))
        {
            return Refusal.RecipientAway;
        }
        return Move(step.Whom, Chosen.Manual, step.Who, now, step.Choose(Step.Notes));
    }

    private Answer PassByRule(Step step, long now)
    {
        if (WhyNot(step, step.Who) is { } refusal)
        {
            return refusal;
        }
        var rule = step.Choose(Step.Strategies) ?? strategy;
        Member[] candidates = [.. InJoiningOrder.Where(member => CanHold(member) && member.Who != Holder && !member.IsAway(now))];
        if (candidates.Length == 0)
        {
            return Refusal.NoCollaboratorCandidates;
        }
        var next = rule switch
        {
            Strategy.MostInactive => candidates.MinBy(member => (segments.FindLast(piece => piece.Author == member.Who)?.At ?? long.MinValue, member.Who))!.Who,
            Strategy.RoundRobin => NextInRound(candidates),
            _ => (Array.Find(candidates, member => member.Role == Role.Owner) ?? candidates[0]).Who,
        };
        if (ExpectedBy(step) is { } expected && expected != next)
        {
            return Refusal.ChoiceChanged;
        }
        var chosen = rule switch { Strategy.MostInactive => Chosen.MostInactive, Strategy.RoundRobin => Chosen.RoundRobin, _ => Chosen.BackToCreator };
        return $"{Move(next, chosen, step.Who, now)} of {candidates.Length}";
    }

    /// <summary>Whom somebody believes that the strategy chooses, if they say so.</summary>
    public static int? ExpectedBy(Step step) => step.What >= Step.Strategies.Length ? step.Whom : null;

    private int NextInRound(Member[] candidates)
    {
        var round = members.Where(CanHold).OrderBy(member => member.Place ?? int.MaxValue).ThenBy(member => member.JoinedAt).ThenBy(member => member.Who).ToList();
        var start = round.FindIndex(member => member.Who == Holder) + 1;
        return round.Skip(start).Concat(round.Take(start)).First(candidates.Contains).Who;
    }

    private Answer Reclaim(Step step, long now)
    {
        if (WhyNot(step, Holder) is { } refusal)
        {
            return refusal;
        }
        if (Holder == step.Who)
        {
            return Refusal.RecipientIsHolder;
        }
        if (Owner!.IsAway(now))
        {
            return Refusal.YouAreAway;
        }
        notices.Add(new Telling(NoticeKind.TurnOver, Holder, step.Who));
        return Move(step.Who, Chosen.Reclaimed, step.Who, now);
    }

    private Answer Ask(Step step, long now)
    {
        if (WhyNot(step, Holder) is { } refusal)
        {
            return refusal;
        }
        if (Holder == step.Who)
        {
            return Refusal.RecipientIsHolder;
        }
        if (!wishes.Add((Turn, step.Who)))
        {
            return Refusal.AlreadyAsked;
        }
        Change(now);
        notices.Add(new Telling(NoticeKind.Asked, Holder, step.Who));
        return "done";
    }

    private Answer Nudge(Step step, long now)
    {
        if (RoleOf(step.Who) is not (Role.Owner or Role.Writer))
        {
            return RoleOf(step.Who) is null ? Refusal.NotFound : Refusal.Forbidden;
        }
        if (WhyNot(step, Holder) is { } refusal)
        {
            return refusal;
        }
        if (Holder == step.Who)
        {
            return Refusal.RecipientIsHolder;
        }
        if (!nudgedOn.Add(ModelWorld.DayOf(now)))
        {
            return Refusal.NudgedToday;
        }
        Change(now);
        notices.Add(new Telling(NoticeKind.Nudged, Holder, step.Who));
        return "done";
    }

    private Answer GoAway(Step step, long now)
    {
        var (until, time) = (now + (step.What * 60L), Math.Max(now, updatedAt));
        if (until <= time || until > time + (366 * Day))
        {
            return Refusal.AwayInvalid;
        }
        Replace(Find(step.Who)!, Find(step.Who)! with { AwayUntil = until });
        Change(now);
        return "done";
    }

    private Answer ComeBack(Step step, long now)
    {
        Replace(Find(step.Who)!, Find(step.Who)! with { AwayUntil = null });
        Change(now);
        return "done";
    }

    /// <summary>The ring never hangs in the air.</summary>
    /// <param name="byItself">Whether nobody does it in the draft itself, so that its new holder is told in any case.</param>
    private void Settle(int? actor, long now, bool byItself = false)
    {
        if (CanHold(Find(Holder)))
        {
            return;
        }
        var able = InJoiningOrder.Where(CanHold).OrderBy(member => member.IsAway(now)).ThenByDescending(member => member.Role == Role.Owner).ToList();
        if (able.Count > 0)
        {
            Move(able[0].Who, Chosen.Returned, actor, now, byItself: byItself);
        }
        else if (status == DraftStatus.Active)
        {
            status = DraftStatus.Locked;
        }
    }

    private string Move(int to, Chosen chosen, int? actor, long now, string? note = null, bool byItself = false)
    {
        var from = Holder;
        (Holder, heldSince) = (to, Change(now, isActivity: true));
        Turn++;
        passes.Add(new Handing(Turn, from, to, heldSince, chosen, string.IsNullOrWhiteSpace(note) ? null : note));
        Record(EventType.RingPassed, actor, heldSince, ("turn", Turn), ("from", from), ("to", to), ("chosen", EnumNames.NameOf(chosen)));
        if (to != actor || byItself)
        {
            notices.Add(new Telling(NoticeKind.YourTurn, to, from));
        }
        return StateLines.Passed(Turn, from, to, chosen);
    }

    private InviteState StateOf(Invitation invite, long now) =>
        invite.State != InviteState.Pending ? invite.State
        : Find(invite.By) is null || isDisabled(invite.By) ? InviteState.Revoked
        : invite.At + Invitation.Life <= now ? InviteState.Expired
        : InviteState.Pending;

    private Answer Invite(Step step, long now)
    {
        var recipient = step.Op == Op.InvitePerson ? step.Whom : (int?)null;
        if (status == DraftStatus.Completed)
        {
            return Refusal.DraftCompleted;
        }
        if (recipient is { } who)
        {
            if (who == Step.People || isDisabled(who))
            {
                return Refusal.HandleUnknown;
            }
            if (Find(who) is not null)
            {
                return Refusal.AlreadyCollaborator;
            }
            if (invites.Exists(invite => invite.Recipient == who && StateOf(invite, now) == InviteState.Pending))
            {
                return Refusal.AlreadyInvited;
            }
            notices.Add(new Telling(NoticeKind.Invited, who, step.Who));
        }
        var role = step.Choose(Step.Roles);
        var made = new Invitation(InvitesMade++, role, recipient, step.Who, Change(now), recipient is null ? 2 : 1);
        invites.Add(made);
        Record(EventType.InviteCreated, step.Who, made.At, ("invite", made.Number), ("role", EnumNames.NameOf(role)));
        return $"invite {made.Number}";
    }

    private Answer AcceptInvite(Step step, long now)
    {
        var index = invites.FindIndex(one => one.Number == InviteOf(step));
        // Whoever brings no token has only what was sent to themselves.
        if (index < 0 || !(invites[index].Recipient is { } recipient ? recipient == step.Who : HasToken(step)))
        {
            return Refusal.InviteUnknown;
        }
        var invite = invites[index];
        if (Find(step.Who) is not null)
        {
            if (invite is { Recipient: not null, State: InviteState.Pending })
            {
                Change(now);
                Use(index, step.Who);
            }
            return "done";
        }
        if (Why(StateOf(invite, now)) is { } refusal)
        {
            return refusal;
        }
        if (invite.UsedBy.Contains(step.Who))
        {
            return Refusal.InviteUsedUp;
        }
        if (status == DraftStatus.Completed)
        {
            return Refusal.DraftCompleted;
        }
        Use(index, step.Who);
        var at = Join(step.Who, invite.Role, step.Who, now);
        Record(EventType.InviteAccepted, step.Who, at, ("invite", invite.Number));
        return "done";
    }

    private Answer DeclineInvite(Step step, long now)
    {
        var index = invites.FindIndex(one => one.Number == InviteOf(step));
        if (index < 0 || invites[index].Recipient != step.Who)
        {
            return Refusal.InviteUnknown;
        }
        if (invites[index].State == InviteState.Declined)
        {
            return "done";
        }
        if (Why(StateOf(invites[index], now)) is { } refusal)
        {
            return refusal;
        }
        invites[index] = invites[index] with { State = InviteState.Declined };
        Change(now);
        return "done";
    }

    private Answer RevokeInvite(Step step, long now)
    {
        var index = invites.FindIndex(one => one.Number == InviteOf(step));
        if (index < 0)
        {
            return Refusal.InviteUnknown;
        }
        if (invites[index].By != step.Who && RoleOf(step.Who) != Role.Owner)
        {
            return Refusal.Forbidden;
        }
        if (invites[index].State is not InviteState.Revoked && Why(invites[index].State) is { } refusal)
        {
            return refusal;
        }
        invites[index] = invites[index] with { State = InviteState.Revoked };
        Change(now);
        return "done";
    }

    /// <summary>Whether somebody who comes by a link has its token.</summary>
    public static bool HasToken(Step step) => step.Whom > 0;

    private void Use(int index, int who)
    {
        var invite = invites[index];
        invites[index] = invite with
        {
            Uses = invite.Uses + 1,
            State = invite.Uses + 1 == invite.MaxUses ? InviteState.Accepted : invite.State,
            UsedBy = [.. invite.UsedBy, who],
        };
    }

    private static Refusal? Why(InviteState state) => state switch
    {
        InviteState.Accepted => Refusal.InviteUsedUp,
        InviteState.Declined => Refusal.InviteDeclined,
        InviteState.Revoked => Refusal.InviteRevoked,
        InviteState.Expired => Refusal.InviteExpired,
        _ => null,
    };
}
