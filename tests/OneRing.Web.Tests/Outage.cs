using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace OneRing.Web.Tests;

/// <summary>Makes the database behind the real services fail or wait, as a network and a server do now and then.</summary>
internal sealed class Outage : DbConnectionInterceptor, IDbTransactionInterceptor
{
    private TaskCompletionSource? slowness;

    /// <summary>While true, nothing can be read or written.</summary>
    public bool IsAway { get; set; }

    /// <summary>The next commit is carried out, but whoever asked for it never hears so.</summary>
    public bool LosesTheNextAnswer { get; set; }

    /// <summary>What happens meanwhile, whenever somebody turns to the database.</summary>
    public Func<Task> Meanwhile { get; set; } = () => Task.CompletedTask;

    /// <summary>From now on everybody waits for the database, until <see cref="GoOn"/>.</summary>
    public void Wait() => slowness = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void GoOn() => slowness?.SetResult();

    public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (slowness is { } slow)
        {
            await slow.Task.WaitAsync(cancellationToken);
        }
        await Meanwhile();
        return IsAway ? throw new TimeoutException("The database does not answer.") : result;
    }

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (!LosesTheNextAnswer)
        {
            return Task.CompletedTask;
        }

        LosesTheNextAnswer = false;
        throw new TimeoutException("The answer was lost on the way.");
    }
}
