using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Rings;

/// <summary>What happens to a model of a draft.</summary>
internal enum Step
{
    Wait,
    Append,
    PassByRule,
    PassByHand,
    GoAway,
    ComeBack,
    Lock,
    Unlock,
    AskForMore,
    RefuseMore,
    NewRules,
}

/// <summary>A step, by whom if anybody may do it, and how much of something.</summary>
internal sealed record Move(Step Step, int Who, int Amount);

/// <summary>
/// A draft and its turns, thought once more and with none of the product's code: people are numbers in joining order (0 owns the draft), times are minutes
/// from the start. The clock has no rest times here; those have tests of their own.
/// </summary>
internal sealed class TurnModel(int people, int limitHours, int graceHours, int excused, Strategy strategy)
{
    private const int Day = 24 * 60;
    private const int Hour = 60;
    private const int Never = -1;

    private readonly int[] wroteAt = [.. Enumerable.Repeat(Never, people)];
    private readonly int[] expiredAt = [.. Enumerable.Repeat(Never, people)];
    private readonly int[] awaySince = new int[people];
    private readonly int[] awayUntil = new int[people];
    private readonly int[] misses = new int[people];
    private readonly bool[] isShort = new bool[people];
    private readonly int[] waits = new int[people];

    private int hours = limitHours;
    private int now;
    private int heldSince;
    private int limit = limitHours * Hour;
    private int used;
    private int startedAt;
    private bool isLocked;
    private int askedAt = Never;
    private MoreTime more;

    public int Holder { get; private set; }

    public int Turn { get; private set; } = 1;

    public int Expiries { get; private set; }

    public int Segments { get; private set; }

    public MoreTime More => more;

    /// <summary>The longest that anybody has waited while only the clock sent the ring on, in turns; without those who were away meanwhile.</summary>
    public int LongestWait { get; private set; }

    /// <summary>When the time is up; what was up before a pause is up when it is over.</summary>
    public int? EndsAt => isLocked ? null : startedAt + Math.Max(0, Total - used);

    private int Total => more == MoreTime.Granted ? limit + (limit / 2) : limit;

    public bool IsLocked => isLocked;

    public bool IsAway(int who) => awayUntil[who] > now;

    /// <summary>Whether the step can be taken; what it does, if so.</summary>
    public bool Try(Move move)
    {
        switch (move.Step)
        {
            case Step.Wait:
                now += move.Amount;
                Tick();
                return true;
            case Step.Append when !isLocked:
                wroteAt[Holder] = now;
                isShort[Holder] = false;
                Segments++;
                return true;
            case Step.PassByRule when !isLocked && Choose() is { } next:
                Pass(next);
                Array.Clear(waits);
                return true;
            case Step.PassByHand when !isLocked && move.Who != Holder && !IsAway(move.Who):
                Pass(move.Who);
                Array.Clear(waits);
                return true;
            case Step.GoAway:
                awaySince[move.Who] = IsAway(move.Who) ? awaySince[move.Who] : now;
                awayUntil[move.Who] = now + move.Amount + 1;
                waits[move.Who] = 0;
                Tick();
                return true;
            case Step.ComeBack:
                awayUntil[move.Who] = now;
                waits[move.Who] = 0;
                Tick();
                return true;
            case Step.Lock when !isLocked:
                used += now - startedAt;
                isLocked = true;
                return true;
            case Step.Unlock when isLocked:
                startedAt = now;
                askedAt = now;
                isLocked = false;
                Tick();
                return true;
            // A turn of which the time is up, while all others are away, cannot be made longer.
            case Step.AskForMore when !isLocked && more == MoreTime.None && startedAt + Total + (graceHours * Hour) - used > now:
                (more, askedAt) = (MoreTime.Asked, now);
                return true;
            case Step.RefuseMore when !isLocked && more == MoreTime.Asked && move.Who != Holder:
                more = MoreTime.Refused;
                Tick();
                return true;
            case Step.NewRules:
                hours = HoursOf(move);
                (startedAt, used, more, askedAt, limit) = (now, 0, MoreTime.None, Never, LimitOf(Holder));
                Tick();
                return true;
            default:
                return false;
        }
    }

    /// <summary>The limit that new rules set.</summary>
    public static int HoursOf(Move move) => 2 + (move.Amount % 29);

    /// <summary>Whom the strategy chooses; null when all others are away.</summary>
    public int? Choose()
    {
        int[] able = [.. Enumerable.Range(0, people).Where(who => who != Holder && !IsAway(who))];
        return able.Length == 0 ? null : strategy switch
        {
            Strategy.RoundRobin => able.MinBy(who => (who - Holder + people) % people),
            Strategy.BackToCreator => able[0],
            _ => able.MinBy(who => Math.Max(wroteAt[who], expiredAt[who])),
        };
    }

    /// <summary>What a server does that looks now.</summary>
    private void Tick()
    {
        while (!isLocked)
        {
            var awayFrom = Math.Max(awaySince[Holder], heldSince) + Day;
            var isAwayTooLong = IsAway(Holder) && awayFrom <= now && awayFrom < awayUntil[Holder];
            var next = Choose();
            isAwayTooLong &= next is not null;
            if (!isAwayTooLong && more == MoreTime.Asked && askedAt + Hour <= now)
            {
                more = MoreTime.Granted;
                continue;
            }
            var isOver = startedAt + Total + (graceHours * Hour) - used <= now && more != MoreTime.Asked;
            if (next is null || !(isAwayTooLong || isOver))
            {
                return;
            }

            if (!isAwayTooLong && !IsAway(Holder))
            {
                isShort[Holder] |= misses[Holder]++ >= excused;
            }
            expiredAt[Holder] = now;
            Expiries++;
            Pass(next.Value);
            for (var who = 0; who < people; who++)
            {
                waits[who] = who == Holder || IsAway(who) ? 0 : waits[who] + 1;
                LongestWait = Math.Max(LongestWait, waits[who]);
            }
        }
    }

    private int LimitOf(int who) => hours * Hour / (isShort[who] ? 2 : 1);

    private void Pass(int next)
    {
        Holder = next;
        Turn++;
        (heldSince, startedAt, used, more, askedAt) = (now, now, 0, MoreTime.None, Never);
        limit = LimitOf(next);
    }
}
