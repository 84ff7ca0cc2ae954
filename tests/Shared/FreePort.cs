using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace OneRing.Tests;

/// <summary>
/// Ports below those that the system hands out by itself, so that one is still free when its server is started again. Somebody else may look at
/// the same moment: whoever starts a server tries another port when this one is taken.
/// </summary>
internal static class FreePort
{
    public static int Find()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 32_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // taken; the next one
            }
        }
    }
}
