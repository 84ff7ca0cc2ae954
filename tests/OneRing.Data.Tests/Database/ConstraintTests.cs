using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Database;

public sealed class ConstraintTests_InMemory(InMemory database) : ConstraintTests(database), IClassFixture<InMemory>
{
    protected override string Later => "+ 10000000";

    protected override string Bytes(int length) => $"zeroblob({length})";
}

[Trait("Database", "PostgreSQL")]
public sealed class ConstraintTests_Postgres(Postgres database) : ConstraintTests(database), IClassFixture<Postgres>
{
    protected override string Later => "+ interval '1 second'";

    protected override string Bytes(int length) => $"decode(repeat('00', {length}), 'hex')";
}

/// <summary>Rows that break a rule are refused by the database itself, whoever sends them.</summary>
public abstract class ConstraintTests(TestDatabase database) : IAsyncLifetime
{
    private ADraft draft = null!;
    private DbConnection connection = null!;

    protected abstract string Later { get; }

    protected abstract string Bytes(int length);

    /// <summary>Ana has written two segments and passed to Ben, who has passed back.</summary>
    public async Task InitializeAsync()
    {
        draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AppendAsync(draft.Id, draft.Ana, "One");
        await database.Services.AppendAsync(draft.Id, draft.Ana, "Two");
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await database.Services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        connection = await database.OpenDirectAsync();
    }

    public async Task DisposeAsync() => await connection.DisposeAsync();

    [Fact]
    public async Task Drafts_keep_their_rules()
    {
        await RefusesUpdateAsync("drafts", "ck_drafts_title_length", "title = ''");
        await RefusesUpdateAsync("drafts", "ck_drafts_title_length", $"title = '{Long(201)}'");
        await RefusesUpdateAsync("drafts", "ck_drafts_platform", "platform = 'Story'");
        await RefusesUpdateAsync("drafts", "ck_drafts_status", "status = 'paused'");
        await RefusesUpdateAsync("drafts", "ck_drafts_turn", "turn = 0");
        await RefusesUpdateAsync("drafts", "ck_drafts_segment_count", "segment_count = -1");
        await RefusesUpdateAsync("drafts", "ck_drafts_version", "version = 0");
        await RefusesUpdateAsync("drafts", "ck_drafts_completed_at", "status = 'completed'");
        await RefusesUpdateAsync("drafts", "ck_drafts_completed_at", "completed_at = updated_at");
        await RefusesUpdateAsync("drafts", "ck_drafts_times", $"created_at = updated_at {Later}");
        await RefusesUpdateAsync("drafts", "ck_drafts_times", $"last_activity_at = updated_at {Later}");
        await RefusesUpdateAsync("drafts", "ck_drafts_times", $"held_since = updated_at {Later}");
        await RefusesUpdateAsync("drafts", "ck_drafts_times", $"created_at = held_since {Later}, updated_at = held_since {Later}, last_activity_at = held_since {Later}");
        await RefusesUpdateAsync("drafts", "fk_drafts_users_creator_id", "creator_id = 'nobody'");
        await RefusesUpdateAsync("drafts", "fk_drafts_users_holder_id", "holder_id = 'nobody'");
        await AcceptsUpdateAsync("drafts", $"title = '{Long(200)}'");
        await AcceptsUpdateAsync("drafts", "title = '" + string.Concat(Enumerable.Repeat("\U0001F48D", 200)) + "'");
    }

    [Fact]
    public async Task Segments_keep_their_rules()
    {
        await RefusesUpdateAsync("draft_segments", "ck_draft_segments_content_length", "content = ''");
        await RefusesUpdateAsync("draft_segments", "ck_draft_segments_content_length", $"content = '{Long(20_001)}'");
        await RefusesUpdateAsync("draft_segments", "ck_draft_segments_position", "position = -1 - position");
        await RefusesUpdateAsync("draft_segments", "ck_draft_segments_turn", "turn = 0");
        await RefusesUpdateAsync("draft_segments", "ix_draft_segments_draft_id_position", "position = 0");
        await RefusesUpdateAsync("draft_segments", "pk_draft_segments", $"id = '{draft.Id}'");
        await RefusesUpdateAsync("draft_segments", "fk_draft_segments_users_author_id", "author_id = 'nobody'");
        await RefusesUpdateAsync("draft_segments", "fk_draft_segments_drafts_draft_id", $"draft_id = '{Guid.Empty}'");
        await AcceptsUpdateAsync("draft_segments", $"content = '{Long(20_000)}'");
    }

