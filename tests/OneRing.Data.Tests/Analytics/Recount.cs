using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Analytics;

/// <summary>
/// The figures once more, by slow code that shares nothing with the product's: it reads all rows and goes through them as
/// the definitions say.
/// </summary>
internal sealed partial class Recount
{
    private readonly List<Draft> drafts;
    private readonly List<Segment> segments;
    private readonly List<RingPass> passes;
    private readonly HashSet<string> disabled;
    private readonly HashSet<string> unnamed;
    private readonly Dictionary<string, string> displayNames;

    private Recount(List<Draft> drafts, List<Segment> segments, List<RingPass> passes, HashSet<string> disabled, HashSet<string> unnamed, Dictionary<string, string> names)
    {
        displayNames = names;
        this.drafts = drafts;
        this.segments = segments;
        this.passes = passes;
        this.disabled = disabled;
        this.unnamed = unnamed;
    }

    public static async Task<Recount> ReadAsync(IServiceProvider services)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        return new Recount(
            await db.Drafts.AsNoTracking().Include(draft => draft.Collaborators).ToListAsync(), await db.Segments.AsNoTracking().ToListAsync(), await db.RingPasses.AsNoTracking().ToListAsync(),
            [.. await db.Users.Where(user => user.DisabledAt != null).Select(user => user.Id).ToListAsync()],
            [.. await db.Users.Where(user => user.PrefersNoName).Select(user => user.Id).ToListAsync()],
            await db.Users.Where(user => user.DisplayName != null).ToDictionaryAsync(user => user.Id, user => user.DisplayName!));
    }

    /// <summary>The figures of a draft are those that are counted here.</summary>
    /// <param name="ableToWrite">Owner and writers at that instant.</param>
    public void AssertEqual(DraftFigures figures, Guid draftId, DateTimeOffset now, int days, IReadOnlyCollection<string> ableToWrite)
    {
        var draft = drafts.Single(d => d.Id == draftId);
        var written = segments.Where(s => s.DraftId == draftId && s.CreatedAt <= now).ToList();
        var passed = passes.Where(p => p.DraftId == draftId && p.PassedAt <= now).ToList();

        Assert.Equal(draftId, figures.DraftId);
        Assert.Equal((written.Count, written.Sum(Words), passed.Count), (figures.Segments, figures.Words, figures.RingPasses));

        var names = written.Select(s => s.AuthorId).Append(draft.CreatorId).ToHashSet();
        Assert.Equal(
            names.OrderBy(id => -written.Count(s => s.AuthorId == id)).ThenBy(id => id, StringComparer.Ordinal),
            figures.Contributors.Select(c => c.UserId));
        foreach (var person in figures.Contributors)
        {
            var own = written.Where(s => s.AuthorId == person.UserId).ToList();
            Assert.Equal(
                (own.Count, own.Sum(Words), passed.Count(p => p.ToId == person.UserId)), (person.Segments, person.Words, person.RingsReceived));

            var minutes = HoldMinutes(draft, passed, person.UserId, now);
            minutes.Sort();
            AssertClose(minutes.Count == 0 ? null : minutes.Average(), person.AverageHoldMinutes, 0.0051);
            AssertClose(Quantile(minutes, 0.5), person.MedianHoldMinutes, 0.0051);
            AssertClose(Quantile(minutes, 0.9), person.P90HoldMinutes, 0.0051);
        }

        Assert.Equal(days, figures.Daily.Count);
        for (var ago = 0; ago < days; ago++)
        {
            var date = now.UtcDateTime.Date.AddDays(-ago);
            Assert.Equal(
                new DraftDay(
                    DateOnly.FromDateTime(date), written.Count(s => s.CreatedAt.UtcDateTime.Date == date), passed.Count(p => p.PassedAt.UtcDateTime.Date == date)),
                figures.Daily[days - 1 - ago]);
        }

        var hours = (now - LastActivity(draft, written, passed, now)).TotalHours;
        Assert.Equal(hours >= 48 ? "High" : hours >= 24 && passed.Count < 2 ? "Medium" : "Low", figures.InactivityRisk.ToString());
        AssertClose(Evenness([.. ableToWrite.Union(written.Select(s => s.AuthorId)).Select(id => written.Count(s => s.AuthorId == id))]), figures.Fairness, 0.00051);
    }

    /// <summary>What is told of a draft as a whole is what is counted here.</summary>
    public void AssertEqual(DraftOverview overview, Guid draftId, DateTimeOffset now, int days, int page, IReadOnlyCollection<string> ableToWrite)
    {
        AssertEqual(overview.Figures, draftId, now, days, ableToWrite);

        var draft = drafts.Single(d => d.Id == draftId);
        var written = segments.Where(s => s.DraftId == draftId && s.CreatedAt <= now).ToList();
        var passed = passes.Where(p => p.DraftId == draftId && p.PassedAt <= now).ToList();
        AssertClose(Pace(draft, written, now.AddDays(-7), now), overview.Velocity.WordsPerDay, 0.0501);
        AssertClose(Pace(draft, written, now.AddDays(-14), now.AddDays(-7)), overview.Velocity.WordsPerDayBefore, 0.0501);

        var holds = Holds(draft, passed, now);
        holds.Reverse();
        Assert.Equal((now, holds.Count, page), (overview.Now, overview.Holds.Count, overview.Holds.Page));
        Assert.Equal(
            holds.Skip(10 * (page - 1)).Take(10).Select(hold => (hold.Turn, hold.Holder, hold.Since, hold.IsOver ? hold.Until : (DateTimeOffset?)null, hold.Until - hold.Since)),
            overview.Holds.Rows.Select(row => (row.Turn, row.UserId, row.From, row.To, row.Length)));
    }

    public void AssertEqual(Leaderboard board, DateTimeOffset now)
    {
        var people = segments.Select(s => s.AuthorId).Concat(passes.Select(p => p.ToId)).Concat(drafts.Select(d => d.CreatorId))
            .Distinct().Where(id => !disabled.Contains(id) && !unnamed.Contains(id));
        var scores = people
            .Select(id => (Id: id, Score: ScoreOf(board.Metric, id, now)))
            .Where(person => person.Score > 0)
            .OrderBy(person => -person.Score).ThenBy(person => person.Id, StringComparer.Ordinal)
            .Take(10)
            .ToList();

        Assert.Equal(scores, board.Entries.Select(entry => (entry.UserId, entry.Value)));
        Assert.Equal(Enumerable.Range(1, scores.Count), board.Entries.Select(entry => entry.Position));
    }

    /// <summary>The figures of a person are those that are counted here; what waits, that of the present.</summary>
    public void AssertEqual(PersonalFigures figures, string userId, int days, string? zoneName, DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneName ?? "UTC");
        DateOnly DateOf(DateTimeOffset at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);
        var own = segments.Where(s => s.AuthorId == userId && s.CreatedAt <= now).ToList();
        var today = DateOf(now);
        Assert.Equal(
            Enumerable.Range(0, days).Select(ago => today.AddDays(-ago)).Reverse()
                .Select(day => new DayOfWriting(day, own.Count(s => DateOf(s.CreatedAt) == day), own.Where(s => DateOf(s.CreatedAt) == day).Sum(Words))),
            figures.Days);

        var writing = own.Select(s => DateOf(s.CreatedAt)).ToHashSet();
        int Before(DateOnly day)
        {
            var length = 0;
            for (; writing.Contains(day); day = day.AddDays(-1))
            {
                length++;
            }
            return length;
        }
        Assert.Equal(Math.Max(Before(today), Before(today.AddDays(-1))), figures.Streak.Days);
        Assert.Equal(writing.Select(Before).DefaultIfEmpty().Max(), figures.Streak.Longest);

        var minutes = new List<double>();
        foreach (var draft in drafts)
        {
            var (holder, since) = (draft.CreatorId, draft.CreatedAt);
            foreach (var pass in passes.Where(p => p.DraftId == draft.Id).OrderBy(p => p.Turn).Append(null))
            {
                if ((pass is null || draft.CompletedAt < pass.PassedAt ? draft.CompletedAt : pass.PassedAt) is { } end
                    && holder == userId && end >= since && end <= now && DateOf(end) > today.AddDays(-days))
                {
                    minutes.Add((end - since).TotalMinutes);
                }
                (holder, since) = pass is null ? (holder, since) : (pass.ToId, pass.PassedAt);
            }
        }
        minutes.Sort();
        Assert.Equal(minutes.Count, figures.Holds);
        AssertClose(Quantile(minutes, 0.5), figures.MedianHoldMinutes, 0.0051);
        AssertClose(Quantile(minutes, 0.9), figures.P90HoldMinutes, 0.0051);

        // Owner and writers may write.
        var active = drafts
            .Where(d => d.Status == DraftStatus.Active && d.ArchivedAt is null && d.Collaborators.Any(c => c.UserId == userId && c.Role != Role.Reader))
            .Select(d => (d.Id, d.HolderId, Since: passes.Where(p => p.DraftId == d.Id).Select(p => p.PassedAt).Append(d.CreatedAt).Max()))
            .OrderBy(d => d.Since).ThenBy(d => d.Id.ToString(), StringComparer.Ordinal)
            .ToLookup(d => d.HolderId == userId);
        foreach (var (waiting, isMine) in (IEnumerable<(WaitingDrafts, bool)>)[(figures.WithMe, true), (figures.WithOthers, false)])
        {
            Assert.Equal(active[isMine].Count(), waiting.Count);
            Assert.Equal(active[isMine].Take(8), waiting.Longest.Select(d => (d.DraftId, d.HolderId, d.Since)));
        }
    }

    /// <summary>The figures of a dashboard are those that are counted here, event by event, with the clocks of the operating system.</summary>
    public void AssertEqual(Dashboard dashboard, DashboardQuery query, DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(query.Zone ?? "UTC");
        bool Counts(DateTimeOffset at) => at <= now && (query.Dates is { } d ? IsBetween(at, d, zone) : query.Window == Window.All || at > StartOf(query.Window, now, zone));
        AssertEqual(CountWithin(Counts, query), dashboard.Figures);
        AssertEqual(dashboard.Unit, dashboard.Periods, dashboard.Week, query, Counts, zone);

        if (query.Comparison == Comparison.Nothing || (query.Dates is null && query.Window == Window.All))
        {
            Assert.Null(dashboard.Before);
            return;
        }
        AssertEqual(CountWithin(CountsBefore, query), dashboard.Before!);

        bool CountsBefore(DateTimeOffset at)
        {
            if (query.Dates is not { } d)
            {
                var start = StartOf(query.Window, now, zone);
                return query.Comparison == Comparison.YearBefore
                    ? at > start.AddDays(-364) && at <= now.AddDays(-364)
                    : at > start - (now - start) && at <= start;
            }
            var days = query.Comparison == Comparison.YearBefore ? 364 : d.Last.DayNumber - d.First.DayNumber + 1;
            var isOver = TimeZoneInfo.ConvertTime(now, zone).Date > d.Last.ToDateTime(TimeOnly.MinValue);
            return IsBetween(at, (d.First.AddDays(-days), d.Last.AddDays(-days)), zone)
                && (isOver || at - Midnight(d.First.AddDays(-days), zone) <= now - Midnight(d.First, zone));
        }
    }

    /// <summary>What happened by kind is what is counted here.</summary>
    public void AssertEqual(Breakdown breakdown, DashboardQuery query, DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(query.Zone ?? "UTC");
        bool Counts(DateTimeOffset at) => at <= now && (query.Dates is { } d ? IsBetween(at, d, zone) : query.Window == Window.All || at > StartOf(query.Window, now, zone));
        var some = drafts.Where(d => query.Platform is null || d.Platform == query.Platform).ToList();

        foreach (var chosen in Enum.GetValues<Chosen>())
        {
            var made = passes.Count(p => p.Chosen == chosen && some.Exists(d => d.Id == p.DraftId) && Counts(p.PassedAt));
            Assert.Equal(
                query.CountsAutomatic || chosen is not (Chosen.Returned or Chosen.Expired) ? made : 0,
                breakdown.Passes.SingleOrDefault(p => p.Chosen == chosen)?.Passes ?? 0);
        }

        var minutes = EndedHolds(some, Counts);
        double[] limits = [0, 1, 5, 15, 60, 4 * 60, 12 * 60, 24 * 60, 3 * 24 * 60, 7 * 24 * 60, double.PositiveInfinity];
        Assert.Equal(
            limits.SkipLast(1).Zip(limits.Skip(1), (from, to) => (from, to, minutes.Count(m => m >= from && m < to))),
            breakdown.Holds.Select(length => (length.From.TotalMinutes, length.To?.TotalMinutes ?? double.PositiveInfinity, length.Holds)));

        var created = some.Where(d => Counts(d.CreatedAt)).ToList();
        bool IsCompleted(Draft draft) => draft.CompletedAt is { } at && at <= now;
        Assert.Equal(
            created.GroupBy(d => d.Platform).OrderBy(own => own.Key).Select(own => new PlatformDrafts(
                own.Key,
                own.Count(d => !IsCompleted(d) && d.Status != DraftStatus.Locked), own.Count(d => !IsCompleted(d) && d.Status == DraftStatus.Locked), own.Count(IsCompleted),
                Deleted: 0)),
            breakdown.Drafts);
        var shared = created.Where(d => segments.Where(s => s.DraftId == d.Id && s.CreatedAt <= now).Select(s => s.AuthorId).Distinct().Count() > 1).ToList();
        Assert.Equal(new Funnel(created.Count, shared.Count, shared.Count(IsCompleted)), breakdown.Funnel);
    }

    /// <summary>How the rings moved at an instant is what is counted here.</summary>
    /// <param name="ableToWrite">Owner and writers of a draft at that instant.</param>
    public void AssertEqual(TurnHealth health, Platform? platform, DateTimeOffset now, Func<Guid, IReadOnlyCollection<string>> ableToWrite)
    {
        var open = drafts
            .Where(d => (platform is null || d.Platform == platform) && d.CreatedAt <= now && d.Status != DraftStatus.Locked && d.ArchivedAt is null && !(d.CompletedAt <= now))
            .Select(d => (
                Draft: d,
                Written: segments.Where(s => s.DraftId == d.Id && s.CreatedAt <= now).ToList(),
                Passed: passes.Where(p => p.DraftId == d.Id && p.PassedAt <= now).OrderBy(p => p.Turn).ToList()))
            .Select(d => (d.Draft, d.Written, d.Passed, Last: LastActivity(d.Draft, d.Written, d.Passed, now)))
            .ToList();
        var stalled = open.Where(d => (now - d.Last).TotalHours >= 48).OrderBy(d => d.Last).ThenBy(d => d.Draft.Id.ToString(), StringComparer.Ordinal).ToList();

        Assert.Equal(
            (open.Count, stalled.Count, open.Count(d => (now - d.Last).TotalHours is >= 24 and < 48 && d.Passed.Count < 2)),
            (health.BeingWritten, health.HighRisk, health.MediumRisk));
        Assert.Equal(stalled.Count, health.Stalled.Count);
        var shown = stalled.Skip((health.Stalled.Page - 1) * 10).Take(10).ToList();
        Assert.Equal(shown.Select(d => d.Draft.Id), health.Stalled.Rows.Select(row => row.DraftId));
        foreach (var (expected, row) in shown.Zip(health.Stalled.Rows))
        {
            var holder = expected.Passed.Count == 0 ? expected.Draft.CreatorId : expected.Passed[^1].ToId;
            Assert.Equal(
                (unnamed.Contains(holder) ? null : displayNames[holder], expected.Passed.Count + 1, expected.Passed.Count == 0 ? expected.Draft.CreatedAt : expected.Passed[^1].PassedAt, expected.Last),
                (row.HolderName, row.Turn, row.HeldSince, row.LastActivityAt));
            var people = ableToWrite(row.DraftId).Union(expected.Written.Select(s => s.AuthorId));
            AssertClose(Evenness([.. people.Select(id => expected.Written.Count(s => s.AuthorId == id))]), row.Fairness, 0.00051);
        }
    }

    /// <summary>The tables of a window are those that are counted here.</summary>
    public void AssertEqual(TablePage<BusyWriter> writers, TablePage<BusyDraft> busy, DashboardQuery query, DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(query.Zone ?? "UTC");
        bool Counts(DateTimeOffset at) => at <= now && (query.Dates is { } d ? IsBetween(at, d, zone) : query.Window == Window.All || at > StartOf(query.Window, now, zone));
        var some = drafts.Where(d => query.Platform is null || d.Platform == query.Platform).ToDictionary(d => d.Id);
        var written = segments.Where(s => some.ContainsKey(s.DraftId) && Counts(s.CreatedAt)).ToList();
        var passed = passes.Where(p => some.ContainsKey(p.DraftId) && Counts(p.PassedAt) && p.Chosen is not (Chosen.Returned or Chosen.Expired)).ToList();

        var people = written.GroupBy(s => s.AuthorId).Select(own => (Id: own.Key, Segments: own.Count(), Words: own.Sum(Words)))
            .OrderBy(p => -p.Segments).ThenBy(p => -p.Words).ThenBy(p => p.Id, StringComparer.Ordinal).ToList();
        Assert.Equal(people.Count, writers.Count);
        Assert.Equal(
            people.Skip((writers.Page - 1) * 10).Take(10).Select(p => (unnamed.Contains(p.Id) ? null : p.Id, p.Segments, p.Words)),
            writers.Rows.Select(row => (row.UserId, row.Segments, (int)row.Words)));
        Assert.All(writers.Rows, row => Assert.Equal(row.UserId is null, row.Name is null));

        var texts = some.Keys
            .Select(id => (Id: id, Own: written.Where(s => s.DraftId == id).ToList(), Passes: passed.Count(p => p.DraftId == id)))
            .Where(draft => draft.Own.Count + draft.Passes > 0)
            .OrderBy(draft => -draft.Own.Count).ThenBy(draft => -draft.Own.Sum(Words)).ThenBy(draft => -draft.Passes).ThenBy(draft => draft.Id.ToString(), StringComparer.Ordinal)
            .ToList();
        Assert.Equal(texts.Count, busy.Count);
        Assert.Equal(
            texts.Skip((busy.Page - 1) * 10).Take(10).Select(draft => (draft.Id, some[draft.Id].Title, draft.Own.Count, draft.Own.Sum(Words), draft.Passes)),
            busy.Rows.Select(row => (row.DraftId, row.Title!, row.Segments, (int)row.Words, row.Passes)));
    }

    private static void AssertEqual(DashboardFigures expected, DashboardFigures actual)
    {
        Assert.Equal(expected with { MedianHoldMinutes = null, P90HoldMinutes = null }, actual with { MedianHoldMinutes = null, P90HoldMinutes = null });
        AssertClose(expected.MedianHoldMinutes, actual.MedianHoldMinutes, 0.0051);
        AssertClose(expected.P90HoldMinutes, actual.P90HoldMinutes, 0.0051);
    }

    private DashboardFigures CountWithin(Func<DateTimeOffset, bool> counts, DashboardQuery query)
    {
        var some = drafts.Where(d => query.Platform is null || d.Platform == query.Platform).ToDictionary(d => d.Id);
        var written = segments.Where(s => some.ContainsKey(s.DraftId) && counts(s.CreatedAt)).ToList();
        var passed = passes.Count(p => some.ContainsKey(p.DraftId) && counts(p.PassedAt) && (query.CountsAutomatic || p.Chosen is not (Chosen.Returned or Chosen.Expired)));
        var minutes = EndedHolds(some.Values, counts);
        return new DashboardFigures(
            written.Select(s => s.AuthorId).Distinct().Count(), some.Values.Count(d => counts(d.CreatedAt)), written.Count, written.Sum(Words), passed,
            some.Values.Count(d => d.CompletedAt is { } at && counts(at)), Quantile(minutes, 0.5), Quantile(minutes, 0.9));
    }

    /// <summary>How many minutes the holds lasted that ended while it counts, the shortest first.</summary>
    private List<double> EndedHolds(IEnumerable<Draft> some, Func<DateTimeOffset, bool> counts)
    {
        var minutes = new List<double>();
        foreach (var draft in some)
        {
            var since = draft.CreatedAt;
            foreach (var until in passes.Where(p => p.DraftId == draft.Id).OrderBy(p => p.Turn).Select(p => (DateTimeOffset?)p.PassedAt).Append(null))
            {
                if ((until is null || draft.CompletedAt < until ? draft.CompletedAt : until) is { } end && end >= since && counts(end))
                {
                    minutes.Add((end - since).TotalMinutes);
                }
                since = until ?? since;
            }
        }
        minutes.Sort();
        return minutes;
    }

    /// <summary>Each period begins and ends where its name changes, none is left out, and what happened in it is what is counted here; likewise the hours of the week.</summary>
    private void AssertEqual(
        TimeUnit unit, IReadOnlyList<ActivityPeriod> periods, IReadOnlyList<HourOfWeek> week, DashboardQuery query, Func<DateTimeOffset, bool> counts, TimeZoneInfo zone)
    {
        var some = drafts.Where(d => query.Platform is null || d.Platform == query.Platform).ToDictionary(d => d.Id);
        var starts = periods.Select(period => period.Start).ToList();
        ILookup<int, T> Split<T>(IEnumerable<T> rows, Func<T, DateTimeOffset?> at) =>
            rows.Where(row => at(row) is { } when && counts(when)).ToLookup(row => starts.FindLastIndex(start => start <= at(row)!.Value));
        var created = Split(some.Values, d => d.CreatedAt);
        var completed = Split(some.Values, d => d.CompletedAt);
        var written = Split(segments.Where(s => some.ContainsKey(s.DraftId)), s => s.CreatedAt);
        var passed = Split(
            passes.Where(p => some.ContainsKey(p.DraftId) && (query.CountsAutomatic || p.Chosen is not (Chosen.Returned or Chosen.Expired))), p => p.PassedAt);
        for (var i = 0; i < periods.Count; i++)
        {
            Assert.Equal(
                new ActivityPeriod(starts[i], created[i].Count(), written[i].Count(), written[i].Sum(Words), passed[i].Count(), completed[i].Count()), periods[i]);
            Assert.Equal(TimeZoneInfo.ConvertTime(starts[i], zone).Offset, starts[i].Offset);
            Assert.NotEqual(NameOf(starts[i].AddTicks(-10)), NameOf(starts[i]));
            if (i > 0)
            {
                Assert.Equal(NameOf(starts[i - 1]), NameOf(starts[i].AddTicks(-10)));
            }
        }
        Assert.Equal((0, 0), (written[-1].Count(), created[-1].Count()));

        Assert.Equal(
            written.SelectMany(own => own).Select(s => TimeZoneInfo.ConvertTime(s.CreatedAt, zone)).GroupBy(at => (at.DayOfWeek, at.Hour))
                .OrderBy(hour => hour.Key).Select(hour => new HourOfWeek(hour.Key.DayOfWeek, hour.Key.Hour, hour.Count())),
            week);

        string NameOf(DateTimeOffset at)
        {
            var local = TimeZoneInfo.ConvertTime(at, zone);
            return unit switch
            {
                TimeUnit.Hour => $"{local:yyyy-MM-dd HH zzz}",
                TimeUnit.Day => $"{local:yyyy-MM-dd}",
                TimeUnit.Week => $"{ISOWeek.GetYear(local.DateTime)} {ISOWeek.GetWeekOfYear(local.DateTime)}",
                _ => $"{local:yyyy-MM}",
            };
        }
    }

    private static bool IsBetween(DateTimeOffset at, (DateOnly First, DateOnly Last) dates, TimeZoneInfo zone)
    {
        var date = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);
        return date >= dates.First && date <= dates.Last;
    }

    private static DateTimeOffset StartOf(Window window, DateTimeOffset now, TimeZoneInfo zone) => window switch
    {
        Window.Day => now.AddDays(-1),
        Window.Week => now.AddDays(-7),
        Window.Month => now.AddDays(-30),
        // The same time on the clock, one year before.
        _ => new DateTimeOffset(TimeZoneInfo.ConvertTimeToUtc(DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(now, zone).DateTime.AddMonths(-12), DateTimeKind.Unspecified), zone)),
    };

    /// <summary>Looks at the clock every five minutes until the day has come.</summary>
    private static DateTimeOffset Midnight(DateOnly day, TimeZoneInfo zone)
    {
        var at = new DateTimeOffset(day.AddDays(-1), TimeOnly.MinValue, TimeSpan.Zero).AddHours(6);
        while (DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime) < day)
        {
            at = at.AddMinutes(5);
        }
        return at;
    }

    private double ScoreOf(LeaderboardMetric metric, string userId, DateTimeOffset now)
    {
        var own = segments.Where(s => s.AuthorId == userId && s.CreatedAt <= now).ToList();
        var created = drafts.Where(d => d.CreatorId == userId && d.CreatedAt <= now).ToList();
        var received = passes.Count(p => p.ToId == userId && p.PassedAt <= now);
        var contributed = drafts.Count(d => d.CreatorId != userId && own.Exists(s => s.DraftId == d.Id));
        double Weight(DateTimeOffset at) => Math.Exp(-Math.Log(2) * (now - at).TotalHours / 168);
        return metric switch
        {
            LeaderboardMetric.Collaboration => (own.Count * 3) + (received * 2) + contributed,
            LeaderboardMetric.Momentum => Math.Floor((own.Sum(s => Weight(s.CreatedAt)) + (5 * created.Sum(d => Weight(d.CreatedAt)))) * 10 + 0.5) / 10,
            _ => (created.Count * 5) + (contributed * 2),
        };
    }

    private static List<double> HoldMinutes(Draft draft, List<RingPass> passed, string userId, DateTimeOffset now) =>
        [.. Holds(draft, passed, now).Where(hold => hold.Holder == userId).Select(hold => (hold.Until - hold.Since).TotalMinutes)];

    /// <summary>Goes through the passes one by one, as somebody with a watch would.</summary>
    private static List<(int Turn, string Holder, DateTimeOffset Since, DateTimeOffset Until, bool IsOver)> Holds(Draft draft, List<RingPass> passed, DateTimeOffset now)
    {
        var holds = new List<(int, string, DateTimeOffset, DateTimeOffset, bool)>();
        var (holder, since) = (draft.CreatorId, draft.CreatedAt);
        if (draft.CreatedAt > now)
        {
            return holds;
        }
        for (var turn = 2; ; turn++)
        {
            var next = passed.Find(p => p.Turn == turn);
            var (until, isOver) = (next?.PassedAt ?? now, next is not null);
            if (draft.CompletedAt <= now && (!isOver || draft.CompletedAt < until))
            {
                (until, isOver) = (draft.CompletedAt.Value, true);
            }
            if (until >= since)
            {
                holds.Add((turn - 1, holder, since, until, isOver));
            }
            if (next is null)
            {
                return holds;
            }
            (holder, since) = (next.ToId, next.PassedAt);
        }
    }

    /// <summary>Words a day between two instants, while there was a draft that was not complete.</summary>
    private static double? Pace(Draft draft, List<Segment> written, DateTimeOffset from, DateTimeOffset to)
    {
        if (draft.CreatedAt > to || draft.CompletedAt <= from)
        {
            return null;
        }
        var (start, end) = (draft.CreatedAt > from ? draft.CreatedAt : from, draft.CompletedAt < to ? draft.CompletedAt.Value : to);
        return written.Where(s => s.CreatedAt > from && s.CreatedAt <= to).Sum(Words) / Math.Max(1, (end - start).TotalDays);
    }

    private static DateTimeOffset LastActivity(Draft draft, List<Segment> written, List<RingPass> passed, DateTimeOffset now)
    {
        var last = draft.CreatedAt;
        foreach (var at in written.Select(s => s.CreatedAt).Concat(passed.Select(p => p.PassedAt)).Concat(draft.CompletedAt is { } end && end <= now ? [end] : []))
        {
            last = at > last ? at : last;
        }
        return last;
    }

    private static double? Quantile(List<double> sorted, double share)
    {
        if (sorted.Count == 0)
        {
            return null;
        }
        var place = share * (sorted.Count - 1);
        var index = (int)place;
        return index + 1 < sorted.Count ? ((1 - (place - index)) * sorted[index]) + ((place - index) * sorted[index + 1]) : sorted[index];
    }

    /// <summary>From the mean difference between any two people.</summary>
    private static double? Evenness(List<int> counts)
    {
        if (counts.Sum() == 0)
        {
            return null;
        }
        var differences = counts.Sum(a => counts.Sum(b => Math.Abs(a - b)));
        return 1 - (differences / (2.0 * counts.Count * counts.Sum()));
    }

    private static int Words(Segment segment) => Word().Count(segment.Content);

    private static void AssertClose(double? expected, double? actual, double by)
    {
        Assert.Equal(expected is null, actual is null);
        Assert.InRange(actual ?? 0, (expected ?? 0) - by, (expected ?? 0) + by);
    }

    [GeneratedRegex(@"\S+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word();
}
