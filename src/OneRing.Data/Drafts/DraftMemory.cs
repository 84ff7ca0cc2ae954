using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Memory;

namespace OneRing.Data.Drafts;

/// <summary>
/// Drafts as this server left them a moment ago, with their people. A command may decide from them without looking, if what it writes is kept only where they are still so.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "There is nothing to be freed, and news of drafts still comes while a server stops.")]
internal sealed class DraftMemory
{
    /// <summary>Each of them takes some ten kilobytes.</summary>
    private const int Most = 2_000;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly MemoryCache drafts = new(new MemoryCacheOptions { SizeLimit = Most });

    /// <summary>What is remembered of a draft, and no longer is: whoever takes it keeps what they made of it, or nothing.</summary>
    public RememberedDraft? Take(Guid draftId)
    {
        var remembered = drafts.Get<RememberedDraft>(draftId);
        drafts.Remove(draftId);
        return remembered;
    }

    public void Keep(RememberedDraft remembered) => drafts.Set(
        remembered.Draft.Id, remembered, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = Longest });

    /// <summary>Another server has brought the draft to this version: what is remembered of an earlier one would be in vain.</summary>
    public void Forget(Guid draftId, int version)
    {
        if (drafts.Get<RememberedDraft>(draftId) is { } remembered && remembered.Draft.Version < version)
        {
            drafts.Remove(draftId);
        }
    }
}

/// <summary>A draft as it was written last. Nobody changes it: take a copy.</summary>
/// <param name="People">Which rows its people are kept in, with their accounts (<see cref="Database.Provider.StillHas"/>).</param>
internal sealed record RememberedDraft(Draft Draft, string People)
{
    /// <summary>The draft and its people as they are remembered, each beside what has become of it. Nobody has come or gone.</summary>
    public IEnumerable<(object Was, object Is)> Compare(Draft draft) => [(Draft, draft), .. Draft.Collaborators.Zip<object, object>(draft.Collaborators)];
}
