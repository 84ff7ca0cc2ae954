using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Data.Idempotency;
using OneRing.Data.Rings;
using OneRing.Data.Writing;

namespace OneRing.Bench;

/// <summary>What is measured, each on drafts of its own: a call does the thing once, as a page or an endpoint would.</summary>
internal sealed class Operations
{
    public const int PageSize = 50;

    /// <summary>What a segment says: about as much as a speech in a play.</summary>
    public const string Text =
        "The lamp went out at a quarter past four, and nobody in the harbour saw it but the keeper's daughter, who was awake because of the wind. "
        + "She counted to a hundred, as she had been taught; then she took the matches from the shelf and went up.";

    private static readonly string WorkingText = string.Concat(Enumerable.Repeat(Text, 7));

    private readonly IServiceProvider services;
    private readonly RingService rings;
    private readonly DraftService drafts;
    private readonly EventStore events;
    private readonly IdempotencyService keys;
    private readonly WorkingTextService texts;

    private List<string> people = [];
    private Guid appended;
    private Guid longText;
    private Guid longPlay;
    private Relay passed = null!;
    private Relay passedSmartly = null!;
    private string busy = "";
    private string? lastPage;
    private (Guid DraftId, Guid TextId, int Revision) kept;
    private int counter;

    private Operations(IServiceProvider services)
    {
        this.services = services;
        rings = services.GetRequiredService<RingService>();
        drafts = services.GetRequiredService<DraftService>();
        events = services.GetRequiredService<EventStore>();
        keys = services.GetRequiredService<IdempotencyService>();
        texts = services.GetRequiredService<WorkingTextService>();
    }

    /// <summary>The draft that is read: 100 segments, 50 passes, 5 people.</summary>
    public Guid Read { get; private set; }

    /// <summary>Who reads it, and has <see cref="PageSize"/> drafts in all.</summary>
    public string Reader => people[0];

    /// <summary>Who has many drafts.</summary>
    public string BusyReader => busy;

