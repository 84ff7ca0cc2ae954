using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Drafts;

/// <summary>A draft without a database, and what is done with it.</summary>
internal static class ByItself
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Later = Noon.AddHours(1);

    /// <summary>Ana owns it and holds the ring, Ben writes, Cleo reads.</summary>
    public static Draft ADraft()
    {
        var draft = Draft.Create(new CreateDraft("ana", "A draft"), Noon);
        Done(draft.Add("ben", Role.Writer, Noon));
        Done(draft.Add("cleo", Role.Reader, Noon));
        return draft;
    }

    public static Draft ADraftHeldByBen(DraftStatus status)
    {
        var draft = ADraft();
        Done(draft.PassRing(Pass("ana", "ben"), Noon));
        if (status == DraftStatus.Locked)
        {
            Done(draft.Lock(Noon));
        }
        if (status == DraftStatus.Completed)
        {
            Done(draft.Complete(Noon));
        }
        return draft;
    }

    public static void Unchanged<T>(Draft draft, Refusal refusal, Func<Draft, Result<T>> attempt) => Unchanged(draft, refusal, () => attempt(draft));

    /// <summary>It is refused, and the draft is as it was.</summary>
    public static void Unchanged<T>(Draft draft, Refusal refusal, Func<Result<T>> attempt)
    {
        var before = State(draft);

        Assert.Equal(refusal, attempt().Refusal);

        Assert.Equal(before, State(draft));
    }

    public static AppendSegment Append(string by) => new(by, Guid.Empty, "Text", Key: null);

    public static PassRing Pass(string from, string to) => new(from, Guid.Empty, to, Key: null);

    public static T Done<T>(Result<T> result)
    {
        Assert.Null(result.Refusal);
        return result.Value!;
    }

    private static object State(Draft draft) =>
        (draft.Version, draft.Turn, draft.HolderId, draft.Status, draft.SegmentCount, draft.UpdatedAt, draft.Collaborators.Count, draft.Clock, draft.Rules);
}
