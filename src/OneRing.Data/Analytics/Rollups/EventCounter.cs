using Microsoft.EntityFrameworkCore;
using OneRing.Data.Database;

namespace OneRing.Data.Analytics.Rollups;

/// <summary>
/// Keeps the sums that figures over all drafts are read from. Each event is counted once: it is added and taken from the uncounted ones in
/// one transaction, by one server at a time, however late it came and whatever dies on the way.
/// </summary>
internal sealed class EventCounter(IDbContextFactory<OneRingDbContext> contexts)
{
    private const int MostEvents = 20_000;

    /// <summary>So many, where nobody waits for the next ones.</summary>
    private const int MostEventsAnew = 500_000;

    /// <summary>Counts what is uncounted. Answers how many events that were; none also while another server counts them.</summary>
    /// <param name="most">How many are counted in one transaction.</param>
    public async Task<int> CountAsync(int most = MostEvents, CancellationToken cancellationToken = default)
    {
        for (var sum = 0; ;)
        {
            var counted = await CountSomeAsync(most, cancellationToken);
            sum += counted;
            if (counted < most)
            {
                return sum;
            }
        }
    }

    /// <summary>Throws every sum away and counts all events, in one transaction: until its end everybody sees the sums as they were.</summary>
    public Task<int> CountAnewAsync(CancellationToken cancellationToken = default) => contexts.InTransactionAsync(
        async (db, transaction, token) =>
        {
            db.Database.SetCommandTimeout(TimeSpan.Zero);
            await RollupSql.LockAsync(db, waits: true, token);
            await RollupSql.ForgetAsync(db, token);
            var sum = 0;
            int counted;
            do
            {
                counted = await RollupSql.CountAsync(db, MostEventsAnew, token);
                sum += counted;
            }
            while (counted == MostEventsAnew);
            await transaction.CommitAsync(token);
            return sum;
        },
        cancellationToken);

    /// <summary>Counts what is uncounted, but no more than what takes a moment. Answers how many events that were; none also while another server counts them.</summary>
    public async Task<int> CountSomeAsync(int most = MostEvents, CancellationToken cancellationToken = default)
    {
        // Mostly there is nothing to do, and then nobody is kept waiting.
        await using (var look = await contexts.CreateDbContextAsync(cancellationToken))
        {
            if (!await look.UncountedEvents.AnyAsync(cancellationToken))
            {
                return 0;
            }
        }

        return await contexts.InTransactionAsync(
            async (db, transaction, token) =>
            {
                if (!await RollupSql.LockAsync(db, waits: false, token))
                {
                    return 0;
                }

                var counted = await RollupSql.CountAsync(db, most, token);
                await transaction.CommitAsync(token);
                return counted;
            },
            cancellationToken);
    }
}
