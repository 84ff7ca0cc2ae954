namespace OneRing.Data.Tests;

public sealed class TextsTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("ring", 4)]
    [InlineData("e\u0301", 2)]
    [InlineData("\U0001F48D", 1)]
    [InlineData("\U0001F469\u200D\U0001F469\u200D\U0001F467", 5)]
    [InlineData("a\r\nb", 4)]
    public void Length_counts_Unicode_scalar_values(string text, int expected)
    {
        Assert.Equal(expected, Texts.Length(text));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData(" \t\r\n\u00A0\u2003", 0)]
    [InlineData("one", 1)]
    [InlineData("  one  two\nthree ", 3)]
    [InlineData("well-known, isn't it", 3)]
    [InlineData("a\u00A0b\u3000c", 3)]
    [InlineData("\U0001F48D \U0001F48D", 2)]
    public void Words_are_runs_of_what_is_not_white_space(string text, int expected)
    {
        Assert.Equal(expected, Texts.Words(text));
    }

    [Fact]
    public void Whatever_can_be_stored_is_readable()
    {
        Assert.True(Texts.IsReadable(""));
        Assert.True(Texts.IsReadable("\u0001\u007F\uFEFF\uFFFE\uFFFF"));
        Assert.True(Texts.IsReadable("\U0001F48D and \U0010FFFF"));
    }

    [Fact]
    public void NUL_and_unpaired_surrogates_are_unreadable()
    {
        foreach (var unit in (char[])['\0', '\uD83D', '\uDC8D'])
        {
            Assert.False(Texts.IsReadable($"{unit}"));
            Assert.False(Texts.IsReadable($"before {unit}"));
            Assert.False(Texts.IsReadable($"{unit} after"));
        }
        Assert.False(Texts.IsReadable("\uDC8D\uD83D"));
        Assert.False(Texts.IsReadable("\uD83D\uD83D\uDC8D"));
    }
}
