using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace OneRing.Data.Database;

/// <summary>The rows of one query as they come, of one moment and however many they are.</summary>
internal static class RowStream
{
    /// <summary>The first of a million rows in order may need its time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Asks when the first row is taken, on a context of its own. It is one statement, so all rows are of that moment.</summary>
    public static async IAsyncEnumerable<T> StreamAsync<T>(
        this IDbContextFactory<OneRingDbContext> contexts, Func<OneRingDbContext, IQueryable<T>> query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (db.Database.IsSqlite())
        {
            // Whoever reads slowly would keep everybody else waiting at the gate. What the rows are made of is in this memory already, so they have room there.
            foreach (var row in await query(db).ToListAsync(cancellationToken))
            {
                yield return row;
            }
            yield break;
        }

        db.Database.SetCommandTimeout(Patience);
        // Where it would ask again after a fault, EF first keeps the whole answer. Rows that have left cannot be asked for again anyway.
        await using var rows = await new NoSecondTry(db).ExecuteAsync(() => Task.FromResult(query(db).AsAsyncEnumerable().GetAsyncEnumerator(cancellationToken)));
        for (var isThere = await new NoSecondTry(db).ExecuteAsync(() => rows.MoveNextAsync().AsTask()); isThere; isThere = await rows.MoveNextAsync())
        {
            yield return rows.Current;
        }
    }

    private sealed class NoSecondTry(DbContext db) : ExecutionStrategy(db, maxRetryCount: 0, maxRetryDelay: TimeSpan.Zero)
    {
        protected override bool ShouldRetryOn(Exception exception) => false;
    }
}
