using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace OneRing.Tests.Databases;

/// <summary>On which side of the server's work the proxy cuts the line.</summary>
public enum FailWhen
{
    /// <summary>Nothing of the flight reaches the server.</summary>
    BeforeServer,

    /// <summary>The server carries the flight out and answers; the client never hears it.</summary>
    AfterServer,
}

/// <summary>Everything a client sends before it reads the server's answer: one round trip.</summary>
/// <param name="Connection">The number of the client's connection, from 1.</param>
/// <param name="Statements">The SQL of the flight in order, also of statements that were prepared earlier.</param>
public sealed record Flight(int Connection, IReadOnlyList<string> Statements)
{
    public bool Contains(string sql) => Statements.Any(statement => statement.Contains(sql, StringComparison.OrdinalIgnoreCase));

    public override string ToString() => $"#{Connection}: {string.Join("; ", Statements)}";
}

/// <summary>
/// Stands in front of a PostgreSQL server, counts the round trips of its clients, and cuts a connection at a chosen one.
/// </summary>
/// <remarks>
/// <para>
/// A flight begins with the first byte that a client sends when nothing it sent is unanswered, and ends when it waits: behind a
/// <c>Sync</c> or a simple <c>Query</c> with nothing more on the way. A flight may hold several of these. Npgsql, for one, sends
/// <c>BEGIN</c> (or <c>SAVEPOINT</c>, or the reset of a pooled connection) as a simple query of its own, but only together with the
/// command that follows, and reads both answers at once: one round trip, and one flight here.
/// </para>
/// <para>
/// TCP knows no flights, so a command that is too long for the client's buffer may arrive after such a <c>BEGIN</c>. Hence a flight is
/// handed to the server only as a whole: one that so far consists of statements that clients put in front of others waits for the
/// rest. What still arrives before the client can have read the whole answer belongs to the same flight. The count is exact for
/// every client that does not pause between the messages of a flight exactly behind a <c>Sync</c> for longer than the answer takes.
/// </para>
/// <para>
/// Signing in is no flight; what Npgsql asks on the first connection of a data source (its types) is. COPY from the client counts two: the command, and the rows.
/// There is no TLS, and replication and <c>Flush</c> without <c>Sync</c> are only passed through.
/// </para>
/// </remarks>
public sealed class PostgresProxy : IAsyncDisposable
{
    /// <summary>How long a statement that is only ever put in front of others waits for them.</summary>
    private static readonly TimeSpan OthersFollowWithin = TimeSpan.FromSeconds(2);

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private readonly List<Flight> flights = [];
    private readonly List<Link> links = [];
    private readonly NpgsqlConnectionStringBuilder server;
    private readonly Task accepting;
    private Failure? armed;
    private int connections;
    private int lostNotifications;

