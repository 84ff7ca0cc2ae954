namespace OneRing.Data.Drafts;

/// <summary>
/// Lets the commands on one draft that come to this server wait for each other. At the row they would have to queue anyway, but each with a connection of its own that somebody
/// else could use. Nothing depends on it: whoever has waited for long goes on and queues at the row.
/// </summary>
/// <param name="patience">How long anybody waits, so that a database that does not answer keeps everybody for as long as one and not for as long as all before them.</param>
internal sealed class DraftQueue(TimeSpan patience)
{
    private readonly Lock @lock = new();
    private readonly Dictionary<Guid, Place> places = [];

    public DraftQueue()
        : this(TimeSpan.FromSeconds(2))
    {
    }

    /// <summary>At how many drafts there is somebody.</summary>
    public int Count
    {
        get
        {
            lock (@lock)
            {
                return places.Count;
            }
        }
    }

    /// <summary>Waits until nobody else is at this draft, or for long enough. Whoever was let in is out again when the answer is disposed.</summary>
    public async Task<IDisposable> EnterAsync(Guid draftId, CancellationToken cancellationToken)
    {
        Place? place;
        lock (@lock)
        {
            if (!places.TryGetValue(draftId, out place))
            {
                places[draftId] = place = new Place(draftId);
            }
            place.People++;
        }

        try
        {
            return new Visit(this, place, hasDoor: await place.Door.WaitAsync(patience, cancellationToken));
        }
        catch (OperationCanceledException)
        {
            Leave(place);
            throw;
        }
    }

    private void Leave(Place place)
    {
        lock (@lock)
        {
            if (--place.People == 0)
            {
                places.Remove(place.DraftId);
            }
        }
    }

    /// <summary>Where the commands on one draft wait, as long as there are any.</summary>
    private sealed class Place(Guid draftId)
    {
        // Nobody asks for its wait handle, so that there is nothing to be disposed of.
        public SemaphoreSlim Door { get; } = new(1, 1);

        public Guid DraftId => draftId;

        /// <summary>Whoever is in and whoever waits.</summary>
        public int People { get; set; }
    }

    private sealed class Visit(DraftQueue queue, Place place, bool hasDoor) : IDisposable
    {
        public void Dispose()
        {
            if (hasDoor)
            {
                place.Door.Release();
            }
            queue.Leave(place);
        }
    }
}
