namespace OneRing.Web.Tests.Servers;

/// <summary>An nginx for a test, which is visibly skipped without one; where everything has to run (<c>ONERING_REQUIRE_ALL=true</c>) it fails.</summary>
internal static class NginxForTests
{
    public static Task<Nginx> StartAsync(Uri web, Uri otherWeb)
    {
        Assert.False(Nginx.Program is null && Environment.GetEnvironmentVariable("ONERING_REQUIRE_ALL") == "true", "nginx is absent, and everything has to run.");
        Skip.If(Nginx.Program is null, Nginx.Absent);
        return Nginx.StartAsync(web, otherWeb);
    }
}
