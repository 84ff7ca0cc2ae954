using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.Logging;
using OneRing.Data.Database;

namespace OneRing.Data.Analytics.Rollups;

/// <summary>From when on there are events, once some have been forgotten. There is one such row, or none.</summary>
internal sealed record EventsKept(int Id, DateTimeOffset Since)
{
    public const int TheId = 1;

    /// <summary>From when on there are events; null when all that ever were are there. Figures begin with that instant.</summary>
    public static async Task<DateTimeOffset?> FindSinceAsync(OneRingDbContext db, CancellationToken cancellationToken) =>
        (await db.EventsKept.AsNoTracking().SingleOrDefaultAsync(cancellationToken))?.Since;

    /// <summary>
    /// What of a range there are events of, and the range to read it from. Where nothing has happened since the end of a range, as at present, that is one without
    /// an end: the day, or the block of days, that is not over yet then counts as a whole one, and is not put together from pieces.
    /// </summary>
    public static async Task<(TimeRange Kept, TimeRange Read, DateTimeOffset? Since)> CutAsync(OneRingDbContext db, TimeRange asked, CancellationToken cancellationToken)
    {
        var kept = db.EventsKept.Select(k => k.Since);
        var later = db.AnalyticsEvents.Where(e => e.OccurredAt >= asked.To).Select(e => e.Id).Take(1);
        await using var trip = await OneTrip.SendAsync(db, cancellationToken, kept, later);
        var since = await kept.ToListAsync(cancellationToken) is [var first] ? first : (DateTimeOffset?)null;
        var isOpen = (await later.ToListAsync(cancellationToken)).Count == 0;
        var range = asked.NotBefore(since);
        return (range, isOpen && range.To < TimeRange.EndOfTime && !(range.From >= range.To) ? range with { To = TimeRange.EndOfTime } : range, since);
    }
}

internal sealed class EventsKeptConfiguration : IEntityTypeConfiguration<EventsKept>
{
    public void Configure(EntityTypeBuilder<EventsKept> kept)
    {
        kept.ToTable("events_kept", table => table.HasRule("id", $"id = {EventsKept.TheId}"));
        kept.Property(k => k.Id).ValueGeneratedNever();
    }
}

/// <summary>
/// Forgets the events of months that are past, if that is wanted, and with them what was summed up of them: figures are of the events that there
/// are, so that counting anew changes none.
/// </summary>
internal sealed partial class EventRetention(
    IDbContextFactory<OneRingDbContext> contexts, RetentionSettings settings, TimeProvider clock, ILogger<EventRetention> logger)
{
    private const int BatchLength = 100_000;

    /// <summary>Forgets what is too old. Once more, or on several servers at once, it does no harm. Says whether there was anything.</summary>
    public Task<bool> ForgetAsync(CancellationToken cancellationToken = default) => settings.Days is not { } days
        ? Task.FromResult(false)
        : contexts.InTransactionAsync(
            async (db, transaction, token) =>
            {
                db.Database.SetCommandTimeout(TimeSpan.Zero);
                // Nobody else counts or forgets meanwhile.
                await RollupSql.LockAsync(db, waits: true, token);
                var oldest = clock.Now().AddDays(-days);
                var month = new DateTimeOffset(oldest.Year, oldest.Month, 1, 0, 0, 0, TimeSpan.Zero);
                var before = await EventsKept.FindSinceAsync(db, token);
                // What has been forgotten does not come back with a longer time.
                var since = before > month ? before.Value : month;
                var events = await RetentionSql.CountAsync(db, since, token);
                if (events == 0 && before == since)
                {
                    return false;
                }

                // What is forgotten is taken out of sums, so it has to be in them.
                while (await RollupSql.CountAsync(db, BatchLength, token) == BatchLength)
                {
                }
                await RetentionSql.ForgetSumsAsync(db, since, token);
                await db.EventsKept.ExecuteDeleteAsync(token);
                db.EventsKept.Add(new EventsKept(EventsKept.TheId, since));
                await db.SaveChangesAsync(token);
                // Last, because whoever records an event waits from here to the commit.
                await RetentionSql.ForgetEventsAsync(db, since, token);
                await transaction.CommitAsync(token);
                if (before == since)
                {
                    LogLate(events, since);
                }
                else
                {
                    LogForgotten(events, since);
                }
                return true;
            },
            cancellationToken);

    [LoggerMessage(Level = LogLevel.Information, Message = "Forgot {Count} events from before {Since:yyyy-MM-dd}")]
    private partial void LogForgotten(long count, DateTimeOffset since);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Forgot {Count} events that came after their time: they happened before {Since:yyyy-MM-dd}, from when on events are kept")]
    private partial void LogLate(long count, DateTimeOffset since);
}
