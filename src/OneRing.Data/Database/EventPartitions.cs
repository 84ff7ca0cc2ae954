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

    /// <summary>
    /// From here to the end of the transaction nobody is kept waiting long: whoever wants the table for itself behind a long read, such as a
    /// download, would stop everybody who records an event. It fails instead, and is tried again.
    /// </summary>
    public static Task GiveWayAsync(OneRingDbContext db, CancellationToken cancellationToken) =>
        db.Database.IsNpgsql() ? db.Database.ExecuteSqlRawAsync("set local lock_timeout = '5s'", cancellationToken) : Task.CompletedTask;

    /// <summary>Drops the partitions of all months before one.</summary>
    /// <param name="stays">What goes into the default partition instead, as a condition on an event <c>e</c>.</param>
    public static async Task DropBeforeAsync(OneRingDbContext db, DateTimeOffset month, string stays, CancellationToken cancellationToken)
    {
        var partitions = await db.Database.SqlQueryRaw<string>("""
            select c.relname::text as "Value" from pg_inherits i join pg_class c on c.oid = i.inhrelid
            where i.inhparent = 'analytics_events'::regclass and c.relname ~ '^analytics_events_[0-9][0-9][0-9][0-9]_[0-9][0-9]$'
            order by c.relname
            """).ToListAsync(cancellationToken);
        var past = partitions.Where(name => string.CompareOrdinal(name, NameOf(DateOnly.FromDateTime(month.UtcDateTime))) < 0).ToList();
        if (past.Count == 0)
        {
            return;
        }

        await GiveWayAsync(db, cancellationToken);
        await db.Database.ExecuteSqlRawAsync("lock table analytics_events in access exclusive mode", cancellationToken);
        foreach (var name in past)
        {
            // What is noted as uncounted is noted anew when it is written anew.
            var sql = $"""
                alter table analytics_events detach partition {name};
                create temporary table staying as select e.* from {name} e where {stays};
                delete from uncounted_events u using staying s where u.occurred_at = s.occurred_at and u.event_id = s.id;
                insert into analytics_events select * from staying;
                drop table staying;
                drop table {name}
                """;
            await db.Database.ExecuteSqlRawAsync(sql, cancellationToken);
        }
    }

    private static string NameOf(DateOnly month) => $"analytics_events_{month.ToString("yyyy_MM", CultureInfo.InvariantCulture)}";

    private static async Task PrepareAsync(OneRingDbContext db, DateOnly month, CancellationToken cancellationToken)
    {
        var from = month.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var to = month.AddMonths(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var name = NameOf(month);

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
