using MailKit.Net.Smtp;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OneRing.Data.Database;

namespace OneRing.Data.Mail;

/// <summary>
/// Sends what is in the outbox: at once after a commit of this process, else when it next looks. A server takes mails for a while before it
/// sends them, so that of several servers one does; if it dies on the way, another sends them, at the price that one may arrive twice.
/// </summary>
internal sealed partial class MailSender(
    IDbContextFactory<OneRingDbContext> contexts, MailWriter writer, IMailTransport transport, MailSettings settings, MailBell bell, TimeProvider clock, ILogger<MailSender> logger)
    : BackgroundService
{
    private const int BatchSize = 10;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogWhere(settings.Description);
        await using var timer = clock.CreateTimer(_ => bell.Ring(), state: null, Interval, Interval);
        while (true)
        {
            try
            {
                while (await SendDueAsync(stoppingToken) == BatchSize)
                {
                    // There may be more.
                }
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // The database is away; the next round asks again.
                LogUnread(failure);
            }
            await bell.WaitAsync(stoppingToken);
        }
    }

    /// <summary>Sends what is due. Answers how many mails it took.</summary>
    internal async Task<int> SendDueAsync(CancellationToken cancellationToken)
    {
        var mails = await TakeAsync(cancellationToken);
        foreach (var mail in mails)
        {
            // Those that it has taken and not begun are sent by another, or by itself when it is back.
            cancellationToken.ThrowIfCancellationRequested();
            await SendAsync(mail, cancellationToken);
        }
        return mails.Count;
    }

    private async Task<List<OutboxMail>> TakeAsync(CancellationToken cancellationToken)
    {
        await using var any = await contexts.CreateDbContextAsync(cancellationToken);
        return await any.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            await using var transaction = await db.Database.BeginTransactionAsync(token);
            var now = clock.Now();
            var mails = await db.DueMails(now, BatchSize).ToListAsync(token);
            foreach (var mail in mails)
            {
                mail.Take(now);
            }
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return mails;
        }, cancellationToken);
    }

    private async Task SendAsync(OutboxMail mail, CancellationToken cancellationToken)
    {
        try
        {
            if (await writer.WriteAsync(mail) is { } letter)
            {
                // To the end, and until it is noted, also when the server stops: else it would be sent once more. The transport has a patience of its own.
                await transport.SendAsync(mail.Id, letter, CancellationToken.None);
            }
            else
            {
                LogNobody(mail.Id, mail.Kind);
            }
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // One that cannot be sent does not keep the rest waiting. What the failure says may name the address, so it is not kept.
            var error = Name(failure);
            var next = mail.AfterFailure(clock.Now());
            LogFailure(mail.Id, mail.Kind, mail.Attempts, error, next);
            await UpdateAsync(mail.Id, set => set.SetProperty(m => m.NextAttemptAt, next).SetProperty(m => m.LastError, error), cancellationToken);
            return;
        }

        DateTimeOffset? now = clock.Now();
        await UpdateAsync(
            mail.Id,
            set => set.SetProperty(m => m.SentAt, now).SetProperty(m => m.NextAttemptAt, (DateTimeOffset?)null).SetProperty(m => m.LastError, (string?)null),
            CancellationToken.None);
        LogSent(mail.Id, mail.Kind);
    }

    private async Task UpdateAsync(
        Guid id, Action<Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<OutboxMail>> set, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.OutboxMails.Where(m => m.Id == id).ExecuteUpdateAsync(set, cancellationToken);
    }

    private static string Name(Exception failure) => failure is SmtpCommandException refused
        ? $"{refused.ErrorCode} {(int)refused.StatusCode}"
        : failure.GetType().Name;

    [LoggerMessage(Level = LogLevel.Information, Message = "Mails go {Where}")]
    private partial void LogWhere(string where);

    [LoggerMessage(Level = LogLevel.Information, Message = "Sent mail {MailId} ({Kind})")]
    private partial void LogSent(Guid mailId, MailKind kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Mail {MailId} ({Kind}) is for nobody any more")]
    private partial void LogNobody(Guid mailId, MailKind kind);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mail {MailId} ({Kind}) could not be sent, try {Attempt}: {Error}. Next try: {Next}")]
    private partial void LogFailure(Guid mailId, MailKind kind, int attempt, string error, DateTimeOffset? next);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outbox could not be read")]
    private partial void LogUnread(Exception failure);
}
