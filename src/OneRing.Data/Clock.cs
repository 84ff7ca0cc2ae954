namespace OneRing.Data;

internal static class Clock
{
    /// <summary>The present instant in UTC, cut to the microsecond that PostgreSQL keeps, so that what was written equals what is read.</summary>
    public static DateTimeOffset Now(this TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        return new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }
}
