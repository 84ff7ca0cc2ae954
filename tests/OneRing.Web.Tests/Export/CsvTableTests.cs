using System.Globalization;
using System.Text;
using OneRing.Web.Export;

namespace OneRing.Web.Tests.Export;

public sealed class CsvTableTests
{
    private static readonly CsvTable<Row> Table = new CsvTable<Row>().Text("title", r => r.Title).Number("count", r => r.Count).Number("share", r => r.Share).Instant("at", r => r.At);

    [Theory]
    [InlineData("=1+1")]
    [InlineData("=HYPERLINK(\"http://example.org\",\"here\")")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("@SUM(A1)")]
    [InlineData("\t=1")]
    [InlineData("\r=1")]
    [InlineData("\n=1")]
    [InlineData("\twords")]
    [InlineData("  =1")]
    [InlineData("\u00a0=1")]
    [InlineData("\u200b=1")]
    [InlineData("\u202e=1")]
    [InlineData("\ufeff=1")]
    [InlineData("＝1")]
    [InlineData("＋1")]
    [InlineData("－1")]
    [InlineData("＠A")]
    public async Task A_text_that_a_spreadsheet_would_take_for_a_formula_begins_with_an_apostrophe(string text) =>
        Assert.Equal($"'{text}", Csv.Read(await WriteAsync(new Row(text)))[1][0]);

    [Theory]
    [InlineData("")]
    [InlineData("Plain words")]
    [InlineData("1 = 1, and 2 - 1 = 1")]
    [InlineData("She said \"no\", and left;\r\nthen came back\nand stayed")]
    [InlineData("'quoted'")]
    [InlineData("שלום מרחבא مرحبا")]
    [InlineData("👩‍👩‍👧‍👦 e\u0301 𝔘𝔫𝔦")]
    [InlineData("–dash")]
    [InlineData("<script>alert(1)</script>")]
    public async Task Any_other_text_is_what_it_was(string text) => Assert.Equal(text, Csv.Read(await WriteAsync(new Row(text)))[1][0]);

    [Fact]
    public async Task Numbers_and_instants_stay_what_they_are_in_every_culture()
    {
        var before = Thread.CurrentThread.CurrentCulture;
        var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (commas.NumberFormat.NumberDecimalSeparator, commas.NumberFormat.NegativeSign, commas.DateTimeFormat.DateSeparator) = (",", "−", ".");
        Thread.CurrentThread.CurrentCulture = commas;
        try
        {
            var file = await WriteAsync(new Row("a", Count: -1_234_567, Share: -0.1), new Row("b", Count: long.MaxValue, Share: null));

            Assert.Equal("\ufefftitle,count,share,at\r\na,-1234567,-0.1,2026-03-01T11:00:00Z\r\nb,9223372036854775807,,2026-03-01T11:00:00Z\r\n", file);
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = before;
        }
    }

    [Fact]
    public async Task A_table_without_rows_has_its_columns() => Assert.Equal("\ufefftitle,count,share,at\r\n", await WriteAsync());

    [Fact]
    public async Task What_was_written_has_left_before_the_next_rows_are_asked_for()
    {
        using var output = new MemoryStream();

        await Table.WriteAsync(Rows(), output, default);

        async IAsyncEnumerable<Row> Rows()
        {
            for (var i = 0; i < 20_000; i++)
            {
                Assert.True(i < 10_000 || output.Length > 100_000, "Everything is kept back.");
                yield return new Row("A title of some thirty characters");
            }
            await Task.CompletedTask;
        }
    }

    private static async Task<string> WriteAsync(params Row[] rows)
    {
        using var output = new MemoryStream();
        await Table.WriteAsync(rows.ToAsyncEnumerable(), output, default);
        return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(output.ToArray());
    }

    private sealed record Row(string Title, long Count = 1, double? Share = 0.5)
    {
        public DateTimeOffset At { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.FromHours(1));
    }
}
