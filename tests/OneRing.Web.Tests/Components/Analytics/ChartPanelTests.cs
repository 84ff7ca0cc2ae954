using System.Net;
using Bunit;
using MudBlazor;
using OneRing.Web.Components.Analytics;

namespace OneRing.Web.Tests.Components.Analytics;

public sealed class ChartPanelTests : OneRingContext
{
    private static readonly string[] Days = ["1 Mar", "2 Mar", "3 Mar"];

    [Theory]
    [InlineData(ChartType.StackedBar)]
    [InlineData(ChartType.HeatMap)]
    public void The_table_and_the_chart_have_the_same_values(ChartType type)
    {
        var data = new ChartData("Day", Days, [new(Figure.Segments, [3, 1_200, null]), new(Figure.MedianHold, [0, 90, 12.5])]);

        var panel = RenderPanel(data, type);

        Assert.Equal(["Day", "Segments", "Median hold"], panel.FindAll("thead th").Select(cell => cell.TextOf()));
        Assert.Equal(
            ["1 Mar 3 0 s", "2 Mar 1,200 1 h 30 min", "3 Mar – 12 min"],
            panel.FindAll("tbody tr").Select(row => string.Join(' ', row.Children.Select(cell => cell.TextOf()))));
        var drawn = panel.FindComponent<MudChart<double>>().Instance;
        Assert.Equal(type, drawn.ChartType);
        Assert.Equal(["Segments", "Median hold"], drawn.ChartSeries.Select(series => series.Name));
        Assert.Equal([3, 1_200, 0], drawn.ChartSeries[0].Data.Values);
        Assert.Equal([0, 90, 12.5], drawn.ChartSeries[1].Data.Values);
        Assert.Equal(Days.Length, drawn.ChartLabels.Length);
    }

    [Fact]
    public void A_line_in_words_says_what_there_is_to_see()
    {
        var panel = RenderPanel(new ChartData("Day", ["1 Mar"], [new(Figure.Segments, [1])]));

        Assert.Equal("Activity", panel.Find("h2").TextOf());
        Assert.Contains("One day was busy.", panel.Text(), StringComparison.Ordinal);
        Assert.Contains("One day was busy.", panel.FindByRole("img").GetAttribute("aria-label"), StringComparison.Ordinal);
        Assert.Single(panel.FindAll("tbody tr"));
    }

    [Fact]
    public void A_long_name_is_cut_below_its_bar_and_whole_in_the_table()
    {
        var panel = RenderPanel(new ChartData("Person", ["King Claudius", "👩‍👩‍👧‍👦 Rosencrantz & Guildenstern"], [new(Figure.Words, [1, 2])]));

        Assert.Equal(["King Claudius", "👩‍👩‍👧‍👦 Rosencrantz…"], panel.FindComponent<MudChart<double>>().Instance.ChartLabels.Select(WebUtility.HtmlDecode));
        Assert.Equal(["King Claudius 1", "👩‍👩‍👧‍👦 Rosencrantz & Guildenstern 2"], panel.FindAll("tbody tr").Select(row => string.Join(' ', row.Children.Select(cell => cell.TextOf()))));
    }

    [Fact]
    public void A_name_below_its_bar_is_words_and_never_HTML()
    {
        var panel = RenderPanel(new ChartData("Person", ["<b>Ana</b>"], [new(Figure.Words, [1])]));

        Assert.Equal(["&lt;b&gt;Ana&lt;/b&gt;"], panel.FindComponent<MudChart<double>>().Instance.ChartLabels);
        Assert.Empty(panel.FindAll("b"));
    }

    [Fact]
    public void Of_nothing_there_is_no_chart_and_no_table()
    {
        foreach (var data in (ChartData[])[new("Day", [], [new(Figure.Segments, [])]), new("Day", ["1 Mar"], [new(Figure.Segments, [0])])])
        {
            var panel = RenderPanel(data);

            Assert.Contains("One day was busy.", panel.Text(), StringComparison.Ordinal);
            Assert.Empty(panel.FindAll("svg, table, details"));
        }
    }

    private IRenderedComponent<ChartPanel> RenderPanel(ChartData data, ChartType type = ChartType.StackedBar) => Render<ChartPanel>(p => p
        .Add(x => x.Title, "Activity")
        .Add(x => x.Summary, "One day was busy.")
        .Add(x => x.Data, data)
        .Add(x => x.Type, type));
}
