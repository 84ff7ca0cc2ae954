using Microsoft.EntityFrameworkCore;

namespace OneRing.Data.Database;

/// <summary>The audit log takes new lines and nothing else: the database itself refuses to change or delete one.</summary>
internal static class AppendOnly
{
    public const string PostgresUp = """
        create function refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '% is append-only', tg_table_name;
        end $$;
        create trigger audit_log_append_only before update or delete or truncate on audit_log
            for each statement execute function refuse_change();
        """;

    public const string PostgresDown = "drop trigger audit_log_append_only on audit_log; drop function refuse_change();";

    private const string InMemory = """
        create trigger if not exists audit_log_no_update before update on audit_log
            begin select raise(abort, 'audit_log is append-only'); end;
        create trigger if not exists audit_log_no_delete before delete on audit_log
            begin select raise(abort, 'audit_log is append-only'); end;
        """;

    /// <summary>What a migration does on PostgreSQL, for the schema in memory.</summary>
    public static Task PrepareInMemoryAsync(OneRingDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlRawAsync(InMemory, cancellationToken);
}
