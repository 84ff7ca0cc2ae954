using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Notices;
using OneRing.Data.Rings;
using OneRing.Data.Writing;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Rings;

public sealed class TurnKeeperTests_InMemory(InMemory database) : TurnKeeperTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class TurnKeeperTests_Postgres(Postgres database) : TurnKeeperTests(database), IClassFixture<Postgres>
{
    [Fact]
    public async Task Of_two_servers_of_which_one_dies_in_the_middle_each_turn_is_kept_once()
    {
        const int Drafts = 500;
        var (drafts, turns) = (Services.GetRequiredService<DraftService>(), Services.GetRequiredService<TurnService>());
        var (ana, ben) = (await Services.APersonAsync("Ana"), await Services.APersonAsync("Ben"));
        var ids = new List<Guid>();
        for (var i = 0; i < Drafts; i++)
        {
            ids.Add(Given.Succeed(await drafts.CreateAsync(new CreateDraft(ana, $"Draft {i}"))));
            await Services.AddAsync(ids[^1], ana, ben, Role.Writer);
            Given.Succeed(await turns.SetRulesAsync(new SetTurnRules(ana, ids[^1], new TurnRules(LimitHours: 1))));
        }
        await using var proxy = PostgresProxy.Start(Database.ConnectionString!);
        await using var dying = Database.BuildServices(Clock, proxy.ConnectionString, settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["OneRing:Database:Retries"] = "0" });
        Clock.Advance(TimeSpan.FromHours(1));
        var cut = proxy.FailAt(500, FailWhen.BeforeServer);

        var keeping = Task.Run(() => Services.KeepTurnsAsync());
        var failure = await Record.ExceptionAsync(() => Task.Run(() => dying.KeepTurnsAsync()));
        proxy.Cut();
        var kept = await keeping + await Services.KeepTurnsAsync();

        Assert.True(cut.IsCompleted);
        Assert.NotNull(failure);
        Assert.InRange(kept, 1, Drafts - 1);
        await using var db = await Services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        Assert.Equal(Drafts, await db.Drafts.CountAsync(d => ids.Contains(d.Id) && d.Turn == 2 && d.HolderId == ben));
        Assert.Equal(Drafts, await db.RingPasses.CountAsync(p => ids.Contains(p.DraftId)));
        Assert.Equal(Drafts, await db.AnalyticsEvents.CountAsync(e => ids.Contains(e.DraftId) && e.Type == EventType.RingPassed));
        Assert.Equal(Drafts, await db.Notices.CountAsync(n => ids.Contains(n.DraftId) && n.UserId == ben && n.Kind == NoticeKind.YourTurn && n.Cause == "turn 2"));
        Assert.Equal(Drafts, await db.Notices.CountAsync(n => ids.Contains(n.DraftId) && n.UserId == ana && n.Kind == NoticeKind.TurnOver));
        Assert.Equal(2 * Drafts, await db.Notices.CountAsync(n => ids.Contains(n.DraftId)));
    }
}

