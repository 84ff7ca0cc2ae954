using System.Text;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Database;

/// <summary>Everything that a database holds, as text: bytes as hexadecimal, and as the text that they may be.</summary>
internal static class Dump
{
    public static async Task<string> OfAsync(TestDatabase database)
    {
        await using var connection = await database.OpenDirectAsync();
        var tables = await connection.ReadAsync(database.IsInMemory
            ? "select name from sqlite_master where type = 'table'"
            : "select tablename from pg_tables where schemaname = 'public'");
        var dump = new StringBuilder();
        foreach (var table in tables)
        {
            dump.AppendLine(table);
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The name comes from the catalogue.
            command.CommandText = $"select * from \"{table}\"";
#pragma warning restore CA2100
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                dump.AppendJoin('|', Enumerable.Range(0, reader.FieldCount).Select(i => TextOf(reader.GetValue(i)))).AppendLine();
            }
        }
        return dump.ToString();
    }

    private static string TextOf(object value) => value is byte[] bytes ? $"{Convert.ToHexString(bytes)} {Encoding.Latin1.GetString(bytes)}" : $"{value}";
}
