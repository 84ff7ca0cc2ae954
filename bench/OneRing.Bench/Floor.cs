using Npgsql;
using NpgsqlTypes;

namespace OneRing.Bench;

/// <summary>
/// What the database and the driver cost by themselves: SQL written by hand, on the connection string and so the pool of the
/// services, prepared after its second use like theirs. Every column that comes back is read; nothing is made of it.
/// </summary>
internal sealed class Floor(string connectionString)
{
    private const string Draft = """
        select d.*, creator.display_name, holder.display_name,
            exists(select from public_links l where l.draft_id = d.id), (select max(n.at) from ring_nudges n where n.draft_id = d.id and n.turn = d.turn)
        from drafts d
        join users creator on creator.id = d.creator_id
        join users holder on holder.id = d.holder_id
        where d.id = $1
        """;

    private const string People = """
        select c.user_id, u.handle, u.display_name, c.role, c.joined_at, u.disabled_at, c.away_until, u.away_until, c.place, c.missed_turns, c.shows_live
        from draft_collaborators c join users u on u.id = c.user_id
        where c.draft_id = $1
        order by c.joined_at, c.user_id
        """;

    private const string Invites = """
        select i.id from invites i
        where i.draft_id = $1 and i.state = 'pending' and i.expires_at > now()
            and exists(select from draft_collaborators c where c.draft_id = $1 and c.user_id = i.created_by)
            and exists(select from users u where u.id = i.created_by and u.disabled_at is null)
        order by i.created_at, i.id
        """;

    private const string Wishes = """
        select w.user_id, u.display_name, w.at, w.note
        from ring_wishes w join drafts d on d.id = w.draft_id and d.turn = w.turn join users u on u.id = w.user_id
        where w.draft_id = $1
        order by w.at, w.user_id
        """;

    private const string Segments = """
        select s.id, s.position, s.author_id, u.display_name, s.turn, s.content, s.created_at
        from draft_segments s join users u on u.id = s.author_id
        where s.draft_id = $1
        order by s.position
        """;

    private const string Passes = """
        select p.turn, p.from_id, f.display_name, p.to_id, t.display_name, p.passed_at, p.chosen, p.reason, p.note
        from ring_passes p join users f on f.id = p.from_id join users t on t.id = p.to_id
        where p.draft_id = $1
        order by p.turn
        """;

    private const string List = """
        select d.id, d.title, d.platform, d.status, me.role, d.holder_id, holder.display_name, d.held_since, d.turn, d.segment_count,
            d.last_activity_at, d.version
        from (
            select d.* from drafts d
            join draft_collaborators c on c.draft_id = d.id
            join users u on u.id = c.user_id
            where u.id = $1 and u.disabled_at is null
            order by d.last_activity_at desc, d.id desc
            limit $2) d
        join draft_collaborators me on me.draft_id = d.id and me.user_id = $1
        join users holder on holder.id = d.holder_id
        order by d.last_activity_at desc, d.id desc
        """;

    /// <summary>Makes a table with the columns of a segment and nothing but a primary key, and lets the planner see what there is.</summary>
    public async Task PrepareAsync()
    {
        await ExecuteAsync("""
            create table floor_rows (
                draft_id uuid not null, id uuid primary key, position integer not null, author_id text not null, turn integer not null,
                content text not null, created_at timestamptz not null)
            """);
        await ExecuteAsync("analyze");
        // What the preparation opened is no part of the measurement.
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>One row as wide as a segment, committed.</summary>
    public async Task InsertAsync(Guid draftId, string authorId)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("insert into floor_rows values ($1, $2, $3, $4, $5, $6, $7)", connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = draftId },
                new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7() },
                new NpgsqlParameter<int> { TypedValue = 0 },
                new NpgsqlParameter<string> { TypedValue = authorId },
                new NpgsqlParameter<int> { TypedValue = 1 },
                new NpgsqlParameter<string> { TypedValue = Operations.Text },
                new NpgsqlParameter<DateTime> { TypedValue = DateTime.UtcNow, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            },
        };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A draft, its people, segments, passes, open invites and wishes for the ring, in one batch: the rows that the service reads. Who asks is found among the people.</summary>
    public async Task ReadAsync(Guid draftId)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Draft) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = draftId } } },
                new(People) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = draftId } } },
                new(Segments) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = draftId } } },
                new(Passes) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = draftId } } },
                new(Invites) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = draftId } } },
                new(Wishes) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = draftId } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync();
        do
        {
            await ReadRowsAsync(reader);
        }
        while (await reader.NextResultAsync());
    }

    /// <summary>The newest drafts of a person, and one more, which tells whether there is another page.</summary>
    public async Task ListAsync(string userId, int limit)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(List, connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = userId }, new NpgsqlParameter<int> { TypedValue = limit + 1 } },
        };
        await using var reader = await command.ExecuteReaderAsync();
        await ReadRowsAsync(reader);
    }

    public async Task<string> ReadVersionAsync()
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select current_setting('server_version') || ', fsync ' || current_setting('fsync')", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ReadRowsAsync(NpgsqlDataReader reader)
    {
        while (await reader.ReadAsync())
        {
            for (var column = 0; column < reader.FieldCount; column++)
            {
                _ = reader.IsDBNull(column) ? null : reader.GetValue(column);
            }
        }
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
