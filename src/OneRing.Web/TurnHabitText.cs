using OneRing.Data.Rings;

namespace OneRing.Web;

/// <summary>How somebody takes their turns, in a few words.</summary>
public static class TurnHabitText
{
    public static IEnumerable<string> For(TurnHabit habit)
    {
        if (habit.Usual is { } usual)
        {
            yield return $"usually {TimeText.Span(usual)} a turn";
        }
        yield return $"kept {habit.Kept:N0} of {TimeText.Count(habit.Had, "turn")}";
    }
}
