namespace OneRing.Data.Drafts;

/// <summary>
/// Lets the commands on one draft that come to this server wait for each other, in the order in which they came. At the row they would have to queue anyway, but each with a
/// connection of its own that somebody else could use.
/// </summary>
internal sealed class DraftQueue
{
    private readonly Lock @lock = new();
    private readonly Dictionary<Guid, Place> places = [];

    /// <summary>Waits until nobody else is at this draft. Whoever was let in is out again when the answer is disposed.</summary>
    public async Task<IDisposable> EnterAsync(Guid draftId, CancellationToken cancellationToken)
    {
        Place? place;
        lock (@lock)
        {
            if (!places.TryGetValue(draftId, out place))
            {
                places[draftId] = place = new Place(this, draftId);
            }
            place.People++;
        }

        try
        {
            await place.Door.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Leave(place);
            throw;
        }
        return place;
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
    private sealed class Place(DraftQueue queue, Guid draftId) : IDisposable
    {
        // Nobody asks for its wait handle, so that there is nothing to be disposed of.
        public SemaphoreSlim Door { get; } = new(1, 1);

        public Guid DraftId => draftId;

        /// <summary>Whoever is in and whoever waits.</summary>
        public int People { get; set; }

        public void Dispose()
        {
            Door.Release();
            queue.Leave(this);
        }
    }
}
