using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace OneRing.Data.Mail;

/// <summary>Rings when a mail was committed in this process, so that it leaves at once. It listens where EF saves, and nobody has to remember to ring.</summary>
internal sealed class MailBell : IDbTransactionInterceptor, ISaveChangesInterceptor, IDisposable
{
    private readonly SemaphoreSlim rung = new(0, 1);

    public void Ring()
    {
        try
        {
            rung.Release();
        }
        catch (SemaphoreFullException)
        {
            // It rings already.
        }
    }

    public Task WaitAsync(CancellationToken cancellationToken) => rung.WaitAsync(cancellationToken);

    public void Dispose() => rung.Dispose();

    Task IDbTransactionInterceptor.TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken)
    {
        RingFor(eventData.Context);
        return Task.CompletedTask;
    }

    ValueTask<int> ISaveChangesInterceptor.SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken)
    {
        // Within a transaction there is nothing to send yet: its commit rings.
        if (eventData.Context?.Database.CurrentTransaction is null)
        {
            RingFor(eventData.Context);
        }
        return ValueTask.FromResult(result);
    }

    private void RingFor(DbContext? db)
    {
        if (db?.ChangeTracker.Entries<OutboxMail>().Any(entry => entry.Entity.Attempts == 0) == true)
        {
            Ring();
        }
    }
}
