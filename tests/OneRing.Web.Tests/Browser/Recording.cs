using System.Collections.Concurrent;
using System.Text;
using Microsoft.Playwright;

namespace OneRing.Web.Tests.Browser;

/// <summary>Everything that servers send to a browser: the bodies of answers, and the frames of sockets.</summary>
internal sealed class Recording
{
    private readonly ConcurrentQueue<byte[]> frames = [];
    private readonly ConcurrentQueue<Task<byte[]>> bodies = [];

    public Recording(IBrowserContext profile)
    {
        profile.Response += (_, response) =>
        {
            // Others have no body.
            if (response.Ok)
            {
                bodies.Enqueue(response.BodyAsync());
            }
        };
        profile.Page += (_, page) => page.WebSocket += (_, socket) =>
            socket.FrameReceived += (_, frame) => frames.Enqueue(frame.Binary ?? Encoding.UTF8.GetBytes(frame.Text ?? ""));
    }

    public int Frames => frames.Count;

    /// <summary>How many frames and bodies hold these words.</summary>
    public async Task<(int Frames, int Bodies)> CountAsync(string words)
    {
        var sought = Encoding.UTF8.GetBytes(words);
        var read = await Task.WhenAll(bodies);
        return (frames.Count(Holds), read.Count(Holds));

        bool Holds(byte[] bytes) => bytes.AsSpan().IndexOf(sought) >= 0;
    }
}
