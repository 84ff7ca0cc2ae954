namespace OneRing.Data.Audit;

/// <summary>Something in the database that contradicts what the product promises.</summary>
/// <param name="DraftId">In which draft; null where it is in none.</param>
/// <param name="Fault">What is wrong, without any text of the draft.</param>
public sealed record Finding(Guid? DraftId, string Fault);

/// <summary>What one check came to.</summary>
/// <param name="Name">What was looked at, such as “segments”.</param>
/// <param name="Looked">How many of them there are.</param>
/// <param name="Found">How many contradictions there are.</param>
/// <param name="Findings">The first of them.</param>
public sealed record CheckResult(string Name, long Looked, long Found, IReadOnlyList<Finding> Findings);

/// <summary>What an audit came to, check by check.</summary>
public sealed record AuditReport(IReadOnlyList<CheckResult> Checks)
{
    /// <summary>How many contradictions there are in all.</summary>
    public long Found => Checks.Sum(check => check.Found);

    /// <summary>Those that are told of: of each check the first ones.</summary>
    public IReadOnlyList<Finding> Findings => [.. Checks.SelectMany(check => check.Findings)];
}

/// <summary>One part of the audit, as SQL.</summary>
/// <param name="Looked">A query of how many there are.</param>
/// <param name="Rules">Queries of what contradicts a rule: <c>draft_id</c>, as text or null, and <c>fault</c>.</param>
internal sealed record Check(string Name, string Looked, params IReadOnlyList<string> Rules);
