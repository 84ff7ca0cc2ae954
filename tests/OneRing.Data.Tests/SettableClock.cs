namespace OneRing.Data.Tests;

/// <summary>A clock that can be put back, as those of real servers are.</summary>
internal sealed class SettableClock(DateTimeOffset start) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = start;

    public override DateTimeOffset GetUtcNow() => Now;
}
