using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Drafts;
using OneRing.Data.Idempotency;
using OneRing.Data.Rings;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Idempotency;

public sealed class IdempotencyTests_InMemory(InMemory database) : IdempotencyTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class IdempotencyTests_Postgres(Postgres database) : IdempotencyTests(database), IClassFixture<Postgres>;

public abstract class IdempotencyTests(TestDatabase database)
{
    private RingService Rings => database.Get<RingService>();

    private DraftService Drafts => database.Get<DraftService>();

    private CollaboratorService Collaborators => database.Get<CollaboratorService>();

    [Fact]
    public async Task A_retried_append_gets_its_first_result_after_the_ring_has_moved_on()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var request = new AppendSegment(draft.Ana, draft.Id, "Once", Given.NewKey());
        var first = await Rings.AppendAsync(request);
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var before = await Rows.CountAsync(database.Services, draft.Id);

        var retried = await Rings.AppendAsync(request);

        AssertReplayed(first, retried);
        Assert.Equal(before, await Rows.CountAsync(database.Services, draft.Id));
    }

    [Fact]
    public async Task A_retried_pass_gets_its_first_result_after_the_ring_has_moved_on()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var request = new PassRing(draft.Ana, draft.Id, draft.Ben, Given.NewKey(), Note: "Take care of “the lamp” 👩‍👩‍👧");
        var first = await Rings.PassAsync(request);
        await database.Services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        var before = await Rows.CountAsync(database.Services, draft.Id);

        var retried = await Rings.PassAsync(request);

        AssertReplayed(first, retried);
        Assert.Equal(before, await Rows.CountAsync(database.Services, draft.Id));
    }

    [Fact]
    public async Task A_retried_smart_pass_gets_its_first_result_after_the_ring_has_moved_on()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var request = new SmartPass(draft.Ana, draft.Id, Strategy.MostInactive, Given.NewKey());
        var first = await Rings.PassAsync(request);
        await database.Services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        var before = await Rows.CountAsync(database.Services, draft.Id);

        var retried = await Rings.PassAsync(request);

        AssertReplayed(first, retried);
        Assert.Equal(before, await Rows.CountAsync(database.Services, draft.Id));
    }

    [Fact]
    public async Task A_retried_creation_gets_the_first_draft()
    {
        var ana = await database.Services.APersonAsync("Ana");
        var request = new CreateDraft(ana, "Begun once", FirstSegment: "Once upon a time", Key: Given.NewKey());
        var first = await Drafts.CreateAsync(request);
        var before = await Rows.CountAsync(database.Services, first.Value);

        var retried = await Drafts.CreateAsync(request);

        AssertReplayed(first, retried);
        Assert.Equal(before, await Rows.CountAsync(database.Services, first.Value));
        Assert.Single((await Drafts.ListAsync(ana)).Value!.Items);
    }

    [Fact]
    public async Task A_retry_need_not_know_the_turn()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var append = new AppendSegment(draft.Ana, draft.Id, "Once", Given.NewKey(), Turn: 1);
        var pass = new PassRing(draft.Ana, draft.Id, draft.Ben, Given.NewKey(), Turn: 1);
        var appended = await Rings.AppendAsync(append);
        var passed = await Rings.PassAsync(pass);

        var appendedAgain = await Rings.AppendAsync(append with { Turn = 2 });
        var passedAgain = await Rings.PassAsync(pass with { Turn = null });

        AssertReplayed(appended, appendedAgain);
        AssertReplayed(passed, passedAgain);
    }

    [Fact]
    public async Task A_key_cannot_be_used_again_for_another_text()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var request = new AppendSegment(draft.Ana, draft.Id, "Once", Given.NewKey());
        Given.Succeed(await Rings.AppendAsync(request));
        var before = await Rows.CountAsync(database.Services, draft.Id);

        var other = await Rings.AppendAsync(request with { Content = "Once " });

        Assert.Equal(Refusal.IdempotencyMismatch, other.Refusal);
        Assert.Equal(before, await Rows.CountAsync(database.Services, draft.Id));
    }

    [Fact]
    public async Task A_key_cannot_be_used_again_for_another_recipient()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AddAsync(draft.Id, draft.Ana, draft.Dan, Role.Writer);
        var request = new PassRing(draft.Ana, draft.Id, draft.Ben, Given.NewKey());
        Given.Succeed(await Rings.PassAsync(request));
        await database.Services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        var before = await Rows.CountAsync(database.Services, draft.Id);

        var other = await Rings.PassAsync(request with { ToUserId = draft.Dan });

        Assert.Equal(Refusal.IdempotencyMismatch, other.Refusal);
        Assert.Equal(before, await Rows.CountAsync(database.Services, draft.Id));
    }

    [Fact]
    public async Task A_key_cannot_be_used_again_for_another_strategy()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var request = new SmartPass(draft.Ana, draft.Id, Strategy.MostInactive, Given.NewKey());
        Given.Succeed(await Rings.PassAsync(request));
        await database.Services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        var before = await Rows.CountAsync(database.Services, draft.Id);

        var other = await Rings.PassAsync(request with { Strategy = Strategy.RoundRobin });

        Assert.Equal(Refusal.IdempotencyMismatch, other.Refusal);
        Assert.Equal(before, await Rows.CountAsync(database.Services, draft.Id));
    }

    [Theory]
    [InlineData("Another title", Platform.X, "Once")]
    [InlineData("A title", Platform.Story, "Once")]
    [InlineData("A title", Platform.X, "Twice")]
    [InlineData("A title", Platform.X, null)]
    public async Task A_key_cannot_be_used_again_for_another_draft(string title, Platform platform, string? firstSegment)
    {
        var ana = await database.Services.APersonAsync("Ana");
        var key = Given.NewKey();
        Given.Succeed(await Drafts.CreateAsync(new CreateDraft(ana, "A title", Platform.X, "Once", key)));

        var other = await Drafts.CreateAsync(new CreateDraft(ana, title, platform, firstSegment, key));

        Assert.Equal(Refusal.IdempotencyMismatch, other.Refusal);
        Assert.Single((await Drafts.ListAsync(ana)).Value!.Items);
    }

    [Fact]
    public async Task The_same_key_of_another_person_is_another_key()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var key = Given.NewKey();
        var byAna = await Rings.AppendAsync(new AppendSegment(draft.Ana, draft.Id, "Mine", key));
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        var byBen = await Rings.AppendAsync(new AppendSegment(draft.Ben, draft.Id, "No, mine", key));

        Assert.Equal((0, false), (byAna.Value!.Position, byAna.Replayed));
        Assert.Equal((1, false), (byBen.Value!.Position, byBen.Replayed));
    }

    [Fact]
    public async Task The_same_key_on_another_draft_is_another_key()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var other = Given.Succeed(await Drafts.CreateAsync(new CreateDraft(draft.Ana, "Another draft")));
        var key = Given.NewKey();
        var here = await Rings.AppendAsync(new AppendSegment(draft.Ana, draft.Id, "Here", key));

        var there = await Rings.AppendAsync(new AppendSegment(draft.Ana, other, "There", key));

        Assert.False(there.Replayed);
        Assert.NotEqual(Given.Succeed(here).SegmentId, Given.Succeed(there).SegmentId);
    }

    [Fact]
    public async Task The_same_key_for_another_operation_is_another_key()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var key = Given.NewKey();
        Given.Succeed(await Rings.AppendAsync(new AppendSegment(draft.Ana, draft.Id, "And now you", key)));

        var passed = await Rings.PassAsync(new PassRing(draft.Ana, draft.Id, draft.Ben, key));

        Assert.Equal((2, false), (Given.Succeed(passed).Turn, passed.Replayed));
    }

    [Fact]
    public async Task A_refused_request_leaves_its_key_free()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var request = new AppendSegment(draft.Ben, draft.Id, "Is it my turn?", Given.NewKey());
        Assert.Equal(Refusal.RingRequired, (await Rings.AppendAsync(request)).Refusal);
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        var retried = await Rings.AppendAsync(request);

        Assert.Equal((0, false), (Given.Succeed(retried).Position, retried.Replayed));
    }

    [Fact]
    public async Task A_former_collaborator_gets_no_earlier_result()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var append = new AppendSegment(draft.Ben, draft.Id, "While I was here", Given.NewKey());
        var pass = new PassRing(draft.Ben, draft.Id, draft.Ana, Given.NewKey());
        Given.Succeed(await Rings.AppendAsync(append));
        Given.Succeed(await Rings.PassAsync(pass));
        Given.Succeed(await Collaborators.RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));

        var appended = await Rings.AppendAsync(append);
        var passed = await Rings.PassAsync(pass);

        Assert.Equal(Refusal.NotFound, appended.Refusal);
        Assert.Equal(Refusal.NotFound, passed.Refusal);
    }

    [Fact]
    public async Task A_key_is_kept_for_seven_days_and_is_then_new_again()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        var (rings, keys) = (services.GetRequiredService<RingService>(), services.GetRequiredService<IdempotencyService>());
        var draft = await services.ADraftHeldByAnaAsync();
        var request = new AppendSegment(draft.Ana, draft.Id, "Once a week", Given.NewKey());
        var first = await rings.AppendAsync(request);

        clock.Advance(TimeSpan.FromDays(7));
        await keys.PruneAsync();
        var afterSevenDays = await rings.AppendAsync(request);
        clock.Advance(TimeSpan.FromMicroseconds(1));
        var pruned = await keys.PruneAsync();
        var later = await rings.AppendAsync(request);

        AssertReplayed(first, afterSevenDays);
        Assert.True(pruned > 0);
        Assert.Equal((1, false), (Given.Succeed(later).Position, later.Replayed));
    }

    private static void AssertReplayed<T>(Result<T> first, Result<T> retried)
    {
        Assert.False(first.Replayed);
        Assert.True(retried.Replayed);
        Assert.Equal(Given.Succeed(first), Given.Succeed(retried));
    }
}
