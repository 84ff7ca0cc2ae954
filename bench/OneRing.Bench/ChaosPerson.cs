using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace OneRing.Bench;

/// <summary>Somebody who writes over HTTP on servers that come and go.</summary>
/// <param name="triesAgain">Whether what is not acknowledged is sent again, with the same key, to the next server; else it is given up.</param>
internal sealed class ChaosPerson(string userId, string token, IReadOnlyList<Uri> servers, ChaosCount count, bool triesAgain = true) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // An answer that has not come by then is asked for again, or given up.
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(triesAgain ? 5 : 30) };
    private int server = userId[^1];

    public string UserId => userId;

    /// <summary>Sends until it is acknowledged. A refusal would be a fault of ours: it throws.</summary>
    /// <returns>What came of it; null if the time was over before anybody acknowledged it.</returns>
    public async Task<JsonElement?> SendAsync(string path, object body, CancellationToken over)
    {
        for (var attempt = 0; !over.IsCancellationRequested; attempt++)
        {
            count.Sent(isAgain: attempt > 0);
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(servers[server % servers.Count], path)) { Content = JsonContent.Create(body) };
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                using var answer = await http.SendAsync(request, CancellationToken.None);
                if (answer.IsSuccessStatusCode)
                {
                    using var read = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(CancellationToken.None), cancellationToken: CancellationToken.None);
                    count.Acknowledged();
                    return read.RootElement.GetProperty("result").Clone();
                }
                if (answer.StatusCode < HttpStatusCode.InternalServerError)
                {
                    throw new InvalidOperationException($"{path} was refused with {answer.StatusCode}: {await answer.Content.ReadAsStringAsync(CancellationToken.None)}");
                }
                count.Failed(answer.StatusCode);
            }
            catch (Exception gone) when (gone is HttpRequestException or IOException or TaskCanceledException or JsonException)
            {
                count.Failed(status: null);
            }
            if (!triesAgain)
            {
                return null;
            }
            server++;
            await Task.Delay(Pause, CancellationToken.None);
        }
        return null;
    }

    /// <summary>Reads, once. Answers whether that succeeded.</summary>
    public async Task<bool> ReadAsync(string path)
    {
        count.Sent(isAgain: false);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(servers[server % servers.Count], path));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var answer = await http.SendAsync(request, CancellationToken.None);
            if (answer.IsSuccessStatusCode)
            {
                count.Acknowledged();
                return true;
            }
            count.Failed(answer.StatusCode);
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException or TaskCanceledException)
        {
            count.Failed(status: null);
        }
        return false;
    }

    public void Dispose() => http.Dispose();
}

/// <summary>What happened to the requests of everybody.</summary>
internal sealed class ChaosCount(TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> failures = new(StringComparer.Ordinal);
    private long last = clock.GetTimestamp();

    public int Requests { get; private set; }

    public int Again { get; private set; }

    public int AcknowledgedInAll { get; private set; }

    /// <summary>The longest time in which nothing was acknowledged to anybody.</summary>
    public TimeSpan LongestSilence { get; private set; }

    /// <summary>How many requests were not answered as they should be.</summary>
    public int FailedInAll => failures.Values.Sum();

    public string Failures => string.Join(", ", failures.OrderBy(failure => failure.Key, StringComparer.Ordinal).Select(failure => $"{failure.Value} × {failure.Key}"));

    public void Sent(bool isAgain)
    {
        lock (gate)
        {
            Requests++;
            Again += isAgain ? 1 : 0;
        }
    }

    public void Acknowledged()
    {
        lock (gate)
        {
            AcknowledgedInAll++;
            var silence = clock.GetElapsedTime(last);
            LongestSilence = silence > LongestSilence ? silence : LongestSilence;
            last = clock.GetTimestamp();
        }
    }

    public void Failed(HttpStatusCode? status)
    {
        lock (gate)
        {
            var name = status is { } code ? $"{(int)code}" : "no answer";
            failures[name] = failures.GetValueOrDefault(name) + 1;
        }
    }
}
