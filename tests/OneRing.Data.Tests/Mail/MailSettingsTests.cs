using Microsoft.Extensions.Configuration;
using OneRing.Data.Mail;

namespace OneRing.Data.Tests.Mail;

public sealed class MailSettingsTests
{
    [Fact]
    public void Without_a_server_mails_become_files_and_need_no_address_of_ours() =>
        Assert.Contains("as files into", Read().Description, StringComparison.Ordinal);

    [Fact]
    public void A_server_is_used_with_the_address_that_its_links_lead_to()
    {
        var settings = Read(("Host", "mail.example.org"), ("/PublicUrl", "https://onering.example.org"));

        Assert.Equal("to mail.example.org:587", settings.Description);
    }

    [Theory]
    [InlineData("Host", "mail.example.org", "OneRing:PublicUrl")]
    [InlineData("Port", "0", "OneRing:Mail:Port")]
    [InlineData("Port", "many", "OneRing:Mail:Port")]
    [InlineData("Security", "perhaps", "OneRing:Mail:Security")]
    [InlineData("From", "nobody", "OneRing:Mail:From")]
    public void What_cannot_be_read_or_would_be_unsafe_stops_the_start_and_names_the_setting(string name, string value, string named) =>
        Assert.Contains(named, Assert.Throws<InvalidOperationException>(() => Read((name, value))).Message, StringComparison.Ordinal);

    private static MailSettings Read(params (string Name, string Value)[] settings) =>
        MailSettings.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(
                setting.Name.StartsWith('/') ? $"OneRing:{setting.Name[1..]}" : $"OneRing:Mail:{setting.Name}", setting.Value)))
            .Build());
}
