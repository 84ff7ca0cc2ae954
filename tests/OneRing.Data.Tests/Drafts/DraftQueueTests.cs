using OneRing.Data.Drafts;

namespace OneRing.Data.Tests.Drafts;

public sealed class DraftQueueTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly DraftQueue queue = new(Patience);
    private readonly Guid draft = Guid.NewGuid();

    [Fact]
    public async Task Of_many_at_one_draft_one_is_in_at_a_time_and_all_of_them_in_the_end()
    {
        var (inside, most, all) = (0, 0, 0);

        await Race.AtOnceAsync(16, async _ =>
        {
            for (var i = 0; i < 50; i++)
            {
                using var visit = await queue.EnterAsync(draft, CancellationToken.None);
                most = Math.Max(most, Interlocked.Increment(ref inside));
                await Task.Yield();
                all++;
                Interlocked.Decrement(ref inside);
            }
            return true;
        });

        Assert.Equal((1, 16 * 50, 0), (most, all, queue.Count));
    }

    [Fact]
    public async Task Nobody_waits_for_another_draft()
    {
        using var here = await queue.EnterAsync(draft, CancellationToken.None);

        Assert.True(queue.EnterAsync(Guid.NewGuid(), CancellationToken.None).IsCompletedSuccessfully);
        Assert.False(queue.EnterAsync(draft, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task Who_comes_first_is_let_in_first()
    {
        var order = new List<int>();
        var first = await queue.EnterAsync(draft, CancellationToken.None);
        var others = Enumerable.Range(0, 5).Select(async number =>
        {
            using var visit = await queue.EnterAsync(draft, CancellationToken.None);
            order.Add(number);
        }).ToList();

        first.Dispose();
        await Task.WhenAll(others).WaitAsync(Patience);

        Assert.Equal([0, 1, 2, 3, 4], order);
    }

    [Fact]
    public async Task Whoever_gives_up_leaves_the_others_their_place()
    {
        using var impatient = new CancellationTokenSource();
        var first = await queue.EnterAsync(draft, CancellationToken.None);
        var second = queue.EnterAsync(draft, impatient.Token);
        var third = queue.EnterAsync(draft, CancellationToken.None);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        first.Dispose();
        (await third.WaitAsync(Patience)).Dispose();

        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task Whoever_has_waited_for_long_goes_on_and_shuts_nobody_out()
    {
        var short_ = new DraftQueue(TimeSpan.FromMilliseconds(20));
        var stuck = await short_.EnterAsync(draft, CancellationToken.None);

        var waited = await short_.EnterAsync(draft, CancellationToken.None).WaitAsync(Patience);
        waited.Dispose();
        var next = await short_.EnterAsync(draft, CancellationToken.None).WaitAsync(Patience);
        next.Dispose();
        stuck.Dispose();

        Assert.Equal(0, short_.Count);
        Assert.True(short_.EnterAsync(draft, CancellationToken.None).IsCompletedSuccessfully);
    }
}
