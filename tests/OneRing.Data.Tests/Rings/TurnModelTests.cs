using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Audit;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Notices;
using OneRing.Data.Rings;
using OneRing.Tests;
using OneRing.Tests.Databases;
using Xunit.Abstractions;

namespace OneRing.Data.Tests.Rings;

public sealed class TurnModelTests_InMemory(InMemory database, ITestOutputHelper output) : TurnModelTests(database, output), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class TurnModelTests_Postgres(Postgres database, ITestOutputHelper output) : TurnModelTests(database, output), IClassFixture<Postgres>;

/// <summary>Ten thousand random steps of a draft that keeps its turns, beside a model of it.</summary>
public abstract class TurnModelTests(TestDatabase database, ITestOutputHelper output)
{
    private const int People = 4;
    private const int Lives = 100;
    private const int StepsOfALife = 100;

    private static readonly DateTimeOffset Start = new(2026, 5, 4, 8, 0, 0, TimeSpan.Zero);

    private static readonly Gen<Move> AMove =
        from step in Gen.Frequency(
            (12, Gen.Const(Step.Wait)), (4, Gen.Const(Step.Append)), (2, Gen.Const(Step.PassByRule)), (1, Gen.Const(Step.PassByHand)), (3, Gen.Const(Step.GoAway)),
            (2, Gen.Const(Step.ComeBack)), (1, Gen.Const(Step.Lock)), (2, Gen.Const(Step.Unlock)), (2, Gen.Const(Step.AskForMore)), (1, Gen.Const(Step.RefuseMore)), (1, Gen.Const(Step.NewRules)))
        from who in Gen.Int[0, People - 1]
        from amount in step == Step.Wait ? Gen.Frequency((3, Gen.Int[0, 90]), (2, Gen.Int[60, 900]), (1, Gen.Int[1000, 4000])) : Gen.Int[0, 5000]
        select new Move(step, who, amount);

    private static readonly Gen<(int Limit, int Grace, int Excused, Strategy Strategy, Move[] Moves)> ALife =
        Gen.Select(Gen.Int[2, 30], Gen.Frequency((2, Gen.Const(0)), (1, Gen.Int[1, 8])), Gen.Int[0, 2], Gen.Enum<Strategy>(), AMove.Array[StepsOfALife]);

    private int steps;
    private int expiries;

    [Fact]
    public async Task A_draft_keeps_its_turns_as_the_model_does()
    {
        await ALife.SampleAsync(life => LiveAsync(life.Limit, life.Grace, life.Excused, life.Strategy, life.Moves), output.WriteLine, iter: Lives, threads: 1);

        Assert.True(steps >= Lives * StepsOfALife && expiries > 100, $"There were {steps} steps and {expiries} expiries.");
        output.WriteLine($"{steps:N0} steps, {expiries:N0} expiries.");
    }

    private async Task LiveAsync(int limit, int grace, int excused, Strategy strategy, Move[] moves)
    {
        var clock = new FakeTimeProvider(Start);
        await using var services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        var (rings, turns, drafts) = (services.GetRequiredService<RingService>(), services.GetRequiredService<TurnService>(), services.GetRequiredService<DraftService>());
        List<string> people = [];
        for (var i = 0; i < People; i++)
        {
            people.Add(await services.APersonAsync($"P{i}"));
        }
        people.Sort(StringComparer.Ordinal);
        var draftId = Given.Succeed(await drafts.CreateAsync(new CreateDraft(people[0], "A draft")));
        foreach (var writer in people[1..])
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await services.AddAsync(draftId, people[0], writer, Role.Writer);
        }
        var zero = clock.GetUtcNow();
        Given.Succeed(await turns.SetRulesAsync(new SetTurnRules(people[0], draftId, new TurnRules(limit, grace, OnExpiry.Pass, strategy, excused))));
        var model = new TurnModel(People, limit, grace, excused, strategy);
        var foreseen = await ForeseenAsync();

        foreach (var move in moves)
        {
            steps++;
            var (holder, turn) = (model.Holder, model.Turn);
            Assert.Equal(model.IsLocked || model.Choose() is not { } next ? null : people[next], foreseen);
            var isAllowed = model.Try(move);

            if (move.Step == Step.Wait)
            {
                clock.Advance(TimeSpan.FromMinutes(move.Amount));
            }
            else
            {
                Assert.Equal((move, isAllowed), (move, await TakeAsync(move, people[holder], turn)));
            }
            await services.KeepTurnsAsync();

            var found = (await drafts.FindAsync(draftId, people[0]))!;
            Assert.Equal((move, people[model.Holder], model.Turn), (move, found.HolderId, found.Turn));
            Assert.Equal((move, model.EndsAt is { } end ? zero.AddMinutes(end) : (DateTimeOffset?)null), (move, found.Turns.EndsAt));
            Assert.Equal((model.More, model.Segments), (found.Turns.More, found.Segments.Count));
            if (isAllowed && move.Step == Step.PassByRule)
            {
                Assert.Equal(foreseen, found.HolderId);
            }
            Assert.Equal(model.Expiries, found.Passes.Count(pass => pass.Chosen == Chosen.Expired));
            Assert.Equal(model.Turn - 1, found.Passes.Count);
            foreseen = FirstOf(found);
        }

