using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Audit;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Data.Writing;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Drafts;

/// <summary>A server decides from what it remembers of a draft. Whatever another one did meanwhile, of which it has not heard, counts all the same.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class DraftMemoryTests(Postgres database) : IClassFixture<Postgres>, IAsyncLifetime
{
    private ServiceProvider other = null!;
    private ADraft draft = null!;

    private IServiceProvider Server => database.Services;

    public async Task InitializeAsync()
    {
        other = database.BuildServices();
        draft = await Server.ADraftHeldByAnaAsync();
        // From here on this server remembers the draft.
        await Server.AppendAsync(draft.Id, draft.Ana, "The lamp went out.");
    }

    public async Task DisposeAsync() => await other.DisposeAsync();

    [Fact]
    public async Task A_ring_that_went_on_elsewhere_is_not_here_any_more()
    {
        await other.PassAsync(draft.Id, draft.Ana, draft.Ben);

        Assert.Equal(Refusal.RingRequired, await AppendAsync(draft.Ana));
        Assert.Equal(1, Given.Succeed(await TryAppendAsync(draft.Ben)).Position);
    }

    [Fact]
    public async Task What_was_added_elsewhere_comes_first()
    {
        await other.AppendAsync(draft.Id, draft.Ana, "Nobody saw it.");
        Assert.Equal(2, (await Server.AppendAsync(draft.Id, draft.Ana, "She went up.")).Position);
        Assert.Equal(3, (await other.AppendAsync(draft.Id, draft.Ana, "It was dark.")).Position);
        Assert.Equal(4, (await Server.AppendAsync(draft.Id, draft.Ana, "She lit it.")).Position);
    }

    [Fact]
    public async Task A_draft_that_was_locked_put_away_or_deleted_elsewhere_is_closed()
    {
        var drafts = other.GetRequiredService<DraftService>();

        Given.Succeed(await drafts.LockAsync(new LockDraft(draft.Ana, draft.Id)));
        Assert.Equal(Refusal.DraftNotActive, await AppendAsync(draft.Ana));
        Given.Succeed(await drafts.UnlockAsync(new UnlockDraft(draft.Ana, draft.Id)));
        Assert.Null(await AppendAsync(draft.Ana));
        Given.Succeed(await drafts.ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id)));
        Assert.Equal(Refusal.DraftNotActive, await PassAsync(draft.Ana, draft.Ben));
        Given.Succeed(await drafts.ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id, Away: false)));
        Assert.Null(await AppendAsync(draft.Ana));
        Given.Succeed(await drafts.DeleteAsync(new DeleteDraft(draft.Ana, draft.Id, "A draft")));
        Assert.Equal(Refusal.NotFound, await AppendAsync(draft.Ana));
    }

    [Fact]
    public async Task Whoever_was_let_in_or_taken_out_elsewhere_counts()
    {
        var people = other.GetRequiredService<CollaboratorService>();

        Given.Succeed(await people.ChangeRoleAsync(new ChangeRole(draft.Ana, draft.Id, draft.Ben, Role.Reader)));
        Assert.Equal(Refusal.RecipientCannotHold, await PassAsync(draft.Ana, draft.Ben));
        Assert.Null(await AppendAsync(draft.Ana));
        Given.Succeed(await people.ChangeRoleAsync(new ChangeRole(draft.Ana, draft.Id, draft.Cleo, Role.Writer)));
        Assert.Null(await PassAsync(draft.Ana, draft.Cleo));
        Given.Succeed(await people.RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Cleo)));
        Assert.Equal(Refusal.NotFound, await AppendAsync(draft.Cleo));
        Assert.Null(await AppendAsync(draft.Ana));
        await other.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        Assert.Null(await PassAsync(draft.Ana, draft.Dan));
    }

    [Fact]
    public async Task Whoever_went_away_elsewhere_gets_no_ring()
    {
        var until = DateTimeOffset.UtcNow.AddDays(3);

        Given.Succeed(await other.GetRequiredService<AbsenceService>().SetAwayAsync(draft.Ben, until));
        Assert.Equal(Refusal.RecipientAway, await PassAsync(draft.Ana, draft.Ben));
        Assert.Null(await AppendAsync(draft.Ana));
        Given.Succeed(await other.GetRequiredService<AbsenceService>().SetAwayAsync(draft.Ben, until: null));
        Given.Succeed(await other.GetRequiredService<TurnService>().SetAwayAsync(new SetAway(draft.Ben, draft.Id, until)));
        Assert.Equal(Refusal.RecipientAway, await PassAsync(draft.Ana, draft.Ben));
        Assert.Null(await AppendAsync(draft.Ana));
        Given.Succeed(await other.GetRequiredService<TurnService>().SetAwayAsync(new SetAway(draft.Ben, draft.Id, Until: null)));
        Assert.Null(await PassAsync(draft.Ana, draft.Ben));
    }

    [Fact]
    public async Task An_account_that_was_disabled_elsewhere_writes_no_more_and_gets_no_ring()
    {
        Task ActAsync(string userId, Act act) => other.GetRequiredService<UserAdministration>().ActAsync(new UserAct(ActorId: null, userId, act, "a command"));

        await ActAsync(draft.Ben, Act.Disabled);
        Assert.Equal(Refusal.RecipientCannotHold, await PassAsync(draft.Ana, draft.Ben));
        await ActAsync(draft.Ben, Act.Enabled);
        Assert.Null(await PassAsync(draft.Ana, draft.Ben));
        Assert.Null(await AppendAsync(draft.Ben));
        await ActAsync(draft.Ben, Act.Disabled);
        Assert.Equal(Refusal.NotFound, await AppendAsync(draft.Ben));
        Assert.Null(await AppendAsync(draft.Ana));
    }

    [Fact]
    public async Task Words_that_were_kept_elsewhere_are_parked_by_a_pass_and_finished_by_an_append()
    {
        var texts = Server.GetRequiredService<WorkingTextService>();

        var finished = new TypedText(other, draft.Id, draft.Ana);
        Given.Succeed(await finished.SaveAsync("She went up."));
        Given.Succeed(await Server.GetRequiredService<RingService>().AppendAsync(AppendSegment.FromPage(draft.Ana, draft.Id, "She went up.", finished.Id, turn: 1)));
        Assert.Null((await texts.FindAsync(draft.Ana, draft.Id, textId: null)).Current);

        Given.Succeed(await new TypedText(other, draft.Id, draft.Ana).SaveAsync("It was da"));
        Assert.Null(await PassAsync(draft.Ana, draft.Ben));
        Assert.Equal("It was da", Assert.Single(await texts.ListParkedAsync(draft.Ana)).Beginning);
    }

    [Fact]
    public async Task A_text_of_somebody_else_stays_theirs()
    {
        var theirs = new TypedText(other, draft.Id, draft.Ana);
        Given.Succeed(await theirs.SaveAsync("It was dark."));
        await other.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await Server.AppendAsync(draft.Id, draft.Ben, "Nobody saw it.");

        Given.Succeed(await Server.GetRequiredService<RingService>().AppendAsync(AppendSegment.FromPage(draft.Ben, draft.Id, "She went up.", theirs.Id, turn: 2)));

        Assert.Single(await Server.GetRequiredService<WorkingTextService>().ListParkedAsync(draft.Ana));
    }

    [Fact]
    public async Task What_was_done_elsewhere_with_the_same_key_is_answered_and_not_done_again()
    {
        var (append, pass) = (new AppendSegment(draft.Ana, draft.Id, "Nobody saw it.", "one key"), new PassRing(draft.Ana, draft.Id, draft.Ben, "another key"));
        var added = Given.Succeed(await other.GetRequiredService<RingService>().AppendAsync(append));
        await Server.AppendAsync(draft.Id, draft.Ana, "She went up.");

        var again = await Server.GetRequiredService<RingService>().AppendAsync(append);
        Assert.Equal((added, true), (again.Value, again.Replayed));

        var passed = Given.Succeed(await other.GetRequiredService<RingService>().PassAsync(pass));
        Assert.Equal(passed.Turn, Given.Succeed(await Server.GetRequiredService<RingService>().PassAsync(pass)).Turn);
        Assert.Equal(Refusal.IdempotencyMismatch, (await Server.GetRequiredService<RingService>().PassAsync(pass with { ToUserId = draft.Cleo })).Refusal);
    }

    [Fact]
    public async Task Two_servers_that_add_and_pass_at_once_lose_nothing_and_double_nothing()
    {
        const int Each = 40;
        IServiceProvider[] servers = [Server, other];

        await Race.AtOnceAsync(6, async client =>
        {
            var rings = servers[client % 2].GetRequiredService<RingService>();
            for (var i = 0; i < Each; i++)
            {
                var (me, next) = client % 3 == 0 ? (draft.Ben, draft.Ana) : (draft.Ana, draft.Ben);
                var refusal = i % 4 == 0
                    ? (await rings.PassAsync(new PassRing(me, draft.Id, next, Given.NewKey()))).Refusal
                    : (await rings.AppendAsync(new AppendSegment(me, draft.Id, $"{client} {i}", Given.NewKey()))).Refusal;
                Assert.True(refusal is null or Refusal.RingRequired, $"{refusal}");
            }
            return true;
        });

        var view = await Server.ReadAsync(draft.Id, draft.Cleo);
        Assert.Equal(Enumerable.Range(0, view.Segments.Count), view.Segments.Select(s => s.Position));
        Assert.Equal(Enumerable.Range(2, view.Passes.Count), view.Passes.Select(p => p.Turn).Order());
        Assert.Equal(view.Segments.Count, view.Segments.Select(s => s.Content).Distinct().Count());
        Assert.Empty((await Server.GetRequiredService<DatabaseAudit>().RunAsync()).Findings);
    }

    private async Task<Refusal?> AppendAsync(string userId) => (await TryAppendAsync(userId)).Refusal;

    private Task<Result<Appended>> TryAppendAsync(string userId) =>
        Server.GetRequiredService<RingService>().AppendAsync(new AppendSegment(userId, draft.Id, "A few words.", Given.NewKey()));

    private async Task<Refusal?> PassAsync(string fromId, string toId) =>
        (await Server.GetRequiredService<RingService>().PassAsync(new PassRing(fromId, draft.Id, toId, Given.NewKey()))).Refusal;
}
