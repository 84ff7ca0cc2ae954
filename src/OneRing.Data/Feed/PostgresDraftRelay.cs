using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OneRing.Data.Database;

namespace OneRing.Data.Feed;

/// <summary>
/// Carries changes between the servers that share a PostgreSQL, with LISTEN and NOTIFY. Changes are sent after their
/// commit, by one sender per server, and several changes of one draft travel as one.
/// </summary>
internal sealed partial class PostgresDraftRelay(DatabaseSettings settings, DraftFeed feed, TimeProvider clock, ILogger<PostgresDraftRelay> logger) : BackgroundService
{
    private const string ChannelName = "onering_drafts";

    /// <summary>PostgreSQL refuses a payload of 8,000 bytes.</summary>
    private const int MostPayloadBytes = 7_900;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>The first change of a quiet time travels at once; what follows it is gathered for so long and travels together.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly string server = Guid.NewGuid().ToString("N");
    private readonly SemaphoreSlim waiting = new(0);
    private readonly Lock @lock = new();
    private Dictionary<Guid, DraftChanged> outgoing = [];

    public override void Dispose()
    {
        waiting.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        feed.Published += Enqueue;
        try
        {
            await Task.WhenAll(
                KeepAsync(ListenAsync, stoppingToken),
                KeepAsync(SendAsync, stoppingToken));
        }
        finally
        {
            feed.Published -= Enqueue;
        }
    }

    private void Enqueue(DraftChanged change)
    {
        lock (@lock)
        {
            if (outgoing.TryGetValue(change.DraftId, out var earlier))
            {
                change = new DraftChanged(change.DraftId, Math.Max(change.Version, earlier.Version), [.. earlier.UserIds.Union(change.UserIds)]);
            }
            outgoing[change.DraftId] = change;
        }
        if (waiting.CurrentCount == 0)
        {
            waiting.Release();
        }
    }

    /// <summary>Does the work over and over on a connection of its own, for as long as the server runs.</summary>
    private async Task KeepAsync(Func<NpgsqlConnection, CancellationToken, Task> work, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                // Outside the pool: a pooled connection is not reset when it is closed, and would go on listening.
                var own = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false, KeepAlive = 10, NoResetOnClose = false };
                await using var connection = new NpgsqlConnection(own.ConnectionString);
                await connection.OpenAsync(stopping);
                await work(connection, stopping);
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // Whatever it was, a new connection is the answer, and RefreshAll tells what was missed.
                LogInterrupted(failure);
                await Task.Delay(RetryDelay, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListenAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        connection.Notification += (_, notification) => Receive(notification.Payload);
        await using (var listen = new NpgsqlCommand($"listen {ChannelName}", connection))
        {
            await listen.ExecuteNonQueryAsync(stopping);
        }

        // What others sent while nobody listened is gone.
        feed.RefreshAll();
        while (true)
        {
            await connection.WaitAsync(stopping);
        }
    }

    private void Receive(string payload)
    {
        if (Message.Read(payload) is not { } message)
        {
            LogUnreadable();
        }
        else if (message.Server != server)
        {
            feed.Deliver(new DraftChanged(message.DraftId, message.Version, message.UserIds));
        }
    }

    private async Task SendAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        // A notification is a commit too, and those of writers would share the disk with it. It is not worth the wait: a lost one heals itself.
        await using (var hurry = new NpgsqlCommand("set synchronous_commit = off", connection))
        {
            await hurry.ExecuteNonQueryAsync(stopping);
        }

        while (true)
        {
            await waiting.WaitAsync(stopping);
            var changes = TakeOutgoing();
            try
            {
                await using var notify = new NpgsqlCommand($"select pg_notify('{ChannelName}', payload) from unnest($1) as payload", connection)
                {
                    Parameters = { new() { Value = changes.SelectMany(Payloads).ToArray() } },
                };
                await notify.ExecuteNonQueryAsync(stopping);
            }
            catch
            {
                // They are sent again on the next connection; newer ones may have come meanwhile.
                foreach (var change in changes)
                {
                    Enqueue(change);
                }
                throw;
            }
            await Task.Delay(Pause, clock, stopping);
        }
    }

    private List<DraftChanged> TakeOutgoing()
    {
        lock (@lock)
        {
            var changes = outgoing.Values.ToList();
            outgoing = [];
            return changes;
        }
    }

    /// <summary>One message, or as many as its people need.</summary>
    private IEnumerable<string> Payloads(DraftChanged change)
    {
        var rest = change.UserIds.ToList();
        do
        {
            var count = rest.Count;
            string payload;
            while ((payload = new Message(server, change.DraftId, change.Version, rest[..count]).Write()).Length > MostPayloadBytes && count > 1)
            {
                count /= 2;
            }
            yield return payload;
            rest = rest[count..];
        }
        while (rest.Count > 0);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The relay between servers was interrupted and tries again")]
    private partial void LogInterrupted(Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Somebody sent a notification that is none of ours")]
    private partial void LogUnreadable();

    private sealed record Message(string Server, Guid DraftId, int Version, IReadOnlyList<string> UserIds)
    {
        public string Write() => JsonSerializer.Serialize(this);

        public static Message? Read(string payload)
        {
            try
            {
                return JsonSerializer.Deserialize<Message>(payload);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