/// <summary>What the clock of a turn does by itself.</summary>
public abstract class TurnKeeperTests(TestDatabase database) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 5, 4, 8, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider clock = new(Start);
    private ServiceProvider services = null!;

    protected TestDatabase Database => database;

    protected FakeTimeProvider Clock => clock;

    protected ServiceProvider Services => services;

    public async Task InitializeAsync()
    {
        services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
    }

    public async Task DisposeAsync() => await services.DisposeAsync();

    [Fact]
    public async Task Without_rules_a_turn_lasts_as_long_as_it_takes()
    {
        var draft = await services.ADraftHeldByAnaAsync();

        await GoOnAsync(TimeSpan.FromDays(400));

        Assert.Equal(draft.Ana, (await services.ReadAsync(draft.Id, draft.Ana)).HolderId);
        Assert.Empty(await NoticesAsync(draft.Id));
    }

    [Fact]
    public async Task A_turn_is_reminded_of_twice_and_then_goes_on()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await SetRulesAsync(draft, new TurnRules(LimitHours: 10));
        Assert.Equal(Start.AddHours(10), (await services.ReadAsync(draft.Id, draft.Cleo)).Turns.EndsAt);

        await GoOnAsync(TimeSpan.FromHours(5) - TimeSpan.FromSeconds(1));
        Assert.Empty(await NoticesAsync(draft.Id));
        await GoOnAsync(TimeSpan.FromSeconds(1));
        await GoOnAsync(TimeSpan.FromHours(4));
        Assert.Equal(
            [$"{draft.Ana} Reminder turn 1 half 13:00", $"{draft.Ana} Reminder turn 1 nine tenths 17:00"], await NoticesAsync(draft.Id));

        await GoOnAsync(TimeSpan.FromHours(1));

        var after = await services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal((draft.Ben, 2), (after.HolderId, after.Turn));
        Assert.Equal(Start.AddHours(20), after.Turns.EndsAt);
        var pass = Assert.Single(after.Passes);
        Assert.Equal((Chosen.Expired, Start.AddHours(10)), (pass.Chosen, pass.PassedAt));
        Assert.Equal("The time of the turn was up. Ben has not written here yet.", pass.Reason);
        Assert.Equal(
            [
                $"{draft.Ana} Reminder turn 1 half 13:00", $"{draft.Ana} Reminder turn 1 nine tenths 17:00",
                $"{draft.Ana} TurnOver turn 1 passed on 18:00", $"{draft.Ben} YourTurn turn 2 18:00",
            ],
            await NoticesAsync(draft.Id));
    }

    [Fact]
    public async Task Who_was_down_for_two_days_ends_one_turn_and_not_many()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await SetRulesAsync(draft, new TurnRules(LimitHours: 1));

        await GoOnAsync(TimeSpan.FromDays(2));

        var after = await services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal(2, after.Turn);
        Assert.Equal(Start.AddDays(2).AddHours(1), after.Turns.EndsAt);
        Assert.Equal([$"{draft.Ana} TurnOver turn 1 passed on 08:00", $"{draft.Ben} YourTurn turn 2 08:00"], await NoticesAsync(draft.Id));
    }

    [Fact]
    public async Task The_clock_of_a_paused_draft_stands_still_and_that_of_a_finished_one_is_gone()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var drafts = services.GetRequiredService<DraftService>();
        await SetRulesAsync(draft, new TurnRules(LimitHours: 10));
        await GoOnAsync(TimeSpan.FromHours(7));

        Given.Succeed(await drafts.LockAsync(new LockDraft(draft.Ana, draft.Id)));
        Assert.Null((await services.ReadAsync(draft.Id, draft.Ana)).Turns.EndsAt);
        await GoOnAsync(TimeSpan.FromDays(3));
        Given.Succeed(await drafts.UnlockAsync(new UnlockDraft(draft.Ana, draft.Id)));
        Assert.Equal(Start.AddHours(7).AddDays(3).AddHours(3), (await services.ReadAsync(draft.Id, draft.Ana)).Turns.EndsAt);

        Given.Succeed(await drafts.ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id)));
        await GoOnAsync(TimeSpan.FromDays(1));
        Given.Succeed(await drafts.ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id, Away: false)));
        await GoOnAsync(TimeSpan.FromHours(3) - TimeSpan.FromSeconds(1));
        Assert.Equal(draft.Ana, (await services.ReadAsync(draft.Id, draft.Ana)).HolderId);
        await GoOnAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(draft.Ben, (await services.ReadAsync(draft.Id, draft.Ana)).HolderId);

        Given.Succeed(await drafts.CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)));
        var notices = await NoticesAsync(draft.Id);
        await GoOnAsync(TimeSpan.FromDays(30));
        var after = await services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal((2, (DateTimeOffset?)null), (after.Turn, after.Turns.EndsAt));
        Assert.Equal(notices, await NoticesAsync(draft.Id));
    }

    [Fact]
    public async Task Grace_comes_once_on_top()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await SetRulesAsync(draft, new TurnRules(LimitHours: 10, GraceHours: 2));

        await GoOnAsync(TimeSpan.FromHours(10));
        await services.AppendAsync(draft.Id, draft.Ana, "Still in time.");
        Assert.Contains($"{draft.Ana} Reminder turn 1 grace 18:00", await NoticesAsync(draft.Id));
        await GoOnAsync(TimeSpan.FromHours(2) - TimeSpan.FromSeconds(1));
        Assert.Equal(draft.Ana, (await services.ReadAsync(draft.Id, draft.Ana)).HolderId);
        await GoOnAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(draft.Ben, (await services.ReadAsync(draft.Id, draft.Ana)).HolderId);
    }

    [Fact]
    public async Task One_miss_is_excused_and_after_the_next_a_turn_is_half_as_long_until_one_writes()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await SetRulesAsync(draft, new TurnRules(LimitHours: 10, Strategy: Strategy.RoundRobin));
        List<TimeSpan> lengths = [];

        for (var turn = 1; turn <= 7; turn++)
        {
            var view = await services.ReadAsync(draft.Id, draft.Ana);
            lengths.Add(view.Turns.EndsAt!.Value - clock.GetUtcNow());
            if (turn == 6)
            {
                await services.AppendAsync(draft.Id, draft.Ben, "A word.");
            }
            await GoOnAsync(lengths[^1]);
        }
        var last = await services.ReadAsync(draft.Id, draft.Ana);
        lengths.Add(last.Turns.EndsAt!.Value - clock.GetUtcNow());

        // Ana and Ben in turn: both are excused once, then both have half of the time; Ben writes in his third turn, and that is over when it is.
        Assert.Equal([10, 10, 10, 10, 5, 5, 5, 5], lengths.Select(length => length.TotalHours));
        await services.AppendAsync(draft.Id, draft.Ben, "Another one.");
        Given.Succeed(await services.GetRequiredService<RingService>().PassAsync(new SmartPass(draft.Ben, draft.Id, Strategy: null, Given.NewKey())));
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Assert.Equal(clock.GetUtcNow().AddHours(10), (await services.ReadAsync(draft.Id, draft.Ana)).Turns.EndsAt);
    }

    [Fact]
    public async Task More_time_is_granted_after_an_hour_unless_somebody_objects()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var turns = services.GetRequiredService<TurnService>();
        await SetRulesAsync(draft, new TurnRules(LimitHours: 10));
        await GoOnAsync(TimeSpan.FromHours(9.5));

        Given.Succeed(await turns.AskForMoreAsync(new AskForMore(draft.Ana, draft.Id)));
        Assert.Equal(Refusal.AskedForMore, (await turns.AskForMoreAsync(new AskForMore(draft.Ana, draft.Id))).Refusal);
        // Nothing ends while the others may still object.
        await GoOnAsync(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
        Assert.Equal(draft.Ana, (await services.ReadAsync(draft.Id, draft.Ana)).HolderId);
        await GoOnAsync(TimeSpan.FromSeconds(1));
        var granted = await services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal((MoreTime.Granted, Start.AddHours(15)), (granted.Turns.More, granted.Turns.EndsAt!.Value));
        await GoOnAsync(TimeSpan.FromHours(4.5));
        Assert.Equal(draft.Ben, (await services.ReadAsync(draft.Id, draft.Ana)).HolderId);

        await GoOnAsync(TimeSpan.FromHours(9.5));
        Given.Succeed(await turns.AskForMoreAsync(new AskForMore(draft.Ben, draft.Id)));
        await GoOnAsync(TimeSpan.FromMinutes(40));
        Given.Succeed(await turns.RefuseMoreAsync(new RefuseMore(draft.Ana, draft.Id)));
        await GoOnAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(draft.Ana, (await services.ReadAsync(draft.Id, draft.Ana)).HolderId);
        var notices = await NoticesAsync(draft.Id);
        Assert.Contains($"{draft.Ben} MoreTime turn 1 asked 17:30", notices);
        Assert.Contains($"{draft.Ana} MoreTime turn 1.2 granted 18:30", notices);
        Assert.Contains($"{draft.Ana} MoreTime turn 2 asked 08:30", notices);
        Assert.Contains($"{draft.Ben} MoreTime turn 2 refused 09:10", notices);
    }

    [Fact]
    public async Task New_rules_begin_a_turn_anew_and_what_was_told_before_is_told_again()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var turns = services.GetRequiredService<TurnService>();
        for (var hours = 10; hours <= 12; hours++)
        {
            await SetRulesAsync(draft, new TurnRules(LimitHours: hours, OnExpiry: OnExpiry.Reclaim));
            Given.Succeed(await turns.AskForMoreAsync(new AskForMore(draft.Ana, draft.Id)));
            Given.Succeed(await turns.RefuseMoreAsync(new RefuseMore(draft.Ben, draft.Id)));
            await GoOnAsync(TimeSpan.FromHours(0.5 * hours));
            await GoOnAsync(TimeSpan.FromHours(0.4 * hours));
            await GoOnAsync(TimeSpan.FromHours(0.1 * hours));

            Assert.True((await services.ReadAsync(draft.Id, draft.Ana)).Turns.IsOver);
        }

        var told = (await NoticesAsync(draft.Id)).Select(notice => notice.Split(' ')[1]).CountBy(kind => kind).ToDictionary(StringComparer.Ordinal);
        Assert.Equal((6, 3, 6), (told["Reminder"], told["TurnOver"], told["MoreTime"]));
    }

    [Fact]
    public async Task A_ring_that_stayed_when_its_time_was_up_goes_on_when_its_holder_is_away()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await SetRulesAsync(draft, new TurnRules(LimitHours: 10, OnExpiry: OnExpiry.Remind));
        await GoOnAsync(TimeSpan.FromHours(10));
        Given.Succeed(await services.GetRequiredService<AbsenceService>().SetAwayAsync(draft.Ana, clock.GetUtcNow().AddDays(5)));
        await GoOnAsync(TimeSpan.FromDays(1));

        Assert.Equal(draft.Ben, (await services.ReadAsync(draft.Id, draft.Ana)).HolderId);
        var told = await NoticesAsync(draft.Id);
        Assert.Equal([$"{draft.Ana} TurnOver turn 1", $"{draft.Ana} TurnOver turn 1 passed on"], told.Where(notice => notice.Contains("TurnOver", StringComparison.Ordinal)).Select(notice => notice[..^6]));
    }

    [Fact]
    public async Task An_owner_who_is_away_takes_no_ring_back()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Given.Succeed(await services.GetRequiredService<AbsenceService>().SetAwayAsync(draft.Ana, Start.AddDays(2)));

        Assert.Equal(Refusal.YouAreAway, (await services.GetRequiredService<TurnService>().ReclaimAsync(new ReclaimRing(draft.Ana, draft.Id))).Refusal);
    }

    [Fact]
    public async Task A_turn_that_was_over_when_the_owner_took_it_back_is_missed_and_one_that_was_not_is_kept()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var turns = services.GetRequiredService<TurnService>();
        await SetRulesAsync(draft, new TurnRules(LimitHours: 10, OnExpiry: OnExpiry.Reclaim, ExcusedMisses: 0));
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Given.Succeed(await turns.ReclaimAsync(new ReclaimRing(draft.Ana, draft.Id)));
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        Assert.Equal(clock.GetUtcNow().AddHours(10), (await services.ReadAsync(draft.Id, draft.Ana)).Turns.EndsAt);

        await GoOnAsync(TimeSpan.FromHours(10));
        Given.Succeed(await turns.ReclaimAsync(new ReclaimRing(draft.Ana, draft.Id)));
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        Assert.Equal(clock.GetUtcNow().AddHours(5), (await services.ReadAsync(draft.Id, draft.Ana)).Turns.EndsAt);
    }

    [Fact]
    public async Task Whoever_may_object_has_an_hour_for_it_however_long_the_draft_was_paused()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var (drafts, turns) = (services.GetRequiredService<DraftService>(), services.GetRequiredService<TurnService>());
        await SetRulesAsync(draft, new TurnRules(LimitHours: 10));
        Given.Succeed(await turns.AskForMoreAsync(new AskForMore(draft.Ana, draft.Id)));
        Given.Succeed(await drafts.LockAsync(new LockDraft(draft.Ana, draft.Id)));
        await GoOnAsync(TimeSpan.FromHours(3));
        Given.Succeed(await drafts.UnlockAsync(new UnlockDraft(draft.Ana, draft.Id)));
        await GoOnAsync(TimeSpan.FromMinutes(59));

        Assert.Equal(MoreTime.Asked, (await services.ReadAsync(draft.Id, draft.Ana)).Turns.More);
        Given.Succeed(await turns.RefuseMoreAsync(new RefuseMore(draft.Ben, draft.Id)));
    }

    [Theory]
    [InlineData(OnExpiry.Reclaim)]
    [InlineData(OnExpiry.Remind)]
    public async Task Where_the_ring_is_to_stay_it_stays(OnExpiry onExpiry)
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await SetRulesAsync(draft, new TurnRules(LimitHours: 10, OnExpiry: onExpiry));

        await GoOnAsync(TimeSpan.FromDays(20));

        var after = await services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal((draft.Ben, true), (after.HolderId, after.Turns.IsOver));
        var told = (await NoticesAsync(draft.Id)).Where(notice => notice.Contains("TurnOver", StringComparison.Ordinal));
        Assert.Equal(onExpiry == OnExpiry.Reclaim ? [draft.Ana, draft.Ben] : [draft.Ben], told.Select(notice => notice.Split(' ')[0]).OrderBy(who => who != draft.Ana).ThenBy(who => who, StringComparer.Ordinal));

        Given.Succeed(await services.GetRequiredService<TurnService>().ReclaimAsync(new ReclaimRing(draft.Ana, draft.Id, Reason: "We want to finish by Sunday.")));
        var back = (await services.ReadAsync(draft.Id, draft.Ben)).Passes[^1];
        Assert.Equal((draft.Ana, Chosen.Reclaimed, "We want to finish by Sunday."), (back.ToId, back.Chosen, back.Reason));
    }

    [Fact]
    public async Task Who_is_away_is_passed_over_and_their_ring_goes_on_after_a_day()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        var (absences, rings) = (services.GetRequiredService<AbsenceService>(), services.GetRequiredService<RingService>());

        Given.Succeed(await absences.SetAwayAsync(draft.Ben, Start.AddDays(9)));
        var preview = Given.Succeed(await rings.PreviewAsync(draft.Ana, draft.Id, Strategy.RoundRobin));
        Assert.Equal(draft.Dan, preview.UserId);
        Assert.Equal(Refusal.RecipientAway, (await rings.PassAsync(new PassRing(draft.Ana, draft.Id, draft.Ben, Given.NewKey()))).Refusal);

        // The clock is off, and still nobody waits for who is not there.
        Given.Succeed(await absences.SetAwayAsync(draft.Ana, Start.AddDays(5)));
        await GoOnAsync(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        Assert.Equal(draft.Ana, (await services.ReadAsync(draft.Id, draft.Ana)).HolderId);
        await GoOnAsync(TimeSpan.FromSeconds(1));
        var after = await services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal(draft.Dan, after.HolderId);
        Assert.StartsWith("Ana is away.", Assert.Single(after.Passes).Reason, StringComparison.Ordinal);

        // All others are away: the ring waits for the first who is back.
        Given.Succeed(await services.GetRequiredService<TurnService>().SetAwayAsync(new SetAway(draft.Dan, draft.Id, Start.AddDays(30))));
        await GoOnAsync(TimeSpan.FromDays(2));
        Assert.Equal(draft.Dan, (await services.ReadAsync(draft.Id, draft.Ana)).HolderId);
        await GoOnAsync(TimeSpan.FromDays(2));
        Assert.Equal(draft.Ana, (await services.ReadAsync(draft.Id, draft.Ana)).HolderId);

        // Back, one is where one was in the order.
        Given.Succeed(await absences.SetAwayAsync(draft.Ben, until: null));
        Assert.Equal(draft.Ben, Given.Succeed(await rings.PreviewAsync(draft.Ana, draft.Id, Strategy.RoundRobin)).UserId);
    }

    [Fact]
    public async Task What_was_typed_when_the_time_is_up_is_parked()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var texts = services.GetRequiredService<WorkingTextService>();
        await SetRulesAsync(draft, new TurnRules(LimitHours: 1));
        Given.Succeed(await new TypedText(services, draft.Id, draft.Ana).SaveAsync("Once upon a"));

        await GoOnAsync(TimeSpan.FromHours(1));

        var parked = Assert.Single(await texts.ListParkedAsync(draft.Ana));
        Assert.Equal(("Once upon a", ParkedBecause.RingGone), (parked.Beginning, parked.Because));
    }

    [Fact]
    public async Task An_expiry_while_the_holder_appends_leaves_the_words_in_the_text_or_parked()
    {
        var texts = services.GetRequiredService<WorkingTextService>();
        for (var round = 0; round < 20; round++)
        {
            var draft = await services.ADraftHeldByAnaAsync();
            await SetRulesAsync(draft, new TurnRules(LimitHours: 1));
            clock.Advance(TimeSpan.FromHours(1));

            var keeping = Task.Run(() => KeepAsync());
            var appending = Task.Run(() => services.GetRequiredService<RingService>().AppendAsync(new AppendSegment(draft.Ana, draft.Id, "My words.", Given.NewKey(), Turn: 1)));
            await Task.WhenAll(keeping, appending);
            // A draft that is being written in is left for the next round.
            await KeepAsync();

            var view = await services.ReadAsync(draft.Id, draft.Ana);
            var parked = (await texts.ListParkedAsync(draft.Ana)).Count;
            Assert.Equal((draft.Ben, 2), (view.HolderId, view.Turn));
            Assert.Equal((await appending).Succeeded ? (1, 0) : (0, 1), (view.Segments.Count, parked));
            Assert.All(view.Segments, segment => Assert.Equal(1, segment.Turn));
        }
    }

    [Fact]
    public async Task Several_servers_keep_each_turn_once()
    {
        List<ADraft> drafts = [];
        for (var i = 0; i < 20; i++)
        {
            drafts.Add(await services.ADraftHeldByAnaAsync());
            await SetRulesAsync(drafts[^1], new TurnRules(LimitHours: 1));
        }
        clock.Advance(TimeSpan.FromHours(1));

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(KeepAsync)));

        foreach (var draft in drafts)
        {
            Assert.Equal(2, (await services.ReadAsync(draft.Id, draft.Ana)).Turn);
            Assert.Equal(2, (await NoticesAsync(draft.Id)).Count);
        }
    }

    private async Task SetRulesAsync(ADraft draft, TurnRules rules) =>
        Given.Succeed(await services.GetRequiredService<TurnService>().SetRulesAsync(new SetTurnRules(draft.Ana, draft.Id, rules)));

    private async Task GoOnAsync(TimeSpan time)
    {
        clock.Advance(time);
        await KeepAsync();
    }

    private Task<int> KeepAsync() => services.GetRequiredService<TurnKeeper>().KeepAllAsync();

    private async Task<List<string>> NoticesAsync(Guid draftId)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        var notices = await db.Notices.Where(n => n.DraftId == draftId).OrderBy(n => n.At).ThenBy(n => n.Kind == NoticeKind.YourTurn).ThenBy(n => n.Cause).ThenBy(n => n.UserId).ToListAsync();
        return [.. notices.Where(n => n.Kind != NoticeKind.YourTurn || n.Cause != "turn 1").Select(n => $"{n.UserId} {n.Kind} {n.Cause} {n.At:HH:mm}")];
    }
}
