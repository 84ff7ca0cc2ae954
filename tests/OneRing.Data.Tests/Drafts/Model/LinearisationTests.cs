using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Tests.Databases;
using Xunit.Abstractions;

namespace OneRing.Data.Tests.Drafts.Model;

public sealed class LinearisationTests_InMemory(InMemory database, ITestOutputHelper output) : LinearisationTests(database, output), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class LinearisationTests_Postgres(Postgres database, ITestOutputHelper output) : LinearisationTests(database, output), IClassFixture<Postgres>;

/// <summary>Several people act at once on few drafts, on PostgreSQL by way of two servers. For each draft there is an order in which the model gives the same answers.</summary>
public abstract class LinearisationTests(TestDatabase database, ITestOutputHelper output)
{
    private const int Histories = 60;
    private const int Clients = 5;
    private const int StepsOfAClient = 6;
    private const int Drafts = 2;

    private static readonly Step[] Beginning =
    [
        .. Enumerable.Range(0, Drafts).SelectMany(draft => (Step[])
        [
            new(Op.Create, 0, draft, 0, 0, null, null), new(Op.Add, 0, draft, 1, 0, null, null), new(Op.Add, 0, draft, 2, 0, null, null), new(Op.Add, 0, draft, 3, 1, null, null),
        ]),
    ];

    private static readonly Gen<Op> AnOp = Gen.Frequency(
        (10, Gen.Const(Op.Append)), (6, Gen.Const(Op.Pass)), (6, Gen.Const(Op.PassByRule)), (4, Gen.Const(Op.Reclaim)), (2, Gen.Const(Op.Ask)), (2, Gen.Const(Op.Lock)),
        (3, Gen.Const(Op.Unlock)), (2, Gen.Const(Op.Remove)), (2, Gen.Const(Op.Add)), (2, Gen.Const(Op.ChangeRole)), (1, Gen.Const(Op.Rename)), (1, Gen.Const(Op.Offer)),
        (1, Gen.Const(Op.AcceptOffer)));

    private static readonly Gen<Step> AStep =
        from op in AnOp
        from who in op is Op.Append or Op.Pass or Op.PassByRule ? Gen.Int[0, 2] : Gen.Frequency((4, Gen.Const(0)), (1, Gen.Int[0, 3]))
        from rest in Gen.Select(
            Gen.Int[0, Drafts - 1], Gen.Int[0, 4], Gen.Int[0, 1], Gen.Frequency((3, Gen.Const((int?)null)), (1, Gen.Const((int?)0))),
            Gen.Frequency((4, Gen.Const((int?)null)), (1, Gen.Int[1, 4].Select(turn => (int?)turn))))
        select new Step(op, who, rest.Item1, rest.Item2, rest.Item3, rest.Item4, rest.Item5);

    private int overlapping;
    private int taken;

    [Fact]
    public async Task Whatever_is_done_at_once_comes_out_as_if_it_had_been_done_in_turn()
    {
        var clock = new SettableClock(ModelWorld.Start);
        await using var one = database.BuildServices(clock);
        await one.PrepareDatabaseAsync();
        await using var other = database.BuildServices(clock);
        IServiceProvider[] servers = database.IsInMemory ? [one] : [one, other];

        await AStep.Array[StepsOfAClient].Array[Clients].SampleAsync(
            async clients =>
            {
                if (await FindFaultAsync(servers, clients) is { } fault)
                {
                    Assert.Fail(await ShortenAsync(servers, clients) ?? fault);
                }
            },
            output.WriteLine, iter: Histories, threads: 1, print: clients => $"{clients.Sum(steps => steps.Length)} steps");

        output.WriteLine($"{taken:N0} steps, of which {overlapping:N0} met another one on the same draft.");
        Assert.InRange(overlapping, taken / 2, taken);
    }

    /// <summary>Lets each client take its steps while the others take theirs, round by round; answers what happened if no order explains it.</summary>
    private async Task<string?> FindFaultAsync(IServiceProvider[] servers, Step[][] clients)
    {
        var (model, product) = (new ModelWorld(), new Product(servers[0]));
        await product.MakePeopleAsync();
        foreach (var step in Beginning)
        {
            Assert.Equal(model.Take(step), await product.TakeAsync(step, now: 0));
        }
        var events = 0;
        var calls = new List<Call>();
        // All ask before any of them is served, so that they meet however fast the machine is; whoever has been answered asks again together with the others.
        for (var round = 0; round < clients.Max(steps => steps.Length); round++)
        {
            var asking = Enumerable.Range(0, clients.Length).Where(client => round < clients[client].Length).Select(client => (Client: client, Step: clients[client][round], Asked: ++events)).ToList();
            calls.AddRange(await Race.AtOnceAsync(asking.Count, async number =>
            {
                var (client, step, asked) = asking[number];
                var answer = await product.TakeAsync(servers[client % servers.Length], step, now: 0);
                return new Call(step, answer, asked, Interlocked.Increment(ref events));
            }));
        }

        var found = await product.DescribeAsync();
        taken += calls.Count;
        for (var draft = 0; draft < Drafts; draft++)
        {
            var those = calls.FindAll(call => call.Step.Draft == draft);
            overlapping += those.Count(call => those.Exists(met => met != call && met.Asked < call.Answered && call.Asked < met.Answered));
            var prefix = StateLines.Of(draft, "");
            if (!new Linearisation(those, world => Only(world.Describe(), prefix), Only(found, prefix)).IsPossibleFrom(model))
            {
                return $"No order of these steps explains their answers and what was found:\n{string.Join('\n', those)}\n{Only(found, prefix)}";
            }
        }
        return null;
    }

    private static string Only(string lines, string prefix) => string.Join('\n', lines.Split('\n').Where(line => line.StartsWith(prefix, StringComparison.Ordinal)));

    /// <summary>Leaves out what steps can be left out. As it does not happen each time, all is tried several times.</summary>
    private async Task<string?> ShortenAsync(IServiceProvider[] servers, Step[][] clients)
    {
        const int Tries = 8;
        string? shortest = null;
        for (var client = 0; client < clients.Length; client++)
        {
            for (var index = clients[client].Length - 1; index >= 0; index--)
            {
                Step[][] fewer = [.. clients];
                fewer[client] = [.. clients[client][..index], .. clients[client][(index + 1)..]];
                for (var attempt = 0; attempt < Tries; attempt++)
                {
                    if (await FindFaultAsync(servers, fewer) is { } still)
                    {
                        (clients, shortest) = (fewer, still);
                        break;
                    }
                }
            }
        }
        return shortest;
    }
}