    [Fact]
    public async Task Passes_keep_their_rules()
    {
        await RefusesUpdateAsync("ring_passes", "ck_ring_passes_turn", "turn = turn - 2");
        await RefusesUpdateAsync("ring_passes", "pk_ring_passes", "turn = 2");
        await RefusesUpdateAsync("ring_passes", "ck_ring_passes_recipient", "to_id = from_id");
        await RefusesUpdateAsync("ring_passes", "ck_ring_passes_chosen", "chosen = 'by lot'");
        await RefusesUpdateAsync("ring_passes", "ck_ring_passes_note_length", "note = ''");
        await RefusesUpdateAsync("ring_passes", "ck_ring_passes_note_length", $"note = '{Long(501)}'");
        await RefusesUpdateAsync("ring_passes", "fk_ring_passes_users_from_id", "from_id = 'nobody'");
        await RefusesUpdateAsync("ring_passes", "fk_ring_passes_users_to_id", "to_id = 'nobody'");
        await RefusesUpdateAsync("ring_passes", "fk_ring_passes_drafts_draft_id", $"draft_id = '{Guid.Empty}'");
        await AcceptsUpdateAsync("ring_passes", $"note = '{Long(500)}'");
    }

    [Fact]
    public async Task People_of_a_draft_keep_their_rules()
    {
        await RefusesUpdateAsync("draft_collaborators", "ck_draft_collaborators_role", "role = 'admin'");
        await RefusesUpdateAsync("draft_collaborators", "ix_draft_collaborators_draft_id", "role = 'owner'");
        await RefusesUpdateAsync("draft_collaborators", "pk_draft_collaborators", $"user_id = '{draft.Ana}'");
        await RefusesUpdateAsync("draft_collaborators", "fk_draft_collaborators_users_user_id", "user_id = 'nobody' || user_id");
        await RefusesUpdateAsync("draft_collaborators", "fk_draft_collaborators_drafts_draft_id", $"draft_id = '{Guid.Empty}'");
    }

    [Fact]
    public async Task Keys_keep_their_rules()
    {
        const string Insert = "insert into idempotency_keys (scope, key, fingerprint, result, created_at) select @scope, {0}, {1}, {2}, created_at from drafts where id = @draft";

        Task RefusesAsync(string constraint, string key, string fingerprint, string result) =>
            this.RefusesAsync(constraint, string.Format(null, Insert, key, fingerprint, result));

        await RefusesAsync("ck_idempotency_keys_key_length", "''", "null", "null");
        await RefusesAsync("ck_idempotency_keys_key_length", $"'{Long(201)}'", "null", "null");
        await RefusesAsync("ck_idempotency_keys_fingerprint_length", "'k'", Bytes(31), "'1'");
        await RefusesAsync("ck_idempotency_keys_fingerprint_length", "'k'", Bytes(33), "'1'");
        await RefusesAsync("ck_idempotency_keys_effect", "'k'", Bytes(32), "null");
        await RefusesAsync("ck_idempotency_keys_effect", "'k'", "null", "'1'");
        Assert.Equal(1, await ExecuteAsync(string.Format(null, Insert, "'k'", Bytes(32), "'1'")));
        await RefusesAsync("pk_idempotency_keys", "'k'", "null", "null");
    }

