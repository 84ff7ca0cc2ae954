using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Rings;

public sealed class TurnHabitTests_InMemory(InMemory database) : TurnHabitTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class TurnHabitTests_Postgres(Postgres database) : TurnHabitTests(database), IClassFixture<Postgres>;

/// <summary>How long people usually take, and how many of their turns they keep.</summary>
public abstract class TurnHabitTests(TestDatabase database) : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 5, 4, 8, 0, 0, TimeSpan.Zero));
    private ServiceProvider services = null!;

    public async Task InitializeAsync()
    {
        services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
    }

    public async Task DisposeAsync() => await services.DisposeAsync();

    [Fact]
    public async Task A_turn_is_kept_unless_the_clock_ended_it_without_an_excuse()
    {
        var draft = await services.ADraftHeldByAnaAsync();

        await MissAsync(draft);
        Assert.Null(await HereAsync(draft, draft.Ben));
        await MissAsync(draft);
        Assert.Equal(new TurnHabit(TimeSpan.FromHours(10), Had: 2, Kept: 1), await HereAsync(draft, draft.Ben));
        await AwayAsync(draft);
        await ReclaimedAsync(draft);

        // 10, 10, 24 and 4 hours.
        Assert.Equal(new TurnHabit(TimeSpan.FromHours(10), Had: 4, Kept: 3), await HereAsync(draft, draft.Ben));
        Assert.Equal(new TurnHabit(TimeSpan.FromHours(1), Had: 4, Kept: 4), await HereAsync(draft, draft.Ana));
        Assert.Null(await HereAsync(draft, draft.Cleo));
    }

    [Fact]
    public async Task A_profile_tells_it_of_all_drafts_that_the_person_takes_part_in()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await MissAsync(draft);
        Assert.Null(await OnProfileAsync(draft.Dan, draft.Ben));
        await MissAsync(draft);
        await AwayAsync(draft);
        await ReclaimedAsync(draft);
        Assert.Equal(new TurnHabit(TimeSpan.FromHours(10), Had: 4, Kept: 3), await OnProfileAsync(draft.Dan, draft.Ben));

        var other = Given.Succeed(await services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(draft.Ben, "Another")));
        await services.AddAsync(other, draft.Ben, draft.Ana, Role.Writer);
        await HoldAsync(other, 2, draft.Ben, draft.Ana);
        await HoldAsync(other, 0, draft.Ana, draft.Ben);
        await HoldAsync(other, 2, draft.Ben, draft.Ana);

        // 10, 10, 24 and 4 hours, and twice 2.
        Assert.Equal(new TurnHabit(TimeSpan.FromHours(7), Had: 6, Kept: 5), await OnProfileAsync(draft.Dan, draft.Ben));
        Assert.Equal(new TurnHabit(TimeSpan.FromHours(10), Had: 4, Kept: 3), await HereAsync(draft, draft.Ben));
        Given.Succeed(await services.GetRequiredService<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));
        Assert.Equal(new TurnHabit(TimeSpan.FromHours(2), Had: 2, Kept: 2), await OnProfileAsync(draft.Dan, draft.Ben));
    }

    [Fact]
    public async Task Whom_no_figure_is_to_name_is_told_it_alone_but_for_the_people_of_a_draft()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await MissAsync(draft);
        await MissAsync(draft);

        Given.Succeed(await services.GetRequiredService<AccountService>().ChangeNamingAsync(draft.Ben, prefersNoName: true));

        Assert.Null(await OnProfileAsync(draft.Dan, draft.Ben));
        Assert.NotNull(await OnProfileAsync(draft.Ben, draft.Ben));
        Assert.NotNull(await HereAsync(draft, draft.Ben));
    }

    [Fact]
    public async Task What_is_usual_is_said_by_the_last_turns_however_many_there_were()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await FillAsync(draft, long_: 700, short_: 300);

        var usual = new TurnHabit(TimeSpan.FromHours(1), Had: 500, Kept: 500);
        Assert.Equal(usual, await HereAsync(draft, draft.Ana));
        Assert.Equal(usual, await OnProfileAsync(draft.Dan, draft.Ana));
    }

    private async Task<TurnHabit?> HereAsync(ADraft draft, string who) =>
        (await services.ReadAsync(draft.Id, draft.Cleo)).Collaborators.Single(person => person.UserId == who).Habit;

    private async Task<TurnHabit?> OnProfileAsync(string reader, string who) =>
        (await services.GetRequiredService<AccountService>().FindPersonAsync(reader, await services.HandleOfAsync(who)))!.Habit;

    private async Task HoldAsync(Guid draftId, double hours, string from, string to)
    {
        clock.Advance(TimeSpan.FromHours(hours));
        await services.PassAsync(draftId, from, to);
    }

    /// <summary>Ben lets his turn pass. The first time is excused.</summary>
    private async Task MissAsync(ADraft draft)
    {
        await HoldAsync(draft.Id, 1, draft.Ana, draft.Ben);
        await SetRulesAsync(draft, new TurnRules(LimitHours: 10, ExcusedMisses: 1));
        clock.Advance(TimeSpan.FromHours(10));
        await services.KeepTurnsAsync();
        await SetRulesAsync(draft, new TurnRules());
        Assert.Equal(draft.Ana, (await services.ReadAsync(draft.Id, draft.Ana)).HolderId);
    }

    private async Task AwayAsync(ADraft draft)
    {
        var absences = services.GetRequiredService<AbsenceService>();
        await HoldAsync(draft.Id, 1, draft.Ana, draft.Ben);
        Given.Succeed(await absences.SetAwayAsync(draft.Ben, clock.GetUtcNow().AddDays(5)));
        clock.Advance(TimeSpan.FromDays(1));
        await services.KeepTurnsAsync();
        Given.Succeed(await absences.SetAwayAsync(draft.Ben, until: null));
        Assert.Equal(draft.Ana, (await services.ReadAsync(draft.Id, draft.Ana)).HolderId);
    }

    private async Task ReclaimedAsync(ADraft draft)
    {
        await HoldAsync(draft.Id, 1, draft.Ana, draft.Ben);
        await SetRulesAsync(draft, new TurnRules(LimitHours: 10, OnExpiry: OnExpiry.Reclaim));
        clock.Advance(TimeSpan.FromHours(4));
        await services.KeepTurnsAsync();
        Given.Succeed(await services.GetRequiredService<TurnService>().ReclaimAsync(new ReclaimRing(draft.Ana, draft.Id)));
    }

    private async Task SetRulesAsync(ADraft draft, TurnRules rules) =>
        Given.Succeed(await services.GetRequiredService<TurnService>().SetRulesAsync(new SetTurnRules(draft.Ana, draft.Id, rules)));

    /// <summary>Many turns, of five hours each and then of one.</summary>
    private async Task FillAsync(ADraft draft, int long_, int short_)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        var at = clock.GetUtcNow();
        for (var i = 0; i < long_ + short_; i++)
        {
            at = at.AddHours(i < long_ ? 5 : 1);
            var (from, to) = i % 2 == 0 ? (draft.Ana, draft.Ben) : (draft.Ben, draft.Ana);
            db.RingPasses.Add(new RingPass(draft.Id, i + 2, from, to, at, Chosen.Manual, "By hand.", Note: null));
        }
        await db.SaveChangesAsync();
    }
}
