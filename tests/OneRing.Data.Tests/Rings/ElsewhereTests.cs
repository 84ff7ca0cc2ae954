using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Data.Notices;
using OneRing.Data.Rings;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Rings;

public sealed class ElsewhereTests_InMemory(InMemory database) : ElsewhereTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class ElsewhereTests_Postgres(Postgres database) : ElsewhereTests(database), IClassFixture<Postgres>;

/// <summary>What it means for a draft that somebody is away, back, disabled or enabled again, of which its own row says nothing.</summary>
public abstract class ElsewhereTests(TestDatabase database) : IAsyncLifetime
{
    // A Friday.
    private static readonly DateTimeOffset Start = new(2026, 5, 8, 20, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider clock = new(Start);
    private ServiceProvider services = null!;

    private AbsenceService Absences => services.GetRequiredService<AbsenceService>();

    public async Task InitializeAsync()
    {
        services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
    }

    public async Task DisposeAsync() => await services.DisposeAsync();

    [Fact]
    public async Task A_ring_without_a_clock_goes_to_the_first_who_is_back_when_they_say_so()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        Given.Succeed(await Absences.SetAwayAsync(draft.Ben, Start.AddDays(9)));
        Given.Succeed(await Absences.SetAwayAsync(draft.Ana, Start.AddDays(12)));
        await GoOnAsync(TimeSpan.FromDays(2));
        Assert.Equal(draft.Ana, await HolderOfAsync(draft));

        Given.Succeed(await Absences.SetAwayAsync(draft.Ben, until: null));
        await GoOnAsync(TimeSpan.Zero);

        Assert.Equal(draft.Ben, await HolderOfAsync(draft));
    }

    [Fact]
    public async Task An_absence_that_is_over_by_the_time_of_the_draft_is_refused_however_far_the_clock_was_put_back()
    {
        var earlier = new SettableClock(Start);
        await using var others = database.BuildServices(earlier);
        await others.PrepareDatabaseAsync();
        var draft = await others.ADraftHeldByAnaAsync();
        var turns = others.GetRequiredService<TurnService>();
        earlier.Now = Start.AddMinutes(-2);

        Assert.Equal(Refusal.AwayInvalid, (await turns.SetAwayAsync(new SetAway(draft.Ben, draft.Id, Start.AddMinutes(-1)))).Refusal);
        Assert.Equal(Refusal.AwayInvalid, (await turns.SetAwayAsync(new SetAway(draft.Ben, draft.Id, Start))).Refusal);

        Given.Succeed(await turns.SetAwayAsync(new SetAway(draft.Ben, draft.Id, Start.AddMinutes(1))));
    }

    [Fact]
    public async Task A_clock_that_stood_still_for_want_of_people_goes_on_when_one_is_enabled_again()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await SetRulesAsync(draft, new TurnRules(LimitHours: 2));
        await ActAsync(draft.Ben, Act.Disabled);
        await GoOnAsync(TimeSpan.FromHours(1));
        Assert.Null((await services.ReadAsync(draft.Id, draft.Ana)).Turns.EndsAt);

        await ActAsync(draft.Ben, Act.Enabled);
        await GoOnAsync(TimeSpan.Zero);
        Assert.NotNull((await services.ReadAsync(draft.Id, draft.Ana)).Turns.EndsAt);
        await GoOnAsync(TimeSpan.FromHours(2));

        Assert.Equal(draft.Ben, await HolderOfAsync(draft));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_gets_the_ring_because_an_account_is_disabled_or_ends_is_told(bool ends)
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        if (ends)
        {
            Given.Succeed(await services.GetRequiredService<AccountDeletion>().DeleteAsync(
                new DeleteAccount(draft.Ben, await services.HandleOfAsync(draft.Ben), Password: null)));
        }
        else
        {
            await ActAsync(draft.Ben, Act.Disabled);
        }

