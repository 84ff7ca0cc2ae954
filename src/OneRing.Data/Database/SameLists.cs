using System.Collections.Concurrent;

namespace OneRing.Data.Database;

/// <summary>
/// Remembers the lists that were read last, each for as long as somebody still has it, and gives what is equal when it is read again as the same objects: so a text that
/// many have open is in memory once.
/// </summary>
internal sealed class SameLists<T>
    where T : class, IEquatable<T>
{
    private const int FewToForget = 1_000;

    private readonly ConcurrentDictionary<Guid, WeakReference<IReadOnlyList<T>>> lists = [];
    private int forgetAt = FewToForget;

    /// <summary>The list as it was read now, made up of what is known already.</summary>
    public IReadOnlyList<T> Of(Guid id, List<T> read)
    {
        if (lists.TryGetValue(id, out var known) && known.TryGetTarget(out var before))
        {
            var same = 0;
            for (var i = 0; i < Math.Min(before.Count, read.Count); i++)
            {
                if (before[i].Equals(read[i]))
                {
                    read[i] = before[i];
                    same++;
                }
            }
            if (same == before.Count && same == read.Count)
            {
                return before;
            }
        }

        lists[id] = new WeakReference<IReadOnlyList<T>>(read);
        ForgetUnused();
        return read;
    }

    private void ForgetUnused()
    {
        if (lists.Count < forgetAt)
        {
            return;
        }
        foreach (var unused in lists.Where(list => !list.Value.TryGetTarget(out _)))
        {
            lists.TryRemove(unused);
        }
        forgetAt = Math.Max(FewToForget, lists.Count * 2);
    }
}
