using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace OneRing.Data.Tests.Drafts;

public sealed class FaultException(string where) : Exception($"Something failed: {where}.");

/// <summary>Lets something happen at the n-th step of a command on its way through the database: before and after each of its statements, for one.</summary>
public sealed class Faults : DbCommandInterceptor, IDbConnectionInterceptor, IDbTransactionInterceptor
{
    private Action<string>? fault;
    private int remaining;

    /// <summary>At which step it happened; null if there were fewer.</summary>
    public string? Where { get; private set; }

    public void At(int step, Action<string> happens) => (remaining, fault, Where) = (step, happens, null);

    public void Disarm() => fault = null;

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
        Pass("a query begins", result);

    public override ValueTask<DbDataReader> ReaderExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default) =>
        Pass("a query is answered", result);

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
        Pass("a statement begins", result);

    public override ValueTask<int> NonQueryExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default) =>
        Pass("a statement is done", result);

    public ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
        Pass("a connection is asked for", result);

    public Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default) =>
        Pass("a connection is open", 0).AsTask();

    public ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default) =>
        Pass("a transaction begins", result);

    public ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default) =>
        Pass("a transaction has begun", result);

    public ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
        Pass("the commit begins", result);

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) =>
        Pass("the commit is done", 0).AsTask();

    private ValueTask<T> Pass<T>(string step, T result)
    {
        if (fault is { } happens && --remaining == 0)
        {
            (fault, Where) = (null, step);
            happens(step);
        }
        return ValueTask.FromResult(result);
    }
}
