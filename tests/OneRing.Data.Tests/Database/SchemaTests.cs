using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using OneRing.Data.Database;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Database;

public sealed class SchemaTests_InMemory(InMemory database) : SchemaTests(database), IClassFixture<InMemory>
{
    protected override string PrimaryKeys =>
        """
        select t.name || ' (' || (select group_concat(name, ', ') from (select name from pragma_table_info(t.name) where pk > 0 order by pk)) || ')'
        from sqlite_master t where t.type = 'table' and t.name not like 'sqlite%'
        """;

    protected override string Indexes =>
        """
        select t.name || ' (' || (select group_concat(name, ', ') from (select name from pragma_index_info(i.name) order by seqno)) || ')'
            || case i."unique" when 1 then ' unique' else '' end
            || case i.partial when 1 then (select ' where ' || substr(sql, instr(sql, ' WHERE ') + 7) from sqlite_master where name = i.name) else '' end
        from sqlite_master t, pragma_index_list(t.name) i where t.type = 'table' and i.origin <> 'pk'
        """;

    protected override string ForeignKeys =>
        """
        select t.name || ' (' || f."from" || ') to ' || f."table" || ' (' || f."to" || ') ' || lower(f.on_delete)
        from sqlite_master t, pragma_foreign_key_list(t.name) f where t.type = 'table'
        """;

    protected override string Checks => "select sql from sqlite_master where type = 'table'";
}

[Trait("Database", "PostgreSQL")]
public sealed class SchemaTests_Postgres(Postgres database) : SchemaTests(database), IClassFixture<Postgres>
{
    protected override string PrimaryKeys =>
        """
        select t.relname || ' (' || string_agg(a.attname, ', ' order by k.place) || ')'
        from pg_constraint c
        join pg_class t on t.oid = c.conrelid
        cross join unnest(c.conkey) with ordinality as k (number, place)
        join pg_attribute a on a.attrelid = t.oid and a.attnum = k.number
        where c.contype = 'p' and t.relnamespace = 'public'::regnamespace and not t.relispartition and t.relname <> '__EFMigrationsHistory'
        group by c.oid, t.relname
        """;

    protected override string Indexes =>
        """
        select t.relname || ' (' || string_agg(a.attname, ', ' order by k.place) || ')'
            || case when i.indisunique then ' unique' else '' end
            || coalesce(' where ' || replace(trim('()' from pg_get_expr(i.indpred, i.indrelid)), '::text', ''), '')
        from pg_index i
        join pg_class t on t.oid = i.indrelid
        cross join unnest(i.indkey) with ordinality as k (number, place)
        join pg_attribute a on a.attrelid = t.oid and a.attnum = k.number
        where not i.indisprimary and t.relnamespace = 'public'::regnamespace and not t.relispartition
        group by i.indexrelid, t.relname, i.indisunique, i.indpred, i.indrelid
        """;

    protected override string ForeignKeys =>
        """
        select t.relname || ' (' || a.attname || ') to ' || p.relname || ' (' || b.attname || ') '
            || case c.confdeltype when 'c' then 'cascade' when 'r' then 'restrict' else c.confdeltype::text end
        from pg_constraint c
        join pg_class t on t.oid = c.conrelid
        join pg_class p on p.oid = c.confrelid
        cross join unnest(c.conkey, c.confkey) as k (own, other)
        join pg_attribute a on a.attrelid = t.oid and a.attnum = k.own
        join pg_attribute b on b.attrelid = p.oid and b.attnum = k.other
        where c.contype = 'f' and t.relnamespace = 'public'::regnamespace
        """;

    protected override string Checks =>
        """
        select 'CONSTRAINT "' || c.conname || '"'
        from pg_constraint c join pg_class t on t.oid = c.conrelid
        where c.contype = 'c' and t.relnamespace = 'public'::regnamespace and not t.relispartition
        """;