        Assert.Equal(draft.Ana, await HolderOfAsync(draft));
        await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        var told = await db.Notices.SingleAsync(n => n.DraftId == draft.Id && n.UserId == draft.Ana && n.Kind == NoticeKind.YourTurn);
        Assert.Equal(("turn 3", clock.GetUtcNow()), (told.Cause, told.At));
    }

    [Fact]
    public async Task Pages_of_the_others_are_told_of_an_absence_from_everything()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var version = (await services.ReadAsync(draft.Id, draft.Ana)).Version;
        var told = new TaskCompletionSource();
        using var watch = await services.GetRequiredService<DraftFeed>().WatchDraftAsync(draft.Ana, draft.Id, () =>
        {
            told.TrySetResult();
            return Task.CompletedTask;
        });

        Given.Succeed(await Absences.SetAwayAsync(draft.Ben, Start.AddDays(9)));

        await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(version + 1, (await services.ReadAsync(draft.Id, draft.Ana)).Version);
        Assert.Equal(Refusal.AwayInvalid, (await Absences.SetAwayAsync(draft.Ben, Start.AddDays(-1))).Refusal);
        Assert.Equal(version + 1, (await services.ReadAsync(draft.Id, draft.Ana)).Version);
    }

    [Fact]
    public async Task A_holder_who_moves_takes_their_clock_along()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await SetRulesAsync(draft, new TurnRules(LimitHours: 5, RestDays: RestDays.Weekend));
        // Four hours of Friday, and one of Monday.
        var before = await services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal(new DateTimeOffset(2026, 5, 11, 1, 0, 0, TimeSpan.Zero), before.Turns.EndsAt);

        Given.Succeed(await Absences.SetTimeZoneAsync(draft.Ana, "Pacific/Auckland"));
        await GoOnAsync(TimeSpan.Zero);

        // There it is Saturday already, and Monday begins on Sunday at noon.
        var after = await services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal(new DateTimeOffset(2026, 5, 10, 17, 0, 0, TimeSpan.Zero), after.Turns.EndsAt);
        Assert.True(after.Version > before.Version + 1, "Pages do not look at it again.");
    }

    [Fact]
    public async Task Many_who_go_and_come_at_once_while_rings_go_round_keep_nobody_waiting()
    {
        List<ADraft> drafts = [];
        for (var i = 0; i < 6; i++)
        {
            drafts.Add(await services.ADraftHeldByAnaAsync());
            await SetRulesAsync(drafts[^1], new TurnRules(LimitHours: 1));
            foreach (var other in drafts[..^1])
            {
                await services.AddAsync(other.Id, other.Ana, drafts[^1].Ana, Role.Writer);
            }
        }

        await Race.AtOnceAsync(24, number => Task.Run(async () =>
        {
            var draft = drafts[number % drafts.Count];
            switch (number % 4)
            {
                case 0:
                    Given.Succeed(await Absences.SetAwayAsync(draft.Ana, Start.AddDays(2)));
                    break;
                case 1:
                    Given.Succeed(await Absences.SetTimeZoneAsync(draft.Ana, "Asia/Tokyo"));
                    break;
                case 2:
                    await services.GetRequiredService<RingService>().PassAsync(new PassRing(draft.Ana, draft.Id, draft.Ben, Given.NewKey()));
                    break;
                default:
                    await services.KeepTurnsAsync();
                    break;
            }
            return true;
        }));

        await GoOnAsync(TimeSpan.FromDays(1));
        foreach (var draft in drafts)
        {
            Assert.NotEqual(draft.Ana, await HolderOfAsync(draft));
        }
    }

    private async Task<string> HolderOfAsync(ADraft draft) => (await services.ReadAsync(draft.Id, draft.Ana)).HolderId;

    private async Task ActAsync(string userId, Act act) =>
        Given.Succeed(await services.GetRequiredService<UserAdministration>().ActAsync(new UserAct(ActorId: null, userId, act, "here")));

    private async Task SetRulesAsync(ADraft draft, TurnRules rules) =>
        Given.Succeed(await services.GetRequiredService<TurnService>().SetRulesAsync(new SetTurnRules(draft.Ana, draft.Id, rules)));

    private async Task GoOnAsync(TimeSpan time)
    {
        clock.Advance(time);
        await services.KeepTurnsAsync();
    }
}
