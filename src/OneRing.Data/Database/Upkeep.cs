using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OneRing.Data.Idempotency;
using OneRing.Data.Mail;

namespace OneRing.Data.Database;

/// <summary>What has to be done now and then: forget old keys and mails, and have a partition ready for the events of the coming months.</summary>
internal sealed partial class Upkeep(IdempotencyService keys, IDbContextFactory<OneRingDbContext> contexts, TimeProvider clock, ILogger<Upkeep> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var pruned = await keys.PruneAsync(stoppingToken);
                LogPruned(pruned);
                await using var db = await contexts.CreateDbContextAsync(stoppingToken);
                var oldestMail = clock.Now() - OutboxMail.Lifetime;
                await db.OutboxMails.Where(m => m.NextAttemptAt == null && m.CreatedAt < oldestMail).ExecuteDeleteAsync(stoppingToken);
                await EventPartitions.PrepareAsync(db, clock.Now(), stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailure(failure);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Forgot {Count} idempotency keys")]
    private partial void LogPruned(int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "The upkeep of the database failed; it is tried again in an hour")]
    private partial void LogFailure(Exception failure);
}
