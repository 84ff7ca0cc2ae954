using System.Globalization;
using System.Net;
using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Web.Components.Analytics;
using OneRing.Web.Export;
using OneRing.Web.Tests.Export;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Endpoints;

public sealed class DashboardFileEndpointsTests_InMemory(SiteInMemory site) : DashboardFileEndpointsTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class DashboardFileEndpointsTests_Postgres(SiteOnPostgres site) : DashboardFileEndpointsTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>The tables of the dashboard as files.</summary>
public abstract class DashboardFileEndpointsTests(Site site)
{
    private const int Seed = 20260401;

    private static readonly DateTimeOffset Start = new(2024, 2, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_sums_of_the_files_are_the_figures_of_the_dashboard_for_random_histories()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 60; i++)
        {
            await LiveAsync(random);
        }
        var ada = await site.Services.APersonAsync("Ada", isAdmin: true);
        var admin = await site.VisitAsync(ada);
        var analytics = site.Services.GetRequiredService<AnalyticsService>();
        await WaitUntilCountedAsync(ada);

        var counted = 0;
        foreach (var window in (string[])["window=24h", "window=7d", "window=30d&compare=year", "window=12m", "window=all", "from=2024-02-28&to=2024-03-31", "from=2024-02-29&to=2024-02-29", "from=2031-01-01&to=2031-01-02"])
        {
            foreach (var rest in (string[])["", "&platform=x", "&zone=Asia/Kathmandu", "&platform=story&zone=America/St_Johns&automatic=true&compare=nothing"])
            {
                var now = Start.AddMinutes(random.Next(90 * 24 * 60)).AddMicroseconds(random.Next(1_000_000));
                var query = $"{window}{rest}";
                var filter = DashboardFilter.Read(name => query.Split('&').Select(part => part.Split('=')).FirstOrDefault(part => part[0] == name)?[1]);
                var dashboard = Given.Succeed(await analytics.ReadDashboardAsync(ada, filter.Query, now));
                var figures = dashboard.Figures;
                counted += figures.Segments;

                var cards = await DownloadAsync(admin, filter.CsvHref("figures", now));
                Assert.Equal(
                    Figure.Of(dashboard).Select(f => (f.Figure.Label, f.Value, f.Before)),
                    cards.Skip(1).Select(row => (row[0], NumberIn(row[1]), NumberIn(row[2]))));

                var days = await DownloadAsync(admin, filter.CsvHref("activity", now));
                Assert.Equal((figures.Drafts, figures.Segments, figures.Words, figures.Passes, figures.Completed), (Sum(days, "drafts"), Sum(days, "segments"), Sum(days, "words"), Sum(days, "passes"), Sum(days, "completed")));
                Assert.Equal(DashboardChart.Activity(dashboard, filter.Zone).Data.Rows, days.Skip(1).Select(row => row[0]));

                var breakdown = Given.Succeed(await analytics.ReadBreakdownAsync(ada, filter.Query, now));
                var week = await DownloadAsync(admin, filter.CsvHref("week", now));
                Assert.Equal(figures.Segments, week[0].Skip(1).Sum(day => Sum(week, day)));
                Assert.Equal(figures.Passes, Sum(await DownloadAsync(admin, filter.CsvHref("passes", now)), "passes"));
                Assert.Equal(breakdown.Holds.Sum(length => length.Holds), Sum(await DownloadAsync(admin, filter.CsvHref("holds", now)), "turns"));
                var platforms = await DownloadAsync(admin, filter.CsvHref("platforms", now));
                Assert.Equal(figures.Drafts, platforms[0].Skip(1).Sum(status => Sum(platforms, status)));
                Assert.Equal($"Created,{figures.Drafts}", string.Join(',', (await DownloadAsync(admin, filter.CsvHref("funnel", now)))[1]));

                var drafts = await DownloadAsync(admin, filter.CsvHref("drafts", now));
                Assert.Equal((figures.Segments, figures.Words), (Sum(drafts, "segments"), Sum(drafts, "words")));
                if (!filter.Automatic)
                {
                    Assert.Equal(figures.Passes, Sum(drafts, "passes"));
                }

                var writers = await DownloadAsync(admin, filter.CsvHref("writers", now));
                Assert.Equal((figures.ActiveWriters, figures.Segments, figures.Words), (writers.Count - 1, Sum(writers, "segments"), Sum(writers, "words")));

                // Row for row what the pages of the table show.
                for (var page = 1; page <= 3; page++)
                {
                    var shown = Given.Succeed(await analytics.ListDraftsAsync(ada, filter.Query, page, now));
                    Assert.Equal(
                        shown.Rows.Select(row => $"{row.Segments} {row.Words} {row.Passes}"),
                        drafts.Skip(1).Skip((shown.Page - 1) * 10).Take(10).Select(row => string.Join(' ', row[2..])));
                }
            }
        }
        Assert.True(counted > 500, "There was hardly anything to count.");
    }

    [Fact]
    public async Task The_links_of_the_page_lead_to_what_it_shows_also_when_more_has_happened_since()
    {
        var ada = await site.Services.APersonAsync("Ada", isAdmin: true);
        var admin = await site.VisitAsync(ada);
        var title = "=1+1, \"a sum\"; שלום 👩‍👩‍👧‍👦";
        var draft = await site.Services.ADraftHeldByAnaAsync(Platform.Tiktok, title);
        await site.Services.AppendAsync(draft.Id, draft.Ana, "One two three");
        await WaitUntilCountedAsync(ada);
        var page = await admin.OpenAsync("/admin/analytics?window=24h&platform=tiktok&zone=Europe/Berlin");
        await site.Services.AppendAsync(draft.Id, draft.Ana, "Four");
        await WaitUntilCountedAsync(ada);

        var links = page.Document.QuerySelectorAll("a[download]").Cast<IHtmlAnchorElement>().ToDictionary(link => link.NameOf(), link => link.GetAttribute("href")!);

        Assert.Equal(
            [
                "CSV of activity by hour", "CSV of busiest drafts", "CSV of busiest writers", "CSV of drafts by platform and status", "CSV of figures",
                "CSV of from the first word to the last", "CSV of hours of the week",
            ],
            links.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([$"'{title}", "TikTok", "1", "3", "0"], (await DownloadAsync(admin, links["CSV of busiest drafts"]))[1]);
        Assert.Equal(["Ana", "1", "3"], (await DownloadAsync(admin, links["CSV of busiest writers"]))[1]);
        Assert.Equal(1, Sum(await DownloadAsync(admin, links["CSV of activity by hour"]), "segments"));
        Assert.Equal(["Segments", "1", "0", "", "Segments that were added to a text."], (await DownloadAsync(admin, links["CSV of figures"]))[3]);
    }

    [Theory]
    [InlineData("drafts", "window=30d&now=2026-03-31T23:59:59.999999Z", "onering-drafts-30d-until-2026-03-31.csv")]
    [InlineData("figures", "now=2026-03-31T12:00:00Z", "onering-figures-7d-until-2026-03-31.csv")]
    [InlineData("writers", "from=2026-03-01&to=2026-03-31&now=2026-07-31T12:00:00Z", "onering-writers-2026-03-01-to-2026-03-31.csv")]
    public async Task A_file_has_a_telling_name_and_is_kept_nowhere(string table, string query, string name)
    {
        var admin = await site.VisitAsync(await site.Services.APersonAsync("Ada", isAdmin: true));

        using var answer = await admin.Client.GetAsync($"/admin/analytics/{table}.csv?{query}");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/csv; charset=utf-8; header=present", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(("attachment", name), (answer.Content.Headers.ContentDisposition!.DispositionType, answer.Content.Headers.ContentDisposition.FileName));
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Theory]
    [InlineData("drafts", "zone=Nowhere/At_All", HttpStatusCode.BadRequest)]
    [InlineData("figures", "from=2026-04-01&to=2026-03-01", HttpStatusCode.BadRequest)]
    [InlineData("drafts", "now=yesterday", HttpStatusCode.BadRequest)]
    [InlineData("texts", "", HttpStatusCode.NotFound)]
    [InlineData("Drafts", "", HttpStatusCode.NotFound)]
    public async Task What_cannot_be_answered_is_no_file(string table, string query, HttpStatusCode status)
    {
        var admin = await site.VisitAsync(await site.Services.APersonAsync("Ada", isAdmin: true));

        using var answer = await admin.Client.GetAsync($"/admin/analytics/{table}.csv?{query}");

        Assert.Equal(status, answer.StatusCode);
        Assert.Null(answer.Content.Headers.ContentDisposition);
    }

    [Fact]
    public async Task Nobody_else_gets_a_file_or_anything_of_it()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync(title: "A title for its people");
        await site.Services.AppendAsync(draft.Id, draft.Ana, "One two three");
        var visitor = await site.VisitAsync(draft.Ana);

        foreach (var table in DashboardFile.All)
        {
            var page = await visitor.OpenAsync($"/admin/analytics/{table.Name}.csv?window=24h");
            Assert.Equal(HttpStatusCode.NotFound, page.Status);
            Assert.DoesNotContain("segments", page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("A title for its people", page.Html, StringComparison.Ordinal);
            Assert.StartsWith("/account/sign-in", (await site.Visit().OpenAsync($"/admin/analytics/{table.Name}.csv")).RedirectsTo, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_admin_who_is_none_any_more_when_the_rows_are_taken_gets_none()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        await site.Services.AppendAsync(draft.Id, draft.Ana, "One two three");
        var (ada, other) = (await site.Services.APersonAsync("Ada", isAdmin: true), await site.Services.APersonAsync("Ada", isAdmin: true));
        await WaitUntilCountedAsync(other);
        var rows = Given.Succeed(await site.Services.GetRequiredService<AnalyticsService>().ReadAllDraftsAsync(ada, new DashboardQuery(Window.Day)));
        Assert.NotEmpty(await rows.ToListAsync());

        Given.Succeed(await site.Services.GetRequiredService<UserAdministration>().ActAsync(new UserAct(other, ada, Act.UnmadeAdmin, "a test")));

        Assert.Empty(await rows.ToListAsync());
    }

    [Fact]
    public async Task Who_takes_the_rows_slowly_keeps_nobody_waiting_and_gets_them_as_they_were()
    {
        var ada = await site.Services.APersonAsync("Ada", isAdmin: true);
        var draft = await site.Services.ADraftHeldByAnaAsync();
        await site.Services.AppendAsync(draft.Id, draft.Ana, "One two three");
        var query = new DashboardQuery(Window.Day);
        await WaitUntilCountedAsync(ada);
        var expected = await Given.Succeed(await site.Services.GetRequiredService<AnalyticsService>().ReadAllDraftsAsync(ada, query)).CountAsync();

        await using var rows = Given.Succeed(await site.Services.GetRequiredService<AnalyticsService>().ReadAllDraftsAsync(ada, query)).GetAsyncEnumerator();
        Assert.True(await rows.MoveNextAsync());
        var another = await site.Services.ADraftHeldByAnaAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await site.Services.AppendAsync(another.Id, another.Ana, "Meanwhile").WaitAsync(TimeSpan.FromSeconds(30));

        var taken = 1;
        while (await rows.MoveNextAsync())
        {
            taken++;
        }
        Assert.Equal(expected, taken);
    }

    /// <summary>While another counts, figures come at once and say that they are behind.</summary>
    private async Task WaitUntilCountedAsync(string adminId)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (Given.Succeed(await site.Services.GetRequiredService<AnalyticsService>().ReadDashboardAsync(adminId, new DashboardQuery(Window.All))).IsBehind)
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private static async Task<IReadOnlyList<string[]>> DownloadAsync(Visitor admin, string address) => Csv.Read(Encoding.UTF8.GetString(await admin.Client.GetByteArrayAsync(address)));

    private static long Sum(IReadOnlyList<string[]> file, string column) =>
        file.Skip(1).Sum(row => long.Parse(row[Array.IndexOf(file[0], column)], CultureInfo.InvariantCulture));

    private static double? NumberIn(string text) => text.Length == 0 ? null : double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>What happened in one draft within ninety days, as its events tell it.</summary>
    private async Task LiveAsync(Random random)
    {
        var events = site.Services.GetRequiredService<EventStore>();
        var (draftId, people, at) = (Guid.CreateVersion7(), Enumerable.Range(random.Next(8), random.Next(1, 5)).Select(i => $"writer-{i}").ToArray(), Start.AddMinutes(random.Next(60 * 24 * 60)));
        var (holder, turn) = (people[0], 1);
        var platform = EnumNames.NameOf(random.Next(2) == 0 ? Platform.Story : Platform.X);
        await events.AppendAsync(AnalyticsEvent.Of(EventType.DraftCreated, at, draftId, holder, ("platform", platform)));
        for (var step = 0; step < 20; step++)
        {
            at = at.AddMicroseconds(random.NextInt64(1, 2 * TimeSpan.MicrosecondsPerDay));
            if (random.Next(3) > 0)
            {
                await events.AppendAsync(AnalyticsEvent.Of(EventType.SegmentAdded, at, draftId, holder, ("position", step), ("words", random.Next(1, 300))));
            }
            else
            {
                var next = people[random.Next(people.Length)];
                await events.AppendAsync(AnalyticsEvent.Of(
                    EventType.RingPassed, at, draftId, holder, ("turn", ++turn), ("to", next), ("chosen", random.Next(4) == 0 ? "returned" : "manual")));
                holder = next;
            }
        }
        if (random.Next(2) == 0)
        {
            await events.AppendAsync(AnalyticsEvent.Of(EventType.DraftPublished, at.AddHours(1), draftId, people[0]));
        }
    }
}
