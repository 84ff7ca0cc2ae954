using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using OneRing.Data.Accounts;

namespace OneRing.Web.Users;

/// <summary>Cookies for people who have shown who they are. Disabled people get none, and lose the one they have.</summary>
public sealed partial class HouseSignIn(
    UserManager<User> users,
    IHttpContextAccessor http,
    IUserClaimsPrincipalFactory<User> claims,
    IOptions<IdentityOptions> options,
    ILogger<SignInManager<User>> logger,
    IAuthenticationSchemeProvider schemes,
    IUserConfirmation<User> confirmation)
    : SignInManager<User>(users, http, claims, options, logger, schemes, confirmation)
{
    public override Task<bool> CanSignInAsync(User user) => Task.FromResult(user.DisabledAt is null);

    public override async Task<bool> ValidateSecurityStampAsync(User? user, string? securityStamp) =>
        user is { DisabledAt: null } && await base.ValidateSecurityStampAsync(user, securityStamp);

    /// <summary>Signs in whoever knew the password, or remembers them until they know the code too. Answers where to go next.</summary>
    public async Task<string> SignInWithPasswordAsync(User user, string? returnUrl)
    {
        var result = await SignInOrTwoFactorAsync(user, isPersistent: true);
        if (result.Succeeded)
        {
            LogSignedIn(Logger, user.Id);
        }
        return result.RequiresTwoFactor
            ? $"/account/sign-in/code{QueryString.Create("returnUrl", LocalUrl.OrHome(returnUrl))}"
            : LocalUrl.OrHome(returnUrl);
    }

    /// <summary>Signs in whoever knew the code after the password, or had a passkey.</summary>
    public async Task SignInWholeAsync(User user)
    {
        await Context.SignOutAsync(IdentityConstants.TwoFactorUserIdScheme);
        await SignInAsync(user, isPersistent: true);
        LogSignedIn(Logger, user.Id);
    }

    /// <summary>Keeps this browser signed in after a change that ends every other session.</summary>
    public async Task StaySignedInAsync(SignInService people, string userId)
    {
        // Read anew: what this request has read before holds the stamp from before the change.
        if (await people.FindAsync(userId) is { } user)
        {
            await RefreshSignInAsync(user);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{UserId} has signed in")]
    private static partial void LogSignedIn(ILogger logger, string userId);
}
