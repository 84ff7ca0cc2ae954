namespace OneRing.Data.Analytics;

/// <summary>For how long a time activity is summed up.</summary>
public enum TimeUnit
{
    Hour,
    Day,

    /// <summary>From Monday to Sunday.</summary>
    Week,
    Month,
}

/// <summary>What happened within one hour, day, week or month by the clocks of the time zone that was asked for.</summary>
/// <param name="Start">Its first instant, as those clocks show it. When they are set back, an hour of the same name comes twice.</param>
public sealed record ActivityPeriod(DateTimeOffset Start, int Drafts, int Segments, long Words, int Passes, int Completed);

/// <summary>How many segments were added within one hour of one day of the week, by the clocks of the time zone that was asked for.</summary>
public sealed record HourOfWeek(DayOfWeek Day, int Hour, int Segments);

/// <summary>The figures of a window over all drafts.</summary>
/// <param name="ActiveWriters">Different people who appended at least one segment.</param>
/// <param name="Passes">Those that a person made, unless the others were asked for too.</param>
/// <param name="MedianHoldMinutes">
/// Of the holds that ended in the window, by a pass or by completion; null of none.
/// </param>
/// <param name="P90HoldMinutes">Nine of ten of them were no longer.</param>
public sealed record DashboardFigures(
    int ActiveWriters, int Drafts, int Segments, long Words, int Passes, int Completed, double? MedianHoldMinutes, double? P90HoldMinutes);

/// <summary>What happened within a window.</summary>
/// <param name="From">What counts is later than this; null when the window has no beginning. A window of dates begins with its first day.</param>
/// <param name="To">The last instant that counts.</param>
/// <param name="Before">The figures to compare with; null when none were asked for, or nothing could be before.</param>
/// <param name="Unit">How long a period is: as was asked, or longer where there would be too many.</param>
/// <param name="Periods">Every period that the window touches, from the first with an event when it has no beginning; those without events too.</param>
/// <param name="Week">The hours of the week in which segments were added; the others are left out.</param>
/// <param name="IsBehind">Whether some events are in no sum yet: there are many of them, or another server is counting them just now.</param>
public sealed record Dashboard(
    DateTimeOffset? From, DateTimeOffset To, DashboardFigures Figures, DashboardFigures? Before,
    TimeUnit Unit, IReadOnlyList<ActivityPeriod> Periods, IReadOnlyList<HourOfWeek> Week, bool IsBehind)
{
    /// <summary>When figures begin, if the window reaches further back: what happened before has been forgotten.</summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>What one person wrote within a window.</summary>
/// <param name="UserId">Null, and the name too, when the person prefers not to be named in figures.</param>
public sealed record BusyWriter(string? UserId, string? Name, int Segments, long Words);

/// <summary>What happened in one draft within a window.</summary>
/// <param name="Title">Null when the draft has been deleted since.</param>
public sealed record BusyDraft(Guid DraftId, string? Title, Drafts.Platform Platform, int Segments, long Words, int Passes);

/// <summary>A page of a table, and how many rows there are in all.</summary>
/// <param name="Page">From 1 on.</param>
public sealed record TablePage<T>(IReadOnlyList<T> Rows, int Page, int Count)
{
    public const int Size = 10;

    public int Pages => Math.Max(1, (Count + Size - 1) / Size);
}

/// <summary>Every row of a table. They come from the database while they are taken, and none is kept.</summary>
public sealed class AllRows<T>(IAsyncEnumerable<T> rows) : IAsyncEnumerable<T>
{
    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) => rows.GetAsyncEnumerator(cancellationToken);
}
