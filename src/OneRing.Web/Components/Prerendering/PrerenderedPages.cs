using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Extensions.Caching.Memory;

namespace OneRing.Web.Components.Prerendering;

/// <summary>
/// What pages were prerendered with on this server, until their circuits take it. It stays here and does not travel with the page: a draft may be longer than what a
/// circuit is started with. Where it is not found, because there were more pages or the circuit comes to another server, the circuit reads everything itself.
/// </summary>
public sealed class PrerenderedPages : IDisposable
{
    /// <summary>Of how many people a page is kept at once; of each of them the last one, which may have megabytes.</summary>
    public const int Most = 500;

    /// <summary>For how long a page is kept whose circuit does not come.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly MemoryCache pages = new(new MemoryCacheOptions { SizeLimit = Most });

    /// <summary>Keeps what a page was prerendered with. Answers the ticket for which that person has it, once.</summary>
    public string Leave(string userId, Dictionary<string, object?> values)
    {
        var ticket = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        pages.Set(userId, new Page(ticket, values), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Longest });
        return ticket;
    }

    /// <summary>What was kept of a person for a ticket; nothing if it has been taken, or is kept no longer.</summary>
    public Dictionary<string, object?> Take(string userId, string ticket)
    {
        if (pages.Get<Page>(userId) is not { } page || page.Ticket != ticket)
        {
            return [];
        }
        pages.Remove(userId);
        return page.Values;
    }

    public void Dispose() => pages.Dispose();

    private sealed record Page(string Ticket, Dictionary<string, object?> Values);
}
