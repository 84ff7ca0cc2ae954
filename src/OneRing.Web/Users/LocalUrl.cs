namespace OneRing.Web.Users;

/// <summary>Where to go after signing in or out: a place on this site, whatever the link said.</summary>
internal static class LocalUrl
{
    public static string OrHome(string? url) =>
        url is ['/', ..] && url is not (['/', '/', ..] or ['/', '\\', ..]) && !url.Any(char.IsControl) ? url : "/";
}
