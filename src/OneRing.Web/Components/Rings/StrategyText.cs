using OneRing.Data.Rings;

namespace OneRing.Web.Components.Rings;

/// <summary>Rules for who comes next, and how turns are kept, in the words that a person reads.</summary>
public static class StrategyText
{
    public static string NameOf(Strategy strategy) => strategy switch
    {
        Strategy.MostInactive => "Longest silent",
        Strategy.RoundRobin => "In turn",
        Strategy.BackToCreator => "Back to the owner",
        _ => throw new ArgumentOutOfRangeException(nameof(strategy), strategy, "There is no such strategy."),
    };

    /// <summary>What happens when the time of a turn is up.</summary>
    public static string NameOf(OnExpiry onExpiry) => onExpiry switch
    {
        OnExpiry.Pass => "The ring goes on by the rule",
        OnExpiry.Reclaim => "The owner may take the ring back",
        OnExpiry.Remind => "The holder is reminded, no more",
        _ => throw new ArgumentOutOfRangeException(nameof(onExpiry), onExpiry, "There is no such ending."),
    };

    /// <summary>How a draft keeps its turns, in one or two sentences.</summary>
    public static string Describe(TurnRules rules)
    {
        if (rules.LimitHours is not { } hours)
        {
            return "A turn lasts as long as it takes.";
        }

        var grace = rules.GraceHours > 0 ? $", and {Hours(rules.GraceHours)} of grace" : "";
        var rest = (Days(rules.RestDays), rules.RestFrom, rules.RestTo) switch
        {
            ({ } days, { } from, { } to) => $" {days} and the hours from {from:HH:mm} to {to:HH:mm} do not count.",
            ({ } days, _, _) => $" {days} do not count.",
            (_, { } from, { } to) => $" The hours from {from:HH:mm} to {to:HH:mm} do not count.",
            _ => "",
        };
        var end = rules.OnExpiry switch
        {
            OnExpiry.Pass => $" Then the ring goes on by the rule “{NameOf(rules.Strategy)}”.",
            OnExpiry.Reclaim => " Then the owner may take the ring back.",
            _ => " Then the holder is reminded.",
        };
        return $"A turn lasts {Hours(hours)}{grace}.{rest}{end}";
    }

    /// <summary>So many hours, in days where they are whole ones.</summary>
    public static string Hours(int hours) => hours % 24 == 0 ? TimeText.Count(hours / 24, "day") : TimeText.Count(hours, "hour");

    private static string? Days(RestDays days) => days switch
    {
        RestDays.None => null,
        RestDays.Weekend => "Weekends",
        _ => string.Join(", ", days.ToDaysOfWeek().Select(day => $"{day}s")),
    };
}
