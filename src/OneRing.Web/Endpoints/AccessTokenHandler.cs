using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using OneRing.Data.Accounts;

namespace OneRing.Web.Endpoints;

/// <summary>Finds out who calls the API: whoever owns the token. Nothing else in a request is asked, and cookies are not looked at.</summary>
internal sealed partial class AccessTokenHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, AccessTokenService tokens)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Bearer";

    private const string Prefix = SchemeName + " ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }
        if (await tokens.FindUserIdAsync(header[Prefix.Length..].Trim(), Context.RequestAborted) is not { } userId)
        {
            LogRefused(Logger, Context.TraceIdentifier, RateLimits.AddressOf(Context));
            return AuthenticateResult.Fail("The token is none of ours, or good no longer.");
        }

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, userId)], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers[HeaderNames.WWWAuthenticate] = Request.Headers.Authorization.Count == 0 ? SchemeName : $"{SchemeName} error=\"invalid_token\"";
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {RequestId} from {Address} brought an access token that is none of ours, or good no longer")]
    private static partial void LogRefused(ILogger logger, string requestId, string address);
}
