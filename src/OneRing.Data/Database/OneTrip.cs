using System.Collections;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Query.Internal;
using Microsoft.EntityFrameworkCore.Storage;

namespace OneRing.Data.Database;

/// <summary>
/// Several LINQ queries in one journey to the server: their SQL travels as one batch, and when EF then runs each of them,
/// in the same order, it is handed its part of the answer. Where the driver knows no batches (SQLite), they run in turn, on a connection that is kept for reading.
/// </summary>
internal sealed class OneTrip : IAsyncDisposable
{
    private readonly OneRingDbContext db;
    private readonly Queue<string> expected = [];
    private InMemoryDatabase? memory;
    private InMemoryReader? reader;
    private DbBatch? batch;
    private DbDataReader? answer;
    private bool started;
    private Exception? broken;

    private OneTrip(OneRingDbContext db) => this.db = db;

    /// <summary>Sends the queries. Run each of them, in this order, before the trip is disposed.</summary>
    public static Task<OneTrip> SendAsync(OneRingDbContext db, CancellationToken cancellationToken, params IQueryable[] queries) =>
        SendAsync(db, queries.Select(query => query.CreateDbCommand()), cancellationToken);

    /// <summary>Sends compiled queries (<see cref="EF.CompileAsyncQuery{TContext,TResult}"/>), or plain ones among them.</summary>
    public static Task<OneTrip> SendAsync(OneRingDbContext db, CancellationToken cancellationToken, params IAsyncEnumerable<object>[] queries) =>
        SendAsync(db, queries.Select(CreateDbCommand), cancellationToken);

    /// <summary>
    /// The same, with the row that the first query finds locked until the transaction ends, so that others who would lock it wait; the queries after it see what is there when the
    /// lock is got. In memory the gate sees to it.
    /// </summary>
    public static Task<OneTrip> LockAndSendAsync(
        OneRingDbContext db, IAsyncEnumerable<object> locked, CancellationToken cancellationToken, params IAsyncEnumerable<object>[] queries) =>
        SendAsync(db, queries.Prepend(locked).Select(CreateDbCommand), cancellationToken, Provider.RowLock);

    private static async Task<OneTrip> SendAsync(OneRingDbContext db, IEnumerable<DbCommand> commands, CancellationToken cancellationToken, string firstLock = "")
    {
        var trip = new OneTrip(db);
        if (!db.Database.GetDbConnection().CanCreateBatch)
        {
            await trip.StartInMemoryAsync(firstLock.Length == 0, cancellationToken);
            return trip;
        }

        // A connection that broke while it lay in the pool is found out here; with another one, and made anew, all goes well. Inside of somebody else's attempt there is only this one.
        await db.Database.CreateExecutionStrategy().ExecuteAsync(token => trip.StartAsync(commands, firstLock, token), cancellationToken);
        return trip;
    }

    public async ValueTask DisposeAsync()
    {
        db.Trip = null;
        if (reader is { } mine)
        {
            reader = null;
            memory!.GiveBack(mine);
            return;
        }
        if (answer is not null)
        {
            await answer.DisposeAsync();
        }
        if (batch is not null)
        {
            await batch.DisposeAsync();
        }
        await db.Database.CloseConnectionAsync();
    }

    // EF has a public way to the command of a query, but not to that of a compiled one.
#pragma warning disable EF1001
    private static DbCommand CreateDbCommand(IAsyncEnumerable<object> query) =>
        query is IQueryable plain ? plain.CreateDbCommand() : ((IRelationalQueryingEnumerable)query).CreateDbCommand();
#pragma warning restore EF1001

    /// <summary>In memory, too, nobody writes in between: whoever only reads does so beside others who read, and all else is alone for as long as its connection is open.</summary>
    private async Task StartInMemoryAsync(bool onlyReads, CancellationToken cancellationToken)
    {
        if (onlyReads && db.Database.GetDbConnection().State == ConnectionState.Closed)
        {
            memory = db.GetService<InMemoryDatabase>();
            reader = await memory.ReadAsync(db, cancellationToken);
            db.Trip = this;
            return;
        }
        await db.Database.OpenConnectionAsync(cancellationToken);
    }

