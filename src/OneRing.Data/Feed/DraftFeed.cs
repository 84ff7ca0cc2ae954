using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OneRing.Data.Database;

namespace OneRing.Data.Feed;

/// <summary>A draft is now at this version. What changed is not said: whoever is concerned reads again.</summary>
/// <param name="Version">Zero when the draft is as it was, and only who is there, or writes, may be different.</param>
/// <param name="UserIds">The people whose lists of drafts may look different now.</param>
public sealed record DraftChanged(Guid DraftId, int Version, IReadOnlyList<string> UserIds)
{
    internal static DraftChanged InPresence(Guid draftId) => new(draftId, Version: 0, []);
}

/// <summary>Tells the open pages of this process that a draft has changed.</summary>
public sealed partial class DraftFeed
{
    /// <summary>Words are kept several times a second; who reads along is told this often.</summary>
    private static readonly TimeSpan PresenceInterval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long lists, counts and who is there wait, by the clock of the machine, until the pages of the draft itself have been told: many of these read for themselves, and would take the
    /// processor from the pages on which somebody waits for the ring.
    /// </summary>
    private static readonly TimeSpan PagesFirst = TimeSpan.FromMilliseconds(150);

    private readonly Lock @lock = new();
    private readonly Dictionary<Guid, List<Watch>> byDraft = [];
    private readonly Dictionary<Guid, List<Watch>> byPresence = [];
    private readonly Dictionary<string, List<Watch>> byUser = [];

    /// <summary>The drafts of whose presence was told a moment ago.</summary>
    private readonly Dictionary<Guid, Told> toldOf = [];

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly TimeProvider clock;
    private readonly ILogger<DraftFeed> logger;

    internal DraftFeed(IDbContextFactory<OneRingDbContext> contexts, TimeProvider clock, ILogger<DraftFeed> logger)
    {
        this.contexts = contexts;
        this.clock = clock;
        this.logger = logger;
    }

    /// <summary>Hears of every change that a command of this process made; for the relay.</summary>
    internal event Action<DraftChanged>? Published;

    /// <summary>Hears of every change that comes to this process, before its pages do.</summary>
    internal event Action<DraftChanged>? Delivered;

    /// <summary>Calls back when a draft has changed, until disposed. Null if this person may not read it.</summary>
    /// <remarks>May call back late, twice or for nothing: read again, and compare versions.</remarks>
    public async Task<IDisposable?> WatchDraftAsync(string userId, Guid draftId, Func<Task> changed, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.ReadableDrafts(userId).AnyAsync(d => d.Id == draftId, cancellationToken)
            ? Add(byDraft, draftId, changed)
            : null;
    }

    /// <summary>Calls back when any draft of this person has changed, until disposed.</summary>
    public IDisposable WatchDraftsOf(string userId, Func<Task> changed) => Add(byUser, userId, changed);

    /// <summary>Calls back when somebody came to a draft, left it or wrote there, and with every change of it. Whoever asks has been let in.</summary>
    internal IDisposable WatchPresence(Guid draftId, Func<Task> changed) => Add(byPresence, draftId, changed);

    /// <summary>Says that every draft may have changed, after news may have been missed.</summary>
    public void RefreshAll()
    {
        List<Watch> all;
        lock (@lock)
        {
            all = [.. byDraft.Values.Concat(byPresence.Values).Concat(byUser.Values).SelectMany(watches => watches)];
        }
        Tell(all);
    }

    internal void Publish(DraftChanged change)
    {
        Deliver(change);
        Published?.Invoke(change);
    }

    /// <summary>Says that who is at a draft, or what they write, may be different: at once, and then once an interval at the most.</summary>
    internal void PublishPresence(Guid draftId)
    {
        lock (@lock)
        {
            if (toldOf.TryGetValue(draftId, out var told))
            {
                told.IsOutdated = true;
                return;
            }
            toldOf[draftId] = new Told(clock.CreateTimer(_ => TellMore(draftId), state: null, PresenceInterval, PresenceInterval));
        }
        Publish(DraftChanged.InPresence(draftId));
    }

    /// <summary>Tells the pages of this process only.</summary>
    internal void Deliver(DraftChanged change)
    {
        Delivered?.Invoke(change);
        List<Watch> pages, rest;
        lock (@lock)
        {
            pages = change.Version == 0 ? [] : [.. Watching(byDraft, change.DraftId)];
            rest = [.. Watching(byPresence, change.DraftId), .. change.UserIds.SelectMany(id => Watching(byUser, id))];
        }
        Tell(pages);
        if (pages.Count == 0)
        {
            Tell(rest);
        }
        else if (rest.Count > 0)
        {
            _ = TellLaterAsync(rest);
        }
    }

    private async Task TellLaterAsync(List<Watch> watches)
    {
        await Task.Delay(PagesFirst);
        Tell(watches);
    }

    /// <summary>The drafts that somebody has open here.</summary>
    internal IReadOnlyList<Guid> WatchedDrafts()
    {
        lock (@lock)
        {
            return [.. byDraft.Keys];
        }
    }

    private void TellMore(Guid draftId)
    {
        lock (@lock)
        {
            if (!toldOf.TryGetValue(draftId, out var told))
            {
                return;
            }
            if (!told.IsOutdated)
            {
                toldOf.Remove(draftId);
                told.Timer.Dispose();
                return;
            }
            told.IsOutdated = false;
        }
        Publish(DraftChanged.InPresence(draftId));
    }

    private static List<Watch> Watching<TKey>(Dictionary<TKey, List<Watch>> watches, TKey key)
        where TKey : notnull => watches.TryGetValue(key, out var found) ? found : [];

    private Watch Add<TKey>(Dictionary<TKey, List<Watch>> watches, TKey key, Func<Task> changed)
        where TKey : notnull
    {
        var watch = new Watch(changed, remove: gone =>
        {
            lock (@lock)
            {
                if (watches.TryGetValue(key, out var rest) && rest.Remove(gone) && rest.Count == 0)
                {
                    watches.Remove(key);
                }
            }
        });
        lock (@lock)
        {
            if (!watches.TryGetValue(key, out var all))
            {
                watches[key] = all = [];
            }
            all.Add(watch);
        }
        return watch;
    }

    // Outside any lock, each on its own: one that is slow or throws does not keep the rest waiting.
    private void Tell(List<Watch> watches)
    {
        foreach (var watch in watches)
        {
            _ = Task.Run(async () =>
            {
                try
                {
                    await watch.Changed();
                }
                catch (Exception failure)
                {
                    LogFailure(failure);
                }
            });
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A page failed to take the news of a change")]
    private partial void LogFailure(Exception failure);

    private sealed class Told(ITimer timer)
    {
        public ITimer Timer => timer;

        /// <summary>Whether there is more to tell since.</summary>
        public bool IsOutdated { get; set; }
    }

    private sealed class Watch(Func<Task> changed, Action<Watch> remove) : IDisposable
    {
        public Func<Task> Changed => changed;

        public void Dispose() => remove(this);
    }
}
