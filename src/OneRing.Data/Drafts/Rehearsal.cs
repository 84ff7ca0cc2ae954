using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OneRing.Data.Drafts;

/// <summary>Has a server that starts do once what people will wait for, before anybody is let in.</summary>
internal sealed partial class Rehearsal(DraftCommands commands, ILogger<Rehearsal> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await commands.RehearseAsync(cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // Whoever comes first waits a little longer.
            LogFailure(failure);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The rehearsal of the first addition and pass failed")]
    private partial void LogFailure(Exception failure);
}
