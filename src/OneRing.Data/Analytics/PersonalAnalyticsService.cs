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
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var people = db.Users.Where(user => user.Id == userId && user.DisabledAt == null).Select(user => new { user.PrefersNoName });
        var own = db.EventRows.Where(e => e.ActorId == userId && e.Type == EventType.SegmentAdded && e.OccurredAt <= at);
        var written = own.Where(e => e.OccurredAt >= from).GroupBy(e => e.Slot)
            .Select(slot => new SlotSum(slot.Key, 0, slot.Count(), slot.Sum(e => (long)e.Words), 0, 0));
        var slots = own.Select(e => e.Slot).Distinct();
        var holds = db.RingHolds.Where(h => h.HolderId == userId && h.EndedAt >= from && h.EndedAt <= at).Select(h => h.Microseconds!.Value);
        var active = db.ReadableDrafts(userId).Where(draft =>
            draft.Status == DraftStatus.Active && draft.ArchivedAt == null
            && db.Collaborators.Any(me => me.DraftId == draft.Id && me.UserId == userId && me.Role != Role.Reader));
        var counts = active.GroupBy(draft => draft.HolderId == userId).Select(side => new { IsMine = side.Key, Count = side.Count() });
        var mine = Longest(db, active.Where(draft => draft.HolderId == userId));
        var others = Longest(db, active.Where(draft => draft.HolderId != userId));

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, people, written, slots, holds, counts, mine, others);
        if ((await people.ToListAsync(cancellationToken)).SingleOrDefault() is not { } person)
        {
            return Refusal.Forbidden;
        }

        var byDay = (await written.ToListAsync(cancellationToken)).ToLookup(slot => DashboardQuery.DateOf(slot.At, clocks));
        var everWritten = await slots.ToListAsync(cancellationToken);
        var lengths = (await holds.ToListAsync(cancellationToken)).ConvertAll(length => TimeSpan.FromMicroseconds(length));
        var waiting = (await counts.ToListAsync(cancellationToken)).ToDictionary(side => side.IsMine, side => side.Count);
        return new PersonalFigures(
            [.. Enumerable.Range(0, days).Select(first.AddDays).Select(day => new DayOfWriting(day, byDay[day].Sum(s => s.Segments), byDay[day].Sum(s => s.Words)))],
            WritingStreak.Of(everWritten.Select(slot => DashboardQuery.DateOf(DateTimeOffset.UnixEpoch + (slot * FiguresQuery.SlotLength), clocks)), today),
            lengths.Count, Figures.PercentileMinutes(lengths, 0.5m), Figures.PercentileMinutes(lengths, 0.9m),
            new WaitingDrafts(await mine.ToListAsync(cancellationToken), waiting.GetValueOrDefault(true)),
            new WaitingDrafts(await others.ToListAsync(cancellationToken), waiting.GetValueOrDefault(false)),
            person.PrefersNoName);
    }

    private static IQueryable<WaitingDraft> Longest(OneRingDbContext db, IQueryable<Draft> drafts) => (
        from draft in drafts
        join holder in db.Users on draft.HolderId equals holder.Id
        orderby draft.HeldSince, draft.Id
        select new WaitingDraft(draft.Id, draft.Title, draft.HolderId, User.DisplayOf(draft.HolderId, holder.DisplayName), draft.HeldSince))
        .Take(MostWaiting);
}
