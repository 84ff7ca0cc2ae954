using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using OneRing.Data;
using OneRing.Data.Drafts;

namespace OneRing.Web.Endpoints;

/// <summary>What every route of one draft is given: which draft, who calls, and how much of the text the answer shall have.</summary>
internal sealed record DraftCall(
    [property: FromRoute(Name = "id")] RouteId Id,
    [property: FromQuery(Name = "segments")] Choice<SegmentChoice>? Segments,
    Caller Caller,
    DraftService Drafts,
    HttpContext Context)
{
    public Guid DraftId => Id.Value;

    public string UserId => Caller.UserId;

    public CancellationToken Aborted => Context.RequestAborted;

    /// <summary>The draft as the caller may see it, with its version as a weak ETag; null if there is none for them.</summary>
    public async Task<DraftReading?> FindAsync(DateTimeOffset? now = null)
    {
        var found = await Drafts.FindAsync(DraftId, UserId, Segments?.Value ?? SegmentChoice.All, now, Aborted);
        if (found is not null && now is null)
        {
            Context.Response.GetTypedHeaders().ETag = VersionTag(found.Draft);
            Context.Response.GetTypedHeaders().CacheControl = new CacheControlHeaderValue { Private = true, NoCache = true };
        }
        return found;
    }

    /// <summary>Whether the caller has this version already.</summary>
    public bool Knows(DraftView draft) => Context.Request.GetTypedHeaders().IfNoneMatch.Any(tag =>
        tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(VersionTag(draft), useStrongComparison: false));

    /// <summary>Answers a command: with the draft as it is afterwards, or with the refusal.</summary>
    public async Task<IResult> AnswerAsync<T, TAnswer>(Result<T> result, Func<ApiDraft, T, TAnswer> answer) =>
        !result.Succeeded ? ApiProblem.For(result.Refusal.Value)
        : await FindAsync() is { } found ? Results.Ok(answer(ApiDraft.Of(found), result.Value))
        : ApiProblem.For(Refusal.NotFound);

    /// <summary>Answers a command of which there is nothing to tell but how the draft is afterwards.</summary>
    public Task<IResult> AnswerAsync<T>(Result<T> result) => AnswerAsync(result, (draft, _) => new DraftAnswer(draft));

    private static EntityTagHeaderValue VersionTag(DraftView draft) => new($"\"{draft.Version}\"", isWeak: true);
}

internal sealed record DraftAnswer(ApiDraft Data);
