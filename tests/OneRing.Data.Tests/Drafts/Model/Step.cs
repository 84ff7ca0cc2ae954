using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Drafts.Model;

/// <summary>What can be done to drafts and accounts.</summary>
internal enum Op
{
    Wait,
    Disable,
    Enable,
    EndAccount,
    Create,
    Look,
    Rename,
    Lock,
    Unlock,
    Complete,
    PutAway,
    FetchBack,
    Delete,
    Add,
    ChangeRole,
    Remove,
    Offer,
    AcceptOffer,
    DropOffer,
    Append,
    Pass,
    PassByRule,
    Reclaim,
    Ask,
    Nudge,
    GoAway,
    ComeBack,
    SetStrategy,
    SetOrder,
    InvitePerson,
    InviteByLink,
    AcceptInvite,
    DeclineInvite,
    RevokeInvite,
}

/// <summary>One thing that somebody does, in numbers: people, drafts and invites are counted from 0, and the last of the people has no account.</summary>
/// <param name="Whom">To whom; nothing in a step without a second person.</param>
/// <param name="What">A text, a role, a strategy, an invite, seconds, minutes: what the step is about. See <see cref="Texts"/> and <see cref="Roles"/>.</param>
/// <param name="Key">A key that other steps use too; null for one of its own; below 0 for one that cannot be.</param>
/// <param name="Turn">The turn in which they believe to be; null if they do not say.</param>
internal sealed record Step(Op Op, int Who, int Draft, int Whom, int What, int? Key, int? Turn)
{
    /// <summary>So many people there are besides the one without an account.</summary>
    public const int People = 6;

    public const int TooLongForX = 4;

    private static readonly string?[] Keys = ["", new('k', 201), "a\0b"];

    public static readonly string[] Texts =
        ["A word.", "Two words.", "  Ein Wörtchen,\n👩‍👩‍👧‍👦 und noch eines\t", " \n ", new('x', 501), "a\0b", new('x', 20_001), "half \uD83D"];

    public static readonly string[] Titles = ["A draft", " Another draft ", " ", new('t', 201), "a\0b"];

    public static readonly Role[] Roles = [Role.Writer, Role.Reader, Role.Owner];

    public static readonly string?[] Notes = [null, "For you", "  ", new('n', 501)];

    /// <summary>How a draft can begin.</summary>
    public static readonly (string Title, Platform Platform, string? First)[] Beginnings =
    [
        (Titles[0], Platform.Story, null), (Titles[1], Platform.Story, Texts[0]), (Titles[0], Platform.X, Texts[1]), (Titles[0], Platform.X, Texts[TooLongForX]),
        (Titles[2], Platform.Story, null), (Titles[4], Platform.X, null), (Titles[0], Platform.Story, Texts[3]),
    ];

    /// <summary>The strategies by their numbers; null for that of the draft.</summary>
    public static readonly Strategy?[] Strategies = [null, Strategy.MostInactive, Strategy.RoundRobin, Strategy.BackToCreator];

    /// <summary>A text, a title or whatever it is, of which this one has the number.</summary>
    public T Choose<T>(IReadOnlyList<T> choices) => choices[What % choices.Count];

    public string? KeyText => Key is { } key ? key < 0 ? Keys[-1 - key] : $"key {key}" : null;

    public override string ToString() =>
        $"{Op} by {Who} in draft {Draft}, whom {Whom}, what {What}{(Key is { } key ? $", key {key}" : "")}{(Turn is { } turn ? $", turn {turn}" : "")}";
}

/// <summary>What came of a step.</summary>
/// <param name="Value">What was answered, in words.</param>
/// <param name="Again">Whether it is the answer of an earlier step with the same key.</param>
internal sealed record Answer(Refusal? Refusal, string Value = "", bool Again = false)
{
    public override string ToString() => Refusal is { } refusal ? $"refused: {refusal}" : $"{Value}{(Again ? " (again)" : "")}";

    public static implicit operator Answer(Refusal refusal) => new(refusal);

    public static implicit operator Answer(string value) => new(null, value);
}
