using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace OneRing.Data.Database;

internal static class Transactions
{
    /// <summary>
    /// Does work in one transaction on a fresh context, and from the start again if a passing fault ended it. The work
    /// commits when it is content; otherwise nothing of it remains.
    /// </summary>
    public static async Task<T> InTransactionAsync<T>(
        this IDbContextFactory<OneRingDbContext> contexts,
        Func<OneRingDbContext, IDbContextTransaction, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken,
        IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        await using var any = await contexts.CreateDbContextAsync(cancellationToken);
        return await any.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                await using var db = await contexts.CreateDbContextAsync(token);
                await using var transaction = await db.Database.BeginTransactionAsync(isolation, token);
                return await work(db, transaction, token);
            },
            cancellationToken);
    }

    /// <summary>
    /// Reads figures, all of them as they are at one moment. On PostgreSQL each query is planned for the very window that is asked for: a plan that has to do for any
    /// window looks up a year row by row. To compile a plan, or to start other processes for it, takes longer than these queries run; and a year's worth of sums is more than sorts usually have room for.
    /// </summary>
    public static Task<T> AtOneMomentAsync<T>(
        this IDbContextFactory<OneRingDbContext> contexts, Func<OneRingDbContext, CancellationToken, Task<T>> read, CancellationToken cancellationToken) =>
        contexts.InTransactionAsync(
            async (db, _, token) =>
            {
                if (db.Database.IsNpgsql())
                {
                    await db.Database.ExecuteSqlAsync(
                        $"""
                        select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('work_mem', '32MB', true),
                            set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)
                        """, token);
                }
                return await read(db, token);
            },
            cancellationToken,
            IsolationLevel.RepeatableRead);
}
