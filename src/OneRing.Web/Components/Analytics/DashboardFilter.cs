using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using OneRing.Data;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Web.Components.Drafts;

namespace OneRing.Web.Components.Analytics;

/// <summary>What a dashboard shows, as the URL says it: <c>?window=7d&amp;from=2026-03-01&amp;to=2026-03-31&amp;compare=year&amp;platform=x&amp;zone=Europe/Berlin&amp;automatic=true&amp;unit=hour&amp;live=off</c>.</summary>
/// <param name="Window">How far back from now; without meaning where there are dates.</param>
/// <param name="From">The first day, if days were chosen; then <paramref name="To"/> is the last.</param>
/// <param name="Zone">The time zone in which days begin, by its IANA name; UTC if null.</param>
/// <param name="Automatic">Whether passes that no hand made count too.</param>
/// <param name="Unit">For how long a time activity is summed up; what suits the window if null.</param>
/// <param name="IsPaused">Whether the figures stay as they were when the page was opened.</param>
public sealed record DashboardFilter(
    WindowChoice Window, DateOnly? From, DateOnly? To, Comparison Comparison, Platform? Platform, string? Zone, bool Automatic, TimeUnit? Unit, bool IsPaused)
{
    private static readonly Dictionary<Comparison, string> Names = new Dictionary<Comparison, string>
    {
        [Comparison.Before] = "before",
        [Comparison.YearBefore] = "year",
        [Comparison.Nothing] = "nothing",
    };

    public bool HasDates => From is not null && To is not null;

    /// <summary>"in the last 7 days", "from 1 March 2026 to 31 March 2026".</summary>
    public string Phrase => (From, To) switch
    {
        ({ } from, { } to) when from == to => $"on {Say(from)}",
        ({ } from, { } to) => $"from {Say(from)} to {Say(to)}",
        _ => Window.Phrase,
    };

    /// <summary>What is not obvious from the figures, for whoever has them on paper: "Story drafts alone. Compared with the time before."</summary>
    public string Conditions => string.Join(' ', ((string?[])
    [
        Platform is { } one ? $"{DraftHeader.PlatformName(one)} drafts alone." : null,
        Comparison switch
        {
            Comparison.Before when HasDates || Window.Window != Data.Analytics.Window.All => "Compared with the time before.",
            Comparison.YearBefore when HasDates || Window.Window != Data.Analytics.Window.All => "Compared with 52 weeks before.",
            _ => null,
        },
        Automatic ? "Passes that no hand made count, too." : null,
    ]).OfType<string>());

    public DashboardQuery Query => new(
        Window.Window, From is { } from && To is { } to ? (from, to) : null, Platform, Comparison, Zone, Automatic, Unit);

    /// <summary>What is shown when nothing is chosen.</summary>
    public static DashboardFilter Usual { get; } = Read();

    /// <summary>What an URL says. What it does not say, or says in no way that we know, is as usual.</summary>
    public static DashboardFilter Read(
        string? window = null, string? from = null, string? to = null, string? compare = null, string? platform = null, string? zone = null, string? automatic = null,
        string? unit = null, string? live = null)
    {
        var (first, last) = (ReadDate(from), ReadDate(to));
        return new DashboardFilter(
            WindowChoice.Named(window), last is null ? null : first, first is null ? null : last,
            Names.FirstOrDefault(name => name.Value == compare, new(Comparison.Before, "")).Key,
            Enum.GetValues<Platform>().Cast<Platform?>().FirstOrDefault(one => EnumNames.NameOf(one!.Value) == platform),
            string.IsNullOrWhiteSpace(zone) || zone == "UTC" ? null : zone,
            automatic == "true",
            Enum.GetValues<TimeUnit>().Cast<TimeUnit?>().FirstOrDefault(one => DashboardChart.UnitName(one!.Value) == unit),
            live == "off");
    }

    /// <summary>What the parameters of an address say.</summary>
    public static DashboardFilter Read(Func<string, string?> value) =>
        Read(value("window"), value("from"), value("to"), value("compare"), value("platform"), value("zone"), value("automatic"), value("unit"), value("live"));

    /// <summary>The address of a table as a file, with all of this and as of the instant that is shown.</summary>
    /// <param name="table">The name of a <see cref="Export.DashboardFile"/>.</param>
    public string CsvHref(string table, DateTimeOffset now) => QueryHelpers.AddQueryString(
        $"/admin/analytics/{table}.csv",
        [
            .. (this with { IsPaused = false }).ToQuery().Select(one => KeyValuePair.Create(one.Key, one.Value?.ToString())),
            KeyValuePair.Create<string, string?>("now", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)),
        ]);

    public static string NameOf(Comparison comparison) => Names[comparison];

    /// <summary>The values of the URL by their names; null for what is as usual.</summary>
    public IReadOnlyDictionary<string, object?> ToQuery() => new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        ["window"] = HasDates ? null : Window.Name,
        ["from"] = HasDates ? Write(From!.Value) : null,
        ["to"] = HasDates ? Write(To!.Value) : null,
        ["compare"] = Comparison == Comparison.Before ? null : NameOf(Comparison),
        ["platform"] = Platform is { } one ? EnumNames.NameOf(one) : null,
        ["zone"] = Zone,
        ["automatic"] = Automatic ? "true" : null,
        ["unit"] = Unit is { } length ? DashboardChart.UnitName(length) : null,
        ["live"] = IsPaused ? "off" : null,
    };

    public static string Write(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateOnly? ReadDate(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    private static string Say(DateOnly date) => date.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
}
