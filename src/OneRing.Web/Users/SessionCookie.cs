using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.Options;

namespace OneRing.Web.Users;

/// <summary>Whether the session of a cookie goes on.</summary>
internal static class SessionCookie
{
    public static Task ValidateAsync(CookieValidatePrincipalContext session)
    {
        // Files are the same for everybody. They are given without asking the database, so that pages keep their looks while it is away.
        if (session.HttpContext.GetEndpoint()?.Metadata.GetMetadata<StaticAssetDescriptor>() is not null)
        {
            return Task.CompletedTask;
        }

        AgeFromTheFuture(session);
        return SecurityStampValidator.ValidatePrincipalAsync(session);
    }

    /// <summary>
    /// A cookie that was given before the clock was put back: until the clock has caught up, nobody would be asked whether its session has ended. It counts as one that is to be
    /// looked at now, and gets a new date by that.
    /// </summary>
    private static void AgeFromTheFuture(CookieValidatePrincipalContext session)
    {
        var services = session.HttpContext.RequestServices;
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        if (session.Properties.IssuedUtc is { } issued && issued > now)
        {
            var due = now - (2 * services.GetRequiredService<IOptions<SecurityStampValidatorOptions>>().Value.ValidationInterval);
            session.Properties.ExpiresUtc = due + (session.Properties.ExpiresUtc - issued);
            session.Properties.IssuedUtc = due;
        }
    }
}
