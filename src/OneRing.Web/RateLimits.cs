using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using OneRing.Web.Endpoints;
using OneRing.Web.Users;

namespace OneRing.Web;

/// <summary>
/// How much one caller may ask of one server. The API is limited per person, reads and writes apart. Forms for people who are not signed in are limited per
/// address: slow enough to make guessing pointless, and wide enough for a family or a classroom behind one address.
/// </summary>
/// <param name="Connections">How many pages one person may have open on one server at a time.</param>
/// <param name="EventsPerMinute">How much the open pages of one person may send together: clicks, keys, and what their scripts tell.</param>
internal sealed record RateLimits(
    bool Enabled = true, int ReadsPerMinute = 600, int WritesPerMinute = 300, int Burst = 100, int Connections = 50, int EventsPerMinute = 1800)
{
    private const int FormsPerMinute = 20;

    private const int FormBurst = 40;

    /// <summary>Reads the limits from the settings.</summary>
    /// <exception cref="InvalidOperationException">A limit is not a positive number.</exception>
    public static RateLimits Read(IConfiguration configuration)
    {
        var limits = configuration.GetSection("OneRing:RateLimit").Get<RateLimits>() ?? new RateLimits();
        return limits is { ReadsPerMinute: > 0, WritesPerMinute: > 0, Burst: > 0, Connections: > 0, EventsPerMinute: > 0 }
            ? limits
            : throw new InvalidOperationException("OneRing:RateLimit needs positive numbers. To have no limits, set OneRing:RateLimit:Enabled to false.");
    }

    public void Add(IServiceCollection services) =>
        services.AddSingleton(this).AddSingleton<EventLimits>().AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(PartitionOf);
            limiter.OnRejected = (rejected, _) =>
            {
                var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromMinutes(1);
                rejected.HttpContext.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
                return ValueTask.CompletedTask;
            };
        });

    private RateLimitPartition<string> PartitionOf(HttpContext context)
    {
        var request = context.Request;
        var isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        var userId = CurrentUser.IdOf(context.User);
        if (Enabled && request.IsApi() && userId is not null)
        {
            return isRead ? Bucket($"read {userId}", Burst, ReadsPerMinute) : Bucket($"write {userId}", Burst, WritesPerMinute);
        }
        if (Enabled && !isRead && userId is null && request.Path.StartsWithSegments("/account", StringComparison.OrdinalIgnoreCase))
        {
            return Bucket($"form {AddressOf(context)}", FormBurst, FormsPerMinute);
        }
        return RateLimitPartition.GetNoLimiter("");
    }

    /// <summary>Full at first; then it fills evenly, so that waiting as long as Retry-After says is enough.</summary>
    /// <param name="queue">How many may wait until there is something in it again.</param>
    public static RateLimitPartition<string> Bucket(string who, int size, int perMinute, int queue = 0) =>
        RateLimitPartition.GetTokenBucketLimiter(who, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = size,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1) / perMinute,
            QueueLimit = queue,
        });

    /// <summary>One subscriber of IPv6 has a whole /64.</summary>
    public static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => "unknown",
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } address => new IPAddress([.. address.GetAddressBytes()[..8], 0, 0, 0, 0, 0, 0, 0, 0]).ToString(),
        var address => address.ToString(),
    };
}
