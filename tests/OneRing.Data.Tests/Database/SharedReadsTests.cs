using OneRing.Data.Database;

namespace OneRing.Data.Tests.Database;

public sealed class SharedReadsTests
{
    private readonly List<TaskCompletionSource<int>> readings = [];
    private readonly SharedReads<string, int> reads;

    public SharedReadsTests() => reads = new SharedReads<string, int>(_ =>
    {
        lock (readings)
        {
            readings.Add(new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously));
            return readings[^1].Task;
        }
    });

    [Fact]
    public async Task Whoever_asks_while_one_is_under_way_waits_for_the_next_and_all_of_them_for_the_same()
    {
        var first = AskAsync();
        var reading = await ReadingAsync(1);
        Task<int>[] rest = [AskAsync(), AskAsync(), AskAsync()];

        reading.SetResult(1);
        Assert.Equal(1, await first);
        Assert.All(rest, asked => Assert.False(asked.IsCompleted));

        (await ReadingAsync(2)).SetResult(2);
        Assert.All(await Task.WhenAll(rest), answer => Assert.Equal(2, answer));
        Assert.Equal(2, readings.Count);
    }

    [Fact]
    public async Task What_is_asked_after_the_answer_is_read_anew()
    {
        var first = AskAsync();
        (await ReadingAsync(1)).SetResult(1);
        await first;

        var second = AskAsync();
        (await ReadingAsync(2)).SetResult(2);

        Assert.Equal(2, await second);
    }

    [Fact]
    public async Task One_thing_does_not_wait_for_another()
    {
        var one = AskAsync("one");
        await ReadingAsync(1);

        var other = AskAsync("other");
        (await ReadingAsync(2)).SetResult(2);

        Assert.Equal(2, await other);
        Assert.False(one.IsCompleted);
    }

    [Fact]
    public async Task A_fault_is_told_to_those_who_asked_and_the_next_are_answered()
    {
        var first = AskAsync();
        var reading = await ReadingAsync(1);
        var second = AskAsync();

        reading.SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => first);

        (await ReadingAsync(2)).SetResult(2);
        Assert.Equal(2, await second);
    }

    [Fact]
    public async Task Whoever_leaves_takes_the_answer_from_nobody()
    {
        using var leaving = new CancellationTokenSource();
        var gone = reads.AskAsync("the same", leaving.Token);
        var stays = AskAsync();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);

        for (var reading = 1; !stays.IsCompleted; reading++)
        {
            (await ReadingAsync(reading)).SetResult(7);
            await Task.WhenAny(stays, ReadingAsync(reading + 1));
        }

        Assert.Equal(7, await stays);
    }

    [Fact]
    public async Task Nobody_is_told_what_was_so_before_they_asked()
    {
        var now = 0;
        var counted = new SharedReads<string, int>(async _ =>
        {
            var seen = Volatile.Read(ref now);
            await Task.Yield();
            return seen;
        });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                var asked = Interlocked.Increment(ref now);
                Assert.InRange(await counted.AskAsync("it", CancellationToken.None), asked, int.MaxValue);
            }
        })));
    }

    private Task<int> AskAsync(string what = "the same") => reads.AskAsync(what, CancellationToken.None);

    private async Task<TaskCompletionSource<int>> ReadingAsync(int number)
    {
        while (true)
        {
            lock (readings)
            {
                if (readings.Count >= number)
                {
                    return readings[number - 1];
                }
            }
            await Task.Yield();
        }
    }
}
