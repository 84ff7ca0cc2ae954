using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;

namespace OneRing.Data.Presences;

/// <summary>
/// Knows which drafts are open on the pages of this server, keeps that in the database for the other servers, and reads who is at a draft on any of them.
/// </summary>
public sealed partial class PresenceService : IDisposable
{
    /// <summary>How much of a live text is shown, from its end.</summary>
    public const int LongestLiveText = 2_000;

    /// <summary>Whoever pauses for longer is not writing just now.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>What a server left behind that fell silent so long ago is removed by another.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(1);

    private readonly string server = Guid.NewGuid().ToString("N");
    private readonly Lock @lock = new();
    private readonly Dictionary<(Guid DraftId, string UserId), Place> places = [];
    private readonly Dictionary<Guid, HashSet<Mark>> known = [];

    /// <summary>One writes at a time, and writes how it is by then: so what is in the database follows what is here, in whichever order people come and go.</summary>
    private readonly SemaphoreSlim turn = new(1, 1);

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly DraftFeed feed;
    private readonly TimeProvider clock;
    private readonly ILogger<PresenceService> logger;

    // All who have a draft open look again at the same moment.
    private readonly SharedReads<Guid, FoundPresence> found;

    internal PresenceService(IDbContextFactory<OneRingDbContext> contexts, DraftFeed feed, TimeProvider clock, ILogger<PresenceService> logger)
    {
        this.contexts = contexts;
        this.feed = feed;
        this.clock = clock;
        this.logger = logger;
        found = new SharedReads<Guid, FoundPresence>(ReadAsync);
    }

    /// <summary>
    /// Says that somebody has a draft open on a page, until disposed, and calls back when it should look again who is there and what they write.
    /// Null if this person may not read the draft.
    /// </summary>
    public async Task<IAsyncDisposable?> EnterAsync(string userId, Guid draftId, Func<Task> changed, CancellationToken cancellationToken = default)
    {
        await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
        {
            if (!await db.ReadableDrafts(userId).AnyAsync(d => d.Id == draftId, cancellationToken))
            {
                return null;
            }
        }

        var page = new Page(this, Come(draftId, userId), feed.WatchPresence(draftId, changed));
        try
        {
            await WriteAsync(everybody: false, cancellationToken);
            return page;
        }
        catch
        {
            await page.DisposeAsync();
            throw;
        }
    }

    /// <summary>Who has a draft open, and what its holder writes. Null if nobody is there, or this person may not read the draft.</summary>
    public async Task<PresenceView?> ReadAsync(string userId, Guid draftId, CancellationToken cancellationToken = default) =>
        (await found.AskAsync(draftId, cancellationToken)).For(userId);

