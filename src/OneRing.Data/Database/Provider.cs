using System.Linq.Expressions;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Npgsql;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics.Rollups;

namespace OneRing.Data.Database;

/// <summary>Every difference between PostgreSQL and SQLite, side by side.</summary>
internal static class Provider
{
    /// <summary>How many days lie between the first day of year 1 and 1 January 1970.</summary>
    private const int UnixEpochDay = 719_162;

    /// <summary>The version of a row where rows have none.</summary>
    public const uint NoRow = 0;

    /// <summary>What makes a query of PostgreSQL lock the rows that it finds: others who would lock them wait, and who writes rows that point at them does not.</summary>
    public const string RowLock = " for no key update";

    public static void Use(DbContextOptionsBuilder options, DatabaseSettings settings)
    {
        if (settings.ConnectionString is { } connectionString)
        {
            options.UseNpgsql(connectionString, npgsql => npgsql
                .CommandTimeout(settings.CommandTimeoutSeconds)
                .EnableRetryOnFailure(settings.Retries));
        }
        else
        {
            options.UseSqlite(settings.InMemoryConnectionString);
        }
        options.UseSnakeCaseNamingConvention();
    }

    public static void ConfigureConventions(DatabaseFacade database, ModelConfigurationBuilder conventions)
    {
        if (database.IsSqlite())
        {
            // SQLite has no timestamp type; ticks keep instants exact and sortable.
            conventions.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();
        }
    }

    public static void ConfigureModel(DatabaseFacade database, ModelBuilder model)
    {
        model.Entity<EventRow>().ToSqlQuery(RollupSql.EventRows(database));
        model.HasDbFunction(() => CountOfAll()).HasTranslation(_ => Cast(new SqlFragmentExpression("count(*) over ()")));
        var rowOf = model.HasDbFunction(() => RowOf(""));
        var utcDay = model.HasDbFunction(() => UtcDay(default));
        if (database.IsNpgsql())
        {
            OrderIdsByBytes(model);
            rowOf.HasTranslation(arguments => RowVersion(arguments[0]));
            utcDay.HasTranslation(arguments => Cast(Call("floor", Divide(Call("date_part", Text("epoch"), arguments[0]), SecondsPerDay))));
        }
        else
        {
            rowOf.HasTranslation(_ => new SqlConstantExpression(NoRow, UIntTypeMapping.Default));
            utcDay.HasTranslation(arguments => Cast(Subtract(Divide(arguments[0], Ticks(TimeSpan.TicksPerDay)), Ticks(UnixEpochDay))));
        }
    }

    /// <summary>The number of UTC days since 1 January 1970; only for queries.</summary>
    public static int UtcDay(DateTimeOffset at) => throw new NotSupportedException($"{at} can be cut to its day in a query only.");

    /// <summary>How many rows a query has, also those that are not on the page that is taken of it; only for queries.</summary>
    public static int CountOfAll() => throw new NotSupportedException("Rows can be counted in a query only.");

    /// <summary>Which version of a row this column is of: another one after each change of the row; <see cref="NoRow"/> in memory. Only for queries.</summary>
    public static uint RowOf(string column) => throw new NotSupportedException($"The row of {column} can be told in a query only.");

    /// <summary>
    /// True in a draft of which nothing has changed but what its own row says: its people and their accounts are in the rows that <paramref name="people"/> names (user id, row of the
    /// collaborator, row of the account, in the order of ids), and <paramref name="texts"/> (id and user id) are in their boxes.
    /// </summary>
    public static FormattableString StillHas(Guid draftId, string people, string texts) =>
        $"""
        coalesce((select string_agg(c.user_id || ':' || c.xmin || ':' || u.xmin, ' ' order by c.user_id)
            from draft_collaborators c join users u on u.id = c.user_id where c.draft_id = {draftId}), '') = {people}
        and coalesce((select string_agg(t.id || ':' || t.user_id, ' ') from working_texts t where t.draft_id = {draftId} and t.parked_at is null), '') = {texts}
        """;

    public static DateOnly DateOfUtcDay(int day) => DateOnly.FromDayNumber(UnixEpochDay + day);

    /// <summary>A column that holds JSON: a type of its own in PostgreSQL, text in SQLite.</summary>
    public static PropertyBuilder<T> IsJson<T>(this PropertyBuilder<T> property) => property.HasAnnotation(JsonAnnotation, true);

    public static bool IsUniqueViolation(DbUpdateException failure) => failure.InnerException switch
    {
        PostgresException e => e.SqlState == PostgresErrorCodes.UniqueViolation,
        SqliteException e => e.SqliteExtendedErrorCode is 1555 or 2067, // primary key, unique
        _ => false,
    };

    /// <summary>The draft of which a clock has been due longest, locked, of those that no other server is keeping at this moment. In memory there is one server.</summary>
    public static IQueryable<Drafts.Draft> DueDraft(this OneRingDbContext db, DateTimeOffset now) =>
        db.Database.IsNpgsql()
            ? db.Drafts.FromSql($"select * from drafts where clock_due_at <= {now} order by clock_due_at limit 1 for no key update skip locked")
            : db.Drafts.Where(d => d.ClockDueAt <= now).OrderBy(d => d.ClockDueAt).Take(1);

    /// <summary>The draft's row, so that no command on this draft is carried out meanwhile; others may do the same. In memory the gate sees to it.</summary>
    public static IQueryable<Drafts.Draft> SharedDraft(this OneRingDbContext db, Guid draftId) =>
        db.Database.IsNpgsql()
            ? db.Drafts.FromSql($"select * from drafts where id = {draftId} for share")
            : db.Drafts.Where(d => d.Id == draftId);