    /// <summary>Makes the people and the drafts.</summary>
    /// <param name="longText">Of how many segments long texts are; 0 for none.</param>
    public static async Task<Operations> PrepareAsync(IServiceProvider services, int manyDrafts, int longText = 0)
    {
        var operations = new Operations(services);
        operations.people = await operations.SignUpAsync(5);
        operations.appended = await operations.StartAsync(operations.people);
        operations.passed = new Relay(await operations.StartAsync(operations.people), operations.Reader);
        operations.passedSmartly = new Relay(await operations.StartAsync(operations.people), operations.Reader);
        operations.Read = await operations.WriteAsync(segments: 100, passes: 50);
        if (longText > 0)
        {
            operations.longText = await operations.WriteAsync(longText, passes: 50);
            operations.longPlay = await operations.WriteAsync(longText, passes: longText / 2);
        }
        operations.kept = (await operations.StartAsync(operations.people), Guid.NewGuid(), 0);
        await operations.SaveWordsAsync(start: 0, deleted: 0, WorkingText, WorkingText.Length);
        for (var i = 4; i < PageSize; i++)
        {
            await operations.StartAsync([operations.Reader]);
        }

        operations.busy = (await operations.SignUpAsync(1))[0];
        await Parallel.ForAsync(0, manyDrafts, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) => await operations.StartAsync([operations.busy]));
        operations.lastPage = await operations.FindLastPageAsync(manyDrafts);
        return operations;
    }

    public Task AppendAsync() => AppendAsync(appended, Reader);

    public async Task AppendAsync(Guid draftId, string userId) =>
        Succeed(await rings.AppendAsync(new AppendSegment(userId, draftId, Text, Command.NewKey())));

    /// <summary>Keeps the words of somebody who types: the end of a text of some 300 words has changed.</summary>
    public Task SaveWordsAsync()
    {
        const int length = 40;
        var end = Interlocked.Increment(ref counter).ToString(CultureInfo.InvariantCulture).PadLeft(length, '.');
        return SaveWordsAsync(WorkingText.Length - length, length, end, WorkingText.Length);
    }

    public async Task PassAsync()
    {
        var next = people[(people.IndexOf(passed.HolderId) + 1) % people.Count];
        passed.HolderId = Succeed(await rings.PassAsync(new PassRing(passed.HolderId, passed.DraftId, next, Command.NewKey()))).ToId;
    }

    public async Task PassSmartlyAsync()
    {
        var request = new SmartPass(passedSmartly.HolderId, passedSmartly.DraftId, Strategy.RoundRobin, Command.NewKey());
        passedSmartly.HolderId = Succeed(await rings.PassAsync(request)).Pass.ToId;
    }

    public Task ReadAsync() => ReadAsync(Read, Reader);

    public Task ReadLongAsync() => ReadAsync(longText, Reader);

    public Task ReadLongPlayAsync() => ReadAsync(longPlay, Reader);

    public async Task ReadAsync(Guid draftId, string userId)
    {
        _ = await drafts.FindAsync(draftId, userId) ?? throw new InvalidOperationException("The draft is gone.");
    }

    public async Task ListAsync(string userId) => Succeed(await drafts.ListAsync(userId, limit: PageSize));

    /// <summary>The page of the busy reader's list that comes last.</summary>
    public async Task ListLastPageAsync() => Succeed(await drafts.ListAsync(busy, cursor: lastPage, limit: PageSize));

    public async Task AppendEventAsync()
    {
        var happened = AnalyticsEvent.Of(
            EventType.DraftViewed, TimeProvider.System.Now(), appended, Reader, ("day", Interlocked.Increment(ref counter).ToString(CultureInfo.InvariantCulture)));
        if (!await events.AppendAsync(happened))
        {
            throw new InvalidOperationException("A new event was taken for an old one.");
        }
    }

    public async Task CheckAndSetAsync()
    {
        if (!Succeed(await keys.CheckAndSetAsync("bench", Command.NewKey())))
        {
            throw new InvalidOperationException("A new key was taken for an old one.");
        }
    }

    /// <summary>Starts a draft: the first of these people owns it and holds its ring, the others write.</summary>
    public async Task<Guid> StartAsync(IReadOnlyList<string> writers)
    {
        var id = Succeed(await drafts.CreateAsync(new CreateDraft(writers[0], "The lighthouse at low water")));
        var collaborators = services.GetRequiredService<CollaboratorService>();
        var accounts = services.GetRequiredService<AccountService>();
        foreach (var writer in writers.Skip(1))
        {
            var handle = (await accounts.FindAsync(writer))!.Handle;
            Succeed(await collaborators.AddAsync(new AddCollaborator(writers[0], id, handle, Role.Writer)));
        }
        return id;
    }

    public async Task<List<string>> SignUpAsync(int count)
    {
        var accounts = services.GetRequiredService<AccountService>();
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            ids.Add(Succeed(await accounts.SignUpAsync(new SignUp($"w_{Guid.NewGuid():N}"[..20], $"Writer {i + 1}", Password: null))));
        }
        return ids;
    }

    private async Task<string?> FindLastPageAsync(int count)
    {
        string? cursor = null;
        for (var left = count; left > PageSize; left -= PageSize)
        {
            cursor = Succeed(await drafts.ListAsync(busy, cursor: cursor, limit: PageSize)).NextCursor;
        }
        return cursor;
    }

    private async Task SaveWordsAsync(int start, int deleted, string words, int length)
    {
        var request = new SaveWords(Reader, kept.DraftId, kept.TextId, kept.Revision, start, deleted, words, length, "bench/page");
        kept.Revision = Succeed(await texts.SaveAsync(request)).Revision;
    }

    private async Task<Guid> WriteAsync(int segments, int passes)
    {
        var id = await StartAsync(people);
        var holder = 0;
        for (var i = 0; i < segments; i++)
        {
            await AppendAsync(id, people[holder]);
            if (i * passes / segments != (i + 1) * passes / segments)
            {
                var next = (holder + 1) % people.Count;
                Succeed(await rings.PassAsync(new PassRing(people[holder], id, people[next], Command.NewKey())));
                holder = next;
            }
        }
        return id;
    }

    public static T Succeed<T>(Result<T> result) =>
        result.Succeeded ? result.Value : throw new InvalidOperationException($"It was refused: {result.Refusal}.");

    /// <summary>A draft whose ring goes round.</summary>
    private sealed class Relay(Guid draftId, string holderId)
    {
        public Guid DraftId => draftId;

        public string HolderId { get; set; } = holderId;
    }
}
