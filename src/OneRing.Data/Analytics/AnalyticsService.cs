using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using OneRing.Data.Analytics.Rollups;
using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Analytics;

/// <summary>Figures over all drafts, for admins.</summary>
public sealed class AnalyticsService
{
    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly EventCounter counter;
    private readonly TimeProvider clock;

    internal AnalyticsService(IDbContextFactory<OneRingDbContext> contexts, EventCounter counter, TimeProvider clock)
    {
        this.contexts = contexts;
        this.counter = counter;
        this.clock = clock;
    }

    /// <summary>Counts what happened within a window, and within the one to compare with, all of it at one moment.</summary>
    /// <param name="now">The instant at which to look, past or to come; the present one if null.</param>
    public async Task<Result<Dashboard>> ReadDashboardAsync(
        string userId, DashboardQuery query, DateTimeOffset? now = null, CancellationToken cancellationToken = default)
    {
        if (query.FindZone() is not { } zone)
        {
            return Refusal.WindowInvalid;
        }

        var at = now?.ToUniversalTime() ?? clock.Now();
        var asked = query.Range(at, zone);
        await counter.CountSomeAsync(cancellationToken: cancellationToken);
        return await contexts.AtOneMomentAsync<Result<Dashboard>>(
            async (db, token) =>
            {
                var (range, read, since) = await EventsKept.CutAsync(db, asked, token);
                // Half of the time before would look like a change.
                var before = query.RangeBefore(at, zone) is { } whole && !(whole.From < since) ? whole : null;
                var admins = Admins(db, userId);
                var uncounted = db.UncountedEvents.Where(u => u.OccurredAt < range.To).GroupBy(_ => 1).Select(group => group.Count());
                var figures = new FiguresQuery(db, read, query, zone, isByTime: true);
                var figuresBefore = before is null ? null : new FiguresQuery(db, before, query, zone, isByTime: false);
                FiguresQuery[] both = figuresBefore is null ? [figures] : [figures, figuresBefore];

                bool isBehind;
                await using (await OneTrip.SendAsync(db, token, [admins, uncounted, .. both.SelectMany(one => one.Queries)]))
                {
                    if ((await admins.ToListAsync(token)).Count == 0)
                    {
                        return Refusal.Forbidden;
                    }

                    isBehind = (await uncounted.ToListAsync(token)).Count > 0;
                    foreach (var one in both)
                    {
                        await one.ReadAsync(token);
                    }
                }

                await using (await OneTrip.SendAsync(db, token, [admins, .. both.SelectMany(one => one.LengthQueries)]))
                {
                    await admins.ToListAsync(token);
                    var (sums, slots) = await figures.ReadLengthsAsync(token);
                    var sumsBefore = figuresBefore is null ? null : (await figuresBefore.ReadLengthsAsync(token)).Figures;
                    var activity = new Activity(slots, range, zone, query.Unit);
                    var reachesFurther = range.From != asked.From;
                    return new Dashboard(
                        query.Dates is null && !reachesFurther ? range.From - TimeRange.Instant : range.From, asked.To - TimeRange.Instant,
                        sums, sumsBefore, activity.Unit, activity.Periods, activity.Week, isBehind)
                    {
                        Since = reachesFurther ? since : null,
                    };
                }
            },
            cancellationToken);
    }

    /// <summary>Counts what happened within a window by kind.</summary>
    /// <param name="now">The instant at which to look, past or to come; the present one if null.</param>
    public async Task<Result<Breakdown>> ReadBreakdownAsync(
        string userId, DashboardQuery query, DateTimeOffset? now = null, CancellationToken cancellationToken = default)
    {
        if (query.FindZone() is not { } zone)
        {
            return Refusal.WindowInvalid;
        }

        var at = now?.ToUniversalTime() ?? clock.Now();
        await counter.CountSomeAsync(cancellationToken: cancellationToken);
        return await contexts.AtOneMomentAsync<Result<Breakdown>>(
            async (db, token) =>
            {
                var admins = Admins(db, userId);
                var (_, range, _) = await EventsKept.CutAsync(db, query.Range(at, zone), token);
                var breakdown = new BreakdownQuery(db, range, query, at + TimeRange.Instant);
                await using var trip = await OneTrip.SendAsync(db, token, [admins, .. breakdown.Queries]);
                return (await admins.ToListAsync(token)).Count == 0 ? Refusal.Forbidden : await breakdown.ReadAsync(token);
            },
            cancellationToken);
    }

