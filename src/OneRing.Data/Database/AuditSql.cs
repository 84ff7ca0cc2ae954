using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using OneRing.Data.Analytics.Rollups;

namespace OneRing.Data.Database;

/// <summary>
/// What the SQL of the audit needs that PostgreSQL and SQLite write differently, and the snapshot that all of it reads: one transaction in which
/// the database itself refuses to write.
/// </summary>
internal sealed class AuditSql
{
    private readonly OneRingDbContext db;
    private readonly DateTimeOffset? since;
    private readonly DateTimeOffset now;

    private AuditSql(OneRingDbContext db, DateTimeOffset? since, DateTimeOffset now)
    {
        this.db = db;
        this.since = since;
        this.now = now;
        Time = RollupSql.Time.Of(db.Database);
    }

    public RollupSql.Time Time { get; }

    /// <summary>On PostgreSQL, with room for sorts and without the compilation of plans, which takes longer than it saves where there is little.</summary>
    public static async Task<AuditSql> BeginAsync(OneRingDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        db.Database.SetCommandTimeout(TimeSpan.Zero);
        if (db.Database.IsNpgsql())
        {
            await db.Database.ExecuteSqlRawAsync("set transaction read only; set local work_mem = '64MB'; set local jit = off", cancellationToken);
        }
        return new AuditSql(db, await EventsKept.FindSinceAsync(db, cancellationToken), now);
    }

    /// <summary>An id as it stands in JSON and in scopes.</summary>
    public string Id(string column) => db.Database.IsNpgsql() ? $"cast({column} as text)" : $"lower({column})";

    /// <summary>The text that a JSON column is, where that is all it is.</summary>
    public string Text(string column) => db.Database.IsNpgsql() ? $"{column} #>> '{{}}'" : $"{column} ->> '$'";

    /// <summary>The latest of several instants, none of which is null.</summary>
    public string Latest(params string[] instants) => $"{(db.Database.IsNpgsql() ? "greatest" : "max")}({string.Join(", ", instants)})";

    /// <summary>Whether events of an instant are kept: of earlier ones nothing can be said.</summary>
    public string Kept(string at) => since is { } instant ? $"{at} >= {Time.Instant(instant)}" : "1 = 1";

    /// <summary>The same of a UTC day that is counted since 1 January 1970.</summary>
    public string KeptDay(string day) => since is { } instant ? $"{day} >= {Number((instant - DateTimeOffset.UnixEpoch).Days)}" : "1 = 1";

    /// <summary>The same of a date.</summary>
    public string KeptDate(string date) => since is { } instant
        ? $"cast({date} as text) >= '{instant.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}'"
        : "1 = 1";

    /// <summary>Whether an instant lies less than so long ago.</summary>
    public string Within(string at, TimeSpan ago) => $"{at} >= {Time.Instant(now - ago)}";

    /// <summary>How many there are.</summary>
    public async Task<long> CountAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }

    /// <summary>The rows as they come, however many they are. Each must have been looked at before the next is asked for.</summary>
    public async IAsyncEnumerable<DbDataReader> ReadAsync(string sql, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = Command(sql);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            yield return rows;
        }
    }

    private DbCommand Command(string sql)
    {
        var command = db.Database.GetDbConnection().CreateCommand();
        command.Transaction = db.Database.CurrentTransaction!.GetDbTransaction();
        command.CommandTimeout = 0;
#pragma warning disable CA2100 // Every part of this SQL is written by us.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
