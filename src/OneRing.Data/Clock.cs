namespace OneRing.Data;

internal static class Clock
{
    /// <summary>The present instant in UTC, cut to the microsecond that PostgreSQL keeps, so that what was written equals what is read.</summary>
    public static DateTimeOffset Now(this TimeProvider clock) => Cut(clock.GetUtcNow());

    /// <summary>An instant in UTC, cut to the microsecond.</summary>
    public static DateTimeOffset Cut(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
