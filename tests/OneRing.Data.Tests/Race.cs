namespace OneRing.Data.Tests;

internal static class Race
{
    /// <summary>Lets everybody start at the same moment, and waits for all.</summary>
    public static async Task<T[]> AtOnceAsync<T>(int count, Func<int, Task<T>> run)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runners = Enumerable.Range(0, count).Select(RunAsync).ToList();
        start.SetResult();
        return await Task.WhenAll(runners);

        async Task<T> RunAsync(int number)
        {
            await start.Task;
            return await run(number);
        }
    }
}
