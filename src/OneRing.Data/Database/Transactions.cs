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
}
