using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Notices;

namespace OneRing.Data.Rings;

/// <summary>
/// Keeps the turns: reminds holders while their clock runs, and sends a ring on whose time is up, or whose holder is away. Every server has one. What is due is taken
/// draft by draft under a lock that the others skip, and done in that transaction: so it happens once, whoever does it and whoever dies meanwhile.
/// </summary>
internal sealed partial class TurnKeeper(DraftCommands commands, TimeProvider clock, ILogger<TurnKeeper> logger) : BackgroundService
{
    /// <summary>After so many it pauses, whatever is due.</summary>
    private const int MostInARound = 10_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await KeepAllAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // The database is away, or one draft cannot be kept; the next round asks again.
                LogFailure(failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Does all that is due. Answers for how many drafts there was something to do.</summary>
    internal async Task<int> KeepAllAsync(CancellationToken cancellationToken = default)
    {
        var kept = 0;
        while (kept < MostInARound && await commands.KeepNextAsync(KeepAsync, cancellationToken))
        {
            kept++;
        }
        return kept;
    }

    private static async ValueTask KeepAsync(DraftCommands.Scene scene)
    {
        var draft = scene.Draft;
        if (draft.Clock.Turn != draft.Turn || !draft.IsOpen)
        {
            // A server of the version before has passed the ring, or paused the draft: the clock begins or stops now, when the change is settled.
            return;
        }
        if (draft.AwayTooLongAt(scene.Now) <= scene.Now && await PassOnAsync(scene, isAway: true))
        {
            return;
        }
        if (draft.GrantMore(scene.Now))
        {
            scene.Notify(NoticeKind.MoreTime, draft.HolderId, draft.CauseOf(NoticeDetail.Granted));
            return;
        }

        var step = draft.TakeStep(scene.Now);
        switch (step ?? (draft.Clock.IsRunning ? draft.Clock.Step : null))
        {
            case ClockStep.HalfTold when step is not null:
                scene.Notify(NoticeKind.Reminder, draft.HolderId, draft.CauseOf(NoticeDetail.Half));
                break;
            case ClockStep.NearlyTold when step is not null:
                scene.Notify(NoticeKind.Reminder, draft.HolderId, draft.CauseOf(NoticeDetail.NearlyOver));
                break;
            case ClockStep.Grace when step is not null:
                scene.Notify(NoticeKind.Reminder, draft.HolderId, draft.CauseOf(NoticeDetail.Grace));
                break;
            case ClockStep.Over when draft.Rules.OnExpiry == OnExpiry.Pass:
                await PassOnAsync(scene, isAway: false);
                break;
            case ClockStep.Over when step is not null:
                scene.Notify(NoticeKind.TurnOver, draft.HolderId, draft.CauseOf());
                if (draft.Rules.OnExpiry == OnExpiry.Reclaim && draft.Owner is { } owner && owner.UserId != draft.HolderId)
                {
                    scene.Notify(NoticeKind.TurnOver, owner.UserId, draft.CauseOf(), draft.HolderId);
                }
                break;
        }
    }

    /// <summary>Sends the ring on to whom the strategy of the draft chooses. If all the others are away, it waits for the first of them: the answer is no.</summary>
    private static async Task<bool> PassOnAsync(DraftCommands.Scene scene, bool isAway)
    {
        var draft = scene.Draft;
        var candidates = await CandidateRow.Of(scene.Db, draft.Id).ToListAsync(scene.CancellationToken);
        if (NextHolder.Choose(draft.Rules.Strategy, draft.HolderId, candidates.Select(row => row.ToCandidate(scene.Now))) is not { } next)
        {
            return false;
        }

        var (holder, cause) = (draft.FindCollaborator(draft.HolderId)!, draft.CauseOf(NoticeDetail.PassedOn));
        if (!isAway && holder.AwayAt(scene.Now) is null)
        {
            holder.Miss(draft.Rules.ExcusedMisses);
        }
        var name = candidates.Find(row => row.UserId == holder.UserId) is { } row ? User.DisplayOf(row.UserId, row.DisplayName) : "The holder";
        scene.Write(draft.Expire(next, isAway ? $"{name} is away." : "The time of the turn was up.", scene.Now), actorId: null);
        scene.Notify(NoticeKind.TurnOver, holder.UserId, cause);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Turns could not be kept")]
    private partial void LogFailure(Exception failure);
}
