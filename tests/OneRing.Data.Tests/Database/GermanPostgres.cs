using Npgsql;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Database;

/// <summary>The services over a PostgreSQL database whose texts are ordered as in German: a, ä, z, Z.</summary>
public sealed class GermanPostgres : TestDatabase
{
    private string? neighbour;
    private string? name;

    protected override async Task<string?> CreateAsync()
    {
        neighbour = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        name = new NpgsqlConnectionStringBuilder(neighbour).Database + "_de";
        await ExecuteAsync($"create database {name} template template0 encoding 'UTF8' locale_provider icu icu_locale 'de-DE' lc_collate 'C' lc_ctype 'C'");
        return new NpgsqlConnectionStringBuilder(neighbour) { Database = name }.ConnectionString;
    }

    protected override async Task DropAsync()
    {
        if (neighbour is not null)
        {
            await ExecuteAsync($"drop database if exists {name} with (force)");
            await (await PostgresServer.GetAsync()).DropAsync(neighbour);
        }
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(neighbour);
        await connection.OpenAsync();
        await connection.ExecuteAsync(sql);
    }
}
