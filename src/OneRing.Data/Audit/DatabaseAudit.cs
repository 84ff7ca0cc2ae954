using System.Data;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OneRing.Data.Database;

namespace OneRing.Data.Audit;

/// <summary>
/// Recounts everything that is kept, and says where it does not agree with itself. All of it is read as it is at one moment, so that what is written meanwhile is no
/// contradiction; nothing is changed, and nobody is kept waiting. In memory everybody waits.
/// </summary>
public sealed class DatabaseAudit
{
    /// <summary>How many contradictions of a check are told of, unless more are wanted.</summary>
    public const int UsualFindings = 20;

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly TimeProvider clock;

    internal DatabaseAudit(IDbContextFactory<OneRingDbContext> contexts, TimeProvider clock)
    {
        this.contexts = contexts;
        this.clock = clock;
    }

    /// <summary>Looks at everything. The database does most of the work, and row by row: it takes long where there is much, and no room.</summary>
    /// <param name="mostFindings">How many contradictions of each check are told of; all are counted.</param>
    public Task<AuditReport> RunAsync(int mostFindings = UsualFindings, CancellationToken cancellationToken = default) => contexts.InTransactionAsync(
        async (db, _, token) =>
        {
            var sql = await AuditSql.BeginAsync(db, clock.Now(), token);
            var results = new List<CheckResult>();
            foreach (var check in (Check[])[.. DraftChecks.All(sql), .. KeyChecks.All(sql), .. EventChecks.All(sql), .. SumChecks.All(sql), .. TurnChecks.All(sql)])
            {
                results.Add(await RunAsync(sql, check, mostFindings, token));
            }
            results.Add(await EventContents.CheckAsync(sql, mostFindings, token));
            return new AuditReport(results);
        },
        cancellationToken,
        IsolationLevel.RepeatableRead);

    private static async Task<CheckResult> RunAsync(AuditSql sql, Check check, int mostFindings, CancellationToken cancellationToken)
    {
        var (found, findings) = (0L, new List<Finding>());
        foreach (var rule in check.Rules)
        {
            var first = true;
            var query = $"""
                select draft_id, fault, count(*) over () from ({rule}) contradictions
                order by draft_id, fault limit {mostFindings.ToString(CultureInfo.InvariantCulture)}
                """;
            await foreach (var row in sql.ReadAsync(query, cancellationToken))
            {
                found += first ? row.GetInt64(2) : 0;
                first = false;
                findings.Add(new Finding(row.IsDBNull(0) ? null : Guid.Parse(row.GetString(0)), row.GetString(1)));
            }
        }
        return new CheckResult(check.Name, await sql.CountAsync(check.Looked, cancellationToken), found, [.. findings.Take(mostFindings)]);
    }
}
