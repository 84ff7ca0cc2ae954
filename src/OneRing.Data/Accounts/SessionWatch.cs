using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OneRing.Data.Database;

namespace OneRing.Data.Accounts;

/// <summary>
/// The pages that are open here, and whether their people may still be signed in. A session holds the security stamp that its account had when it began; a
/// change of password, a sign-out everywhere and their like give the account another.
/// </summary>
public sealed partial class SessionWatch
{
    private readonly Lock @lock = new();
    private readonly HashSet<Session> open = [];
    private readonly ILogger<SessionWatch> logger;

    internal SessionWatch(ILogger<SessionWatch> logger) => this.logger = logger;

    /// <summary>Calls back once when the session has ended, unless disposed before.</summary>
    public IDisposable Watch(string userId, string stamp, Func<Task> ended)
    {
        var session = new Session(userId, stamp, ended, Remove);
        lock (@lock)
        {
            open.Add(session);
        }
        return session;
    }

    internal IReadOnlyList<string> People()
    {
        lock (@lock)
        {
            return [.. open.Select(session => session.UserId).Distinct(StringComparer.Ordinal)];
        }
    }

    /// <summary>Ends the sessions whose stamp is not, or no longer, that of their account.</summary>
    /// <param name="asked">Whose accounts were looked at; those who signed in since then are left alone.</param>
    /// <param name="stamps">The stamps of those of them who may be signed in.</param>
    internal void End(IReadOnlyList<string> asked, IReadOnlyDictionary<string, string?> stamps)
    {
        List<Session> ended;
        lock (@lock)
        {
            ended = [.. open.Where(session => asked.Contains(session.UserId) && stamps.GetValueOrDefault(session.UserId) != session.Stamp)];
            open.ExceptWith(ended);
        }
        foreach (var session in ended)
        {
            LogEnded(session.UserId);
            _ = Task.Run(async () =>
            {
                try
                {
                    await session.Ended();
                }
                catch (Exception failure)
                {
                    LogFailure(failure);
                }
            });
        }
    }

    private void Remove(Session session)
    {
        lock (@lock)
        {
            open.Remove(session);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A session of {UserId} has ended")]
    private partial void LogEnded(string userId);

    [LoggerMessage(Level = LogLevel.Error, Message = "A page failed to take the news that its session has ended")]
    private partial void LogFailure(Exception failure);

    private sealed class Session(string userId, string stamp, Func<Task> ended, Action<Session> remove) : IDisposable
    {
        public string UserId => userId;

        public string Stamp => stamp;

        public Func<Task> Ended => ended;

        public void Dispose() => remove(this);
    }
}

/// <summary>Asks the database every few seconds, once for all open pages of this server, which sessions may go on.</summary>
internal sealed partial class SessionPoll(IDbContextFactory<OneRingDbContext> contexts, SessionWatch sessions, TimeProvider clock, ILogger<SessionPoll> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await PollAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // The database is away; the next round asks again.
                LogFailure(failure);
            }
        }
    }

    internal async Task PollAsync(CancellationToken cancellationToken)
    {
        var people = sessions.People();
        if (people.Count == 0)
        {
            return;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var stamps = await db.Users
            .Where(u => people.Contains(u.Id) && u.DisabledAt == null)
            .Select(u => new { u.Id, u.SecurityStamp })
            .ToDictionaryAsync(u => u.Id, u => u.SecurityStamp, StringComparer.Ordinal, cancellationToken);
        sessions.End(people, stamps);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Which sessions may go on could not be read")]
    private partial void LogFailure(Exception failure);
}
