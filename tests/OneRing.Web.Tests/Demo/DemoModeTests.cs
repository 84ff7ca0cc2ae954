using Microsoft.Extensions.Configuration;
using OneRing.Data.Database;
using OneRing.Web.Demo;

namespace OneRing.Web.Tests.Demo;

public sealed class DemoModeTests
{
    private const string Database = "Host=db.example;Database=onering;Username=onering";

    [Theory]
    [InlineData("urls", "http://localhost:5080")]
    [InlineData("urls", "http://127.0.0.1:0;http://[::1]:5080")]
    [InlineData("Kestrel:Endpoints:Own:Url", "https://127.0.0.2:443")]
    public void In_memory_it_is_on_while_every_address_is_loopback(string setting, string value) =>
        Assert.True(Read(isDevelopment: false, (setting, value)).IsEnabled);

    [Theory]
    [InlineData("urls", "http://0.0.0.0:5080")]
    [InlineData("urls", "http://localhost:5080;http://192.168.1.7:5080")]
    [InlineData("urls", "http://*:5080")]
    [InlineData("urls", "http://+:5080")]
    [InlineData("urls", "http://[::]:5080")]
    [InlineData("urls", "http://onering.example:5080")]
    [InlineData("http_ports", "8080")]
    [InlineData("https_ports", "8443")]
    [InlineData("Kestrel:Endpoints:Own:Url", "http://0.0.0.0:5080")]
    public void In_memory_it_is_off_as_soon_as_one_address_is_not(string setting, string value) =>
        Assert.False(Read(isDevelopment: true, ("urls", "http://localhost:5080"), (setting, value)).IsEnabled);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void On_PostgreSQL_it_is_off_unless_asked_for(bool isDevelopment) =>
        Assert.False(Read(isDevelopment, ("ConnectionStrings:OneRing", Database), ("urls", "http://localhost:5080")).IsEnabled);

    [Fact]
    public void On_PostgreSQL_it_may_be_asked_for_in_Development() =>
        Assert.True(Read(isDevelopment: true, ("ConnectionStrings:OneRing", Database), ("OneRing:Demo:Enabled", "true")).IsEnabled);

    [Fact]
    public void On_PostgreSQL_outside_Development_it_is_refused()
    {
        var refused = Assert.Throws<InvalidOperationException>(
            () => Read(isDevelopment: false, ("ConnectionStrings:OneRing", Database), ("OneRing:Demo:Enabled", "true")));

        Assert.Contains("OneRing:Demo:Enabled", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Development", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_can_be_turned_off()
    {
        var demo = Read(isDevelopment: true, ("OneRing:Demo:Enabled", "false"), ("OneRing:Demo:Relay", "hamlet.jsonl"));

        Assert.False(demo.IsEnabled);
        Assert.Null(demo.RelayPath);
        Assert.False(demo.Offers("ana"));
    }

    [Fact]
    public void Its_people_are_offered_and_nobody_else()
    {
        var demo = Read(isDevelopment: false);

        Assert.All((string[])["ana", "ben", "cleo", "dan", "ada"], handle => Assert.True(demo.Offers(handle)));
        Assert.False(demo.Offers("eve"));
    }

    private static DemoMode Read(bool isDevelopment, params (string Name, string Value)[] settings)
    {
        // The last of two values for one setting counts, as on a command line.
        var configuration = new ConfigurationBuilder();
        foreach (var (name, value) in settings)
        {
            configuration.AddInMemoryCollection([new(name, value)]);
        }
        var built = configuration.Build();
        return DemoMode.Read(built, DatabaseSettings.Read(built), isDevelopment);
    }
}
