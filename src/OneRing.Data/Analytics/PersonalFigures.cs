namespace OneRing.Data.Analytics;

/// <summary>What a person wrote on one day of the time zone that was asked for.</summary>
public sealed record DayOfWriting(DateOnly Day, int Segments, long Words);

/// <summary>Days in a row on each of which a person added at least one segment to some draft.</summary>
/// <param name="Days">How many of them lead up to today, or to yesterday: today may still be written on. 0 when neither has a segment.</param>
/// <param name="Longest">How many there have ever been in a row.</param>
public sealed record WritingStreak(int Days, int Longest)
{
    internal static WritingStreak Of(IEnumerable<DateOnly> days, DateOnly today)
    {
        var (last, run, longest) = (int.MinValue, 0, 0);
        foreach (var day in days.Select(day => day.DayNumber).Distinct().Order())
        {
            run = day - 1 == last ? run + 1 : 1;
            last = day;
            longest = Math.Max(longest, run);
        }
        return new WritingStreak(last >= today.DayNumber - 1 ? run : 0, longest);
    }
}

/// <summary>An active draft of a person, and who has its ring since when.</summary>
public sealed record WaitingDraft(Guid DraftId, string Title, string HolderId, string HolderName, DateTimeOffset Since);

/// <summary>Drafts that wait for the same: those that have waited longest, and how many there are in all.</summary>
public sealed record WaitingDrafts(IReadOnlyList<WaitingDraft> Longest, int Count);

/// <summary>What one person has done, for their own eyes.</summary>
/// <param name="Days">The last days, today being the last; days without writing too.</param>
/// <param name="Holds">How many of their turns with a ring ended within these days, by a pass or with the draft.</param>
/// <param name="MedianHoldMinutes">Of these turns; null of none.</param>
/// <param name="P90HoldMinutes">Nine of ten of them were no longer.</param>
/// <param name="WithMe">Drafts whose ring they hold, as it is at present.</param>
/// <param name="WithOthers">Drafts in which they write and somebody else holds the ring, as it is at present.</param>
/// <param name="PrefersNoName">Whether they are on no leaderboard, because they asked for that.</param>
public sealed record PersonalFigures(
    IReadOnlyList<DayOfWriting> Days,
    WritingStreak Streak,
    int Holds,
    double? MedianHoldMinutes,
    double? P90HoldMinutes,
    WaitingDrafts WithMe,
    WaitingDrafts WithOthers,
    bool PrefersNoName)
{
    /// <summary>From when on these figures count, because older events are not kept any longer; null when all are kept.</summary>
    public DateTimeOffset? Since { get; init; }

    public int Segments => Days.Sum(day => day.Segments);

    public long Words => Days.Sum(day => day.Words);
}
