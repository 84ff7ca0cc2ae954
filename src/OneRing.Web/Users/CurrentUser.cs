using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;

namespace OneRing.Web.Users;

/// <summary>Who is acting: the person signed in on this page.</summary>
public sealed class CurrentUser(AuthenticationStateProvider authentication)
{
    /// <summary>The user id; null when nobody is signed in.</summary>
    public async Task<string?> FindIdAsync() => IdOf((await authentication.GetAuthenticationStateAsync()).User);

    /// <summary>The user id, on a page that only people who are signed in can open.</summary>
    public async Task<string> GetIdAsync() =>
        await FindIdAsync() ?? throw new InvalidOperationException("Nobody is signed in.");

    public static string? IdOf(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.NameIdentifier);

    /// <summary>The security stamp that the account had when this session began.</summary>
    public static string StampOf(ClaimsPrincipal user) => user.FindFirstValue(new ClaimsIdentityOptions().SecurityStampClaimType) ?? "";
}
