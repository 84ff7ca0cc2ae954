using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Accounts;

/// <summary>Everything that a person has written and done, for them to take along: a ZIP with a JSON file for each kind of thing.</summary>
public sealed class PersonalData
{
    private const int PageLength = 500;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly IDbContextFactory<OneRingDbContext> contexts;

    internal PersonalData(IDbContextFactory<OneRingDbContext> contexts) => this.contexts = contexts;

    /// <summary>Writes the ZIP. The database is asked page by page, and is free again before the first byte leaves, however slowly that is read.</summary>
    public async Task WriteAsync(string userId, Stream output, CancellationToken cancellationToken = default)
    {
        // Its entries close synchronously, which the body of an answer does not allow; so it is made beside, on disk where it is large.
        await using var file = new FileBufferingWriteStream();
        await using (var zip = await ZipArchive.CreateAsync(file, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken))
        {
            await AddAsync(zip, "profile.json", await ReadAsync(db => Profile(db, userId), cancellationToken), cancellationToken);
            await AddAsync(zip, "passkeys.json", await ReadAsync(db => Passkeys(db, userId), cancellationToken), cancellationToken);
            await AddAsync(zip, "access_tokens.json", await ReadAsync(db => AccessTokens(db, userId), cancellationToken), cancellationToken);
            await AddAsync(zip, "notice_settings.json", await ReadAsync(db => ChoicesOf(db, userId), cancellationToken), cancellationToken);
            await AddAsync(zip, "notices.json", await ReadAsync(db => NoticesOf(db, userId), cancellationToken), cancellationToken);
            await AddAsync(zip, "drafts.json", await ReadAsync(db => DraftsOf(db, userId), cancellationToken), cancellationToken);
            var draftIds = await ReadAsync(db => DraftIds(db, userId), cancellationToken);
            await AddAsync(zip, "segments.json", EachAsync(draftIds, (db, draftId) => Segments(db, userId, draftId), cancellationToken), cancellationToken);
            await AddAsync(zip, "unsent_texts.json", await ReadAsync(db => WorkingTexts(db, userId), cancellationToken), cancellationToken);
            await AddAsync(zip, "passes.json", EachAsync(draftIds, (db, draftId) => Passes(db, userId, draftId), cancellationToken), cancellationToken);
            await AddAsync(zip, "ring_wishes.json", await ReadAsync(db => WishesOf(db, userId), cancellationToken), cancellationToken);
            await AddAsync(zip, "events.json", EventsAsync(userId, cancellationToken), cancellationToken);
        }
        await file.DrainBufferAsync(output, cancellationToken);
    }

    private static IQueryable<object> Profile(OneRingDbContext db, string userId) => db.Users
        .Where(u => u.Id == userId && u.DisabledAt == null)
        .Select(u => new
        {
            UserId = u.Id,
            Handle = u.UserName,
            u.DisplayName,
            u.Bio,
            u.Email,
            u.EmailConfirmed,
            u.TwoFactorEnabled,
            u.IsAdmin,
            u.PrefersNoName,
            u.TimeZone,
            u.AwaySince,
            u.AwayUntil,
            u.CreatedAt,
        });

    private static IQueryable<object> Passkeys(OneRingDbContext db, string userId) => db.UserPasskeys
        .Where(p => p.UserId == userId && db.Users.Any(u => u.Id == userId && u.DisabledAt == null))
        .Select(p => new { p.Data.Name, p.Data.CreatedAt });

    private static IQueryable<object> AccessTokens(OneRingDbContext db, string userId) => db.AccessTokens
        .Where(t => t.UserId == userId)
        .OrderBy(t => t.Id)
        .Select(t => new { t.Name, t.CreatedAt, t.ExpiresAt, t.LastUsedAt, t.RevokedAt });

    private static IQueryable<object> ChoicesOf(OneRingDbContext db, string userId) => db.NoticeSettings
        .Where(s => s.UserId == userId)
        .Select(s => new { s.KindsOff, s.DigestHour, s.QuietFrom, s.QuietTo });

    private static IQueryable<object> NoticesOf(OneRingDbContext db, string userId) => db.Notices
        .Where(n => n.UserId == userId)
        .OrderBy(n => n.At).ThenBy(n => n.Id)
        .Select(n => new { n.Kind, n.DraftId, n.Cause, n.ActorId, n.At, n.SeenAt });

