using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace OneRing.Data.Database;

/// <summary>
/// On PostgreSQL the events lie in one partition a month. A default partition takes what has no month of its own, so that
/// no event is ever refused.
/// </summary>
internal static class EventPartitions
{
    private const int MonthsAhead = 2;

    /// <summary>Makes the partitions of this month and the next ones, if they are not there.</summary>
    public static async Task PrepareAsync(OneRingDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!db.Database.IsNpgsql())
        {
            return;
        }

        var month = new DateOnly(now.Year, now.Month, 1);
        for (var ahead = 0; ahead <= MonthsAhead; ahead++)
        {
            await PrepareAsync(db, month.AddMonths(ahead), cancellationToken);
        }
    }

    private static async Task PrepareAsync(OneRingDbContext db, DateOnly month, CancellationToken cancellationToken)
    {
        var from = month.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var to = month.AddMonths(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var name = $"analytics_events_{month.ToString("yyyy_MM", CultureInfo.InvariantCulture)}";

        // Several servers may do this at once, and the default partition may hold events of the month already: under the
        // lock they move into the new partition before it is attached.
        var sql = $"""
            do $$
            begin
                if to_regclass('{name}') is null then
                    lock table analytics_events in access exclusive mode;
                    if to_regclass('{name}') is null then
                        create table {name} (like analytics_events including defaults including constraints);
                        with moved as (
                            delete from analytics_events_default
                            where occurred_at >= '{from} 00:00+00' and occurred_at < '{to} 00:00+00'
                            returning *)
                        insert into {name} select * from moved;
                        alter table analytics_events attach partition {name} for values from ('{from} 00:00+00') to ('{to} 00:00+00');
                    end if;
                end if;
            end $$
            """;
        await db.Database.ExecuteSqlRawAsync(sql, cancellationToken);
    }
}