    /// <summary>How the rings move at an instant, with a page of ten of those that do not; the last page when there are fewer.</summary>
    /// <param name="page">From 1 on.</param>
    /// <param name="now">The instant at which to look, past or to come; the present one if null.</param>
    public async Task<Result<TurnHealth>> ReadTurnHealthAsync(
        string userId, Platform? platform = null, int page = 1, DateTimeOffset? now = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(page, 1);

        var at = now?.ToUniversalTime() ?? clock.Now();
        return await contexts.AtOneMomentAsync<Result<TurnHealth>>(
            async (db, token) =>
            {
                if (!await Admins(db, userId).AnyAsync(token))
                {
                    return Refusal.Forbidden;
                }

                var rings = TurnHealthQuery.Of(db, platform, at);
                var counts = await TurnHealthQuery.Counts(rings, at).SingleOrDefaultAsync(token) ?? new RingCounts(0, 0, 0);
                var shown = Math.Min(page, new TablePage<StalledRing>([], 1, counts.HighRisk).Pages);
                var rows = await TurnHealthQuery.Stalled(rings, at)
                    .Skip((shown - 1) * TablePage<StalledRing>.Size).Take(TablePage<StalledRing>.Size)
                    .ToListAsync(token);
                return new TurnHealth(
                    counts.BeingWritten, counts.HighRisk, counts.MediumRisk,
                    new TablePage<StalledRing>(await TurnHealthQuery.DescribeAsync(db, rows, at, token), shown, counts.HighRisk));
            },
            cancellationToken);
    }

    /// <summary>Every ring that stands still, the longest first; as they were at one instant, however long it takes to read them.</summary>
    public async Task<Result<AllRows<StalledRing>>> ReadAllStalledAsync(
        string userId, Platform? platform, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        var first = await ReadTurnHealthAsync(userId, platform, page: 1, now, cancellationToken);
        return first.Succeeded ? new AllRows<StalledRing>(OthersAsync(cancellationToken)) : first.Refusal.Value;

        async IAsyncEnumerable<StalledRing> OthersAsync([EnumeratorCancellation] CancellationToken token)
        {
            for (var health = first; health is { Succeeded: true };)
            {
                foreach (var ring in health.Value.Stalled.Rows)
                {
                    yield return ring;
                }
                var page = health.Value.Stalled.Page;
                if (page >= health.Value.Stalled.Pages)
                {
                    yield break;
                }
                health = await ReadTurnHealthAsync(userId, platform, page + 1, now, token);
            }
        }
    }

    /// <summary>Who wrote most within a window, a page of ten; the last page when there are fewer.</summary>
    /// <param name="page">From 1 on.</param>
    /// <param name="now">The instant at which to look, past or to come; the present one if null.</param>
    public Task<Result<TablePage<BusyWriter>>> ListWritersAsync(
        string userId, DashboardQuery query, int page = 1, DateTimeOffset? now = null, CancellationToken cancellationToken = default) =>
        ListBusiestAsync(userId, query, page, now, BusiestQuery.Writers, row => row.ToView(), cancellationToken);

    /// <summary>In which drafts most was written within a window, a page of ten; the last page when there are fewer.</summary>
    /// <param name="page">From 1 on.</param>
    /// <param name="now">The instant at which to look, past or to come; the present one if null.</param>
    public Task<Result<TablePage<BusyDraft>>> ListDraftsAsync(
        string userId, DashboardQuery query, int page = 1, DateTimeOffset? now = null, CancellationToken cancellationToken = default) =>
        ListBusiestAsync(userId, query, page, now, BusiestQuery.Drafts, row => row.ToView(), cancellationToken);

    /// <summary>All that <see cref="ListWritersAsync"/> lists, as they are at the moment in which the first of them is taken.</summary>
    /// <param name="now">The instant at which to look, past or to come; the present one if null.</param>
    public Task<Result<AllRows<BusyWriter>>> ReadAllWritersAsync(
        string userId, DashboardQuery query, DateTimeOffset? now = null, CancellationToken cancellationToken = default) =>
        ReadAllBusiestAsync(userId, query, now, BusiestQuery.Writers, row => row.ToView(), cancellationToken);