    private static IQueryable<object> DraftsOf(OneRingDbContext db, string userId) =>
        from draft in db.ReadableDrafts(userId)
        join me in db.Collaborators on new { DraftId = draft.Id, UserId = userId } equals new { me.DraftId, me.UserId }
        orderby me.JoinedAt, draft.Id
        select new
        {
            DraftId = draft.Id,
            draft.Title,
            draft.Platform,
            draft.Status,
            me.Role,
            me.JoinedAt,
            me.MutesNotices,
            me.AwaySince,
            me.AwayUntil,
            me.ExcusedMisses,
            me.MissedTurns,
            HoldsRing = draft.HolderId == userId,
        };

    /// <summary>Where the person takes part, or did something while they did.</summary>
    private static IQueryable<Guid> DraftIds(OneRingDbContext db, string userId) =>
        db.Collaborators.Where(c => c.UserId == userId).Select(c => c.DraftId)
            .Union(db.AnalyticsEvents.Where(e => e.ActorId == userId).Select(e => e.DraftId))
            // Events lead there at once. Where old ones are forgotten, everything has to be looked through.
            .Union(db.Segments.Where(s => db.EventsKept.Any() && s.AuthorId == userId).Select(s => s.DraftId))
            .Union(db.RingPasses.Where(p => db.EventsKept.Any() && (p.FromId == userId || p.ToId == userId)).Select(p => p.DraftId));

    // The title of a draft is theirs to know only while they have a part in it; their own words always are.
    private static IQueryable<object> Segments(OneRingDbContext db, string userId, Guid draftId) =>
        from segment in db.Segments
        where segment.DraftId == draftId && segment.AuthorId == userId
        orderby segment.Position
        select new
        {
            segment.DraftId,
            DraftTitle = db.Collaborators.Any(c => c.DraftId == draftId && c.UserId == userId) ? db.Drafts.First(d => d.Id == draftId).Title : null,
            SegmentId = segment.Id,
            segment.Position,
            segment.Turn,
            segment.CreatedAt,
            segment.Content,
        };

    /// <summary>What they typed and have not added: in a box, or parked.</summary>
    private static IQueryable<object> WorkingTexts(OneRingDbContext db, string userId) => db.WorkingTexts
        .Where(t => t.UserId == userId && t.Words > 0)
        .OrderBy(t => t.SavedAt).ThenBy(t => t.Id)
        .Select(t => new { TextId = t.Id, t.DraftId, t.DraftTitle, t.SavedAt, t.ParkedAt, t.ParkedBecause, t.Content });

    // A note is for its writer and its recipient, and here are only passes of which the person is one of the two.
    private static IQueryable<object> WishesOf(OneRingDbContext db, string userId) => db.RingWishes
        .Where(w => w.UserId == userId)
        .OrderBy(w => w.At).ThenBy(w => w.DraftId)
        .Select(w => new { w.DraftId, w.Turn, w.At, w.Note });

    private static IQueryable<object> Passes(OneRingDbContext db, string userId, Guid draftId) =>
        from pass in db.RingPasses
        where pass.DraftId == draftId && (pass.FromId == userId || pass.ToId == userId)
        orderby pass.Turn
        select new { pass.DraftId, pass.Turn, pass.FromId, pass.ToId, pass.PassedAt, pass.Chosen, pass.Note };

    private async IAsyncEnumerable<object> EachAsync(
        IReadOnlyList<Guid> draftIds, Func<OneRingDbContext, Guid, IQueryable<object>> query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var draftId in draftIds)
        {
            foreach (var row in await ReadAsync(db => query(db, draftId), cancellationToken))
            {
                yield return row;
            }
        }
    }

    private async IAsyncEnumerable<object> EventsAsync(string userId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        AnalyticsEvent? last = null;
        while (true)
        {
            var page = await ReadAsync(
                db => db.AnalyticsEvents
                    .Where(e => e.ActorId == userId && (last == null || e.OccurredAt > last.OccurredAt || (e.OccurredAt == last.OccurredAt && e.Id > last.Id)))
                    .OrderBy(e => e.OccurredAt).ThenBy(e => e.Id).Take(PageLength),
                cancellationToken);
            foreach (var happened in page)
            {
                yield return new { happened.Id, happened.Type, happened.OccurredAt, happened.DraftId, Data = JsonSerializer.Deserialize<JsonElement>(happened.Data) };
            }
            if (page.Count < PageLength)
            {
                yield break;
            }
            last = page[^1];
        }
    }

    private async Task<List<T>> ReadAsync<T>(Func<OneRingDbContext, IQueryable<T>> query, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await query(db).ToListAsync(cancellationToken);
    }

    private static async Task AddAsync<T>(ZipArchive zip, string name, T value, CancellationToken cancellationToken)
    {
        await using var entry = await zip.CreateEntry(name).OpenAsync(cancellationToken);
        await JsonSerializer.SerializeAsync(entry, value, Json, cancellationToken);
    }
}
