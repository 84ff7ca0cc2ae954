using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace OneRing.Data.Database;

/// <summary>
/// Keeps the SQLite database in memory alive, and lets one context at a time have its connection open, or several that only read
/// (<see cref="OneRingDbContext.OnlyReads"/>). SQLite answers others with "locked" and sleeps between tries; here contexts queue, in order, without holding a thread.
/// </summary>
/// <remarks>Whoever has a connection open must not open another before closing it: it would wait for itself.</remarks>
internal sealed class InMemoryDatabase : DbConnectionInterceptor, IDisposable
{
    /// <summary>Where all queue. Whoever only reads goes on at once; whoever may write stays in it, and begins when those who read have left.</summary>
    private readonly SemaphoreSlim gate = new(1, 1);

    private readonly Lock @lock = new();
    private readonly SqliteConnection keeper;
    private int readers;
    private TaskCompletionSource? readersLeft;

    static InMemoryDatabase()
    {
        // SQLite counts what it allocates under one lock of the process, for which all who read would wait. It heeds this before it is first used; later it would go on counting, and only be slower.
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    public InMemoryDatabase(DatabaseSettings settings)
    {
        keeper = new SqliteConnection(settings.InMemoryConnectionString);
        keeper.Open();
    }

    public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        gate.Wait();
        if (OnlyReads(eventData))
        {
            Read(connection);
        }
        else
        {
            ReadersLeft().Wait();
            Open(connection, ReleaseGate);
        }
        return InterceptionResult.Suppress();
    }

    public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        await gate.WaitAsync(cancellationToken);
        if (OnlyReads(eventData))
        {
            Read(connection);
        }
        else
        {
            await WaitForReadersAsync(cancellationToken);
            Open(connection, ReleaseGate);
        }
        return InterceptionResult.Suppress();
    }

    /// <summary>Throws away everything. SQLite forgets a memory when its last connection closes, those in the pool included.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        await WaitForReadersAsync(cancellationToken);
        try
        {
            keeper.Close();
            SqliteConnection.ClearPool(keeper);
            keeper.Open();
        }
        finally
        {
            ReleaseGate();
        }
    }

    public void Dispose()
    {
        keeper.Dispose();
        gate.Dispose();
    }

    private static bool OnlyReads(ConnectionEventData opening) => opening.Context is OneRingDbContext { OnlyReads: true };

    private void Read(DbConnection connection)
    {
        lock (@lock)
        {
            readers++;
        }
        gate.Release();
        Open(connection, ReaderLeaves);
    }

    private void ReaderLeaves()
    {
        lock (@lock)
        {
            readers--;
            if (readers == 0)
            {
                readersLeft?.SetResult();
                readersLeft = null;
            }
        }
    }

    /// <summary>Done when nobody reads any more; for whoever is in the gate, past which nobody comes meanwhile.</summary>
    private Task ReadersLeft()
    {
        lock (@lock)
        {
            if (readers == 0)
            {
                return Task.CompletedTask;
            }
            readersLeft = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return readersLeft.Task;
        }
    }

    private async Task WaitForReadersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReadersLeft().WaitAsync(cancellationToken);
        }
        catch
        {
            ReleaseGate();
            throw;
        }
    }

    private void ReleaseGate() => gate.Release();

    // Opened here and not by EF, so that between the gate and the open connection nothing can fail or be cancelled unnoticed.
    // The connection's own event tells when it closes, whichever way that comes about.
    private static void Open(DbConnection connection, Action leave)
    {
        connection.StateChange += LeaveWhenClosed;
        try
        {
            connection.Open();
        }
        catch
        {
            connection.StateChange -= LeaveWhenClosed;
            leave();
            throw;
        }

        void LeaveWhenClosed(object sender, StateChangeEventArgs change)
        {
            if (change.CurrentState == ConnectionState.Closed)
            {
                connection.StateChange -= LeaveWhenClosed;
                leave();
            }
        }
    }
}
