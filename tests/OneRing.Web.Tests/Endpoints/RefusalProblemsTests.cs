using System.Reflection;
using OneRing.Data;

namespace OneRing.Web.Tests.Endpoints;

public sealed class RefusalProblemsTests
{
    [Fact]
    public void Every_refusal_has_a_status()
    {
        var problemFor = typeof(RefusalText).Assembly.GetType("OneRing.Web.Endpoints.RefusalProblems")!.GetMethod("For", BindingFlags.Public | BindingFlags.Static)!;

        Assert.All(Enum.GetValues<Refusal>(), refusal => Assert.NotNull(problemFor.Invoke(obj: null, [refusal])));
    }
}
