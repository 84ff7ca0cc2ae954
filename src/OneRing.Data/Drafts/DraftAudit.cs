using System.Data;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OneRing.Data.Analytics;
using OneRing.Data.Analytics.Rollups;
using OneRing.Data.Database;
using OneRing.Data.Rings;

namespace OneRing.Data.Drafts;

/// <summary>Something in the database that contradicts what the product promises.</summary>
/// <param name="DraftId">In which draft.</param>
/// <param name="Fault">What is wrong, without any text of the draft.</param>
public sealed record Finding(Guid DraftId, string Fault);

/// <summary>Recounts everything that is kept, and says where it does not agree with itself. Changes nothing.</summary>
public sealed class DraftAudit
{
    private const int BatchLength = 1_000;

    private static readonly string AppendScope = $":{JsonNamingPolicy.SnakeCaseLower.ConvertName(nameof(AppendSegment))}:";

    private readonly IDbContextFactory<OneRingDbContext> contexts;

    internal DraftAudit(IDbContextFactory<OneRingDbContext> contexts) => this.contexts = contexts;

    /// <summary>Everything that is wrong; nothing when all is well. Reads every draft: takes long where there are many.</summary>
    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken = default)
    {
        var findings = new List<Finding>();
        for (Guid? after = null; ;)
        {
            // All of a batch is read at one instant, so that what is written meanwhile is no contradiction.
            var (last, found) = await contexts.InTransactionAsync(
                (db, _, token) => CheckAsync(db, after, token), cancellationToken, IsolationLevel.RepeatableRead);
            findings.AddRange(found);
            if (last is null)
            {
                return findings;
            }
            after = last;
        }
    }

    /// <summary>Checks the drafts behind one. Answers the last of them, and what is wrong.</summary>
    private static async Task<(Guid? Last, List<Finding> Findings)> CheckAsync(OneRingDbContext db, Guid? after, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var drafts = await db.Drafts.AsNoTracking()
            .Where(d => after == null || d.Id > after)
            .OrderBy(d => d.Id).Take(BatchLength)
            .ToListAsync(cancellationToken);
        if (drafts.Count == 0)
        {
            return (null, findings);
        }

        var ids = drafts.Select(d => d.Id).ToList();
        var people = (await db.Collaborators.AsNoTracking().Where(c => ids.Contains(c.DraftId)).ToListAsync(cancellationToken)).ToLookup(c => c.DraftId);
        var passes = (await db.RingPasses.AsNoTracking().Where(p => ids.Contains(p.DraftId)).OrderBy(p => p.Turn).ToListAsync(cancellationToken)).ToLookup(p => p.DraftId);
        var segments = (await db.Segments.Where(s => ids.Contains(s.DraftId)).OrderBy(s => s.Position)
            .Select(s => new Written(s.DraftId, s.Id, s.Position, s.Turn, s.AuthorId, s.CreatedAt)).ToListAsync(cancellationToken)).ToLookup(s => s.DraftId);
        // What is forgotten is missed by nobody.
        var since = await EventsKept.FindSinceAsync(db, cancellationToken) ?? DateTimeOffset.MinValue;
        var events = (await db.AnalyticsEvents.Where(e => ids.Contains(e.DraftId) && e.OccurredAt >= since).GroupBy(e => new { e.DraftId, e.Type })
            .Select(group => new { group.Key.DraftId, group.Key.Type, Count = group.Count() }).ToListAsync(cancellationToken)).ToLookup(e => e.DraftId);
        var disabled = (await db.Users.Where(u => u.DisabledAt != null).Select(u => u.Id).ToListAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal);
        var appended = await AppendedAsync(db, ids, cancellationToken);

        foreach (var draft in drafts)
        {
            var faults = new List<string>();
            var its = segments[draft.Id].ToList();
            CheckSegments(draft, its, faults);
            var holders = CheckPasses(draft, [.. passes[draft.Id]], faults);
            faults.AddRange(its.Where(s => s.Turn <= holders.Count && holders[s.Turn - 1] != s.AuthorId)
                .Select(s => $"segment {s.Position} was written in turn {s.Turn} by somebody who did not hold the ring"));
            CheckPeople(draft, [.. people[draft.Id]], disabled, faults);
            var counts = events[draft.Id].ToDictionary(e => e.Type, e => e.Count);
            CheckEvents(EventType.DraftCreated, draft.CreatedAt >= since ? 1 : 0);
            CheckEvents(EventType.SegmentAdded, its.Count(s => s.At >= since));
            CheckEvents(EventType.RingPassed, passes[draft.Id].Count(p => p.PassedAt >= since));
            CheckEvents(EventType.DraftPublished, draft.Status == DraftStatus.Completed && draft.CompletedAt >= since ? 1 : 0);
            faults.AddRange(appended[draft.Id].Except(its.Select(s => s.Id)).Select(id => $"a key remembers segment {id}, which is not there"));
            findings.AddRange(faults.Select(fault => new Finding(draft.Id, fault)));

            void CheckEvents(EventType type, int expected)
            {
                var count = counts.GetValueOrDefault(type);
                if (count != expected)
                {
                    faults.Add($"{count} events of type {type} where there should be {expected}");
                }
            }
        }
        return (drafts[^1].Id, findings);
    }

    private static void CheckSegments(Draft draft, List<Written> segments, List<string> faults)
    {
        if (segments.Count != draft.SegmentCount)
        {
            faults.Add($"{segments.Count} segments where the draft counts {draft.SegmentCount}");
        }
        if (segments.Where((segment, position) => segment.Position != position).FirstOrDefault() is { } first)
        {
            faults.Add($"positions have a gap or a double before {first.Position}");
        }
    }

    /// <summary>Checks the chain of passes. Answers who held the ring in each turn, from turn 1.</summary>
    private static List<string> CheckPasses(Draft draft, List<RingPass> passes, List<string> faults)
    {
        var holders = new List<string> { draft.CreatorId };
        foreach (var pass in passes)
        {
            if (pass.Turn != holders.Count + 1)
            {
                faults.Add($"the pass after turn {holders.Count} opens turn {pass.Turn}");
            }
            if (pass.FromId != holders[^1])
            {
                faults.Add($"turn {pass.Turn} was opened by somebody who did not hold the ring");
            }
            holders.Add(pass.ToId);
        }
        if (draft.Turn != holders.Count)
        {
            faults.Add($"turn {draft.Turn} after {passes.Count} passes");
        }
        if (draft.HolderId != holders[^1])
        {
            faults.Add("the holder is not who received the ring last");
        }
        return holders;
    }

    private static void CheckPeople(Draft draft, List<Collaborator> people, HashSet<string> disabled, List<string> faults)
    {
        if (people.Count(c => c.Role == Role.Owner) != 1 && draft.Status == DraftStatus.Active)
        {
            faults.Add("an active draft without exactly one owner");
        }
        if (draft.Status == DraftStatus.Active
            && (people.Find(c => c.UserId == draft.HolderId) is not { CanHold: true } || disabled.Contains(draft.HolderId)))
        {
            faults.Add("the holder of an active draft may not write");
        }
    }

    private static async Task<ILookup<Guid, Guid>> AppendedAsync(OneRingDbContext db, List<Guid> ids, CancellationToken cancellationToken)
    {
        var keys = await db.IdempotencyKeys.AsNoTracking()
            .Where(k => k.Scope.Contains(AppendScope))
            .Select(k => new { k.Scope, k.Result }).ToListAsync(cancellationToken);
        return keys
            .Select(key => (DraftId: Guid.Parse(key.Scope.AsSpan(key.Scope.LastIndexOf(':') + 1)), key.Result))
            .Where(key => ids.Contains(key.DraftId))
            .ToLookup(key => key.DraftId, key => JsonSerializer.Deserialize<Appended>(key.Result!)!.SegmentId);
    }

    private sealed record Written(Guid DraftId, Guid Id, int Position, int Turn, string AuthorId, DateTimeOffset At);
}
