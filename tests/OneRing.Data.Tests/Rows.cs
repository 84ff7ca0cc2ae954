using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Database;

namespace OneRing.Data.Tests;

/// <summary>How many rows a draft has in each table, and its version: equal before and after means that nothing was written.</summary>
internal sealed record Rows(int Version, int Collaborators, int Segments, int Passes, int Events, int Keys, int Visits)
{
    public static async Task<Rows> CountAsync(IServiceProvider services, Guid draftId)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        return new Rows(
            await db.Drafts.Where(d => d.Id == draftId).Select(d => d.Version).SingleAsync(),
            await db.Collaborators.CountAsync(c => c.DraftId == draftId),
            await db.Segments.CountAsync(s => s.DraftId == draftId),
            await db.RingPasses.CountAsync(p => p.DraftId == draftId),
            await db.AnalyticsEvents.CountAsync(e => e.DraftId == draftId),
            await db.IdempotencyKeys.CountAsync(k => k.Scope.EndsWith($":{draftId}")),
            await db.DraftVisits.CountAsync(v => v.DraftId == draftId));
    }
}
