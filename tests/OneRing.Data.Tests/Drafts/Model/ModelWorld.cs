using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Drafts.Model;

/// <summary>People, their drafts and the keys of what they have done.</summary>
internal sealed class ModelWorld
{
    /// <summary>The instant that is 0.</summary>
    public static readonly DateTimeOffset Start = new(2026, 5, 4, 22, 0, 0, TimeSpan.Zero);

    private readonly bool[] disabled = new bool[Step.People];
    private readonly bool[] gone = new bool[Step.People];
    private readonly List<ModelDraft> drafts = [];
    private readonly Dictionary<(int Who, string Operation, int Draft, string Key), (string Request, Answer Answer)> keys = [];

    /// <summary>Whose keys there are, given by somebody or made by the server.</summary>
    private readonly List<(int Who, string Operation, int Draft)> written = [];

    public long Now { get; private set; }

    public IReadOnlyList<ModelDraft> Drafts => drafts;

    /// <summary>How many midnights have passed; below 0 on a day before that of 0.</summary>
    public static long DayOf(long at) => (long)Math.Floor((at + Start.TimeOfDay.TotalSeconds) / (24 * 3600));

    public static DateOnly DateOf(long day) => DateOnly.FromDateTime(Start.UtcDateTime).AddDays((int)day);

    public ModelWorld Copy()
    {
        var copy = new ModelWorld { Now = Now };
        disabled.CopyTo(copy.disabled, 0);
        gone.CopyTo(copy.gone, 0);
        foreach (var draft in drafts)
        {
            copy.Keep(draft.Copy());
        }
        foreach (var (key, value) in keys)
        {
            copy.keys.Add(key, value);
        }
        copy.written.AddRange(written);
        return copy;
    }

    /// <summary>All that should stand in the database, a line each, sorted.</summary>
    public string Describe() => StateLines.Join(
        drafts.Index().SelectMany(draft => draft.Item.Describe().Select(line => StateLines.Of(draft.Index, line)))
            .Concat(written.Select(key => StateLines.Of(key.Draft, StateLines.Key(key.Who, key.Operation)))));

    public Answer Take(Step step)
    {
        switch (step.Op)
        {
            case Op.Wait:
                Now += step.What;
                return "done";
            case Op.Disable:
                return Disable(step.Who);
            case Op.Enable:
                disabled[step.Who] &= gone[step.Who];
                return "done";
            case Op.EndAccount:
                return End(step.Who);
            case Op.Look:
                return Look(step);
        }

        return WhatIsWrong(step) is { } wrong ? wrong
            : step.Op == Op.Create ? Create(step)
            : step.Op is Op.AcceptInvite or Op.DeclineInvite && TakeInDraft(step) is var answer ? (answer.Refusal == Refusal.NotFound ? Refusal.InviteUnknown : answer)
            : TakeInDraft(step);
    }

    private bool IsThere(int who) => who < Step.People && !disabled[who];

    private Answer Disable(int who)
    {
        if (!disabled[who])
        {
            disabled[who] = true;
            drafts.ForEach(draft => draft.Suspend(who, Now));
        }
        return "done";
    }

    private Answer End(int who)
    {
        if (disabled[who])
        {
            return Refusal.Forbidden;
        }
        drafts.ForEach(draft => draft.Lose(who, Now));
        (disabled[who], gone[who]) = (true, true);
        ForgetKeys(key => key.Who == who);
        foreach (var (draft, from) in drafts.Index().SelectMany(draft => draft.Item.WhoChose(who).Select(from => (draft.Index, from))).ToHashSet())
        {
            ForgetKeys(key => key == (from, OperationOf(Op.PassByRule), draft));
        }
        return "done";
    }

    private void ForgetKeys(Predicate<(int Who, string Operation, int Draft)> which)
    {
        written.RemoveAll(which);
        foreach (var key in keys.Keys.Where(key => which((key.Who, key.Operation, key.Draft))).ToList())
        {
            keys.Remove(key);
        }
    }

    private Answer Look(Step step) =>
        DraftOf(step)?.RoleOf(step.Who) is null
            ? Refusal.NotFound
            : $"{(DraftOf(step)!.Look(step.Who, Now) ? "for the first time today" : "again")}: {DraftOf(step)!.Read(step.Who)}";

    private ModelDraft? DraftOf(Step step) => step.Draft < drafts.Count && !drafts[step.Draft].IsGone ? drafts[step.Draft] : null;

    /// <summary>What can be refused without a look at anything.</summary>
    private static Refusal? WhatIsWrong(Step step)
    {
        if (step.Key < 0)
        {
            return Refusal.KeyInvalid;
        }
        return step.Op switch
        {
            Op.Create => WrongTitle(step.Choose(Step.Beginnings).Title) ?? (step.Choose(Step.Beginnings).First is { } first ? WrongText(first) : null),
            Op.Rename => WrongTitle(step.Choose(Step.Titles)),
            Op.Append => WrongText(step.Choose(Step.Texts)),
            Op.Pass => step.Choose(Step.Notes) is { Length: > 500 } ? Refusal.NoteInvalid : null,
            Op.InvitePerson or Op.InviteByLink => step.Choose(Step.Roles) == Role.Owner ? Refusal.InviteInvalid : null,
            _ => null,
        };
    }

    private static Refusal? WrongTitle(string title) => title.Trim().Length is 0 or > 200 || title.Contains('\0', StringComparison.Ordinal) ? Refusal.TitleInvalid : null;

    private static Refusal? WrongText(string text) =>
        text.Contains('\0', StringComparison.Ordinal) || text.EndsWith('\uD83D') ? Refusal.TextUnreadable
        : string.IsNullOrWhiteSpace(text) ? Refusal.TextBlank
        : text.Length > 20_000 ? Refusal.TextTooLong
        : null;