        // To wait for somebody whom the strategy of the draft leaves out is what its owner wanted.
        Assert.True(strategy == Strategy.BackToCreator || model.LongestWait < People, $"Somebody waited {model.LongestWait} turns.");
        await AssertToldOnceAsync(services, draftId, model.Expiries);
        expiries += model.Expiries;
        Assert.Empty((await services.GetRequiredService<DatabaseAudit>().RunAsync()).Findings);
        // Else its clock would go on in the next life.
        Given.Succeed(await drafts.DeleteAsync(new DeleteDraft(people[0], draftId, "A draft")));

        async Task<string?> ForeseenAsync() => FirstOf((await drafts.FindAsync(draftId, people[0]))!);

        static string? FirstOf(DraftView view) => view.NextHolders is [var first, ..] ? first.UserId : null;

        async Task<bool> TakeAsync(Move move, string holderId, int turn) => move.Step switch
        {
            Step.Append => (await rings.AppendAsync(new AppendSegment(holderId, draftId, "A word.", Given.NewKey()))).Succeeded,
            Step.PassByRule => (await rings.PassAsync(new SmartPass(holderId, draftId, Strategy: null, Given.NewKey()))).Succeeded,
            Step.PassByHand => (await rings.PassAsync(new PassRing(holderId, draftId, people[move.Who], Given.NewKey()))).Succeeded,
            Step.GoAway => await GoAwayAsync(people[move.Who], clock.GetUtcNow().AddMinutes(move.Amount + 1), everywhere: move.Who % 2 == 0),
            Step.ComeBack => await GoAwayAsync(people[move.Who], until: null, everywhere: move.Who % 2 == 0),
            Step.Lock => (await drafts.LockAsync(new LockDraft(people[0], draftId))).Succeeded,
            Step.Unlock => (await drafts.UnlockAsync(new UnlockDraft(people[0], draftId))).Succeeded,
            Step.AskForMore => (await turns.AskForMoreAsync(new AskForMore(holderId, draftId, Turn: turn))).Succeeded,
            Step.RefuseMore => (await turns.RefuseMoreAsync(new RefuseMore(people[move.Who], draftId, Turn: turn))).Succeeded,
            Step.NewRules => (await turns.SetRulesAsync(
                new SetTurnRules(people[0], draftId, new TurnRules(TurnModel.HoursOf(move), grace, OnExpiry.Pass, strategy, excused)))).Succeeded,
            _ => throw new ArgumentOutOfRangeException(nameof(move), move, "There is no such step."),
        };

        // Half of the people say it of all their drafts, half of this one: the model knows no difference.
        async Task<bool> GoAwayAsync(string userId, DateTimeOffset? until, bool everywhere) => everywhere
            ? (await services.GetRequiredService<AbsenceService>().SetAwayAsync(userId, until)).Succeeded
            : (await turns.SetAwayAsync(new SetAway(userId, draftId, until))).Succeeded;
    }

    /// <summary>Each expiry has told whoever had the ring and whoever has it now, once.</summary>
    private static async Task AssertToldOnceAsync(IServiceProvider services, Guid draftId, int expiries)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        var over = await db.Notices.Where(n => n.DraftId == draftId && n.Kind == NoticeKind.TurnOver).ToListAsync();
        var expired = await db.RingPasses.Where(p => p.DraftId == draftId && p.Chosen == Chosen.Expired).Select(p => new { p.Turn, p.FromId, p.ToId }).ToListAsync();

        Assert.Equal(expiries, expired.Count);
        Assert.Equal(expired.Select(p => (p.FromId, p.Turn - 1)).Order(), over.Select(n => (n.UserId, n.Turn!.Value)).Order());
        foreach (var pass in expired)
        {
            Assert.Equal(1, await db.Notices.CountAsync(n => n.DraftId == draftId && n.UserId == pass.ToId && n.Kind == NoticeKind.YourTurn && n.Cause == $"turn {pass.Turn}"));
        }
    }
}
