using Microsoft.EntityFrameworkCore;
using NodaTime;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;

namespace OneRing.Data.Rings;

/// <summary>Which absences can be said.</summary>
internal static class Absence
{
    public static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    public static bool IsAllowed(DateTimeOffset until, DateTimeOffset now) => until > now && until <= now + Longest;
}

/// <summary>Where somebody is, for all of their drafts: until when they are away, and in which time zone they live.</summary>
/// <param name="AwayUntil">Null when they are there.</param>
/// <param name="TimeZone">An IANA name; null for UTC.</param>
public sealed record Whereabout(DateTimeOffset? AwayUntil, string? TimeZone)
{
    /// <summary>The instant at which a day is over where they live.</summary>
    public DateTimeOffset EndOf(DateOnly day)
    {
        if (day == DateOnly.MaxValue)
        {
            return DateTimeOffset.MaxValue;
        }

        var zone = Whereabouts.ZoneOf(TimeZone);
        return LocalDate.FromDateOnly(day).PlusDays(1).AtMidnight().InZoneLeniently(zone).ToDateTimeOffset().ToUniversalTime();
    }
}

/// <summary>Absences from all drafts at once, and time zones. Those of one draft are a matter of <see cref="TurnService"/>.</summary>
public sealed class AbsenceService
{
    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly DraftFeed feed;
    private readonly TimeProvider clock;

    internal AbsenceService(IDbContextFactory<OneRingDbContext> contexts, DraftFeed feed, TimeProvider clock)
    {
        this.contexts = contexts;
        this.feed = feed;
        this.clock = clock;
    }

    public async Task<Result<Whereabout>> FindAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.Now();
        return await db.Users.Where(user => user.Id == userId && user.DisabledAt == null)
            .Select(user => new Whereabout(user.AwayUntil > now ? user.AwayUntil : null, user.TimeZone))
            .SingleOrDefaultAsync(cancellationToken) is { } found
            ? found
            : Refusal.Forbidden;
    }

    /// <summary>Says until when somebody is away from all of their drafts, or that they are back.</summary>
    /// <param name="until">At most a year from now; null when they are back.</param>
    public Task<Result<Done>> SetAwayAsync(string userId, DateTimeOffset? until, CancellationToken cancellationToken = default) =>
        ChangeAsync(userId, (user, now) =>
        {
            if (until is not { } end)
            {
                user.ComeBack();
                return null;
            }
            if (!Absence.IsAllowed(end, now))
            {
                return Refusal.AwayInvalid;
            }

            user.GoAway(user.AwayUntil > now ? user.AwaySince!.Value : now, Clock.Cut(end));
            return null;
        }, cancellationToken);

    /// <summary>Says in which time zone somebody lives. The clocks of their turns go by it from now on.</summary>
    /// <param name="timeZone">An IANA name; null for UTC.</param>
    public Task<Result<Done>> SetTimeZoneAsync(string userId, string? timeZone, CancellationToken cancellationToken = default) =>
        ChangeAsync(userId, (user, _) =>
        {
            if (timeZone is not null && Whereabouts.FindZone(timeZone) is null)
            {
                return Refusal.TimeZoneInvalid;
            }

            user.LiveIn(timeZone);
            return null;
        }, cancellationToken);

    private async Task<Result<Done>> ChangeAsync(string userId, Func<User, DateTimeOffset, Refusal?> change, CancellationToken cancellationToken)
    {
        var (result, changes) = await contexts.InTransactionAsync<(Result<Done>, IReadOnlyList<DraftChanged>)>(
            async (db, transaction, token) =>
            {
                var now = clock.Now();
                await Departures.LockAsync(db, userId, token);
                if (await db.Users.SingleOrDefaultAsync(user => user.Id == userId, token) is not { DisabledAt: null } user)
                {
                    return (Refusal.Forbidden, []);
                }
                if (change(user, now) is { } refusal)
                {
                    return (refusal, []);
                }

                await db.SaveChangesAsync(token);
                var changes = await Departures.ReconsiderAsync(db, userId, now, token);
                await transaction.CommitAsync(token);
                return (default(Done), changes);
            },
            cancellationToken);
        foreach (var draft in changes)
        {
            feed.Publish(draft);
        }
        return result;
    }
}
