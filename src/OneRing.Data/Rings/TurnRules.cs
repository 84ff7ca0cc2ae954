namespace OneRing.Data.Rings;

/// <summary>What happens when the time of a turn is up.</summary>
public enum OnExpiry
{
    /// <summary>The ring goes on to whom the draft's strategy chooses.</summary>
    Pass,

    /// <summary>The owner is told, and may take the ring back.</summary>
    Reclaim,

    /// <summary>The holder is told, and nothing else.</summary>
    Remind,
}

/// <summary>How a draft keeps its turns, as its owner wants it.</summary>
/// <param name="LimitHours">How long a turn may last, in hours that count; null for as long as it takes.</param>
/// <param name="GraceHours">How many hours that count come on top before anything happens.</param>
/// <param name="Strategy">Who comes next where nobody chooses by hand.</param>
/// <param name="ExcusedMisses">How many turns each person may let pass before their next one is shorter.</param>
/// <param name="RestDays">Days of the week that do not count, in the holder's time zone.</param>
/// <param name="RestFrom">When the hours of the day begin that do not count; null without any.</param>
/// <param name="RestTo">When they end.</param>
public sealed record TurnRules(
    int? LimitHours = null,
    int GraceHours = 0,
    OnExpiry OnExpiry = OnExpiry.Pass,
    Strategy Strategy = Strategy.MostInactive,
    int ExcusedMisses = TurnRules.UsualExcusedMisses,
    RestDays RestDays = RestDays.None,
    TimeOnly? RestFrom = null,
    TimeOnly? RestTo = null)
{
    public const int ShortestLimitHours = 1;
    public const int LongestLimitHours = 720;
    public const int LongestGraceHours = 168;
    public const int UsualExcusedMisses = 1;
    public const int MostExcusedMisses = 10;

    internal RestTimes Rest => new(RestDays, RestFrom, RestTo);

    /// <summary>What is wrong with them; null if nothing is.</summary>
    internal Refusal? Check() =>
        LimitHours is < ShortestLimitHours or > LongestLimitHours || GraceHours is < 0 or > LongestGraceHours || ExcusedMisses is < 0 or > MostExcusedMisses
            || !Enum.IsDefined(OnExpiry) || !Enum.IsDefined(Strategy) || !Rest.LeavesTime
            ? Refusal.TurnRulesInvalid
            : null;
}
