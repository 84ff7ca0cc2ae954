using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Data.Invites;
using OneRing.Data.Rings;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Invites;

public sealed class InviteServiceTests_InMemory(InMemory database) : InviteServiceTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class InviteServiceTests_Postgres(Postgres database) : InviteServiceTests(database), IClassFixture<Postgres>
{
    private readonly Postgres database = database;

    [Fact]
    public async Task Of_32_people_on_two_servers_exactly_one_gets_the_last_use()
    {
        await using var other = database.BuildServices();

        await RaceForTheLastUseAsync([database.Get<InviteService>(), other.GetRequiredService<InviteService>()]);
    }
}

public abstract class InviteServiceTests(TestDatabase database)
{
    private const int Racers = 32;

    private InviteService Invites => database.Get<InviteService>();

    private IServiceProvider Services => database.Services;

    [Fact]
    public async Task A_link_lets_a_stranger_in_with_its_role_and_says_so_in_the_events()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var made = await ALinkAsync(draft, Role.Reader);

        Assert.Null((await AcceptAsync(draft, draft.Dan, made)).Refusal);

        var view = await Services.ReadAsync(draft.Id, draft.Dan);
        Assert.Equal(Role.Reader, view.Role);
        Assert.Empty(view.PendingInvites);
        var events = await database.Get<EventStore>().ReadAsync(new EventQuery(DraftId: draft.Id));
        Assert.Equal(
            [(EventType.InviteCreated, draft.Ana), (EventType.CollaboratorJoined, draft.Dan), (EventType.InviteAccepted, draft.Dan)],
            events.Where(e => e.Data.Contains(made.InviteId.ToString(), StringComparison.Ordinal) || (e.Type == EventType.CollaboratorJoined && e.ActorId == draft.Dan))
                .Select(e => (e.Type, e.ActorId!)).OrderBy(e => e.Item1 == EventType.InviteCreated ? 0 : 1).ThenBy(e => e.Item1));
        var invite = Assert.Single(await ListAsync(draft));
        Assert.Equal((InviteState.Accepted, 1, 1), (invite.State, invite.Uses, invite.MaxUses));
    }

    [Fact]
    public async Task An_invite_by_handle_waits_for_that_person_alone_and_needs_no_token()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var eve = await Services.APersonAsync("Eve");
        var made = await ForDanAsync(draft);

        Assert.Null(made.Token);
        Assert.Equal(made.InviteId, Assert.Single(await Invites.ListForAsync(draft.Dan)).InviteId);
        Assert.Equal((1, 0), (await Invites.CountForAsync(draft.Dan), await Invites.CountForAsync(eve)));
        Assert.Equal([made.InviteId], (await Services.ReadAsync(draft.Id, draft.Cleo)).PendingInvites);

        Assert.Equal(Refusal.InviteUnknown, (await Invites.OpenAsync(eve, draft.Id, made.InviteId)).Refusal);
        Assert.Equal(Refusal.InviteUnknown, (await Invites.OpenAsync(userId: null, draft.Id, made.InviteId)).Refusal);
        Assert.Equal(Refusal.InviteUnknown, (await AcceptAsync(draft, eve, made)).Refusal);
        Assert.Equal(Refusal.InviteUnknown, (await Invites.DeclineAsync(new DeclineInvite(eve, draft.Id, made.InviteId))).Refusal);
        Assert.Equal(Refusal.InviteUnknown, (await AcceptAsync(draft, draft.Cleo, made)).Refusal);

        var seen = Given.Succeed(await Invites.OpenAsync(draft.Dan, draft.Id, made.InviteId));
        Assert.Equal(("A draft", "Ana", Role.Writer, null, false), (seen.Title, seen.InvitedBy, seen.Role, seen.Refusal, seen.IsMember));
        Given.Succeed(await AcceptAsync(draft, draft.Dan, made));

        Assert.Equal(Role.Writer, (await Services.ReadAsync(draft.Id, draft.Dan)).Role);
        Assert.Empty(await Invites.ListForAsync(draft.Dan));
        Assert.Null(await database.Get<DraftService>().FindAsync(draft.Id, eve));
    }

    [Fact]
    public async Task A_wrong_token_an_unknown_invite_and_an_unknown_draft_are_refused_alike()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var other = await Services.ADraftHeldByAnaAsync();
        var made = await ALinkAsync(draft);
        var byHandle = await ForDanAsync(other);
        var before = await Rows.CountAsync(Services, draft.Id);
        (Guid Draft, Guid Invite, string? Token)[] wrong =
        [
            (draft.Id, made.InviteId, null),
            (draft.Id, made.InviteId, ""),
            (draft.Id, made.InviteId, "a guess"),
            (draft.Id, made.InviteId, made.Token![..^1]),
            (draft.Id, made.InviteId, made.Token + "A"),
            (draft.Id, made.InviteId, (made.Token[0] == 'A' ? 'B' : 'A') + made.Token[1..]),
            (draft.Id, Guid.CreateVersion7(), made.Token),
            (other.Id, made.InviteId, made.Token),
            (Guid.CreateVersion7(), made.InviteId, made.Token),
            (other.Id, byHandle.InviteId, made.Token),
        ];

        foreach (var (draftId, inviteId, token) in wrong)
        {
            var who = draftId == other.Id ? await Services.APersonAsync("Eve") : draft.Dan;
            Assert.Equal(Refusal.InviteUnknown, (await Invites.AcceptAsync(new AcceptInvite(who, draftId, inviteId, token))).Refusal);
            Assert.Equal(Refusal.InviteUnknown, (await Invites.OpenAsync(who, draftId, inviteId, token)).Refusal);
            Assert.Equal(Refusal.InviteUnknown, (await Invites.OpenAsync(userId: null, draftId, inviteId, token)).Refusal);
        }

        Assert.Equal(before, await Rows.CountAsync(Services, draft.Id));
        Assert.Null(await database.Get<DraftService>().FindAsync(draft.Id, draft.Dan));
    }

    [Fact]
    public async Task An_invite_ends_with_its_time_to_the_microsecond()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        var invites = services.GetRequiredService<InviteService>();
        var draft = await services.ADraftHeldByAnaAsync();
        var made = Given.Succeed(await invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer, ExpiresInHours: 1, MaxUses: 2)));
        var byHandle = Given.Succeed(await invites.CreateAsync(
            new CreateInvite(draft.Ana, draft.Id, Role.Writer, await services.HandleOfAsync(draft.Dan), ExpiresInHours: 1)));

        clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMicroseconds(1));
        Assert.Null(Given.Succeed(await invites.OpenAsync(draft.Dan, draft.Id, made.InviteId, made.Token)).Refusal);
        Assert.Single(await invites.ListForAsync(draft.Dan));
        Assert.Equal([.. new[] { made.InviteId, byHandle.InviteId }.Order()], (await services.ReadAsync(draft.Id, draft.Ana)).PendingInvites.Order());
        clock.Advance(TimeSpan.FromMicroseconds(1));

        Assert.Equal(Refusal.InviteExpired, Given.Succeed(await invites.OpenAsync(draft.Dan, draft.Id, made.InviteId, made.Token)).Refusal);
        Assert.Equal(Refusal.InviteExpired, (await invites.AcceptAsync(new AcceptInvite(draft.Dan, draft.Id, made.InviteId, made.Token))).Refusal);
        Assert.Equal(Refusal.InviteExpired, (await invites.AcceptAsync(new AcceptInvite(draft.Dan, draft.Id, byHandle.InviteId))).Refusal);
        Assert.Equal(Refusal.InviteExpired, (await invites.DeclineAsync(new DeclineInvite(draft.Dan, draft.Id, byHandle.InviteId))).Refusal);
        Assert.Empty(await invites.ListForAsync(draft.Dan));
        Assert.Equal(0, await invites.CountForAsync(draft.Dan));
        Assert.Empty((await services.ReadAsync(draft.Id, draft.Ana)).PendingInvites);
        Assert.All(Given.Succeed(await invites.ListAsync(draft.Ana, draft.Id)), invite => Assert.Equal(InviteState.Expired, invite.State));
    }

    [Fact]
    public async Task A_revoked_invite_lets_nobody_in()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var made = await ALinkAsync(draft);

        Given.Succeed(await Invites.RevokeAsync(new RevokeInvite(draft.Ana, draft.Id, made.InviteId)));
        Given.Succeed(await Invites.RevokeAsync(new RevokeInvite(draft.Ana, draft.Id, made.InviteId)));

        Assert.Equal(Refusal.InviteRevoked, (await AcceptAsync(draft, draft.Dan, made)).Refusal);
        Assert.Equal(Refusal.InviteRevoked, Given.Succeed(await Invites.OpenAsync(draft.Dan, draft.Id, made.InviteId, made.Token)).Refusal);
        Assert.Equal(Refusal.InviteRevoked, (await Invites.ResendAsync(new ResendInvite(draft.Ana, draft.Id, made.InviteId))).Refusal);
        Assert.Equal(InviteState.Revoked, Assert.Single(await ListAsync(draft)).State);
    }

    [Fact]
    public async Task A_link_that_is_used_up_lets_nobody_else_in()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var made = await ALinkAsync(draft, maxUses: 2);
        var (eve, finn) = (await Services.APersonAsync("Eve"), await Services.APersonAsync("Finn"));

        Given.Succeed(await AcceptAsync(draft, draft.Dan, made));
        Assert.Equal((InviteState.Pending, 1), (Assert.Single(await ListAsync(draft)).State, Assert.Single(await ListAsync(draft)).Uses));
        Given.Succeed(await AcceptAsync(draft, eve, made));

        Assert.Equal(Refusal.InviteUsedUp, (await AcceptAsync(draft, finn, made)).Refusal);
        Assert.Equal(Refusal.InviteUsedUp, (await Invites.RevokeAsync(new RevokeInvite(draft.Ana, draft.Id, made.InviteId))).Refusal);
        Assert.Null(await database.Get<DraftService>().FindAsync(draft.Id, finn));
    }

    [Fact]
    public async Task Accepting_twice_is_one_membership_and_one_use()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var made = await ALinkAsync(draft, maxUses: 3);
        Given.Succeed(await AcceptAsync(draft, draft.Dan, made));
        var before = await Rows.CountAsync(Services, draft.Id);

        Given.Succeed(await AcceptAsync(draft, draft.Dan, made));
        var key = Given.NewKey();
        Given.Succeed(await Invites.AcceptAsync(new AcceptInvite(draft.Dan, draft.Id, made.InviteId, made.Token, key)));
        var retried = await Invites.AcceptAsync(new AcceptInvite(draft.Dan, draft.Id, made.InviteId, made.Token, key));

        Assert.True(retried is { Succeeded: true, Replayed: true });
        Assert.Equal(before with { Keys = before.Keys + 2 }, await Rows.CountAsync(Services, draft.Id));
        Assert.Equal(1, Assert.Single(await ListAsync(draft)).Uses);
    }

    [Fact]
    public async Task Whoever_is_in_already_keeps_their_role_and_spends_no_use()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var made = await ALinkAsync(draft, Role.Reader);

        Given.Succeed(await AcceptAsync(draft, draft.Ana, made));
        Given.Succeed(await AcceptAsync(draft, draft.Ben, made));

        var view = await Services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal((Role.Owner, Role.Writer), (view.Role, view.Collaborators.Single(c => c.UserId == draft.Ben).Role));
        Assert.Equal((InviteState.Pending, 0), (Assert.Single(await ListAsync(draft)).State, Assert.Single(await ListAsync(draft)).Uses));
        Assert.True(Given.Succeed(await Invites.OpenAsync(draft.Ben, draft.Id, made.InviteId, made.Token)).IsMember);
    }

    [Fact]
    public async Task Whoever_was_taken_out_does_not_come_back_by_the_link_they_came_by()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var made = await ALinkAsync(draft, maxUses: 5);
        var key = Given.NewKey();
        Given.Succeed(await Invites.AcceptAsync(new AcceptInvite(draft.Dan, draft.Id, made.InviteId, made.Token, key)));
        Given.Succeed(await database.Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Dan)));

        Assert.Equal(Refusal.InviteUsedUp, (await AcceptAsync(draft, draft.Dan, made)).Refusal);
        Assert.Equal(Refusal.InviteUsedUp, Given.Succeed(await Invites.OpenAsync(draft.Dan, draft.Id, made.InviteId, made.Token)).Refusal);
        await Invites.AcceptAsync(new AcceptInvite(draft.Dan, draft.Id, made.InviteId, made.Token, key));
        Assert.Null(await database.Get<DraftService>().FindAsync(draft.Id, draft.Dan));
    }

    [Fact]
    public async Task An_invite_ends_with_the_part_that_its_maker_has_in_the_draft()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var made = Given.Succeed(await Invites.CreateAsync(new CreateInvite(draft.Ben, draft.Id, Role.Writer, MaxUses: 9)));
        var byHandle = Given.Succeed(await Invites.CreateAsync(new CreateInvite(draft.Ben, draft.Id, Role.Writer, await Services.HandleOfAsync(draft.Dan))));

        Given.Succeed(await database.Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));

        Assert.Equal(Refusal.InviteRevoked, (await AcceptAsync(draft, draft.Dan, made)).Refusal);
        Assert.Equal(Refusal.InviteRevoked, (await AcceptAsync(draft, draft.Dan, byHandle)).Refusal);
        Assert.Empty(await Invites.ListForAsync(draft.Dan));
        Assert.Empty((await Services.ReadAsync(draft.Id, draft.Ana)).PendingInvites);
        Assert.All(await ListAsync(draft), invite => Assert.Equal(InviteState.Revoked, invite.State));
    }

    [Fact]
    public async Task A_declined_invite_is_over_until_there_is_a_new_one()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var made = await ForDanAsync(draft);

        Given.Succeed(await Invites.DeclineAsync(new DeclineInvite(draft.Dan, draft.Id, made.InviteId)));
        Given.Succeed(await Invites.DeclineAsync(new DeclineInvite(draft.Dan, draft.Id, made.InviteId)));

        Assert.Equal(Refusal.InviteDeclined, (await AcceptAsync(draft, draft.Dan, made)).Refusal);
        Assert.Empty(await Invites.ListForAsync(draft.Dan));
        var again = await ForDanAsync(draft);
        Given.Succeed(await AcceptAsync(draft, draft.Dan, again));
        Assert.Equal([InviteState.Accepted, InviteState.Declined], (await ListAsync(draft)).Select(invite => invite.State));
    }

    [Fact]
    public async Task A_link_made_anew_has_a_new_token_and_time_and_the_old_one_leads_nowhere()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        var invites = services.GetRequiredService<InviteService>();
        var draft = await services.ADraftHeldByAnaAsync();
        var made = Given.Succeed(await invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer, ExpiresInHours: 1)));
        clock.Advance(TimeSpan.FromHours(2));

        var again = Given.Succeed(await invites.ResendAsync(new ResendInvite(draft.Ana, draft.Id, made.InviteId, ExpiresInHours: 3)));

        Assert.Equal(made.InviteId, again.InviteId);
        Assert.NotEqual(made.Token, again.Token);
        Assert.Equal(Refusal.InviteUnknown, (await invites.AcceptAsync(new AcceptInvite(draft.Dan, draft.Id, made.InviteId, made.Token))).Refusal);
        var invite = Assert.Single(Given.Succeed(await invites.ListAsync(draft.Ana, draft.Id)));
        Assert.Equal((InviteState.Pending, clock.GetUtcNow(), clock.GetUtcNow().AddHours(3)), (invite.State, invite.SentAt, invite.ExpiresAt));
        Given.Succeed(await invites.AcceptAsync(new AcceptInvite(draft.Dan, draft.Id, again.InviteId, again.Token)));
    }

    [Fact]
    public async Task A_person_is_reminded_of_an_invite_once_an_hour_at_the_most()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        var invites = services.GetRequiredService<InviteService>();
        var draft = await services.ADraftHeldByAnaAsync();
        var made = Given.Succeed(await invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer, await services.HandleOfAsync(draft.Dan))));

        clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(Refusal.TooManyInvites, (await invites.ResendAsync(new ResendInvite(draft.Ana, draft.Id, made.InviteId))).Refusal);
        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Null(Given.Succeed(await invites.ResendAsync(new ResendInvite(draft.Ana, draft.Id, made.InviteId))).Token);
        Assert.Equal(Refusal.TooManyInvites, (await invites.ResendAsync(new ResendInvite(draft.Ana, draft.Id, made.InviteId))).Refusal);
    }

    [Fact]
    public async Task Of_32_people_exactly_one_gets_the_last_use() => await RaceForTheLastUseAsync([Invites]);

    [Fact]
    public async Task One_person_who_accepts_many_times_at_once_is_in_once()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var made = await ALinkAsync(draft, maxUses: 10);
        var before = await Rows.CountAsync(Services, draft.Id);

        var results = await Race.AtOnceAsync(16, _ => AcceptAsync(draft, draft.Dan, made));

        Assert.All(results, result => Assert.Null(result.Refusal));
        var after = await Rows.CountAsync(Services, draft.Id);
        Assert.Equal((before.Collaborators + 1, before.Events + 2, before.Version + 1), (after.Collaborators, after.Events, after.Version));
        Assert.Equal(1, Assert.Single(await ListAsync(draft)).Uses);
    }

    [Fact]
    public async Task An_acceptance_that_races_a_revocation_comes_before_it_or_not_at_all()
    {
        for (var round = 0; round < 5; round++)
        {
            var draft = await Services.ADraftHeldByAnaAsync();
            var made = await ALinkAsync(draft, maxUses: 2);

            var results = await Race.AtOnceAsync(2, i => i == 0
                ? AcceptAsync(draft, draft.Dan, made)
                : Invites.RevokeAsync(new RevokeInvite(draft.Ana, draft.Id, made.InviteId)));

            Given.Succeed(results[1]);
            Assert.Contains(results[0].Refusal, (Refusal?[])[null, Refusal.InviteRevoked]);
            Assert.Equal(results[0].Succeeded, await database.Get<DraftService>().FindAsync(draft.Id, draft.Dan) is not null);
            Assert.Equal(InviteState.Revoked, Assert.Single(await ListAsync(draft)).State);
        }
    }

    [Fact]
    public async Task The_token_is_shown_once_and_kept_nowhere()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var request = new CreateInvite(draft.Ana, draft.Id, Role.Writer, Key: Given.NewKey());

        var made = Given.Succeed(await Invites.CreateAsync(request));
        var retried = await Invites.CreateAsync(request);
        var again = Given.Succeed(await Invites.ResendAsync(new ResendInvite(draft.Ana, draft.Id, made.InviteId)));
        Given.Succeed(await AcceptAsync(draft, draft.Dan, again));

        Assert.True(retried is { Succeeded: true, Replayed: true });
        Assert.Equal(new InviteMade(made.InviteId, Token: null), retried.Value);
        Assert.Single(await ListAsync(draft));
        Assert.Equal(43, made.Token!.Length);
        var dump = await Dump.OfAsync(database);
        Assert.Contains(made.InviteId.ToString(), dump, StringComparison.OrdinalIgnoreCase);
        foreach (var token in (string[])[made.Token, again.Token!])
        {
            Assert.DoesNotContain(token, dump, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task The_owner_and_the_holder_invite_and_see_the_invites_and_nobody_else_does()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        var byOwner = Given.Succeed(await Invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer)));
        var byHolder = Given.Succeed(await Invites.CreateAsync(new CreateInvite(draft.Ben, draft.Id, Role.Writer)));

        Assert.Equal([byHolder.InviteId, byOwner.InviteId], Given.Succeed(await Invites.ListAsync(draft.Ana, draft.Id)).Select(invite => invite.Id));
        Assert.Equal(2, Given.Succeed(await Invites.ListAsync(draft.Ben, draft.Id)).Count);
        Assert.Equal(Refusal.Forbidden, (await Invites.ListAsync(draft.Cleo, draft.Id)).Refusal);
        Assert.Equal(Refusal.NotFound, (await Invites.ListAsync(draft.Dan, draft.Id)).Refusal);
        Assert.Equal(Refusal.Forbidden, (await Invites.CreateAsync(new CreateInvite(draft.Cleo, draft.Id, Role.Reader))).Refusal);
        Assert.Equal(Refusal.NotFound, (await Invites.CreateAsync(new CreateInvite(draft.Dan, draft.Id, Role.Reader))).Refusal);
        Assert.NotNull(await Invites.FindAsync(draft.Ben, draft.Id, byOwner.InviteId));
        Assert.Null(await Invites.FindAsync(draft.Cleo, draft.Id, byOwner.InviteId));
        Assert.Null(await Invites.FindAsync(draft.Dan, draft.Id, byOwner.InviteId));

        Assert.Equal(Refusal.Forbidden, (await Invites.RevokeAsync(new RevokeInvite(draft.Ben, draft.Id, byOwner.InviteId))).Refusal);
        Assert.Equal(Refusal.Forbidden, (await Invites.ResendAsync(new ResendInvite(draft.Ben, draft.Id, byOwner.InviteId))).Refusal);
        Assert.Equal(Refusal.Forbidden, (await Invites.RevokeAsync(new RevokeInvite(draft.Cleo, draft.Id, byOwner.InviteId))).Refusal);
        Given.Succeed(await Invites.RevokeAsync(new RevokeInvite(draft.Ana, draft.Id, byHolder.InviteId)));
        await Services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        Assert.Equal(Refusal.Forbidden, (await Invites.CreateAsync(new CreateInvite(draft.Ben, draft.Id, Role.Writer))).Refusal);
    }

    [Fact]
    public async Task Whoever_made_an_invite_may_take_it_back_after_passing_the_ring_on()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var made = Given.Succeed(await Invites.CreateAsync(new CreateInvite(draft.Ben, draft.Id, Role.Writer)));
        await Services.PassAsync(draft.Id, draft.Ben, draft.Ana);

        Given.Succeed(await Invites.RevokeAsync(new RevokeInvite(draft.Ben, draft.Id, made.InviteId)));
    }

    [Theory]
    [InlineData(Role.Owner, null, 72, 1)]
    [InlineData(Role.Writer, null, 0, 1)]
    [InlineData(Role.Writer, null, 721, 1)]
    [InlineData(Role.Writer, null, 72, 0)]
    [InlineData(Role.Writer, null, 72, 1001)]
    [InlineData(Role.Writer, "dan", 72, 2)]
    public async Task What_is_no_invite_is_refused(Role role, string? handle, int hours, int uses)
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        var result = await Invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, role, handle, hours, uses));

        Assert.Equal(Refusal.InviteInvalid, result.Refusal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(720, 1000)]
    public async Task The_edges_of_what_is_allowed_are_allowed(int hours, int uses)
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        Given.Succeed(await Invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer, ExpiresInHours: hours, MaxUses: uses)));

        var invite = Assert.Single(await ListAsync(draft));
        Assert.Equal((invite.CreatedAt.AddHours(hours), uses), (invite.ExpiresAt, invite.MaxUses));
    }

    [Fact]
    public async Task Nobody_is_invited_twice_at_a_time_nor_where_they_are_already_nor_who_is_not_there()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await ForDanAsync(draft);

        Assert.Equal(Refusal.AlreadyInvited, (await Invites.CreateAsync(await ToAsync(draft, draft.Dan))).Refusal);
        Assert.Equal(Refusal.AlreadyCollaborator, (await Invites.CreateAsync(await ToAsync(draft, draft.Cleo))).Refusal);
        Assert.Equal(Refusal.AlreadyCollaborator, (await Invites.CreateAsync(await ToAsync(draft, draft.Ana))).Refusal);
        Assert.Equal(Refusal.HandleUnknown, (await Invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer, "nobody_at_all"))).Refusal);
        Assert.Equal(Refusal.HandleUnknown, (await Invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer, "no handle"))).Refusal);
    }

    [Fact]
    public async Task Somebody_who_came_in_another_way_has_the_invite_behind_them()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var made = await ForDanAsync(draft);
        await Services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Reader);

        Assert.Empty(await Invites.ListForAsync(draft.Dan));
        Given.Succeed(await AcceptAsync(draft, draft.Dan, made));

        Assert.Equal(Role.Reader, (await Services.ReadAsync(draft.Id, draft.Dan)).Role);
        Assert.Equal(InviteState.Accepted, Assert.Single(await ListAsync(draft)).State);
    }

    [Fact]
    public async Task A_finished_draft_takes_nobody_in()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var link = await ALinkAsync(draft);
        var byHandle = await ForDanAsync(draft);
        Given.Succeed(await database.Get<DraftService>().CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)));

        Assert.Equal(Refusal.DraftCompleted, (await AcceptAsync(draft, draft.Dan, link)).Refusal);
        Assert.Equal(Refusal.DraftCompleted, (await AcceptAsync(draft, draft.Dan, byHandle)).Refusal);
        Assert.Equal(Refusal.DraftCompleted, Given.Succeed(await Invites.OpenAsync(draft.Dan, draft.Id, link.InviteId, link.Token)).Refusal);
        Assert.Equal(Refusal.DraftCompleted, (await Invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer))).Refusal);
        Assert.Empty(await Invites.ListForAsync(draft.Dan));
    }

    [Fact]
    public async Task A_paused_draft_takes_people_in()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Given.Succeed(await database.Get<DraftService>().LockAsync(new LockDraft(draft.Ana, draft.Id)));
        var link = await ALinkAsync(draft);

        Given.Succeed(await AcceptAsync(draft, draft.Dan, link));
    }

    [Fact]
    public async Task A_disabled_person_is_let_in_nowhere()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var link = await ALinkAsync(draft);
        var byHandle = await ForDanAsync(draft);
        await DisableAsync(draft.Dan);

        Assert.Equal(Refusal.InviteUnknown, (await AcceptAsync(draft, draft.Dan, link)).Refusal);
        Assert.Equal(Refusal.InviteUnknown, (await AcceptAsync(draft, draft.Dan, byHandle)).Refusal);
        Assert.Equal(Refusal.InviteUnknown, (await Invites.OpenAsync(draft.Dan, draft.Id, byHandle.InviteId)).Refusal);
        Assert.Equal(0, await Invites.CountForAsync(draft.Dan));
        Assert.Null(await Invites.FindAsync(draft.Dan, draft.Id, byHandle.InviteId));
        Assert.Equal(3, (await Rows.CountAsync(Services, draft.Id)).Collaborators);
    }

    [Fact]
    public async Task A_person_makes_30_invites_an_hour_and_no_more_whichever_drafts_and_however_fast()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        var invites = services.GetRequiredService<InviteService>();
        var draft = await services.ADraftHeldByAnaAsync();
        List<Guid> drafts = [draft.Id];
        while (drafts.Count < 8)
        {
            drafts.Add(Given.Succeed(await services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(draft.Ana, "Another"))));
        }

        var results = await Race.AtOnceAsync(40, i => invites.CreateAsync(new CreateInvite(draft.Ana, drafts[i % drafts.Count], Role.Writer)));

        Assert.Equal((30, 10), (results.Count(result => result.Succeeded), results.Count(result => result.Refusal == Refusal.TooManyInvites)));
        clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(Refusal.TooManyInvites, (await invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer))).Refusal);
        clock.Advance(TimeSpan.FromMinutes(1));
        Given.Succeed(await invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer)));
    }

    [Fact]
    public async Task A_draft_has_60_new_invites_an_hour_and_no_more_whoever_makes_them()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        for (var made = 0; made < 60; made++)
        {
            if (made == 30)
            {
                await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
            }
            Given.Succeed(await Invites.CreateAsync(new CreateInvite(made < 30 ? draft.Ana : draft.Ben, draft.Id, Role.Writer)));
        }
        await Services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        await Services.PassAsync(draft.Id, draft.Ben, draft.Dan);

        Assert.Equal(Refusal.TooManyInvites, (await Invites.CreateAsync(new CreateInvite(draft.Dan, draft.Id, Role.Writer))).Refusal);
    }

    [Fact]
    public async Task The_invited_person_hears_of_it_at_once()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = database.Get<DraftFeed>().WatchDraftsOf(draft.Dan, () =>
        {
            news.TrySetResult();
            return Task.CompletedTask;
        });

        await ForDanAsync(draft);

        await news.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Every_change_of_an_invite_is_a_new_version_of_its_draft()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var versions = new List<int> { (await Rows.CountAsync(Services, draft.Id)).Version };
        var link = await ALinkAsync(draft, maxUses: 2);
        await NoteAsync();
        await Invites.ResendAsync(new ResendInvite(draft.Ana, draft.Id, link.InviteId));
        await NoteAsync();
        await Invites.RevokeAsync(new RevokeInvite(draft.Ana, draft.Id, link.InviteId));
        await NoteAsync();
        var byHandle = await ForDanAsync(draft);
        await NoteAsync();
        await Invites.DeclineAsync(new DeclineInvite(draft.Dan, draft.Id, byHandle.InviteId));
        await NoteAsync();

        Assert.Equal(Enumerable.Range(versions[0], 6), versions);

        async Task NoteAsync() => versions.Add((await Rows.CountAsync(Services, draft.Id)).Version);
    }

    [Fact]
    public async Task An_invite_alone_says_which_draft_it_belongs_to()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var made = await ALinkAsync(draft);

        Assert.Equal(draft.Id, await Invites.FindDraftAsync(made.InviteId));
        Assert.Null(await Invites.FindDraftAsync(Guid.CreateVersion7()));
    }

    private protected async Task RaceForTheLastUseAsync(IReadOnlyList<InviteService> servers)
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var made = await ALinkAsync(draft, maxUses: 2);
        Given.Succeed(await AcceptAsync(draft, draft.Dan, made));
        var people = new List<string>();
        while (people.Count < Racers)
        {
            people.Add(await Services.APersonAsync("Racer"));
        }
        var before = await Rows.CountAsync(Services, draft.Id);

        var results = await Race.AtOnceAsync(Racers, i =>
            servers[i % servers.Count].AcceptAsync(new AcceptInvite(people[i], draft.Id, made.InviteId, made.Token)));

        Assert.Single(results, result => result.Succeeded);
        Assert.Equal(Racers - 1, results.Count(result => result.Refusal == Refusal.InviteUsedUp));
        var after = await Rows.CountAsync(Services, draft.Id);
        Assert.Equal(
            before with { Collaborators = before.Collaborators + 1, Events = before.Events + 2, Keys = before.Keys + 1, Version = before.Version + 1 }, after);
        Assert.Equal((InviteState.Accepted, 2), (Assert.Single(await ListAsync(draft)).State, Assert.Single(await ListAsync(draft)).Uses));
    }

    private async Task<InviteMade> ALinkAsync(ADraft draft, Role role = Role.Writer, int maxUses = 1) =>
        Given.Succeed(await Invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, role, MaxUses: maxUses)));

    private async Task<InviteMade> ForDanAsync(ADraft draft) => Given.Succeed(await Invites.CreateAsync(await ToAsync(draft, draft.Dan)));

    private async Task<CreateInvite> ToAsync(ADraft draft, string userId) =>
        new(draft.Ana, draft.Id, Role.Writer, await Services.HandleOfAsync(userId));

    private Task<Result<Done>> AcceptAsync(ADraft draft, string userId, InviteMade made) =>
        Invites.AcceptAsync(new AcceptInvite(userId, draft.Id, made.InviteId, made.Token));

    private async Task<IReadOnlyList<InviteView>> ListAsync(ADraft draft) => Given.Succeed(await Invites.ListAsync(draft.Ana, draft.Id));

    private async Task DisableAsync(string userId)
    {
        await using var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        (await db.Users.SingleAsync(u => u.Id == userId)).Disable(DateTimeOffset.UnixEpoch);
        await db.SaveChangesAsync();
    }
}
