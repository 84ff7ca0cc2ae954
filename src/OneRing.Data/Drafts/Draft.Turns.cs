using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;
using OneRing.Data.Database;
using OneRing.Data.Notices;
using OneRing.Data.Rings;

namespace OneRing.Data.Drafts;

/// <summary>How a draft keeps its turns: rules, order, the clock, and what people ask of the holder.</summary>
internal sealed partial class Draft
{
    /// <summary>How long the others wait for a holder who is away.</summary>
    private static readonly TimeSpan LongestAbsence = TimeSpan.FromDays(1);

    /// <summary>How the draft keeps its turns.</summary>
    public TurnRules Rules
    {
        get => new(TurnLimitHours, TurnGraceHours, OnExpiry, Strategy, ExcusedMisses, RestDays, RestFrom, RestTo);
        private set => (TurnLimitHours, TurnGraceHours, OnExpiry, Strategy, ExcusedMisses, RestDays, RestFrom, RestTo) =
            (value.LimitHours, value.GraceHours, value.OnExpiry, value.Strategy, value.ExcusedMisses, value.RestDays, value.RestFrom, value.RestTo);
    }

    /// <summary>The clock of the present turn.</summary>
    public TurnClock Clock
    {
        get => new(ClockTurn, ClockLimitMicroseconds, ClockUsedMicroseconds, ClockStartedAt, TurnEndsAt, ClockDueAt, ClockStep, MoreTime, MoreAskedAt, ClockRound);
        private set => (ClockTurn, ClockLimitMicroseconds, ClockUsedMicroseconds, ClockStartedAt, TurnEndsAt, ClockDueAt, ClockStep, MoreTime, MoreAskedAt, ClockRound) =
            (value.Turn, value.LimitMicroseconds, value.UsedMicroseconds, value.StartedAt, value.EndsAt, value.DueAt, value.Step, value.More, value.MoreAskedAt, value.Round);
    }

    // Rules and clock as columns, each by itself: rows that are read with a lock know no others.
    public int? TurnLimitHours { get; private set; }

    public int TurnGraceHours { get; private set; }

    public OnExpiry OnExpiry { get; private set; }

    public Strategy Strategy { get; private set; }

    public int ExcusedMisses { get; private set; } = TurnRules.UsualExcusedMisses;

    public RestDays RestDays { get; private set; }

    public TimeOnly? RestFrom { get; private set; }

    public TimeOnly? RestTo { get; private set; }

    public int ClockTurn { get; private set; }

    public long ClockLimitMicroseconds { get; private set; }

    public long ClockUsedMicroseconds { get; private set; }

    public DateTimeOffset? ClockStartedAt { get; private set; }

    public DateTimeOffset? TurnEndsAt { get; private set; }

    public DateTimeOffset? ClockDueAt { get; private set; }

    public ClockStep ClockStep { get; private set; }

    public MoreTime MoreTime { get; private set; }

    public DateTimeOffset? MoreAskedAt { get; private set; }

    public int ClockRound { get; private set; } = TurnClock.FirstRound;

    /// <summary>The present turn, or something of it, as the cause of a notice.</summary>
    /// <param name="detail">One of <see cref="NoticeDetail"/>, or whatever makes it one cause among others; empty for the turn itself.</param>
    public string CauseOf(string detail = "") => Notice.CauseOf(Turn, Clock.Round, detail);

    /// <summary>Sends the ring on because its time is up, or its holder away.</summary>
    /// <param name="why">In one sentence. Why it is that recipient follows.</param>
    public RingPass Expire(NextHolder next, string why, DateTimeOffset now) => MoveRing(next.UserId, Chosen.Expired, $"{why} {next.Reason}", note: null, now);

    /// <summary>Keeps turns in another way. The present turn begins anew with it, so that nobody’s time is suddenly up.</summary>
    public Result<Done> SetRules(TurnRules rules, DateTimeOffset now)
    {
        if (Status == DraftStatus.Completed)
        {
            return Refusal.DraftCompleted;
        }

        var at = Change(now);
        Clock = Clock.Stop(at, Rules, HolderZone);
        Rules = rules;
        Clock = Clock.Turn == Turn ? Clock.Anew(LimitOf(FindCollaborator(HolderId))) : Clock;
        return default(Done);
    }

