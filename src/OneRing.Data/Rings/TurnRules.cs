using System.Globalization;

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

/// <summary>What of a draft’s turn rules shall be different. What is null here stays as it is.</summary>
public sealed record TurnRulesChange
{
    private const string Nothing = "none";

    public NewValue<int>? LimitHours { get; init; }

    public int? GraceHours { get; init; }

    public OnExpiry? OnExpiry { get; init; }

    public Strategy? Strategy { get; init; }

    public int? ExcusedMisses { get; init; }

    public RestDays? RestDays { get; init; }

    public NewValue<TimeOnly>? RestFrom { get; init; }

    public NewValue<TimeOnly>? RestTo { get; init; }

    /// <summary>As a retry must repeat it.</summary>
    internal string?[] Substance =>
    [
        TextOf(LimitHours), TextOf(GraceHours), OnExpiry is { } onExpiry ? EnumNames.NameOf(onExpiry) : null, Strategy is { } strategy ? EnumNames.NameOf(strategy) : null,
        TextOf(ExcusedMisses), TextOf((int?)RestDays), TextOf(RestFrom), TextOf(RestTo),
    ];

    internal TurnRules ApplyTo(TurnRules rules) => new(
        LimitHours is { } limit ? limit.Value : rules.LimitHours,
        GraceHours ?? rules.GraceHours,
        OnExpiry ?? rules.OnExpiry,
        Strategy ?? rules.Strategy,
        ExcusedMisses ?? rules.ExcusedMisses,
        RestDays ?? rules.RestDays,
        RestFrom is { } from ? from.Value : rules.RestFrom,
        RestTo is { } to ? to.Value : rules.RestTo);

    /// <summary>What is wrong whatever the rules are now. Whether one end of the daily rest goes with the other, only they can say.</summary>
    internal Refusal? Check() => (RestFrom is null || RestTo is null ? this with { RestFrom = null, RestTo = null } : this).ApplyTo(new TurnRules()).Check();

    private static string? TextOf(int? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string? TextOf(NewValue<int>? value) => value is { } given ? TextOf(given.Value) ?? Nothing : null;

    private static string? TextOf(NewValue<TimeOnly>? value) => value is { } given ? given.Value?.ToString("O", CultureInfo.InvariantCulture) ?? Nothing : null;
}

/// <summary>What something becomes that may also be nothing.</summary>
/// <param name="Value">Null for nothing.</param>
public readonly record struct NewValue<T>(T? Value)
    where T : struct;
