using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace OneRing.Data.Database;

/// <summary>
/// Lets a connection forget its prepared statements after one of its statements failed, before anybody else gets it. The driver takes a statement that the server refused
/// while it was being prepared for one that gives no rows, and would fail when it is sent again: https://github.com/npgsql/npgsql/issues/6391.
/// </summary>
internal sealed class RefusedStatements : IDbCommandInterceptor, IDbConnectionInterceptor
{
    /// <summary>Notes a failure. EF tells of its own commands; batches tell by themselves.</summary>
    public static void Note(OneRingDbContext db, Exception failure)
    {
        if (!IsCertainlyRun(failure))
        {
            db.HasRefusedStatement = true;
        }
    }

    void IDbCommandInterceptor.CommandFailed(DbCommand command, CommandErrorEventData eventData) => Note(eventData, eventData.Exception);

    Task IDbCommandInterceptor.CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken)
    {
        Note(eventData, eventData.Exception);
        return Task.CompletedTask;
    }

    void IDbCommandInterceptor.CommandCanceled(DbCommand command, CommandEndEventData eventData) => Note(eventData, failure: null);

    Task IDbCommandInterceptor.CommandCanceledAsync(DbCommand command, CommandEndEventData eventData, CancellationToken cancellationToken)
    {
        Note(eventData, failure: null);
        return Task.CompletedTask;
    }

    // What failed on another connection is over: one that broke is closed without a word.
    InterceptionResult IDbConnectionInterceptor.ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        BeginAnew(eventData);
        return result;
    }

    ValueTask<InterceptionResult> IDbConnectionInterceptor.ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken)
    {
        BeginAnew(eventData);
        return ValueTask.FromResult(result);
    }

    InterceptionResult IDbConnectionInterceptor.ConnectionClosing(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        Forget(connection, eventData);
        return result;
    }

    // The driver has no other way to it than one that waits. It is one short journey, after a failure.
    ValueTask<InterceptionResult> IDbConnectionInterceptor.ConnectionClosingAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        Forget(connection, eventData);
        return ValueTask.FromResult(result);
    }

    /// <summary>What is refused only when a statement runs is refused after it was prepared: a rule that a row breaks, and a row that is not there (<see cref="OneWrite"/>).</summary>
    private static bool IsCertainlyRun(Exception failure) =>
        failure is PostgresException { SqlState: PostgresErrorCodes.DivisionByZero } or PostgresException { SqlState: ['2', '3', ..] };

    private static void BeginAnew(DbContextEventData eventData)
    {
        if (eventData.Context is OneRingDbContext db)
        {
            db.HasRefusedStatement = false;
        }
    }

    private static void Note(DbContextEventData eventData, Exception? failure)
    {
        if (eventData.Context is OneRingDbContext db)
        {
            Note(db, failure ?? new OperationCanceledException());
        }
    }

    private static void Forget(DbConnection connection, DbContextEventData eventData)
    {
        if (eventData.Context is not OneRingDbContext { HasRefusedStatement: true } db)
        {
            return;
        }

        db.HasRefusedStatement = false;
        if (connection is NpgsqlConnection { FullState: ConnectionState.Open } npgsql)
        {
            try
            {
                npgsql.UnprepareAll();
            }
            catch (NpgsqlException)
            {
                // It is broken, and the driver gives it to nobody any more. What was refused is on its way to whoever asked.
            }
        }
    }
}
