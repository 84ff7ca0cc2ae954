using Microsoft.EntityFrameworkCore;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Drafts;

public sealed class DraftAuditTests_InMemory(InMemory database) : DraftAuditTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class DraftAuditTests_Postgres(Postgres database) : DraftAuditTests(database), IClassFixture<Postgres>;

public abstract class DraftAuditTests(TestDatabase database)
{
    /// <summary>What may go wrong with a draft whose ring Ben holds in turn 2, after Ana wrote two segments.</summary>
    private static readonly Dictionary<string, (Func<OneRingDbContext, ADraft, Task> Spoil, string Fault)> Faults = new(StringComparer.Ordinal)
    {
        ["a lost segment"] = (
            (db, draft) => db.Segments.Where(s => s.DraftId == draft.Id && s.Position == 0).ExecuteDeleteAsync(),
            "1 segments where the draft counts 2|positions have a gap|2 events of type SegmentAdded|a key remembers segment"),
        ["a moved segment"] = (
            (db, draft) => db.Segments.Where(s => s.DraftId == draft.Id && s.Position == 1).ExecuteUpdateAsync(set => set.SetProperty(s => s.Position, 7)),
            "positions have a gap"),
        ["somebody else’s words"] = (
            (db, draft) => db.Segments.Where(s => s.DraftId == draft.Id && s.Position == 1).ExecuteUpdateAsync(set => set.SetProperty(s => s.AuthorId, draft.Ben)),
            "segment 1 was written in turn 1 by somebody who did not hold the ring"),
        ["a second holder"] = (
            (db, draft) => db.Drafts.Where(d => d.Id == draft.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.HolderId, draft.Ana)),
            "the holder is not who received the ring last"),
        ["a holder who reads"] = (
            (db, draft) => db.Collaborators.Where(c => c.DraftId == draft.Id && c.UserId == draft.Ben).ExecuteUpdateAsync(set => set.SetProperty(c => c.Role, Role.Reader)),
            "the holder of an active draft may not write"),
        ["a holder who is disabled"] = (
            (db, draft) => db.Users.Where(u => u.Id == draft.Ben).ExecuteUpdateAsync(set => set.SetProperty(u => u.DisabledAt, DateTimeOffset.UtcNow)),
            "the holder of an active draft may not write"),
        ["no owner"] = (
            (db, draft) => db.Collaborators.Where(c => c.DraftId == draft.Id && c.UserId == draft.Ana).ExecuteDeleteAsync(),
            "an active draft without exactly one owner"),
        ["a lost pass"] = (
            (db, draft) => db.RingPasses.Where(p => p.DraftId == draft.Id).ExecuteDeleteAsync(),
            "turn 2 after 0 passes|the holder is not who received|1 events of type RingPassed"),
        ["a pass from nowhere"] = (
            (db, draft) => db.RingPasses.Where(p => p.DraftId == draft.Id).ExecuteUpdateAsync(set => set.SetProperty(p => p.FromId, draft.Cleo)),
            "turn 2 was opened by somebody who did not hold the ring"),
        ["a skipped turn"] = (
            (db, draft) => db.RingPasses.Where(p => p.DraftId == draft.Id).ExecuteUpdateAsync(set => set.SetProperty(p => p.Turn, 3)),
            "the pass after turn 1 opens turn 3"),
        ["a lost event"] = (
            (db, draft) => db.AnalyticsEvents.Where(e => e.DraftId == draft.Id && e.Type == EventType.DraftCreated).ExecuteDeleteAsync(),
            "0 events of type DraftCreated where there should be 1"),
    };

    public static TheoryData<string> Names => [.. Faults.Keys];

    [Fact]
    public async Task What_is_sound_gives_no_finding()
    {
        var draft = await ADraftAsync();
        var completed = await ADraftAsync();
        Given.Succeed(await database.Get<DraftService>().CompleteAsync(new CompleteDraft(completed.Ana, completed.Id)));

        Assert.DoesNotContain(await database.Get<DraftAudit>().RunAsync(), finding => finding.DraftId == draft.Id || finding.DraftId == completed.Id);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_is_spoilt_is_found(string name)
    {
        var (spoil, expected) = Faults[name];
        var draft = await ADraftAsync();
        await using (var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync())
        {
            await spoil(db, draft);
        }

        var found = (await database.Get<DraftAudit>().RunAsync()).Where(finding => finding.DraftId == draft.Id).Select(finding => finding.Fault).ToList();

        foreach (var fault in expected.Split('|'))
        {
            Assert.Contains(found, text => text.StartsWith(fault, StringComparison.Ordinal));
        }
    }

    private async Task<ADraft> ADraftAsync()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AppendAsync(draft.Id, draft.Ana, "One");
        await database.Services.AppendAsync(draft.Id, draft.Ana, "Two");
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        return draft;
    }
}