    [Fact]
    public async Task Events_keep_their_rules()
    {
        await RefusesUpdateAsync("analytics_events", "ck_analytics_events_type", "type = 'draft_created'");
        await RefusesUpdateAsync("analytics_events", "ck_analytics_events_data_hash_length", $"data_hash = {Bytes(31)}");
        await RefusesUpdateAsync("analytics_events", "ck_analytics_events_schema_version", "schema_version = 0");
        await RefusesAsync(
            "type_occurred_at_data_hash",
            $"""
            insert into analytics_events (id, type, occurred_at, draft_id, actor_id, data, data_hash, schema_version)
            select '{Guid.NewGuid().ToString().ToUpperInvariant()}', type, occurred_at, draft_id, actor_id, data, data_hash, schema_version from analytics_events where draft_id = @draft
            """);
    }

    [Fact]
    public async Task People_keep_their_rules()
    {
        await RefusesUserAsync("ck_users_handle_length", "handle = 'ab'");
        await RefusesUserAsync("ck_users_handle_length", $"handle = '{Long(31)}'");
        await RefusesUserAsync("ck_users_display_name_length", "display_name = ''");
        await RefusesUserAsync("ck_users_display_name_length", $"display_name = '{Long(61)}'");
        await RefusesUserAsync("UserNameIndex", $"normalized_handle = (select normalized_handle from users where id = '{draft.Ben}')");

        Task RefusesUserAsync(string constraint, string change) => RefusesAsync(constraint, $"update users set {change} where id = '{draft.Ana}'");
    }

    [Fact]
    public async Task Who_has_written_or_held_the_ring_cannot_vanish()
    {
        await RefusesAsync("fk_d", $"delete from users where id = '{draft.Ana}'");
        await RefusesAsync("fk_", $"delete from users where id = '{draft.Ben}'");

        Assert.Equal(1, await ExecuteAsync($"delete from users where id = '{draft.Dan}'"));
    }

    [Fact]
    public async Task A_draft_goes_with_all_that_is_part_of_it()
    {
        Assert.Equal(1, await ExecuteAsync("delete from drafts where id = @draft"));

        foreach (var table in (string[])["draft_segments", "draft_collaborators", "ring_passes"])
        {
            Assert.Equal(0, await connection.CountAsync($"select count(*) from {table} where draft_id = @draft", ("@draft", draft.Id)));
        }
        Assert.NotEqual(0, await connection.CountAsync("select count(*) from analytics_events where draft_id = @draft", ("@draft", draft.Id)));
    }

    private static string Long(int length) => new('x', length);

    private async Task AcceptsUpdateAsync(string table, string change) => Assert.NotEqual(0, await ExecuteAsync(Update(table, change)));

    private Task RefusesUpdateAsync(string table, string constraint, string change) => RefusesAsync(constraint, Update(table, change));

    private static string Update(string table, string change) =>
        $"update {table} set {change} where {(table == "drafts" ? "id" : "draft_id")} = @draft";

    // SQLite names a check, but neither the key nor the foreign key that was broken.
    private async Task RefusesAsync(string constraint, string sql)
    {
        var failure = await Assert.ThrowsAnyAsync<DbException>(() => ExecuteAsync(sql));

        switch (failure)
        {
            case PostgresException refused:
                Assert.Contains(constraint, refused.ConstraintName!, StringComparison.Ordinal);
                break;
            case SqliteException refused when constraint.StartsWith("ck_", StringComparison.Ordinal):
                Assert.Contains($"CHECK constraint failed: {constraint}'", refused.Message, StringComparison.Ordinal);
                break;
            case SqliteException refused when constraint.StartsWith("fk_", StringComparison.Ordinal):
                Assert.Contains("FOREIGN KEY constraint failed", refused.Message, StringComparison.Ordinal);
                break;
            default:
                Assert.Contains("UNIQUE constraint failed", failure.Message, StringComparison.Ordinal);
                break;
        }
    }

    private Task<int> ExecuteAsync(string sql) => connection.ExecuteAsync(sql, ("@draft", draft.Id), ("@scope", $"{draft.Ana}:test:{draft.Id}"));
}
