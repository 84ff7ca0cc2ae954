using Npgsql;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Databases;

[Trait("Database", "PostgreSQL")]
public sealed class PostgresServerTests
{
    [Fact]
    public async Task A_database_made_from_a_template_has_its_rows_and_is_its_own()
    {
        var server = await PostgresServer.GetAsync();
        var template = await server.CreateDatabaseAsync();
        await ScalarAsync(template, "create table words (word text); insert into words values ('ring')");

        var copies = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => server.CreateDatabaseAsync(template)));
        await ScalarAsync(copies[0], "delete from words");

        Assert.Equal(0L, await ScalarAsync(copies[0], "select count(*) from words"));
        Assert.Equal(1L, await ScalarAsync(copies[1], "select count(*) from words"));
        Assert.Equal(3, copies.Distinct().Count());
    }

    [Fact]
    public async Task A_database_is_dropped_although_somebody_is_connected()
    {
        var server = await PostgresServer.GetAsync();
        var database = await server.CreateDatabaseAsync();
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();

        await server.DropAsync(database);

        var failure = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(database, "select 1"));
        Assert.Equal(PostgresErrorCodes.InvalidCatalogName, failure.SqlState);
    }

    [Fact]
    public async Task A_locale_can_be_asked_for()
    {
        var server = await PostgresServer.GetAsync();

        var database = await server.CreateDatabaseAsync(locale: "C.UTF-8");

        Assert.Equal("É", await ScalarAsync(database, "select upper('é')"));
    }

    private static async Task<object?> ScalarAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