    /// <summary>Whatever of it is refused, the caller saves nothing of it.</summary>
    public Result<Done> Change(ChangeDraft request, DateTimeOffset now)
    {
        if (request.Order is { } order && SetOrder(order, now).Refusal is { } wrongOrder)
        {
            return wrongOrder;
        }
        var rules = request.Rules?.ApplyTo(Rules) ?? Rules;
        if (rules.Check() is { } wrongRules)
        {
            return wrongRules;
        }
        // A turn does not begin anew because somebody says again what holds already.
        if (rules != Rules && SetRules(rules, now).Refusal is { } refusal)
        {
            return refusal;
        }

        SetTitle(request.Title ?? Title);
        Change(now);
        return default(Done);
    }

    /// <summary>Somebody is away from this draft until an instant, or back.</summary>
    public void SetAway(string userId, DateTimeOffset? until, DateTimeOffset now)
    {
        var collaborator = FindCollaborator(userId)!;
        var at = Change(now);
        if (until is { } end)
        {
            // Whoever stays away longer has been away since they said so first.
            collaborator.GoAway(collaborator.AwayUntil > at ? collaborator.AwaySince!.Value : at, end);
        }
        else
        {
            collaborator.ComeBack();
        }
    }

    /// <summary>Puts those who can hold the ring into an order of turns.</summary>
    /// <param name="userIds">All of them, each once.</param>
    public Result<Done> SetOrder(IReadOnlyList<string> userIds, DateTimeOffset now)
    {
        if (!userIds.ToHashSet(StringComparer.Ordinal).SetEquals(collaborators.Where(c => c.Role != Role.Reader).Select(c => c.UserId))
            || userIds.Count != collaborators.Count(c => c.Role != Role.Reader))
        {
            return Refusal.OrderInvalid;
        }

        Change(now);
        foreach (var (place, userId) in userIds.Index())
        {
            FindCollaborator(userId)!.Place = place;
        }
        return default(Done);
    }

    /// <summary>The owner takes the ring back.</summary>
    public Result<RingPass> Reclaim(ReclaimRing request, DateTimeOffset now)
    {
        if (!IsOpen)
        {
            return Refusal.DraftNotActive;
        }
        if (request.Turn is { } turn && turn != Turn)
        {
            return Refusal.StaleTurn;
        }
        if (request.UserId == HolderId)
        {
            return Refusal.RecipientIsHolder;
        }
        if (Owner!.AwayAt(now) is not null)
        {
            return Refusal.YouAreAway;
        }

        if (Clock.Turn == Turn && Clock.Step == ClockStep.Over && FindCollaborator(HolderId) is { } holder && holder.AwayAt(now) is null)
        {
            holder.Miss(Rules.ExcusedMisses);
        }
        return MoveRing(request.UserId, Chosen.Reclaimed, request.Reason is { } reason ? reason : "The owner took the ring back.", note: null, now);
    }

    /// <summary>The holder asks for more time.</summary>
    public Result<Done> AskForMore(AskForMore request, DateTimeOffset now)
    {
        if (CheckTurn(request.UserId, request.Turn) is { } refusal)
        {
            return refusal;
        }
        if (!Clock.IsRunning || Clock.StepAt(now, Rules, HolderZone) == ClockStep.Over)
        {
            return Refusal.NoTurnClock;
        }
        if (Clock.More != MoreTime.None)
        {
            return Refusal.AskedForMore;
        }

        Clock = Clock.AskForMore(Change(now));
        return default(Done);
    }

    /// <summary>Somebody who waits objects to more time.</summary>
    public Result<Done> RefuseMore(RefuseMore request, DateTimeOffset now)
    {
        if (!IsOpen)
        {
            return Refusal.DraftNotActive;
        }
        if (request.Turn is { } turn && turn != Turn)
        {
            return Refusal.StaleTurn;
        }
        if (Clock.More != MoreTime.Asked || request.UserId == HolderId)
        {
            return Refusal.NothingAsked;
        }

        Change(now);
        Clock = Clock.Refuse();
        return default(Done);
    }

    /// <summary>What the clock has come to; null when nothing new is due. What is answered has happened with it.</summary>
    public ClockStep? TakeStep(DateTimeOffset now)
    {
        var step = Clock.StepAt(now, Rules, HolderZone);
        if (step == Clock.Step)
        {
            return null;
        }
        Change(now);
        Clock = Clock with { Step = step };
        return step;
    }

    /// <summary>More time, if it was asked for and nobody objected. Says whether it is granted now.</summary>
    public bool GrantMore(DateTimeOffset now)
    {
        if (!Clock.IsRunning || !(Clock.MoreAt <= now))
        {
            return false;
        }
        Change(now);
        Clock = Clock.Grant();
        return true;
    }

