namespace OneRing.Data.Database;

/// <summary>
/// Answers all who ask for the same thing at once with one reading. It begins after the last of them has asked, so that nobody is told what was so before:
/// whoever comes while one is under way waits for the next.
/// </summary>
/// <param name="read">Reads what is asked for. It is nobody's own: it goes on when those who asked have left.</param>
internal sealed class SharedReads<TKey, TAnswer>(Func<TKey, Task<TAnswer>> read)
    where TKey : notnull
{
    private readonly Lock @lock = new();

    /// <summary>What is being read, each with those who wait for its next reading, if there are any.</summary>
    private readonly Dictionary<TKey, TaskCompletionSource<TAnswer>?> waiting = [];

    public Task<TAnswer> AskAsync(TKey key, CancellationToken cancellationToken)
    {
        TaskCompletionSource<TAnswer> answer;
        lock (@lock)
        {
            var isUnderWay = waiting.TryGetValue(key, out var next);
            waiting[key] = answer = next ?? new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!isUnderWay)
            {
                _ = Task.Run(() => ReadAsync(key), CancellationToken.None);
            }
        }
        return answer.Task.WaitAsync(cancellationToken);
    }

    private async Task ReadAsync(TKey key)
    {
        while (Next(key) is { } asked)
        {
            try
            {
                asked.SetResult(await read(key));
            }
            catch (Exception fault)
            {
                // It is theirs who asked; where all have left, it is nobody's.
                asked.SetException(fault);
                _ = asked.Task.Exception;
            }
        }
    }

    private TaskCompletionSource<TAnswer>? Next(TKey key)
    {
        lock (@lock)
        {
            if (waiting[key] is { } asked)
            {
                waiting[key] = null;
                return asked;
            }
            waiting.Remove(key);
            return null;
        }
    }
}
