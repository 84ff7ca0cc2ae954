using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Notices;
using OneRing.Data.Rings;
using OneRing.Data.Writing;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Rings;

public sealed class WaitingServiceTests_InMemory(InMemory database) : WaitingServiceTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class WaitingServiceTests_Postgres(Postgres database) : WaitingServiceTests(database), IClassFixture<Postgres>;

/// <summary>What waits for a person, and for whom they wait.</summary>
public abstract class WaitingServiceTests(TestDatabase database) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 5, 4, 8, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider clock = new(Start);
    private ServiceProvider services = null!;

    private WaitingService Waits => services.GetRequiredService<WaitingService>();

    private TurnService Turns => services.GetRequiredService<TurnService>();

    public async Task InitializeAsync()
    {
        services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
    }

    public async Task DisposeAsync() => await services.DisposeAsync();

    [Fact]
    public async Task Nothing_waits_for_who_has_no_part_in_anything_or_only_reads()
    {
        var draft = await services.ADraftHeldByAnaAsync();

        foreach (var who in (string[])[draft.Cleo, draft.Dan, "nobody"])
        {
            var waiting = await FindAsync(who, expected: 0);
            Assert.Equal((0, 0, 0), (waiting.Held.Count, waiting.Invites.Count, waiting.Awaited.Count));
        }
    }

    [Fact]
    public async Task The_turn_that_ends_first_is_first_and_one_without_an_end_last()
    {
        var ana = (await services.ADraftHeldByAnaAsync(title: "No clock")).Ana;
        var slow = await StartAsync(ana, "Slow", limitHours: 48);
        var soon = await StartAsync(ana, "Soon", limitHours: 3);
        var locked = await StartAsync(ana, "Locked", limitHours: 1);
        Given.Succeed(await services.GetRequiredService<DraftService>().LockAsync(new LockDraft(ana, locked)));
        var archived = await StartAsync(ana, "Archived", limitHours: 1);
        Given.Succeed(await services.GetRequiredService<DraftService>().ArchiveAsync(new ArchiveDraft(ana, archived)));

        var held = (await FindAsync(ana, expected: 3)).Held;

        Assert.Equal([("Soon", (DateTimeOffset?)Start.AddHours(3)), ("Slow", Start.AddHours(48)), ("No clock", null)], held.Select(ring => (ring.Title, ring.EndsAt)));
        Assert.Equal([soon, slow], held.Take(2).Select(ring => ring.DraftId));
    }

    [Fact]
    public async Task Wishes_and_reminders_are_told_to_the_holder_of_this_turn_and_to_nobody_else()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        Given.Succeed(await Turns.AskAsync(new AskForRing(draft.Ben, draft.Id, "I know how it ends")));
        Given.Succeed(await services.GetRequiredService<RingService>().NudgeAsync(new NudgeHolder(draft.Ben, draft.Id)));

        var ring = Assert.Single((await FindAsync(draft.Ana, expected: 1)).Held);
        Assert.Equal(new RingWishView(draft.Ben, "Ben", Start, "I know how it ends"), Assert.Single(ring.Wishes));
        Assert.Equal((1, Start, (DateTimeOffset?)Start), (ring.Turn, ring.Since, ring.NudgedAt));
        Assert.Empty((await FindAsync(draft.Ben, expected: 0)).Held);

        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        ring = Assert.Single((await FindAsync(draft.Ana, expected: 1)).Held);
        Assert.Equal((3, 0, (DateTimeOffset?)null), (ring.Turn, ring.Wishes.Count, ring.NudgedAt));
    }

    [Fact]
    public async Task Invites_wait_until_they_are_answered()
    {
        var draft = await services.ADraftHeldByAnaAsync(title: "The lamp");
        var invites = services.GetRequiredService<InviteService>();
        var made = Given.Succeed(await invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer, await services.HandleOfAsync(draft.Dan))));

        var invite = Assert.Single((await FindAsync(draft.Dan, expected: 1)).Invites);
        Assert.Equal((made.InviteId, "The lamp", "Ana"), (invite.InviteId, invite.Title, invite.InvitedBy));

        Given.Succeed(await invites.DeclineAsync(new DeclineInvite(draft.Dan, draft.Id, made.InviteId)));
        Assert.Empty((await FindAsync(draft.Dan, expected: 0)).Invites);
    }

    [Fact]
    public async Task Whoever_waits_may_object_to_more_time_until_it_is_decided()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await SetRulesAsync(draft.Ana, draft.Id, new TurnRules(LimitHours: 24));
        Given.Succeed(await Turns.AskForMoreAsync(new AskForMore(draft.Ana, draft.Id)));

        var ring = Assert.Single((await FindAsync(draft.Ben, expected: 1)).Awaited);
        Assert.Equal((Start.AddHours(1), true, false), (ring.MoreAt, ring.IsForMe, ring.MayReclaim));
        Assert.Empty((await FindAsync(draft.Cleo, expected: 0)).Awaited);

        Given.Succeed(await Turns.RefuseMoreAsync(new RefuseMore(draft.Ben, draft.Id)));
        Assert.Null(Assert.Single((await FindAsync(draft.Ben, expected: 0)).Awaited).MoreAt);
    }

    [Theory]
    [InlineData(OnExpiry.Reclaim, 1)]
    [InlineData(OnExpiry.Remind, 0)]
    public async Task The_owner_may_take_a_ring_back_whose_time_is_up_where_the_rules_say_so(OnExpiry onExpiry, int expected)
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await SetRulesAsync(draft.Ana, draft.Id, new TurnRules(LimitHours: 10, OnExpiry: onExpiry));
        Assert.False(Assert.Single((await FindAsync(draft.Ana, expected: 0)).Awaited).MayReclaim);

        clock.Advance(TimeSpan.FromHours(11));
        await services.GetRequiredService<TurnKeeper>().KeepAllAsync();

        var ring = Assert.Single((await FindAsync(draft.Ana, expected)).Awaited);
        Assert.Equal((expected == 1, true, Start.AddHours(10)), (ring.MayReclaim, ring.IsOver, ring.EndsAt));
        Assert.False(Assert.Single((await FindAsync(draft.Dan, expected: 0)).Awaited).MayReclaim);
        Assert.True(Assert.Single((await FindAsync(draft.Ben, expected: 1)).Held).IsOver);
    }

    [Fact]
    public async Task What_is_usual_is_the_median_of_the_turns_that_have_ended()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        async Task<TimeSpan?> UsuallyAsync(string who) => Assert.Single((await Waits.FindAsync(who)).Awaited).UsuallyHeld;
        async Task HoldAsync(double hours, string from, string to)
        {
            clock.Advance(TimeSpan.FromHours(hours));
            await services.PassAsync(draft.Id, from, to);
        }

        Assert.Null(await UsuallyAsync(draft.Ben));
        // The first hold of Ana's began with the draft.
        await HoldAsync(2, draft.Ana, draft.Ben);
        await HoldAsync(50, draft.Ben, draft.Ana);
        Assert.Null(await UsuallyAsync(draft.Ben));
        await HoldAsync(5, draft.Ana, draft.Ben);
        await HoldAsync(1, draft.Ben, draft.Ana);
        Assert.Equal(TimeSpan.FromHours(3.5), await UsuallyAsync(draft.Ben));
        await HoldAsync(9, draft.Ana, draft.Ben);
        Assert.Equal(TimeSpan.FromHours(25.5), await UsuallyAsync(draft.Ana));
        await HoldAsync(1, draft.Ben, draft.Ana);
        clock.Advance(TimeSpan.FromDays(9));
        Assert.Equal(TimeSpan.FromHours(5), await UsuallyAsync(draft.Ben));
    }

    [Fact]
    public async Task Whoever_has_waited_longest_comes_first_and_parked_texts_are_counted_beside_the_rest()
    {
        var first = await services.ADraftHeldByAnaAsync(title: "First");
        clock.Advance(TimeSpan.FromHours(1));
        var second = Given.Succeed(await services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(first.Ana, "Second")));
        await services.AddAsync(second, first.Ana, first.Ben, Role.Writer);
        await services.GetRequiredService<RingService>().AppendAsync(new AppendSegment(first.Ben, first.Id, "Too early", Given.NewKey()));

        var waiting = await FindAsync(first.Ben, expected: 0);

        Assert.Equal([("First", "Ana", Start), ("Second", "Ana", Start.AddHours(1))], waiting.Awaited.Select(ring => (ring.Title, ring.HolderName, ring.Since)));
        Assert.Equal(1, waiting.ParkedTexts);
        Assert.Single(await services.GetRequiredService<WorkingTextService>().ListParkedAsync(first.Ben));
    }

    [Fact]
    public async Task Nobody_is_shown_as_asking_who_could_not_get_the_ring()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        Given.Succeed(await Turns.AskAsync(new AskForRing(draft.Ben, draft.Id)));
        Given.Succeed(await Turns.AskAsync(new AskForRing(draft.Dan, draft.Id)));
        Assert.Equal(2, Assert.Single((await Waits.FindAsync(draft.Ana)).Held).Wishes.Count);

        Given.Succeed(await services.GetRequiredService<AbsenceService>().SetAwayAsync(draft.Ben, Start.AddDays(3)));
        Given.Succeed(await services.GetRequiredService<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Dan)));

        Assert.Empty(Assert.Single((await Waits.FindAsync(draft.Ana)).Held).Wishes);
    }

    [Fact]
    public async Task Nobody_is_shown_as_asking_who_reads_now_is_disabled_or_is_away_from_this_draft_until_they_are_back()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var (eve, finn) = (await services.APersonAsync("Eve"), await services.APersonAsync("Finn"));
        foreach (var writer in new[] { draft.Dan, eve, finn })
        {
            await services.AddAsync(draft.Id, draft.Ana, writer, Role.Writer);
        }
        foreach (var asker in new[] { draft.Ben, draft.Dan, eve, finn })
        {
            Given.Succeed(await Turns.AskAsync(new AskForRing(asker, draft.Id)));
        }

        Given.Succeed(await services.GetRequiredService<CollaboratorService>().ChangeRoleAsync(new ChangeRole(draft.Ana, draft.Id, draft.Ben, Role.Reader)));
        Given.Succeed(await services.GetRequiredService<UserAdministration>().ActAsync(new UserAct(ActorId: null, draft.Dan, Act.Disabled, "here")));
        Given.Succeed(await Turns.SetAwayAsync(new SetAway(eve, draft.Id, Start.AddHours(1))));
        Given.Succeed(await services.GetRequiredService<AbsenceService>().SetAwayAsync(finn, Start.AddHours(1)));
        Assert.Empty(await AskersAsync());

        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(new[] { eve, finn }.Order(StringComparer.Ordinal), await AskersAsync());

        async Task<IEnumerable<string>> AskersAsync() => Assert.Single((await Waits.FindAsync(draft.Ana)).Held).Wishes.Select(wish => wish.UserId).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Of_several_reminders_of_a_turn_the_last_is_told()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var rings = services.GetRequiredService<RingService>();
        Given.Succeed(await rings.NudgeAsync(new NudgeHolder(draft.Ben, draft.Id)));
        clock.Advance(TimeSpan.FromDays(1));
        Given.Succeed(await rings.NudgeAsync(new NudgeHolder(draft.Ben, draft.Id)));

        Assert.Equal(Start.AddDays(1), Assert.Single((await Waits.FindAsync(draft.Ana)).Held).NudgedAt);
        Assert.Equal([NoticeKind.Nudged, NoticeKind.Nudged], (await services.GetRequiredService<NoticeService>().ListAsync(draft.Ana)).Select(notice => notice.Kind));
    }

    [Fact]
    public async Task News_is_what_is_new_for_oneself_of_what_one_may_read()
    {
        var draft = await services.ADraftHeldByAnaAsync(title: "The lamp");
        var notices = services.GetRequiredService<NoticeService>();
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        clock.Advance(TimeSpan.FromMinutes(2));
        Given.Succeed(await Turns.AskAsync(new AskForRing(draft.Ana, draft.Id)));

        Assert.Equal(
            [(NoticeKind.YourTurn, "", "Ana", "The lamp"), (NoticeKind.Asked, draft.Ana, "Ana", "The lamp")],
            (await notices.ListNewAsync(draft.Ben, Start)).Select(notice => (notice.Kind, notice.Detail, notice.ActorName, notice.Title)));
        Assert.Equal(NoticeKind.Asked, Assert.Single(await notices.ListNewAsync(draft.Ben, Start.AddMinutes(1))).Kind);
        Assert.Empty(await notices.ListNewAsync(draft.Ana, Start));

        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(NoticeKind.Asked, Assert.Single(await notices.ListNewAsync(draft.Ben, Start)).Kind);
        Given.Succeed(await services.GetRequiredService<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));
        Assert.Empty(await notices.ListNewAsync(draft.Ben, Start));
    }

    [Fact]
    public async Task The_browser_tells_of_invites_and_nothing_that_was_switched_off_or_while_it_is_to_be_quiet()
    {
        var draft = await services.ADraftHeldByAnaAsync(title: "The lamp");
        var (notices, choices) = (services.GetRequiredService<NoticeService>(), services.GetRequiredService<NoticeSettingsService>());
        var invite = Given.Succeed(await services.GetRequiredService<InviteService>().CreateAsync(
            new CreateInvite(draft.Ana, draft.Id, Role.Writer, await services.HandleOfAsync(draft.Dan))));
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        var invited = Assert.Single(await notices.ListNewAsync(draft.Dan, Start));
        Assert.Equal((NoticeKind.Invited, "The lamp", $"/invites/{draft.Id}/{invite.InviteId}"), (invited.Kind, invited.Title, invited.Path));
        Given.Succeed(await services.GetRequiredService<InviteService>().DeclineAsync(new DeclineInvite(draft.Dan, draft.Id, invite.InviteId)));
        Assert.Empty(await notices.ListNewAsync(draft.Dan, Start));

        await TellsAsync(new NoticeChoices([]), 1);
        await TellsAsync(new NoticeChoices([NoticeKind.YourTurn]), 0);
        var now = TimeOnly.FromDateTime(Start.UtcDateTime);
        await TellsAsync(new NoticeChoices([], QuietFrom: now, QuietTo: now.AddHours(1)), 0);
        await TellsAsync(new NoticeChoices([], QuietFrom: now.AddHours(-1), QuietTo: now), 1);
        Given.Succeed(await choices.MuteAsync(draft.Ben, draft.Id, isMuted: true));
        Assert.Empty(await notices.ListNewAsync(draft.Ben, Start));
        Assert.Single(await notices.ListAsync(draft.Ben));

        async Task TellsAsync(NoticeChoices chosen, int count)
        {
            Given.Succeed(await choices.ChooseAsync(draft.Ben, chosen));
            Assert.Equal(count, (await notices.ListNewAsync(draft.Ben, Start)).Count);
        }
    }

    [Fact]
    public async Task What_one_was_told_of_stays_listed_and_is_new_until_it_was_seen()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var notices = services.GetRequiredService<NoticeService>();
        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await notices.MarkSeenAsync(draft.Ana);
        clock.Advance(TimeSpan.FromHours(2));
        Given.Succeed(await Turns.ReclaimAsync(new ReclaimRing(draft.Ana, draft.Id)));

        Assert.Equal(
            [(NoticeKind.TurnOver, NoticeDetail.Reclaimed, true), (NoticeKind.YourTurn, "", true)],
            (await notices.ListAsync(draft.Ben)).Select(notice => (notice.Kind, notice.Detail, notice.IsNew)));
        await notices.MarkSeenAsync(draft.Ben);
        Given.Succeed(await services.GetRequiredService<DraftService>().CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)));
        Assert.Equal([true, false, false], (await notices.ListAsync(draft.Ben)).Select(notice => notice.IsNew));
    }

    [Fact]
    public async Task The_news_name_what_one_was_told_of_last()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        Assert.Null((await Waits.FindNewsAsync(draft.Ben)).LastNoticeId);

        await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var told = await Waits.FindNewsAsync(draft.Ben);
        await services.AppendAsync(draft.Id, draft.Ben, "It rained.");

        Assert.Equal(told, await Waits.FindNewsAsync(draft.Ben));
        Assert.Equal(Assert.Single(await services.GetRequiredService<NoticeService>().ListAsync(draft.Ben)).Id, told.LastNoticeId);
        clock.Advance(TimeSpan.FromMinutes(1));
        Given.Succeed(await Turns.AskAsync(new AskForRing(draft.Ana, draft.Id)));
        Assert.NotEqual(told, await Waits.FindNewsAsync(draft.Ben));
        Assert.Equal(1, told.Count);
    }

    private async Task<Waiting> FindAsync(string userId, int expected)
    {
        var waiting = await Waits.FindAsync(userId);
        Assert.Equal((expected, expected), (waiting.Count, (await Waits.FindNewsAsync(userId)).Count));
        return waiting;
    }

    private async Task<Guid> StartAsync(string ownerId, string title, int limitHours)
    {
        var id = Given.Succeed(await services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(ownerId, title)));
        await services.AddAsync(id, ownerId, await services.APersonAsync("Eve"), Role.Writer);
        await SetRulesAsync(ownerId, id, new TurnRules(limitHours));
        return id;
    }

    private async Task SetRulesAsync(string ownerId, Guid draftId, TurnRules rules) => Given.Succeed(await Turns.SetRulesAsync(new SetTurnRules(ownerId, draftId, rules)));
}
