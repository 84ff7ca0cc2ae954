using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace OneRing.Data.Database;

/// <summary>The database cannot be used. The message is meant for whoever starts the server, and holds no secret.</summary>
public sealed class DatabaseUnusableException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Makes the database ready: the schema in memory anew, on PostgreSQL by migrations.</summary>
internal sealed class DatabasePreparation(
    IDbContextFactory<OneRingDbContext> contexts, DatabaseSettings settings, IDataProtectionProvider protection, TimeProvider clock, InMemoryDatabase? memory = null)
{
    /// <summary>Any number, as long as it is the same on every server that starts.</summary>
    private const long StartLock = 0x4F6E6552696E67;

    /// <summary>Makes what is missing.</summary>
    /// <exception cref="DatabaseUnusableException">It cannot be reached, or holds tables that are not ours.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (settings.IsInMemory)
        {
            await db.Database.EnsureCreatedAsync(cancellationToken);
            await AppendOnly.PrepareInMemoryAsync(db, cancellationToken);
            await UncountedEvents.PrepareInMemoryAsync(db, cancellationToken);
            return;
        }

        try
        {
            // Servers that start together wait here for each other, outside the pool so that the lock ends with the connection.
            var own = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false };
            await using var connection = new NpgsqlConnection(own.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            await using (var wait = new NpgsqlCommand("select pg_advisory_lock($1)", connection) { Parameters = { new() { Value = StartLock } }, CommandTimeout = 0 })
            {
                await wait.ExecuteNonQueryAsync(cancellationToken);
            }

            await RefuseForeignTablesAsync(db, cancellationToken);
            // Made beforehand: EF would log the first look into a history that is not there as an error.
            await db.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellationToken);
            // Over many rows a migration takes as long as it takes.
            db.Database.SetCommandTimeout(TimeSpan.Zero);
            await db.Database.MigrateAsync(cancellationToken);
            await EventPartitions.PrepareAsync(db, clock.Now(), cancellationToken);
            // The first use makes the key of cookies and links. Servers that made one each, at once, would not know the other's for a day.
            _ = protection.CreateProtector(nameof(DatabasePreparation)).Protect([]);
        }
        catch (Exception failure) when (Unreachable(failure))
        {
            throw new DatabaseUnusableException($"OneRing cannot reach its database: {settings.Description}. Is it running, and may this user connect? ({Reason(failure)})", failure);
        }
    }

    /// <summary>Throws away everything and makes the database anew.</summary>
    public async Task ResetAsync(CancellationToken cancellationToken)
    {
        if (memory is not null)
        {
            await memory.ClearAsync(cancellationToken);
        }
        else
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await db.Database.ExecuteSqlRawAsync("drop schema public cascade; create schema public;", cancellationToken);
            NpgsqlConnection.ClearAllPools();
        }
        await PrepareAsync(cancellationToken);
    }

    /// <summary>Whether the database answers and has the schema of this program.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            return settings.IsInMemory
                ? await db.Database.CanConnectAsync(cancellationToken)
                : !(await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any();
        }
        catch (Exception failure) when (Unreachable(failure))
        {
            return false;
        }
    }

    private async Task RefuseForeignTablesAsync(OneRingDbContext db, CancellationToken cancellationToken)
    {
        // Asked here and not of EF, which answers that there is a history on every PostgreSQL.
        string[] ours = [HistoryRepository.DefaultTableName, .. db.Model.GetEntityTypes().Select(entity => entity.GetTableName()).OfType<string>().Distinct()];
        var found = await db.Database
            .SqlQuery<string>($"select table_name::text as \"Value\" from information_schema.tables where table_schema = current_schema() and table_name = any({ours})")
            .ToListAsync(cancellationToken);
        if (found.Remove(HistoryRepository.DefaultTableName)
            && (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).Intersect(db.Database.GetMigrations(), StringComparer.Ordinal).Any())
        {
            return;
        }

        if (found.Count > 0)
        {
            throw new DatabaseUnusableException(
                $"OneRing will not touch this database: {settings.Description} holds tables of another program ({string.Join(", ", found.Order(StringComparer.Ordinal))}). Give OneRing a database of its own.");
        }
    }

    private static bool Unreachable(Exception failure) =>
        failure is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException
        || (failure is RetryLimitExceededException or InvalidOperationException && failure.InnerException is { } inner && Unreachable(inner));

    private static string Reason(Exception failure) => failure switch
    {
        PostgresException answered => $"{answered.SqlState}: {answered.MessageText}",
        RetryLimitExceededException or InvalidOperationException when failure.InnerException is { } inner => Reason(inner),
        _ => failure.InnerException?.Message ?? failure.Message,
    };
}
