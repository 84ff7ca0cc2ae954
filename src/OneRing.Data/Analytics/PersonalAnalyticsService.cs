using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics.Rollups;
using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Analytics;

/// <summary>What a person has done over all of their drafts, and what waits: for nobody but this person.</summary>
public sealed class PersonalAnalyticsService
{
    public const int MostDays = 365;

    /// <summary>So many drafts that wait are named; the list of drafts has all of them.</summary>
    public const int MostWaiting = 8;

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly EventCounter counter;
    private readonly TimeProvider clock;

    internal PersonalAnalyticsService(IDbContextFactory<OneRingDbContext> contexts, EventCounter counter, TimeProvider clock)
    {
        this.contexts = contexts;
        this.counter = counter;
        this.clock = clock;
    }

    /// <summary>The figures of a person.</summary>
    /// <param name="days">How many days it looks back, today included: 1 to <see cref="MostDays"/>.</param>
    /// <param name="zone">The time zone in which days begin, by its IANA name; UTC if null.</param>
    /// <param name="now">The instant at which to look; the present one if null. What waits is always what waits at present.</param>
    public async Task<Result<PersonalFigures>> FindAsync(
        string userId, int days = 30, string? zone = null, DateTimeOffset? now = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(days, MostDays);
        if (DashboardQuery.FindZone(zone) is not { } clocks)
        {
            return Refusal.WindowInvalid;
        }

        var at = now?.ToUniversalTime() ?? clock.Now();
        var today = DashboardQuery.DateOf(at, clocks);
        var first = today.AddDays(1 - days);
        var from = DashboardQuery.StartOf(first, clocks);
        await counter.CountSomeAsync(cancellationToken: cancellationToken);
        return await contexts.AtOneMomentAsync<Result<PersonalFigures>>(
            async (db, token) =>
            {
                var people = db.Users.Where(user => user.Id == userId && user.DisabledAt == null).Select(user => new { user.PrefersNoName });
                // Every quarter of an hour in which they ever wrote, for the streaks: also of a life's work that is not too much to read.
                var since = await EventsKept.FindSinceAsync(db, token);
                var ever = new TimeRange(From: null, at + TimeRange.Instant).NotBefore(since).Cut(FiguresQuery.SlotLength);
                var slots = db.WriterSlots.Where(s => s.UserId == userId && s.Slot >= ever.First && s.Slot < ever.End).Select(s => new WrittenSlot(s.Slot, s.Segments, s.Words));
                var edge = SpanQuery.EventsOf(db, ever.Edges, platform: null).Where(e => e.ActorId == userId && e.Type == EventType.SegmentAdded)
                    .GroupBy(e => e.Slot).Select(slot => new WrittenSlot(slot.Key, slot.Count(), slot.Sum(e => (long)e.Words)));
                var within = new TimeRange(from, at + TimeRange.Instant).NotBefore(since);
                var holds = db.RingHolds.Where(h => h.HolderId == userId && h.EndedAt >= within.From && h.EndedAt < within.To).Select(h => h.Microseconds!.Value);
                var active = db.ReadableDrafts(userId).Where(draft =>
                    draft.Status == DraftStatus.Active && draft.ArchivedAt == null
                    && db.Collaborators.Any(me => me.DraftId == draft.Id && me.UserId == userId && me.Role != Role.Reader));
                var counts = active.GroupBy(draft => draft.HolderId == userId).Select(side => new { IsMine = side.Key, Count = side.Count() });
                var mine = Longest(db, active.Where(draft => draft.HolderId == userId));
                var others = Longest(db, active.Where(draft => draft.HolderId != userId));

                await using var trip = await OneTrip.SendAsync(db, token, people, slots, edge, holds, counts, mine, others);
                if ((await people.ToListAsync(token)).SingleOrDefault() is not { } person)
                {
                    return Refusal.Forbidden;
                }

                WrittenSlot[] written = [.. await slots.ToListAsync(token), .. await edge.ToListAsync(token)];
                var byDay = written.ToLookup(slot => DashboardQuery.DateOf(DateTimeOffset.UnixEpoch + (slot.Slot * FiguresQuery.SlotLength), clocks));
                var lengths = (await holds.ToListAsync(token)).ConvertAll(length => TimeSpan.FromMicroseconds(length));
                var waiting = (await counts.ToListAsync(token)).ToDictionary(side => side.IsMine, side => side.Count);
                return new PersonalFigures(
                    [.. Enumerable.Range(0, days).Select(first.AddDays).Select(day => new DayOfWriting(day, byDay[day].Sum(s => s.Segments), byDay[day].Sum(s => s.Words)))],
                    WritingStreak.Of(byDay.Select(day => day.Key), today),
                    lengths.Count, Figures.PercentileMinutes(lengths, 0.5m), Figures.PercentileMinutes(lengths, 0.9m),
                    new WaitingDrafts(await mine.ToListAsync(token), waiting.GetValueOrDefault(true)),
                    new WaitingDrafts(await others.ToListAsync(token), waiting.GetValueOrDefault(false)),
                    person.PrefersNoName)
                {
                    Since = since,
                };
            },
            cancellationToken);
    }

    private static IQueryable<WaitingDraft> Longest(OneRingDbContext db, IQueryable<Draft> drafts) => (
        from draft in drafts
        join holder in db.Users on draft.HolderId equals holder.Id
        orderby draft.HeldSince, draft.Id
        select new WaitingDraft(draft.Id, draft.Title, draft.HolderId, User.DisplayOf(draft.HolderId, holder.DisplayName), draft.HeldSince))
        .Take(MostWaiting);
}

/// <summary>What somebody wrote within a quarter of an hour.</summary>
internal sealed record WrittenSlot(int Slot, int Segments, long Words);
