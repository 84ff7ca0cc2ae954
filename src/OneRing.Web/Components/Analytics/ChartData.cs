namespace OneRing.Web.Components.Analytics;

/// <summary>What a chart draws and its table says: one value of each figure for each row.</summary>
/// <param name="RowsAre">What a row is: "Day", "Platform".</param>
/// <param name="Rows">The names of the rows, in the order of the chart.</param>
public sealed record ChartData(string RowsAre, IReadOnlyList<string> Rows, IReadOnlyList<ChartColumn> Columns)
{
    /// <summary>The rows' names as the chart has room for them.</summary>
    public IReadOnlyList<string> ShortRows { get; init; } = Rows;

    /// <summary>Whether there is anything but nothing to see.</summary>
    public bool HasValues => Columns.Any(column => column.Values.Any(value => value is not (null or 0)));
}

/// <summary>The values of one figure, a series of the chart and a column of the table.</summary>
/// <param name="Values">As many as there are rows; null where there is none, which the chart draws as nothing.</param>
/// <param name="IsDrawn">Whether the chart has it too: not where it would dwarf the others.</param>
public sealed record ChartColumn(Figure Figure, IReadOnlyList<double?> Values, bool IsDrawn = true);
