using System.Numerics;

namespace OneRing.Data.Tests.Drafts.Model;

/// <summary>A step that somebody took while others took theirs, with the answer, and when it was asked for and answered, counted in events.</summary>
internal sealed record Call(Step Step, Answer Answer, int Asked, int Answered)
{
    public override string ToString() => $"{Asked,3}–{Answered,3} {Step}: {Answer}";
}

/// <summary>
/// Whether there is an order in which the model gives all the answers that were given and comes to what was found in the end, and in which whatever was answered before
/// something else was asked comes before it. The search is that of Wing and Gong; as Lowe does, it goes from no state with the same steps left twice.
/// </summary>
internal sealed class Linearisation(IReadOnlyList<Call> calls, Func<ModelWorld, string> describe, string found)
{
    /// <summary>After so many steps of the model the search gives up, and says so: it never takes an open question for a yes.</summary>
    private const int MostSteps = 200_000;

    private readonly HashSet<(ulong Taken, string State)> seen = [];
    private int steps;

    public bool IsPossibleFrom(ModelWorld start)
    {
        Assert.InRange(calls.Count, 0, 64);
        return Search(start, taken: 0);
    }

    private bool Search(ModelWorld world, ulong taken)
    {
        var state = describe(world);
        if (BitOperations.PopCount(taken) == calls.Count)
        {
            return state == found;
        }
        if (!seen.Add((taken, state)))
        {
            return false;
        }

        var left = Enumerable.Range(0, calls.Count).Where(i => (taken & (1UL << i)) == 0).ToList();
        var firstAnswer = left.Min(i => calls[i].Answered);
        foreach (var i in left.Where(i => calls[i].Asked < firstAnswer).OrderBy(i => calls[i].Answered))
        {
            Assert.True(++steps <= MostSteps, "The search gave up: nobody knows whether there is such an order.");
            var next = world.Copy();
            if (next.Take(calls[i].Step) == calls[i].Answer && Search(next, taken | (1UL << i)))
            {
                return true;
            }
        }
        return false;
    }
}
