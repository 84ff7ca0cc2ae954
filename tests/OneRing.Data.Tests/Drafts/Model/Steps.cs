using CsCheck;

namespace OneRing.Data.Tests.Drafts.Model;

/// <summary>Random steps.</summary>
internal static class Steps
{
    /// <summary>In place of a person: whoever may well be able to do it.</summary>
    public const int Whoever = -1;

    /// <summary>Everything that a step can be refused for: each of it must have happened in a run.</summary>
    public static readonly Refusal[] Refusals =
    [
        Refusal.TitleInvalid, Refusal.TextBlank, Refusal.TextTooLong, Refusal.TextUnreadable, Refusal.KeyInvalid, Refusal.NoteInvalid, Refusal.InviteInvalid, Refusal.OrderInvalid,
        Refusal.AwayInvalid, Refusal.NotFound, Refusal.HandleUnknown, Refusal.NotACollaborator, Refusal.InviteUnknown, Refusal.Forbidden, Refusal.OwnerStays, Refusal.AlreadyOwner,
        Refusal.NoOffer, Refusal.TitleDiffers, Refusal.IdempotencyMismatch, Refusal.DraftNotActive, Refusal.DraftNotLocked, Refusal.DraftCompleted, Refusal.DraftArchived,
        Refusal.DraftNotArchived, Refusal.StaleTurn, Refusal.RingRequired, Refusal.RecipientIsHolder, Refusal.RecipientCannotHold, Refusal.RecipientAway, Refusal.YouAreAway,
        Refusal.AlreadyAsked, Refusal.NoCollaboratorCandidates, Refusal.ChoiceChanged, Refusal.AlreadyCollaborator, Refusal.AlreadyInvited, Refusal.InviteUsedUp,
        Refusal.InviteDeclined, Refusal.InviteRevoked, Refusal.InviteExpired, Refusal.NudgedToday,
    ];

    private static readonly Gen<Op> AnOp = Gen.Frequency(
        (12, Gen.Const(Op.Wait)), (2, Gen.Const(Op.Disable)), (5, Gen.Const(Op.Enable)), (1, Gen.Const(Op.EndAccount)), (3, Gen.Const(Op.Create)), (3, Gen.Const(Op.Look)),
        (2, Gen.Const(Op.Rename)), (1, Gen.Const(Op.Lock)), (2, Gen.Const(Op.Unlock)), (1, Gen.Const(Op.Complete)), (1, Gen.Const(Op.PutAway)), (2, Gen.Const(Op.FetchBack)),
        (1, Gen.Const(Op.Delete)), (8, Gen.Const(Op.Add)), (3, Gen.Const(Op.ChangeRole)), (3, Gen.Const(Op.Remove)), (2, Gen.Const(Op.Offer)), (2, Gen.Const(Op.AcceptOffer)),
        (1, Gen.Const(Op.DropOffer)), (16, Gen.Const(Op.Append)), (10, Gen.Const(Op.Pass)), (12, Gen.Const(Op.PassByRule)), (4, Gen.Const(Op.Reclaim)), (3, Gen.Const(Op.Ask)),
        (3, Gen.Const(Op.Nudge)), (3, Gen.Const(Op.GoAway)), (2, Gen.Const(Op.ComeBack)), (2, Gen.Const(Op.SetStrategy)), (2, Gen.Const(Op.SetOrder)),
        (4, Gen.Const(Op.InvitePerson)), (3, Gen.Const(Op.InviteByLink)), (8, Gen.Const(Op.AcceptInvite)), (2, Gen.Const(Op.DeclineInvite)), (2, Gen.Const(Op.RevokeInvite)));

    /// <summary>From this number on, a draft is this one, whether it is there or not.</summary>
    private const int Unaimed = 3;

    private static readonly Gen<int> APerson = Gen.Frequency((12, Gen.Int[0, 2]), (6, Gen.Int[3, Step.People - 1]), (1, Gen.Const(Step.People)));

    private static readonly Gen<int> ADraft = Gen.Frequency((8, Gen.Const(0)), (4, Gen.Int[1, 2]), (1, Gen.Int[Unaimed, 4]));