    /// <summary>All that <see cref="ListDraftsAsync"/> lists, as they are at the moment in which the first of them is taken.</summary>
    /// <param name="now">The instant at which to look, past or to come; the present one if null.</param>
    public Task<Result<AllRows<BusyDraft>>> ReadAllDraftsAsync(
        string userId, DashboardQuery query, DateTimeOffset? now = null, CancellationToken cancellationToken = default) =>
        ReadAllBusiestAsync(userId, query, now, BusiestQuery.Drafts, row => row.ToView(), cancellationToken);

    private async Task<Result<TablePage<TView>>> ListBusiestAsync<TRow, TView>(
        string userId, DashboardQuery query, int page, DateTimeOffset? now,
        Func<OneRingDbContext, TimeRange, DashboardQuery, IQueryable<TRow>> busiest, Func<TRow, TView> view, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(page, 1);
        if (query.FindZone() is not { } zone)
        {
            return Refusal.WindowInvalid;
        }

        var asked = query.Range(now?.ToUniversalTime() ?? clock.Now(), zone);
        await counter.CountSomeAsync(cancellationToken: cancellationToken);
        return await contexts.AtOneMomentAsync<Result<TablePage<TView>>>(
            async (db, token) =>
            {
                if (!await Admins(db, userId).AnyAsync(token))
                {
                    return Refusal.Forbidden;
                }

                var (_, range, _) = await EventsKept.CutAsync(db, asked, token);
                var rows = busiest(db, range, query);
                // Each row says how many there are, so that all of them are put together once. Behind the last page there is no row to say it.
                var some = await PageAsync(page);
                var count = some is [var one, ..] ? one.Count : await rows.CountAsync(token);
                var shown = Math.Min(page, new TablePage<TView>([], 1, count).Pages);
                some = shown == page ? some : await PageAsync(shown);
                return new TablePage<TView>([.. some.Select(counted => view(counted.Row))], shown, count);

                Task<List<CountedRow<TRow>>> PageAsync(int which) =>
                    rows.Skip((which - 1) * TablePage<TView>.Size).Take(TablePage<TView>.Size).Select(row => new CountedRow<TRow>(row, Provider.CountOfAll())).ToListAsync(token);
            },
            cancellationToken);
    }

    private async Task<Result<AllRows<TView>>> ReadAllBusiestAsync<TRow, TView>(
        string userId, DashboardQuery query, DateTimeOffset? now,
        Func<OneRingDbContext, TimeRange, DashboardQuery, IQueryable<TRow>> busiest, Func<TRow, TView> view, CancellationToken cancellationToken)
    {
        if (query.FindZone() is not { } zone)
        {
            return Refusal.WindowInvalid;
        }

        var range = query.Range(now?.ToUniversalTime() ?? clock.Now(), zone);
        await counter.CountSomeAsync(cancellationToken: cancellationToken);
        DateTimeOffset? since;
        await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
        {
            since = await EventsKept.FindSinceAsync(db, cancellationToken);
            if (!await Admins(db, userId).AnyAsync(cancellationToken))
            {
                return Refusal.Forbidden;
            }
        }

        var rows = contexts.StreamAsync(
            db =>
            {
                // Asked once more with the rows: whoever takes them may be an admin no longer.
                var admins = Admins(db, userId);
                return busiest(db, range.NotBefore(since), query).Where(_ => admins.Any());
            },
            cancellationToken);
        return new AllRows<TView>(rows.Select(view));
    }

    /// <summary>Events over all drafts, the oldest first.</summary>
    /// <param name="cursor">What the page before gave as its <see cref="Listing{T}.NextCursor"/>.</param>
    /// <param name="limit">How many at the most: 1 to <see cref="DraftService.LongestListing"/>.</param>
    public async Task<Result<Listing<AnalyticsEvent>>> ListEventsAsync(
        string userId, EventQuery query, string? cursor = null, int limit = 20, CancellationToken cancellationToken = default)
    {
        if (EventPage.Read(cursor, limit) is not { } page)
        {
            return Refusal.CursorInvalid;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var admins = Admins(db, userId);
        var events = page.Of(query.In(db));

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, admins, events);
        return (await admins.ToListAsync(cancellationToken)).Count == 0
            ? Refusal.Forbidden
            : page.ToListing(await events.ToListAsync(cancellationToken));
    }

    /// <summary>A row, and how many there are on all pages.</summary>
    private sealed record CountedRow<TRow>(TRow Row, int Count);

    private static IQueryable<string> Admins(OneRingDbContext db, string userId) =>
        db.Users.Where(user => user.Id == userId && user.IsAdmin && user.DisabledAt == null).Select(user => user.Id);
}
