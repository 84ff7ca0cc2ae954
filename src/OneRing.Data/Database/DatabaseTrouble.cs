using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace OneRing.Data.Database;

/// <summary>Why the database does not do what it is asked, though nothing is wrong with what is asked.</summary>
public enum DatabaseTrouble
{
    /// <summary>It cannot be reached, stops, starts, or went away in between. Whether the last thing was done is not known.</summary>
    Away,

    /// <summary>It has no connection to spare, or others were in the way again and again.</summary>
    Busy,

    /// <summary>It can be read and not written.</summary>
    ReadOnly,

    /// <summary>It has no room left, on its disk or in its memory.</summary>
    Full,
}

/// <summary>Tells the troubles of the database from faults of this program.</summary>
public static class DatabaseTroubles
{
    /// <summary>What trouble of the database has led to a failure; null if something else did.</summary>
    public static DatabaseTrouble? Of(Exception failure)
    {
        // What was thrown first lies innermost: around it are who saved and who tried again.
        for (Exception? one = failure; one is not null; one = one.InnerException)
        {
            if (OfOne(one) is { } trouble)
            {
                return trouble;
            }
        }
        return null;
    }

    private static DatabaseTrouble? OfOne(Exception failure) => failure switch
    {
        PostgresException refused => OfState(refused.SqlState),
        NpgsqlException { IsTransient: true } => DatabaseTrouble.Away,
        // Npgsql lets it through when the name of the server leads nowhere.
        SocketException => DatabaseTrouble.Away,
        SqliteException { SqliteErrorCode: raw.SQLITE_FULL } => DatabaseTrouble.Full,
        _ => null,
    };

    private static DatabaseTrouble? OfState(string state) => state switch
    {
        PostgresErrorCodes.ReadOnlySqlTransaction => DatabaseTrouble.ReadOnly,
        PostgresErrorCodes.DiskFull => DatabaseTrouble.Full,
        PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.ConfigurationLimitExceeded
            or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable => DatabaseTrouble.Busy,
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.DatabaseDropped or PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.IoError => DatabaseTrouble.Away,
        // Classes: connections that fail, and names and passwords that the server does not take.
        _ => state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("28", StringComparison.Ordinal) ? DatabaseTrouble.Away : null,
    };
}