    private static readonly Gen<int?> AKey = Gen.Frequency((6, Gen.Const((int?)null)), (6, Gen.Int[0, 1].Select(key => (int?)key)), (1, Gen.Int[-9, 1].Select(key => (int?)Math.Max(key, -4) switch { -4 => null, var one => one })));

    private static readonly Gen<int?> ATurn = Gen.Frequency((7, Gen.Const((int?)null)), (2, Gen.Const((int?)0)), (1, Gen.Int[-1, 1].Select(turn => (int?)turn)));

    private static readonly Gen<Step> AStep =
        from op in AnOp
        from isWhoever in Gen.Frequency((3, Gen.Const(true)), (2, Gen.Const(false)))
        from step in Gen.Select(APerson, ADraft, APerson, WhatOf(op), AKey, ATurn)
        select new Step(op, op is Op.Disable or Op.Enable or Op.EndAccount ? step.Item1 % Step.People : isWhoever ? Whoever : step.Item1, step.Item2, step.Item3, step.Item4, step.Item5, step.Item6);

    /// <summary>So many steps, the first of which begin a draft.</summary>
    public static Gen<Step[]> ALife(int steps) =>
        from beginning in Gen.Int[0, 2]
        from role in Gen.Int[0, 1]
        from others in AStep.Array[steps - 3]
        select (Step[])[new Step(Op.Create, 0, 0, 0, beginning, null, null), new Step(Op.Add, 0, 0, 1, 0, null, null), new Step(Op.Add, 0, 0, 2, role, null, null), .. others];

    /// <summary>A step as somebody takes it: the draft is mostly one that is there, the turn not counted from the present one any more, and who it is may be somebody who can.</summary>
    public static Step Aim(Step planned, ModelWorld world)
    {
        int[] there = [.. world.Drafts.Index().Where(draft => !draft.Item.IsGone).Select(draft => draft.Index)];
        var number = planned.Draft < Unaimed && there.Length > 0 ? there[planned.Draft % there.Length] : planned.Draft;
        var draft = number < world.Drafts.Count ? world.Drafts[number] : null;
        planned = planned.Who == Whoever && draft is not null ? planned with { Op = draft.Instead(planned.Op) } : planned;
        var what = planned.Op is Op.AcceptInvite or Op.DeclineInvite or Op.RevokeInvite ? draft?.SomeInviteFor(planned) ?? planned.What : planned.What;
        var step = planned with { Draft = number, What = what, Turn = planned.Turn is { } turn ? (draft?.Turn ?? 1) + turn : null };
        return step with { Who = step.Who != Whoever ? step.Who : draft?.SomebodyFor(step) ?? step.Whom % Step.People };
    }

    private static Gen<int> WhatOf(Op op) => op switch
    {
        // Clocks also jump: by seconds, by hours, by days, and back.
        Op.Wait => Gen.Frequency(
            (6, Gen.Int[0, 90]), (2, Gen.Int[600, 4000]), (1, Gen.Int[20_000, 90_000]), (2, Gen.Int[-90, -1]), (1, Gen.Int[-90_000, -3600]), (1, Gen.Int[-500_000, 500_000])),
        Op.GoAway => Gen.Frequency((1, Gen.Int[-1, 2]), (6, Gen.Int[1, 3000]), (1, Gen.Int[527_040, 527_042])),
        Op.Create => Gen.Frequency((3, Gen.Int[0, 2]), (1, Gen.Int[0, 6])),
        Op.Append or Op.Rename => Gen.Frequency((5, Gen.Int[0, 1]), (2, Gen.Int[0, 7])),
        Op.Pass => Gen.Frequency((6, Gen.Int[0, 2]), (1, Gen.Const(3))),
        Op.Add or Op.ChangeRole or Op.InvitePerson or Op.InviteByLink => Gen.Frequency((6, Gen.Const(0)), (4, Gen.Const(3)), (3, Gen.Const(1)), (1, Gen.Int[0, 5])),
        Op.Delete => Gen.Frequency((1, Gen.Int[0, 1]), (1, Gen.Int[0, 4])),
        Op.AcceptInvite or Op.DeclineInvite or Op.RevokeInvite => Gen.Int[0, 5],
        _ => Gen.Int[0, 7],
    };
}
