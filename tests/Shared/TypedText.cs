using Microsoft.Extensions.DependencyInjection;
using OneRing.Data;
using OneRing.Data.Writing;

namespace OneRing.Tests;

/// <summary>A text that somebody types for a draft on a page of theirs, as the browser keeps it on the server.</summary>
public sealed class TypedText(IServiceProvider services, Guid draftId, string userId, string page = "browser/page")
{
    private int revision;
    private string kept = "";

    public Guid Id { get; init; } = Guid.NewGuid();

    /// <summary>Keeps the whole text as it is now.</summary>
    public async Task<Result<WordsSaved>> SaveAsync(string text, bool park = false)
    {
        var result = await services.GetRequiredService<WorkingTextService>()
            .SaveAsync(new SaveWords(userId, draftId, Id, revision, Start: 0, kept.Length, text, text.Length, page, park));
        if (result.Succeeded)
        {
            (revision, kept) = (result.Value.Revision, text);
        }
        return result;
    }
}
