using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Bench;

/// <summary>
/// Writes a year of events as a busy site would have them: drafts by some writers each, written in turns at the hours at which people write,
/// passed on, looked at and some day completed. The same seed gives the same year, but for the ids.
/// </summary>
internal sealed class EventGenerator(IServiceProvider services)
{
    private const int Seed = 20260301;
    private const int Drafts = 10_000;
    private const int Writers = 2_000;
    private const int MostVoices = 8;

    /// <summary>How much is written in each hour of a day, from midnight on.</summary>
    private static readonly double[] Hours = [2, 1, 1, 1, 1, 2, 5, 10, 22, 30, 32, 28, 18, 24, 28, 27, 24, 20, 18, 22, 26, 24, 14, 6];

    /// <summary>And on each day of a week, from Sunday on.</summary>
    private static readonly double[] Days = [0.5, 1, 1.05, 1.1, 1.05, 0.9, 0.45];

    private readonly Random random = new(Seed);
    private readonly List<DraftRow> drafts = [];
    private List<string> people = [];

    /// <summary>Writes so many events, or very nearly, over the twelve months before an instant. They are not in the sums yet.</summary>
    public async Task<long> GenerateAsync(int events, DateTimeOffset until)
    {
        var contexts = services.GetRequiredService<IDbContextFactory<OneRingDbContext>>();
        var from = until.AddMonths(-12);
        people = await SignUpAsync();
        var months = new SortedDictionary<DateOnly, List<Happened>>();
        for (var i = 0; i < Drafts; i++)
        {
            // Few drafts are long, and many are short.
            var count = (int)(events / (double)Drafts * -Math.Log(1 - random.NextDouble()));
            foreach (var happened in Live(i, Math.Max(count, 1), from, until))
            {
                var at = happened.At;
                var month = new DateOnly(at.Year, at.Month, 1);
                if (!months.TryGetValue(month, out var list))
                {
                    months[month] = list = [];
                }
                list.Add(happened);
            }
        }

        await using var connection = new NpgsqlConnection(services.GetRequiredService<DatabaseSettings>().ConnectionString);
        await connection.OpenAsync();
        await CopyDraftsAsync(connection);
        // What is generated is counted all at once, afterwards.
        await ExecuteAsync(connection, "alter table analytics_events disable trigger analytics_events_uncounted");
        var written = 0L;
        foreach (var (month, list) in months)
        {
            await using (var db = await contexts.CreateDbContextAsync())
            {
                await EventPartitions.PrepareAsync(db, new DateTimeOffset(month, TimeOnly.MinValue, TimeSpan.Zero), CancellationToken.None);
            }
            CollectionsMarshal.AsSpan(list).Sort((one, other) => one.Ticks.CompareTo(other.Ticks));
            await CopyEventsAsync(connection, list);
            written += list.Count;
            list.Clear();
        }
        await ExecuteAsync(connection, "alter table analytics_events enable trigger analytics_events_uncounted");
        await ExecuteAsync(connection, "analyze");
        return written;
    }

    private async Task<List<string>> SignUpAsync()
    {
        var accounts = services.GetRequiredService<AccountService>();
        var ids = new List<string>();
        for (var i = 0; i < Writers; i++)
        {
            ids.Add(Operations.Succeed(await accounts.SignUpAsync(new SignUp($"writer_{i}", $"Writer {i}", Password: null))));
        }
        return ids;
    }

    private IEnumerable<Happened> Live(int index, int count, DateTimeOffset from, DateTimeOffset until)
    {
        var platform = random.Next(10) switch { < 6 => Platform.Story, 6 => Platform.X, 7 => Platform.Instagram, 8 => Platform.Tiktok, _ => Platform.Youtube };
        // Some writers are in many drafts, most in few.
        int[] voices = [.. Enumerable.Range(0, random.Next(1, MostVoices + 1)).Select(_ => (int)(Writers * Math.Pow(random.NextDouble(), 2))).Distinct()];
        var start = from + ((until - from) * 0.98 * random.NextDouble());
        var days = Math.Min((until - start).TotalDays, 3 + (random.NextDouble() * random.NextDouble() * 300));
        var times = Enumerable.Range(0, count).Select(_ => Moment(start, days)).Where(at => at > start && at < until).Order().ToList();

        var (turn, position, holder, last) = (1, 0, voices[0], start);
        DateTimeOffset? completed = null;
        yield return new Happened(start, index, voices[0], EventType.DraftCreated, (int)platform, 0);
        for (var i = 0; i < times.Count; i++)
        {
            var at = times[i];
            if (i == times.Count - 1 && random.Next(3) > 0 && (until - at).TotalDays > 2)
            {
                completed = last = at;
                yield return new Happened(at, index, voices[0], EventType.DraftPublished, turn + position, 0);
            }
            else if (random.Next(100) is var choice && choice < 8)
            {
                yield return new Happened(at, index, voices[random.Next(voices.Length)], EventType.DraftViewed, i, 0);
            }
            else if (choice < 35 && voices.Length > 1)
            {
                var next = voices[(Array.IndexOf(voices, holder) + random.Next(1, voices.Length)) % voices.Length];
                turn++;
                yield return new Happened(at, index, holder, EventType.RingPassed, turn, next);
                (holder, last) = (next, at);
            }
            else
            {
                yield return new Happened(at, index, holder, EventType.SegmentAdded, position++, 1 + (int)(-60 * Math.Log(1 - random.NextDouble())));
                last = at;
            }
        }
        drafts.Add(new DraftRow(Guid.CreateVersion7(start), index, platform, voices[0], holder, turn, position, start, last, completed, voices));
    }

