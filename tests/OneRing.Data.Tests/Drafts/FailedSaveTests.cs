using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Drafts;

public sealed class FailedSaveTests_InMemory(InMemory database) : FailedSaveTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class FailedSaveTests_Postgres(Postgres database) : FailedSaveTests(database), IClassFixture<Postgres>
{
    [Theory]
    [MemberData(nameof(CommandsAndSides))]
    public async Task A_line_cut_at_any_round_trip_leaves_all_or_nothing(string command, FailWhen when)
    {
        await using var proxy = PostgresProxy.Start(Database.ConnectionString!);
        await using var services = await BuildAsync(proxy.ConnectionString, retries: 0);
        var (draft, key) = (await StartAsync(services, await CastAsync(services), command), Given.NewKey());
        await using var direct = await Database.OpenDirectAsync();
        var before = await Kept.ReadAsync(direct);
        var effect = Commands[command].Effect;

        for (var trip = 1; ; trip++)
        {
            var cut = proxy.FailAt(trip, when);
            var (answer, _) = await TryAsync(Commands[command].Run(services, draft, key, CancellationToken.None));

            var after = await Kept.ReadAsync(direct);
            if (!cut.IsCompleted)
            {
                AssertDone(answer, replayed: when == FailWhen.AfterServer);
                Assert.Equal(before + effect, after);
                Assert.True(trip > 2, $"There were only {trip} round trips.");
                _ = proxy.FailAt(1, when, _ => false);
                await AssertReplaysAsync(services, command, draft, key, answer!);
                break;
            }
            Assert.Null(answer);
            Assert.Equal(when == FailWhen.AfterServer && (await cut).Statements.Contains("COMMIT", StringComparer.Ordinal) ? before + effect : before, after);
        }
    }

    [Theory]
    [MemberData(nameof(CommandsAndSides))]
    public async Task A_line_cut_at_any_round_trip_is_healed_by_trying_again(string command, FailWhen when)
    {
        await using var proxy = PostgresProxy.Start(Database.ConnectionString!);
        await using var services = await BuildAsync(proxy.ConnectionString, retries: 3);
        var cast = await CastAsync(services);
        await using var direct = await Database.OpenDirectAsync();

        for (var trip = 1; ; trip++)
        {
            var (draft, key) = (await StartAsync(services, cast, command), Given.NewKey());
            var before = await Kept.ReadAsync(direct);
            var cut = proxy.FailAt(trip, when);
            var (answer, failure) = await TryAsync(Commands[command].Run(services, draft, key, CancellationToken.None));

            Assert.Null(failure);
            AssertDone(answer, replayed: cut.IsCompleted && when == FailWhen.AfterServer && (await cut).Statements.Contains("COMMIT", StringComparer.Ordinal));
            Assert.Equal(before + Commands[command].Effect, await Kept.ReadAsync(direct));
            if (!cut.IsCompleted)
            {
                Assert.True(trip > 2, $"There were only {trip} round trips.");
                break;
            }
            await AssertReplaysAsync(services, command, draft, key, answer!);
        }
    }

    public static TheoryData<string, FailWhen> CommandsAndSides()
    {
        var data = new TheoryData<string, FailWhen>();
        foreach (var command in Commands.Keys)
        {
            data.Add(command, FailWhen.BeforeServer);
            data.Add(command, FailWhen.AfterServer);
        }
        return data;
    }
}

