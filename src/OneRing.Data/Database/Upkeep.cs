using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OneRing.Data.Analytics.Rollups;
using OneRing.Data.Idempotency;
using OneRing.Data.Mail;
using OneRing.Data.Notices;

namespace OneRing.Data.Database;

/// <summary>What has to be done now and then: forget old keys, mails, notices and events, and have a partition ready for the events of the coming months.</summary>
internal sealed partial class Upkeep(
    IDbContextFactory<OneRingDbContext> contexts, EventRetention retention, TimeProvider clock, ILogger<Upkeep> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Does what is due, once an hour whichever server comes first. Says whether it was this one.</summary>
    internal async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var isDone = await PrepareAsync(cancellationToken);
        if (isDone)
        {
            // By itself: it may have much to do, and the rest need not wait for it.
            await retention.ForgetAsync(cancellationToken);
        }
        return isDone;
    }

    private Task<bool> PrepareAsync(CancellationToken cancellationToken) => contexts.InTransactionAsync(
        async (db, transaction, token) =>
        {
            // The hour's key belongs to this transaction: others wait for its end, and only if it fails there is something left to do.
            var now = clock.Now();
            var hour = now.ToString("yyyy-MM-dd'T'HH", CultureInfo.InvariantCulture);
            if (!await db.InsertOnceAsync(new IdempotencyKey("upkeep", hour, Fingerprint: null, Result: null, now), token))
            {
                return false;
            }

            var pruned = await IdempotencyService.PruneAsync(db, now, token);
            var oldestMail = now - OutboxMail.Lifetime;
            await db.OutboxMails.Where(m => m.NextAttemptAt == null && m.CreatedAt < oldestMail).ExecuteDeleteAsync(token);
            var oldestNotice = now - Notice.Lifetime;
            await db.Notices.Where(n => n.At < oldestNotice).ExecuteDeleteAsync(token);
            // Last, because whoever records an event waits from here to the commit.
            await EventPartitions.GiveWayAsync(db, token);
            await EventPartitions.PrepareAsync(db, now, token);
            await transaction.CommitAsync(token);
            LogPruned(pruned);
            return true;
        },
        cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailure(failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Forgot {Count} idempotency keys")]
    private partial void LogPruned(int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "The upkeep of the database failed; it is tried again in an hour")]
    private partial void LogFailure(Exception failure);
}
