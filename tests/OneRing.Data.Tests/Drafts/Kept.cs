using System.Data.Common;
using OneRing.Data.Tests.Database;

namespace OneRing.Data.Tests.Drafts;

/// <summary>How much is kept in a whole database, to see what came of an attempt.</summary>
public sealed record Kept(
    long Drafts = 0, long People = 0, long Segments = 0, long Passes = 0, long Events = 0, long Keys = 0, long Versions = 0, long Turns = 0, long Completed = 0)
{
    public static Kept operator +(Kept one, Kept other) => new(
        one.Drafts + other.Drafts, one.People + other.People, one.Segments + other.Segments, one.Passes + other.Passes, one.Events + other.Events,
        one.Keys + other.Keys, one.Versions + other.Versions, one.Turns + other.Turns, one.Completed + other.Completed);

    public static async Task<Kept> ReadAsync(DbConnection connection)
    {
        var row = Assert.Single(await connection.ReadAsync(
            """
            select (select count(*) from drafts), (select count(*) from draft_collaborators), (select count(*) from draft_segments),
                (select count(*) from ring_passes), (select count(*) from analytics_events), (select count(*) from idempotency_keys),
                (select coalesce(sum(version), 0) from drafts), (select coalesce(sum(turn), 0) from drafts),
                (select count(*) from drafts where status = 'completed')
            """));
        var counts = row.Split('|').Select(long.Parse).ToArray();
        return new Kept(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6], counts[7], counts[8]);
    }
}
