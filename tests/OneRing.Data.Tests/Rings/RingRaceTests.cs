using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Tests;
using OneRing.Tests.Databases;
using Xunit.Abstractions;

namespace OneRing.Data.Tests.Rings;

public sealed class RingRaceTests_InMemory(InMemory database, ITestOutputHelper output) : RingRaceTests(database, output), IClassFixture<InMemory>
{
    private readonly InMemory database = database;
    private readonly ITestOutputHelper output = output;

    [Fact]
    public async Task Writers_of_64_drafts_at_once_are_served_without_a_lock_error_or_a_long_wait()
    {
        var goal = TimeSpan.FromSeconds(1);
        var ana = await database.Services.APersonAsync("Ana");
        var drafts = new List<Guid>();
        while (drafts.Count < 64)
        {
            drafts.Add(Given.Succeed(await database.Get<DraftService>().CreateAsync(new CreateDraft(ana, "One of many"))));
        }

        var waits = await Race.AtOnceAsync(64, async i =>
        {
            var started = Stopwatch.GetTimestamp();
            await database.Services.AppendAsync(drafts[i], ana, "At the same moment");
            return Stopwatch.GetElapsedTime(started);
        });

        output.WriteLine($"64 appends to 64 drafts at once: the longest wait was {waits.Max().TotalMilliseconds:F0} ms (goal {goal.TotalMilliseconds:F0} ms).");
        Assert.True(waits.Max() < 10 * goal);
    }
}

[Trait("Database", "PostgreSQL")]
public sealed class RingRaceTests_Postgres(Postgres database, ITestOutputHelper output) : RingRaceTests(database, output), IClassFixture<Postgres>
{
    private readonly Postgres database = database;

    [Fact]
    public async Task Passes_by_way_of_two_servers_have_exactly_one_winner()
    {
        await using var other = database.BuildServices();

        await RaceToPassAsync([database.Get<RingService>(), other.GetRequiredService<RingService>()]);
    }
}

public abstract class RingRaceTests(TestDatabase database, ITestOutputHelper output)
{
    private const int Racers = 32;
    private const int Rounds = 10;

    private RingService Rings => database.Get<RingService>();

    [Fact]
    public Task Passes_to_different_people_have_exactly_one_winner() => RaceToPassAsync([Rings]);

    [Fact]
    public async Task Appends_are_all_stored_one_behind_the_other()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var appended = new List<Appended>();

        for (var round = 0; round < Rounds; round++)
        {
            var results = await Race.AtOnceAsync(Racers, i => Rings.AppendAsync(new AppendSegment(draft.Ana, draft.Id, $"{i}", Given.NewKey())));
            appended.AddRange(results.Select(Given.Succeed));
        }

