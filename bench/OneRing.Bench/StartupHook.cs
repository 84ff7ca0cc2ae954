using System.Globalization;
using System.Net;
using System.Net.Sockets;

/// <summary>
/// Runs inside a server that is measured (<c>DOTNET_STARTUP_HOOKS</c>), before the server itself, and tells whoever connects how much managed memory is in use after a full
/// collection. The runtime finds it by this name, outside any namespace.
/// </summary>
#pragma warning disable CA1050, MA0047
internal static class StartupHook
#pragma warning restore CA1050, MA0047
{
    /// <summary>The setting that says on which port of this machine it listens.</summary>
    public const string Port = "ONERING_BENCH_MEMORY_PORT";

    /// <summary>Called by the runtime.</summary>
    public static void Initialize()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable(Port), CultureInfo.InvariantCulture, out var port))
        {
            new Thread(() => Tell(port)) { IsBackground = true }.Start();
        }
    }

    private static void Tell(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        while (true)
        {
            using var asker = listener.AcceptTcpClient();
            using var answer = new StreamWriter(asker.GetStream());
            // Twice: what waits for its finalizer is gone after the second.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            answer.WriteLine(GC.GetTotalMemory(forceFullCollection: true).ToString(CultureInfo.InvariantCulture));
        }
    }
}