    /// <summary>Since when a holder who is away has had the ring for a day, so that it goes on; null if it does not.</summary>
    public DateTimeOffset? AwayTooLongAt(DateTimeOffset now) =>
        IsOpen && FindCollaborator(HolderId) is { } holder && holder.AwaySinceAt(now) is { } since
            && (since > HeldSince ? since : HeldSince) + LongestAbsence is var at && at < holder.AwayAt(now)
            ? at
            : null;

    /// <summary>Brings the clock in line with all that has changed, in the transaction that changes it.</summary>
    public void SettleClock(DateTimeOffset now)
    {
        var at = TimeAt(now);
        var holder = FindCollaborator(HolderId);
        if (Clock.Turn != Turn)
        {
            Clock = TurnClock.ForTurn(Turn, LimitOf(holder));
        }
        var runs = Rules.LimitHours is not null && IsOpen && collaborators.Exists(c => c.CanHold && c.UserId != HolderId);
        var away = AwayTooLongAt(at);
        Clock = (runs ? Clock.Run(at) : Clock.Stop(at, Rules, HolderZone)) is var clock && clock.IsRunning && clock.Step == ClockStep.Over && Rules.OnExpiry == OnExpiry.Pass
            ? clock.Schedule(Rules, HolderZone, FirstBackAt(at))
            : clock.Schedule(Rules, HolderZone, away <= at ? FirstBackAt(at) : away);
    }

    /// <summary>When there is somebody to whom a ring can go that should have gone on by now; null if there never is.</summary>
    private DateTimeOffset? FirstBackAt(DateTimeOffset now) =>
        collaborators.Where(c => c.CanHold && c.UserId != HolderId).Select(c => (DateTimeOffset?)(c.AwayAt(now) ?? now)).Min();

    private TimeSpan LimitOf(Collaborator? holder) =>
        TimeSpan.FromHours(Rules.LimitHours ?? 0) / (holder is { HasShortTurn: true } ? 2 : 1);

    private DateTimeZone HolderZone => FindCollaborator(HolderId)?.Zone ?? DateTimeZone.Utc;
}

internal static class TurnConfiguration
{
    /// <summary>With values of their own in the database: a server of the version before makes drafts without them.</summary>
    public static void ConfigureTurns(this EntityTypeBuilder<Draft> draft)
    {
        draft.Ignore(d => d.IsOpen);
        draft.Ignore(d => d.Rules);
        draft.Ignore(d => d.Clock);
        draft.Property(d => d.TurnGraceHours).HasDefaultValue(0);
        draft.Property(d => d.OnExpiry).HasDefaultValue(OnExpiry.Pass);
        draft.Property(d => d.Strategy).HasDefaultValue(Strategy.MostInactive);
        draft.Property(d => d.ExcusedMisses).HasDefaultValue(TurnRules.UsualExcusedMisses).HasSentinel(-1);
        draft.Property(d => d.RestDays).HasDefaultValue(RestDays.None);
        draft.Property(d => d.ClockTurn).HasDefaultValue(0);
        draft.Property(d => d.ClockLimitMicroseconds).HasDefaultValue(0L);
        draft.Property(d => d.ClockUsedMicroseconds).HasDefaultValue(0L);
        draft.Property(d => d.ClockStep).HasDefaultValue(ClockStep.Begun);
        draft.Property(d => d.MoreTime).HasDefaultValue(MoreTime.None);
        draft.Property(d => d.ClockRound).HasDefaultValue(TurnClock.FirstRound);
        // What is due next is found by it.
        draft.HasIndex(d => d.ClockDueAt).HasFilter("clock_due_at IS NOT NULL");
        draft.ToTable("drafts", table =>
        {
            table.HasRule("turn_limit_hours", $"turn_limit_hours between {TurnRules.ShortestLimitHours} and {TurnRules.LongestLimitHours}");
            table.HasRule("turn_grace_hours", $"turn_grace_hours between 0 and {TurnRules.LongestGraceHours}");
            table.HasRule("excused_misses", $"excused_misses between 0 and {TurnRules.MostExcusedMisses}");
            table.HasRule("rest", "rest_days between 0 and 126 and (rest_from is null) = (rest_to is null)");
            table.HasNameOf<OnExpiry, Draft>("on_expiry");
            table.HasNameOf<Strategy, Draft>("strategy");
            table.HasNameOf<ClockStep, Draft>("clock_step");
            table.HasNameOf<MoreTime, Draft>("more_time");
        });
    }
}