    private Answer Create(Step step)
    {
        if (!IsThere(step.Who))
        {
            return Refusal.Forbidden;
        }
        var (title, platform, first) = step.Choose(Step.Beginnings);
        if (Earlier(step, draft: -1) is { } earlier)
        {
            return earlier;
        }
        var draft = ModelDraft.Create(step.Who, title.Trim(), platform == Platform.X, Now);
        if (first is not null && draft.Append(step with { Op = Op.Append, What = Array.IndexOf(Step.Texts, first), Turn = null }, Now).Refusal is { } refusal)
        {
            return refusal;
        }
        Keep(draft);
        return Remember(step, draft: -1, RequestOf(step), $"draft {drafts.Count - 1}");
    }

    private void Keep(ModelDraft draft)
    {
        draft.LiveAmong(who => !IsThere(who));
        drafts.Add(draft);
    }

    private Answer TakeInDraft(Step step)
    {
        var draft = DraftOf(step);
        var isGuest = draft?.RoleOf(step.Who) is null;
        if (draft is null || (isGuest && !(step.Op is Op.AcceptInvite or Op.DeclineInvite or Op.Nudge && IsThere(step.Who))))
        {
            return Refusal.NotFound;
        }
        if (!isGuest && !draft.Allows(step))
        {
            return Refusal.Forbidden;
        }
        if (Earlier(step, step.Draft) is { } earlier)
        {
            return earlier;
        }
        // What the request says is that of before it is carried out.
        var request = RequestOf(step);
        var answer = draft.Take(step, Now);
        if (draft.IsGone)
        {
            // What was answered to a pass repeats its note and its reason: words that go with the draft.
            ForgetKeys(key => key.Draft == step.Draft && key.Operation is "pass_ring" or "smart_pass" or "reclaim_ring");
        }
        return answer.Refusal is null ? Remember(step, step.Draft, request, answer) : answer;
    }

    private Answer? Earlier(Step step, int draft) =>
        step.KeyText is not { } key || !keys.TryGetValue((step.Who, OperationOf(step.Op), draft, key), out var earlier) ? null
        : earlier.Request == RequestOf(step) ? earlier.Answer with { Again = true }
        : Refusal.IdempotencyMismatch;

    private Answer Remember(Step step, int draft, string request, Answer answer)
    {
        written.Add((step.Who, OperationOf(step.Op), draft));
        if (step.KeyText is { } key)
        {
            keys.Add((step.Who, OperationOf(step.Op), draft, key), (request, answer));
        }
        return answer;
    }

    /// <summary>Of which operation a key is.</summary>
    private static string OperationOf(Op op) => op switch
    {
        Op.Create => "create_draft",
        Op.Rename => "rename_draft",
        Op.Lock => "lock_draft",
        Op.Unlock => "unlock_draft",
        Op.Complete => "complete_draft",
        Op.PutAway or Op.FetchBack => "archive_draft",
        Op.Delete => "delete_draft",
        Op.Add => "add_collaborator",
        Op.ChangeRole => "change_role",
        Op.Remove => "remove_collaborator",
        Op.Offer => "offer_draft",
        Op.AcceptOffer => "accept_draft",
        Op.DropOffer => "drop_offer",
        Op.Append => "append_segment",
        Op.Pass => "pass_ring",
        Op.PassByRule => "smart_pass",
        Op.Reclaim => "reclaim_ring",
        Op.Ask => "ask_for_ring",
        Op.Nudge => "nudge_holder",
        Op.GoAway or Op.ComeBack => "set_away",
        Op.SetStrategy => "set_turn_rules",
        Op.SetOrder => "set_order",
        Op.InvitePerson or Op.InviteByLink => "create_invite",
        Op.AcceptInvite => "accept_invite",
        Op.DeclineInvite => "decline_invite",
        Op.RevokeInvite => "revoke_invite",
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "It has no key."),
    };

    /// <summary>What a retry must repeat.</summary>
    private string RequestOf(Step step) => step.Op switch
    {
        Op.Create => $"{step.Choose(Step.Beginnings)}",
        Op.Rename or Op.Delete => step.Choose(Step.Titles).Trim(),
        Op.PutAway or Op.FetchBack or Op.ComeBack => $"{step.Op}",
        Op.Add => $"{step.Whom} {step.Choose(Step.Roles)} {IsByHandle(step)}",
        Op.ChangeRole => $"{step.Whom} {step.Choose(Step.Roles)}",
        Op.Remove or Op.Offer or Op.Pass => $"{step.Whom}",
        Op.Append => $"{step.Choose(Step.Texts)}",
        Op.PassByRule => $"{step.Choose(Step.Strategies)}",
        Op.SetStrategy => $"{step.Choose(Step.Strategies) ?? Strategy.MostInactive}",
        Op.GoAway => $"{Now + (step.What * 60L)}",
        Op.SetOrder => string.Join(' ', drafts[step.Draft].OrderOf(step)),
        Op.InvitePerson => $"{step.Whom} {step.Choose(Step.Roles)}",
        Op.InviteByLink => $"a link, {step.Choose(Step.Roles)}",
        Op.AcceptInvite => $"{ModelDraft.InviteOf(step)} {ModelDraft.HasToken(step)}",
        Op.DeclineInvite or Op.RevokeInvite => $"{ModelDraft.InviteOf(step)}",
        _ => "",
    };

    /// <summary>Whether somebody is added by their handle; else by their id.</summary>
    public static bool IsByHandle(Step step) => step.What >= Step.Roles.Length;
}
