using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using OneRing.Data.Analytics;
using OneRing.Data.Database;

namespace OneRing.Data.Audit;

/// <summary>Whether events still say what was written: their data has its fingerprint and names its own draft and actor, and words are counted right. The one check that goes through rows by itself.</summary>
internal static class EventContents
{
    public static async Task<CheckResult> CheckAsync(AuditSql sql, int mostFindings, CancellationToken cancellationToken)
    {
        var (looked, found, findings) = (0L, 0L, new List<Finding>());
        var events = $"""
            select {sql.Id("e.draft_id")}, {sql.Id("e.id")}, e.actor_id, e.data, e.data_hash, s.content, e.data ->> 'words'
            from analytics_events e left join draft_segments s
                on e.type = 'SegmentAdded' and s.draft_id = e.draft_id and {sql.Id("s.id")} = e.data ->> 'segment_id'
            """;
        await foreach (var row in sql.ReadAsync(events, cancellationToken))
        {
            looked++;
            if (FaultOf(row) is { } fault)
            {
                found++;
                if (findings.Count < mostFindings)
                {
                    findings.Add(new Finding(Guid.Parse(row.GetString(0)), $"event {row.GetString(1)} {fault}"));
                }
            }
        }
        return new CheckResult("contents of events", looked, found, findings);
    }

    private static string? FaultOf(DbDataReader row)
    {
        var data = CanonicalJson.Rewrite(row.GetString(3));
        if (!SHA256.HashData(Encoding.UTF8.GetBytes(data)).AsSpan().SequenceEqual(row.GetFieldValue<byte[]>(4)))
        {
            return "does not have the fingerprint of its data";
        }
        var actor = row.IsDBNull(2) ? "null" : $"\"{row.GetString(2)}\"";
        if (!data.Contains($"\"draft_id\":\"{row.GetString(0)}\"", StringComparison.Ordinal) || !data.Contains($"\"actor_id\":{actor}", StringComparison.Ordinal))
        {
            return "is of another draft or actor than its data";
        }
        return row.IsDBNull(5) || row.IsDBNull(6) || row.GetString(6) == $"{Texts.Words(row.GetString(5))}" ? null : "counts other words than its segment has";
    }
}