    [Fact]
    public async Task Every_column_has_the_type_the_nullability_and_the_collation_of_the_model()
    {
        await using var connection = await Database.OpenDirectAsync();

        var columns = await connection.ReadAsync(
            """
            select t.relname, a.attname, format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' else 'null' end, coalesce(l.collname, '')
            from pg_class t
            join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
            left join pg_collation l on l.oid = a.attcollation
            where t.relkind in ('r', 'p') and t.relnamespace = 'public'::regnamespace and not t.relispartition and t.relname <> '__EFMigrationsHistory'
            """);

        Assert.Equal(Sorted(ColumnsOfTheModel()), Sorted(columns));
    }

    [Fact]
    public async Task Ids_are_ordered_byte_by_byte_in_every_table()
    {
        await using var connection = await Database.OpenDirectAsync();

        var others = await connection.ReadAsync(
            """
            select table_name || '.' || column_name from information_schema.columns
            where table_schema = 'public' and data_type = 'text' and (column_name = 'id' or column_name like '%\_id') and collation_name is distinct from 'C'
            """);
        var byBytes = await connection.CountAsync("select count(*) from information_schema.columns where column_name like '%\\_id' and collation_name = 'C'");

        Assert.Empty(others);
        Assert.True(byBytes >= 12, $"There are {byBytes} id columns.");
    }

    private List<string> ColumnsOfTheModel()
    {
        using var db = Database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContext();
        return
        [
            .. from table in db.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables
               from column in table.Columns
               let isText = column.StoreType == "text" || column.StoreType.StartsWith("character", StringComparison.Ordinal)
               select $"{table.Name}|{column.Name}|{column.StoreType}|{(column.IsNullable ? "null" : "not null")}|{column.Collation ?? (isText ? "default" : "")}",
        ];
    }
}

/// <summary>What the databases themselves guarantee, read from their catalogues. The lists are typed by hand, from the design.</summary>
public abstract partial class SchemaTests(TestDatabase database)
{
    protected TestDatabase Database => database;

    protected abstract string PrimaryKeys { get; }

    protected abstract string Indexes { get; }

    protected abstract string ForeignKeys { get; }

    protected abstract string Checks { get; }

    [Fact]
    public async Task Every_table_is_there_with_its_primary_key()
    {
        await using var connection = await database.OpenDirectAsync();

        var found = await connection.ReadAsync(PrimaryKeys);

        Assert.Equal(
            Sorted(
            [
                "access_tokens (id)",
                "analytics_events (occurred_at, id)",
                "activity_hours (hour, platform)",
                "activity_slots (slot, platform)",
                "audit_log (id)",
                "counted_drafts (draft_id)",
                "draft_parts (part, draft_id)",
                "draft_slots (slot, draft_id)",
                "draft_spans (span, start, draft_id)",
                "draft_writers (draft_id, user_id)",
                "events_kept (id)",
                "hold_spans (span, start, platform, bucket)",
                "pass_days (day, platform, chosen)",
                "pass_slots (slot, platform, chosen)",
                "ring_holds (draft_id, turn)",
                "score_spans (span, start, user_id)",
                "uncounted_events (occurred_at, event_id)",
                "writer_parts (part, user_id, platform)",
                "writer_slots (slot, user_id, platform)",
                "writer_spans (span, start, user_id, platform)",
                "data_protection_keys (id)",
                "draft_collaborators (draft_id, user_id)",
                "draft_segments (draft_id, id)",
                "draft_views (draft_id, user_id, day)",
                "drafts (id)",
                "idempotency_keys (scope, key)",
                "invite_uses (draft_id, invite_id, user_id)",
                "invites (draft_id, id)",
                "notice_settings (user_id)",
                "notices (id)",
                "ring_wishes (draft_id, turn, user_id)",
                "presences (draft_id, user_id, server_id)",
                "public_links (draft_id)",
                "public_views (draft_id, day)",
                "outbox_mails (id)",
                "ring_nudges (draft_id, day)",
                "ring_passes (draft_id, turn)",
                "user_claims (id)",
                "user_logins (login_provider, provider_key)",
                "user_passkeys (credential_id)",
                "user_tokens (user_id, login_provider, name)",
                "users (id)",
                "working_texts (draft_id, id)",
            ]),
            Sorted(found));
    }

