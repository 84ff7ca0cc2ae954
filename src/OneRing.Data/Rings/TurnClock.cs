using NodaTime;

namespace OneRing.Data.Rings;

/// <summary>How far the clock of a turn has come: what has been said of it already.</summary>
internal enum ClockStep
{
    Begun,
    HalfTold,
    NearlyTold,

    /// <summary>The time is up, and the time of grace runs.</summary>
    Grace,

    /// <summary>All of it is over, and what had to happen has happened.</summary>
    Over,
}

/// <summary>What became of a holder's wish for more time.</summary>
public enum MoreTime
{
    None,
    Asked,
    Granted,
    Refused,
}

/// <summary>
/// The clock of one turn. It counts only while the draft can be written in, and only what its rest times leave; what it has counted before it stood still is kept
/// as a length, so that it goes on where it was.
/// </summary>
/// <param name="Turn">The turn that it is of; 0 before the first.</param>
/// <param name="LimitMicroseconds">How much is counted in all, without grace and more time.</param>
/// <param name="UsedMicroseconds">What was counted before <paramref name="StartedAt"/>.</param>
/// <param name="StartedAt">Since when it runs; null while it stands still.</param>
/// <param name="EndsAt">When the turn ends, before any grace; null while it stands still.</param>
/// <param name="DueAt">When something is to happen next; null if nothing is.</param>
/// <param name="Round">How often this turn has been given its time: once more with new rules, and with more time. What is said of an end is said of each.</param>
internal sealed record TurnClock(
    int Turn = 0,
    long LimitMicroseconds = 0,
    long UsedMicroseconds = 0,
    DateTimeOffset? StartedAt = null,
    DateTimeOffset? EndsAt = null,
    DateTimeOffset? DueAt = null,
    ClockStep Step = ClockStep.Begun,
    MoreTime More = MoreTime.None,
    DateTimeOffset? MoreAskedAt = null,
    int Round = TurnClock.FirstRound)
{
    /// <summary>How long the others have to object when the holder asks for more time.</summary>
    public static readonly TimeSpan TimeToObject = TimeSpan.FromHours(1);

    public const int FirstRound = 1;

    private const double Half = 0.5;
    private const double NineTenths = 0.9;

    public bool IsRunning => StartedAt is not null;

    /// <summary>When more time is granted, if nobody objects until then.</summary>
    public DateTimeOffset? MoreAt => More == MoreTime.Asked ? MoreAskedAt + TimeToObject : null;

    /// <summary>All that is counted: half as much again once more time was granted.</summary>
    private TimeSpan Total => TimeSpan.FromMicroseconds(More == MoreTime.Granted ? LimitMicroseconds + (LimitMicroseconds / 2) : LimitMicroseconds);

    private TimeSpan Used => TimeSpan.FromMicroseconds(UsedMicroseconds);

    /// <summary>A clock that has counted nothing yet, and stands still.</summary>
    public static TurnClock ForTurn(int turn, TimeSpan limit) => new(turn, (long)limit.TotalMicroseconds);

    /// <summary>The same turn from its beginning, with another limit.</summary>
    public TurnClock Anew(TimeSpan limit) => ForTurn(Turn, limit) with { Round = LimitMicroseconds == 0 ? Round : Round + 1 };

    /// <summary>It goes on. The others have all their time to object from now on: while it stood still, they could not.</summary>
    public TurnClock Run(DateTimeOffset now) => IsRunning ? this : this with { StartedAt = now, MoreAskedAt = More == MoreTime.Asked ? now : MoreAskedAt };

    /// <summary>It stands still from now on, and keeps what it has counted.</summary>
    public TurnClock Stop(DateTimeOffset now, TurnRules rules, DateTimeZone zone) => StartedAt is { } since
        ? this with { StartedAt = null, EndsAt = null, UsedMicroseconds = UsedMicroseconds + (long)rules.Rest.Between(since, now, zone).TotalMicroseconds }
        : this;

    public TurnClock AskForMore(DateTimeOffset now) => this with { More = MoreTime.Asked, MoreAskedAt = now };

    /// <summary>More time: what has been said of the end is said again as the new one comes near.</summary>
    public TurnClock Grant() => this with { More = MoreTime.Granted, Round = Round + 1, Step = Step == ClockStep.Begun ? Step : ClockStep.HalfTold };

    public TurnClock Refuse() => this with { More = MoreTime.Refused };

    /// <summary>The step that it should have come to by now. One that was slept through is not made up for: only the last counts.</summary>
    public ClockStep StepAt(DateTimeOffset now, TurnRules rules, DateTimeZone zone)
    {
        if (StartedAt is null)
        {
            return Step;
        }
        var reached = Enum.GetValues<ClockStep>().Where(step => step > Step && BeginsAt(step, rules, zone) <= now).DefaultIfEmpty(Step).Max();
        // While the others may still object, nothing ends.
        return reached >= ClockStep.Grace && MoreAt > now ? (ClockStep)Math.Max((int)Step, (int)ClockStep.NearlyTold) : reached;
    }

    /// <summary>Works out when the turn ends and when something is to happen next.</summary>
    /// <param name="otherwise">What else is to happen, whether the clock runs or not.</param>
    public TurnClock Schedule(TurnRules rules, DateTimeZone zone, DateTimeOffset? otherwise)
    {
        if (StartedAt is null)
        {
            return this with { EndsAt = null, DueAt = otherwise };
        }

        var next = Step == ClockStep.Over ? (DateTimeOffset?)null : BeginsAt(Step + 1, rules, zone);
        if (next is { } at && Step + 1 >= ClockStep.Grace && MoreAt > at)
        {
            next = MoreAt;
        }
        return this with { EndsAt = BeginsAt(ClockStep.Grace, rules, zone), DueAt = new[] { next, MoreAt, otherwise }.Min() };
    }

    private DateTimeOffset BeginsAt(ClockStep step, TurnRules rules, DateTimeZone zone) => step switch
    {
        ClockStep.HalfTold => Counted(Total * Half, rules, zone),
        ClockStep.NearlyTold => Counted(Total * NineTenths, rules, zone),
        ClockStep.Grace => Counted(Total, rules, zone),
        ClockStep.Over => Counted(Total + TimeSpan.FromHours(rules.GraceHours), rules, zone),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "A clock begins when its turn does."),
    };

    private DateTimeOffset Counted(TimeSpan inAll, TurnRules rules, DateTimeZone zone) => Clock.Cut(rules.Rest.Add(StartedAt!.Value, inAll - Used, zone));
}
