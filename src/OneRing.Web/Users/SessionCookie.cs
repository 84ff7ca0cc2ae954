using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.Options;

namespace OneRing.Web.Users;

/// <summary>Whether the session of a cookie goes on.</summary>
internal static class SessionCookie
{
    /// <summary>So long without use does a session last.</summary>
    public static readonly TimeSpan Unused = TimeSpan.FromDays(30);

    /// <summary>So long does it last however often it is used.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(90);

    private const string Began = ".began";

    /// <summary>Writes down when the session begins. A cookie that is renewed keeps what stands there.</summary>
    public static Task BeginAsync(CookieSigningInContext session)
    {
        session.Properties.Items.TryAdd(Began, Written(NowOf(session.HttpContext)));
        return Task.CompletedTask;
    }

    public static Task ValidateAsync(CookieValidatePrincipalContext session)
    {
        // Files are the same for everybody. They are given without asking the database, so that pages keep their looks while it is away.
        if (session.HttpContext.GetEndpoint()?.Metadata.GetMetadata<StaticAssetDescriptor>() is not null)
        {
            return Task.CompletedTask;
        }

        if (HasEnded(session))
        {
            session.RejectPrincipal();
            return session.HttpContext.SignOutAsync(session.Scheme.Name);
        }

        if (IsInDoubt(session))
        {
            Age(session);
        }
        return ValidateStampAsync(session);
    }

    /// <summary>
    /// Looks in a scope of its own. That of the request would keep the database's context until its end, and a page's connection is a request that lasts as long as the page: some 25 KB each.
    /// </summary>
    private static async Task ValidateStampAsync(CookieValidatePrincipalContext session)
    {
        await using var scope = session.HttpContext.RequestServices.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ISecurityStampValidator>().ValidateAsync(session);
    }

    private static bool HasEnded(CookieValidatePrincipalContext session)
    {
        var now = NowOf(session.HttpContext);
        if (DateTimeOffset.TryParseExact(session.Properties.Items.TryGetValue(Began, out var written) ? written : null, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var began)
            && began <= now)
        {
            return now - began >= Longest;
        }

        // From before this was written down, or from a clock that was wrong: it counts from now on.
        session.Properties.Items[Began] = Written(now);
        session.ShouldRenew = true;
        return false;
    }

    /// <summary>
    /// Whether the session is looked at now, however lately it was. A page that was led to the sign-in page because its session has ended must not be sent back on the word of a cookie that
    /// was believed a moment ago. And a cookie that was given before the clock was put back would be believed until the clock has caught up.
    /// </summary>
    private static bool IsInDoubt(CookieValidatePrincipalContext session) =>
        (session.Request.Path.Equals("/account/sign-in", StringComparison.OrdinalIgnoreCase) && QueryText.IsTrue(session.Request.Query["ended"])) || session.Properties.IssuedUtc > NowOf(session.HttpContext);

    /// <summary>Dates the cookie so far back that its session is looked at; it gets a new date by that.</summary>
    private static void Age(CookieValidatePrincipalContext session)
    {
        var interval = session.HttpContext.RequestServices.GetRequiredService<IOptions<SecurityStampValidatorOptions>>().Value.ValidationInterval;
        var due = NowOf(session.HttpContext) - (2 * interval);
        session.Properties.ExpiresUtc = due + (session.Properties.ExpiresUtc - session.Properties.IssuedUtc);
        session.Properties.IssuedUtc = due;
    }

    private static DateTimeOffset NowOf(HttpContext context) => context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();

    private static string Written(DateTimeOffset at) => at.ToString("O", CultureInfo.InvariantCulture);
}