    [Fact]
    public async Task What_is_unique_and_what_is_looked_up_has_its_index()
    {
        await using var connection = await database.OpenDirectAsync();

        var found = await connection.ReadAsync(Indexes);

        Assert.Equal(
            Sorted(
            [
                "access_tokens (token_hash) unique",
                "access_tokens (user_id)",
                "analytics_events (actor_id, occurred_at)",
                "analytics_events (draft_id, occurred_at)",
                "analytics_events (type, occurred_at, data_hash) unique",
                "audit_log (at, id)",
                "counted_drafts (created_at)",
                "writer_slots (user_id, slot, segments, words)",
                "draft_writers (contributed_at) where contributed_at IS NOT NULL",
                "ring_holds (bucket, ended_at, platform, microseconds)",
                "ring_holds (ended_at, platform, bucket)",
                "ring_holds (holder_id, ended_at, microseconds)",
                "draft_collaborators (draft_id) unique where role = 'owner'",
                "draft_collaborators (user_id)",
                "draft_segments (draft_id, author_id, created_at)",
                "draft_segments (draft_id, position) unique",
                "idempotency_keys (created_at)",
                "drafts (clock_due_at) where clock_due_at IS NOT NULL",
                "notices (draft_id, user_id, kind, cause) unique",
                "notices (mail_due_at) where mail_due_at IS NOT NULL",
                "notices (user_id, at)",
                "invites (created_by, created_at)",
                "invites (id) unique",
                "invites (recipient_id) where recipient_id IS NOT NULL",
                "public_links (token_hash) unique",
                "outbox_mails (next_attempt_at) where next_attempt_at IS NOT NULL",
                "outbox_mails (user_id, created_at)",
                "user_claims (user_id)",
                "user_logins (user_id)",
                "user_passkeys (user_id)",
                "users (normalized_email)",
                "users (normalized_handle) unique",
                "working_texts (draft_id, user_id) unique where parked_at IS NULL",
                "working_texts (user_id, parked_at)",
            ]),
            Sorted(found));
    }

    [Fact]
    public async Task What_belongs_together_is_tied_together()
    {
        await using var connection = await database.OpenDirectAsync();

        var found = await connection.ReadAsync(ForeignKeys);

        Assert.Equal(
            Sorted(
            [
                "access_tokens (user_id) to users (id) cascade",
                "audit_log (actor_id) to users (id) restrict",
                "audit_log (user_id) to users (id) restrict",
                "draft_collaborators (draft_id) to drafts (id) cascade",
                "draft_collaborators (user_id) to users (id) restrict",
                "draft_segments (author_id) to users (id) restrict",
                "draft_segments (draft_id) to drafts (id) cascade",
                "draft_views (draft_id) to drafts (id) cascade",
                "draft_views (user_id) to users (id) cascade",
                "drafts (creator_id) to users (id) restrict",
                "drafts (holder_id) to users (id) restrict",
                "invite_uses (draft_id) to invites (draft_id) cascade",
                "invite_uses (invite_id) to invites (id) cascade",
                "invite_uses (user_id) to users (id) restrict",
                "invites (created_by) to users (id) restrict",
                "invites (draft_id) to drafts (id) cascade",
                "invites (recipient_id) to users (id) restrict",
                "notice_settings (user_id) to users (id) cascade",
                "notices (draft_id) to drafts (id) cascade",
                "notices (user_id) to users (id) cascade",
                "presences (draft_id) to drafts (id) cascade",
                "presences (user_id) to users (id) cascade",
                "public_links (created_by) to users (id) restrict",
                "public_links (draft_id) to drafts (id) cascade",
                "public_views (draft_id) to drafts (id) cascade",
                "outbox_mails (user_id) to users (id) cascade",
                "drafts (offered_to_id) to users (id) restrict",
                "ring_nudges (actor_id) to users (id) restrict",
                "ring_nudges (draft_id) to drafts (id) cascade",
                "ring_wishes (draft_id) to drafts (id) cascade",
                "ring_wishes (user_id) to users (id) cascade",
                "ring_passes (draft_id) to drafts (id) cascade",
                "ring_passes (from_id) to users (id) restrict",
                "ring_passes (to_id) to users (id) restrict",
                "user_claims (user_id) to users (id) cascade",
                "user_logins (user_id) to users (id) cascade",
                "user_passkeys (user_id) to users (id) cascade",
                "user_tokens (user_id) to users (id) cascade",
                "working_texts (user_id) to users (id) cascade",
            ]),
            Sorted(found));
    }

