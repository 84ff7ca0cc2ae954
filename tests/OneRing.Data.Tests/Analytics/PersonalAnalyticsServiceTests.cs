using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Analytics;

public sealed class PersonalAnalyticsServiceTests_InMemory() : PersonalAnalyticsServiceTests(new InMemory());

[Trait("Database", "PostgreSQL")]
public sealed class PersonalAnalyticsServiceTests_Postgres() : PersonalAnalyticsServiceTests(new Postgres());

/// <summary>Each of these tests has a clock, and so a database, of its own.</summary>
public abstract class PersonalAnalyticsServiceTests(TestDatabase database) : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider clock = new(Noon);
    private ServiceProvider services = null!;

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
    }

    public async Task DisposeAsync()
    {
        await services.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task A_person_who_has_done_nothing_yet_has_days_without_writing_and_nothing_that_waits()
    {
        var figures = await FindAsync(await services.APersonAsync(), days: 30);

        Assert.Equal(30, figures.Days.Count);
        Assert.Equal(new DayOfWriting(new DateOnly(2026, 3, 1), 0, 0), figures.Days[^1]);
        Assert.Equal((new WritingStreak(0, 0), 0, null, null), (figures.Streak, figures.Holds, figures.MedianHoldMinutes, figures.P90HoldMinutes));
        Assert.Equal((0, 0, false), (figures.WithMe.Count, figures.WithOthers.Count, figures.PrefersNoName));
    }

    [Fact]
    public async Task Segments_and_words_stand_on_the_day_of_the_time_zone()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.AppendAsync(draft.Id, draft.Ana, "On the first of March.");
        clock.Advance(TimeSpan.FromHours(10));
        await services.AppendAsync(draft.Id, draft.Ana, "Still in March.");
        await services.AppendAsync(draft.Id, draft.Ana, "And on.");

        var utc = await FindAsync(draft.Ana, days: 2);
        var kathmandu = await FindAsync(draft.Ana, days: 2, zone: "Asia/Kathmandu");

        Assert.Equal([new DayOfWriting(new(2026, 2, 28), 0, 0), new(new(2026, 3, 1), 3, 10)], utc.Days);
        Assert.Equal([new DayOfWriting(new(2026, 3, 1), 1, 5), new(new(2026, 3, 2), 2, 5)], kathmandu.Days);
        Assert.Equal((3, 10), (utc.Segments, utc.Words));
        Assert.Equal(
            Refusal.WindowInvalid,
            (await services.GetRequiredService<PersonalAnalyticsService>().FindAsync(draft.Ana, zone: "Nowhere/Land")).Refusal);
    }

    [Fact]
    public async Task A_streak_leads_up_to_today_or_yesterday()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        foreach (var days in (int[])[0, 1, 1, 2, 1])
        {
            clock.Advance(TimeSpan.FromDays(days));
            await services.AppendAsync(draft.Id, draft.Ana, "A day.");
        }

        Assert.Equal(new WritingStreak(2, 3), (await FindAsync(draft.Ana)).Streak);
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(new WritingStreak(2, 3), (await FindAsync(draft.Ana)).Streak);
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(new WritingStreak(0, 3), (await FindAsync(draft.Ana)).Streak);
        Assert.Equal(new WritingStreak(3, 3), (await FindAsync(draft.Ana, now: Noon.AddDays(2))).Streak);
    }

    [Fact]
    public async Task Own_turns_that_ended_within_the_days_count()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        foreach (var hours in (int[])[1, 3, 11])
        {
            clock.Advance(TimeSpan.FromHours(hours));
            await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
            clock.Advance(TimeSpan.FromHours(20));
            await services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        }

        var figures = await FindAsync(draft.Ana);

        Assert.Equal((3, 180d, 564d), (figures.Holds, figures.MedianHoldMinutes, figures.P90HoldMinutes)); // 3 h + 0.8 × 8 h
        clock.Advance(TimeSpan.FromDays(400));
        Assert.Equal((0, null), ((await FindAsync(draft.Ana)).Holds, (await FindAsync(draft.Ana)).MedianHoldMinutes));
    }

    [Fact]
    public async Task What_waits_is_active_and_says_who_has_the_ring_since_when()
    {
        var first = await services.ADraftHeldByAnaAsync(title: "With Ana");
        clock.Advance(TimeSpan.FromHours(1));
        await services.PassAsync(first.Id, first.Ana, first.Ben);
        clock.Advance(TimeSpan.FromHours(1));
        var drafts = services.GetRequiredService<DraftService>();
        var own = Given.Succeed(await drafts.CreateAsync(new CreateDraft(first.Ana, "Her own")));
        foreach (var name in (string[])["Locked", "Archived", "Completed"])
        {
            var id = Given.Succeed(await drafts.CreateAsync(new CreateDraft(first.Ana, name)));
            Given.Succeed(name switch
            {
                "Locked" => await drafts.LockAsync(new LockDraft(first.Ana, id)),
                "Archived" => await drafts.ArchiveAsync(new ArchiveDraft(first.Ana, id, Away: true)),
                _ => await drafts.CompleteAsync(new CompleteDraft(first.Ana, id)),
            });
        }

        var anas = await FindAsync(first.Ana);
        var cleos = await FindAsync(first.Cleo);

        Assert.Equal((1, 1), (anas.WithMe.Count, anas.WithOthers.Count));
        Assert.Equal([new WaitingDraft(own, "Her own", first.Ana, "Ana", Noon.AddHours(2))], anas.WithMe.Longest);
        Assert.Equal([new WaitingDraft(first.Id, "With Ana", first.Ben, "Ben", Noon.AddHours(1))], anas.WithOthers.Longest);
        // Who reads along waits for nobody.
        Assert.Equal((0, 0), (cleos.WithMe.Count, cleos.WithOthers.Count));
    }

    [Fact]
    public async Task Of_many_that_wait_those_are_named_that_have_waited_longest()
    {
        var ana = await services.APersonAsync("Ana");
        for (var i = 0; i < 10; i++)
        {
            Given.Succeed(await services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(ana, $"Draft {i}")));
            clock.Advance(TimeSpan.FromHours(1));
        }

        var waiting = (await FindAsync(ana)).WithMe;

        Assert.Equal(10, waiting.Count);
        Assert.Equal(Enumerable.Range(0, PersonalAnalyticsService.MostWaiting).Select(i => $"Draft {i}"), waiting.Longest.Select(draft => draft.Title));
    }

    [Fact]
    public async Task Nobody_who_is_disabled_gets_figures()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await using var connection = await database.OpenDirectAsync(services);
        await connection.ExecuteAsync($"update users set disabled_at = created_at where id = '{draft.Ana}'");

        foreach (var id in (string[])[draft.Ana, "nobody"])
        {
            Assert.Equal(Refusal.Forbidden, (await services.GetRequiredService<PersonalAnalyticsService>().FindAsync(id)).Refusal);
        }
    }

    private async Task<PersonalFigures> FindAsync(string userId, int days = 30, string? zone = null, DateTimeOffset? now = null) =>
        Given.Succeed(await services.GetRequiredService<PersonalAnalyticsService>().FindAsync(userId, days, zone, now));
}
