using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OneRing.Data.Presences;

/// <summary>Says every few seconds that the people of this server are still here, until it stops.</summary>
internal sealed partial class Heartbeat(PresenceService presence, TimeProvider clock, ILogger<Heartbeat> logger) : BackgroundService
{
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await presence.CloseAsync(cancellationToken);
        }
        catch (Exception failure)
        {
            // The others then miss us by our silence.
            LogFailure(failure);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Presence.Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await presence.BeatAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // The database is away; the next round tries again.
                LogFailure(failure);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Who is here could not be told or read")]
    private partial void LogFailure(Exception failure);
}
