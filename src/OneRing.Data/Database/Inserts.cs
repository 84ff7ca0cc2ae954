using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using OneRing.Data.Presences;

namespace OneRing.Data.Database;

internal static class Inserts
{
    /// <summary>Four values each; both databases take some ten thousand in a statement.</summary>
    private const int MostRows = 1_000;

    /// <summary>Inserts a row unless one that must be unique with it is there already, in one statement. Says whether it did.</summary>
    public static async Task<bool> InsertOnceAsync<T>(this OneRingDbContext db, T row, CancellationToken cancellationToken)
        where T : class
    {
        using var command = db.Database.GetDbConnection().CreateCommand();
        var (table, columns, parameters) = Values(db, command, [row]);
        var sql = $"insert into {table} ({columns}) values {Places(parameters)} on conflict do nothing";
        return await db.Database.ExecuteSqlRawAsync(sql, parameters.SelectMany(p => p), cancellationToken) == 1;
    }

    /// <summary>Writes that people are at drafts, all in one statement: a new row, or the moment in the one that is there. A draft that is gone is left out.</summary>
    public static async Task WritePresencesAsync(this OneRingDbContext db, IReadOnlyList<Presence> rows, CancellationToken cancellationToken)
    {
        foreach (var some in rows.Chunk(MostRows))
        {
            using var command = db.Database.GetDbConnection().CreateCommand();
            var (table, columns, parameters) = Values(db, command, some);
            var sql = $"""
                with here ({columns}) as (values {Places(parameters)})
                insert into {table} ({columns}) select {columns} from here where draft_id in (select id from drafts)
                on conflict (draft_id, user_id, server_id) do update set seen_at = excluded.seen_at
                """;
            await db.Database.ExecuteSqlRawAsync(sql, parameters.SelectMany(p => p), cancellationToken);
        }
    }

    // Names come from the model and values travel as parameters: nothing of a request is part of this SQL.
    private static (string Table, string Columns, List<List<DbParameter>> Rows) Values<T>(OneRingDbContext db, DbCommand command, IReadOnlyList<T> rows)
        where T : class
    {
        var entity = db.Model.FindEntityType(typeof(T))!;
        var table = StoreObjectIdentifier.Table(entity.GetTableName()!);
        var properties = entity.GetProperties().ToList();
        var parameters = rows.Select((row, i) => properties.ConvertAll(property => property.GetRelationalTypeMapping()
            .CreateParameter(command, $"p{i}_{property.GetColumnName(table)}", property.GetGetter().GetClrValue(row), property.IsNullable))).ToList();
        return (table.Name, string.Join(", ", properties.Select(property => $"\"{property.GetColumnName(table)}\"")), parameters);
    }

    private static string Places(List<List<DbParameter>> rows) =>
        string.Join(", ", rows.Select(row => $"({string.Join(", ", row.Select(p => "@" + p.ParameterName))})"));
}
