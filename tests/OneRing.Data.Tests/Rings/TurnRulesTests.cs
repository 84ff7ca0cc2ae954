using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Rings;

public sealed class TurnRulesTests
{
    private static readonly TurnRules Usual = new();

    private static readonly TurnRules Strict = new(
        LimitHours: 24, GraceHours: 2, OnExpiry.Reclaim, Strategy.RoundRobin, ExcusedMisses: 3, RestDays.Sunday, new TimeOnly(22, 0), new TimeOnly(7, 0));

    public static TheoryData<TurnRules> AtTheirLimits =>
    [
        Usual, Strict, Usual with { LimitHours = 1 }, Usual with { LimitHours = 720 }, Usual with { GraceHours = 168 }, Usual with { ExcusedMisses = 0 }, Usual with { ExcusedMisses = 10 },
    ];

    public static TheoryData<TurnRules> BeyondTheirLimits =>
    [
        Usual with { LimitHours = 0 }, Usual with { LimitHours = 721 }, Usual with { GraceHours = -1 }, Usual with { GraceHours = 169 }, Usual with { ExcusedMisses = -1 },
        Usual with { ExcusedMisses = 11 }, Usual with { OnExpiry = (OnExpiry)3 }, Usual with { Strategy = (Strategy)3 }, Usual with { RestDays = RestDays.All },
        Usual with { RestFrom = new TimeOnly(22, 0) }, Usual with { RestTo = new TimeOnly(7, 0) },
    ];

    [Theory]
    [MemberData(nameof(AtTheirLimits))]
    public void Rules_within_their_limits_are_taken(TurnRules rules) => Assert.Null(rules.Check());

    [Theory]
    [MemberData(nameof(BeyondTheirLimits))]
    public void Rules_beyond_their_limits_are_refused(TurnRules rules) => Assert.Equal(Refusal.TurnRulesInvalid, rules.Check());

    [Fact]
    public void What_a_change_does_not_name_stays_as_it_is()
    {
        Assert.Equal(Strict, new TurnRulesChange().ApplyTo(Strict));
        Assert.Equal(Usual, new TurnRulesChange().ApplyTo(Usual));
    }

    [Fact]
    public void What_a_change_names_is_different_also_when_it_becomes_nothing()
    {
        var all = new TurnRulesChange
        {
            LimitHours = new(24),
            GraceHours = 2,
            OnExpiry = OnExpiry.Reclaim,
            Strategy = Strategy.RoundRobin,
            ExcusedMisses = 3,
            RestDays = RestDays.Sunday,
            RestFrom = new(new TimeOnly(22, 0)),
            RestTo = new(new TimeOnly(7, 0)),
        };
        var none = new TurnRulesChange { LimitHours = new(null), RestFrom = new(null), RestTo = new(null) };

        Assert.Equal(Strict, all.ApplyTo(Usual));
        Assert.Equal(Strict with { LimitHours = null, RestFrom = null, RestTo = null }, none.ApplyTo(Strict));
    }

    [Fact]
    public void A_change_is_refused_for_what_no_rules_could_make_right()
    {
        Assert.Equal(Refusal.TurnRulesInvalid, new TurnRulesChange { LimitHours = new(0) }.Check());
        Assert.Equal(Refusal.TurnRulesInvalid, new TurnRulesChange { RestDays = RestDays.All }.Check());
        Assert.Equal(Refusal.TurnRulesInvalid, new TurnRulesChange { RestFrom = new(new TimeOnly(9, 0)), RestTo = new(new TimeOnly(9, 0)) }.Check());
        Assert.Equal(Refusal.TurnRulesInvalid, new TurnRulesChange { RestFrom = new(new TimeOnly(9, 0)), RestTo = new(null) }.Check());
        Assert.Equal(Refusal.TurnRulesInvalid, new TurnRulesChange { GraceHours = 169, RestFrom = new(new TimeOnly(9, 0)) }.Check());
    }

    [Fact]
    public void One_end_of_the_daily_rest_may_come_without_the_other()
    {
        Assert.Null(new TurnRulesChange { RestFrom = new(new TimeOnly(9, 0)) }.Check());
        Assert.Null(new TurnRulesChange { RestTo = new(new TimeOnly(9, 0)) }.Check());
        Assert.Null(new TurnRulesChange().Check());
    }

    [Fact]
    public void A_retry_must_repeat_every_part_of_a_change()
    {
        TurnRulesChange[] changes =
        [
            new(), new() { LimitHours = new(null) }, new() { LimitHours = new(24) }, new() { GraceHours = 24 }, new() { OnExpiry = OnExpiry.Pass }, new() { OnExpiry = OnExpiry.Remind },
            new() { Strategy = Strategy.RoundRobin }, new() { Strategy = Strategy.BackToCreator }, new() { ExcusedMisses = 24 }, new() { RestDays = RestDays.None },
            new() { RestDays = RestDays.Friday }, new() { RestFrom = new(null) }, new() { RestFrom = new(new TimeOnly(7, 0)) }, new() { RestFrom = new(new TimeOnly(7, 0, 30)) },
            new() { RestTo = new(null) }, new() { RestTo = new(new TimeOnly(7, 0)) },
        ];

        var texts = changes.Select(change => string.Join('|', change.Substance.Select(part => part ?? "(as it is)"))).ToList();

        Assert.Equal(texts.Count, texts.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal("24|2|reclaim|round_robin|3|64|22:00:00.0000000|07:00:00.0000000", string.Join('|', ChangeTo(Strict).Substance));
        Assert.Equal("none|none|none", string.Join('|', new TurnRulesChange { LimitHours = new(null), RestFrom = new(null), RestTo = new(null) }.Substance.OfType<string>()));
    }

    [Fact]
    public void A_retry_must_repeat_every_part_of_the_rules()
    {
        TurnRules[] all =
        [
            Usual, Strict, Strict with { LimitHours = null }, Strict with { GraceHours = 3 }, Strict with { OnExpiry = OnExpiry.Pass }, Strict with { Strategy = Strategy.MostInactive },
            Strict with { ExcusedMisses = 2 }, Strict with { RestDays = RestDays.None }, Strict with { RestFrom = new TimeOnly(23, 0) }, Strict with { RestTo = new TimeOnly(8, 0) },
        ];

        var texts = all.Select(rules => string.Join('|', new SetTurnRules("ana", Guid.Empty, rules).Substance)).ToList();

        Assert.Equal(texts.Count, texts.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal("24|2|reclaim|round_robin|3|64|22:00:00.0000000|07:00:00.0000000", texts[1]);
    }

    [Fact]
    public void Rules_out_of_bounds_are_no_command()
    {
        Assert.Equal(Refusal.TurnRulesInvalid, new SetTurnRules("ana", Guid.Empty, Usual with { LimitHours = 0 }).Check());
        Assert.Null(new SetTurnRules("ana", Guid.Empty, Strict).Check());
    }

    private static TurnRulesChange ChangeTo(TurnRules rules) => new()
    {
        LimitHours = new(rules.LimitHours),
        GraceHours = rules.GraceHours,
        OnExpiry = rules.OnExpiry,
        Strategy = rules.Strategy,
        ExcusedMisses = rules.ExcusedMisses,
        RestDays = rules.RestDays,
        RestFrom = new(rules.RestFrom),
        RestTo = new(rules.RestTo),
    };
}