    private async Task StartAsync(IEnumerable<DbCommand> commands, string firstLock, CancellationToken cancellationToken)
    {
        batch = db.Database.GetDbConnection().CreateBatch();
        batch.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
        batch.Timeout = db.Database.GetCommandTimeout() ?? batch.Timeout;
        expected.Clear();
        foreach (var command in commands)
        {
            using (command)
            {
                Add(command, expected.Count == 0 ? firstLock : "");
            }
        }

        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            answer = await batch.ExecuteReaderAsync(cancellationToken);
        }
        catch (Exception failure)
        {
            RefusedStatements.Note(db, failure);
            await batch.DisposeAsync();
            await db.Database.CloseConnectionAsync();
            throw;
        }
        db.Trip = this;
    }

    private void Add(DbCommand command, string rowLock)
    {
        var part = batch!.CreateBatchCommand();
        part.CommandText = command.CommandText + rowLock;
        foreach (var parameter in command.Parameters.Cast<DbParameter>().ToArray())
        {
            command.Parameters.Remove(parameter);
            part.Parameters.Add(parameter);
        }
        batch.BatchCommands.Add(part);
        expected.Enqueue(command.CommandText);
    }

    private async Task<DbDataReader> NextAsync(DbCommand command, CancellationToken cancellationToken)
    {
        if (reader is not null)
        {
            return reader.Run(command);
        }
        if (broken is not null)
        {
            // EF tries a query again, but the answer that it is part of came once.
            throw new InvalidOperationException("The answer broke off, and the queries behind it with it.", broken);
        }
        if (!expected.TryDequeue(out var next) || next != command.CommandText)
        {
            throw new InvalidOperationException("The queries of a trip must run once each, in the order in which they were sent.");
        }
        if (started && !await HearAsync(answer!.NextResultAsync(cancellationToken)))
        {
            throw new InvalidOperationException("The server sent fewer results than there were queries.");
        }

        started = true;
        return new Part(this, answer!);
    }

    /// <summary>Waits for what the server says next, and remembers if it breaks off.</summary>
    private Task<bool> HearAsync(Task<bool> next)
    {
        return next.IsCompletedSuccessfully ? next : WaitAsync();

        async Task<bool> WaitAsync()
        {
            try
            {
                return await next;
            }
            catch (Exception failure)
            {
                RefusedStatements.Note(db, failure);
                broken = failure;
                throw;
            }
        }
    }

    /// <summary>Hands EF the answer that is already here, instead of asking the server again.</summary>
    internal sealed class Interceptor : DbCommandInterceptor
    {
        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
            eventData.Context is OneRingDbContext { Trip: { } trip }
                ? eventData.CommandSource == CommandSource.SaveChanges
                    ? throw new InvalidOperationException("Nothing is written on a trip: others read beside it.")
                    : InterceptionResult<DbDataReader>.SuppressWithResult(await trip.NextAsync(command, cancellationToken))
                : result;
    }

    /// <summary>One query's part of the answer. Closing it leaves the rest to be read.</summary>
    [SuppressMessage("Naming", "CA1710", Justification = "It is a reader, and private.")]
    private sealed class Part(OneTrip trip, DbDataReader all) : DbDataReader
    {
        private bool closed;

        public override int Depth => all.Depth;

        public override int FieldCount => all.FieldCount;

        public override bool HasRows => all.HasRows;

        public override bool IsClosed => closed;

        public override int RecordsAffected => all.RecordsAffected;

        public override object this[int ordinal] => all[ordinal];

        public override object this[string name] => all[name];

        public override bool Read() => all.Read();

        public override Task<bool> ReadAsync(CancellationToken cancellationToken) => trip.HearAsync(all.ReadAsync(cancellationToken));

        public override bool NextResult() => false;

        public override Task<bool> NextResultAsync(CancellationToken cancellationToken) => Task.FromResult(false);

        public override void Close() => closed = true;

        public override Task CloseAsync()
        {
            closed = true;
            return Task.CompletedTask;
        }

        public override bool GetBoolean(int ordinal) => all.GetBoolean(ordinal);

        public override byte GetByte(int ordinal) => all.GetByte(ordinal);

        public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) =>
            all.GetBytes(ordinal, dataOffset, buffer, bufferOffset, length);

        public override char GetChar(int ordinal) => all.GetChar(ordinal);

        public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) =>
            all.GetChars(ordinal, dataOffset, buffer, bufferOffset, length);

        public override string GetDataTypeName(int ordinal) => all.GetDataTypeName(ordinal);

        public override DateTime GetDateTime(int ordinal) => all.GetDateTime(ordinal);

        public override decimal GetDecimal(int ordinal) => all.GetDecimal(ordinal);

        public override double GetDouble(int ordinal) => all.GetDouble(ordinal);

        public override IEnumerator GetEnumerator() => all.GetEnumerator();

        public override Type GetFieldType(int ordinal) => all.GetFieldType(ordinal);

        public override T GetFieldValue<T>(int ordinal) => all.GetFieldValue<T>(ordinal);

        public override Task<T> GetFieldValueAsync<T>(int ordinal, CancellationToken cancellationToken) =>
            all.GetFieldValueAsync<T>(ordinal, cancellationToken);

        public override float GetFloat(int ordinal) => all.GetFloat(ordinal);

        public override Guid GetGuid(int ordinal) => all.GetGuid(ordinal);

        public override short GetInt16(int ordinal) => all.GetInt16(ordinal);

        public override int GetInt32(int ordinal) => all.GetInt32(ordinal);

        public override long GetInt64(int ordinal) => all.GetInt64(ordinal);

        public override string GetName(int ordinal) => all.GetName(ordinal);

        public override int GetOrdinal(string name) => all.GetOrdinal(name);

        public override string GetString(int ordinal) => all.GetString(ordinal);

        public override object GetValue(int ordinal) => all.GetValue(ordinal);

        public override int GetValues(object[] values) => all.GetValues(values);

        public override bool IsDBNull(int ordinal) => all.IsDBNull(ordinal);

        public override Task<bool> IsDBNullAsync(int ordinal, CancellationToken cancellationToken) => all.IsDBNullAsync(ordinal, cancellationToken);
    }
}
