using NodaTime;
using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Rings;

/// <summary>A clock of ten hours that begins on a Monday at noon.</summary>
public sealed class TurnClockTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly TurnRules Rules = new(LimitHours: 10, GraceHours: 2);
    private static readonly TurnClock Begun = TurnClock.ForTurn(3, TimeSpan.FromHours(10)).Run(Noon);

    [Fact]
    public void A_new_clock_stands_still_and_has_counted_nothing()
    {
        var clock = TurnClock.ForTurn(3, TimeSpan.FromHours(10));

        Assert.Equal(new TurnClock(Turn: 3, LimitMicroseconds: 36_000_000_000, UsedMicroseconds: 0, StartedAt: null, Round: 1), clock);
        Assert.False(clock.IsRunning);
        Assert.True(Begun.IsRunning);
        Assert.Equal(Noon, Begun.StartedAt);
    }

    [Fact]
    public void A_clock_that_runs_does_not_begin_again() => Assert.Equal(Begun, Begun.Run(Noon.AddHours(1)));

    [Theory]
    [InlineData(4.99, nameof(ClockStep.Begun))]
    [InlineData(5, nameof(ClockStep.HalfTold))]
    [InlineData(8.99, nameof(ClockStep.HalfTold))]
    [InlineData(9, nameof(ClockStep.NearlyTold))]
    [InlineData(9.99, nameof(ClockStep.NearlyTold))]
    [InlineData(10, nameof(ClockStep.Grace))]
    [InlineData(11.99, nameof(ClockStep.Grace))]
    [InlineData(12, nameof(ClockStep.Over))]
    [InlineData(1000, nameof(ClockStep.Over))]
    public void Its_steps_come_at_half_at_nine_tenths_at_its_end_and_after_the_grace(double hours, string step) => Assert.Equal(step, StepAfter(Begun, hours).ToString());

    [Fact]
    public void A_step_is_not_taken_back()
    {
        Assert.Equal(ClockStep.Grace, StepAfter(Begun with { Step = ClockStep.Grace }, 1));
        Assert.Equal(ClockStep.HalfTold, (Begun.Stop(Noon.AddHours(6), Rules, DateTimeZone.Utc) with { Step = ClockStep.HalfTold }).StepAt(Noon.AddYears(1), Rules, DateTimeZone.Utc));
    }

    [Theory]
    [InlineData(nameof(ClockStep.Begun), 5.0)]
    [InlineData(nameof(ClockStep.HalfTold), 9.0)]
    [InlineData(nameof(ClockStep.NearlyTold), 10.0)]
    [InlineData(nameof(ClockStep.Grace), 12.0)]
    [InlineData(nameof(ClockStep.Over), null)]
    public void It_is_due_at_its_next_step_and_ends_before_the_grace(string step, double? due)
    {
        var clock = Schedule(Begun with { Step = Enum.Parse<ClockStep>(step) });

        Assert.Equal(due is { } hours ? Noon.AddHours(hours) : null, clock.DueAt);
        Assert.Equal(Noon.AddHours(10), clock.EndsAt);
    }

    [Fact]
    public void What_else_is_to_happen_may_come_first_and_comes_also_while_the_clock_stands_still()
    {
        var stopped = Begun.Stop(Noon.AddHours(1), Rules, DateTimeZone.Utc);

        Assert.Equal(Noon.AddHours(1), Schedule(Begun, otherwise: Noon.AddHours(1)).DueAt);
        Assert.Equal(Noon.AddHours(5), Schedule(Begun, otherwise: Noon.AddHours(6)).DueAt);
        Assert.Equal(Noon.AddHours(6), Schedule(stopped, otherwise: Noon.AddHours(6)).DueAt);
        Assert.Null(Schedule(stopped).DueAt);
        Assert.Null(Schedule(stopped with { EndsAt = Noon }).EndsAt);
    }

    [Fact]
    public void While_it_stands_still_nothing_is_counted()
    {
        var stopped = Schedule(Begun).Stop(Noon.AddHours(4), Rules, DateTimeZone.Utc);
        var goesOn = Schedule(stopped.Run(Noon.AddDays(3)));

        Assert.Equal((null, null, 4 * 3_600_000_000L), (stopped.StartedAt, stopped.EndsAt, stopped.UsedMicroseconds));
        Assert.Equal(stopped, stopped.Stop(Noon.AddDays(2), Rules, DateTimeZone.Utc));
        Assert.Equal((Noon.AddDays(3).AddHours(1), Noon.AddDays(3).AddHours(6)), (goesOn.DueAt, goesOn.EndsAt));
        Assert.Equal(7 * 3_600_000_000L, goesOn.Stop(Noon.AddDays(3).AddHours(3), Rules, DateTimeZone.Utc).UsedMicroseconds);
    }

    [Fact]
    public void What_rests_is_not_counted()
    {
        var nights = Rules with { RestFrom = new TimeOnly(20, 0), RestTo = new TimeOnly(8, 0) };

        var clock = Begun.Schedule(nights, DateTimeZone.Utc, otherwise: null);

        Assert.Equal(Noon.AddDays(1).AddHours(-2), clock.EndsAt);
        Assert.Equal(8 * 3_600_000_000L, clock.Stop(Noon.AddHours(18), nights, DateTimeZone.Utc).UsedMicroseconds);
    }

    [Fact]
    public void Nothing_ends_while_the_others_may_object_to_more_time()
    {
        var asked = (Begun with { Step = ClockStep.HalfTold }).AskForMore(Noon.AddHours(9.5));

        Assert.Equal((MoreTime.Asked, Noon.AddHours(10.5)), (asked.More, asked.MoreAt));
        Assert.Equal(ClockStep.NearlyTold, StepAfter(asked, 10));
        Assert.Equal(ClockStep.NearlyTold, StepAfter(asked, 10.49));
        Assert.Equal(ClockStep.Grace, StepAfter(asked, 10.5));
        Assert.Equal(ClockStep.Grace, StepAfter(asked with { Step = ClockStep.Grace }, 10.2));
        Assert.Equal(Noon.AddHours(9), Schedule(asked).DueAt);
        Assert.Equal(Noon.AddHours(10.5), Schedule(asked with { Step = ClockStep.NearlyTold }).DueAt);
        Assert.Equal(Noon.AddHours(10.5), Schedule(asked with { Step = ClockStep.Over }).DueAt);
    }

    [Fact]
    public void A_wish_for_more_time_that_is_over_before_the_end_holds_up_nothing()
    {
        var asked = (Begun with { Step = ClockStep.NearlyTold }).AskForMore(Noon.AddHours(8));

        Assert.Equal(Noon.AddHours(9), Schedule(asked).DueAt);
        Assert.Equal(Noon.AddHours(10), Schedule(asked.Refuse()).DueAt);
        Assert.Null(asked.Refuse().MoreAt);
        Assert.Equal(ClockStep.Grace, StepAfter(asked.Refuse(), 10));
    }

    [Fact]
    public void The_others_have_all_their_time_to_object_when_the_clock_goes_on()
    {
        var asked = Begun.AskForMore(Noon.AddHours(1)).Stop(Noon.AddHours(1.5), Rules, DateTimeZone.Utc);

        Assert.Equal(Noon.AddHours(31), asked.Run(Noon.AddHours(30)).MoreAt);
        Assert.Equal(Noon.AddHours(1), asked.Refuse().Run(Noon.AddHours(30)).MoreAskedAt);
    }

    [Fact]
    public void More_time_is_half_as_much_again_and_its_end_is_told_again()
    {
        var granted = (Begun with { Step = ClockStep.Grace }).AskForMore(Noon.AddHours(9)).Grant();

        Assert.Equal((MoreTime.Granted, 2, ClockStep.HalfTold), (granted.More, granted.Round, granted.Step));
        Assert.Equal(ClockStep.Begun, Begun.Grant().Step);
        Assert.Equal(Noon.AddHours(15), Schedule(granted).EndsAt);
        Assert.Equal(Noon.AddHours(13.5), Schedule(granted).DueAt);
        Assert.Equal(ClockStep.HalfTold, StepAfter(granted, 13.4));
    }

    [Fact]
    public void New_rules_give_a_turn_all_of_its_time_again()
    {
        var anew = (Begun with { Step = ClockStep.Over, UsedMicroseconds = 5 }).Anew(TimeSpan.FromHours(1));

        Assert.Equal(TurnClock.ForTurn(3, TimeSpan.FromHours(1)) with { Round = 2 }, anew);
        Assert.Equal(1, TurnClock.ForTurn(3, TimeSpan.Zero).Anew(TimeSpan.FromHours(1)).Round);
    }

    private static ClockStep StepAfter(TurnClock clock, double hours) => clock.StepAt(Noon.AddHours(hours), Rules, DateTimeZone.Utc);

    private static TurnClock Schedule(TurnClock clock, DateTimeOffset? otherwise = null) => clock.Schedule(Rules, DateTimeZone.Utc, otherwise);
}
