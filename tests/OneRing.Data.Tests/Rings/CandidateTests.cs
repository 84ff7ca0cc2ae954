using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Rings;

public sealed class CandidateTests_InMemory(InMemory database) : CandidateTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class CandidateTests_Postgres(Postgres database) : CandidateTests(database), IClassFixture<Postgres>;

/// <summary>What a strategy is told of those whom it may choose: what they did in this draft, and nothing else.</summary>
public abstract class CandidateTests(TestDatabase database) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 5, 4, 9, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider clock = new(Start);
    private ServiceProvider services = null!;
    private string ana = "";
    private string ben = "";
    private string cleo = "";

    public async Task InitializeAsync()
    {
        services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        (ana, ben, cleo) = (await services.APersonAsync("Ana"), await services.APersonAsync("Ben"), await services.APersonAsync("Cleo"));
    }

    public async Task DisposeAsync() => await services.DisposeAsync();

    [Fact]
    public async Task Whoever_wrote_here_longest_ago_is_chosen_by_the_last_that_they_wrote_here_themselves()
    {
        var here = await StartAsync(ana, ben, cleo);
        var elsewhere = await StartAsync(cleo);
        var holder = ana;
        foreach (var writer in new[] { ben, cleo, ben, ana })
        {
            await services.PassAsync(here, holder, writer);
            clock.Advance(TimeSpan.FromMinutes(1));
            await services.AppendAsync(here, writer, "Words.");
            holder = writer;
        }
        clock.Advance(TimeSpan.FromMinutes(1));
        await services.AppendAsync(elsewhere, cleo, "Other words.");

        var pass = await PassAsync(here, Strategy.MostInactive);

        Assert.Equal((cleo, "Cleo wrote here longest ago, on 4 May 2026 at 09:02 UTC."), (pass.ToId, pass.Reason));
    }

    [Fact]
    public async Task A_turn_that_the_clock_ended_counts_for_whoever_had_it_here()
    {
        var here = await StartAsync(ana, ben, cleo);
        var elsewhere = await StartAsync(cleo, ana, ben);
        await SetRulesAsync(here, ana);
        await SetRulesAsync(elsewhere, cleo);
        await services.PassAsync(here, ana, ben);
        await TimeOutAsync(here, cleo);
        await services.PassAsync(here, cleo, ana);

        var first = await PassAsync(here, Strategy.MostInactive);
        Assert.Equal((cleo, "Cleo has not written here yet."), (first.ToId, first.Reason));

        await TimeOutAsync(here, ana);
        await services.PassAsync(here, ana, ben);
        await TimeOutAsync(here, cleo);
        await services.PassAsync(here, cleo, ana);

        var second = await PassAsync(here, Strategy.MostInactive);
        Assert.Equal((cleo, "Cleo has not had the ring for longest."), (second.ToId, second.Reason));
    }

    [Fact]
    public async Task Whoever_is_away_from_this_draft_is_passed_over_until_they_are_back()
    {
        var here = await StartAsync(ana, ben, cleo);
        Given.Succeed(await services.GetRequiredService<TurnService>().SetAwayAsync(new SetAway(ben, here, Start.AddHours(1))));

        Assert.Equal(cleo, (await PassAsync(here, Strategy.RoundRobin)).ToId);
        await services.PassAsync(here, cleo, ana);
        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(ben, (await PassAsync(here, Strategy.RoundRobin)).ToId);
    }

    [Fact]
    public async Task A_choice_is_refused_if_it_is_not_the_one_that_was_shown()
    {
        var here = await StartAsync(ana, ben, cleo);
        var rings = services.GetRequiredService<RingService>();

        Assert.Equal(Refusal.ChoiceChanged, (await rings.PassAsync(new SmartPass(ana, here, Strategy.RoundRobin, Given.NewKey(), Expected: cleo))).Refusal);
        Assert.Equal(ben, Given.Succeed(await rings.PassAsync(new SmartPass(ana, here, Strategy.RoundRobin, Given.NewKey(), Expected: ben))).Pass.ToId);
    }

    [Fact]
    public async Task The_ring_is_asked_for_once_in_each_turn_of_each_draft()
    {
        var here = await StartAsync(ana, ben, cleo);
        var elsewhere = await StartAsync(ana, ben, cleo);

        Given.Succeed(await AskAsync(here));
        Assert.Equal(Refusal.AlreadyAsked, (await AskAsync(here)).Refusal);
        Given.Succeed(await AskAsync(elsewhere));
        await services.PassAsync(here, ana, cleo);
        Given.Succeed(await AskAsync(here));

        Task<Result<Done>> AskAsync(Guid draftId) => services.GetRequiredService<TurnService>().AskAsync(new AskForRing(ben, draftId));
    }

    private async Task<Guid> StartAsync(string owner, params string[] writers)
    {
        var draftId = Given.Succeed(await services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(owner, "A draft")));
        foreach (var writer in writers)
        {
            clock.Advance(TimeSpan.FromTicks(10));
            await services.AddAsync(draftId, owner, writer, Role.Writer);
        }
        return draftId;
    }

    /// <summary>Turns of an hour; then the ring goes round.</summary>
    private async Task SetRulesAsync(Guid draftId, string owner) => Given.Succeed(await services.GetRequiredService<TurnService>().SetRulesAsync(
        new SetTurnRules(owner, draftId, new TurnRules(LimitHours: 1, OnExpiry: OnExpiry.Pass, Strategy: Strategy.RoundRobin))));

    /// <summary>Lets every turn end by the clock that is due, the present one of this draft among them.</summary>
    private async Task TimeOutAsync(Guid draftId, string nextId)
    {
        clock.Advance(TimeSpan.FromHours(2));
        await services.KeepTurnsAsync();
        Assert.Equal(nextId, (await services.ReadAsync(draftId, ana)).HolderId);
    }

    private async Task<RingPass> PassAsync(Guid draftId, Strategy strategy) =>
        Given.Succeed(await services.GetRequiredService<RingService>().PassAsync(new SmartPass(ana, draftId, strategy, Given.NewKey()))).Pass;
}
