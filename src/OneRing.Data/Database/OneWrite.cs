using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace OneRing.Data.Database;

/// <summary>
/// Saves what a context tracks in one journey to the server: the rows that EF would save, column by column as the model says, with statements that are made once for each
/// shape of a change. EF works out anew each time what to write and in which order, which takes longer than the database. For rows whose keys are made here; what the
/// database would fill in by itself is not read back.
/// </summary>
internal static class OneWrite
{
    /// <summary>How PostgreSQL refuses to divide by zero: there was no row to change.</summary>
    private const string NoSuchRow = "22012";

    private static readonly ConcurrentDictionary<Shape, Statement> Statements = new();
    private static readonly ConcurrentDictionary<IEntityType, int> Depths = new();

    /// <summary>Saves what is tracked, in the transaction that is under way.</summary>
    /// <exception cref="DbUpdateException">The database refuses a row.</exception>
    /// <exception cref="DbUpdateConcurrencyException">A row is no longer as it was read.</exception>
    public static Task WriteAsync(this OneRingDbContext db, CancellationToken cancellationToken) => WriteAsync(db, commits: null, cancellationToken);

    /// <summary>
    /// Saves what is tracked, and ends by itself: one journey in all, without a transaction that was begun before. All of it is kept, if <paramref name="condition"/> is true once the
    /// row of <paramref name="first"/> is changed and so locked; or nothing is. Where the driver knows batches.
    /// </summary>
    /// <param name="first">What is changed, and bears a concurrency token.</param>
    /// <param name="condition">SQL that is true or false.</param>
    /// <exception cref="DbUpdateException">The database refuses a row.</exception>
    /// <exception cref="DbUpdateConcurrencyException">A row is no longer as it was read, or the condition is not true.</exception>
    public static async Task WriteIfAsync(this OneRingDbContext db, object first, FormattableString condition, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            // Sorting keeps the order of the rest.
            await WriteAtOnceAsync(db, [.. FindChanges(db).OrderBy(row => row.Entity != first)], condition, commits: false, cancellationToken);
        }
        catch (DbException refused)
        {
            throw Refused(refused);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>Saves what is tracked and ends the transaction that is under way: all of it is kept, or an exception says why nothing is.</summary>
    /// <exception cref="DbUpdateException">The database refuses a row.</exception>
    /// <exception cref="DbUpdateConcurrencyException">A row is no longer as it was read.</exception>
    public static Task WriteAndCommitAsync(this OneRingDbContext db, IDbContextTransaction transaction, CancellationToken cancellationToken) =>
        WriteAsync(db, transaction, cancellationToken);

    private static async Task WriteAsync(OneRingDbContext db, IDbContextTransaction? commits, CancellationToken cancellationToken)
    {
        var rows = FindChanges(db);
        try
        {
            if (db.Database.GetDbConnection().CanCreateBatch)
            {
                await WriteAtOnceAsync(db, rows, condition: null, commits is not null, cancellationToken);
                return;
            }
            await WriteInTurnAsync(db, rows, cancellationToken);
        }
        catch (DbException refused)
        {
            throw Refused(refused);
        }
        if (commits is not null)
        {
            await commits.CommitAsync(cancellationToken);
        }
    }

    private static DbUpdateException Refused(DbException refused) => refused.SqlState == NoSuchRow
        ? new DbUpdateConcurrencyException("A row is no longer as it was read.", refused)
        : new DbUpdateException("A row could not be saved.", refused);

    private static List<EntityEntry> FindChanges(OneRingDbContext db)
    {
        db.ChangeTracker.DetectChanges();
        // Or else whoever asks for a row has it looked through again.
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        var changes = db.ChangeTracker.Entries().Where(row => row.State is EntityState.Added or EntityState.Modified or EntityState.Deleted).ToList();
        db.ChangeTracker.AutoDetectChangesEnabled = true;
        // What is deleted goes before what it points at; what is added comes after it. The rest stays in the order in which it was read or added.
        return [.. changes.OrderBy(Order)];
    }

    private static int Order(EntityEntry row) => row.State == EntityState.Deleted ? -Depth(row.Metadata) : Depth(row.Metadata);

    /// <summary>1 for what points at nothing, one more for what points at that.</summary>
    private static int Depth(IEntityType type) => Depths.TryGetValue(type, out var depth)
        ? depth
        : Depths[type] = 1 + type.GetForeignKeys().Select(key => key.PrincipalEntityType).Where(other => other != type).Select(Depth).DefaultIfEmpty().Max();

    private static async Task WriteAtOnceAsync(OneRingDbContext db, List<EntityEntry> rows, FormattableString? condition, bool commits, CancellationToken cancellationToken)
    {
        var connection = db.Database.GetDbConnection();
        await using var maker = connection.CreateCommand();
        await using var batch = connection.CreateBatch();
        batch.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
        batch.Timeout = db.Database.GetCommandTimeout() ?? batch.Timeout;
        foreach (var row in rows)
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = StatementOf(row).Fill(row, maker, command.Parameters, counted: true);
            batch.BatchCommands.Add(command);
        }
        if (condition is not null)
        {
            batch.BatchCommands.Insert(1, Check(condition, batch.CreateBatchCommand(), maker));
        }
        if (commits)
        {
            // As it travels with the rest, the server comes to it only if it refused nothing before.
            var commit = batch.CreateBatchCommand();
            commit.CommandText = "COMMIT";
            batch.BatchCommands.Add(commit);
        }
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static DbBatchCommand Check(FormattableString condition, DbBatchCommand command, DbCommand maker)
    {
        var places = new object[condition.ArgumentCount];
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = Place(i);
            var parameter = maker.CreateParameter();
            parameter.Value = condition.GetArgument(i);
            command.Parameters.Add(parameter);
        }
        command.CommandText = $"select 1 / (case when {string.Format(CultureInfo.InvariantCulture, condition.Format, places)} then 1 else 0 end)";
        return command;
    }

