namespace OneRing.Web;

/// <summary>Instants and spans as people say them. Exact times are in UTC, and say so.</summary>
public static class TimeText
{
    /// <summary>How long ago: "just now", "12 minutes ago", "3 days ago", then the date.</summary>
    public static string Ago(DateTimeOffset at, DateTimeOffset now)
    {
        var span = now - at;
        return span < TimeSpan.FromMinutes(1) ? "just now"
            : span < TimeSpan.FromDays(14) ? $"{Span(span)} ago"
            : $"on {at.UtcDateTime:d MMMM yyyy}";
    }

    /// <summary>A span in its largest unit: "less than a minute", "1 hour", "3 days".</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalMinutes: < 1 } => "less than a minute",
        { TotalHours: < 1 } => Count((int)span.TotalMinutes, "minute"),
        { TotalDays: < 1 } => Count((int)span.TotalHours, "hour"),
        _ => Count((int)span.TotalDays, "day"),
    };

    /// <summary>A length of time in its two largest units, in short: "45 s", "3 min", "2 h 5 min", "3 d 4 h".</summary>
    public static string Length(TimeSpan length) => length switch
    {
        { TotalMinutes: < 1 } => $"{(int)length.TotalSeconds} s",
        { TotalHours: < 1 } => $"{(int)length.TotalMinutes} min",
        { TotalDays: < 1, Minutes: 0 } => $"{length.Hours} h",
        { TotalDays: < 1 } => $"{length.Hours} h {length.Minutes} min",
        { Hours: 0 } => $"{(int)length.TotalDays:N0} d",
        _ => $"{(int)length.TotalDays:N0} d {length.Hours} h",
    };

    /// <summary>How long something is still open, to the next minute: what was made for 3 days a moment ago has 3 days.</summary>
    public static string Left(DateTimeOffset until, DateTimeOffset now) => Span(TimeSpan.FromMinutes(Math.Ceiling((until - now).TotalMinutes)));

    public static string Date(DateTimeOffset at) => $"{at.UtcDateTime:d MMMM yyyy}";

    public static string Exact(DateTimeOffset at) => $"{at.UtcDateTime:d MMMM yyyy, HH:mm} UTC";

    /// <summary>A number with its noun: "1 draft", "2,000 drafts".</summary>
    /// <param name="plural">Where the noun does not take an s.</param>
    public static string Count(int number, string noun, string? plural = null) => number == 1 ? $"1 {noun}" : $"{number:N0} {plural ?? noun + "s"}";
}
