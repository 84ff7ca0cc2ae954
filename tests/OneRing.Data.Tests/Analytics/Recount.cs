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

    private Recount(List<Draft> drafts, List<Segment> segments, List<RingPass> passes, HashSet<string> disabled)
    {
        this.drafts = drafts;
        this.segments = segments;
        this.passes = passes;
        this.disabled = disabled;
    }

    public static async Task<Recount> ReadAsync(IServiceProvider services)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        return new Recount(
            await db.Drafts.AsNoTracking().ToListAsync(), await db.Segments.AsNoTracking().ToListAsync(), await db.RingPasses.AsNoTracking().ToListAsync(),
            [.. await db.Users.Where(user => user.DisabledAt != null).Select(user => user.Id).ToListAsync()]);
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

    public void AssertEqual(Leaderboard board, DateTimeOffset now)
    {
        var people = segments.Select(s => s.AuthorId).Concat(passes.Select(p => p.ToId)).Concat(drafts.Select(d => d.CreatorId))
            .Distinct().Where(id => !disabled.Contains(id));
        var scores = people
            .Select(id => (Id: id, Score: ScoreOf(board.Metric, id, now)))
            .Where(person => person.Score > 0)
            .OrderBy(person => -person.Score).ThenBy(person => person.Id, StringComparer.Ordinal)
            .Take(10)
            .ToList();

        Assert.Equal(scores, board.Entries.Select(entry => (entry.UserId, entry.Value)));
        Assert.Equal(Enumerable.Range(1, scores.Count), board.Entries.Select(entry => entry.Position));
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

    /// <summary>Goes through the passes one by one, as somebody with a watch would.</summary>
    private static List<double> HoldMinutes(Draft draft, List<RingPass> passed, string userId, DateTimeOffset now)
    {
        var minutes = new List<double>();
        var (holder, since) = (draft.CreatorId, draft.CreatedAt);
        if (draft.CreatedAt > now)
        {
            return minutes;
        }
        for (var turn = 2; ; turn++)
        {
            var next = passed.Find(p => p.Turn == turn);
            var until = next?.PassedAt ?? now;
            if (draft.CompletedAt <= now && draft.CompletedAt < until)
            {
                until = draft.CompletedAt.Value;
            }
            if (holder == userId && until >= since)
            {
                minutes.Add((until - since).TotalMinutes);
            }
            if (next is null)
            {
                return minutes;
            }
            (holder, since) = (next.ToId, next.PassedAt);
        }
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
