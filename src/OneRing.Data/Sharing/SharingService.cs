using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Drafts;

namespace OneRing.Data.Sharing;

/// <summary>The public link of a draft, as its owner sees it.</summary>
/// <param name="Token">What makes the link work; null when it cannot be shown any more, because the keys of this server are new.</param>
public sealed record PublicLinkView(string? Token, DateTimeOffset CreatedAt);

/// <summary>A draft as somebody reads it who has only its public link.</summary>
/// <param name="Authors">The names of those who wrote it, in the order of their first words.</param>
public sealed record PublicDraftView(
    Guid DraftId, string Title, DraftStatus Status, DateTimeOffset LastActivityAt, IReadOnlyList<string> Authors, IReadOnlyList<string> Segments);

/// <summary>Reading without an account: the public link of a draft, and the draft behind it.</summary>
public sealed class SharingService
{
    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly DraftCommands commands;
    private readonly IDataProtector protector;
    private readonly TimeProvider clock;

    internal SharingService(IDbContextFactory<OneRingDbContext> contexts, DraftCommands commands, IDataProtectionProvider protection, TimeProvider clock)
    {
        this.contexts = contexts;
        this.commands = commands;
        this.clock = clock;
        protector = protection.CreateProtector("OneRing.PublicLink");
    }

    /// <summary>Makes the public link of a draft, if there is none.</summary>
    public Task<Result<Done>> ShareAsync(ShareDraft request, CancellationToken cancellationToken = default)
    {
        // Before the command: to encrypt may need a key from the database, and in memory the command keeps it to itself.
        var token = LinkToken.New();
        var kept = protector.Protect(token);
        return commands.RunAsync<Done>(request, async scene =>
        {
            if (await scene.Db.PublicLinks.AnyAsync(link => link.DraftId == request.DraftId, scene.CancellationToken))
            {
                return default(Done);
            }

            var at = scene.Draft.NoteChange(scene.Now);
            scene.Db.PublicLinks.Add(new PublicLink(request.DraftId, LinkToken.HashOf(token), kept, request.UserId, at));
            scene.Db.AnalyticsEvents.Add(AnalyticsEvent.DraftShared(scene.Draft, request.UserId));
            return default(Done);
        }, cancellationToken);
    }

    /// <summary>Takes the public link away. Whoever follows it finds nothing from now on.</summary>
    public Task<Result<Done>> UnshareAsync(UnshareDraft request, CancellationToken cancellationToken = default) =>
        commands.RunAsync<Done>(request, async scene =>
        {
            if (await scene.Db.PublicLinks.SingleOrDefaultAsync(link => link.DraftId == request.DraftId, scene.CancellationToken) is { } link)
            {
                scene.Db.PublicLinks.Remove(link);
                scene.Draft.NoteChange(scene.Now);
            }
            return default(Done);
        }, cancellationToken);

    /// <summary>The public link of a draft, for its owner; null if there is none.</summary>
    public async Task<PublicLinkView?> FindAsync(string userId, Guid draftId, CancellationToken cancellationToken = default)
    {
        var link = await ReadLinkAsync(userId, draftId, cancellationToken);
        return link is null ? null : new PublicLinkView(Unprotect(link.ProtectedToken), link.CreatedAt);
    }

    /// <summary>The draft behind a public link; null if the link leads nowhere, or no longer.</summary>
    public async Task<PublicDraftView?> ReadAsync(string token, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var drafts = ReadableBy(db, token).AsNoTracking();
        var segments =
            from draft in ReadableBy(db, token)
            join segment in db.Segments on draft.Id equals segment.DraftId
            join author in db.Users on segment.AuthorId equals author.Id
            orderby segment.Position
            select new { segment.Position, Author = User.DisplayOf(segment.AuthorId, author.DisplayName), segment.Content };

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, drafts, segments);
        if ((await drafts.ToListAsync(cancellationToken)).SingleOrDefault() is not { } found)
        {
            return null;
        }

        // The draft was read first. What was written since then belongs to the next look.
        var text = (await segments.ToListAsync(cancellationToken)).FindAll(segment => segment.Position < found.SegmentCount);
        return new PublicDraftView(
            found.Id, found.Title, found.Status, found.LastActivityAt,
            [.. text.Select(segment => segment.Author).Distinct(StringComparer.Ordinal)], text.ConvertAll(segment => segment.Content));
    }

    /// <summary>Notes that a draft was read through its public link: once a draft and UTC day. Says whether this was the first look of the day.</summary>
    public async Task<bool> RecordVisitAsync(string token, CancellationToken cancellationToken = default)
    {
        await using var any = await contexts.CreateDbContextAsync(cancellationToken);
        return await any.Database.CreateExecutionStrategy().ExecuteAsync(async cancelled =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancelled);
            await using var transaction = await db.Database.BeginTransactionAsync(cancelled);
            if (await ReadableBy(db, token).Select(draft => (Guid?)draft.Id).SingleOrDefaultAsync(cancelled) is not { } draftId)
            {
                return false;
            }

            var now = clock.Now();
            var visit = new PublicVisit(draftId, DateOnly.FromDateTime(now.UtcDateTime));
            if (!await db.InsertOnceAsync(visit, cancelled))
            {
                return false;
            }

            await db.InsertOnceAsync(AnalyticsEvent.DraftViewed(visit, now), cancelled);
            await transaction.CommitAsync(cancelled);
            return true;
        }, cancellationToken);
    }

    private async Task<PublicLink?> ReadLinkAsync(string userId, Guid draftId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await (
            from draft in db.ReadableDrafts(userId)
            join me in db.Collaborators on new { DraftId = draft.Id, UserId = userId } equals new { me.DraftId, me.UserId }
            join link in db.PublicLinks on draft.Id equals link.DraftId
            where draft.Id == draftId && me.Role == Role.Owner
            select link).AsNoTracking().SingleOrDefaultAsync(cancellationToken);
    }

    private string? Unprotect(string kept)
    {
        try
        {
            return protector.Unprotect(kept);
        }
        catch (CryptographicException)
        {
            // The keys are new; the link itself is found by its hash and goes on working.
            return null;
        }
    }

    /// <summary>The draft behind a token, as long as its owner's account is not disabled.</summary>
    private static IQueryable<Draft> ReadableBy(OneRingDbContext db, string token)
    {
        var hash = LinkToken.HashOf(token);
        return
            from link in db.PublicLinks
            join draft in db.Drafts on link.DraftId equals draft.Id
            join owner in db.Collaborators on draft.Id equals owner.DraftId
            join user in db.Users on owner.UserId equals user.Id
            where link.TokenHash == hash && owner.Role == Role.Owner && user.DisabledAt == null
            select draft;
    }
}
