using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Web.Components.Analytics;

namespace OneRing.Web.Tests.Components.Analytics;

/// <summary>The panels of a draft's insights, each with nothing, with one thing and with much to show.</summary>
public sealed class DraftPanelsTests : OneRingContext
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Days_on_which_nothing_happened_are_a_sentence_and_no_chart()
    {
        var panel = RenderDays([.. ADay(8, 0, 0), .. ADay(9, 0, 0), .. ADay(10, 0, 0)]);

        Assert.Contains("Nothing happened in the last 3 days.", panel.Text(), StringComparison.Ordinal);
        Assert.Empty(panel.FindAll("table, svg"));
        Assert.True(panel.HasButton("30 days"));
    }

    [Fact]
    public void One_day_is_today()
    {
        var panel = RenderDays(ADay(10, 1, 1));

        Assert.Contains("1 segment and 1 pass today.", panel.Text(), StringComparison.Ordinal);
        Assert.Equal(["10 Mar 1 1"], Rows(panel));
        AssertTableIsChart(panel);
    }

    [Fact]
    public void Many_days_are_drawn_and_stand_in_the_table()
    {
        var panel = RenderDays([.. Enumerable.Range(1, 30).SelectMany(day => ADay(day, day == 7 ? 1_000 : day % 3, day % 2))]);

        Assert.Contains("1,029 segments and 15 passes in the last 30 days; the liveliest day was 7 March.", panel.Text(), StringComparison.Ordinal);
        Assert.Equal(30, Rows(panel).Count);
        Assert.Equal("7 Mar 1,000 1", Rows(panel)[6]);
        AssertTableIsChart(panel);
    }

    [Fact]
    public void One_lively_day_among_quiet_ones_is_named()
    {
        Assert.Contains("2 segments and 0 passes in the last 2 days, all on 9 March.", RenderDays([.. ADay(9, 2, 0), .. ADay(10, 0, 0)]).Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("30", 30)]
    [InlineData("0", 1)]
    [InlineData("91", 90)]
    public async Task Any_number_of_days_can_be_asked_for(string typed, int days)
    {
        var asked = new List<int>();
        var choice = Render<DaysChoice>(p => p.Add(x => x.Days, 14).Add(x => x.Changed, asked.Add));
        Assert.Equal(["14 days"], choice.FindAllByRole("button").Where(button => button.GetAttribute("aria-pressed") == "true").Select(button => button.NameOf()));

        await choice.FindField("Number of days").ChangeAsync(new ChangeEventArgs { Value = typed });
        await ClickAsync(choice.FindButton("7 days"));
        await choice.FindField("Number of days").ChangeAsync(new ChangeEventArgs { Value = "" });

        Assert.Equal([days, 7], asked);
    }

    [Theory]
    [InlineData(null, 14)]
    [InlineData("", 14)]
    [InlineData("0", 14)]
    [InlineData("91", 14)]
    [InlineData("-7", 14)]
    [InlineData("many", 14)]
    [InlineData("1", 1)]
    [InlineData("45", 45)]
    [InlineData("90", 90)]
    public void The_address_names_from_one_to_ninety_days(string? text, int days) => Assert.Equal(days, DaysChoice.Read(text));

    [Fact]
    public void Before_the_first_word_there_is_whoever_began()
    {
        var panel = RenderPeople([new("ana", "Ana", 0, 0, 0, 12, 12, 12)], fairness: null);

        Assert.Contains("Nobody has written yet.", panel.Text(), StringComparison.Ordinal);
        Assert.Contains("Who writes first will stand here first.", panel.Text(), StringComparison.Ordinal);
        Assert.Equal(["Ana 0 0 0 12 min 12 min 12 min"], Rows(panel));
        Assert.Empty(panel.FindAllByRole("img"));
    }

    [Fact]
    public void One_person_is_one_bar()
    {
        var panel = RenderPeople([new("ana", "Ana", 2, 12, 0, 90, 90, 90), new("ben", "Ben", 0, 0, 1, null, null, null)]);

        Assert.Contains("12 words by one person.", panel.Text(), StringComparison.Ordinal);
        Assert.Contains("Fairness: 63%. It is 100% when all who may write have written alike", panel.Text(), StringComparison.Ordinal);
        Assert.Equal(["Ana 12", "Ben 0", "Ana 2 12 0 1 h 30 min 1 h 30 min 1 h 30 min", "Ben 0 0 1 – – –"], Rows(panel));
        AssertTableIsChart(panel);
    }

    [Fact]
    public async Task Many_people_are_three_bars_and_one_for_the_others_and_a_table_page_by_page()
    {
        var people = Enumerable.Range(1, 23).Select(i => new ContributorFigures($"p{i:00}", $"Person {i:00}", 40 - i, 1_000 - i, i, i, i, i)).ToList();
        var panel = RenderPeople(people);

        Assert.Contains("22,724 words by 23 people.", panel.Text(), StringComparison.Ordinal);
        Assert.Equal(
            ["Person 01 999", "Person 02 998", "Person 03 997", "20 others 19,730"],
            Rows(panel, panel.FindAll("table")[0]));
        AssertTableIsChart(panel);
        Assert.Equal("Person 10 30 990 10 10 min 10 min 10 min", Rows(panel, panel.FindAll("table")[1])[9]);
        Assert.Contains("1–10 of 23", panel.Text(), StringComparison.Ordinal);

        await ClickAsync(panel.FindButton("Next"));
        await ClickAsync(panel.FindButton("Next"));
        Assert.Equal(["Person 21", "Person 22", "Person 23"], Rows(panel, panel.FindAll("table")[1]).Select(row => row[..9]));

        panel.Render(p => p.Add(x => x.People, people[..12]));
        Assert.Equal(["Person 11", "Person 12"], Rows(panel, panel.FindAll("table")[1]).Select(row => row[..9]));
    }

    [Fact]
    public void Before_the_draft_was_made_nobody_held_its_ring()
    {
        Assert.Empty(Rows(RenderHolds(new([], 1, 0))));
    }

    [Fact]
    public void The_first_holder_has_it_still()
    {
        var panel = RenderHolds(new([new(1, "ana", "Ana", Noon, To: null, TimeSpan.FromMinutes(125))], 1, 1));

        Assert.Equal(["1 Ana 2 h 5 min so far 10 Mar 2026, 12:00 still"], Rows(panel));
        Assert.Empty(panel.FindAllByRole("navigation"));
    }

    [Fact]
    public async Task Many_holds_come_page_by_page_with_a_way_to_earlier_ones()
    {
        var asked = new List<int>();
        var rows = Enumerable.Range(0, 10).Select(i => new HeldTurn(30 - i, "ana", "Ana", Noon, Noon.AddSeconds(i), TimeSpan.FromSeconds(i))).ToList();
        var panel = RenderHolds(new(rows, 2, 1_138), asked.Add);

        Assert.Equal("27 Ana 3 s 10 Mar 2026, 12:00 10 Mar 2026, 12:00", Rows(panel)[3]);
        Assert.Contains("11–20 of 1,138", panel.Text(), StringComparison.Ordinal);
        await ClickAsync(panel.FindButton("Next"));
        await ClickAsync(panel.FindButton("Before"));

        Assert.Equal([3, 1], asked);
        Assert.Equal(["0", "11.11", "100"], panel.FindAll("rect").Select(bar => bar.GetAttribute("width")!).Where((_, i) => i is 0 or 1 or 9));
    }

    [Fact]
    public async Task The_figures_of_a_draft_without_a_word_are_zeros_and_where_nothing_can_be_said_dashes()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        Assert.Equal(["Segments 0", "Words 0", "Passes 0", "Words a day 0"], await TilesAsync(draft));
    }

    [Fact]
    public async Task The_figures_of_a_draft_say_how_its_pace_has_changed()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var figures = Given.Succeed(await Get<DraftAnalyticsService>().FindOverviewAsync(draft.Ana, draft.Id));

        Assert.Equal(["Segments 1", "Words 4", "Passes 1", "Words a day 4"], Tiles(figures));
        Assert.Equal(
            ["Segments 1", "Words 4", "Passes 1", "Words a day 1,210.5, 806.4 before (+50%), in the 7 days before"],
            Tiles(figures with { Velocity = new Velocity(1210.5, 806.4) }));
        Assert.Equal("Words a day –, 3.5 before, in the 7 days before", Tiles(figures with { Velocity = new Velocity(null, 3.5) })[3]);
    }

    private static IEnumerable<DraftDay> ADay(int day, int segments, int passes) => [new(new DateOnly(2026, 3, day), segments, passes)];

    private IRenderedComponent<DraftDays> RenderDays(IEnumerable<DraftDay> daily) =>
        Render<DraftDays>(p => p.Add(x => x.Daily, daily.ToList()).Add(x => x.Days, daily.Count()));

    private IRenderedComponent<DraftPeople> RenderPeople(IReadOnlyList<ContributorFigures> people, double? fairness = 0.625) =>
        Render<DraftPeople>(p => p.Add(x => x.People, people).Add(x => x.Fairness, fairness));

    private IRenderedComponent<HoldTimeline> RenderHolds(TablePage<HeldTurn> holds, Action<int>? turned = null) =>
        Render<HoldTimeline>(p => p.Add(x => x.Holds, holds).Add(x => x.PageChanged, page => turned?.Invoke(page)));

    private async Task<IReadOnlyList<string>> TilesAsync(ADraft draft) =>
        Tiles(Given.Succeed(await Get<DraftAnalyticsService>().FindOverviewAsync(draft.Ana, draft.Id)));

    private IReadOnlyList<string> Tiles(DraftOverview overview) =>
        [.. Render<DraftTiles>(p => p.Add(x => x.Overview, overview)).FindAll("dl > div")
            .Select(tile => $"{tile.Children[0].TextOf()} {string.Join(", ", tile.Children.Skip(1).SkipLast(1).Select(part => part.TextOf()))}")];

    private static IReadOnlyList<string> Rows(IRenderedComponent<IComponent> panel, IElement? table = null) =>
        [.. (table is null ? panel.FindAll("tbody tr") : table.QuerySelectorAll("tbody tr").ToList()).Select(row => string.Join(' ', row.Children.Select(cell => cell.TextOf())))];

    /// <summary>The first table has, row by row and column by column, what the chart draws.</summary>
    private static void AssertTableIsChart(IRenderedComponent<IComponent> panel)
    {
        var chart = panel.FindComponent<MudChart<double>>().Instance;
        var table = panel.FindAll("table")[0];
        Assert.Equal(table.QuerySelectorAll("thead th").Skip(1).Select(cell => cell.TextOf()), chart.ChartSeries.Select(series => series.Name));
        for (var i = 0; i < chart.ChartSeries.Count; i++)
        {
            Assert.Equal(
                table.QuerySelectorAll("tbody tr").Select(row => row.Children[i + 1].TextOf()),
                chart.ChartSeries[i].Data.Values.Select(value => value.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)));
        }
    }
}
