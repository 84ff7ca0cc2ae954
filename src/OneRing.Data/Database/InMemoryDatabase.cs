using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace OneRing.Data.Database;

/// <summary>
/// Keeps the SQLite database in memory alive, and lets one context at a time have its connection open, or several that only read
/// (<see cref="ReadAsync"/>). SQLite answers others with "locked" and sleeps between tries; here contexts queue, in order, without holding a thread.
/// </summary>
/// <remarks>Whoever has a connection open must not open another before closing it: it would wait for itself.</remarks>
internal sealed class InMemoryDatabase : DbConnectionInterceptor, IDisposable
{
    /// <summary>Where all queue. Whoever only reads goes on at once; whoever may write stays in it, and begins when those who read have left.</summary>
    private readonly SemaphoreSlim gate = new(1, 1);

    /// <summary>So many connections for reading are kept. Hardly more are at work at once, as SQLite never lets go of a thread.</summary>
    private static readonly int MostKept = 2 * Environment.ProcessorCount;

    private readonly Lock @lock = new();
    private readonly Stack<InMemoryReader> idle = [];
    private readonly SqliteConnection keeper;
    private int readers;
    private bool isDisposed;
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
        if (!ReadsHere(eventData))
        {
            gate.Wait();
            ReadersLeft().Wait();
            Open(connection);
        }
        return InterceptionResult.Suppress();
    }

    public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (!ReadsHere(eventData))
        {
            await gate.WaitAsync(cancellationToken);
            await WaitForReadersAsync(cancellationToken);
            Open(connection);
        }
        return InterceptionResult.Suppress();
    }

    /// <summary>A connection to read on, beside others who read. Whoever writes waits until it is given back.</summary>
    /// <param name="db">Who reads. It needs no connection of its own meanwhile.</param>
    public async Task<InMemoryReader> ReadAsync(OneRingDbContext db, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        InMemoryReader? reader;
        lock (@lock)
        {
            readers++;
            idle.TryPop(out reader);
        }
        gate.Release();
        try
        {
            return reader ?? new InMemoryReader(db);
        }
        catch
        {
            ReaderLeaves();
            throw;
        }
    }

    /// <summary>Lets those go on who wait for this reader to leave.</summary>
    public void GiveBack(InMemoryReader reader)
    {
        try
        {
            var isKept = false;
            try
            {
                reader.EndAnswers();
                isKept = Keep(reader);
            }
            finally
            {
                if (!isKept)
                {
                    reader.Dispose();
                }
            }
        }
        finally
        {
            ReaderLeaves();
        }
    }

    /// <summary>Throws away everything. SQLite forgets a memory when its last connection closes, those in the pool included.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        await WaitForReadersAsync(cancellationToken);
        try
        {
            CloseIdle();
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
        lock (@lock)
        {
            isDisposed = true;
        }
        CloseIdle();
        keeper.Dispose();
        gate.Dispose();
    }

    /// <summary>Whether all that is asked goes to a connection for reading.</summary>
    private static bool ReadsHere(ConnectionEventData opening) => opening.Context is OneRingDbContext { Trip: not null };

    private bool Keep(InMemoryReader reader)
    {
        lock (@lock)
        {
            if (isDisposed || idle.Count == MostKept)
            {
                return false;
            }
            idle.Push(reader);
            return true;
        }
    }

    private void CloseIdle()
    {
        while (idle.TryPop(out var reader))
        {
            reader.Dispose();
        }
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
    private void Open(DbConnection connection)
    {
        connection.StateChange += LeaveWhenClosed;
        try
        {
            connection.Open();
        }
        catch
        {
            connection.StateChange -= LeaveWhenClosed;
            ReleaseGate();
            throw;
        }

        void LeaveWhenClosed(object sender, StateChangeEventArgs change)
        {
            if (change.CurrentState == ConnectionState.Closed)
            {
                connection.StateChange -= LeaveWhenClosed;
                ReleaseGate();
            }
        }
    }
}