    /// <summary>A moment within some days, at an hour and on a day on which people write.</summary>
    private DateTimeOffset Moment(DateTimeOffset start, double days)
    {
        while (true)
        {
            var at = start.AddDays(days * random.NextDouble());
            if (random.NextDouble() * 32 * 1.1 < Hours[at.Hour] * Days[(int)at.DayOfWeek])
            {
                return new DateTimeOffset(at.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
            }
        }
    }

    private async Task CopyDraftsAsync(NpgsqlConnection connection)
    {
        await using (var copy = await connection.BeginBinaryImportAsync("""
            copy drafts (id, title, folded_title, platform, status, creator_id, holder_id, held_since, turn, segment_count, version,
                created_at, updated_at, last_activity_at, completed_at) from stdin (format binary)
            """))
        {
            foreach (var draft in drafts)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(draft.Id);
                await copy.WriteAsync($"Draft {draft.Index}");
                await copy.WriteAsync($"draft {draft.Index}");
                await copy.WriteAsync(EnumNames.NameOf(draft.Platform));
                await copy.WriteAsync(draft.Completed is null ? "active" : "completed");
                await copy.WriteAsync(people[draft.Creator]);
                await copy.WriteAsync(people[draft.Holder]);
                await copy.WriteAsync(draft.Created, NpgsqlDbType.TimestampTz);
                await copy.WriteAsync(draft.Turn);
                await copy.WriteAsync(draft.Segments);
                await copy.WriteAsync(1);
                await copy.WriteAsync(draft.Created, NpgsqlDbType.TimestampTz);
                await copy.WriteAsync(draft.Last, NpgsqlDbType.TimestampTz);
                await copy.WriteAsync(draft.Last, NpgsqlDbType.TimestampTz);
                if (draft.Completed is { } completed)
                {
                    await copy.WriteAsync(completed, NpgsqlDbType.TimestampTz);
                }
                else
                {
                    await copy.WriteNullAsync();
                }
            }
            await copy.CompleteAsync();
        }

        await using var members = await connection.BeginBinaryImportAsync("copy draft_collaborators (draft_id, user_id, role, joined_at) from stdin (format binary)");
        foreach (var draft in drafts)
        {
            foreach (var voice in draft.Voices)
            {
                await members.StartRowAsync();
                await members.WriteAsync(draft.Id);
                await members.WriteAsync(people[voice]);
                await members.WriteAsync(voice == draft.Creator ? "owner" : "writer");
                await members.WriteAsync(draft.Created, NpgsqlDbType.TimestampTz);
            }
        }
        await members.CompleteAsync();
    }

    private async Task CopyEventsAsync(NpgsqlConnection connection, List<Happened> events)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy analytics_events (id, occurred_at, type, draft_id, actor_id, data, data_hash, schema_version) from stdin (format binary)");
        foreach (var happened in events)
        {
            var row = Event(happened);
            await copy.StartRowAsync();
            await copy.WriteAsync(row.Id);
            await copy.WriteAsync(row.OccurredAt, NpgsqlDbType.TimestampTz);
            await copy.WriteAsync(row.Type.ToString());
            await copy.WriteAsync(row.DraftId);
            await copy.WriteAsync(row.ActorId!);
            await copy.WriteAsync(row.Data, NpgsqlDbType.Jsonb);
            await copy.WriteAsync(row.DataHash);
            await copy.WriteAsync(row.SchemaVersion);
        }
        await copy.CompleteAsync();
    }

    private AnalyticsEvent Event(Happened happened)
    {
        var (at, draft, actor) = (happened.At, drafts[happened.Draft].Id, people[happened.Actor]);
        return happened.Type switch
        {
            EventType.DraftCreated => AnalyticsEvent.Of(happened.Type, at, draft, actor, ("platform", EnumNames.NameOf((Platform)happened.Number))),
            EventType.DraftPublished => AnalyticsEvent.Of(happened.Type, at, draft, actor, ("version", happened.Number)),
            EventType.SegmentAdded => AnalyticsEvent.Of(
                happened.Type, at, draft, actor, ("segment_id", Guid.CreateVersion7(at)), ("position", happened.Number), ("turn", 1), ("words", happened.Other)),
            EventType.RingPassed => AnalyticsEvent.Of(
                happened.Type, at, draft, actor, ("turn", happened.Number), ("from", actor), ("to", people[happened.Other]), ("chosen", ChosenAt(happened.Number))),
            _ => AnalyticsEvent.Of(happened.Type, at, draft, actor, ("day", $"{at:yyyy-MM-dd}"), ("number", happened.Number)),
        };
    }

    private static string ChosenAt(int turn) => EnumNames.NameOf((turn % 20) switch
    {
        < 11 => Chosen.Manual,
        < 15 => Chosen.MostInactive,
        < 18 => Chosen.RoundRobin,
        18 => Chosen.BackToCreator,
        _ => Chosen.Returned,
    });

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>An event in few bytes, since there are so many.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Happened(long Ticks, int Draft, int Actor, EventType Type, int Number, int Other)
    {
        public Happened(DateTimeOffset at, int draft, int actor, EventType type, int number, int other)
            : this(at.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, draft, actor, type, number, other)
        {
        }

        public DateTimeOffset At => new(Ticks, TimeSpan.Zero);
    }

    private sealed record DraftRow(
        Guid Id, int Index, Platform Platform, int Creator, int Holder, int Turn, int Segments, DateTimeOffset Created, DateTimeOffset Last,
        DateTimeOffset? Completed, int[] Voices);
}
