using System.Diagnostics;

namespace OneRing.Bench;

/// <summary>Something that is measured call by call, beside the floor that it stands on.</summary>
/// <param name="goal">How many times its floor it may take, in the middle.</param>
internal sealed class Variant(string name, Func<Task> once, Variant? floor = null, double? goal = null)
{
    private readonly List<double> milliseconds = [];
    private double cpuMilliseconds;
    private long allocatedBytes;

    public string Name => name;

    public Variant? Floor => floor;

    public double? Goal => goal;

    public double Median => Measurements.Percentile(milliseconds, 0.5);

    public double P95 => Measurements.Percentile(milliseconds, 0.95);

    /// <summary>Milliseconds of processor time in this process, a call: what stays the same when the machine is busy.</summary>
    public double Cpu => cpuMilliseconds / milliseconds.Count;

    /// <summary>Kilobytes allocated, a call.</summary>
    public double Allocated => allocatedBytes / 1024d / milliseconds.Count;

    public Task OnceAsync() => once();

    public async Task WarmUpAsync(int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            await once();
        }
    }

    public async Task MeasureAsync(int calls)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var allocated = GC.GetTotalAllocatedBytes();
        for (var i = 0; i < calls; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await once();
            milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        cpuMilliseconds += (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds;
        allocatedBytes += GC.GetTotalAllocatedBytes() - allocated;
    }
}

/// <summary>How it is measured.</summary>
internal static class Measurements
{
    private const int CallsInARow = 5;

    /// <summary>
    /// Calls the variants in turn, a few calls each, so that whatever else the machine does hits them all alike. On a busy machine
    /// it stops early, but only once all are warm.
    /// </summary>
    public static async Task InterleaveAsync(IReadOnlyList<Variant> variants, int warmUps, int calls, TimeSpan atMost)
    {
        for (var call = 0; call < warmUps; call += CallsInARow)
        {
            foreach (var variant in variants)
            {
                await variant.WarmUpAsync(CallsInARow);
            }
        }

        var start = Stopwatch.GetTimestamp();
        for (var call = 0; call < calls && Stopwatch.GetElapsedTime(start) < atMost; call += CallsInARow)
        {
            foreach (var variant in variants)
            {
                await variant.MeasureAsync(CallsInARow);
            }
        }
    }

    /// <summary>Lets clients call without a pause, one thing after the other in slices, after a slice to warm up; answers calls a second of each.</summary>
    public static async Task<IReadOnlyList<double>> CallsPerSecondAsync(int clients, TimeSpan slice, int slices, params Func<int, Task>[] calls)
    {
        var done = new long[calls.Length];
        var seconds = new double[calls.Length];
        for (var round = 0; round <= slices; round++)
        {
            for (var i = 0; i < calls.Length; i++)
            {
                var start = Stopwatch.GetTimestamp();
                var count = await CallAsync(clients, slice, calls[i]);
                if (round > 0)
                {
                    done[i] += count;
                    seconds[i] += Stopwatch.GetElapsedTime(start).TotalSeconds;
                }
            }
        }
        return [.. done.Zip(seconds, (count, time) => count / time)];
    }

    /// <summary>Lets clients call without a pause for a while; answers calls a second.</summary>
    public static async Task<double> CallsPerSecondAsync(int clients, TimeSpan time, Func<int, Task> call)
    {
        var start = Stopwatch.GetTimestamp();
        var count = await CallAsync(clients, time, call);
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public static double Percentile(IReadOnlyCollection<double> values, double part)
    {
        var ordered = values.Order().ToList();
        return ordered[(int)Math.Min(ordered.Count - 1, ordered.Count * part)];
    }

    private static async Task<long> CallAsync(int clients, TimeSpan time, Func<int, Task> call)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            var count = 0L;
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                await call(client);
                count++;
            }
            return count;
        })));
        return counts.Sum();
    }
}
