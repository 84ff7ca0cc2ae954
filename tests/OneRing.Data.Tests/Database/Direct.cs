using System.Data.Common;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OneRing.Data.Database;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Database;

/// <summary>A way to the database past all of our code, to see and to put there what our code would not.</summary>
internal static class Direct
{
    /// <summary>Opens a connection to what these services keep; without services, to what those of the test database keep.</summary>
    public static async Task<DbConnection> OpenDirectAsync(this TestDatabase database, IServiceProvider? services = null)
    {
        DbConnection connection = database.ConnectionString is { } connectionString
            ? new NpgsqlConnection(connectionString)
            : new SqliteConnection((services ?? database.Services).GetRequiredService<DatabaseSettings>().InMemoryConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public static async Task<int> ExecuteAsync(this DbConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>The rows, each with its values joined by a bar.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(this DbConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetValue(i))));
        }
        return rows;
    }

    public static async Task<long> CountAsync(this DbConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), null);
    }

    /// <summary>Every value of every row of every table, as text; bytes in hexadecimal and as the text that they may be.</summary>
    public static async Task<string> DumpAsync(this TestDatabase database, IServiceProvider? services = null)
    {
        await using var connection = await database.OpenDirectAsync(services);
        var tables = await connection.ReadAsync(database.IsInMemory
            ? "select name from sqlite_master where type = 'table' and name not like 'sqlite%'"
            : "select table_name from information_schema.tables where table_schema = 'public'");
        var dump = new StringBuilder();
        foreach (var table in tables)
        {
            await using var command = Command(connection, $"select * from \"{table}\"", []);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                for (var i = 0; i < reader.FieldCount; i++)
                {
                    var value = reader.GetValue(i);
                    dump.Append(table).Append('.').Append(reader.GetName(i)).Append(" = ")
                        .AppendLine(value is byte[] bytes ? $"{Convert.ToHexString(bytes)} {Encoding.UTF8.GetString(bytes)}" : value.ToString());
                }
            }
        }
        return dump.ToString();
    }

    private static DbCommand Command(DbConnection connection, string sql, (string Name, object? Value)[] parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The SQL of tests is constant.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }
        return command;
    }
}
