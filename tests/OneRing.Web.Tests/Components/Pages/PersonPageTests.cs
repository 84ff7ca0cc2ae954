using Bunit;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data;
using OneRing.Data.Rings;
using OneRing.Web.Components.Pages;

namespace OneRing.Web.Tests.Components.Pages;

public sealed class PersonPageTests() : OneRingContext(new FakeTimeProvider(new DateTimeOffset(2026, 5, 4, 8, 0, 0, TimeSpan.Zero)))
{
    [Fact]
    public async Task A_profile_says_how_its_person_takes_their_turns_and_names_no_draft()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "The lamp");
        await HoldAsync(draft, 3, draft.Ana, draft.Ben);
        SignIn(draft.Dan);
        Assert.DoesNotContain("kept", (await OpenAsync(draft.Ana)).Text(), StringComparison.Ordinal);

        Given.Succeed(await Get<TurnService>().SetRulesAsync(new SetTurnRules(draft.Ana, draft.Id, new TurnRules(LimitHours: 1, ExcusedMisses: 0))));
        Clock.Advance(TimeSpan.FromHours(1));
        await Services.KeepTurnsAsync();
        Given.Succeed(await Get<TurnService>().SetRulesAsync(new SetTurnRules(draft.Ana, draft.Id, new TurnRules())));
        await HoldAsync(draft, 3, draft.Ana, draft.Ben);
        await HoldAsync(draft, 3, draft.Ben, draft.Ana);

        Assert.Contains("usually 3 hours a turn kept 2 of 2 turns", (await OpenAsync(draft.Ana)).Text(), StringComparison.Ordinal);
        var bens = (await OpenAsync(draft.Ben)).Text();
        Assert.Contains("usually 2 hours a turn kept 1 of 2 turns", bens, StringComparison.Ordinal);
        Assert.DoesNotContain("The lamp", bens, StringComparison.Ordinal);
    }

    private async Task HoldAsync(ADraft draft, double hours, string from, string to)
    {
        Clock.Advance(TimeSpan.FromHours(hours));
        await Services.PassAsync(draft.Id, from, to);
    }

    private async Task<IRenderedComponent<PersonPage>> OpenAsync(string userId)
    {
        var handle = await Services.HandleOfAsync(userId);
        return Render<PersonPage>(p => p.Add(x => x.Handle, handle));
    }
}