    private PostgresProxy(string serverConnectionString)
    {
        server = new NpgsqlConnectionStringBuilder(serverConnectionString);
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>The server's connection string, through this proxy.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(server.ConnectionString)
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)listener.LocalEndpoint).Port,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    /// <summary>How many flights there were since the start or the last <see cref="Clear"/>, those that were cut included.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return flights.Count;
            }
        }
    }

    /// <summary>The flights since the start or the last <see cref="Clear"/>.</summary>
    public IReadOnlyList<Flight> Flights
    {
        get
        {
            lock (gate)
            {
                return [.. flights];
            }
        }
    }

    /// <summary>While true, clients listen and hear nothing: what NOTIFY sends them gets lost on the way.</summary>
    public bool LosesNotifications { get; set; }

    /// <summary>How much longer each statement takes than the server needs for it. What only goes in front of others, as BEGIN does, is no statement of its own here.</summary>
    public TimeSpan Slowness { get; set; }

    /// <summary>How many notifications were lost.</summary>
    public int LostNotifications => Volatile.Read(ref lostNotifications);

    /// <summary>Stands in front of the server that a connection string names.</summary>
    public static PostgresProxy Start(string serverConnectionString) => new(serverConnectionString);

    /// <summary>Forgets the flights counted so far. What is armed stays armed.</summary>
    public void Clear()
    {
        lock (gate)
        {
            flights.Clear();
        }
    }

    /// <summary>
    /// Cuts the connection once, at the n-th flight from now, counted from 1 over all connections; of those that match, if told which.
    /// Takes the place of an earlier one that has not happened. The task ends when the line is cut.
    /// </summary>
    public Task<Flight> FailAt(int n, FailWhen when, Func<Flight, bool>? matching = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        lock (gate)
        {
            armed = new Failure(when, matching ?? (_ => true)) { Remaining = n };
            return armed.Happened.Task;
        }
    }

    /// <summary>Cuts every connection that is open now, as when a network goes away.</summary>
    public void Cut()
    {
        Link[] open;
        lock (gate)
        {
            open = [.. links];
        }
        foreach (var link in open)
        {
            link.Reset();
        }
    }

    /// <summary>The flights, one a line, for the output of a test.</summary>
    public override string ToString() => string.Join(Environment.NewLine, Flights);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        Cut();
        await accepting;
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(stopping.Token);
                running.RemoveAll(link => link.IsCompleted);
                running.Add(ServeAsync(client));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // no longer listening
        }
        Cut();
        await Task.WhenAll(running);
    }

    private async Task ServeAsync(Socket client)
    {
        using var link = new Link(this, client, Interlocked.Increment(ref connections));
        lock (gate)
        {
            links.Add(link);
        }
        try
        {
            await link.RunAsync(server.Host!, server.Port, stopping.Token);
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException or EndOfStreamException)
        {
            // One of the two went away; Dispose lets the other know.
        }
        finally
        {
            lock (gate)
            {
                links.Remove(link);
            }
        }
    }

    private bool Loses(char kind)
    {
        // 'A' is a notification; it belongs to no flight, and no answer waits for it.
        if (kind != 'A' || !LosesNotifications)
        {
            return false;
        }
        Interlocked.Increment(ref lostNotifications);
        return true;
    }

    /// <summary>Counts a flight that is about to leave, and says whether it is the one to fail.</summary>
    private Failure? Record(Flight flight)
    {
        lock (gate)
        {
            flights.Add(flight);
            if (armed is not { } failure || !failure.Matching(flight) || --failure.Remaining > 0)
            {
                return null;
            }
            armed = null;
            return failure;
        }
    }

    private Flight Extend(Flight flight, IReadOnlyList<string> statements)
    {
        var longer = flight with { Statements = [.. flight.Statements, .. statements] };
        lock (gate)
        {
            // Not there any more when the count was cleared in between.
            var index = flights.FindLastIndex(known => ReferenceEquals(known, flight));
            if (index >= 0)
            {
                flights[index] = longer;
            }
        }
        return longer;
    }

    private sealed record Failure(FailWhen When, Func<Flight, bool> Matching)
    {
        public int Remaining { get; set; }

        public TaskCompletionSource<Flight> Happened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>One client's connection and the one to the server that belongs to it.</summary>
    private sealed class Link(PostgresProxy proxy, Socket client, int number) : IDisposable
    {
        private const int Protocol3 = 3 << 16;
        private const int CancelRequest = 80877102;
        private const int SslRequest = 80877103;
        private const int GssEncryptionRequest = 80877104;

        private readonly Socket server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly Lock gate = new();
        private readonly Dictionary<string, string> prepared = new(StringComparer.Ordinal);

        // Guarded by the gate: both directions look at them.
        private bool signedIn;
        private int unanswered;
        private Flight? current;
        private Failure? failing;

        public async Task RunAsync(string host, int port, CancellationToken cancellationToken)
        {
            client.NoDelay = true;
            var fromClient = new Messages(client);
            var startup = await ReadStartupAsync(fromClient, cancellationToken);
            await server.ConnectAsync(host, port, cancellationToken);
            await server.SendAsync(startup, cancellationToken);

            if (CodeOf(startup) == CancelRequest)
            {
                // The server closes when it has passed the request on; the client waits for that.
                await server.ReceiveAsync(new byte[1], cancellationToken);
                return;
            }

            // When one direction ends there is nothing left to say in the other.
            var outward = PumpOutwardAsync(fromClient, cancellationToken);
            var inward = PumpInwardAsync(new Messages(server), cancellationToken);
            await Task.WhenAny(outward, inward);
            Reset();
            await Task.WhenAll(outward, inward);
        }

        /// <summary>Abruptly: both sides get a reset rather than an orderly end.</summary>
        public void Reset()
        {
            foreach (var socket in new[] { client, server })
            {
                try
                {
                    socket.LingerState = new LingerOption(enable: true, seconds: 0);
                }
                catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
                {
                    // the other side was quicker
                }
                socket.Dispose();
            }
        }

        public void Dispose()
        {
            Reset();
            failing?.Happened.TrySetException(new EndOfStreamException("The server went away before its answer was complete."));
        }

        private async Task<ReadOnlyMemory<byte>> ReadStartupAsync(Messages messages, CancellationToken cancellationToken)
        {
            while (true)
            {
                var message = await messages.ReadStartupAsync(cancellationToken);
                if (CodeOf(message) is not (SslRequest or GssEncryptionRequest))
                {
                    return CodeOf(message) == CancelRequest || CodeOf(message) >= Protocol3
                        ? message
                        : throw new EndOfStreamException("Not a client of PostgreSQL.");
                }
                await client.SendAsync("N"u8.ToArray(), cancellationToken);
            }
        }

        /// <summary>From the client to the server, a flight at a time.</summary>
        private async Task PumpOutwardAsync(Messages messages, CancellationToken cancellationToken)
        {
            var flight = new Outgoing(prepared);
            while (true)
            {
                var message = await messages.ReadAsync(cancellationToken);
                if (!IsSignedIn())
                {
                    await server.SendAsync(message, cancellationToken);
                    continue;
                }

                flight.Add(message);
                switch (Kind(message))
                {
                    case 'X' or 'H' when flight.Answers == 0: // Terminate; Flush, whose answer has no recognisable end
                        await server.SendAsync(flight.TakeBytes(), cancellationToken);
                        flight = new Outgoing(prepared);
                        continue;
                    case 'Q' or 'S' or 'c' or 'f' or 'X' or 'H': // Query, Sync
                        break;
                    default:
                        continue;
                }

                if (messages.MoreHasArrived
                    || (flight.PrecedesOthers && await messages.MoreArrivesAsync(OthersFollowWithin, cancellationToken)))
                {
                    continue;
                }

                if (Depart(flight))
                {
                    Reset();
                    return;
                }
                if (proxy.Slowness > TimeSpan.Zero)
                {
                    await Task.Delay(proxy.Slowness * flight.Work, cancellationToken);
                }
                await server.SendAsync(flight.TakeBytes(), cancellationToken);
                flight = new Outgoing(prepared);
            }
        }

        private bool IsSignedIn()
        {
            lock (gate)
            {
                return signedIn;
            }
        }

        /// <summary>Counts the flight, unless it goes on with one whose answer the client cannot have read. True when it must not leave.</summary>
        private bool Depart(Outgoing outgoing)
        {
            lock (gate)
            {
                var statements = outgoing.Statements;
                if (unanswered > 0 && current is not null)
                {
                    current = proxy.Extend(current, statements);
                    unanswered += outgoing.Answers;
                    return false;
                }

                unanswered = outgoing.Answers;
                current = new Flight(number, statements);
                failing = proxy.Record(current);
                if (failing?.When is not FailWhen.BeforeServer)
                {
                    return false;
                }
                failing.Happened.SetResult(current);
                return true;
            }
        }

        /// <summary>From the server to the client; an answer that must not be heard is read to its end and then dropped.</summary>
        private async Task PumpInwardAsync(Messages messages, CancellationToken cancellationToken)
        {
            while (true)
            {
                var message = await messages.ReadAsync(cancellationToken);
                if (proxy.Loses(Kind(message)))
                {
                    continue;
                }
                switch (Answer(Kind(message)))
                {
                    case Fate.Deliver:
                        await client.SendAsync(message, cancellationToken);
                        break;
                    case Fate.Cut:
                        Reset();
                        return;
                }
            }
        }

        private Fate Answer(char kind)
        {
            lock (gate)
            {
                if (!signedIn)
                {
                    signedIn = kind == 'Z';
                    return Fate.Deliver;
                }

                // 'G' asks for the rows of a COPY: the client's turn, and so the end of an answer.
                if (kind is 'Z' or 'G' && unanswered > 0)
                {
                    unanswered--;
                }
                if (failing is not { } failure)
                {
                    return Fate.Deliver;
                }
                if (unanswered > 0)
                {
                    return Fate.Withhold;
                }
                failure.Happened.TrySetResult(current!);
                return Fate.Cut;
            }
        }

        private static int CodeOf(ReadOnlyMemory<byte> startup) => BinaryPrimitives.ReadInt32BigEndian(startup.Span[4..]);

        private static char Kind(ReadOnlyMemory<byte> message) => (char)message.Span[0];

        private enum Fate
        {
            Deliver,
            Withhold,
            Cut,
        }
    }

    /// <summary>What a client has sent of a flight so far.</summary>
    private sealed class Outgoing(Dictionary<string, string> prepared)
    {
        // What drivers send in front of the next command rather than wait for: transaction starts, savepoints, resets.
        private static readonly string[] FrontStatements = ["BEGIN", "START TRANSACTION", "SAVEPOINT", "DISCARD ALL", "SET SESSION AUTHORIZATION"];

        private readonly MemoryStream bytes = new();
        private readonly List<string> statements = [];
        private readonly List<string> parsedOnly = [];

        public IReadOnlyList<string> Statements => [.. statements, .. parsedOnly.Select(sql => $"(prepare) {sql}")];

        /// <summary>How many answers the server will end with ReadyForQuery (or with its turn in a COPY).</summary>
        public int Answers { get; private set; }

        /// <summary>How many statements there are that do something by themselves.</summary>
        public int Work => statements.Count(sql => !IsFront(sql));

        /// <summary>Whether there are only statements yet that are put in front of others.</summary>
        public bool PrecedesOthers { get; private set; } = true;

        public void Add(ReadOnlyMemory<byte> message)
        {
            bytes.Write(message.Span);
            var kind = (char)message.Span[0];
            var body = message.Span[5..];
            var isFront = false;
            switch (kind)
            {
                case 'Q':
                    var query = ReadText(ref body);
                    isFront = IsFront(query);
                    statements.Add(query);
                    Answers++;
                    break;
                case 'P': // Parse: name, SQL
                    var name = ReadText(ref body);
                    prepared[name] = ReadText(ref body);
                    parsedOnly.Add(prepared[name]);
                    break;
                case 'B': // Bind: portal, name of the statement
                    ReadText(ref body);
                    var sql = prepared.GetValueOrDefault(ReadText(ref body), "(unknown)");
                    parsedOnly.Remove(sql);
                    statements.Add(sql);
                    break;
                case 'S' or 'c' or 'f':
                    Answers++;
                    break;
            }
            PrecedesOthers &= isFront;
        }

        private static bool IsFront(string sql) => Array.Exists(FrontStatements, front => sql.StartsWith(front, StringComparison.OrdinalIgnoreCase));

        public ReadOnlyMemory<byte> TakeBytes()
        {
            var taken = bytes.ToArray();
            bytes.SetLength(0);
            return taken;
        }

        private static string ReadText(ref ReadOnlySpan<byte> from)
        {
            var end = from.IndexOf((byte)0);
            var text = Encoding.UTF8.GetString(from[..end]);
            from = from[(end + 1)..];
            return text;
        }
    }

    /// <summary>Cuts a stream of bytes into the protocol's messages.</summary>
    private sealed class Messages(Socket socket)
    {
        private byte[] buffer = new byte[64 * 1024];
        private int start;
        private int end;

        /// <summary>Whether the other side has sent more than was read; it has not waited, then.</summary>
        public bool MoreHasArrived => end > start || socket.Available > 0;

        public async Task<bool> MoreArrivesAsync(TimeSpan within, CancellationToken cancellationToken)
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            waiting.CancelAfter(within);
            try
            {
                // Waits for a byte without taking it.
                await socket.ReceiveAsync(Memory<byte>.Empty, waiting.Token);
                return true;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }

        /// <summary>The only messages without a kind: those with which a connection begins.</summary>
        public async Task<ReadOnlyMemory<byte>> ReadStartupAsync(CancellationToken cancellationToken)
        {
            await FillAsync(8, cancellationToken);
            return await TakeAsync(BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start)), cancellationToken);
        }

        public async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
        {
            await FillAsync(5, cancellationToken);
            return await TakeAsync(1 + BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start + 1)), cancellationToken);
        }

        /// <summary>The message is good until the next one is read.</summary>
        private async Task<ReadOnlyMemory<byte>> TakeAsync(int length, CancellationToken cancellationToken)
        {
            await FillAsync(length, cancellationToken);
            var message = buffer.AsMemory(start, length);
            start += length;
            return message;
        }

        private async Task FillAsync(int needed, CancellationToken cancellationToken)
        {
            if (start + needed > buffer.Length || start == end)
            {
                var target = needed > buffer.Length ? new byte[needed * 2] : buffer;
                buffer.AsSpan(start, end - start).CopyTo(target);
                (buffer, start, end) = (target, 0, end - start);
            }
            while (end - start < needed)
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(end), cancellationToken);
                if (read == 0)
                {
                    throw new EndOfStreamException();
                }
                end += read;
            }
        }
    }
}
