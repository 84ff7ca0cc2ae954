using Microsoft.Extensions.Configuration;
using Npgsql;
using OneRing.Data.Database;

namespace OneRing.Data.Tests.Database;

public sealed class DatabaseSettingsTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", "")]
    [InlineData("  ", "\t")]
    public void Nothing_given_is_a_database_in_memory(string? named, string? url)
    {
        var settings = Read(("ConnectionStrings:OneRing", named), ("DATABASE_URL", url));

        Assert.True(settings.IsInMemory);
        Assert.Null(settings.ConnectionString);
        Assert.Equal("in memory", settings.Description);
    }

    [Fact]
    public void The_named_connection_string_comes_before_the_URL()
    {
        const string Named = "Host=one;Database=first";
        const string Url = "postgres://two/second";

        Assert.Equal("one", Connection(("ConnectionStrings:OneRing", Named), ("DATABASE_URL", Url)).Host);
        Assert.Equal("two", Connection(("ConnectionStrings:OneRing", " "), ("DATABASE_URL", Url)).Host);
        Assert.Equal("two", Connection(("ConnectionStrings:OneRing", Url)).Host);
        Assert.Equal("one", Connection(("DATABASE_URL", Named)).Host);
    }

    [Theory]
    [InlineData("postgres://ring:secret@db.example:5433/onering", "db.example", 5433, "ring", "secret", "onering")]
    [InlineData("postgresql://ring:secret@db.example/onering", "db.example", 5432, "ring", "secret", "onering")]
    [InlineData("POSTGRES://ring@localhost/onering", "localhost", 5432, "ring", null, "onering")]
    [InlineData("postgres://localhost", "localhost", 5432, null, null, null)]
    [InlineData("postgres://r%40ng:p%40ss%3Aw%2Frd%25%20%C3%A4@localhost/one%20ring", "localhost", 5432, "r@ng", "p@ss:w/rd% ä", "one ring")]
    [InlineData("postgres://ring:se:cret@localhost/onering/", "localhost", 5432, "ring", "se:cret", "onering")]
    [InlineData("postgres://ring:secret@[::1]:5433/onering", "::1", 5433, "ring", "secret", "onering")]
    [InlineData("postgres://ring:secret@[2001:db8::7]/onering", "2001:db8::7", 5432, "ring", "secret", "onering")]
    [InlineData("postgres://ring:secret@10.0.0.7/onering", "10.0.0.7", 5432, "ring", "secret", "onering")]
    public void A_URL_says_where_and_who(string url, string host, int port, string? user, string? password, string? database)
    {
        var connection = Connection(("DATABASE_URL", url));

        Assert.Equal((host, port), (connection.Host, connection.Port));
        Assert.Equal((user, password), (connection.Username, connection.Password));
        Assert.Equal(database, connection.Database);
    }

    [Theory]
    [InlineData("disable", SslMode.Disable)]
    [InlineData("allow", SslMode.Allow)]
    [InlineData("prefer", SslMode.Prefer)]
    [InlineData("REQUIRE", SslMode.Require)]
    [InlineData("verify-ca", SslMode.VerifyCA)]
    [InlineData("verify-full", SslMode.VerifyFull)]
    public void A_URL_says_how_the_connection_is_secured(string sslmode, SslMode expected)
    {
        Assert.Equal(expected, Connection(("DATABASE_URL", $"postgres://localhost/onering?sslmode={sslmode}")).SslMode);
    }

    [Fact]
    public void A_URL_may_have_the_other_parameters_that_are_understood()
    {
        var connection = Connection(("DATABASE_URL", "postgres://localhost/onering?application_name=My%20Ring&connect_timeout=7&sslrootcert=%2Fca.pem"));

        Assert.Equal(("My Ring", 7, "/ca.pem"), (connection.ApplicationName, connection.Timeout, connection.RootCertificate));
    }

    [Theory]
    [InlineData("ConnectionStrings:OneRing", "Host=localhost;Pasword=secret")]
    [InlineData("ConnectionStrings:OneRing", "secret")]
    [InlineData("ConnectionStrings:OneRing", "Host=localhost;Port=secret")]
    [InlineData("ConnectionStrings:OneRing", "Database=onering;Password=secret")]
    [InlineData("DATABASE_URL", "mysql://ring:secret@localhost/onering")]
    [InlineData("DATABASE_URL", "postgres://")]
    [InlineData("DATABASE_URL", "postgres:///onering?password=secret")]
    [InlineData("DATABASE_URL", "postgres://ring:secret@localhost:port/onering")]
    [InlineData("DATABASE_URL", "postgres://ring:secret@localhost:99999/onering")]
    [InlineData("DATABASE_URL", "postgres://ring:secret#1@localhost/onering")]
    [InlineData("DATABASE_URL", "postgres://ring:secret@localhost/onering?sslmode=never")]
    [InlineData("DATABASE_URL", "postgres://ring:secret@localhost/onering?options=-c")]
    [InlineData("DATABASE_URL", "postgres://ring:secret@localhost/onering?sslmode=require&whatever")]
    [InlineData("DATABASE_URL", "postgres://ring:secret@localhost/onering?connect_timeout=secret")]
    public void What_cannot_be_read_stops_the_start_without_telling_the_password(string name, string value)
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Read((name, value)));

        Assert.StartsWith($"{name} is set but cannot be read.", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unreadable_value_is_not_passed_over_for_the_next()
    {
        Assert.Throws<InvalidOperationException>(() => Read(("ConnectionStrings:OneRing", "nonsense"), ("DATABASE_URL", "postgres://localhost/onering")));
    }

    [Fact]
    public void The_usual_numbers_hold_unless_others_are_given()
    {
        var usual = Read(("DATABASE_URL", "postgres://localhost/onering"));
        var given = Read(
            ("DATABASE_URL", "postgres://localhost/onering"),
            ("OneRing:Database:PoolSize", "7"),
            ("OneRing:Database:CommandTimeoutSeconds", "8"),
            ("OneRing:Database:Retries", "0"),
            ("OneRing:Database:ConnectionLifetimeSeconds", "9"));

        Assert.Equal((15, 30, 3, 3600), Numbers(usual));
        Assert.Equal((7, 8, 0, 9), Numbers(given));
        Assert.Equal(8, new NpgsqlConnectionStringBuilder(given.ConnectionString).CommandTimeout);
    }

    [Fact]
    public void Empty_numbers_count_as_not_given()
    {
        var settings = Read(("DATABASE_URL", "postgres://localhost/onering"), ("OneRing:Database:PoolSize", ""), ("OneRing:Database:Retries", " "));

        Assert.Equal((15, 30, 3, 3600), Numbers(settings));
    }

    [Theory]
    [InlineData("Host=localhost;Maximum Pool Size=5;Application Name=Mine")]
    [InlineData("Host=localhost;MaxPoolSize=5;ApplicationName=Mine")]
    [InlineData("host=localhost;maximum pool size=5;application name=Mine")]
    public void What_the_connection_string_says_itself_stays(string connectionString)
    {
        var connection = Connection(("ConnectionStrings:OneRing", connectionString), ("OneRing:Database:PoolSize", "7"));

        Assert.Equal((5, "Mine"), (connection.MaxPoolSize, connection.ApplicationName));
    }

    [Theory]
    [InlineData("PoolSize", "many", 1)]
    [InlineData("PoolSize", "0", 1)]
    [InlineData("PoolSize", "1.5", 1)]
    [InlineData("CommandTimeoutSeconds", "-1", 1)]
    [InlineData("CommandTimeoutSeconds", "99999999999", 1)]
    [InlineData("ConnectionLifetimeSeconds", "1h", 1)]
    [InlineData("Retries", "-1", 0)]
    [InlineData("Retries", "three", 0)]
    public void What_is_not_such_a_number_stops_the_start(string name, string value, int least)
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Read(($"OneRing:Database:{name}", value)));

        Assert.Equal($"OneRing:Database:{name} must be a whole number, {least} or more.", failure.Message);
    }

    [Fact]
    public void The_description_names_host_and_database_and_no_secret()
    {
        Assert.Equal(
            "PostgreSQL, database “onering” on db.example:5433",
            Read(("DATABASE_URL", "postgres://ring:secret@db.example:5433/onering")).Description);
        Assert.Equal("PostgreSQL, database “ring” on db.example:5432", Read(("DATABASE_URL", "postgres://ring:secret@db.example")).Description);
    }

    private static DatabaseSettings Read(params (string Name, string? Value)[] configuration) =>
        DatabaseSettings.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(configuration.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)))
            .Build());

    private static NpgsqlConnectionStringBuilder Connection(params (string Name, string? Value)[] configuration) =>
        new(Read(configuration).ConnectionString);

    private static (int, int, int, int) Numbers(DatabaseSettings settings)
    {
        var connection = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        return (connection.MaxPoolSize, settings.CommandTimeoutSeconds, settings.Retries, connection.ConnectionLifetime);
    }
}
