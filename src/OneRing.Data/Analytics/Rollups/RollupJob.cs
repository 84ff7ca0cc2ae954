using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OneRing.Data.Analytics.Rollups;

/// <summary>Counts new events every second, on every server; whichever comes first does it.</summary>
internal sealed partial class RollupJob(EventCounter counter, TimeProvider clock, ILogger<RollupJob> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>After a failure it waits longer, so that a database that is down for a while does not fill the log.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = Interval;
            try
            {
                await counter.CountAsync(cancellationToken: stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailure(failure);
                wait = RetryDelay;
            }
            await Task.Delay(wait, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "New events could not be counted; nothing is lost, and it is tried again")]
    private partial void LogFailure(Exception failure);
}
