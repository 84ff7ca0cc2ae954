using System.Globalization;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Audit;
using OneRing.Data.Drafts;
using OneRing.Tests.Databases;
using Xunit.Abstractions;

namespace OneRing.Data.Tests.Drafts.Model;

public sealed class DraftModelTests_InMemory(InMemory database, ITestOutputHelper output) : DraftModelTests(database, output), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class DraftModelTests_Postgres(Postgres database, ITestOutputHelper output) : DraftModelTests(database, output), IClassFixture<Postgres>;

/// <summary>
/// Thousands of random steps, allowed, forbidden and impossible ones, beside a model of drafts, rings, people, keys and events. After each step its answer and all that stands in
/// the database are those of the model.
/// </summary>
public abstract class DraftModelTests(TestDatabase database, ITestOutputHelper output)
{
    private const int StepsOfALife = 50;
    private const int ManySteps = 50_000;
    private const string StepsVariable = "ONERING_MODEL_STEPS";

    private static readonly int Lives =
        (int.TryParse(Environment.GetEnvironmentVariable(StepsVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var steps) ? steps : 5_000) / StepsOfALife;

    private readonly SettableClock clock = new(ModelWorld.Start);
    private readonly Dictionary<(Op Op, string Answer), int> seen = [];
    private int taken;

    [Fact]
    public async Task Whatever_is_done_comes_out_as_in_the_model()
    {
        await using var services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();

        await Steps.ALife(StepsOfALife).SampleAsync(
            async life =>
            {
                if (await LiveAsync(services, life) is { } difference)
                {
                    var shortest = await ShortenAsync(services, life[..difference.Steps]);
                    Assert.Fail(shortest);
                }
            },
            output.WriteLine, iter: Lives, threads: 1, print: life => $"{life.Length} steps");

        Report();
        Assert.True(taken >= Lives * StepsOfALife);
        // What never succeeds, or never fails, was not tried. What is rare may be missing where there are few steps.
        var mayMiss = taken >= ManySteps ? 0 : 10;
        Assert.InRange(Enum.GetValues<Op>().Except([Op.Wait]).Count(op => !seen.ContainsKey((op, "done"))), 0, mayMiss / 3);
        Assert.InRange(Steps.Refusals.Count(refusal => !seen.Keys.Any(key => key.Answer == $"{refusal}")), 0, mayMiss);
        Assert.Contains(seen.Keys, key => key.Answer == "again");
        Assert.Empty((await services.GetRequiredService<DatabaseAudit>().RunAsync()).Findings);
    }

    /// <summary>Takes the steps; answers what came out otherwise than in the model, if anything did, and after how many steps.</summary>
    private async Task<(int Steps, string Difference)?> LiveAsync(IServiceProvider services, Step[] life)
    {
        var (model, product) = (new ModelWorld(), new Product(services));
        var aimed = new List<string>();
        clock.Now = ModelWorld.Start;
        await product.MakePeopleAsync();
        foreach (var (index, planned) in life.Index())
        {
            var step = Steps.Aim(planned, model);
            aimed.Add($"  {step}");
            var order = step.Op == Op.SetOrder && step.Draft < model.Drafts.Count ? model.Drafts[step.Draft].OrderOf(step) : null;
            var (now, expected) = (model.Now, model.Take(step));
            if (await DifferAsync(product, step, now, order, expected, model, isLast: index == life.Length - 1) is { } difference)
            {
                return (index + 1, $"{string.Join('\n', aimed)}\n{difference}");
            }
            var what = expected.Refusal is { } refusal ? $"{refusal}" : expected.Again ? "again" : "done";
            seen[(step.Op, what)] = seen.GetValueOrDefault((step.Op, what)) + 1;
            taken++;
        }
        return null;
    }

    private async Task<string?> DifferAsync(Product product, Step step, long now, int[]? order, Answer expected, ModelWorld model, bool isLast)
    {
        if (step.Op == Op.Wait)
        {
            clock.Now = ModelWorld.Start.AddSeconds(model.Now);
            return null;
        }

        Answer answer;
        string? state;
        try
        {
            answer = await product.TakeAsync(step, now, order);
            // What something refused has written would be found after the next step that is not, and after the last.
            state = answer.Refusal is null || isLast ? await product.DescribeAsync() : null;
        }
        // Whatever it throws is an answer that the model does not give.
        catch (Exception fault)
        {
            return $"The model: {expected}\nThe product: {fault}";
        }

        if (answer != expected)
        {
            return $"The model: {expected}\nThe product: {answer}";
        }
        if (state is null || state == model.Describe())
        {
            return null;
        }
        var (mine, found) = (model.Describe().Split('\n'), state.Split('\n'));
        return $"{answer}\nOnly in the model:\n{string.Join('\n', Without(mine, found))}\nOnly in the database:\n{string.Join('\n', Without(found, mine))}";
    }

    private static IEnumerable<string> Without(IEnumerable<string> lines, IEnumerable<string> others)
    {
        var left = others.CountBy(line => line, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return lines.Where(line => (left[line] = left.GetValueOrDefault(line) - 1) < 0);
    }

    /// <summary>Leaves out whatever steps can be left out, so that it still comes out otherwise.</summary>
    private async Task<string> ShortenAsync(IServiceProvider services, Step[] life)
    {
        var difference = "It does not happen again.";
        for (var length = life.Length; length > 0; length /= 2)
        {
            for (var start = life.Length - length; start >= 0; start -= length)
            {
                Step[] shorter = [.. life[..start], .. life[Math.Min(life.Length, start + length)..]];
                if (shorter.Length > 0 && await LiveAsync(services, shorter) is { } still)
                {
                    (life, difference) = (shorter[..still.Steps], still.Difference);
                    start = Math.Min(start, life.Length);
                }
            }
        }
        return $"It takes {life.Length} steps.\n{(await LiveAsync(services, life))?.Difference ?? difference}";
    }

    private void Report()
    {
        output.WriteLine($"{taken:N0} steps.");
        foreach (var op in seen.GroupBy(pair => pair.Key.Op).OrderBy(op => op.Key))
        {
            output.WriteLine($"{op.Key}: {string.Join(", ", op.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key.Answer} {pair.Value}"))}");
        }
    }
}