    private static async Task WriteInTurnAsync(OneRingDbContext db, List<EntityEntry> rows, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            await using var maker = db.Database.GetDbConnection().CreateCommand();
            var sql = StatementOf(row).Fill(row, maker, maker.Parameters, counted: false);
            var values = maker.Parameters.Cast<object>().ToList();
            maker.Parameters.Clear();
            if (await db.Database.ExecuteSqlRawAsync(sql, values, cancellationToken) != 1)
            {
                throw new DbUpdateConcurrencyException("A row is no longer as it was read.");
            }
        }
    }

    private static Statement StatementOf(EntityEntry row)
    {
        var changed = 0UL;
        if (row.State == EntityState.Modified)
        {
            foreach (var property in row.Properties)
            {
                changed |= property.IsModified ? 1UL << property.Metadata.GetIndex() : 0;
            }
        }
        return Statements.GetOrAdd(new Shape(row.Metadata, row.State, changed), Statement.Of);
    }

    private static string Place(int index) => string.Create(CultureInfo.InvariantCulture, $"${index + 1}");

    /// <summary>What a statement depends on.</summary>
    /// <param name="Changed">A bit for each property of a row that is modified.</param>
    private readonly record struct Shape(IEntityType Type, EntityState State, ulong Changed);

    /// <summary>SQL, with the properties of which it takes the present values, and after them those of which it takes the values that were read.</summary>
    private sealed record Statement(string Sql, IReadOnlyList<IProperty> Values, IReadOnlyList<IProperty> Conditions)
    {
        /// <summary>The same for a server that gets more statements behind it: it fails where no row is changed, and with it all that follows.</summary>
        private string Strict { get; } = Conditions is [] ? Sql : $"with changed as ({Sql} returning 1) select 1 / count(*) from changed";

        public static Statement Of(Shape shape)
        {
            var type = shape.Type;
            var table = StoreObjectIdentifier.Create(type, StoreObjectType.Table)!.Value;
            var properties = type.GetProperties().ToList();
            var keys = properties.FindAll(property => property.IsPrimaryKey() || property.IsConcurrencyToken);
            var changed = properties.FindAll(property => (shape.Changed >> property.GetIndex() & 1) == 1);
            string Column(IProperty property) => $"\"{property.GetColumnName(table)}\"";
            string Each(IEnumerable<IProperty> some, int first, string between) =>
                string.Join(between, some.Select((property, i) => $"{Column(property)} = {Place(first + i)}"));

            return shape.State switch
            {
                EntityState.Added => new(
                    $"insert into {table.Name} ({string.Join(", ", properties.Select(Column))}) values ({string.Join(", ", properties.Select((_, i) => Place(i)))})", properties, []),
                EntityState.Modified => new($"update {table.Name} set {Each(changed, 0, ", ")} where {Each(keys, changed.Count, " and ")}", changed, keys),
                _ => new($"delete from {table.Name} where {Each(keys, 0, " and ")}", [], keys),
            };
        }

        /// <summary>Adds the values of a row to the parameters of a command, and answers its SQL.</summary>
        /// <param name="counted">Whether the driver counts parameters, as Npgsql does; others want names.</param>
        public string Fill(EntityEntry row, DbCommand maker, DbParameterCollection parameters, bool counted)
        {
            foreach (var property in Values)
            {
                Add(property, property.GetGetter().GetClrValue(row.Entity));
            }
            foreach (var property in Conditions)
            {
                Add(property, property.IsConcurrencyToken ? row.OriginalValues[property] : property.GetGetter().GetClrValue(row.Entity));
            }
            return counted ? Strict : Sql;

            void Add(IProperty property, object? value) =>
                parameters.Add(property.GetRelationalTypeMapping().CreateParameter(maker, counted ? "" : Place(parameters.Count), value, property.IsNullable));
        }

    }
}
