namespace OneRing.Web.Users;

/// <summary>Where this site is, for links in mails: what the settings say, else where the request came to.</summary>
public sealed class PublicUrl(IConfiguration configuration)
{
    public string For(string baseUri) =>
        (configuration["OneRing:PublicUrl"] is { Length: > 0 } url ? url : baseUri).TrimEnd('/');
}