        var segments = (await database.Services.ReadAsync(draft.Id, draft.Ana)).Segments;
        Assert.Equal(Enumerable.Range(0, Rounds * Racers), segments.Select(segment => segment.Position));
        Assert.Equal(appended.OrderBy(a => a.Position), segments.Select(segment => new Appended(segment.Id, segment.Position)));
    }

    [Fact]
    public async Task Retries_of_one_append_all_receive_the_one_segment()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        for (var round = 1; round <= Rounds; round++)
        {
            var request = new AppendSegment(draft.Ana, draft.Id, "Once", Given.NewKey());

            var results = await Race.AtOnceAsync(Racers, _ => Rings.AppendAsync(request));

            Assert.Single(results.Select(Given.Succeed).Distinct());
            Assert.Single(results, result => !result.Replayed);
            Assert.Equal(round, (await Rows.CountAsync(database.Services, draft.Id)).Segments);
        }
    }

    [Fact]
    public async Task Retries_of_one_pass_all_receive_the_one_pass()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var (holder, next) = (draft.Ana, draft.Ben);

        for (var round = 1; round <= Rounds; round++)
        {
            var request = new PassRing(holder, draft.Id, next, Given.NewKey(), Note: "Your turn");

            var results = await Race.AtOnceAsync(Racers, _ => Rings.PassAsync(request));

            Assert.Single(results.Select(Given.Succeed).Distinct());
            Assert.Single(results, result => !result.Replayed);
            Assert.Equal(round, (await Rows.CountAsync(database.Services, draft.Id)).Passes);
            (holder, next) = (next, holder);
        }
    }

    [Fact]
    public async Task Appends_that_race_a_pass_are_stored_in_the_turn_before_it_or_not_at_all()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var (holder, next) = (draft.Ana, draft.Ben);
        var accepted = new List<Appended>();
        var before = await Rows.CountAsync(database.Services, draft.Id);

        for (var round = 0; round < Rounds; round++)
        {
            Result<RingPass>? passed = null;
            var results = await Race.AtOnceAsync(17, async i =>
            {
                if (i == 8)
                {
                    passed = await Rings.PassAsync(new PassRing(holder, draft.Id, next, Given.NewKey()));
                    return null;
                }
                return await Rings.AppendAsync(new AppendSegment(holder, draft.Id, $"{i}", Given.NewKey()));
            });

            Assert.Null(passed!.Refusal);
            accepted.AddRange(results.OfType<Result<Appended>>().Where(result => result.Succeeded).Select(Given.Succeed));
            Assert.All(results.OfType<Result<Appended>>().Where(result => !result.Succeeded), refused => Assert.Equal(Refusal.RingRequired, refused.Refusal));
            (holder, next) = (next, holder);
        }

        output.WriteLine($"Of {Rounds * 16} appends, {accepted.Count} came before the pass.");
        var view = await database.Services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal(Enumerable.Range(0, accepted.Count), view.Segments.Select(segment => segment.Position));
        Assert.Equal(accepted.OrderBy(a => a.Position), view.Segments.Select(segment => new Appended(segment.Id, segment.Position)));
        Assert.Equal(view.Segments.Select(segment => segment.Turn).Order(), view.Segments.Select(segment => segment.Turn));
        Assert.All(view.Segments, segment =>
        {
            var ending = view.Passes.Single(pass => pass.Turn == segment.Turn + 1);
            Assert.Equal(ending.FromId, segment.AuthorId);
            Assert.True(segment.CreatedAt <= ending.PassedAt);
        });
        var after = await Rows.CountAsync(database.Services, draft.Id);
        var effects = accepted.Count + Rounds;
        Assert.Equal(
            before with { Version = before.Version + effects, Segments = accepted.Count, Passes = Rounds, Events = before.Events + effects, Keys = before.Keys + effects },
            after);
    }

    [Fact]
    public async Task Retries_of_one_creation_all_receive_the_one_draft()
    {
        var ana = await database.Services.APersonAsync("Ana");

        for (var round = 1; round <= Rounds; round++)
        {
            var request = new CreateDraft(ana, "Begun once", FirstSegment: "Once upon a time", Key: Given.NewKey());

            var results = await Race.AtOnceAsync(Racers, _ => database.Get<DraftService>().CreateAsync(request));

            Assert.Single(results.Select(Given.Succeed).Distinct());
            Assert.Single(results, result => !result.Replayed);
            await using var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
            Assert.Equal(round, await db.Drafts.CountAsync(d => d.CreatorId == ana));
        }
    }

    /// <summary>Lets the holder pass the ring to 32 people at once, by way of the given servers in turn, again and again.</summary>
    private protected async Task RaceToPassAsync(IReadOnlyList<RingService> servers)
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        List<string> people = [draft.Ana, draft.Ben];
        while (people.Count <= Racers)
        {
            people.Add(await database.Services.APersonAsync("Writer"));
            await database.Services.AddAsync(draft.Id, draft.Ana, people[^1], Role.Writer);
        }
        var before = await Rows.CountAsync(database.Services, draft.Id);
        var holder = draft.Ana;
        var passes = new List<RingPass>();

        for (var round = 0; round < Rounds; round++)
        {
            var others = people.Where(id => id != holder).ToList();

            var results = await Race.AtOnceAsync(Racers, i =>
                servers[i % servers.Count].PassAsync(new PassRing(holder, draft.Id, others[i], Given.NewKey())));

            passes.Add(Given.Succeed(Assert.Single(results, result => result.Succeeded)));
            Assert.Equal(Racers - 1, results.Count(result => result.Refusal == Refusal.RingRequired));
            holder = passes[^1].ToId;
        }

        var view = await database.Services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal(passes.Select(pass => (pass.Turn, pass.FromId, pass.ToId)), view.Passes.Select(pass => (pass.Turn, pass.FromId, pass.ToId)));
        Assert.Equal((Rounds + 1, holder), (view.Turn, view.HolderId));
        Assert.Equal(
            before with { Version = before.Version + Rounds, Passes = Rounds, Events = before.Events + Rounds, Keys = before.Keys + Rounds },
            await Rows.CountAsync(database.Services, draft.Id));
    }
}
