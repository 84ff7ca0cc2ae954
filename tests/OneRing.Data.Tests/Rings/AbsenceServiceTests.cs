using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Rings;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Rings;

public sealed class AbsenceServiceTests_InMemory(InMemory database) : AbsenceServiceTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class AbsenceServiceTests_Postgres(Postgres database) : AbsenceServiceTests(database), IClassFixture<Postgres>;

/// <summary>What somebody says of where they are, for all of their drafts.</summary>
public abstract class AbsenceServiceTests(TestDatabase database) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 5, 4, 9, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider clock = new(Start);
    private ServiceProvider services = null!;
    private string ana = "";

    private AbsenceService Absences => services.GetRequiredService<AbsenceService>();

    public async Task InitializeAsync()
    {
        services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        ana = await services.APersonAsync("Ana");
    }

    public async Task DisposeAsync() => await services.DisposeAsync();

    [Fact]
    public async Task Somebody_is_away_until_the_instant_that_they_said()
    {
        var ben = await services.APersonAsync("Ben");
        Given.Succeed(await Absences.SetTimeZoneAsync(ana, "Europe/Berlin"));
        Given.Succeed(await Absences.SetAwayAsync(ana, Start.AddDays(1)));

        Assert.Equal(new Whereabout(Start.AddDays(1), "Europe/Berlin"), Given.Succeed(await Absences.FindAsync(ana)));
        Assert.Equal(new Whereabout(AwayUntil: null, TimeZone: null), Given.Succeed(await Absences.FindAsync(ben)));
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(new Whereabout(AwayUntil: null, "Europe/Berlin"), Given.Succeed(await Absences.FindAsync(ana)));

        Given.Succeed(await Absences.SetTimeZoneAsync(ana, timeZone: null));
        Assert.Equal(new Whereabout(AwayUntil: null, TimeZone: null), Given.Succeed(await Absences.FindAsync(ana)));
    }

    [Fact]
    public async Task Nobody_and_somebody_who_is_disabled_are_nowhere()
    {
        Given.Succeed(await services.GetRequiredService<UserAdministration>().ActAsync(new UserAct(ActorId: null, ana, Act.Disabled, "here")));

        Assert.Equal(Refusal.Forbidden, (await Absences.FindAsync(ana)).Refusal);
        Assert.Equal(Refusal.Forbidden, (await Absences.FindAsync("nobody")).Refusal);
        Assert.Equal(Refusal.Forbidden, (await Absences.SetAwayAsync(ana, Start.AddDays(1))).Refusal);
    }

    [Fact]
    public async Task An_absence_lasts_a_year_at_most_and_ends_after_it_begins()
    {
        var longest = TimeSpan.FromDays(366);

        Assert.Equal(Refusal.AwayInvalid, (await Absences.SetAwayAsync(ana, Start + longest + TimeSpan.FromTicks(10))).Refusal);
        Assert.Equal(Refusal.AwayInvalid, (await Absences.SetAwayAsync(ana, Start)).Refusal);
        Assert.Null(Given.Succeed(await Absences.FindAsync(ana)).AwayUntil);

        Given.Succeed(await Absences.SetAwayAsync(ana, Start + longest));
        Assert.Equal(Start + longest, Given.Succeed(await Absences.FindAsync(ana)).AwayUntil);
    }

    [Fact]
    public async Task A_time_zone_that_nobody_lives_in_is_refused()
    {
        Assert.Equal(Refusal.TimeZoneInvalid, (await Absences.SetTimeZoneAsync(ana, "Middle-earth/Mordor")).Refusal);

        Assert.Null(Given.Succeed(await Absences.FindAsync(ana)).TimeZone);
    }

    [Fact]
    public async Task Whoever_stays_away_longer_has_been_away_since_they_went()
    {
        Given.Succeed(await Absences.SetAwayAsync(ana, Start.AddDays(2)));
        clock.Advance(TimeSpan.FromDays(1));
        Given.Succeed(await Absences.SetAwayAsync(ana, Start.AddDays(3)));
        Assert.Equal(Start, await SinceAsync());

        // They were back at that very instant, and go anew.
        clock.SetUtcNow(Start.AddDays(3));
        Given.Succeed(await Absences.SetAwayAsync(ana, Start.AddDays(5)));
        Assert.Equal(Start.AddDays(3), await SinceAsync());
    }

    [Fact]
    public void A_day_is_over_when_the_next_begins_where_somebody_lives()
    {
        Assert.Equal(new DateTimeOffset(2026, 5, 8, 22, 0, 0, TimeSpan.Zero), new Whereabout(AwayUntil: null, "Europe/Berlin").EndOf(new DateOnly(2026, 5, 8)));
        Assert.Equal(new DateTimeOffset(2026, 5, 9, 0, 0, 0, TimeSpan.Zero), new Whereabout(AwayUntil: null, TimeZone: null).EndOf(new DateOnly(2026, 5, 8)));
        Assert.Equal(DateTimeOffset.MaxValue, new Whereabout(AwayUntil: null, "Europe/Berlin").EndOf(DateOnly.MaxValue));
    }

    private async Task<DateTimeOffset?> SinceAsync()
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        return await db.Users.Where(user => user.Id == ana).Select(user => user.AwaySince).SingleAsync();
    }
}