    [Fact]
    public async Task Every_rule_stands_in_the_database_itself()
    {
        await using var connection = await database.OpenDirectAsync();

        var found = (await connection.ReadAsync(Checks)).SelectMany(sql => CheckName().Matches(sql)).Select(match => match.Value);

        Assert.Equal(
            Sorted(
            [
                "ck_access_tokens_expires_at",
                "ck_access_tokens_name_length",
                "ck_access_tokens_token_hash_length",
                "ck_activity_hours_platform",
                "ck_activity_slots_platform",
                "ck_analytics_events_data_hash_length",
                "ck_analytics_events_schema_version",
                "ck_analytics_events_type",
                "ck_audit_log_act",
                "ck_audit_log_from_address_length",
                "ck_counted_drafts_platform",
                "ck_draft_collaborators_away",
                "ck_draft_collaborators_excused_misses",
                "ck_draft_collaborators_missed_turns",
                "ck_draft_collaborators_role",
                "ck_draft_segments_content_length",
                "ck_draft_segments_position",
                "ck_draft_segments_turn",
                "ck_draft_spans_span",
                "ck_events_kept_id",
                "ck_drafts_archived_at",
                "ck_drafts_clock_step",
                "ck_drafts_excused_misses",
                "ck_drafts_more_time",
                "ck_drafts_on_expiry",
                "ck_drafts_rest",
                "ck_drafts_strategy",
                "ck_drafts_turn_grace_hours",
                "ck_drafts_turn_limit_hours",
                "ck_drafts_completed_at",
                "ck_drafts_platform",
                "ck_drafts_segment_count",
                "ck_drafts_status",
                "ck_drafts_times",
                "ck_drafts_title_length",
                "ck_drafts_turn",
                "ck_drafts_version",
                "ck_hold_spans_platform",
                "ck_hold_spans_span",
                "ck_idempotency_keys_effect",
                "ck_idempotency_keys_fingerprint_length",
                "ck_idempotency_keys_key_length",
                "ck_invites_addressee",
                "ck_invites_role",
                "ck_invites_state",
                "ck_invites_times",
                "ck_invites_token_hash_length",
                "ck_invites_uses",
                "ck_notice_settings_digest_hour",
                "ck_notice_settings_quiet",
                "ck_notices_cause_length",
                "ck_notices_kind",
                "ck_public_links_token_hash_length",
                "ck_outbox_mails_address_length",
                "ck_outbox_mails_attempts",
                "ck_outbox_mails_kind",
                "ck_outbox_mails_sent",
                "ck_pass_days_chosen",
                "ck_pass_days_platform",
                "ck_pass_slots_chosen",
                "ck_pass_slots_platform",
                "ck_ring_holds_platform",
                "ck_score_spans_span",
                "ck_ring_passes_chosen",
                "ck_ring_passes_note_length",
                "ck_ring_passes_recipient",
                "ck_ring_passes_turn",
                "ck_ring_wishes_note_length",
                "ck_users_bio_length",
                "ck_users_away",
                "ck_users_deleted",
                "ck_users_display_name_length",
                "ck_users_handle_length",
                "ck_working_texts_content_length",
                "ck_working_texts_page_length",
                "ck_working_texts_parked",
                "ck_working_texts_parked_because",
                "ck_working_texts_revision",
                "ck_working_texts_words",
                "ck_writer_parts_platform",
                "ck_writer_slots_platform",
                "ck_writer_spans_platform",
                "ck_writer_spans_span",
            ]),
            Sorted(found));
    }

    protected static IEnumerable<string> Sorted(IEnumerable<string> lines) => lines.Order(StringComparer.Ordinal);

    [GeneratedRegex("(?<=CONSTRAINT \")ck_\\w+(?=\")", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CheckName();
}