    /// <summary>Says again for everybody here that they are here, and tells the pages of the drafts at which something is different since the last time.</summary>
    internal async Task BeatAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(everybody: true, cancellationToken);
        await LookAsync(cancellationToken);
    }

    /// <summary>Says that nobody is here any more, because this server stops.</summary>
    internal async Task CloseAsync(CancellationToken cancellationToken)
    {
        List<Guid> drafts;
        await turn.WaitAsync(cancellationToken);
        try
        {
            lock (@lock)
            {
                drafts = [.. places.Keys.Select(key => key.DraftId).Distinct()];
                places.Clear();
            }
            if (drafts.Count == 0)
            {
                return;
            }
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await db.Presences.Where(p => p.ServerId == server).ExecuteDeleteAsync(cancellationToken);
        }
        finally
        {
            turn.Release();
        }
        drafts.ForEach(feed.PublishPresence);
    }

    public void Dispose() => turn.Dispose();

    private async Task<FoundPresence> ReadAsync(Guid draftId)
    {
        var now = clock.Now();
        await using var db = await contexts.CreateDbContextAsync();
        var people = PeopleOf(db, draftId, now);
        var writing = WritingAt(db, draftId, now);
        await using var trip = await OneTrip.SendAsync(db, CancellationToken.None, (IQueryable[])[people, writing]);
        return new FoundPresence(await people.ToListAsync(), (await writing.ToListAsync()).SingleOrDefault());
    }

    private static IQueryable<FoundPerson> PeopleOf(OneRingDbContext db, Guid draftId, DateTimeOffset now)
    {
        var silentSince = now - Presence.Lifetime;
        return
            from person in db.Collaborators
            join user in db.Users on person.UserId equals user.Id
            where person.DraftId == draftId && user.DisabledAt == null
            orderby person.JoinedAt, person.UserId
            select new FoundPerson(
                new PersonHere(user.Id, User.DisplayOf(user.Id, user.DisplayName)),
                db.Presences.Any(p => p.DraftId == draftId && p.UserId == user.Id && p.SeenAt > silentSince));
    }

    // The text of somebody who does not show it is not even fetched. It is cut by the database, which counts whole characters.
    private static IQueryable<FoundWriting> WritingAt(OneRingDbContext db, Guid draftId, DateTimeOffset now)
    {
        var pausedSince = now - LongestPause;
        return
            from draft in db.Drafts
            join text in db.WorkingTexts on new { DraftId = draft.Id, UserId = draft.HolderId } equals new { text.DraftId, text.UserId }
            join holder in db.Collaborators on new { DraftId = draft.Id, UserId = draft.HolderId } equals new { holder.DraftId, holder.UserId }
            join user in db.Users on holder.UserId equals user.Id
            where draft.Id == draftId && draft.Status == DraftStatus.Active && draft.ArchivedAt == null && text.ParkedAt == null && text.Words > 0
            select new FoundWriting(
                user.Id,
                new WritingView(
                    User.DisplayOf(user.Id, user.DisplayName), text.Words, text.SavedAt > pausedSince,
                    !holder.ShowsLive ? null
                    : text.Content.Length <= LongestLiveText ? text.Content
                    : text.Content.Substring(text.Content.Length - LongestLiveText)));
    }

    private Place Come(Guid draftId, string userId)
    {
        lock (@lock)
        {
            if (!places.TryGetValue((draftId, userId), out var place))
            {
                places[(draftId, userId)] = place = new Place(draftId, userId);
            }
            place.Pages++;
            return place;
        }
    }

    private async Task LeaveAsync(Place place)
    {
        lock (@lock)
        {
            place.Pages--;
        }
        try
        {
            await WriteAsync(everybody: false, CancellationToken.None);
        }
        catch (Exception failure)
        {
            // The page is gone, whatever the database says. The next beat tries again.
            LogFailure(failure);
        }
    }

    /// <summary>Writes who has come and who has gone since the last time, and with everybody also who stays.</summary>
    private async Task WriteAsync(bool everybody, CancellationToken cancellationToken)
    {
        List<Place> here, come, gone;
        await turn.WaitAsync(cancellationToken);
        try
        {
            lock (@lock)
            {
                here = [.. places.Values.Where(place => place.Pages > 0 && (everybody || !place.IsWritten))];
                come = [.. here.Where(place => !place.IsWritten)];
                gone = [.. places.Values.Where(place => place.Pages == 0)];
            }
            if (here.Count + gone.Count == 0)
            {
                return;
            }

            var now = clock.Now();
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await db.WritePresencesAsync([.. here.Select(place => new Presence(place.DraftId, place.UserId, server, now))], cancellationToken);
            foreach (var place in gone)
            {
                await db.Presences
                    .Where(p => p.DraftId == place.DraftId && p.UserId == place.UserId && p.ServerId == server)
                    .ExecuteDeleteAsync(cancellationToken);
            }
            lock (@lock)
            {
                here.ForEach(place => place.IsWritten = true);
                foreach (var place in gone)
                {
                    // Whoever has come back meanwhile waits to be written anew.
                    place.IsWritten = false;
                    if (place.Pages == 0)
                    {
                        places.Remove((place.DraftId, place.UserId));
                    }
                }
            }
        }
        finally
        {
            turn.Release();
        }
        foreach (var draftId in come.Concat(gone).Select(place => place.DraftId).Distinct())
        {
            feed.PublishPresence(draftId);
        }
    }

    /// <summary>Compares the drafts that are open here with what they were like: so lost news heals itself, and those who are gone without a word are missed.</summary>
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        List<Guid> open;
        lock (@lock)
        {
            open = [.. places.Keys.Select(key => key.DraftId).Distinct()];
        }
        foreach (var closed in known.Keys.Except(open).ToList())
        {
            known.Remove(closed);
        }
        if (open.Count == 0)
        {
            return;
        }

        var now = clock.Now();
        var (silentSince, pausedSince, staleSince) = (now - Presence.Lifetime, now - LongestPause, now - Stale);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Presences.Where(p => p.SeenAt < staleSince).ExecuteDeleteAsync(cancellationToken);
        var present =
            from here in db.Presences
            where open.Contains(here.DraftId) && here.SeenAt > silentSince
            select new { here.DraftId, here.UserId, Revision = 0, IsNow = false };
        var writing =
            from draft in db.Drafts
            join text in db.WorkingTexts on new { DraftId = draft.Id, UserId = draft.HolderId } equals new { text.DraftId, text.UserId }
            where open.Contains(draft.Id) && text.ParkedAt == null
            select new { text.DraftId, text.UserId, text.Revision, IsNow = text.SavedAt > pausedSince };
        var marks = (await present.Union(writing).ToListAsync(cancellationToken))
            .ToLookup(m => m.DraftId, m => new Mark(m.UserId, m.Revision, m.IsNow));
        foreach (var draftId in open)
        {
            var marksNow = marks[draftId].ToHashSet();
            // The first time, there is nothing to compare with.
            if (!known.TryGetValue(draftId, out var before) || !before.SetEquals(marksNow))
            {
                known[draftId] = marksNow;
                feed.Deliver(DraftChanged.InPresence(draftId));
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "That somebody has left a draft could not be written")]
    private partial void LogFailure(Exception failure);

    private sealed record FoundPerson(PersonHere View, bool IsHere);

    private sealed record FoundWriting(string HolderId, WritingView View);

    /// <summary>Everybody who may read a draft, with who is there, and what its holder writes.</summary>
    private sealed record FoundPresence(IReadOnlyList<FoundPerson> Readers, FoundWriting? Writing)
    {
        private readonly IReadOnlyList<PersonHere> here = [.. Readers.Where(reader => reader.IsHere).Select(reader => reader.View)];

        /// <summary>What one of them may see: their own words are no news to them.</summary>
        public PresenceView? For(string userId) =>
            here.Count == 0 || !Readers.Any(reader => reader.View.UserId == userId) ? null
            : new PresenceView(here, Writing?.HolderId == userId ? null : Writing?.View);
    }

    /// <summary>A person at a draft, on one page of this server or several.</summary>
    private sealed class Place(Guid draftId, string userId)
    {
        public Guid DraftId => draftId;

        public string UserId => userId;

        public int Pages { get; set; }

        public bool IsWritten { get; set; }
    }

    /// <summary>Something to be seen at a draft: a person who is there, or a text that is being written.</summary>
    private sealed record Mark(string UserId, int Revision, bool IsNow);

    private sealed class Page(PresenceService service, Place place, IDisposable watch) : IAsyncDisposable
    {
        private int left;

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
            {
                watch.Dispose();
                await service.LeaveAsync(place);
            }
        }
    }
}