/// <summary>
/// Whatever fails and whenever: a change, its events and its key are kept together or not at all, nobody is told of a success that is
/// not kept, and the same request with the same key is then carried out once.
/// </summary>
public abstract class FailedSaveTests(TestDatabase database)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The commands, each with what it adds to the database, as Ana gives them.</summary>
    protected static readonly Dictionary<string, Command> Commands = new(StringComparer.Ordinal)
    {
        ["append"] = new(
            new Kept(Segments: 1, Events: 1, Keys: 1, Versions: 1),
            (services, draft, key, token) => Ask(services.GetRequiredService<RingService>().AppendAsync(new AppendSegment(draft.Ana, draft.Id, "Words", key), token))),
        ["pass"] = new(
            new Kept(Passes: 1, Events: 1, Keys: 1, Versions: 1, Turns: 1),
            (services, draft, key, token) => Ask(services.GetRequiredService<RingService>().PassAsync(new PassRing(draft.Ana, draft.Id, draft.Ben, key, Note: "Yours"), token))),
        ["smart pass"] = new(
            new Kept(Passes: 1, Events: 1, Keys: 1, Versions: 1, Turns: 1),
            (services, draft, key, token) => Ask(services.GetRequiredService<RingService>().PassAsync(new SmartPass(draft.Ana, draft.Id, Strategy.MostInactive, key), token))),
        ["create"] = new(
            new Kept(Drafts: 1, People: 1, Segments: 1, Events: 2, Keys: 1, Versions: 2, Turns: 1),
            (services, draft, key, token) => Ask(services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(draft.Ana, "New", FirstSegment: "Words", Key: key), token))),
        ["add"] = new(
            new Kept(People: 1, Events: 1, Keys: 1, Versions: 1),
            async (services, draft, key, token) => await Ask(services.GetRequiredService<CollaboratorService>()
                .AddAsync(new AddCollaborator(draft.Ana, draft.Id, draft.DanHandle, Role.Writer, key), token))),
        ["remove the holder"] = new(
            new Kept(People: -1, Passes: 1, Events: 2, Keys: 1, Versions: 2, Turns: 1),
            (services, draft, key, token) => Ask(services.GetRequiredService<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben, key), token))),
        ["complete"] = new(
            new Kept(Events: 1, Keys: 1, Versions: 1, Completed: 1),
            (services, draft, key, token) => Ask(services.GetRequiredService<DraftService>().CompleteAsync(new CompleteDraft(draft.Ana, draft.Id, key), token))),
    };

    public static TheoryData<string> CommandNames => [.. Commands.Keys];

    protected TestDatabase Database => database;

    [Theory]
    [MemberData(nameof(CommandNames))]
    public async Task A_fault_at_any_step_leaves_all_or_nothing(string command)
    {
        var faults = new Faults();
        await using var services = await BuildAsync(faults: faults);
        var (draft, key) = (await StartAsync(services, await CastAsync(services), command), Given.NewKey());
        await using var direct = await database.OpenDirectAsync(services);
        var before = await Kept.ReadAsync(direct);
        var steps = new List<string>();

        for (var kept = before; ;)
        {
            faults.At(steps.Count + 1, where => throw new FaultException(where));
            var (answer, failure) = await TryAsync(Commands[command].Run(services, draft, key, CancellationToken.None));
            faults.Disarm();

            if (faults.Where is not { } where)
            {
                // On PostgreSQL what is written travels with the commit, which only a line that is cut keeps from its end.
                var writesAtOnce = !database.IsInMemory;
                AssertDone(answer, replayed: !writesAtOnce);
                await AssertReplaysAsync(services, command, draft, key, answer!);
                Assert.Equal(writesAtOnce ? "a query is answered" : "the commit is done", steps[^1]);
                Assert.True(steps.Count(step => step is "a query begins" or "a statement begins") >= (writesAtOnce ? 2 : 3), string.Join(", ", steps));
                break;
            }
            steps.Add(where);
            Assert.Null(answer);
            Assert.Equal($"Something failed: {where}.", (failure as FaultException ?? failure!.InnerException)!.Message);
            kept = where == "the commit is done" ? before + Commands[command].Effect : before;
            Assert.Equal(kept, await Kept.ReadAsync(direct));
        }

        Assert.Equal(before + Commands[command].Effect, await Kept.ReadAsync(direct));
    }

    [Theory]
    [MemberData(nameof(CommandNames))]
    public async Task After_a_fault_at_any_step_the_same_request_is_carried_out_once(string command)
    {
        var faults = new Faults();
        await using var services = await BuildAsync(faults: faults);
        var cast = await CastAsync(services);
        await using var direct = await database.OpenDirectAsync(services);

        for (var step = 1; ; step++)
        {
            var (draft, key) = (await StartAsync(services, cast, command), Given.NewKey());
            var before = await Kept.ReadAsync(direct);
            faults.At(step, where => throw new FaultException(where));
            var (first, _) = await TryAsync(Commands[command].Run(services, draft, key, CancellationToken.None));
            faults.Disarm();
            Assert.Equal(faults.Where is null, first is not null);

            var (second, failure) = await TryAsync(Commands[command].Run(services, draft, key, CancellationToken.None));

            Assert.Null(failure);
            AssertDone(second, replayed: faults.Where is null or "the commit is done");
            Assert.Equal(before + Commands[command].Effect, await Kept.ReadAsync(direct));
            if (faults.Where is null)
            {
                break;
            }
        }
    }

    [Theory]
    [MemberData(nameof(CommandNames))]
    public async Task Giving_up_at_any_step_leaves_all_or_nothing(string command)
    {
        var faults = new Faults();
        await using var services = await BuildAsync(faults: faults);
        var (draft, key) = (await StartAsync(services, await CastAsync(services), command), Given.NewKey());
        await using var direct = await database.OpenDirectAsync(services);
        var before = await Kept.ReadAsync(direct);

        var (early, refused) = await TryAsync(Commands[command].Run(services, draft, key, new CancellationToken(canceled: true)));
        Assert.Null(early);
        Assert.IsType<OperationCanceledException>(refused, exactMatch: false);
        Assert.Equal(before, await Kept.ReadAsync(direct));

        for (var step = 1; ; step++)
        {
            using var patience = new CancellationTokenSource();
            faults.At(step, _ => patience.Cancel());
            var (answer, failure) = await TryAsync(Commands[command].Run(services, draft, key, patience.Token));
            faults.Disarm();

            var after = await Kept.ReadAsync(direct);
            if (answer is not null)
            {
                AssertDone(answer, answer.Replayed);
                Assert.Equal(before + Commands[command].Effect, after);
                await AssertReplaysAsync(services, command, draft, key, answer);
                Assert.True(step > 3, $"There were only {step} steps.");
                break;
            }
            Assert.IsType<OperationCanceledException>(failure, exactMatch: false);
            Assert.Contains(after, (Kept[])[before, before + Commands[command].Effect]);
        }
    }

    protected async Task<ServiceProvider> BuildAsync(string? connectionString = null, int retries = 0, Faults? faults = null)
    {
        var services = database.BuildServices(
            connectionString: connectionString,
            configure: faults is null ? null : collection => collection.AddSingleton<IInterceptor>(faults),
            settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["OneRing:Database:Retries"] = $"{retries}" });
        if (database.IsInMemory)
        {
            await services.PrepareDatabaseAsync();
        }
        return services;
    }

    protected static async Task<Cast> CastAsync(IServiceProvider services) => new(
        await services.APersonAsync("Ana"), await services.APersonAsync("Ben"), await services.HandleOfAsync(await services.APersonAsync("Dan")));

    /// <summary>A draft that is ready for the command: Ana owns it and holds the ring, and Ben writes too.</summary>
    protected static async Task<Ready> StartAsync(IServiceProvider services, Cast cast, string command)
    {
        var id = Given.Succeed(await services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(cast.Ana, "A draft")));
        await services.AddAsync(id, cast.Ana, cast.Ben, Role.Writer);
        if (command == "remove the holder")
        {
            await services.PassAsync(id, cast.Ana, cast.Ben);
        }
        return new Ready(id, cast.Ana, cast.Ben, cast.DanHandle);
    }

    protected static async Task<(Answer? Answer, Exception? Failure)> TryAsync(Task<Answer> attempt)
    {
        try
        {
            return (await attempt.WaitAsync(Patience), null);
        }
        catch (Exception failure) when (failure is not TimeoutException)
        {
            return (null, failure);
        }
    }

    protected static void AssertDone(Answer? answer, bool replayed)
    {
        Assert.NotNull(answer);
        Assert.Null(answer.Refusal);
        Assert.Equal(replayed, answer.Replayed);
    }

    protected static async Task AssertReplaysAsync(IServiceProvider services, string command, Ready draft, string key, Answer answer)
    {
        var again = await Commands[command].Run(services, draft, key, CancellationToken.None).WaitAsync(Patience);

        AssertDone(again, replayed: true);
        Assert.Equal(answer.Value, again.Value);
    }

    private static async Task<Answer> Ask<T>(Task<Result<T>> asked)
    {
        var result = await asked;
        return new Answer(result.Refusal, result.Replayed, result.Value);
    }

    protected sealed record Command(Kept Effect, Func<IServiceProvider, Ready, string, CancellationToken, Task<Answer>> Run);

    protected sealed record Cast(string Ana, string Ben, string DanHandle);

    protected sealed record Ready(Guid Id, string Ana, string Ben, string DanHandle);

    protected sealed record Answer(Refusal? Refusal, bool Replayed, object? Value);
}
