using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace OneRing.Data.Database;

/// <summary>
/// Keeps the SQLite database in memory alive, and lets one context at a time have its connection open. SQLite answers
/// a second one with "locked" and sleeps between tries; here contexts queue, in order, without holding a thread.
/// </summary>
/// <remarks>Whoever has a connection open must not open another before closing it: it would wait for itself.</remarks>
internal sealed class InMemoryDatabase : DbConnectionInterceptor, IDisposable
{
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly SqliteConnection keeper;

    public InMemoryDatabase(DatabaseSettings settings)
    {
        keeper = new SqliteConnection(settings.InMemoryConnectionString);
        keeper.Open();
    }

    public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        gate.Wait();
        Open(connection);
        return InterceptionResult.Suppress();
    }

    public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        await gate.WaitAsync(cancellationToken);
        Open(connection);
        return InterceptionResult.Suppress();
    }

    /// <summary>Throws away everything. SQLite forgets a memory when its last connection closes, those in the pool included.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            keeper.Close();
            SqliteConnection.ClearPool(keeper);
            keeper.Open();
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose()
    {
        keeper.Dispose();
        gate.Dispose();
    }

    // Opened here and not by EF, so that between the gate and the open connection nothing can fail or be cancelled unnoticed.
    // The connection's own event tells when it closes, whichever way that comes about.
    private void Open(DbConnection connection)
    {
        connection.StateChange += ReleaseWhenClosed;
        try
        {
            connection.Open();
        }
        catch
        {
            connection.StateChange -= ReleaseWhenClosed;
            gate.Release();
            throw;
        }
    }

    private void ReleaseWhenClosed(object sender, StateChangeEventArgs change)
    {
        if (change.CurrentState == ConnectionState.Closed)
        {
            ((DbConnection)sender).StateChange -= ReleaseWhenClosed;
            gate.Release();
        }
    }
}
