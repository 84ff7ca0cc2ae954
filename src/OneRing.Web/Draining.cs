using System.Globalization;
using System.Runtime.InteropServices;
using OneRing.Data.Database;

namespace OneRing.Web;

/// <summary>
/// How the server stops. Told to, it says at once that it is not ready and goes on serving for a while, so that a load balancer sends people
/// to the others first; only then does it stop.
/// </summary>
/// <remarks>
/// Takes the place of the host's own handling of signals, which announces the stop at once: every circuit would end while the load balancer
/// still leads its page back here.
/// </remarks>
internal sealed partial class Draining(DrainSettings settings, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<Draining> logger)
    : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> signals = [];
    private ITimer? timer;
    private int isStopping;

    /// <summary>Whether this server has been told to stop.</summary>
    public bool IsStopping => Volatile.Read(ref isStopping) == 1 || lifetime.ApplicationStopping.IsCancellationRequested;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
        {
            signals.Add(PosixSignalRegistration.Create(signal, Stop));
        }
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        signals.ForEach(signal => signal.Dispose());
        timer?.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        // The process ends by itself when all is put away.
        signal.Cancel = true;
        if (Interlocked.Exchange(ref isStopping, 1) == 1 || settings.Time == TimeSpan.Zero)
        {
            // Told twice, it waits no longer.
            lifetime.StopApplication();
            return;
        }

        LogDraining(settings.Time.TotalSeconds);
        timer = clock.CreateTimer(_ => lifetime.StopApplication(), state: null, settings.Time, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Told to stop: not ready any more, and serving for another {Seconds} s. Told again, the server stops at once")]
    private partial void LogDraining(double seconds);
}

/// <summary>How long a server that was told to stop goes on serving: <c>OneRing:DrainSeconds</c>.</summary>
public sealed record DrainSettings(TimeSpan Time)
{
    private const int Usual = 5;
    private const int Most = 3600;

    /// <summary>Reads the settings. Without any there is a drain where other servers may take over: on PostgreSQL, outside Development.</summary>
    /// <exception cref="InvalidOperationException">The value cannot be read.</exception>
    public static DrainSettings Read(IConfiguration configuration, DatabaseSettings database, bool isDevelopment)
    {
        var text = configuration["OneRing:DrainSeconds"];
        var seconds = string.IsNullOrWhiteSpace(text) ? (database.IsInMemory || isDevelopment ? 0 : Usual)
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given <= Most ? given
            : throw new InvalidOperationException($"OneRing:DrainSeconds must be a whole number of seconds, from 0 to {Most}.");
        return new DrainSettings(TimeSpan.FromSeconds(seconds));
    }
}

internal static class DrainingServices
{
    /// <summary>
    /// Has proxies keep no connection to a server that was told to stop: a request that went out on one just as the server closes it could not be told from one that was carried
    /// out, and nobody would send it to another server.
    /// </summary>
    public static void UseDraining(this WebApplication app)
    {
        var draining = app.Services.GetRequiredService<Draining>();
        app.Use((context, next) =>
        {
            if (draining.IsStopping && HttpProtocol.IsHttp11(context.Request.Protocol) && context.Request.Headers.Upgrade.Count == 0)
            {
                context.Response.OnStarting(() =>
                {
                    context.Response.Headers.Connection = "close";
                    return Task.CompletedTask;
                });
            }
            return next(context);
        });
    }

    /// <summary>Adds it in the place of the host's own handling of signals.</summary>
    /// <exception cref="InvalidOperationException">The setting cannot be read.</exception>
    public static void AddDraining(this IServiceCollection services, IConfiguration configuration, bool isDevelopment)
    {
        services.AddSingleton(DrainSettings.Read(configuration, DatabaseSettings.Read(configuration), isDevelopment));
        services.AddSingleton<Draining>();
        services.AddSingleton<IHostLifetime>(provider => provider.GetRequiredService<Draining>());
    }
}
