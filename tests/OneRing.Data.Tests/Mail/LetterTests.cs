using OneRing.Data.Mail;

namespace OneRing.Data.Tests.Mail;

public sealed class LetterTests
{
    [Theory]
    [InlineData("One\r\nBcc: everybody@example.test", "One  Bcc: everybody@example.test")]
    [InlineData("One\u2028Two\0", "One Two ")]
    [InlineData("Plain", "Plain")]
    public void A_subject_is_one_line(string subject, string expected) => Assert.Equal(expected, new Letter("ana@example.test", subject, "").Subject);

    [Theory]
    [InlineData(" ana@example.test ", "ana@example.test")]
    [InlineData("ana", null)]
    [InlineData("@example.test", null)]
    [InlineData("ana@", null)]
    [InlineData("ana@example.test\r\nBcc: b@c.d", null)]
    [InlineData("Ana <ana@example.test>", null)]
    [InlineData("ana@example.test, ben@example.test", null)]
    [InlineData("", null)]
    public void Only_an_address_is_an_address(string typed, string? expected) => Assert.Equal(expected, EmailAddress.Normalise(typed));
}
