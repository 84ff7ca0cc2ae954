using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OneRing.Data.Database;

namespace OneRing.Data.Feed;

/// <summary>Asks the database now and then for the versions of the drafts that are open here, so that a lost notification heals itself.</summary>
internal sealed partial class DraftPoll : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(4);

    /// <summary>The versions of which the pages of this process have been told, by whomever.</summary>
    private readonly ConcurrentDictionary<Guid, int> known = [];

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly DraftFeed feed;
    private readonly TimeProvider clock;
    private readonly ILogger<DraftPoll> logger;

    public DraftPoll(IDbContextFactory<OneRingDbContext> contexts, DraftFeed feed, TimeProvider clock, ILogger<DraftPoll> logger)
    {
        this.contexts = contexts;
        this.feed = feed;
        this.clock = clock;
        this.logger = logger;
        feed.Delivered += Remember;
    }

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
        var watched = feed.WatchedDrafts();
        foreach (var gone in known.Keys.Except(watched).ToList())
        {
            known.TryRemove(gone, out _);
        }
        if (watched.Count == 0)
        {
            return;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var versions = await db.Drafts
            .Where(d => watched.Contains(d.Id))
            .Select(d => new { d.Id, d.Version })
            .ToListAsync(cancellationToken);
        foreach (var now in versions)
        {
            // The first time, there is nothing to compare with: pages compare with what they show.
            if (!known.TryGetValue(now.Id, out var before) || before != now.Version)
            {
                feed.Deliver(new DraftChanged(now.Id, now.Version, []));
            }
        }
        foreach (var deleted in watched.Except(versions.Select(now => now.Id)))
        {
            feed.Deliver(new DraftChanged(deleted, int.MaxValue, []));
        }
    }

    private void Remember(DraftChanged change)
    {
        // Who is there has no version.
        if (change.Version > 0)
        {
            known[change.DraftId] = change.Version;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The versions of the open drafts could not be read")]
    private partial void LogFailure(Exception failure);
}
