using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OneRing.Web.Tests.Servers;

internal static class Listening
{
    /// <summary>Waits until a program that was started listens on a port of this machine. Throws if it ends before, or takes too long.</summary>
    public static async Task ListensAsync(this Process process, int port, TimeSpan patience)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (!process.HasExited && Stopwatch.GetElapsedTime(start) < patience)
            {
                await Task.Delay(20);
            }
        }
    }
}