    /// <summary>A text that somebody is writing, locked so that its changes queue.</summary>
    public static IQueryable<Writing.WorkingText> LockedWorkingText(this OneRingDbContext db, Guid draftId, Guid textId) =>
        db.Database.IsNpgsql()
            ? db.WorkingTexts.FromSql($"select * from working_texts where draft_id = {draftId} and id = {textId} for update")
            : db.WorkingTexts.Where(t => t.DraftId == draftId && t.Id == textId);

    /// <summary>Mails that are due and that no other server is taking at this moment; only inside a transaction. In memory there is one server.</summary>
    public static IQueryable<Mail.OutboxMail> DueMails(this OneRingDbContext db, DateTimeOffset now, int most) =>
        db.Database.IsNpgsql()
            ? db.OutboxMails.FromSql($"select * from outbox_mails where next_attempt_at <= {now} order by next_attempt_at limit {most} for update skip locked")
            : db.OutboxMails.Where(m => m.NextAttemptAt <= now).OrderBy(m => m.NextAttemptAt).Take(most);

    /// <summary>Somebody of whom notices are due to be mailed, locked, and whom no other server is taking at this moment. In memory there is one server.</summary>
    public static IQueryable<User> DuePerson(this OneRingDbContext db, DateTimeOffset now) =>
        db.Database.IsNpgsql()
            ? db.Users.FromSql($"select * from users where id in (select user_id from notices where mail_due_at <= {now}) limit 1 for no key update skip locked")
            : db.Users.Where(user => db.Notices.Any(n => n.UserId == user.Id && n.MailDueAt <= now)).OrderBy(user => user.Id).Take(1);

    /// <summary>The notices of this person that are due to be mailed, the oldest first, locked, without those that something else is about to change.</summary>
    public static IQueryable<Notices.Notice> DueNotices(this OneRingDbContext db, string userId, DateTimeOffset now, int most) =>
        db.Database.IsNpgsql()
            ? db.Notices.FromSql($"select * from notices where user_id = {userId} and mail_due_at <= {now} order by at, id limit {most} for update skip locked")
            : db.Notices.Where(n => n.UserId == userId && n.MailDueAt <= now).OrderBy(n => n.At).ThenBy(n => n.Id).Take(most);

    /// <summary>Every draft of a person, in the order of ids so that two who lock several never wait for each other.</summary>
    public static IQueryable<Drafts.Draft> LockedDraftsOf(this OneRingDbContext db, string userId) =>
        db.Database.IsNpgsql()
            ? db.Drafts.FromSql(
                $"select * from drafts where id in (select draft_id from draft_collaborators where user_id = {userId}) order by id for no key update")
            : db.Drafts.Where(d => d.Collaborators.Any(c => c.UserId == userId));

    /// <summary>A person's row, locked so that nobody can write a row which points at it.</summary>
    public static IQueryable<User> LockedUser(this OneRingDbContext db, string userId) =>
        db.Database.IsNpgsql()
            ? db.Users.FromSql($"select * from users where id = {userId} for update")
            : db.Users.Where(user => user.Id == userId);

    /// <summary>Every admin who can act, locked so that two of them cannot unmake each other at once.</summary>
    public static IQueryable<User> LockedAdmins(this OneRingDbContext db) =>
        db.Database.IsNpgsql()
            ? db.Users.FromSql($"select * from users where is_admin and disabled_at is null order by id for no key update")
            : db.Users.Where(user => user.IsAdmin && user.DisabledAt == null);

    private const string JsonAnnotation = "OneRing:Json";

    // Ties are broken by user id, ordinal: in a database of any locale.
    private static void OrderIdsByBytes(ModelBuilder model)
    {
        foreach (var property in model.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()).Where(p => p.ClrType == typeof(string)))
        {
            if (property.IsKey() || property.IsForeignKey() || property.Name.EndsWith("Id", StringComparison.Ordinal))
            {
                property.SetCollation("C");
            }
            if (property.FindAnnotation(JsonAnnotation) is not null)
            {
                property.SetColumnType("jsonb");
            }
        }
    }

    private static ColumnExpression RowVersion(SqlExpression column) =>
        new("xmin", ((ColumnExpression)column).TableAlias, typeof(uint), new UIntTypeMapping("xid", System.Data.DbType.UInt32), nullable: false);

    private static readonly SqlConstantExpression SecondsPerDay = new(86_400d, DoubleTypeMapping.Default);

    private static SqlConstantExpression Text(string value) => new(value, StringTypeMapping.Default);

    private static SqlConstantExpression Ticks(long value) => new(value, LongTypeMapping.Default);

    private static SqlFunctionExpression Call(string name, params SqlExpression[] arguments) =>
        new(name, arguments, nullable: true, arguments.Select(_ => true), typeof(double), DoubleTypeMapping.Default);

    private static SqlUnaryExpression Cast(SqlExpression value) => new(ExpressionType.Convert, value, typeof(int), IntTypeMapping.Default);

    private static SqlBinaryExpression Divide(SqlExpression value, SqlConstantExpression by) =>
        new(ExpressionType.Divide, value, by, by.Type, by.TypeMapping);

    private static SqlBinaryExpression Subtract(SqlExpression value, SqlConstantExpression less) =>
        new(ExpressionType.Subtract, value, less, less.Type, less.TypeMapping);
}

internal sealed class UtcTicksConverter() : ValueConverter<DateTimeOffset, long>(at => at.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
