using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace OneRing.Data.Database;

internal static class Inserts
{
    /// <summary>Inserts a row unless one that must be unique with it is there already, in one statement. Says whether it did.</summary>
    public static async Task<bool> InsertOnceAsync<T>(this OneRingDbContext db, T row, CancellationToken cancellationToken)
        where T : class
    {
        var entity = db.Model.FindEntityType(typeof(T))!;
        var table = StoreObjectIdentifier.Table(entity.GetTableName()!);
        var parameters = new List<DbParameter>();
        var columns = new List<string>();
        using var command = db.Database.GetDbConnection().CreateCommand();
        foreach (var property in entity.GetProperties())
        {
            columns.Add($"\"{property.GetColumnName(table)}\"");
            parameters.Add(property.GetRelationalTypeMapping()
                .CreateParameter(command, $"p{parameters.Count}", property.GetGetter().GetClrValue(row), property.IsNullable));
        }

        // Names come from the model and values travel as parameters: nothing of a request is part of this SQL.
        var sql = $"insert into {table.Name} ({string.Join(", ", columns)}) values ({string.Join(", ", parameters.Select(p => "@" + p.ParameterName))}) on conflict do nothing";
        return await db.Database.ExecuteSqlRawAsync(sql, parameters, cancellationToken) == 1;
    }
}
