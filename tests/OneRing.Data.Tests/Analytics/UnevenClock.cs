using Microsoft.Extensions.Time.Testing;

namespace OneRing.Data.Tests.Analytics;

/// <summary>A clock that can go on whenever it is asked: by nothing, by a microsecond or by hours, and in each run alike.</summary>
internal sealed class UnevenClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly Lock @lock = new();
    private readonly Random random = new(20260301);

    /// <summary>While false, it stands still like any other.</summary>
    public bool GoesOn { get; set; }

    public override DateTimeOffset GetUtcNow()
    {
        lock (@lock)
        {
            if (GoesOn)
            {
                Advance(random.Next(20) switch
                {
                    < 2 => TimeSpan.Zero,
                    < 5 => TimeSpan.FromMicroseconds(random.Next(1, 1_000_000)),
                    < 18 => TimeSpan.FromSeconds(random.Next(1, 4000)),
                    _ => TimeSpan.FromSeconds(random.Next(1, 18_000)),
                });
            }
            return base.GetUtcNow();
        }
    }
}
