using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace OneRing.Data.Database;

/// <summary>What was saved of a thing.</summary>
/// <param name="State">What was done with its row.</param>
internal readonly record struct SavedRow(object Entity, EntityState State);

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
    public static Task<IReadOnlyList<SavedRow>> WriteAsync(this OneRingDbContext db, CancellationToken cancellationToken) =>
        WriteAsync(db, commits: null, cancellationToken);

    /// <summary>Saves what is tracked and ends the transaction that is under way: all of it is kept, or an exception says why nothing is.</summary>
    /// <exception cref="DbUpdateException">The database refuses a row.</exception>
    /// <exception cref="DbUpdateConcurrencyException">A row is no longer as it was read.</exception>
    public static Task<IReadOnlyList<SavedRow>> WriteAndCommitAsync(this OneRingDbContext db, IDbContextTransaction transaction, CancellationToken cancellationToken) =>
        WriteAsync(db, transaction, cancellationToken);

    /// <summary>
    /// Saves what has become of <paramref name="known"/> and what is tracked, and ends by itself: one journey in all, without a transaction that was begun before. All of it is
    /// kept, if <paramref name="condition"/> is true once the first of the known is changed and so locked; or nothing is. Where the driver knows batches.
    /// </summary>
    /// <param name="known">Rows that are there and not tracked, as they were and as they are to be. The first has changed, and bears a concurrency token.</param>
    /// <param name="condition">SQL that is true or false.</param>
    /// <exception cref="DbUpdateException">The database refuses a row.</exception>
    /// <exception cref="DbUpdateConcurrencyException">A row is no longer as it was, or the condition is not true.</exception>
    public static async Task<IReadOnlyList<SavedRow>> WriteIfAsync(
        this OneRingDbContext db, IEnumerable<(object Was, object Is)> known, FormattableString condition, CancellationToken cancellationToken)
    {
        List<Row> rows = [.. FindDifferences(db, known), .. FindChanges(db)];
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await WriteAtOnceAsync(db, rows, condition, commits: false, cancellationToken);
        }
        catch (DbException refused)
        {
            throw Refused(refused);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
        return Saved(rows);
    }

    private static async Task<IReadOnlyList<SavedRow>> WriteAsync(OneRingDbContext db, IDbContextTransaction? commits, CancellationToken cancellationToken)
    {
        var rows = FindChanges(db);
        try
        {
            if (db.Database.GetDbConnection().CanCreateBatch)
            {
                await WriteAtOnceAsync(db, rows, condition: null, commits is not null, cancellationToken);
                return Saved(rows);
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
        return Saved(rows);
    }

    private static List<SavedRow> Saved(List<Row> rows) => rows.ConvertAll(row => new SavedRow(row.Entity, row.Shape.State));

    private static DbUpdateException Refused(DbException refused) => refused.SqlState == NoSuchRow
        ? new DbUpdateConcurrencyException("A row is no longer as it was read.", refused)
        : new DbUpdateException("A row could not be saved.", refused);

    private static List<Row> FindChanges(OneRingDbContext db)
    {
        db.ChangeTracker.DetectChanges();
        // Or else whoever asks for a row has it looked through again.
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        var changes = db.ChangeTracker.Entries().Where(row => row.State is EntityState.Added or EntityState.Modified or EntityState.Deleted).Select(Row.Of).ToList();
        db.ChangeTracker.AutoDetectChangesEnabled = true;
        // What is deleted goes before what it points at; what is added comes after it. The rest stays in the order in which it was read or added.
        return [.. changes.OrderBy(Order)];
    }

    private static IEnumerable<Row> FindDifferences(OneRingDbContext db, IEnumerable<(object Was, object Is)> known) =>
        known.Select(row => Row.Of(db.Model.FindEntityType(row.Is.GetType())!, row.Was, row.Is)).Where(row => row.Shape.Changed != 0);

    private static int Order(Row row) => row.Shape.State == EntityState.Deleted ? -Depth(row.Shape.Type) : Depth(row.Shape.Type);

    /// <summary>1 for what points at nothing, one more for what points at that.</summary>
    private static int Depth(IEntityType type) => Depths.TryGetValue(type, out var depth)
        ? depth
        : Depths[type] = 1 + type.GetForeignKeys().Select(key => key.PrincipalEntityType).Where(other => other != type).Select(Depth).DefaultIfEmpty().Max();

    private static async Task WriteAtOnceAsync(OneRingDbContext db, List<Row> rows, FormattableString? condition, bool commits, CancellationToken cancellationToken)
    {
        var connection = db.Database.GetDbConnection();
        await using var maker = connection.CreateCommand();
        await using var batch = connection.CreateBatch();
        batch.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
        batch.Timeout = db.Database.GetCommandTimeout() ?? batch.Timeout;
        for (var next = 0; next < rows.Count;)
        {
            var command = batch.CreateBatchCommand();
            next += Fill(command, CollectionsMarshal.AsSpan(rows)[next..], maker);
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
        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception failure)
        {
            RefusedStatements.Note(db, failure);
            throw;
        }
    }

    /// <summary>Makes a command of the first row, or of as many as can be saved by one, and says of how many.</summary>
    private static int Fill(DbBatchCommand command, ReadOnlySpan<Row> rows, DbCommand maker)
    {
        var statement = StatementOf(rows[0]);
        statement.Fill(rows[0], maker, command.Parameters, named: false);
        var filled = 1;
        for (; filled < rows.Length && statement.Join(StatementOf(rows[filled])) is { } longer; filled++)
        {
            StatementOf(rows[filled]).Fill(rows[filled], maker, command.Parameters, named: false);
            statement = longer;
        }
        command.CommandText = statement.Strict;
        return filled;
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

    private static async Task WriteInTurnAsync(OneRingDbContext db, List<Row> rows, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            await using var maker = db.Database.GetDbConnection().CreateCommand();
            var statement = StatementOf(row);
            statement.Fill(row, maker, maker.Parameters, named: true);
            var values = maker.Parameters.Cast<object>().ToList();
            maker.Parameters.Clear();
            if (await db.Database.ExecuteSqlRawAsync(statement.Sql, values, cancellationToken) != 1)
            {
                throw new DbUpdateConcurrencyException("A row is no longer as it was read.");
            }
        }
    }

    private static Statement StatementOf(Row row) => Statements.GetOrAdd(row.Shape, Statement.Of);

    private static string Place(int index) => string.Create(CultureInfo.InvariantCulture, $"${index + 1}");

    /// <summary>What a statement depends on.</summary>
    /// <param name="Changed">A bit for each property of a row that is modified.</param>
    private readonly record struct Shape(IEntityType Type, EntityState State, ulong Changed);

    /// <summary>A row that is to be saved.</summary>
    /// <param name="Was">What a property was before.</param>
    private readonly record struct Row(Shape Shape, object Entity, Func<IProperty, object?> Was)
    {
        public static Row Of(EntityEntry row) => new(
            new Shape(row.Metadata, row.State, row.State == EntityState.Modified ? Bits(row.Metadata, property => row.Property(property).IsModified) : 0),
            row.Entity,
            property => row.Property(property).OriginalValue);

        public static Row Of(IEntityType type, object was, object entity)
        {
            object? Was(IProperty property) => property.GetGetter().GetClrValue(was);
            var changed = Bits(type, property => !property.GetValueComparer().Equals(Was(property), property.GetGetter().GetClrValue(entity)));
            return new Row(new Shape(type, EntityState.Modified, changed), entity, Was);
        }

        private static ulong Bits(IEntityType type, Func<IProperty, bool> isChanged)
        {
            var bits = 0UL;
            foreach (var property in type.GetProperties())
            {
                bits |= isChanged(property) ? 1UL << property.GetIndex() : 0;
            }
            return bits;
        }
    }

    /// <summary>SQL, with the properties of which it takes the present values, and after them those of which it takes the values that were read.</summary>
    private sealed class Statement(string sql, IReadOnlyList<IProperty> values, IReadOnlyList<IProperty> conditions)
    {
        /// <summary>Of so many rows at the most, or there would be statements of any length to prepare.</summary>
        private const int MostAdded = 8;

        private readonly ConcurrentDictionary<Statement, Statement> longer = new();

        /// <summary>The properties of each row that it adds.</summary>
        private IReadOnlyList<IReadOnlyList<IProperty>> Added { get; init; } = [];

        public string Sql => sql;

        /// <summary>The same for a server that gets more statements behind it: it fails where no row is changed, and with it all that follows.</summary>
        public string Strict { get; } = conditions is [] ? sql : $"with changed as ({sql} returning 1) select 1 / count(*) from changed";

        public static Statement Of(Shape shape)
        {
            var properties = shape.Type.GetProperties().ToList();
            var keys = properties.FindAll(property => property.IsPrimaryKey() || property.IsConcurrencyToken);
            var changed = properties.FindAll(property => (shape.Changed >> property.GetIndex() & 1) == 1);
            var table = Table(shape.Type).Name;
            return shape.State switch
            {
                EntityState.Added => Insert([properties]),
                EntityState.Modified => new($"update {table} set {Each(changed, 0, ", ")} where {Each(keys, changed.Count, " and ")}", changed, keys),
                _ => new($"delete from {table} where {Each(keys, 0, " and ")}", [], keys),
            };
        }

        /// <summary>One statement for this and another: what is added one after the other is, since each has its price on both sides. Null where it takes two.</summary>
        public Statement? Join(Statement other) =>
            Added is [] || other.Added is [] || Added.Count == MostAdded ? null : longer.GetOrAdd(other, _ => Insert([.. Added, .. other.Added]));

        /// <summary>Adds the values of a row to the parameters of a command.</summary>
        /// <param name="named">Whether the driver wants names; Npgsql counts.</param>
        public void Fill(Row row, DbCommand maker, DbParameterCollection parameters, bool named)
        {
            foreach (var property in values)
            {
                Add(property, property.GetGetter().GetClrValue(row.Entity));
            }
            foreach (var property in conditions)
            {
                Add(property, property.IsConcurrencyToken ? row.Was(property) : property.GetGetter().GetClrValue(row.Entity));
            }

            void Add(IProperty property, object? value) =>
                parameters.Add(property.GetRelationalTypeMapping().CreateParameter(maker, named ? Place(parameters.Count) : "", value, property.IsNullable));
        }

        private static Statement Insert(IReadOnlyList<IReadOnlyList<IProperty>> added)
        {
            var first = 0;
            var inserts = new List<string>();
            foreach (var row in added)
            {
                var places = row.Select((_, i) => Place(first + i));
                inserts.Add($"insert into {Table(row[0].DeclaringType).Name} ({string.Join(", ", row.Select(Column))}) values ({string.Join(", ", places)})");
                first += row.Count;
            }
            var before = inserts[..^1].Select((insert, i) => $"row_{i} as ({insert})");
            var sql = inserts.Count == 1 ? inserts[0] : $"with {string.Join(", ", before)} {inserts[^1]}";
            return new Statement(sql, [.. added.SelectMany(row => row)], []) { Added = added };
        }

        private static string Each(IEnumerable<IProperty> some, int first, string between) =>
            string.Join(between, some.Select((property, i) => $"{Column(property)} = {Place(first + i)}"));

        private static StoreObjectIdentifier Table(ITypeBase type) => StoreObjectIdentifier.Create((IEntityType)type, StoreObjectType.Table)!.Value;

        private static string Column(IProperty property) => $"\"{property.GetColumnName(Table(property.DeclaringType))}\"";
    }
}
