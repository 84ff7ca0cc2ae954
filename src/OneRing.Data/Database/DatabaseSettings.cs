using Microsoft.Extensions.Configuration;
using Npgsql;

namespace OneRing.Data.Database;

/// <summary>Which database, and how it is spoken to: read from <c>ConnectionStrings:OneRing</c>, else <c>DATABASE_URL</c>, and <c>OneRing:Database</c>.</summary>
public sealed class DatabaseSettings
{
    /// <summary>The PostgreSQL connection string; null means in memory.</summary>
    public string? ConnectionString { get; private init; }

    public bool IsInMemory => ConnectionString is null;

    /// <summary>Commands that run longer fail, in seconds.</summary>
    public int CommandTimeoutSeconds { get; private init; }

    /// <summary>How often a command is tried again after a passing fault of the connection.</summary>
    public int Retries { get; private init; }

    /// <summary>Where the data is, for a person to read. Never a password.</summary>
    public string Description { get; private init; } = "in memory";

    // A name of its own for each service provider: two hosts in one process, as in tests, do not share a memory.
    internal string InMemoryConnectionString { get; } =
        $"Data Source=file:/onering-{Guid.NewGuid():N}?vfs=memdb;Foreign Keys=True";

    /// <summary>Reads the settings.</summary>
    /// <exception cref="InvalidOperationException">A value is there and cannot be read.</exception>
    public static DatabaseSettings Read(IConfiguration configuration)
    {
        var poolSize = ReadNumber(configuration, "PoolSize", 15);
        var commandTimeout = ReadNumber(configuration, "CommandTimeoutSeconds", 30);
        var lifetime = ReadNumber(configuration, "ConnectionLifetimeSeconds", 3600);
        var retries = ReadNumber(configuration, "Retries", 3, least: 0);
        var connection = ReadConnection(configuration);
        if (connection is null)
        {
            return new DatabaseSettings { CommandTimeoutSeconds = commandTimeout, Retries = retries };
        }

        SetUnlessGiven(connection, "Maximum Pool Size", poolSize);
        SetUnlessGiven(connection, "Connection Lifetime", lifetime);
        SetUnlessGiven(connection, "Command Timeout", commandTimeout);
        SetUnlessGiven(connection, "Application Name", "OneRing");
        // A statement that returns is prepared once per connection, and a returned connection is not reset: both save a journey.
        SetUnlessGiven(connection, "Max Auto Prepare", 100);
        SetUnlessGiven(connection, "Auto Prepare Min Usages", 2);
        SetUnlessGiven(connection, "No Reset On Close", value: true);
        return new DatabaseSettings
        {
            ConnectionString = connection.ConnectionString,
            CommandTimeoutSeconds = commandTimeout,
            Retries = retries,
            Description = $"PostgreSQL, database “{connection.Database ?? connection.Username}” on {connection.Host}:{connection.Port}",
        };
    }

    private static NpgsqlConnectionStringBuilder? ReadConnection(IConfiguration configuration)
    {
        const string Name = "ConnectionStrings:OneRing";
        var (source, value) = configuration[Name] is { } named && !string.IsNullOrWhiteSpace(named)
            ? (Name, named)
            : ("DATABASE_URL", configuration["DATABASE_URL"]);
        if (string.IsNullOrWhiteSpace(value))
        {
            return null;
        }

        try
        {
            var connection = DatabaseUrl.IsUrl(value) ? DatabaseUrl.Read(value) : new NpgsqlConnectionStringBuilder(value);
            return string.IsNullOrWhiteSpace(connection.Host) ? throw new FormatException("It names no host.") : connection;
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The inner text may quote the value, and with it a password: it stays out.
#pragma warning disable MA0054
            throw new InvalidOperationException(
                $"{source} is set but cannot be read. Give a connection string such as Host=localhost;Database=onering;Username=onering;Password=…, or a URL such as postgresql://onering:…@localhost:5432/onering.");
#pragma warning restore MA0054
        }
    }

    private static int ReadNumber(IConfiguration configuration, string name, int usual, int least = 1)
    {
        var text = configuration[$"OneRing:Database:{name}"];
        return string.IsNullOrWhiteSpace(text) ? usual
            : int.TryParse(text, out var number) && number >= least ? number
            : throw new InvalidOperationException($"OneRing:Database:{name} must be a whole number, {least} or more.");
    }

    private static void SetUnlessGiven(NpgsqlConnectionStringBuilder connection, string keyword, object value)
    {
        if (!connection.ShouldSerialize(keyword))
        {
            connection[keyword] = value;
        }
    }
}
